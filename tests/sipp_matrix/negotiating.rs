//! Hold, late offers, session timers and early media, with sipp on the other end.

use std::time::Duration;

use sidetone::{
    base::plan::Direction,
    engine::{CallState, ErrorKind, EventKind},
};

use super::{
    case::{Case, called, calling},
    scene::Scene,
};

/// All of them.
pub const CASES: &[Case] = &[
    calling("uas_hold", |scene| {
        let call = scene.dial();
        scene.reaches(call, CallState::Connected);
        for held in [true, false] {
            let request = scene.engine.new_request();
            match held {
                true => scene.engine.hold(call, Some(request)).unwrap(),
                false => scene.engine.resume(call, Some(request)).unwrap(),
            }
            assert_eq!(scene.reply(request), None);
        }
        scene.hang_up(call);
    }),
    calling("uas_hold_answered_sendrecv", |scene| {
        let call = scene.dial();
        scene.reaches(call, CallState::Connected);
        let request = scene.engine.new_request();
        scene.engine.hold(call, Some(request)).unwrap();
        assert_eq!(scene.reply(request), None);
        scene.wait("our hold", |event| match event {
            EventKind::Hold { local: true, remote: false, .. } => Some(()),
            _ => None,
        });
        let info = scene.engine.call_info(call).unwrap();
        assert_eq!(info.direction, Direction::SendOnly);
        let request = scene.engine.new_request();
        scene.engine.resume(call, Some(request)).unwrap();
        assert_eq!(scene.reply(request), None);
        scene.hang_up(call);
    }),
    calling("uas_hold_refused", |scene| {
        let call = scene.dial();
        scene.reaches(call, CallState::Connected);
        let request = scene.engine.new_request();
        scene.engine.hold(call, Some(request)).unwrap();
        assert!(scene.reply(request).is_some());
        scene.hang_up(call);
    }),
    calling("uas_hold_gets_481", |scene| {
        let call = scene.dial();
        scene.reaches(call, CallState::Connected);
        scene.engine.hold(call, None).unwrap();
        assert_eq!(scene.ended(call).0, 481);
    }),
    calling("uas_hold_meets_glare", |scene| {
        let call = scene.dial();
        scene.reaches(call, CallState::Connected);
        let request = scene.engine.new_request();
        scene.engine.hold(call, Some(request)).unwrap();
        assert_eq!(scene.reply(request), None);
        scene.hang_up(call);
    }),
    calling("uas_late_offer", calls_and_hangs_up).account(|account| account.delayed_offer = true),
    calling("uas_late_offer_without_codec", |scene| {
        let call = scene.dial();
        assert_eq!(scene.ended(call).1, Some(ErrorKind::NoCodec));
    })
    .account(|account| account.delayed_offer = true),
    calling("uas_session_interval_too_small", calls_and_hangs_up)
        .account(|account| account.session_expires = Some(Duration::from_secs(100))),
    called("uac_early_media", is_heard_early),
    called("uac_prack_offer", is_heard_early),
    called("uac_prack_offer_declined", is_heard_early),
    called("uac_event_unknown", |scene| scene.quiet = true),
];

fn calls_and_hangs_up(scene: &mut Scene) {
    let call = scene.dial();
    scene.reaches(call, CallState::Connected);
    scene.rest(Duration::from_millis(50));
    scene.hang_up(call);
}

/// Sends media ahead of the answer.
fn is_heard_early(scene: &mut Scene) {
    let call = scene.incoming();
    scene.engine.progress(call, None).unwrap();
    scene.reaches(call, CallState::EarlyMedia);
    scene.rest(Duration::from_millis(300));
    scene.engine.answer(call, Vec::new(), None).unwrap();
    scene.reaches(call, CallState::Connected);
    scene.ended(call);
}
