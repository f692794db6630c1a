//! Settings of Opus, of accounts and of calls, as they come out on the wire: the description, the
//! band and size of packets, pauses. The far end is plain sockets with an `a=fmtp` of its own.

#[path = "support/child.rs"]
#[allow(dead_code)]
mod child;
#[path = "support/plain_peer.rs"]
#[allow(dead_code)]
mod plain_peer;

use std::time::Duration;

use child::Folder;
use plain_peer::{Datagrams, header};
use sidetone::{
    Engine,
    base::{
        opus::{OpusBandwidth, OpusSettings},
        plan::CodecKind,
        rng::Rng,
    },
    device::wav,
    engine::{AccountConfig, DialOptions, EngineConfig, ErrorKind, PlayOptions, SrtpPolicy},
};

/// One call: what the account and the dial say, and what the far end's `a=fmtp`.
#[derive(Clone, Copy, Default)]
struct Trial {
    account: OpusSettings,
    dial: OpusSettings,
    fmtp: &'static str,
    /// Nothing is played: silence.
    silent: bool,
}

/// What the far end saw.
struct Seen {
    /// The offer's `a=fmtp`.
    fmtp: String,
    /// Bandwidth of each packet by its TOC (RFC 6716 table 2).
    bands: Vec<OpusBandwidth>,
    /// Octets of each payload.
    octets: Vec<usize>,
    /// RTP ticks from each packet to the next.
    steps: Vec<u32>,
}

impl Trial {
    fn run(self) -> Seen {
        let (folder, sip) = (Folder::new("opus"), Datagrams::bind([127, 0, 0, 1].into()));
        let rtp = Datagrams::bind([127, 0, 0, 1].into());
        let engine = engine();
        let account = engine.account_add(account(self.account), None).unwrap();
        let options = DialOptions { opus: self.dial, ..DialOptions::default() };
        let call = engine.dial(Some(account), &sip.uri(), options, None).unwrap();
        let noise = folder.path("noise.wav");
        wav::write(&noise, 48_000, 1, &noise_of(2)).unwrap();
        let (invite, from) = sip.receive_method("INVITE");
        let attribute = |name: &str| invite.lines().find_map(|line| line.strip_prefix(name));
        let fmtp = attribute("a=fmtp:96 ").unwrap_or_default().to_owned();
        if !self.silent {
            let repeat = PlayOptions { repeat: true, ..PlayOptions::default() };
            engine.play(call, &noise, repeat, None).unwrap();
        }
        sip.send(&accept(&invite, &sip, &rtp, self.fmtp), from);
        let clock = |p: &[u8]| u32::from_be_bytes([p[4], p[5], p[6], p[7]]);
        let step = |two: &[Vec<u8>]| clock(&two[1]).wrapping_sub(clock(&two[0]));
        let mut packets: Vec<Vec<u8>> = Vec::new();
        // Within a pause a packet comes every 400 ms, so the first pause is enough.
        while packets.len() < 60 && !packets.windows(2).any(|two| step(two) > 960) {
            let (packet, _) = rtp.receive_octets();
            packets.extend((packet[1] & 0x7f == 96).then_some(packet));
        }
        // The first few are of the encoder's beginning.
        let packets = if self.silent { &packets } else { &packets[20..] };
        Seen {
            fmtp,
            bands: packets.iter().map(|packet| band(packet[12])).collect(),
            octets: packets.iter().map(|packet| packet.len() - 12).collect(),
            steps: packets.windows(2).map(step).collect(),
        }
    }
}

impl Seen {
    fn mean_octets(&self) -> usize {
        self.octets.iter().sum::<usize>() / self.octets.len()
    }

    /// The band of all packets.
    fn band(&self) -> OpusBandwidth {
        assert!(self.bands.iter().all(|band| *band == self.bands[0]), "{:?}", self.bands);
        self.bands[0]
    }
}

fn engine() -> Engine {
    let bind = [127, 0, 0, 1].into();
    Engine::new(EngineConfig { bind, ..EngineConfig::default() }).unwrap()
}

fn account(opus: OpusSettings) -> AccountConfig {
    AccountConfig {
        aor: "sip:alice@127.0.0.1".into(),
        codecs: vec![CodecKind::Opus],
        srtp: SrtpPolicy::Off,
        opus,
        ..AccountConfig::default()
    }
}

/// Seconds of white noise at 48 kHz, which fills every band.
fn noise_of(seconds: usize) -> Vec<i16> {
    let mut rng = Rng::from_number(5);
    (0..seconds * 48_000).map(|_| (rng.below(16_000) as i32 - 8_000) as i16).collect()
}

fn accept(invite: &str, sip: &Datagrams, rtp: &Datagrams, fmtp: &str) -> String {
    let fmtp = if fmtp.is_empty() { String::new() } else { format!("a=fmtp:96 {fmtp}\r\n") };
    let sdp = format!(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
         m=audio {} RTP/AVP 96\r\na=rtpmap:96 opus/48000/2\r\n{fmtp}a=ptime:20\r\n",
        rtp.address().port(),
    );
    format!(
        "SIP/2.0 200 OK\r\nVia: {}\r\nFrom: {}\r\nTo: {};tag=plain\r\nCall-ID: {}\r\nCSeq: {}\r\n\
         Contact: <{}>\r\nContent-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{sdp}",
        header(invite, "Via"),
        header(invite, "From"),
        header(invite, "To"),
        header(invite, "Call-ID"),
        header(invite, "CSeq"),
        sip.uri(),
        sdp.len(),
    )
}

