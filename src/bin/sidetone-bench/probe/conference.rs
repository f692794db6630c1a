//! A conference in which everybody hears everybody: each party says a tone of its own, and is heard
//! right when all other tones come back, its own does not, and each is as loud as it should be.
//!
//! The tones are multiples of 10 Hz, so that over 100 ms they are orthogonal wherever a block begins,
//! and no delay has to be known. A gap of one packet makes a tone 1.9 dB weaker in its block.

use sidetone::base::plan::CodecKind;

use super::{
    Outcome, Record,
    check::{Findings, grid, open},
    content::{Content, LOOP_SECONDS, decoded, decoder},
};

/// Most parties whose tones fit between 300 and 3000 Hz.
pub const PARTIES_MAX: usize = 45;
/// Peak of each tone, of 32768.
const AMPLITUDE: f64 = 6_000.0;
/// Blocks of sound that are looked at, per second.
const BLOCKS_PER_S: u32 = 10;
/// How far a tone may be from its due level, dB.
const TOLERANCE_DB: f64 = 1.0;
/// How much weaker than the others a party's own tone has to be, dB.
const OWN_BELOW_DB: f64 = 20.0;

/// What party number `party` says.
pub fn content(codec: CodecKind, party: usize) -> Content {
    let rate_hz = f64::from(codec.sample_rate_hz());
    let step = std::f64::consts::TAU * tone_hz(party) / rate_hz;
    // Phases apart, or the crests of all tones would meet.
    let phase = (party * party) as f64;
    let length = LOOP_SECONDS * codec.sample_rate_hz() as usize;
    let pcm: Vec<i16> =
        (0..length).map(|i| (AMPLITUDE * (phase + step * i as f64).sin()) as i16).collect();
    Content::of_pcm(codec, &pcm)
}

/// Looks through all parties; `gain_db` is what was asked of the bridge.
pub fn check(outcome: &Outcome, codec: CodecKind, gain_db: f64) -> Findings {
    let mut findings = Findings::default();
    let (begin, end) = outcome.window;
    let parties = outcome.records.len();
    let due = (end - begin).as_millis() as u64 * u64::from(BLOCKS_PER_S) / 1000;
    let block = (codec.sample_rate_hz() / BLOCKS_PER_S) as usize;
    for (party, record) in outcome.records.iter().enumerate() {
        findings.blocks += due;
        let heard = heard(record, outcome, codec, &mut findings);
        let blocks = heard.chunks_exact(block).take(due as usize);
        let right = blocks.filter(|part| is_right(part, party, parties, codec, gain_db));
        findings.matched += right.count() as u64;
    }
    findings
}

/// What came back in the window, on the call's own time line, silence where a packet is missing.
fn heard(
    record: &Record,
    outcome: &Outcome,
    codec: CodecKind,
    findings: &mut Findings,
) -> Vec<f32> {
    let packets = open(record, codec);
    grid(&packets, outcome, codec, findings);
    let mut decoder = decoder(codec);
    let mut heard = Vec::new();
    let mut first = None;
    for packet in packets.iter().filter(|packet| packet.arrival >= outcome.window.0) {
        let at = (packet.at - *first.get_or_insert(packet.at)) as usize;
        // What jumps ahead by more than the longest window was not said by a sane phone.
        if at > heard.len() + 60 * codec.sample_rate_hz() as usize {
            break;
        }
        heard.resize(at, 0.0);
        heard.extend(decoded(decoder.as_mut(), &packet.payload));
    }
    heard
}

fn is_right(part: &[f32], party: usize, parties: usize, codec: CodecKind, gain_db: f64) -> bool {
    (0..parties).all(|other| {
        let level = level(part, tone_hz(other) / f64::from(codec.sample_rate_hz()));
        let off_db = 20.0 * (level / AMPLITUDE).max(1e-6).log10() - gain_db;
        if other == party { off_db < -OWN_BELOW_DB } else { off_db.abs() <= TOLERANCE_DB }
    })
}

fn tone_hz(party: usize) -> f64 {
    300.0 + 60.0 * (party % PARTIES_MAX) as f64
}

/// Peak of the tone at `frequency` (of the sample rate) in `part` (Goertzel's algorithm).
fn level(part: &[f32], frequency: f64) -> f64 {
    let factor = 2.0 * (std::f64::consts::TAU * frequency).cos();
    let (mut last, mut before) = (0.0, 0.0);
    for sample in part {
        (last, before) = (f64::from(*sample) + factor * last - before, last);
    }
    let power = last * last + before * before - factor * last * before;
    2.0 * power.max(0.0).sqrt() / part.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODEC: CodecKind = CodecKind::Pcmu;
    const GAIN_DB: f64 = -16.0;

    /// 100 ms of the sum of what `parties` say, from anywhere.
    fn sum(parties: impl Iterator<Item = usize>) -> Vec<f32> {
        let mut sum = vec![0.0; 800];
        let gain = 10f32.powf(GAIN_DB as f32 / 20.0);
        for party in parties {
            let pcm = content(CODEC, party).pcm;
            let from = 333 + 97 * party;
            for (sum, said) in sum.iter_mut().zip(&pcm[from..]) {
                *sum += gain * said;
            }
        }
        sum
    }

    #[test]
    fn the_sum_of_all_others_is_right_and_nothing_else() {
        let right = |part: &[f32]| is_right(part, 3, 40, CODEC, GAIN_DB);
        let others = || (0..40).filter(|party| *party != 3);
        assert!(right(&sum(others())));
        assert!(!right(&sum(0..40)), "its own voice");
        assert!(!right(&sum(others().filter(|party| *party != 39))), "one is missing");
        let mut gap = sum(others());
        gap[320..480].fill(0.0);
        assert!(!right(&gap), "a packet is missing");
        let loud: Vec<f32> = sum(others()).iter().map(|sample| sample * 1.2).collect();
        assert!(!right(&loud), "too loud");
    }
}
