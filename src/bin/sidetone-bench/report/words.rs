//! What figures mean, in which unit they are, which way is better, and what each command's figures
//! do not show.
//!
//! A figure is known by the last part of its name. A report may bring its own words: an object
//! `definitions` (name to text) and a list `not_shown` of texts.

use serde_json::Value;

/// Which way a figure is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// Less of it.
    Lower,
    /// More of it.
    Higher,
    /// Neither: a setting, a count, a fact.
    Neither,
}

use Better::{Higher, Lower, Neither};

/// Which way the figure `name` is better.
pub fn better(name: &str) -> Better {
    if let Some((_, better, _)) = known(name) {
        return *better;
    }
    let last = last(name);
    let counts_faults = FAULTS.iter().any(|fault| last.contains(fault));
    if counts_faults || last.ends_with("_ms") || last.ends_with("_us") { Lower } else { Neither }
}

/// What the figure `name` is, by the report's own words or by ours.
pub fn meaning(report: &Value, name: &str) -> Option<String> {
    let own = &report["definitions"];
    let told = own.get(name).or_else(|| own.get(last(name))).and_then(Value::as_str);
    told.map(str::to_owned).or_else(|| known(name).map(|(_, _, text)| (*text).to_owned()))
}

/// The unit that a figure's name ends in; empty for none.
pub fn unit(name: &str) -> &'static str {
    let parts = name.rsplit('.');
    let of = |part: &str| UNITS.iter().find(|(end, _)| part.ends_with(end)).map(|(_, unit)| *unit);
    // The parts of `hops_ms` have their unit from there.
    parts.take(2).find_map(of).unwrap_or("")
}

/// What the figures of the report do not show, sentence by sentence.
pub fn not_shown(report: &Value) -> Vec<String> {
    let kind = report["kind"].as_str().unwrap_or_default();
    let ours = NOT_SHOWN.iter().filter(|(of, _)| *of == kind || of.is_empty());
    let own = report["not_shown"].as_array().into_iter().flatten().filter_map(Value::as_str);
    own.chain(ours.map(|(_, text)| *text)).map(str::to_owned).collect()
}

/// A colour's number and a title for the parts of a whole, in the order in which sound passes them.
pub fn hop(name: &str) -> Option<(usize, &'static str)> {
    HOPS.iter().position(|(hop, _)| *hop == name).map(|at| (at, HOPS[at].1))
}

fn known(name: &str) -> Option<&'static (&'static str, Better, &'static str)> {
    let last = last(name);
    WORDS.iter().find(|(word, ..)| *word == last)
}

fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// Parts of a report that are prose.
pub const PROSE: [&str; 2] = ["definitions", "not_shown"];

const FAULTS: [&str; 8] =
    ["lost", "late", "failed", "refused", "concealed", "dropped", "underrun", "retransmi"];

const UNITS: &[(&str, &str)] = &[
    ("_ms", "ms"),
    ("_us", "µs"),
    ("_s", "s"),
    ("_bytes", "bytes"),
    ("_percent", "%"),
    ("_db", "dB"),
    ("_hz", "Hz"),
    ("_per_call", "per call"),
];

const HOPS: [(&str, &str); 5] = [
    ("capture", "capture"),
    ("encode", "encode"),
    ("network", "network"),
    ("jitter_buffer_and_decode", "jitter buffer, decode"),
    ("playout", "playout"),
];

