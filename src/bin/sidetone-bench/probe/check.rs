//! Reads what came back of each call: is it that call's own sound, at the gain that was asked for,
//! and how much later?

use std::time::Instant;

use sidetone::{
    base::{
        plan::CodecKind,
        time::{RtpTimestamp, Unwrap},
    },
    proto::srtp::{Unprotect, webrtc::WebrtcUnprotect},
};

use super::{
    GRID, Outcome, Record,
    content::{decoded, decoder},
    sip::SUITE,
};

/// What was found in all calls together.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// Blocks of sound looked at, and those that were the right ones at the right gain.
    pub blocks: u64,
    /// The right ones.
    pub matched: u64,
    /// Packets that never came back, of those that were due in the window.
    pub lost_packets: u64,
    /// Turn-around of every block that matched, ms: a perfect reflector scores 0. With the second of
    /// the window at which it came.
    pub turn_around_ms: Vec<(f64, f64)>,
    /// Departure of each packet from its call's 20 ms grid, ms, with the second of the window.
    pub spacing_ms: Vec<(f64, f64)>,
    /// Gains seen in matched blocks, dB.
    pub gain_db: Vec<f64>,
}

impl Findings {
    /// Share of the blocks that matched, 0 to 1.
    pub fn share(&self) -> f64 {
        if self.blocks == 0 { 0.0 } else { self.matched as f64 / self.blocks as f64 }
    }
}

/// A returned packet, opened.
#[derive(Debug)]
pub struct Packet {
    /// When it came.
    pub arrival: Instant,
    /// First sample on the call's own time line.
    pub at: u64,
    /// Its payload.
    pub payload: Vec<u8>,
}

/// Looks through all calls. `gain_db` is what the phone was told to do to the sound; of a stranger's
/// it is the middle of what is seen in the first call that comes back, 40 dB down and 20 up at most.
pub fn check(outcome: &Outcome, codec: CodecKind, gain_db: Option<f64>) -> Findings {
    let gain_db = gain_db.or_else(|| seen_gain(outcome, codec)).unwrap_or(0.0);
    let mut findings = Findings::default();
    for record in &outcome.records {
        let packets = open(record, codec);
        grid(&packets, outcome, codec, &mut findings);
        let reach_db = Rules::of(codec).gain_db;
        compare(record, &packets, outcome, codec, (gain_db, reach_db), &mut findings);
    }
    findings
}

/// Looks at the times of all calls' packets only, and at no sound.
pub fn check_times(outcome: &Outcome, codec: CodecKind) -> Findings {
    let mut findings = Findings::default();
    for record in &outcome.records {
        grid(&open(record, codec), outcome, codec, &mut findings);
    }
    findings
}

/// The gain of a phone that nobody knows.
fn seen_gain(outcome: &Outcome, codec: CodecKind) -> Option<f64> {
    outcome.records.iter().find_map(|record| {
        let mut findings = Findings::default();
        let packets = open(record, codec);
        compare(record, &packets, outcome, codec, (-10.0, 30.0), &mut findings);
        findings.gain_db.sort_by(f64::total_cmp);
        findings.gain_db.get(findings.gain_db.len() / 2).copied()
    })
}

/// Opens the datagrams of a call and puts them in order.
pub fn open(record: &Record, codec: CodecKind) -> Vec<Packet> {
    let mut unprotect = record
        .dialog
        .keys
        .as_ref()
        .and_then(|(_, theirs)| WebrtcUnprotect::new(SUITE, theirs).ok());
    let mut unwrap = Unwrap::new();
    let mut ssrc = None;
    let mut packets = Vec::new();
    for (arrival, datagram) in &record.received {
        let mut bytes = datagram.clone();
        // RTCP comes to the same port when it is muxed (RFC 5761 §4).
        if bytes.len() < 12 || bytes[0] >> 6 != 2 || (192..224).contains(&bytes[1]) {
            continue;
        }
        if let Some(unprotect) = &mut unprotect {
            match unprotect.unprotect_rtp(&mut bytes) {
                Ok(length) => bytes.truncate(length),
                Err(_) => continue,
            }
        }
        let word = |at: usize| {
            u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
        };
        if *ssrc.get_or_insert(word(8)) != word(8) {
            continue;
        }
        let at = unwrap.timestamp(RtpTimestamp(word(4)).0) * samples_per_tick(codec);
        let header = 12 + 4 * usize::from(bytes[0] & 0x0f);
        packets.push(Packet {
            arrival: *arrival,
            at,
            payload: bytes.split_off(header.min(bytes.len())),
        });
    }
    packets.sort_by_key(|packet| packet.at);
    packets.dedup_by_key(|packet| packet.at);
    packets
}

