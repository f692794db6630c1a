//! We call sipp.

use std::{
    sync::{Arc, mpsc},
    time::Duration,
};

use sidetone::{
    base::plan::SrtpSuite,
    engine::{
        AccountConfig, CallState, DialOptions, ErrorKind, EventKind, LogLevel, LogLine, SrtpPolicy,
    },
};

use super::{
    case::{Case, calling},
    scene::Scene,
};

/// All of them.
pub const CASES: &[Case] = &[
    // Answers.
    calling("uas_183_without_tag", |scene| {
        let call = scene.dial();
        scene.reaches(call, CallState::EarlyMedia);
        scene.reaches(call, CallState::Connected);
        scene.hang_up(call);
    }),
    calling("uas_answer_without_tag", calls_and_hangs_up),
    calling("uas_answer_codec_not_offered", finds_no_codec),
    calling("uas_answer_of_other_media", finds_no_codec),
    calling("uas_answer_refuses_media", finds_no_codec),
    calling("uas_answer_key_not_offered", |scene| {
        let call = scene.dial();
        assert_eq!(scene.ended(call).1, Some(ErrorKind::SrtpRequired));
    })
    .account(|account| account.srtp = SrtpPolicy::Mandatory),
    calling("uas_answer_without_sdp", finds_no_codec),
    calling("uas_answer_unreadable", finds_no_codec),
    calling("uas_answer_wrong_transport", |scene| {
        let call = scene.dial();
        assert_eq!(scene.ended(call).1, Some(ErrorKind::SrtpRequired));
    }),
    calling("uas_answer_wrong_attribute", finds_no_codec),
    calling("uas_answer_ahead_of_time", |scene| {
        let call = scene.dial();
        scene.reaches(call, CallState::EarlyMedia);
        scene.reaches(call, CallState::Connected);
        scene.hang_up(call);
    }),
    calling("uas_answers_recvonly", calls_and_hangs_up),
    calling("uas_unknown_provisional", |scene| {
        let call = scene.dial();
        scene.reaches(call, CallState::Ringing);
        scene.reaches(call, CallState::Connected);
        scene.hang_up(call);
    }),
    calling("uas_forked_answer", |scene| {
        let call = scene.dial();
        scene.reaches(call, CallState::Connected);
        scene.until("the BYE of the other fork", |scene| scene.received("tag=second") >= 2);
        scene.hang_up(call);
    }),
    calling("uas_repeats_200", |scene| {
        let call = scene.dial();
        scene.reaches(call, CallState::Connected);
        scene.until("two ACKs", |scene| scene.received(" ACK\r\n") >= 2);
        scene.hang_up(call);
        let connected = |event: &&EventKind| {
            matches!(event, EventKind::Call { state: CallState::Connected, .. })
        };
        assert_eq!(scene.events.iter().filter(connected).count(), 1);
    })
    .sipp(&["-nr"]),
    calling("uas_tcp", calls_and_hangs_up).sipp(&["-t", "t1"]),
    // Refusals and CANCEL.
    calling("uas_refusal_acknowledged", |scene| {
        let call = scene.dial();
        assert_eq!(scene.ended(call), (603, Some(ErrorKind::Refused)));
    }),
    calling("uas_cancel_matches", gives_up_while_it_rings),
    calling("uas_cancel_waits_for_a_provisional", |scene| {
        let call = scene.dial();
        scene.reaches(call, CallState::Dialing);
        scene.hang_up(call);
    })
    .sipp(&["-nr"]),
    calling("uas_answer_crosses_cancel", gives_up_while_it_rings),
    // What the INVITE says.
    calling("uas_dials_with_headers", |scene| {
        let headers = vec![("X-Order".into(), "4711".into())];
        let call = scene.dial_with(DialOptions { headers, ..DialOptions::default() });
        scene.reaches(call, CallState::Connected);
        scene.hang_up(call);
    })
    .account(|account| account.headers = vec![("X-Agent".into(), "Smith".into())]),
    calling("uas_display_name", calls_and_hangs_up)
        .account(|account| account.display_name = "Alice \"the A\" B.".into()),
    calling("uas_outbound_proxy", |scene| {
        let (account, options) = (Some(scene.account), DialOptions::default());
        let call = scene.engine.dial(account, "sip:bob@example.invalid", options, None).unwrap();
        scene.reaches(call, CallState::Connected);
        scene.hang_up(call);
    })
    .account(|account| account.outbound_proxy = "sip:sipp".into()),
    calling("uas_offers_keys", |scene| {
        let call = scene.dial();
        scene.reaches(call, CallState::Connected);
        let suite = scene.engine.call_info(call).unwrap().srtp;
        assert_eq!(suite, Some(SrtpSuite::Aes128CmSha1_80));
        scene.hang_up(call);
    })
    .account(|account| account.srtp = SrtpPolicy::Optional),
    // Routing in the dialog.
    calling("uas_record_route", calls_and_hangs_up),
    // In the dialog.
    calling("uas_digits_by_info", |scene| {
        let call = scene.dial();
        scene.reaches(call, CallState::Connected);
        let request = scene.engine.new_request();
        scene.engine.dtmf(call, "4#", 160, Some(request)).unwrap();
        assert_eq!(scene.reply(request), None);
        scene.hang_up(call);
    }),
    calling("uas_info_gets_481", |scene| {
        let call = scene.dial();
        scene.reaches(call, CallState::Connected);
        scene.engine.dtmf(call, "4", 160, None).unwrap();
        assert_eq!(scene.ended(call).0, 481);
    }),
    calling("uas_byes_cross", calls_and_hangs_up),
    calling("uas_reinvites_us", |scene| {
        let call = scene.dial();
        scene.reaches(call, CallState::Connected);
        scene.until("the second ACK", |scene| scene.sent("CSeq: 1 ACK") >= 1);
        scene.hang_up(call);
    }),
    // Challenges.
    calling("uas_challenge_after_100", calls_and_hangs_up).account(with_password),
    calling("uas_proxy_challenge", calls_and_hangs_up).account(with_password),
    calling("uas_two_challenges", calls_and_hangs_up).account(with_password),
    calling("uas_unknown_algorithm_first", calls_and_hangs_up).account(with_password),
    calling("uas_empty_realm", calls_and_hangs_up).account(with_password),
    calling("uas_any_realm", calls_and_hangs_up).account(for_any_realm),
    calling("uas_stale_nonce", calls_and_hangs_up).account(with_password),
    calling("uas_wrong_password", is_not_let_in).account(with_password),
    calling("uas_stale_for_ever", is_not_let_in).account(with_password),
    calling("uas_bye_challenged", calls_and_hangs_up).account(for_any_realm),
    calling("uas_stranger_asks", |scene| {
        let (told, lines) = mpsc::channel();
        let sink = move |line: &LogLine| drop(told.send(line.text.clone()));
        scene.engine.set_log(LogLevel::Warning, Some(Arc::new(sink)));
        calls_and_hangs_up(scene);
        scene.wait_for_sipp();
        scene.engine.set_log(LogLevel::Warning, None);
        let said = lines.iter().any(|line| line.contains("\"far.example\""));
        assert!(said, "the log names the realm");
    })
    .account(with_password),
    calling("uas_info_challenged", |scene| {
        let call = scene.dial();
        scene.reaches(call, CallState::Connected);
        let request = scene.engine.new_request();
        scene.engine.dtmf(call, "7", 160, Some(request)).unwrap();
        assert_eq!(scene.reply(request), None);
        scene.hang_up(call);
    })
    .account(for_any_realm),
];

fn with_password(account: &mut AccountConfig) {
    account.password = "secret".into();
}

/// The far end of a call may ask for the password too.
fn for_any_realm(account: &mut AccountConfig) {
    with_password(account);
    account.realms = vec!["*".into()];
}

/// Calls, and hangs up shortly after the answer.
fn calls_and_hangs_up(scene: &mut Scene) {
    let call = scene.dial();
    scene.reaches(call, CallState::Connected);
    scene.rest(Duration::from_millis(50));
    scene.hang_up(call);
}

/// The answer cannot be used.
fn finds_no_codec(scene: &mut Scene) {
    let call = scene.dial();
    assert_eq!(scene.ended(call).1, Some(ErrorKind::NoCodec));
}

/// Hangs up while it rings.
fn gives_up_while_it_rings(scene: &mut Scene) {
    let call = scene.dial();
    scene.reaches(call, CallState::Ringing);
    scene.engine.hangup(call, None).unwrap();
    assert_eq!(scene.ended(call).1, None);
}

/// The far end does not take the credentials.
fn is_not_let_in(scene: &mut Scene) {
    let call = scene.dial();
    assert_eq!(scene.ended(call), (401, Some(ErrorKind::Authentication)));
}
