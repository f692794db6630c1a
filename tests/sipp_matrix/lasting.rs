//! Session timers, in either role, with sipp on the other end.

use std::time::Duration;

use sidetone::engine::{
    AccountConfig, CallState, EngineConfig, ErrorKind, EventKind, event::EndReason,
};

use super::{
    case::{Case, called, calling},
    scene::Scene,
};

/// All of them.
pub const CASES: &[Case] = &[
    called("uac_refreshed_by_update", answers).engine(short_sessions),
    called("uac_refreshed_by_reinvite", answers).engine(short_sessions),
    called("uac_refreshes", answers).engine(short_sessions),
    called("uac_stops_refreshing", |scene| {
        let call = scene.answer();
        scene.ended(call);
        runs_out(scene);
    })
    .engine(short_sessions),
    called("uac_refresh_too_small", answers).engine(short_sessions),
    called("uac_refresh_gets_481", |scene| {
        let call = scene.answer();
        assert_eq!(scene.ended(call), (481, Some(ErrorKind::NoAnswer)));
    })
    .engine(short_sessions),
    calling("uas_refreshes_by_update", refreshes_once).engine(short_sessions).account(half_an_hour),
    calling("uas_refreshes_by_reinvite", refreshes_once)
        .engine(short_sessions)
        .account(half_an_hour),
    calling("uas_stops_refreshing", |scene| {
        let call = scene.dial();
        scene.reaches(call, CallState::Connected);
        scene.ended(call);
        runs_out(scene);
    })
    .engine(short_sessions)
    .account(half_an_hour),
];

/// Sessions may be as short as two seconds.
fn short_sessions(config: &mut EngineConfig) {
    config.timers.min_session = Duration::from_secs(2);
}

fn half_an_hour(account: &mut AccountConfig) {
    account.session_expires = Some(Duration::from_secs(1800));
}

/// Takes the call; the far end hangs up.
fn answers(scene: &mut Scene) {
    let call = scene.answer();
    assert_eq!(scene.ended(call), (0, None));
}

/// Hangs up once the session was refreshed.
fn refreshes_once(scene: &mut Scene) {
    let call = scene.dial();
    scene.reaches(call, CallState::Connected);
    scene.until("the refresh", |scene| scene.received("Session-Expires: 6;refresher=uac") >= 1);
    scene.rest(Duration::from_millis(200));
    scene.hang_up(call);
}

/// The call that ended did so because its session was not refreshed.
fn runs_out(scene: &Scene) {
    let reasons: Vec<EndReason> = scene
        .events
        .iter()
        .filter_map(|event| match event {
            EventKind::Call { state: CallState::Ended, reason, .. } => *reason,
            _ => None,
        })
        .collect();
    assert_eq!(reasons, [EndReason::SessionExpired]);
}
