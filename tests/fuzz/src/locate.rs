//! The search for a next hop in zones that a stranger wrote, and what becomes of its targets.

use std::{collections::HashSet, net::IpAddr, time::Duration};

use sidetone::{
    base::{
        dns::{Answer, Naptr, Question, Srv},
        rng::Rng,
    },
    proto::sip::{
        Transport,
        locate::{Attempts, BlacklistTimes, Book, Failing, Locator, Sought, Step, Target},
        uri::Host,
    },
};

use crate::support::{self, Input};

const TRANSPORTS: [Transport; 5] =
    [Transport::Udp, Transport::Tcp, Transport::Tls, Transport::Ws, Transport::Wss];

/// The input is what is looked for, the answers to the questions, then failures and answers of the
/// targets that were found.
pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let sought = sought(&mut input);
    let Some(targets) = find(&mut input, &sought) else { return };
    assert!((1..=32).contains(&targets.len()), "{} targets", targets.len());
    let places: HashSet<_> = targets.iter().map(|t| (t.transport, t.address)).collect();
    assert_eq!(places.len(), targets.len(), "a place is tried once");
    assert!(targets.iter().all(|t| sought.transport.is_none_or(|asked| asked == t.transport)));
    use_them(&mut input, sought, targets);
}

fn transport(choice: u8) -> Transport {
    TRANSPORTS[usize::from(choice) % TRANSPORTS.len()]
}

fn text(input: &mut Input) -> String {
    String::from_utf8_lossy(input.chunk()).into_owned()
}

fn ip(input: &mut Input) -> IpAddr {
    match input.byte() & 1 {
        0 => IpAddr::from(input.array::<4>()),
        _ => IpAddr::from(input.array::<16>()),
    }
}

fn sought(input: &mut Input) -> Sought {
    let choice = input.byte();
    Sought {
        host: if choice & 1 == 0 { Host::Name(text(input)) } else { Host::Ip(ip(input)) },
        port: (choice & 2 != 0).then(|| u16::from_le_bytes(input.array())),
        transport: (choice & 4 != 0).then(|| transport(choice >> 3)),
    }
}

fn find(input: &mut Input, sought: &Sought) -> Option<Vec<Target>> {
    let choice = input.byte();
    let rng = Rng::from_number(u64::from(choice));
    let mut locator = Locator::new(sought.clone(), transport(choice), choice & 0x80 == 0, rng);
    let mut step = locator.start();
    for _ in 0..5 {
        match step {
            Step::Done(found) => return found.ok(),
            Step::Ask(questions) => {
                assert!(questions.len() <= 32, "{} questions at once", questions.len());
                let answers = questions.iter().map(|question| answer(input, question)).collect();
                step = locator.handle_answers(answers);
            }
        }
    }
    panic!("a search without end");
}

/// Mostly what was asked for.
fn answer(input: &mut Input, question: &Question) -> Answer {
    let choice = input.byte();
    let count = usize::from(choice >> 3);
    match (choice & 7, question) {
        (0, _) => Answer::Failed(text(input)),
        (1, _) | (2.., Question::Addresses(_)) => {
            Answer::Addresses((0..count).map(|_| ip(input)).collect())
        }
        (_, Question::Naptr(_)) => Answer::Naptr((0..count).map(|_| naptr(input)).collect()),
        (_, Question::Srv(_)) => Answer::Srv((0..count).map(|_| srv(input)).collect()),
    }
}

fn naptr(input: &mut Input) -> Naptr {
    let choice = input.byte();
    let services = ["SIP+D2U", "SIP+D2T", "SIPS+D2T", "SIP+D2W", "SIPS+D2W", "E2U+sip"];
    Naptr {
        order: u16::from(input.byte()),
        preference: u16::from(input.byte()),
        flags: ["s", "A", "u", ""][usize::from(choice & 3)].to_owned(),
        service: services[usize::from(choice >> 2) % services.len()].to_owned(),
        regexp: if choice & 0x80 == 0 { String::new() } else { text(input) },
        replacement: text(input),
    }
}

fn srv(input: &mut Input) -> Srv {
    Srv {
        priority: u16::from(input.byte()),
        weight: u16::from_le_bytes(input.array()),
        port: u16::from_le_bytes(input.array()),
        target: text(input),
    }
}

/// Requests go to the targets while those fail and answer.
fn use_them(input: &mut Input, sought: Sought, targets: Vec<Target>) {
    let mut now = support::start();
    let mut book = Book::new(BlacklistTimes::default());
    let lifetime = Duration::from_secs(u64::from(u32::from_le_bytes(input.array())));
    let total = targets.len();
    let mut ordered = book.remember(now, sought.clone(), targets, lifetime);
    while !input.is_empty() {
        assert_eq!(ordered.len(), total, "none is lost, none comes twice");
        let mut attempts = Attempts::new(ordered.clone()).expect("there are targets");
        let mut tried = 0;
        loop {
            tried += 1;
            assert!(tried <= total, "attempts without end");
            let choice = input.byte();
            now += Duration::from_secs(u64::from(choice >> 4) * 20);
            let why = match choice & 3 {
                0 => Failing::Timeout,
                1 => Failing::Transport,
                2 => {
                    let after = u64::from(u32::from_le_bytes(input.array()));
                    Failing::Unavailable((choice & 4 != 0).then(|| Duration::from_secs(after)))
                }
                _ => {
                    book.answered(attempts.current());
                    assert!(!book.is_avoided(now, attempts.current()), "it heals at once");
                    break;
                }
            };
            if choice & 8 != 0 {
                attempts.handle_provisional(100 + u16::from(choice >> 4));
            }
            let after = if let Failing::Unavailable(after) = why { after } else { None };
            book.failed(now, attempts.current(), after);
            if attempts.handle_failure(why).is_none() {
                break;
            }
        }
        let _ = attempts.history();
        match book.find(now, &sought) {
            Some(found) => ordered = found,
            None => ordered = book.remember(now, sought.clone(), ordered, lifetime),
        }
    }
}
