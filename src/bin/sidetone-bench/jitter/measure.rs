//! The two runs of one phone, and what is made of them.

use std::{io, time::Duration};

use serde_json::{Value, json};
use sidetone::base::plan::CodecKind;

use super::{
    blocks::{Blocks, Rules, look_up},
    exchange::Exchange,
};
use crate::{
    clicks,
    impair::Impairment,
    live::Live,
    phone::Phone,
    place::Place,
    probe::{self, Manner, Outcome, Plan, content::Content},
    report,
};

/// What calls there are, and how long.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// Codec of every call.
    pub codec: CodecKind,
    /// Calls at once.
    pub calls: usize,
    /// Length of what is measured of each run, seconds.
    pub seconds: f64,
    /// How long calls run before, seconds.
    pub warm: f64,
    /// Where the probe's threads run.
    pub place: Place,
}

impl Terms {
    /// Measures a phone through a network. `delay_ms` of the object is null when nothing came back.
    /// `live` tells of it meanwhile.
    pub fn measure(
        &self,
        mut phone: Phone,
        impairment: &Impairment,
        live: Option<&Live>,
    ) -> io::Result<Value> {
        let plan = Plan {
            codec: self.codec,
            calls: self.calls,
            srtp: false,
            target: phone.address,
            user: phone.user.clone(),
            warm: Duration::from_secs_f64(self.warm),
            // What is said in the last moments needs time to come back.
            window: Duration::from_secs_f64(self.seconds + TAIL_S),
        };
        let said = |content: fn(CodecKind, usize) -> Content| Manner {
            contents: Some((0..plan.calls).map(|call| content(self.codec, call)).collect()),
            impairment: Some(impairment),
            place: self.place,
            live,
        };
        let mut numbers = Vec::new();
        // A look costs the phone some time: the first is taken before the window begins.
        let sound = probe::run(&plan, said(Content::of_call), |_| {
            self.place.level(phone.pid());
            numbers.push(phone.numbers());
        })?;
        let heard = self.blocks(&sound);
        let clicks = probe::run(&plan, said(Content::clicks), |_| self.place.level(phone.pid()))?;
        let least_s = heard.delay_ms.iter().copied().fold(f64::INFINITY, f64::min) / 1000.0;
        let (delays, lost) = self.clicks(&clicks, least_s);
        let count = delays.len() + lost;
        let call_seconds = self.seconds * plan.calls as f64;
        Ok(json!({
            "phone": phone.name,
            "delay_ms": report::summary(&delays),
            "sound_delay_ms": report::summary(&heard.delay_ms),
            "heard_percent": percent(heard.found, heard.due),
            "delay_steps_per_s": report::round(heard.steps as f64 / call_seconds, 3),
            "clicks": count,
            "clicks_lost_percent": percent(lost as u64, count as u64),
            "network": self.network(&sound),
            "says_of_itself": own_words(&numbers),
        }))
    }
}

impl Terms {
    /// The part of a run whose echo has come back by its end, seconds from the begin of its window.
    fn span(&self, outcome: &Outcome) -> (f64, f64) {
        let (begin, end) = outcome.window;
        (0.0, (end - begin).as_secs_f64() - TAIL_S)
    }

    fn exchanges<'a>(&self, outcome: &'a Outcome) -> impl Iterator<Item = Exchange> + use<'a> {
        let (codec, begin) = (self.codec, outcome.window.0);
        outcome.records.iter().map(move |record| Exchange::of(record, codec, begin))
    }

    fn blocks(&self, outcome: &Outcome) -> Blocks {
        let mut all = Blocks::default();
        for exchange in self.exchanges(outcome) {
            all.add(look_up(&exchange, Rules::of(self.codec), self.span(outcome)));
        }
        all
    }

    /// Delay of each click that came back, ms, and how many did not. None is faster than `least_s`.
    fn clicks(&self, outcome: &Outcome, least_s: f64) -> (Vec<f64>, usize) {
        let (mut delays, mut lost) = (Vec::new(), 0);
        for exchange in self.exchanges(outcome) {
            let (said, heard) = clicks_of(&exchange, self.span(outcome));
            let least_s = if least_s.is_finite() { (least_s - 0.01).max(0.0) } else { 0.0 };
            for time in said {
                match clicks::following(&heard, time + least_s, REACH_S) {
                    Some(heard) => delays.push(1000.0 * (heard - time)),
                    None => lost += 1,
                }
            }
        }
        (delays, lost)
    }

    /// What the network did to the packets of the window, and how late this end let them go.
    fn network(&self, outcome: &Outcome) -> Value {
        let (from, to) = self.span(outcome);
        let begin = outcome.window.0 + Duration::from_secs_f64(from);
        let end = outcome.window.0 + Duration::from_secs_f64(to.max(0.0));
        let packets = outcome.records.iter().flat_map(|r| r.sent.iter().zip(&r.delivered));
        let packets: Vec<_> = packets.filter(|(sent, _)| (begin..end).contains(*sent)).collect();
        let delays: Vec<f64> = packets
            .iter()
            .filter_map(|(sent, out)| {
                Some(1000.0 * (*out).as_ref()?.duration_since(**sent).as_secs_f64())
            })
            .collect();
        json!({
            "delivered_percent": percent(delays.len() as u64, packets.len() as u64),
            "delay_ms": report::summary(&delays),
            "late_ms": report::summary(&outcome.late_ms),
        })
    }
}

