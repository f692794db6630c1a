//! The way of requests: routes that are known before the call, and those that a dialog learns.

use sidetone::{
    call::Input,
    proto::sip::wire::{HeaderId, Message},
};

use crate::pair::{Network, address, uri_of};

fn routes(message: &Message) -> Vec<String> {
    message.header_list(HeaderId::Route).map(str::to_owned).collect()
}

#[test]
fn an_invite_goes_by_the_outbound_proxy_and_the_service_route_and_a_bye_by_neither() {
    let mut net = Network::new(70);
    // Phone 1 stands for the proxy, which answers itself.
    let proxy = format!("sip:{}", address(1));
    net.phones[0].settings.outbound_proxy = Some(proxy.parse().unwrap());
    net.phones[0].settings.routes = vec!["sip:service.example.com;lr".parse().unwrap()];
    net.connect();
    net.input(0, Input::Hangup);
    net.run_ms(100);
    let invite = net.first(0, "INVITE");
    let expected = [format!("<{proxy};lr>"), "<sip:service.example.com;lr>".to_owned()];
    assert_eq!(routes(invite), expected);
    assert_eq!(invite.raw_uri(), uri_of(1).to_string());
    assert!(routes(net.first(0, "BYE")).is_empty(), "no Record-Route, no Route");
    assert!(routes(net.first(0, "ACK")).is_empty());
}

#[test]
fn a_strict_router_first_makes_the_next_hop_its_own() {
    let mut net = Network::new(71);
    net.phones[0].settings.routes = vec![
        format!("sip:{}", address(1)).parse().unwrap(),
        "sip:two.example.com;lr".parse().unwrap(),
    ];
    net.dial_from(0, "sip:phone1@example.com".parse().unwrap());
    let invite = net.first(0, "INVITE");
    assert_eq!(invite.raw_uri(), format!("sip:{}", address(1)));
    assert_eq!(routes(invite), ["<sip:two.example.com;lr>", "<sip:phone1@example.com>"]);
    // It came to phone 1, which stands at the strict router's address.
    net.run_ms(100);
    assert!(net.phones[1].call.is_some());
}
