//! One scripted behaviour of a far end after the other, against a whole engine over real sockets.
//!
//! The far end is Debian's sipp with a scenario of `tests/sipp`, in which it calls us (`uac_`), is
//! called (`uas_`) or is our registrar (`reg_`). Each scenario checks values of headers or bodies
//! that we send, so that it fails of its own accord; what our host hears is checked by its case
//! here. `tests/behaviours.tsv` says what each is about.
//!
//! `SIDETONE_SCENARIOS=cancel` runs only those whose name has that in it; `make sipp-dumb` puts
//! sipp's own simple callee and caller in our place, with whom every scenario has to fail.

#[path = "../support/child.rs"]
#[allow(dead_code)]
mod child;
#[path = "../support/tshark.rs"]
#[allow(dead_code)]
mod tshark;

mod around;
mod beside;
mod called;
mod calling;
mod case;
mod decode;
mod lasting;
mod list;
mod negotiating;
mod registering;
mod scene;
mod serving;
mod settings;

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use case::Case;

/// Scenarios under way at once: nearly all of their time is waiting.
const AT_ONCE: usize = 8;

fn cases() -> Vec<&'static Case> {
    [
        // The longest first.
        lasting::CASES,
        called::CASES,
        calling::CASES,
        registering::CASES,
        serving::CASES,
        negotiating::CASES,
        around::CASES,
        beside::CASES,
        settings::CASES,
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[test]
fn every_scenario_passes() {
    let wanted = std::env::var("SIDETONE_SCENARIOS").unwrap_or_default();
    let cases: Vec<&Case> =
        cases().into_iter().filter(|case| case.scenario.contains(&wanted)).collect();
    let sent = Mutex::new(Vec::new());
    let failures = run_all(&cases, |case| {
        let messages = scene::run(case);
        sent.lock().unwrap().extend(messages);
    });
    assert!(failures.is_empty(), "{} failed: {failures:#?}", failures.len());
    let sent = sent.into_inner().unwrap();
    let folder = child::Folder::new("sent");
    let read = decode::read(&sent, &folder.path(""));
    assert!(read.complaints.is_empty(), "tshark finds fault with ours:\n{}", read.complaints);
    assert_eq!(read.known, sent.len(), "tshark takes some of what we sent for something else");
    for (media_type, all, some) in &read.bodies {
        assert_eq!(all, some, "tshark does not read every body of {media_type}");
        assert!(*all > 0 || !wanted.is_empty(), "no message of ours has a body of {media_type}");
    }
    println!("tshark reads {} messages of ours and finds no fault", read.known);
    println!("with bodies: {:?}", read.bodies);
}

/// The proof that the scenarios prove something. Slow, since most of them wait for what never comes.
#[test]
#[ignore = "run by `make sipp-dumb`"]
fn every_scenario_fails_with_a_peer_that_knows_nothing() {
    let passed = Mutex::new(Vec::new());
    run_all(&cases(), |case| {
        if scene::passes_with_a_dumb_peer(case) {
            passed.lock().unwrap().push(case.scenario);
        }
    });
    let passed = passed.into_inner().unwrap();
    assert!(passed.is_empty(), "these check nothing of ours: {passed:#?}");
}

/// Runs the cases side by side; gives the names of those that failed.
fn run_all(cases: &[&'static Case], run: impl Fn(&Case) + Sync) -> Vec<&'static str> {
    let next = AtomicUsize::new(0);
    let failures = Mutex::new(Vec::new());
    let work = || {
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            let began = Instant::now();
            let outcome = catch_unwind(AssertUnwindSafe(|| run(case)));
            let ms = began.elapsed().as_millis();
            match outcome {
                Ok(()) => println!("{:40} ok, {ms} ms", case.scenario),
                Err(panic) => {
                    println!("{:40} FAILED, {ms} ms\n{}", case.scenario, text_of(&*panic));
                    failures.lock().unwrap().push(case.scenario);
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(work);
        }
    });
    failures.into_inner().unwrap()
}

fn text_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("?")
}
