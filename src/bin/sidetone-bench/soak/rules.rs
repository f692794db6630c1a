//! What has to be true of each call, of all together, and of the phone's memory. Pure: facts in,
//! broken rules out, each as a line for people.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};

use super::{conduct::Conduct, media::PTIME};

/// The phone's counters of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counters {
    /// Packets that it sent so far.
    pub sent: u64,
    /// Packets of the caller that it believed.
    pub received: u64,
    /// Packets that it misses.
    pub lost: u64,
    /// Datagrams that it threw away.
    pub discarded: u64,
    /// Packets that it had before.
    pub duplicate: u64,
}

impl Counters {
    /// Reads a line of the phone's.
    pub fn read(word: &Value) -> Option<Self> {
        let number = |key: &str| word[key].as_u64();
        Some(Self {
            sent: number("sent")?,
            received: number("received")?,
            lost: number("lost")?,
            discarded: number("discarded")?,
            duplicate: number("duplicate")?,
        })
    }

    /// Datagrams of the caller that it knows of.
    pub fn account_for(&self) -> u64 {
        self.received + self.lost + self.discarded + self.duplicate
    }
}

/// What happened in a call.
#[derive(Clone, Debug)]
pub struct Facts {
    /// How the caller behaved.
    pub conduct: Conduct,
    /// The phone told its host of the call.
    pub incoming: bool,
    /// It answered.
    pub connected: bool,
    /// It answered with this final status instead.
    pub refused: Option<u16>,
    /// Why the call ended, in the phone's words.
    pub reason: Option<String>,
    /// In which state it stuck.
    pub stuck: Option<String>,
    /// Valid RTP packets that the caller sent.
    pub sent: u64,
    /// Other datagrams that it sent there.
    pub garbage: u64,
    /// RTP packets that it received.
    pub received: u64,
    /// Numbers between them that never came.
    pub missing: u64,
    /// What the phone says of its packets, when the caller had stopped.
    pub counters: Option<Counters>,
    /// When it was first asked.
    pub asked_at: Option<Duration>,
    /// When the call was over for the caller.
    pub over_at: Option<Duration>,
}

impl Facts {
    /// Of a call that has not begun.
    pub fn new(conduct: Conduct) -> Self {
        Self {
            conduct,
            incoming: false,
            connected: false,
            refused: None,
            reason: None,
            stuck: None,
            sent: 0,
            garbage: 0,
            received: 0,
            missing: 0,
            counters: None,
            asked_at: None,
            over_at: None,
        }
    }

    /// Every rule that this call broke.
    pub fn broken(&self) -> Vec<String> {
        let name = self.conduct.name();
        if let Some(state) = &self.stuck {
            return vec![format!("a call ({name}) stuck in {state}")];
        }
        let mut broken = Vec::new();
        let expected = self.conduct == Conduct::CancelsEarly && self.refused == Some(487);
        if let Some(status) = self.refused.filter(|_| !expected) {
            broken.push(format!("a call ({name}) was refused with {status}"));
        }
        match &self.reason {
            Some(reason) if self.conduct.reasons().contains(&reason.as_str()) => {}
            Some(reason) => broken.push(format!("a call ({name}) ended by {reason}")),
            None if self.incoming => broken.push(format!("a call ({name}) ended without a word")),
            None => {}
        }
        if self.connected && self.conduct.is_counted() {
            self.count(&mut broken);
        }
        broken
    }

    /// Whether the counters of both ends agree.
    fn count(&self, broken: &mut Vec<String>) {
        let name = self.conduct.name();
        let Some(counters) = self.counters else {
            broken.push(format!("no counters of a call ({name})"));
            return;
        };
        let went = self.sent + self.garbage;
        if counters.account_for() != went || counters.received > self.sent {
            broken
                .push(format!("{went} datagrams went in ({name}), and the phone has {counters:?}"));
        }
        let came = self.received + self.missing;
        let (Some(asked), Some(over)) = (self.asked_at, self.over_at) else { return };
        // It goes on sending after it was asked; its counters are a little old, and a busy
        // machine makes it catch up later.
        let since = over.saturating_sub(asked) + Duration::from_secs(3);
        let most = counters.sent + since.as_millis() as u64 / PTIME.as_millis() as u64;
        if !(counters.sent..=most).contains(&came) {
            broken.push(format!(
                "the phone sent {} packets ({name}), and {came} came",
                counters.sent
            ));
        }
    }
}

/// All calls together.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Calls placed.
    pub placed: u64,
    /// Those that are over, by conduct.
    pub over: BTreeMap<&'static str, u64>,
    /// Those that the phone told its host of.
    pub announced: u64,
    /// Those that were answered.
    pub connected: u64,
    /// RTP of calls whose packets are counted: sent and not RTP, by the caller.
    sent: u64,
    garbage: u64,
    counters: [u64; 4],
    received: u64,
    missing: u64,
    /// The first broken rules, and how many in all.
    pub broken: Vec<String>,
    /// How many rules were broken.
    pub broken_count: u64,
}

