//! Tests of what a conference tells its worker.

use super::*;
use crate::base::ids::TypedId;

fn call(index: u32) -> CallId {
    CallId::from_parts(1, index)
}

/// The commands as they would be told: (from, to, gain in dB); our user is 0.
fn told(commands: Vec<WorkerCmd>) -> Vec<(u32, u32, Option<f32>)> {
    let number = |call: CallId| call.index() as u32;
    let mut told = Vec::new();
    for command in commands {
        match command {
            WorkerCmd::Route { from, to, gain } => {
                told.push((number(from), number(to), gain.map(Gain::db)));
            }
            WorkerCmd::UserGain { call, microphone, loudspeaker } => {
                told.push((0, number(call), Some(microphone.db())));
                told.push((number(call), 0, Some(loudspeaker.db())));
            }
            _ => unreachable!("a conference gives no other commands"),
        }
    }
    told
}

#[test]
fn what_is_set_before_a_call_is_added_holds_from_its_first_sample_on() {
    let mut conference = Conference::default();
    conference.gains.insert((Some(call(3)), Some(call(1))), Gain::MUTE);
    conference.gains.insert((None, Some(call(3))), Gain::from_db(-6.0));
    [1, 2, 3].into_iter().for_each(|index| conference.add(call(index)));
    let told = told(conference.together(call(3)));
    let db = |db: f32| Some(Gain::from_db(db).db());
    assert_eq!(
        told,
        [
            (0, 3, db(-6.0)),
            (3, 0, db(0.0)),
            (3, 1, db(-96.0)),
            (1, 3, db(0.0)),
            (3, 2, db(0.0)),
            (2, 3, db(0.0)),
        ]
    );
    assert_eq!(*lock(&conference.shared.calls), [1, 2, 3].map(call));
}

#[test]
fn a_gain_is_told_when_both_ends_are_there_and_forgotten_with_either() {
    let mut conference = Conference::default();
    conference.add(call(1));
    conference.gains.insert((Some(call(2)), Some(call(1))), Gain::MUTE);
    assert!(conference.adjust(Some(call(2)), Some(call(1))).is_none(), "2 is not in it");
    conference.add(call(2));
    let adjusted = conference.adjust(Some(call(2)), Some(call(1)));
    assert_eq!(told(adjusted.into_iter().collect()), [(2, 1, Some(-96.0))]);
    assert_eq!(told(conference.apart(call(2))).len(), 4);
    conference.forget(call(1));
    assert!(conference.gains.is_empty());
    assert_eq!(*lock(&conference.shared.calls), [call(2)]);
}
