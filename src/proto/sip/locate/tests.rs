use std::{
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};

use super::*;
use crate::base::{
    dns::{Answer, Naptr, Question, Srv},
    rng::Rng,
};

/// A zone, as a list of names with what stands there.
#[derive(Default)]
struct Zone {
    naptr: Vec<(&'static str, Naptr)>,
    srv: Vec<(&'static str, Srv)>,
    hosts: Vec<(&'static str, &'static str)>,
    asked: Vec<Question>,
}

impl Zone {
    fn naptr(mut self, order: u16, service: &str, flags: &str, replacement: &str) -> Self {
        let record = Naptr {
            order,
            preference: 0,
            flags: flags.to_owned(),
            service: service.to_owned(),
            regexp: String::new(),
            replacement: replacement.to_owned(),
        };
        self.naptr.push(("example.com", record));
        self
    }

    fn srv(mut self, name: &'static str, priority: u16, port: u16, target: &str) -> Self {
        self.srv.push((name, Srv { priority, weight: 0, port, target: target.to_owned() }));
        self
    }

    fn host(mut self, name: &'static str, address: &'static str) -> Self {
        self.hosts.push((name, address));
        self
    }

    fn answer(&mut self, question: &Question) -> Answer {
        self.asked.push(question.clone());
        let is = |name: &&str| *name == question.name();
        match question {
            Question::Naptr(_) => {
                let found = self.naptr.iter().filter(|(name, _)| is(name));
                Answer::Naptr(found.map(|(_, record)| record.clone()).collect())
            }
            Question::Srv(_) => {
                let found = self.srv.iter().filter(|(name, _)| is(name));
                Answer::Srv(found.map(|(_, record)| record.clone()).collect())
            }
            Question::Addresses(_) => {
                let found = self.hosts.iter().filter(|(name, _)| is(name));
                Answer::Addresses(found.map(|(_, address)| address.parse().unwrap()).collect())
            }
        }
    }

    fn locate(&mut self, sought: Sought) -> Result<Vec<String>, LocateError> {
        let mut locator = Locator::new(sought, Transport::Udp, true, Rng::from_number(1));
        let mut step = locator.start();
        loop {
            match step {
                Step::Done(found) => {
                    return found.map(|all| all.iter().map(Target::to_string).collect());
                }
                Step::Ask(questions) => {
                    let answers = questions.iter().map(|question| self.answer(question)).collect();
                    step = locator.handle_answers(answers);
                }
            }
        }
    }
}

fn sought(host: &str, port: Option<u16>, transport: Option<Transport>) -> Sought {
    Sought { host: Host::parse(host).unwrap(), port, transport }
}

fn domain() -> Sought {
    sought("example.com", None, None)
}

#[test]
fn an_address_asks_nobody_and_gets_the_default_port() {
    let mut zone = Zone::default();
    assert_eq!(zone.locate(sought("192.0.2.1", None, None)).unwrap(), ["192.0.2.1:5060/UDP"]);
    let tcp = sought("[2001:db8::1]", Some(5080), Some(Transport::Tcp));
    assert_eq!(zone.locate(tcp).unwrap(), ["[2001:db8::1]:5080/TCP"]);
    assert!(zone.asked.is_empty());
}

#[test]
fn a_written_port_asks_for_addresses_alone() {
    let mut zone = Zone::default()
        .host("example.com", "2001:db8::1")
        .host("example.com", "192.0.2.1")
        .srv("_sip._udp.example.com", 0, 9, "elsewhere.example.com");
    let found = zone.locate(sought("example.com", Some(5070), None)).unwrap();
    assert_eq!(found, ["192.0.2.1:5070/UDP", "[2001:db8::1]:5070/UDP"], "IPv4 first, as set");
    assert_eq!(zone.asked, [Question::Addresses("example.com".to_owned())]);
}

#[test]
fn naptr_chooses_the_transport_by_order_and_srv_the_hosts_by_priority() {
    let mut zone = Zone::default()
        .naptr(20, "SIP+D2U", "s", "_sip._udp.example.com.")
        .naptr(10, "SIP+D2T", "S", "_sip._tcp.example.com.")
        .naptr(5, "SIPS+D2X", "s", "_unknown.example.com.")
        .naptr(1, "SIP+D2U", "u", "")
        .srv("_sip._tcp.example.com", 2, 5062, "b.example.com")
        .srv("_sip._tcp.example.com", 1, 5061, "a.example.com.")
        .srv("_sip._udp.example.com", 1, 5063, "c.example.com")
        .host("a.example.com", "192.0.2.1")
        .host("b.example.com", "192.0.2.2")
        .host("c.example.com", "192.0.2.3");
    let found = zone.locate(domain()).unwrap();
    assert_eq!(found, ["192.0.2.1:5061/TCP", "192.0.2.2:5062/TCP", "192.0.2.3:5063/UDP"]);
}

#[test]
fn a_naptr_with_flag_a_goes_straight_to_addresses() {
    let mut zone = Zone::default()
        .naptr(10, "SIP+D2T", "a", "edge.example.com")
        .host("edge.example.com", "192.0.2.9");
    assert_eq!(zone.locate(domain()).unwrap(), ["192.0.2.9:5060/TCP"]);
}

#[test]
fn without_naptr_each_transport_is_asked_for_and_without_srv_the_host_itself() {
    let mut zone = Zone::default()
        .srv("_sip._tcp.example.com", 0, 5070, "a.example.com")
        .host("a.example.com", "192.0.2.1");
    assert_eq!(zone.locate(domain()).unwrap(), ["192.0.2.1:5070/TCP"]);
    let mut zone = Zone::default().host("example.com", "192.0.2.7");
    assert_eq!(zone.locate(domain()).unwrap(), ["192.0.2.7:5060/UDP"]);
    assert_eq!(zone.asked.len(), 1 + usual_transports().len() + 1);
}

#[test]
fn a_named_transport_skips_naptr() {
    let mut zone = Zone::default()
        .naptr(1, "SIP+D2U", "s", "_sip._udp.example.com")
        .srv("_sip._tcp.example.com", 0, 5070, "a.example.com")
        .host("a.example.com", "192.0.2.1");
    let found = zone.locate(sought("example.com", None, Some(Transport::Tcp))).unwrap();
    assert_eq!(found, ["192.0.2.1:5070/TCP"]);
    assert!(!zone.asked.iter().any(|question| matches!(question, Question::Naptr(_))));
}

#[test]
fn a_single_word_is_a_host_of_the_local_network() {
    let mut zone = Zone::default().host("pbx", "10.0.0.1");
    assert_eq!(zone.locate(sought("pbx", None, None)).unwrap(), ["10.0.0.1:5060/UDP"]);
    assert_eq!(zone.asked, [Question::Addresses("pbx".to_owned())]);
}

#[test]
fn a_domain_that_offers_no_sip_says_so() {
    let mut zone =
        Zone::default().srv("_sip._udp.example.com", 0, 0, "").host("example.com", "192.0.2.1");
    let udp = sought("example.com", None, Some(Transport::Udp));
    assert_eq!(zone.locate(udp), Err(LocateError::NoService));
    assert_eq!(Zone::default().locate(domain()), Err(LocateError::NotFound));
}

#[test]
fn a_resolver_that_fails_is_told_from_a_name_that_is_not_there() {
    let sought = sought("example.com", Some(5060), None);
    let mut locator = Locator::new(sought, Transport::Udp, true, Rng::from_number(1));
    assert!(matches!(locator.start(), Step::Ask(_)));
    let step = locator.handle_answers(vec![Answer::Failed("timed out".to_owned())]);
    assert_eq!(step, Step::Done(Err(LocateError::Resolver("timed out".to_owned()))));
}

#[test]
fn a_hostile_zone_gives_a_bounded_list() {
    let record = |at: u16| Srv { priority: at, weight: 0, port: at, target: format!("h{at}") };
    let udp = sought("example.com", None, Some(Transport::Udp));
    let mut locator = Locator::new(udp, Transport::Udp, true, Rng::from_number(1));
    locator.start();
    let Step::Ask(questions) =
        locator.handle_answers(vec![Answer::Srv((0..5000).map(record).collect())])
    else {
        panic!("hosts are asked for")
    };
    assert!(questions.len() <= 32);
    let many = |_: &Question| {
        Answer::Addresses((0..200u8).map(|last| IpAddr::from([192, 0, 2, last])).collect())
    };
    let Step::Done(Ok(targets)) = locator.handle_answers(questions.iter().map(many).collect())
    else {
        panic!("there are targets")
    };
    assert!(targets.len() <= 32);
}

fn target(last: u8, rank: u16) -> Target {
    let address = SocketAddr::from(([192, 0, 2, last], 5060));
    Target { transport: Transport::Udp, address, rank }
}

const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn what_failed_is_tried_last_and_heals_with_time() {
    let (now, s) = (Instant::now(), Duration::from_secs);
    let mut book = Book::new(BlacklistTimes { base: s(30), max: s(100) });
    let (a, b) = (target(1, 0), target(2, 1));
    assert_eq!(book.find(now, &domain()), None);
    assert_eq!(book.remember(now, domain(), vec![a, b], HOUR), [a, b]);
    book.failed(now, &a, None);
    assert_eq!(book.find(now + s(29), &domain()).unwrap(), [b, a]);
    assert_eq!(book.find(now + s(31), &domain()).unwrap(), [a, b], "healed");
    book.failed(now + s(31), &a, None);
    assert_eq!(book.find(now + s(31 + 59), &domain()).unwrap(), [b, a], "twice as long");
    book.failed(now + s(91), &a, None);
    assert_eq!(book.find(now + s(91 + 101), &domain()).unwrap(), [a, b], "no longer than set");
    book.failed(now + s(192), &a, Some(s(5)));
    assert_eq!(book.find(now + s(198), &domain()).unwrap(), [a, b], "as long as Retry-After says");
    book.failed(now + s(198), &a, None);
    book.answered(&a);
    assert_eq!(book.find(now + s(199), &domain()).unwrap(), [a, b], "an answer heals at once");
}

#[test]
fn when_all_failed_the_name_is_asked_anew_and_all_are_still_tried() {
    let now = Instant::now();
    let mut book = Book::default();
    let (a, b) = (target(1, 0), target(2, 0));
    book.remember(now, domain(), vec![a, b], HOUR);
    book.failed(now, &a, None);
    assert_eq!(book.find(now, &domain()).unwrap(), [b, a]);
    book.failed(now, &b, None);
    assert_eq!(book.find(now, &domain()), None, "it may be elsewhere by now");
    assert_eq!(book.remember(now, domain(), vec![a, b], HOUR), [a, b]);
}

#[test]
fn what_was_found_is_asked_for_again_when_its_time_is_over() {
    let now = Instant::now();
    let mut book = Book::default();
    book.remember(now, domain(), vec![target(1, 0)], Duration::from_secs(10));
    assert!(book.find(now + Duration::from_secs(9), &domain()).is_some());
    assert_eq!(book.find(now + Duration::from_secs(10), &domain()), None);
    book.remember(now, domain(), vec![target(1, 0)], HOUR);
    let limit = Duration::from_secs(301);
    assert_eq!(book.find(now + limit, &domain()), None, "a week's TTL is not waited for");
}

#[test]
fn of_equal_targets_the_one_in_use_stays_first_when_the_name_is_asked_anew() {
    let now = Instant::now();
    let mut book = Book::default();
    let (a, b, c) = (target(1, 0), target(2, 0), target(3, 1));
    book.remember(now, domain(), vec![a, b, c], HOUR);
    assert_eq!(book.remember(now, domain(), vec![b, a, c], HOUR), [a, b, c]);
    assert_eq!(book.remember(now, domain(), vec![c, target(2, 2)], HOUR), [c, target(2, 2)]);
}

#[test]
fn a_request_goes_from_target_to_target_until_it_is_at_work() {
    let (a, b, c) = (target(1, 0), target(2, 0), target(3, 1));
    let mut attempts = Attempts::new(vec![a, b, c]).unwrap();
    assert_eq!(attempts.handle_failure(Failing::Timeout), Some(b));
    attempts.handle_provisional(100);
    assert_eq!(attempts.handle_failure(Failing::Unavailable(None)), Some(c));
    attempts.handle_provisional(180);
    assert_eq!(attempts.handle_failure(Failing::Transport), None, "the last one");
    assert_eq!(
        attempts.history(),
        "192.0.2.1:5060/UDP did not answer, 192.0.2.2:5060/UDP said 503, \
         192.0.2.3:5060/UDP could not be reached"
    );
    let mut attempts = Attempts::new(vec![a, b]).unwrap();
    attempts.handle_provisional(180);
    assert_eq!(attempts.handle_failure(Failing::Unavailable(None)), None, "it rang somewhere");
    assert!(!attempts.is_alone() && Attempts::new(vec![a]).unwrap().is_alone());
    assert!(Attempts::new(Vec::new()).is_none());
    let over_tcp = Target { transport: Transport::Tcp, ..a };
    let mut attempts = Attempts::new(vec![over_tcp, a, b]).unwrap();
    assert_eq!(attempts.clone().handle_failure(Failing::Transport), Some(a));
    assert_eq!(attempts.handle_failure(Failing::Unavailable(None)), Some(b), "another server");
}

mod any_zone {
    use proptest::{
        collection,
        prelude::{Strategy, any},
        prop_assert, prop_oneof, proptest,
    };

    use super::*;

    fn name() -> impl Strategy<Value = String> {
        prop_oneof!["[a-c]{0,2}(\\.[a-c]{1,2}){0,2}\\.?", "\\PC{0,8}"]
    }

    fn answer() -> impl Strategy<Value = Answer> {
        let naptr = (any::<u16>(), any::<u16>(), "[sSaAuU]?", 0usize..4, "!?", name()).prop_map(
            |(order, preference, flags, service, regexp, replacement)| Naptr {
                order,
                preference,
                flags,
                service: ["SIP+D2U", "sip+d2t", "SIPS+D2T", "x"][service].to_owned(),
                regexp,
                replacement,
            },
        );
        let srv = (any::<u16>(), any::<u16>(), any::<u16>(), name())
            .prop_map(|(priority, weight, port, target)| Srv { priority, weight, port, target });
        prop_oneof![
            collection::vec(naptr, 0..5).prop_map(Answer::Naptr),
            collection::vec(srv, 0..40).prop_map(Answer::Srv),
            collection::vec(any::<IpAddr>(), 0..40).prop_map(Answer::Addresses),
            "\\PC{0,4}".prop_map(Answer::Failed),
        ]
    }

    proptest! {
        #[test]
        fn the_search_ends_whatever_the_zone_says(
            answers in collection::vec(answer(), 0..120), host in "[a-c]{1,3}(\\.[a-c]{1,3}){0,2}",
            port in proptest::option::of(any::<u16>()), seed: u64,
        ) {
            let mut answers = answers.into_iter();
            let rng = Rng::from_number(seed);
            let mut locator =
                Locator::new(sought(&host, port, None), Transport::Udp, true, rng);
            let mut step = locator.start();
            let mut steps = 0;
            while let Step::Ask(questions) = step {
                prop_assert!(!questions.is_empty() && questions.len() <= 32);
                steps += 1;
                prop_assert!(steps <= 4);
                let given = questions.iter().map(|_| {
                    answers.next().unwrap_or(Answer::Addresses(Vec::new()))
                });
                step = locator.handle_answers(given.collect());
            }
            if let Step::Done(Ok(targets)) = step {
                prop_assert!(!targets.is_empty() && targets.len() <= 32);
                prop_assert!(targets.windows(2).all(|two| two[0].rank <= two[1].rank));
            }
        }
    }
}
