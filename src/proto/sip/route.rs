//! Route sets: loose and strict (RFC 3261 §8.1.1.1, §12.2.1.1, §16.12 as a user agent sees it).

use super::{
    uri::{NameAddr, Uri},
    wire::{HeaderId, Request},
};

/// Puts a route set into a request whose Request-URI is the target. A first hop that is a strict
/// router (no `lr`) takes the Request-URI's place, and the target goes to the end of the routes.
pub fn put(request: &mut Request, routes: &[String]) {
    let strict = routes
        .first()
        .and_then(|route| NameAddr::parse(route))
        .filter(|route| !route.uri.params().has("lr"));
    let loose = match strict {
        Some(_) => routes.get(1..).unwrap_or_default(),
        None => routes,
    };
    for route in loose {
        request.headers.push(HeaderId::Route, route);
    }
    if let Some(strict) = strict {
        request.headers.push(HeaderId::Route, format!("<{}>", request.uri));
        request.uri = strict.uri.for_request();
        request.strict = true;
    }
}

/// The route set of a request outside dialogs: the outbound proxy, which is always taken as a loose
/// router, then what the account's settings or a Service-Route (RFC 3608 §6.1) name.
pub fn preloaded(outbound_proxy: Option<&Uri>, routes: &[Uri]) -> Vec<String> {
    let proxy = outbound_proxy.map(|proxy| proxy.clone().with_param("lr", None));
    // A Service-Route mostly begins with the proxy that we know already.
    let same = |proxy: &Uri| {
        let first = routes.first().filter(|first| first.params().has("lr"));
        first.is_some_and(|first| first.same_user_and_host(proxy) && first.port() == proxy.port())
    };
    let proxy = proxy.filter(|proxy| !same(proxy));
    proxy.iter().chain(routes).map(|route| NameAddr::new(route.clone()).to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::sip::wire::Method;

    fn routed(proxy: Option<&str>, routes: &[&str]) -> (String, Vec<String>) {
        let mut request = Request::new(Method::Invite, "sip:bob@example.com".parse().unwrap());
        let proxy: Option<Uri> = proxy.map(|proxy| proxy.parse().unwrap());
        let routes: Vec<Uri> = routes.iter().map(|route| route.parse().unwrap()).collect();
        put(&mut request, &preloaded(proxy.as_ref(), &routes));
        let values = request.headers.values(HeaderId::Route).map(str::to_owned).collect();
        (request.uri.to_string(), values)
    }

    #[test]
    fn loose_routes_stand_in_their_order_and_the_target_stays() {
        let (uri, routes) = routed(Some("sip:p0"), &["sip:p1;lr", "sip:p2;lr"]);
        assert_eq!(uri, "sip:bob@example.com");
        assert_eq!(routes, ["<sip:p0;lr>", "<sip:p1;lr>", "<sip:p2;lr>"]);
        assert_eq!(routed(None, &[]), ("sip:bob@example.com".to_owned(), Vec::new()));
    }

    #[test]
    fn a_strict_first_hop_takes_the_request_uri_and_the_target_goes_last() {
        let (uri, routes) = routed(None, &["sip:old.example.com", "sip:p2;lr"]);
        assert_eq!(uri, "sip:old.example.com");
        assert_eq!(routes, ["<sip:p2;lr>", "<sip:bob@example.com>"]);
    }

    #[test]
    fn a_service_route_that_begins_with_the_outbound_proxy_does_not_name_it_twice() {
        let (_, routes) =
            routed(Some("sip:edge.example.com:5080"), &["sip:EDGE.example.com:5080;lr"]);
        assert_eq!(routes, ["<sip:EDGE.example.com:5080;lr>"]);
        let (_, routes) = routed(Some("sip:edge.example.com"), &["sip:edge.example.com:5080;lr"]);
        assert_eq!(routes.len(), 2, "another port is another hop");
    }
}
