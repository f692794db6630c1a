//! What accounts and calls may be set to, and reasons that are told; with sipp on the other end.

use std::time::Duration;

use sidetone::{
    base::{plan::CodecKind, time::Ptime},
    engine::{
        CallState, DialOptions, ErrorKind, EventKind, Prack, RegistrationState, SipTransport,
        SrtpPolicy,
        event::EndReason,
        services::{Cause, DoNotDisturb},
    },
    proto::sip::uri::NameAddr,
};

use super::{
    case::{Case, called, calling},
    scene::{Scene, own_port},
};

/// All of them.
pub const CASES: &[Case] = &[
    // Calls that come in.
    called("uac_busy_to_all", hears_nothing)
        .services(|services| services.reception.do_not_disturb = DoNotDisturb::Busy),
    called("uac_sent_on_undisturbed", hears_nothing).services(|services| {
        services.reception.do_not_disturb = DoNotDisturb::Busy;
        services.reception.forwarding.busy = "sip:carol@example.com".parse().ok();
    }),
    called("uac_rings_out", |scene| {
        let call = scene.ring();
        assert_eq!(scene.ended(call).0, 480);
        assert_eq!(end(scene).0, EndReason::NoAnswer);
    })
    .services(|services| services.ring_time = Some(Duration::from_secs(1))),
    called("uac_anonymous_caller", |scene| {
        let call = scene.answer();
        let from = scene.events.iter().find_map(|event| match event {
            EventKind::IncomingCall { from, .. } => Some(from.clone()),
            _ => None,
        });
        assert!(from.is_some_and(|from| from.starts_with("sip:sipp@")));
        assert!(scene.engine.caller_identity(call).unwrap().privacy.id);
        scene.ended(call);
    })
    .services(|services| services.trust_identity = true),
    called("uac_cancelled_elsewhere", |scene| {
        let call = scene.ring();
        scene.ended(call);
        let (reason, cause) = end(scene);
        assert_eq!(reason, EndReason::AnsweredElsewhere);
        assert!(cause.is_some_and(|cause| cause.elsewhere && cause.sip == 200));
    }),
    called("uac_bye_with_a_cause", |scene| {
        let call = scene.answer();
        scene.ended(call);
        let text = "Network out of order".to_owned();
        let cause = Cause { q850: 38, text, ..Cause::default() };
        assert_eq!(end(scene), (EndReason::RemoteHangup, Some(cause)));
    }),
    // Calls of ours.
    calling("uas_refused_with_a_cause", |scene| {
        let call = scene.dial();
        assert_eq!(scene.ended(call), (404, Some(ErrorKind::Refused)));
        let text = "Unallocated number".to_owned();
        let cause = Cause { q850: 1, text, ..Cause::default() };
        assert_eq!(end(scene), (EndReason::Refused, Some(cause)));
        let told = |event: &EventKind| match event {
            EventKind::Call { text, .. } => text == "No such extension",
            _ => false,
        };
        assert!(scene.events.iter().any(told), "the phrase is told");
    }),
    calling("uas_asserted_identity", calls_and_hangs_up).services(|services| {
        services.presentation.asserted = NameAddr::parse("<tel:+4930123>");
        services.presentation.preferred = NameAddr::parse("<sip:somebody@example.com>");
        services.presentation.remote_party = true;
    }),
    calling("uas_gives_up_unanswered", |scene| {
        let no_answer = Some(Duration::from_secs(1));
        let call = scene.dial_with(DialOptions { no_answer, ..DialOptions::default() });
        scene.reaches(call, CallState::Ringing);
        scene.ended(call);
        assert_eq!(end(scene).0, EndReason::NoAnswer);
    }),
    calling("uas_requires_100rel", |scene| {
        let prack = Some(Prack::Required);
        let call = scene.dial_with(DialOptions { prack, ..DialOptions::default() });
        assert_eq!(scene.ended(call), (420, Some(ErrorKind::Refused)));
    }),
    calling("uas_dials_its_own_way", |scene| {
        let call = scene.dial_with(DialOptions {
            codecs: Some(vec![CodecKind::Pcma]),
            ptime: Ptime::from_ms(40),
            prack: Some(Prack::Off),
            ..DialOptions::default()
        });
        scene.reaches(call, CallState::Connected);
        let info = scene.engine.call_info(call).unwrap();
        assert_eq!((info.codec, info.ptime_ms), (Some(CodecKind::Pcma), 40));
        scene.hang_up(call);
    }),
    calling("uas_ports_and_name", calls_and_hangs_up).engine(|config| {
        config.user_agent = "Switchboard/7".into();
        config.rtp_ports = (33_100, 33_199);
    }),
    calling("uas_keys_declined", |scene| {
        let call = scene.dial();
        scene.reaches(call, CallState::Connected);
        assert_eq!(scene.engine.call_info(call).unwrap().srtp, None);
        scene.hang_up(call);
    })
    .account(|account| account.srtp = SrtpPolicy::Optional),
    // Registrations.
    calling("reg_lifetime_of_expires", |scene| {
        scene.registration(RegistrationState::Registered);
        let granted = scene.engine.account_info(scene.account).unwrap().expires;
        assert_eq!(granted, Duration::from_secs(40));
        unregisters(scene);
    }),
    calling("reg_server_error", |scene| {
        scene.registration(RegistrationState::Retrying);
        scene.registration(RegistrationState::Registered);
        unregisters(scene);
    })
    .engine(|config| config.timers.retry_base = Duration::from_millis(300)),
    calling("reg_local_port", |scene| {
        scene.registration(RegistrationState::Registered);
        let own = scene.engine.account_info(scene.account).unwrap().local_address;
        let others = scene.engine.local_address(SipTransport::Udp).unwrap().to_string();
        assert_ne!(own, others);
        assert_eq!(scene.received(&format!("Via: SIP/2.0/UDP {own};")), 1);
        unregisters(scene);
    })
    .account(|account| account.local_port = own_port()),
];

fn hears_nothing(scene: &mut Scene) {
    scene.quiet = true;
}

fn calls_and_hangs_up(scene: &mut Scene) {
    let call = scene.dial();
    scene.reaches(call, CallState::Connected);
    scene.rest(Duration::from_millis(50));
    scene.hang_up(call);
}

fn unregisters(scene: &mut Scene) {
    scene.engine.account_unregister(scene.account, None).unwrap();
    scene.registration(RegistrationState::Unregistered);
}

/// How the only call ended, and the cause that was told.
fn end(scene: &Scene) -> (EndReason, Option<Cause>) {
    let told = |event: &EventKind| match event {
        EventKind::Call { state: CallState::Ended, reason, cause, .. } => {
            Some(((*reason)?, cause.clone()))
        }
        _ => None,
    };
    scene.events.iter().find_map(told).expect("a reason")
}