const WORDS: &[(&str, Better, &str)] = &[
    (
        "mouth_to_ear_ms",
        Lower,
        "From a sound at the microphone to the same sound at the far end's loudspeaker. At the top \
         of this report: there and back between two engines without devices, halved.",
    ),
    ("hops_ms", Lower, "Where mouth to ear goes; the parts of each sound add up to its whole."),
    ("capture", Lower, "The sound waits for the microphone's period to be full."),
    (
        "encode",
        Lower,
        "From the period to the packet on the wire: waiting for the worker, filling a packet, \
         encoding, sending.",
    ),
    ("network", Lower, "From the packet's leaving to its arrival, as both ends captured it."),
    (
        "jitter_buffer_and_decode",
        Lower,
        "From the packet's arrival until its sound is queued for the loudspeaker.",
    ),
    ("playout", Lower, "The sound waits in the loudspeaker's queue for its period, and within it."),
    ("microphone_to_wire_ms", Lower, "Capture and encode together."),
    ("wire_ms", Lower, "The network hop."),
    ("wire_to_loudspeaker_ms", Lower, "Jitter buffer, decode and playout together."),
    (
        "departure_interval_ms",
        Neither,
        "Time between packets that leave one after the other; the packet time is right.",
    ),
    (
        "arrival_interval_ms",
        Neither,
        "Time between packets that follow one another, where they arrive; the packet time is right.",
    ),
    (
        "departure_jitter_ms",
        Lower,
        "Interarrival jitter (RFC 3550 §6.4.1) as the packets leave, after each packet.",
    ),
    (
        "arrival_jitter_ms",
        Lower,
        "Interarrival jitter (RFC 3550 §6.4.1) as the packets arrive, after each packet.",
    ),
    (
        "mos",
        Higher,
        "MOS of the E-model (ITU-T G.107), 1 to 4.5, out of the median mouth to ear and the \
         concealed share; all else at its defaults.",
    ),
    ("r_factor", Higher, "R of the E-model (ITU-T G.107) from which the MOS is."),
    (
        "intact_percent",
        Higher,
        "Share of the audio played that was neither concealment nor cut nor stretched.",
    ),
    ("concealed_percent", Lower, "Share of the audio played that was concealment."),
    ("clicks", Neither, "Sounds that were spoken."),
    ("clicks_heard_percent", Higher, "Share of the sounds spoken that were found again."),
    (
        "turn_around_ms",
        Lower,
        "From a packet's leaving the far end to the return of its sound: a perfect reflector \
         scores 0.",
    ),
    (
        "packet_spacing_ms",
        Lower,
        "How far each packet is from where a clock of 20 ms would have put it.",
    ),
    ("matched_percent", Higher, "Share of the sound that came back right, at the right gain."),
    ("gain_db", Neither, "Gain of the sound that came back."),
    ("setup_ms", Lower, "INVITE to 200."),
    ("invite_to_200_ms", Lower, "INVITE to 200."),
    (
        "delay_ms",
        Lower,
        "From the moment at which a click would have arrived in a network without any delay to its \
         return. That of `network` is what packets took to get through it.",
    ),
    ("sound_delay_ms", Lower, "The same of sound that never repeats, piece by piece."),
    (
        "heard_percent",
        Higher,
        "Share of what the network delivered that is found in what came back.",
    ),
    ("delay_steps_per_s", Lower, "Changes of the playing delay by more than 4 ms, of each call."),
    ("clicks_lost_percent", Lower, "Share of the clicks that did not come back."),
    ("delivered_percent", Neither, "Share of the packets that the network let through."),
    ("late_ms", Lower, "How late the probe let packets go: a fault of the measurement."),
    ("jitter_ms", Neither, "Interarrival jitter (RFC 3550 §6.4.1), as the phone tells it."),
    ("target_delay_ms", Neither, "What the jitter buffer aims at, as the phone tells it."),
    ("playout_delay_ms", Lower, "Delay of the jitter buffer, as the phone tells it."),
    ("broken_rules", Lower, "Rules that did not hold."),
    ("lost_packets", Lower, "Packets that never came."),
    ("late_packets", Lower, "Packets that came too late to be played."),
    ("late_ticks", Lower, "Rounds of a media worker that began late."),
    ("ticks", Neither, "Rounds of the media workers."),
    ("concealed_ms", Lower, "Audio that was concealment."),
    ("accelerated_ms", Lower, "Audio cut out to shorten the jitter buffer's delay."),
    ("stretched_ms", Lower, "Audio put in to lengthen the jitter buffer's delay."),
    ("cpu_ms", Lower, "CPU time of the process within the window, as the kernel counts it."),
    ("cpu_ms_per_call_s", Lower, "CPU time for one second of one call."),
    ("cpu_ms_per_call", Lower, "CPU time for one call."),
    ("core_share", Lower, "CPU time by wall time: 1 is one core."),
    ("private_bytes", Lower, "Memory that is the process's alone and was written to."),
    ("pss_bytes", Lower, "Proportional set size: shared pages are split among their users."),
    ("memory_bytes_per_call", Lower, "Growth of private memory, for each call."),
    ("library_bytes", Lower, "Size of the shared library."),
    ("threads", Lower, "Threads of the process."),
    ("voluntary", Lower, "Times a second that the process went to sleep by itself: wake-ups."),
    ("involuntary", Lower, "Times a second that the process was pushed aside."),
    ("calls_per_s", Higher, "Calls made and ended in a second."),
    ("failed", Lower, "Calls that failed."),
    ("window_s", Neither, "Length of the measured window."),
    (
        "round_trip_ms",
        Lower,
        "From the callback that took a sound for the loudspeaker to the callback that brought it \
         back from the microphone, each plus the sound's place in its block.",
    ),
    ("playback_callback_us", Lower, "Time that the engine's part of a playback callback took."),
    ("capture_callback_us", Lower, "Time that the engine's part of a capture callback took."),
    (
        "playback_interval_ms",
        Neither,
        "Time between the beginnings of one playback callback and the next.",
    ),
    (
        "capture_interval_ms",
        Neither,
        "Time between the beginnings of one capture callback and the next.",
    ),
    ("playback_underruns", Lower, "Callbacks that had too little to play, while the clicks ran."),
    ("capture_lost_frames", Lower, "Frames of the microphone for which there was no room."),
    ("playback_told_ms", Neither, "Delay to the loudspeaker as the system tells it."),
    ("capture_told_ms", Neither, "Delay from the microphone as the system tells it."),
];

