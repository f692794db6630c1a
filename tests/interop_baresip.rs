//! Calls with Debian's baresip, both ways, over real sockets: each codec, without SRTP and with SRTP
//! mandatory at both ends. baresip sends back what it hears, so that what we hear again has passed
//! both directions; it is judged by correlation, level and length.

#[path = "support/baresip.rs"]
mod baresip;
#[path = "../src/bin/sidetone-phone/demo/check.rs"]
#[allow(dead_code)]
mod check;
#[path = "support/child.rs"]
#[allow(dead_code)]
mod child;
#[path = "support/host.rs"]
#[allow(dead_code)]
mod host;

use std::time::Duration;

use baresip::{Baresip, Role};
use check::Limits;
use child::Folder;
use host::{Host, echo_limits};
use sidetone::{
    base::plan::CodecKind,
    engine::{AccountConfig, CallState, DialOptions, SrtpPolicy},
};

const SPEECH: &[u8] = include_bytes!("../src/bin/sidetone-phone/speech/librivox_f_0890.wav");

fn account(codec: CodecKind, srtp: bool) -> AccountConfig {
    AccountConfig {
        aor: "sip:bench@127.0.0.1".into(),
        codecs: vec![codec],
        srtp: if srtp { SrtpPolicy::Mandatory } else { SrtpPolicy::Off },
        ..AccountConfig::default()
    }
}

/// baresip's name of a codec.
fn name(codec: CodecKind) -> &'static str {
    if codec == CodecKind::Opus { "opus/48000/2" } else { codec.name() }
}

/// What may be asked of speech that was coded twice. G.711 keeps the waveform; Opus keeps what is
/// heard of it, so that twice through it leaves less likeness than once.
fn limits(codec: CodecKind) -> Limits {
    match codec {
        CodecKind::Opus => Limits { correlation: 0.8, level_db: 2.5, ..echo_limits() },
        _ => echo_limits(),
    }
}

fn check_call(codec: CodecKind, srtp: bool, we_call: bool) {
    let folder = Folder::new("host");
    let mut host = Host::start(&folder, SPEECH);
    let own = host.account(account(codec, srtp));
    let (peer, call) = if we_call {
        let peer = Baresip::start(&Role::Answers, name(codec), srtp);
        let call = host.engine.dial(Some(own), &peer.uri, DialOptions::default(), None).unwrap();
        (peer, call)
    } else {
        let peer = Baresip::start(&Role::Calls(&host.address()), name(codec), srtp);
        let call = host.incoming();
        host.engine.answer(call, Vec::new(), None).unwrap();
        (peer, call)
    };
    host.reaches(call, CallState::Connected);
    // baresip holds 100 to 200 ms by default.
    host.run(host.speech_time() + Duration::from_millis(900));
    let info = host.engine.call_info(call).unwrap();
    assert_eq!(info.codec, Some(codec));
    assert_eq!(info.srtp.is_some(), srtp, "secure is {:?}", info.srtp);
    let stats = host.engine.call_stats(call).unwrap();
    // baresip opens the way for its media with a packet that is not encrypted yet.
    assert!(stats.srtp_failures <= 2, "{}", stats.srtp_failures);
    host.engine.hangup(call, None).unwrap();
    host.reaches(call, CallState::Ended);
    drop(peer);
    let verdict = host.judge_echo(codec.sample_rate_hz(), &limits(codec));
    assert!(verdict.passed(), "{codec:?}, srtp {srtp}, we call {we_call}: {verdict:#?}");
}

#[test]
fn calls_baresip_with_pcmu() {
    check_call(CodecKind::Pcmu, false, true);
}

#[test]
fn calls_baresip_with_pcma() {
    check_call(CodecKind::Pcma, false, true);
}

#[test]
fn calls_baresip_with_opus() {
    check_call(CodecKind::Opus, false, true);
}

#[test]
fn calls_baresip_with_pcmu_over_srtp() {
    check_call(CodecKind::Pcmu, true, true);
}

#[test]
fn calls_baresip_with_pcma_over_srtp() {
    check_call(CodecKind::Pcma, true, true);
}

#[test]
fn calls_baresip_with_opus_over_srtp() {
    check_call(CodecKind::Opus, true, true);
}

#[test]
fn is_called_by_baresip_with_pcmu() {
    check_call(CodecKind::Pcmu, false, false);
}

#[test]
fn is_called_by_baresip_with_pcma() {
    check_call(CodecKind::Pcma, false, false);
}

#[test]
fn is_called_by_baresip_with_opus() {
    check_call(CodecKind::Opus, false, false);
}

#[test]
fn is_called_by_baresip_with_pcmu_over_srtp() {
    check_call(CodecKind::Pcmu, true, false);
}

#[test]
fn is_called_by_baresip_with_pcma_over_srtp() {
    check_call(CodecKind::Pcma, true, false);
}

#[test]
fn is_called_by_baresip_with_opus_over_srtp() {
    check_call(CodecKind::Opus, true, false);
}

#[test]
fn refuses_a_plain_call_where_srtp_is_mandatory() {
    let folder = Folder::new("host");
    let mut host = Host::start(&folder, SPEECH);
    let own = host.account(account(CodecKind::Pcmu, true));
    let peer = Baresip::start(&Role::Answers, "PCMU", false);
    let call = host.engine.dial(Some(own), &peer.uri, DialOptions::default(), None).unwrap();
    let code = host.reaches(call, CallState::Ended);
    assert_eq!(code, 488, "baresip has no SRTP here and says so");
}
