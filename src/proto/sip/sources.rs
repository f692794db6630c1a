//! How much one source may send: a token bucket per address, before anything is parsed.
//!
//! ```text
//! datagram ─▶ admit(now, source) ─┬─ true ──▶ endpoint
//!                                 └─ false ─▶ dropped and counted
//! ```
//!
//! What is dropped gets no answer: an answer would double a flood, and over UDP whoever keeps to
//! SIP's timers sends again. An IPv6 source is its /64, of which a single host has all addresses.
//!
//! Not here: what one source may hold open (that is [`super::endpoint::Limits`]).

use std::{
    collections::HashMap,
    net::IpAddr,
    time::{Duration, Instant},
};

use crate::base::source::network_of;

/// Sources told apart at once. Beyond it those that are quiet are forgotten, and while none is, all
/// further ones share one bucket.
pub const MOST_SOURCES: usize = 4096;

/// The buckets of all sources.
#[derive(Debug)]
pub struct SourceLimiter {
    /// Messages a second; 0: without limit.
    rate: u32,
    sources: HashMap<IpAddr, Bucket>,
    /// Of those that found no room in the table.
    others: Bucket,
}

/// What a source has left. A full bucket holds one second's worth.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// When it would be full again, if nothing more came.
    full_at: Instant,
}

impl SourceLimiter {
    /// At most `rate` messages a second from one source on average, and as many at once; 0: as many
    /// as come.
    pub fn new(now: Instant, rate: u32) -> Self {
        Self { rate, sources: HashMap::new(), others: Bucket { full_at: now } }
    }

    /// Whether a message of `source` may pass; if so it is counted.
    pub fn admit(&mut self, now: Instant, source: IpAddr) -> bool {
        if self.rate == 0 {
            return true;
        }
        let cost = Duration::from_secs(1) / self.rate;
        let source = network_of(source);
        if let Some(bucket) = self.sources.get_mut(&source) {
            return bucket.take(now, cost);
        }
        if self.sources.len() >= MOST_SOURCES {
            self.sources.retain(|_, bucket| bucket.full_at > now);
        }
        if self.sources.len() >= MOST_SOURCES {
            return self.others.take(now, cost);
        }
        let mut bucket = Bucket { full_at: now };
        let admitted = bucket.take(now, cost);
        self.sources.insert(source, bucket);
        admitted
    }
}

impl Bucket {
    fn take(&mut self, now: Instant, cost: Duration) -> bool {
        let full_at = self.full_at.max(now) + cost;
        let admitted = full_at.saturating_duration_since(now) <= Duration::from_secs(1);
        if admitted {
            self.full_at = full_at;
        }
        admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(number: u32) -> IpAddr {
        IpAddr::V4(number.into())
    }

    #[test]
    fn a_second_may_come_at_once_and_then_so_many_a_second() {
        let start = Instant::now();
        let mut limiter = SourceLimiter::new(start, 100);
        let burst = (0..1000).filter(|_| limiter.admit(start, ip(1))).count();
        assert_eq!(burst, 100);
        let mut steady = 0;
        for ms in 0..10_000 {
            steady += u32::from(limiter.admit(start + Duration::from_millis(ms), ip(1)));
        }
        assert!((999..=1001).contains(&steady), "{steady}");
        assert!(limiter.admit(start, ip(2)), "another source is not held to it");
    }

    #[test]
    fn the_table_is_bounded_and_forgets_who_is_quiet() {
        let start = Instant::now();
        let mut limiter = SourceLimiter::new(start, 1);
        let admitted = (0..10_000).filter(|&number| limiter.admit(start, ip(number))).count();
        assert_eq!(admitted, MOST_SOURCES + 1, "the rest shares one bucket");
        assert_eq!(limiter.sources.len(), MOST_SOURCES);
        let later = start + Duration::from_secs(2);
        assert!(limiter.admit(later, ip(20_000)));
        assert_eq!(limiter.sources.len(), 1);
    }

    #[test]
    fn addresses_of_one_network_are_one_source() {
        let start = Instant::now();
        let mut limiter = SourceLimiter::new(start, 1);
        assert!(limiter.admit(start, "2001:db8::1".parse().unwrap()));
        assert!(!limiter.admit(start, "2001:db8::2:3".parse().unwrap()));
        assert!(limiter.admit(start, "2001:db8:0:1::1".parse().unwrap()));
        assert!(limiter.admit(start, "::ffff:192.0.2.1".parse().unwrap()));
        assert!(!limiter.admit(start, "192.0.2.1".parse().unwrap()));
    }

    #[test]
    fn nothing_is_held_back_without_a_limit() {
        let now = Instant::now();
        let mut limiter = SourceLimiter::new(now, 0);
        assert!((0..100_000).all(|_| limiter.admit(now, ip(1))));
    }
}