impl Tally {
    /// Takes in a call that is over.
    pub fn add(&mut self, facts: &Facts) {
        *self.over.entry(facts.conduct.name()).or_default() += 1;
        self.announced += u64::from(facts.incoming);
        self.connected += u64::from(facts.connected);
        if let Some(counters) = facts.counters.filter(|_| facts.conduct.is_counted()) {
            self.sent += facts.sent;
            self.garbage += facts.garbage;
            self.received += facts.received;
            self.missing += facts.missing;
            let Counters { received, lost, discarded, duplicate, .. } = counters;
            for (sum, part) in self.counters.iter_mut().zip([received, lost, discarded, duplicate])
            {
                *sum += part;
            }
        }
        self.breaks(facts.broken());
    }

    /// Notes broken rules.
    pub fn breaks(&mut self, broken: Vec<String>) {
        self.broken_count += broken.len() as u64;
        let room = MOST_TOLD.saturating_sub(self.broken.len());
        self.broken.extend(broken.into_iter().take(room));
    }

    /// Calls that are over.
    pub fn count(&self) -> u64 {
        self.over.values().sum()
    }

    /// Every rule that the phone broke by its own totals, once no call is left.
    pub fn broken_by(&self, totals: &Value) -> Vec<String> {
        let number = |key: &str| totals[key].as_u64().unwrap_or(u64::MAX);
        let ended: u64 = totals["ended"]
            .as_object()
            .map_or(0, |reasons| reasons.values().filter_map(Value::as_u64).sum());
        let mut broken = Vec::new();
        let mut demand = |holds: bool, text: String| broken.extend((!holds).then_some(text));
        let incoming = number("incoming");
        demand(number("live") == 0, format!("{} calls are left", number("live")));
        demand(ended == incoming, format!("{incoming} calls came in, {ended} ended"));
        demand(
            (self.announced..=self.placed).contains(&incoming),
            format!("{} calls were placed, {incoming} came in", self.placed),
        );
        let (begun, over) = (number("recordings_begun"), number("recordings_ended"));
        demand(begun == over, format!("{begun} recordings began, {over} ended"));
        demand(
            begun.saturating_add(self.early()) >= self.connected,
            format!("{} calls were answered, {begun} recorded", self.connected),
        );
        for key in NEVER {
            demand(number(key) == 0, format!("{key}: {}", number(key)));
        }
        broken
    }

    /// Calls that may have gone before they were connected.
    fn early(&self) -> u64 {
        let over = |conduct: Conduct| self.over.get(conduct.name()).copied().unwrap_or(0);
        over(Conduct::CancelsEarly) + over(Conduct::NoAck)
    }

    /// Packets of both ends, of all calls whose packets are counted.
    pub fn packets(&self) -> Value {
        let [received, lost, discarded, duplicate] = self.counters;
        json!({
            "sent": self.sent,
            "garbage_sent": self.garbage,
            "phone_received": received,
            "phone_lost": lost,
            "phone_discarded": discarded,
            "phone_duplicate": duplicate,
            "received": self.received,
            "missing": self.missing,
        })
    }
}

/// Memory once everything has run warm, and at the end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Growth {
    /// Median of the first third after the warm-up, bytes.
    pub first_bytes: u64,
    /// Median of the last third.
    pub last_bytes: u64,
}

impl Growth {
    /// Of samples taken at equal intervals after the warm-up; `None` of fewer than [`LEAST_SAMPLES`].
    pub fn of(samples: &[u64]) -> Option<Self> {
        let third = samples.len() / 3;
        if samples.len() < LEAST_SAMPLES {
            return None;
        }
        let median = |part: &[u64]| {
            let mut sorted = part.to_vec();
            sorted.sort_unstable();
            sorted[sorted.len() / 2]
        };
        Some(Self {
            first_bytes: median(&samples[..third]),
            last_bytes: median(&samples[samples.len() - third..]),
        })
    }

    /// Whether it has stayed the same, but for a tenth and a MiB: calls come and go.
    pub fn is_flat(&self) -> bool {
        self.last_bytes <= self.first_bytes + self.first_bytes / 10 + (1 << 20)
    }
}

