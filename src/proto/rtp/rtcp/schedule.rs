//! When the next RTCP packet is due (RFC 3550 §6.2, §6.3), with timer reconsideration. Randomness
//! comes from the caller's generator.

use std::time::{Duration, Instant};

use crate::base::rng::Rng;

/// The transmission timer of §6.3 for a session of two.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// Bytes/s for the RTCP of all members: 5 % of the session's bandwidth.
    bandwidth: f64,
    /// Running mean of compound packet sizes with IP and UDP headers (§6.3.3).
    average_bytes: f64,
    initial: bool,
    members: u32,
    senders: u32,
    we_sent: bool,
    /// Time of the last report (tp).
    previous: Instant,
    /// Time of the next (tn).
    next: Instant,
}

impl Schedule {
    /// Starts the timer (§6.3.2). `session_bytes_per_s`: bandwidth of the session's RTP.
    pub fn new(now: Instant, session_bytes_per_s: u32, rng: &mut Rng) -> Self {
        let mut schedule = Self {
            bandwidth: f64::from(session_bytes_per_s) * RTCP_SHARE,
            average_bytes: f64::from(IP_UDP_BYTES + FIRST_GUESS_BYTES),
            initial: true,
            members: 1,
            senders: 0,
            we_sent: false,
            previous: now,
            next: now,
        };
        schedule.next = now + schedule.interval(rng);
        schedule
    }

    /// When [`Schedule::is_due`] should be asked next.
    pub fn next(&self) -> Instant {
        self.next
    }

    /// Who takes part now: members with us, those of them that sent lately, and whether we did.
    pub fn set_members(&mut self, members: u32, senders: u32, we_sent: bool) {
        self.members = members.max(1);
        self.senders = senders;
        self.we_sent = we_sent;
    }

    /// Whether to send now. The interval is drawn anew at expiry (§6.3.6), so that a group that grew
    /// does not answer in one burst.
    pub fn is_due(&mut self, now: Instant, rng: &mut Rng) -> bool {
        if now < self.next {
            return false;
        }
        let due = self.previous + self.interval(rng);
        if due > now {
            self.next = due;
            return false;
        }
        true
    }

    /// A report of `bytes` left.
    pub fn handle_sent(&mut self, now: Instant, bytes: usize, rng: &mut Rng) {
        self.handle_size(bytes);
        self.previous = now;
        self.initial = false;
        self.next = now + self.interval(rng);
    }

    /// A compound packet of `bytes` came or went (§6.3.3).
    pub fn handle_size(&mut self, bytes: usize) {
        let bytes = bytes as f64 + f64::from(IP_UDP_BYTES);
        self.average_bytes += (bytes - self.average_bytes) / 16.0;
    }

    /// The interval without randomness (§6.3.1): Td, which times out members too.
    pub fn deterministic_interval(&self) -> Duration {
        let minimum = if self.initial { MINIMUM_S / 2.0 } else { MINIMUM_S };
        let members = f64::from(self.members);
        let senders = f64::from(self.senders);
        // A quarter of the bandwidth is for senders while they are at most a quarter of the members.
        let (share, count) = if senders > 0.0 && senders <= members * 0.25 {
            if self.we_sent { (0.25, senders) } else { (0.75, members - senders) }
        } else {
            (1.0, members)
        };
        let interval = count * self.average_bytes / (self.bandwidth * share).max(1.0);
        Duration::from_secs_f64(interval.clamp(minimum, MAXIMUM_S))
    }

    fn interval(&self, rng: &mut Rng) -> Duration {
        let spread = 0.5 + f64::from(rng.below(1 << 24)) / f64::from(1 << 24);
        self.deterministic_interval().mul_f64(spread / COMPENSATION)
    }
}

/// Share of the session bandwidth that RTCP may take (§6.2).
const RTCP_SHARE: f64 = 0.05;
/// Tmin of §6.2; halved before the first report.
const MINIMUM_S: f64 = 5.0;
/// No session of ours is large enough to need more.
const MAXIMUM_S: f64 = 60.0;
/// e - 3/2: timer reconsideration converges to less than the wanted rate (§6.3.1).
const COMPENSATION: f64 = 1.218_28;
const IP_UDP_BYTES: u32 = 28;
const FIRST_GUESS_BYTES: u32 = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_report_comes_at_half_the_minimum_and_later_ones_at_five_seconds_spread() {
        let start = Instant::now();
        let (mut first, mut later) = (Vec::new(), Vec::new());
        for seed in 0..200 {
            let mut rng = Rng::from_number(seed);
            let mut schedule = Schedule::new(start, 8000, &mut rng);
            schedule.set_members(2, 2, true);
            let mut now = start;
            for round in 0..4 {
                let previous = now;
                now = schedule.next();
                while !schedule.is_due(now, &mut rng) {
                    now = schedule.next();
                }
                let list = if round == 0 { &mut first } else { &mut later };
                list.push((now - previous).as_secs_f64());
                schedule.handle_sent(now, 100, &mut rng);
            }
        }
        let bounds = |list: &[f64]| {
            let low = list.iter().copied().fold(f64::MAX, f64::min);
            let high = list.iter().copied().fold(0.0, f64::max);
            (low, high, list.iter().sum::<f64>() / list.len() as f64)
        };
        let (low, high, _) = bounds(&first);
        assert!(low >= 2.5 * 0.5 / 1.21829 && high <= 2.5 * 1.5 / 1.21828, "{low} {high}");
        let (low, high, mean) = bounds(&later);
        assert!(low >= 5.0 * 0.5 / 1.21829 && high <= 5.0 * 1.5 / 1.21828, "{low} {high}");
        assert!((4.5..5.5).contains(&mean), "{mean}");
    }

    #[test]
    fn the_same_seed_gives_the_same_times() {
        let start = Instant::now();
        let next = |seed| Schedule::new(start, 8000, &mut Rng::from_number(seed)).next();
        assert_eq!(next(5), next(5));
        assert_ne!(next(5), next(6));
    }

    #[test]
    fn many_members_share_the_bandwidth() {
        let mut rng = Rng::from_number(1);
        let mut schedule = Schedule::new(Instant::now(), 8000, &mut rng);
        schedule.set_members(100, 2, false);
        // 98 receivers * 128 bytes / (400 * 3/4 bytes/s)
        let seconds = schedule.deterministic_interval().as_secs_f64();
        assert!((seconds - 41.8).abs() < 0.1, "{seconds}");
    }
}
