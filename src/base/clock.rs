//! Sleep of the machine, seen by its clocks: the monotonic one stands still meanwhile (Linux, macOS)
//! or does not, the wall clock goes on.

use std::time::{Duration, Instant};

/// Two clocks may differ by this much without anybody having slept: they are read one after the
/// other, and the wall clock is slewed.
const TOLERANCE: Duration = Duration::from_secs(5);

/// Compares the two clocks from look to look.
#[derive(Clone, Copy, Debug, Default)]
pub struct SleepWatch {
    last: Option<(Instant, Duration)>,
}

impl SleepWatch {
    /// A look at both clocks, `wall` since any fixed day. Gives how long the machine slept since the
    /// look before, when it did. A wall clock that is set forward looks the same; what follows from
    /// it is harmless.
    pub fn look(&mut self, now: Instant, wall: Duration) -> Option<Duration> {
        let (then, wall_then) = self.last.replace((now, wall))?;
        let passed = now.saturating_duration_since(then);
        let jump = wall.checked_sub(wall_then)?.checked_sub(passed)?;
        (jump > TOLERANCE).then_some(jump)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jump_of_the_wall_clock_is_sleep_and_a_step_back_or_a_slew_is_not() {
        let (start, s) = (Instant::now(), Duration::from_secs);
        let mut watch = SleepWatch::default();
        assert_eq!(watch.look(start, s(1000)), None, "the first look");
        assert_eq!(watch.look(start + s(60), s(1062)), None, "a slew");
        assert_eq!(watch.look(start + s(61), s(4663)), Some(s(3600)));
        assert_eq!(watch.look(start + s(62), s(4664)), None, "told once");
        assert_eq!(watch.look(start + s(63), s(100)), None, "set back");
        assert_eq!(watch.look(start + s(64), s(101)), None);
    }
}