fn band(toc: u8) -> OpusBandwidth {
    match toc >> 3 {
        0..=3 | 16..=19 => OpusBandwidth::Narrow,
        4..=7 => OpusBandwidth::Medium,
        8..=11 | 20..=23 => OpusBandwidth::Wide,
        12 | 13 | 24..=27 => OpusBandwidth::Superwide,
        _ => OpusBandwidth::Full,
    }
}

fn rate(bitrate_bps: u32) -> OpusSettings {
    OpusSettings { bitrate_bps: Some(bitrate_bps), ..OpusSettings::default() }
}

fn up_to(bandwidth: OpusBandwidth) -> OpusSettings {
    OpusSettings { bandwidth: Some(bandwidth), ..OpusSettings::default() }
}

#[test]
fn the_bit_rate_is_the_dial_s_else_the_account_s_and_never_above_what_the_far_end_takes() {
    let plain = Trial::default();
    let cases = [
        (plain, 32_000),
        (Trial { account: rate(16_000), ..plain }, 16_000),
        (Trial { account: rate(16_000), dial: rate(64_000), ..plain }, 64_000),
        (Trial { dial: rate(96_000), ..plain }, 96_000),
        (Trial { dial: rate(64_000), fmtp: "maxaveragebitrate=20000", ..plain }, 20_000),
        (Trial { dial: rate(16_000), fmtp: "maxaveragebitrate=40000", ..plain }, 16_000),
        (Trial { fmtp: "maxaveragebitrate=510000", ..plain }, 64_000),
    ];
    std::thread::scope(|scope| {
        for (trial, bitrate_bps) in cases {
            scope.spawn(move || {
                let seen = trial.run();
                let due = bitrate_bps / 8 / 50;
                let mean = seen.mean_octets();
                assert!(mean.abs_diff(due) <= due / 5, "{mean} octets a packet, {due} are due");
            });
        }
    });
}

#[test]
fn packets_are_no_wider_than_either_end_wants() {
    let plain = Trial { account: rate(64_000), ..Trial::default() };
    let wide = OpusBandwidth::Wide;
    let cases = [
        (plain, OpusBandwidth::Full),
        (Trial { dial: up_to(OpusBandwidth::Narrow), ..plain }, OpusBandwidth::Narrow),
        (Trial { dial: up_to(wide), ..plain }, wide),
        (Trial { dial: up_to(OpusBandwidth::Superwide), ..plain }, OpusBandwidth::Superwide),
        (Trial { fmtp: "maxplaybackrate=16000", ..plain }, wide),
        (Trial { dial: up_to(wide), fmtp: "maxplaybackrate=8000", ..plain }, OpusBandwidth::Narrow),
        (Trial { dial: up_to(wide), fmtp: "maxplaybackrate=24000", ..plain }, wide),
    ];
    std::thread::scope(|scope| {
        for (trial, due) in cases {
            scope.spawn(move || assert_eq!(trial.run().band(), due));
        }
    });
}

#[test]
fn pauses_are_sent_as_pauses_where_the_far_end_asks_for_it_or_the_host_does() {
    let silent = Trial { silent: true, ..Trial::default() };
    let dtx = |on| OpusSettings { dtx: Some(on), ..OpusSettings::default() };
    let cases = [
        (silent, false),
        (Trial { fmtp: "usedtx=1", ..silent }, true),
        (Trial { dial: dtx(true), ..silent }, true),
        (Trial { dial: dtx(false), fmtp: "usedtx=1", ..silent }, false),
        (Trial { account: dtx(true), dial: dtx(false), ..silent }, false),
    ];
    std::thread::scope(|scope| {
        for (trial, pauses) in cases {
            scope.spawn(move || {
                let steps = trial.run().steps;
                assert_eq!(steps.iter().any(|step| *step > 960), pauses, "{steps:?}");
            });
        }
    });
}

#[test]
fn the_offer_says_what_the_far_end_is_asked_for() {
    let all = OpusSettings {
        complexity: Some(0),
        bitrate_bps: Some(16_000),
        bandwidth: Some(OpusBandwidth::Wide),
        fec: Some(false),
        dtx: Some(true),
    };
    let said = |account, dial| Trial { account, dial, ..Trial::default() }.run().fmtp;
    let nothing = OpusSettings::default();
    assert_eq!(said(nothing, nothing), "useinbandfec=1");
    assert_eq!(said(all, nothing), "maxplaybackrate=16000;maxaveragebitrate=16000;usedtx=1");
    let back = OpusSettings { fec: Some(true), dtx: Some(false), ..nothing };
    assert_eq!(said(all, back), "maxplaybackrate=16000;maxaveragebitrate=16000;useinbandfec=1");
}

#[test]
fn settings_that_opus_does_not_have_are_refused() {
    let engine = engine();
    let complexity = OpusSettings { complexity: Some(11), ..OpusSettings::default() };
    for wrong in [complexity, rate(5_999), rate(510_001)] {
        let refused = engine.account_add(account(wrong), None).unwrap_err();
        assert_eq!(refused.kind, ErrorKind::InvalidArgument);
        let options = DialOptions { opus: wrong, ..DialOptions::default() };
        let refused = engine.dial(None, "sip:x@127.0.0.1", options, None).unwrap_err();
        assert_eq!(refused.kind, ErrorKind::InvalidArgument);
    }
    engine.shutdown(Duration::from_secs(2));
}
