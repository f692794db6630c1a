//! A link that carries so many bits a second and lets the rest wait.

use std::time::Duration;

/// What is under way on it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Link {
    /// When it will have sent all that it took.
    free_at: Duration,
}

impl Link {
    /// When a packet is through that comes at `at`; `None` if it would wait longer than `longest`.
    pub fn pass(
        &mut self,
        at: Duration,
        bytes: usize,
        bits_per_s: u64,
        longest: Duration,
    ) -> Option<Duration> {
        let begins = self.free_at.max(at);
        if begins - at > longest {
            return None;
        }
        let bits = (bytes + HEADERS) as f64 * 8.0;
        self.free_at = begins + Duration::from_secs_f64(bits / bits_per_s.max(1) as f64);
        Some(self.free_at)
    }
}

/// Octets of IPv4 and UDP headers.
const HEADERS: usize = 28;

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn a_packet_takes_the_time_of_its_bits() {
        // 172 octets and 28 of headers at 80 kbit/s: 20 ms.
        let mut link = Link::default();
        assert_eq!(link.pass(MS * 100, 172, 80_000, MS * 50), Some(MS * 120));
        assert_eq!(link.pass(MS * 200, 172, 80_000, MS * 50), Some(MS * 220));
    }

    #[test]
    fn a_link_that_is_too_slow_queues_and_then_drops() {
        let mut link = Link::default();
        let fates: Vec<_> =
            (0..100).map(|n| link.pass(MS * 20 * n, 172, 40_000, MS * 100)).collect();
        let waits: Vec<_> =
            (0u32..).zip(&fates).filter_map(|(n, f)| Some((*f)? - MS * 20 * n)).collect();
        assert!(waits.iter().all(|wait| *wait <= MS * 140));
        assert_eq!(waits.iter().max(), Some(&(MS * 140)));
        // Half of what comes fits.
        let lost = fates.iter().filter(|fate| fate.is_none()).count();
        assert!((45..50).contains(&lost), "{lost}");
    }
}