/// When clicks were said in `span`, and when any came back, in seconds.
fn clicks_of(exchange: &Exchange, (begin, end): (f64, f64)) -> (Vec<f64>, Vec<f64>) {
    let at = |seconds: f64| (seconds * f64::from(exchange.rate_hz)).round() as usize;
    let find = |samples: &[f32]| {
        let samples: Vec<f32> = samples.iter().map(|sample| sample / 32_768.0).collect();
        clicks::find(&samples, exchange.rate_hz).into_iter().map(at)
    };
    let of_loop: Vec<usize> = find(&exchange.said).collect();
    let loops = exchange.sent_s.len() * exchange.frame() / exchange.said.len().max(1) + 1;
    let said = (0..loops)
        .flat_map(|round| of_loop.iter().map(move |at| (round, at)))
        .filter_map(|(round, at)| exchange.said_at(round * exchange.said.len() + at))
        .filter(|time| (begin..end).contains(time))
        .collect();
    let heard = find(&exchange.heard).filter_map(|at| exchange.heard_at(at)).collect();
    (said, heard)
}

/// What our engine says of the window: the growth of its counters, and its delays as they are now.
fn own_words(numbers: &[Option<Value>]) -> Value {
    let [Some(first), Some(last)] = numbers else { return Value::Null };
    let grown = |key: &str| {
        let number = |value: &Value| value[key].as_u64().unwrap_or(0);
        number(last).saturating_sub(number(first))
    };
    let mut own = json!({});
    for key in [
        "received_packets",
        "lost_packets",
        "late_packets",
        "duplicate_packets",
        "discarded_packets",
        "concealed_ms",
        "accelerated_ms",
        "stretched_ms",
    ] {
        own[key] = json!(grown(key));
    }
    own["concealed_percent"] = percent(grown("concealed_ms"), grown("played_ms"));
    own["jitter_ms"] = last["jitter_ms"].clone();
    own["target_delay_ms"] = last["target_delay_ms"].clone();
    own["playout_delay_ms"] = last["playout_delay_ms"].clone();
    own
}

/// `part` of `whole`, %; nothing of nothing.
fn percent(part: u64, whole: u64) -> Value {
    match whole {
        0 => Value::Null,
        whole => json!(report::round(100.0 * part as f64 / whole as f64, 3)),
    }
}

/// Seconds that the last sound of a run has to come back.
const TAIL_S: f64 = 3.0;
/// A click that comes later than that behind the fastest sound might be the next one, seconds.
const REACH_S: f64 = 0.38;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clicks_are_timed_at_both_ends_round_after_round() {
        let said = Content::clicks(CodecKind::Pcmu, 3).pcm;
        let packets = 2 * said.len() / 160;
        let sent_s: Vec<f64> = (0..packets).map(|n| n as f64 * 0.02).collect();
        let late = 500;
        let heard = (0..packets * 160)
            .map(|i| if i < late { 0.0 } else { said[(i - late) % said.len()] })
            .collect();
        let exchange = Exchange {
            rate_hz: 8_000,
            came: sent_s.iter().enumerate().map(|(n, sent)| (n * 160, *sent)).collect(),
            delivered: vec![true; packets],
            sent_s,
            said,
            heard,
        };
        let (said, heard) = clicks_of(&exchange, (0.0, 11.0));
        assert!(said.len() >= 20);
        for time in said {
            let heard = clicks::following(&heard, time + 0.05, REACH_S).unwrap();
            assert!((heard - time - 0.0625).abs() < 1e-9, "{time} {heard}");
        }
    }

    #[test]
    fn its_own_words_are_what_its_counters_grew_by() {
        let first = json!({"lost_packets": 5, "concealed_ms": 100, "played_ms": 1_000});
        let last = json!({"lost_packets": 9, "concealed_ms": 140, "played_ms": 3_000,
                          "jitter_ms": 4.5});
        let own = own_words(&[Some(first), Some(last)]);
        assert_eq!((&own["lost_packets"], &own["concealed_percent"]), (&json!(4), &json!(2.0)));
        assert_eq!((&own["jitter_ms"], &own["late_packets"]), (&json!(4.5), &json!(0)));
        assert!(own_words(&[None, None]).is_null());
    }
}
