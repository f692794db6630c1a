//! sipp calls us, or asks us something.

use std::time::Duration;

use sidetone::{
    base::plan::{CodecKind, SrtpSuite},
    engine::{DialOptions, ErrorKind, EventKind, SrtpPolicy},
};

use super::{
    case::{Case, called},
    scene::Scene,
};

/// All of them.
pub const CASES: &[Case] = &[
    called("uac_bad_ack", answers).sipp(&["-nr"]),
    called("uac_invite_repeated_after_ack", answers).sipp(&["-nr"]),
    called("uac_no_sdp", answers),
    called("uac_no_sdp_ack_without_sdp", |scene| {
        let call = scene.incoming();
        scene.engine.answer(call, Vec::new(), None).unwrap();
        assert_eq!(scene.ended(call).1, Some(ErrorKind::NoCodec));
    }),
    called("uac_require_unknown", hears_nothing),
    called("uac_sdp_syntax", hears_nothing),
    called("uac_sdp_network_type", hears_nothing),
    called("uac_sdp_address_type", hears_nothing),
    called("uac_no_common_codec", hears_nothing),
    called("uac_only_video", hears_nothing),
    called("uac_bad_transport", hears_nothing),
    called("uac_multipart_without_sdp", hears_nothing),
    called("uac_multipart_with_sdp", answers),
    called("uac_options_contents", hears_nothing),
    called("uac_options_in_dialog", answers),
    called("uac_bye_unknown_dialog", hears_nothing),
    called("uac_reinvite_unknown_dialog", hears_nothing),
    called("uac_cancel_tags", rings),
    called("uac_cancel_after_200", answers),
    called("uac_cancel_unknown", hears_nothing),
    // Methods and forms.
    called("uac_method_unknown", hears_nothing),
    called("uac_method_not_allowed", hears_nothing),
    called("uac_scheme_unknown", hears_nothing),
    called("uac_version_unknown", hears_nothing),
    called("uac_max_forwards_used_up", hears_nothing),
    called("uac_no_contact", answers_and_hangs_up),
    called("uac_merged_request", rings),
    called("uac_many_vias", hears_nothing),
    called("uac_compact_names", hears_nothing),
    called("uac_without_from_tag", answers),
    // The end of a call.
    called("uac_bye_before_answer", |scene| {
        let call = scene.ring();
        assert_eq!(scene.ended(call), (487, None));
    }),
    called("uac_bye_out_of_order", answers),
    called("uac_bye_in_anothers_name", answers),
    called("uac_bye_twice", answers),
    called("uac_ack_never_comes", |scene| {
        let call = scene.incoming();
        scene.engine.answer(call, Vec::new(), None).unwrap();
        assert_eq!(scene.ended(call), (0, Some(ErrorKind::NoAnswer)));
    })
    .engine(|config| config.timers.t1 = Duration::from_millis(20))
    .sipp(&["-nr"]),
    // Routing in the dialog.
    called("uac_record_route", answers_and_hangs_up),
    called("uac_strict_route", answers_and_hangs_up),
    called("uac_moves_its_contact", |scene| {
        let call = scene.answer();
        // The re-INVITE has been taken when its INVITE is the latest of the call.
        scene.until("the second Contact", |scene| {
            let contact = scene.engine.call_header(call, "Contact").unwrap();
            contact.is_some_and(|contact| contact.contains("moved"))
        });
        scene.hang_up(call);
    }),
    // Changes in the call.
    called("uac_reinvite_without_media", answers),
    called("uac_reinvite_fewer_media", answers),
    called("uac_reinvite_after_failure", answers),
    called("uac_holds", answers),
    called("uac_holds_inactive", answers),
    called("uac_holds_by_zeros", answers),
    called("uac_reinvite_no_sdp", answers),
    called("uac_reinvite_no_sdp_no_answer", answers),
    called("uac_reinvite_before_ack", answers),
    called("uac_reinvite_codec_change", |scene| {
        let call = scene.answer();
        scene.wait("another codec", |event| match event {
            EventKind::Media { codec: CodecKind::Pcma, .. } => Some(()),
            _ => None,
        });
        scene.ended(call);
    })
    .account(|account| account.codecs = vec![CodecKind::Pcmu, CodecKind::Pcma]),
    called("uac_reinvite_port_zero", answers),
    called("uac_reinvite_adds_video", answers),
    called("uac_reinvite_same", answers),
    called("uac_update_without_offer", answers),
    called("uac_update_offer", answers),
    called("uac_update_offer_declined", answers),
    called("uac_update_bad_sdp", answers),
    // Session timers.
    called("uac_session_timer", answers),
    called("uac_session_interval_too_small", hears_nothing),
    called("uac_session_refresher_absent", answers),
    // Digits by INFO.
    called("uac_info_digit", |scene| {
        let call = scene.answer();
        let digit = scene.wait("a digit", |event| match event {
            EventKind::Dtmf { digit, duration, .. } => Some((*digit, *duration)),
            _ => None,
        });
        assert_eq!(digit, ('5', Duration::from_millis(120)));
        scene.ended(call);
    }),
    called("uac_info_of_unknown_type", answers),
    // What the host decides.
    called("uac_busy_in_own_words", |scene| {
        let call = scene.incoming();
        scene.engine.reject(call, 486, "At the cinema", None).unwrap();
        assert_eq!(scene.ended(call).0, 486);
    }),
    called("uac_answered_with_headers", |scene| {
        let call = scene.incoming();
        let order = scene.engine.call_header(call, "X-Order").unwrap();
        assert_eq!(order.as_deref(), Some("4711"));
        scene.engine.answer(call, vec![("X-Agent".into(), "Smith".into())], None).unwrap();
        scene.ended(call);
    }),
    called("uac_engine_is_full", |scene| {
        scene.wait_for_sipp();
        scene.quiet = true;
        let call = scene.engine.calls()[0];
        scene.hang_up(call);
    })
    .engine(|config| config.max_calls = 1)
    .first(|scene| {
        // A far end that never says a word.
        let dead = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let uri = format!("sip:dead@{}", dead.local_addr().unwrap());
        scene.keep.push(Box::new(dead));
        scene.engine.dial(None, &uri, DialOptions::default(), None).unwrap();
    }),
    called("uac_unknown_user", hears_nothing).engine(|config| config.accept_unknown = false),
    called("uac_nobody_answers", |scene| {
        let call = scene.ring();
        scene.engine.reject(call, 480, "", None).unwrap();
        assert_eq!(scene.ended(call).0, 480);
    }),
    // Descriptions.
    called("uac_codec_numbers", answers).account(|account| {
        account.codecs = vec![CodecKind::Opus, CodecKind::Pcma, CodecKind::Pcmu];
    }),
    called("uac_second_audio", answers),
    called("uac_packet_time", |scene| {
        let call = scene.answer();
        assert_eq!(scene.engine.call_info(call).unwrap().ptime_ms, 40);
        scene.ended(call);
    }),
    called("uac_keys", |scene| {
        let call = scene.answer();
        let suite = scene.engine.call_info(call).unwrap().srtp;
        assert_eq!(suite, Some(SrtpSuite::Aes128CmSha1_80));
        scene.ended(call);
    })
    .account(|account| account.srtp = SrtpPolicy::Mandatory),
    called("uac_keys_missing", hears_nothing)
        .account(|account| account.srtp = SrtpPolicy::Mandatory),
    called("uac_keys_unknown_suite", hears_nothing)
        .account(|account| account.srtp = SrtpPolicy::Optional),
    called("uac_mux", answers),
    called("uac_tcp", answers_and_hangs_up).sipp(&["-t", "t1"]),
    called("uac_tcp_refused", hears_nothing).sipp(&["-t", "t1"]),
    called("uac_sdp_optional_body", answers),
    called("uac_encoded_body", hears_nothing),
];

/// Takes the call; the far end hangs up.
fn answers(scene: &mut Scene) {
    let call = scene.answer();
    assert_eq!(scene.ended(call), (0, None));
}

/// The engine does it all by itself.
fn hears_nothing(scene: &mut Scene) {
    scene.quiet = true;
}

/// Takes the call, and hangs up once it is connected.
fn answers_and_hangs_up(scene: &mut Scene) {
    let call = scene.answer();
    scene.hang_up(call);
}

/// Lets it ring until the caller gives up.
fn rings(scene: &mut Scene) {
    let call = scene.ring();
    assert_eq!(scene.ended(call), (487, None));
}