/// Samples in one tick of the RTP clock: two with G.722 (RFC 3551 §4.5.2), else one.
pub fn samples_per_tick(codec: CodecKind) -> u64 {
    u64::from(codec.sample_rate_hz() / codec.clock_rate_hz())
}

/// How far each packet is from where a clock of 20 ms would have put it, and how many are missing.
pub(super) fn grid(
    packets: &[Packet],
    outcome: &Outcome,
    codec: CodecKind,
    findings: &mut Findings,
) {
    let (begin, end) = outcome.window;
    let inside: Vec<&Packet> =
        packets.iter().filter(|p| (begin..end).contains(&p.arrival)).collect();
    let Some(first) = inside.first() else {
        findings.lost_packets += ((end - begin).as_millis() / GRID.as_millis()) as u64;
        return;
    };
    let rate = f64::from(codec.sample_rate_hz());
    let off: Vec<f64> = inside
        .iter()
        .map(|p| {
            let due = (p.at - first.at) as f64 / rate;
            ((p.arrival - begin).as_secs_f64() - due) * 1000.0
        })
        .collect();
    let frame = u64::from(codec.sample_rate_hz() / 50);
    let span = inside.last().map_or(0, |last| (last.at - first.at) / frame + 1);
    findings.lost_packets += span.saturating_sub(inside.len() as u64);
    let mut sorted = off.clone();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted[sorted.len() / 2];
    let seconds = inside.iter().map(|p| (p.arrival - begin).as_secs_f64());
    findings.spacing_ms.extend(seconds.zip(off.iter().map(|o| (o - middle).abs())));
}

fn compare(
    record: &Record,
    packets: &[Packet],
    outcome: &Outcome,
    codec: CodecKind,
    (gain_db, reach_db): (f64, f64),
    findings: &mut Findings,
) {
    let (begin, end) = outcome.window;
    let rules = Rules::of(codec);
    let frame = codec.sample_rate_hz() as usize / 50;
    let due = ((end - begin).as_millis() / rules.block_ms) as u64;
    findings.blocks += due;
    let Some(first) = packets.first() else { return };
    // The call's own time line, silence where a packet is missing.
    let span = packets.last().map_or(0, |last| (last.at - first.at) as usize + frame);
    let mut heard = vec![0f32; span];
    let mut arrivals: Vec<Option<Instant>> = vec![None; span / frame + 1];
    let mut decoder = decoder(codec);
    for packet in packets {
        let at = (packet.at - first.at) as usize;
        let pcm = decoded(decoder.as_mut(), &packet.payload);
        heard[at..at + frame].copy_from_slice(&pcm);
        arrivals[at / frame] = Some(packet.arrival);
    }
    let block = frame * rules.block_ms as usize / GRID.as_millis() as usize;
    let said = Said { record, frame };
    let Some(start) = packets.iter().find(|p| p.arrival >= begin) else { return };
    let start = (start.at - first.at) as usize;
    let Some(mut behind) = said.first_delay(&heard, start, start_time(packets, begin), codec)
    else {
        return;
    };
    let mut matched = 0;
    for number in 0..due as usize {
        let at = start + number * block;
        let Some(part) = heard.get(at..at + block) else { break };
        let Some(found) = said.matching(part, at as i64, &mut behind, &rules) else { continue };
        if (found - gain_db).abs() > reach_db {
            continue;
        }
        matched += 1;
        findings.gain_db.push(found);
        let came = arrivals.get(at / frame).copied().flatten();
        if let (Some(came), Some(left)) = (came, said.left(at as i64 - behind)) {
            let within =
                (at % frame) as f64 - ((at as i64 - behind).rem_euclid(frame as i64)) as f64;
            let within_ms = 1000.0 * within / f64::from(codec.sample_rate_hz());
            let delay_ms = 1000.0 * (came - left).as_secs_f64();
            let second = came.saturating_duration_since(begin).as_secs_f64();
            findings.turn_around_ms.push((second, delay_ms + within_ms));
        }
    }
    findings.matched += matched.min(due);
}