const NOT_SHOWN: &[(&str, &str)] = &[
    (
        "latency",
        "No sound card is in it: a card and its server add their periods on both sides. \
         `sidetone-bench device` measures those.",
    ),
    (
        "latency",
        "Both ends share one machine and one clock; the network is the loopback, which has no \
         distance, no loss and no queue.",
    ),
    (
        "latency",
        "The moment at which a sound is queued for the loudspeaker is seen to about a millisecond.",
    ),
    (
        "latency",
        "MOS is computed, not heard: the E-model knows delay and loss, not noise, echo or \
         loudness.",
    ),
    ("calls", "The far end runs on the same machine and takes its share of the cores."),
    ("setup", "sipp and the phone share one machine; no proxy, no TLS and no distance is in it."),
    ("jitter", "The way back from the phone is a good one, and no sound card is in it."),
    (
        "jitter",
        "The network is a seeded model or a trace, not a network; its faults are the same in each \
         run.",
    ),
    ("soak", "It measures no time: what is slow is not broken."),
    (
        "table",
        "The phone and what loads it share one machine; a figure without cores and priorities of \
         their own holds what else ran there.",
    ),
    ("footprint", "No call runs and no sound card is open."),
    (
        "device",
        "What lies beyond the system's own buffers is in it only as far as the cable or the \
         monitor goes: converters, air and Bluetooth are in a loop through them and in no other.",
    ),
    ("device", "The engine's jitter buffer, codec and network are not in it."),
    (
        "",
        "Percentiles are by nearest rank. A maximum is one measurement, and a busy machine makes \
         one.",
    ),
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn direction_unit_and_meaning_follow_the_last_part_of_the_name() {
        assert_eq!(better("stepped.hops_ms.network"), Lower);
        assert_eq!(better("quality.mos"), Higher);
        assert_eq!(better("n"), Neither);
        assert_eq!(better("other.answer_ms"), Lower, "unknown times are better short");
        assert_eq!(better("events_lost"), Lower, "unknown counts of faults are better low");
        let units = ["a.b_ms", "hops_ms.encode", "n", "cpu_ms_per_call", "x_us"].map(unit);
        assert_eq!(units, ["ms", "ms", "", "per call", "µs"]);
        let report = json!({ "definitions": { "mos": "ours" } });
        assert_eq!(meaning(&report, "quality.mos").as_deref(), Some("ours"));
        assert!(meaning(&report, "a.r_factor").is_some_and(|text| text.contains("G.107")));
        assert_eq!(meaning(&report, "a.n"), None);
    }

    #[test]
    fn no_word_is_told_twice() {
        for (at, (word, ..)) in WORDS.iter().enumerate() {
            assert!(!WORDS[..at].iter().any(|(other, ..)| other == word), "{word}");
        }
    }

    #[test]
    fn a_reports_own_limits_come_before_those_of_its_kind() {
        let report = json!({ "kind": "footprint", "not_shown": ["This."] });
        let told = not_shown(&report);
        assert_eq!((told.len(), told[0].as_str()), (3, "This."));
        assert!(told[2].starts_with("Percentiles"));
    }
}