/// What the phone's totals must not hold.
const NEVER: [&str; 6] = [
    "unanswered",
    "recordings_spoiled",
    "events_lost",
    "faults",
    "sip_over_rate",
    "sip_over_limit",
];
/// Broken rules that are told one by one.
const MOST_TOLD: usize = 20;
/// Fewer tell nothing of memory.
const LEAST_SAMPLES: usize = 30;

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> Facts {
        Facts {
            incoming: true,
            connected: true,
            reason: Some("RemoteHangup".into()),
            sent: 500,
            received: 530,
            counters: Some(Counters {
                sent: 525,
                received: 498,
                lost: 1,
                discarded: 1,
                duplicate: 0,
            }),
            asked_at: Some(Duration::from_secs(11)),
            over_at: Some(Duration::from_millis(11_100)),
            ..Facts::new(Conduct::Good)
        }
    }

    fn broken(change: impl FnOnce(&mut Facts)) -> String {
        let mut facts = good();
        change(&mut facts);
        facts.broken().join("; ")
    }

    #[test]
    fn a_call_whose_counters_agree_breaks_no_rule() {
        assert_eq!(broken(|_| {}), "");
        // The network at the caller's end may lose some as well.
        assert_eq!(broken(|f| (f.received, f.missing) = (500, 30)), "");
        assert_eq!(broken(|f| f.conduct = Conduct::Malformed), "");
    }

    #[test]
    fn each_disagreement_breaks_a_rule() {
        assert!(broken(|f| f.sent = 501).contains("501 datagrams went in"));
        assert!(broken(|f| (f.sent, f.garbage) = (490, 10)).contains("500 datagrams went in"));
        assert!(broken(|f| f.received = 524).contains("sent 525 packets"));
        assert!(broken(|f| f.received = 700).contains("700 came"));
        assert!(broken(|f| f.counters = None).contains("no counters"));
        assert!(broken(|f| f.reason = None).contains("without a word"));
        assert!(broken(|f| f.reason = Some("Timeout".into())).contains("ended by Timeout"));
        assert!(broken(|f| f.refused = Some(486)).contains("refused with 486"));
        assert!(broken(|f| f.stuck = Some("Leaving".into())).contains("stuck in Leaving"));
    }

    #[test]
    fn bad_calls_end_as_they_should() {
        let vanished = |reason: &str| {
            broken(|f| {
                (f.conduct, f.counters) = (Conduct::Vanishes, None);
                f.reason = Some(reason.into());
            })
        };
        assert_eq!(vanished("DeadMedia"), "");
        assert!(vanished("RemoteHangup").contains("ended by RemoteHangup"));
        let cancelled = |incoming: bool, reason: Option<&str>| {
            broken(|f| {
                *f = Facts::new(Conduct::CancelsEarly);
                (f.incoming, f.refused) = (incoming, Some(487));
                f.reason = reason.map(str::to_owned);
            })
        };
        assert_eq!(cancelled(true, Some("RemoteCancel")), "");
        assert_eq!(cancelled(false, None), "");
        assert!(cancelled(true, Some("Timeout")).contains("Timeout"));
    }

    fn totals() -> Value {
        json!({
            "live": 0, "incoming": 3, "ended": {"RemoteHangup": 2, "DeadMedia": 1},
            "unanswered": 0, "recordings_begun": 3, "recordings_ended": 3, "recordings_spoiled": 0,
            "events_lost": 0, "faults": 0, "sip_over_rate": 0, "sip_over_limit": 0,
        })
    }

    #[test]
    fn totals_have_to_add_up() {
        let mut tally = Tally { placed: 3, ..Tally::default() };
        for _ in 0..3 {
            tally.add(&good());
        }
        assert_eq!((tally.count(), tally.broken_count), (3, 0));
        assert_eq!(tally.packets()["phone_received"], 3 * 498);
        assert_eq!(tally.broken_by(&totals()), Vec::<String>::new());
        for (key, value, why) in [
            ("live", json!(1), "1 calls are left"),
            ("incoming", json!(4), "4 calls came in, 3 ended"),
            ("ended", json!({"RemoteHangup": 2}), "3 calls came in, 2 ended"),
            ("recordings_ended", json!(2), "3 recordings began, 2 ended"),
            ("recordings_begun", json!(2), "3 calls were answered, 2 recorded"),
            ("recordings_spoiled", json!(1), "recordings_spoiled: 1"),
            ("faults", json!(1), "faults: 1"),
            ("unanswered", json!(1), "unanswered: 1"),
            ("sip_over_limit", json!(1), "sip_over_limit: 1"),
        ] {
            let mut wrong = totals();
            wrong[key] = value;
            assert!(tally.broken_by(&wrong).contains(&why.to_owned()), "{key}");
        }
        assert!(!tally.broken_by(&json!({})).is_empty());
    }

    #[test]
    fn many_broken_rules_are_counted_and_the_first_are_told() {
        let mut tally = Tally::default();
        for _ in 0..50 {
            tally.add(&Facts { stuck: Some("Talking".into()), ..good() });
        }
        assert_eq!((tally.broken.len(), tally.broken_count), (MOST_TOLD, 50));
    }

    #[test]
    fn memory_that_comes_and_goes_is_flat_and_a_leak_is_not() {
        let samples = |leak: u64| -> Vec<u64> {
            (0..300).map(|n| 20_000_000 + (n * 7_919 % 13) * 100_000 + n * leak).collect()
        };
        assert!(Growth::of(&samples(0)).unwrap().is_flat());
        // 20 KB with each sample: 4 MB from the first third to the last.
        assert!(!Growth::of(&samples(20_000)).unwrap().is_flat());
        assert_eq!(Growth::of(&samples(0)[..LEAST_SAMPLES - 1]), None);
    }
}