fn start_time(packets: &[Packet], begin: Instant) -> Instant {
    packets.iter().find(|p| p.arrival >= begin).map_or(begin, |p| p.arrival)
}

/// What counts as the same sound.
struct Rules {
    block_ms: u128,
    correlation: f64,
    gain_db: f64,
}

impl Rules {
    fn of(codec: CodecKind) -> Self {
        match codec {
            // Twice through Opus at 32 kbit/s leaves 0.83 at the least, and 0.98 as a rule; what was
            // never said stays under 0.6.
            CodecKind::Opus => Self { block_ms: 200, correlation: 0.75, gain_db: 1.5 },
            _ => Self { block_ms: 20, correlation: 0.95, gain_db: 1.0 },
        }
    }
}

/// What was said in a call, on its time line.
struct Said<'a> {
    record: &'a Record,
    frame: usize,
}

impl Said<'_> {
    fn sample(&self, at: i64) -> f32 {
        let pcm = &self.record.content.pcm;
        pcm[at.rem_euclid(pcm.len() as i64) as usize]
    }

    /// When the packet left that held that sample.
    fn left(&self, at: i64) -> Option<Instant> {
        self.record.sent.get(usize::try_from(at).ok()? / self.frame).copied()
    }

    /// By how many samples the time line of what came lies behind that of what was said.
    fn first_delay(
        &self,
        heard: &[f32],
        start: usize,
        came: Instant,
        codec: CodecKind,
    ) -> Option<i64> {
        let part = heard.get(start..start + self.frame * 100)?;
        let newest = self.record.sent.iter().take_while(|left| **left <= came).count() as i64;
        let newest = newest * self.frame as i64;
        // A third of a second back, on a coarse grid first where the rate is high. Two seconds of sound,
        // for a shorter piece may fall into a pause.
        let step = (codec.sample_rate_hz() / 8_000) as usize;
        let score = |from: i64, every: usize| {
            let pairs = part.iter().enumerate().step_by(every);
            correlation(pairs.map(|(i, heard)| (*heard, self.sample(from + i as i64)))).0
        };
        let best = |range: &mut dyn Iterator<Item = i64>, every: usize| {
            range.map(|from| (from, score(from, every))).max_by(|a, b| a.1.total_cmp(&b.1))
        };
        let back = i64::from(codec.sample_rate_hz()) / 3;
        let (near, _) = best(&mut (newest - back..newest).step_by(step.div_ceil(2)), step * 2)?;
        let (from, _) = best(&mut (near - step as i64..=near + step as i64), 1)?;
        Some(start as i64 - from)
    }

    /// The gain of `part` at the present delay, or at one nearby, which then becomes the present.
    fn matching(&self, part: &[f32], at: i64, behind: &mut i64, rules: &Rules) -> Option<f64> {
        let score = |behind: i64| {
            let pairs = part.iter().enumerate();
            correlation(pairs.map(|(i, heard)| (*heard, self.sample(at + i as i64 - behind))))
        };
        let (here, gain) = score(*behind);
        if here >= rules.correlation {
            return Some(gain);
        }
        // A jitter buffer may have shifted its delay by up to 30 ms.
        let reach = (self.frame * 3 / 2) as i64;
        let step = (self.frame / 160).max(1);
        let near = (*behind - reach..=*behind + reach)
            .step_by(step)
            .map(|b| (b, score(b)))
            .max_by(|a, b| a.1.0.total_cmp(&b.1.0))?;
        let (found, (correlation, gain)) = (near.0 - step as i64..=near.0 + step as i64)
            .map(|b| (b, score(b)))
            .max_by(|a, b| a.1.0.total_cmp(&b.1.0))?;
        if correlation < rules.correlation {
            return None;
        }
        *behind = found;
        Some(gain)
    }
}

/// Normalised correlation, and level of the first against the second in dB.
fn correlation(pairs: impl Iterator<Item = (f32, f32)>) -> (f64, f64) {
    let (mut product, mut first, mut second) = (0f32, 0f32, 0f32);
    for (a, b) in pairs {
        product += a * b;
        first += a * a;
        second += b * b;
    }
    let (product, first, second) = (f64::from(product), f64::from(first), f64::from(second));
    if first < 1.0 || second < 1.0 {
        return (0.0, -96.0);
    }
    (product / (first * second).sqrt(), 10.0 * (first / second).log10())
}
