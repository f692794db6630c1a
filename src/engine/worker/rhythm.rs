//! When the calls of a group make their audio, where no card leads.
//!
//! A group is calls that hear each other, most often one call alone. It has a round for each packet
//! time: its packets are read, 20 ms are made of them (10 where packets are no multiple of that), and
//! leave at once. The rhythm follows the packets: a round that comes before those that it needs is put
//! off, one that long had time to spare comes earlier. So a packet waits for a few milliseconds instead
//! of for half a packet time, and the calls of a worker spread over the packet time by themselves.
//!
//! A packet that is seldom late, though, and then by no more than 7.5 ms, moves nothing: the round that
//! lacks it waits, and the next one comes at its own time. So what leaves stays on its grid of 20 ms.
//! Where many are late the rhythm itself comes later, by all that they need.
//!
//! ```text
//! packets     |         |         |          |
//! rounds        |         |         |          |       just behind them
//! slots     . . . . . . . . . . . . . . . . . . . .    2.5 ms: many groups share one wake-up
//! ```

use std::time::{Duration, Instant};

use super::pacer::FRAME;
use crate::{media::jitter::Slack, net::rtp_udp::READ_EVERY};

/// Frames in a round, at most.
pub(super) const FRAMES: usize = 2;
/// Rounds begin at multiples of this.
pub(super) const SLOT: Duration = Duration::from_micros(2_500);
const SLOT_NANOS: i64 = SLOT.as_nanos() as i64;
/// Time to spare that is left alone, besides a part of a slot: more than wake-ups are late by (0.1 ms
/// on Linux; 1 ms where the timers of the system are coarse, which goes with its giving no stamps).
const MARGIN_NANOS: i64 = if READ_EVERY.is_some() { 1_000_000 } else { 500_000 };
/// Rounds that must have had time to spare before they come earlier: the first time, and later. Each
/// time asks for twice as many as the one before: two ends that both follow each other's packets would
/// else hurry each other for ever.
const PATIENCE: [u32; 2] = [5, 50];
const PATIENCE_MAX: u32 = 800;
/// A round that lacks a packet waits for it so long, in slots: while that is rare, and where it is not.
const WAIT_SLOTS: [u32; 2] = [3, 1];
/// Rounds for each wait, which make it rare; and how many waits too soon end that.
const RARE: u32 = 64;
const RARE_WAITS: u32 = 4;
/// Rounds without sound that are a pause of the far end, and not a loss.
const PAUSE: u32 = 4;
/// Rounds until waits are taken to be rare again: the first time, and at most. Each time asks for twice
/// as many as the one before.
const OFTEN_FOR: [u32; 2] = [500, 16_000];
/// A group that was kept off the processor for longer skips what it missed.
const CATCH_UP: Duration = Duration::from_millis(300);

/// A group's rhythm. All calls of a group have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rhythm {
    /// The time of the next round: what it gives is to be heard from then on.
    pub(super) next: Instant,
    /// When the sockets were read last, or the rhythm began.
    pub(super) read: Instant,
    /// When the last figures were published.
    pub(super) published: Instant,
    /// Frames of 10 ms in a round.
    pub(super) frames: u32,
    /// How often in a row it was put off, in slots.
    put_off: u32,
    /// This round waits so many slots for a packet that is late.
    waits: u32,
    /// Rounds that the waits so far ask for, and whether they are too many.
    debt: u32,
    often: bool,
    often_for: u32,
    /// The last round with sound waited; and rounds without any since.
    charged: bool,
    silent: u32,
    /// The least time to spare of the last rounds, and how many they are.
    spare: i64,
    spared: u32,
    patience: u32,
}

/// What is to be done at the time of a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It comes later by so much, and so do those after it.
    Later(Duration),
    /// It alone comes a little later.
    Wait,
    /// Now; the one after it comes earlier than usual by so much.
    Now(Duration),
}

impl Rhythm {
    /// The first round is due at the slot after `now`; slots count from `epoch`.
    pub(super) fn new(epoch: Instant, now: Instant) -> Self {
        let into = now.saturating_duration_since(epoch).as_nanos() % SLOT.as_nanos();
        let next = now + SLOT - Duration::from_nanos(into as u64);
        Self {
            next,
            read: now,
            published: now,
            frames: FRAMES as u32,
            put_off: 0,
            waits: 0,
            debt: 0,
            often: false,
            charged: false,
            silent: 0,
            often_for: OFTEN_FOR[0],
            spare: i64::MAX,
            spared: 0,
            patience: PATIENCE[0],
        }
    }

    /// When the next round begins.
    pub(super) fn due(&self) -> Instant {
        self.next + SLOT * self.waits
    }

    /// How long a round would wait for a packet: it need not come that much later for those that are
    /// seldom late.
    pub(super) fn grace(&self) -> Duration {
        if self.often { Duration::ZERO } else { SLOT * WAIT_SLOTS[0] }
    }

    /// When there is something to do: a round, or sockets to be read.
    pub(super) fn wake(&self) -> Instant {
        READ_EVERY.map_or(self.due(), |every| self.due().min(self.read + every))
    }

    /// From one round to the next.
    pub(super) fn step(&self) -> Duration {
        FRAME * self.frames
    }

    /// Judges a round that is due by what the packets of the group's calls leave.
    pub(super) fn judge(&mut self, slack: Option<Slack>) -> Verdict {
        let Some(slack) = slack else {
            self.pause();
            return Verdict::Now(Duration::ZERO);
        };
        self.silent = 0;
        let step = (self.step().as_nanos() / SLOT.as_nanos()) as u32;
        let room = (step - 1).saturating_sub(self.put_off);
        let wanted = slots(-slack.to_target, SLOT_NANOS - 1).min(room);
        if wanted > 0 {
            self.put_off += wanted;
            self.next += SLOT * wanted;
            // It has waited for some of that already.
            self.waits = self.waits.saturating_sub(wanted);
            self.patience = self.patience.min(PATIENCE[1]);
            self.forget();
            return Verdict::Later(SLOT * wanted);
        }
        if slack.missing && self.waits < WAIT_SLOTS[usize::from(self.often)] {
            self.wait();
            return Verdict::Wait;
        }
        self.put_off = 0;
        self.charged = self.waits > 0;
        self.pay(1);
        self.spare = self.spare.min(slack.to_rest);
        self.spared += 1;
        if self.spared < self.patience {
            return Verdict::Now(Duration::ZERO);
        }
        let earlier = SLOT * slots(self.spare, -MARGIN_NANOS).min(step - 1);
        self.patience = match self.patience {
            before if before < PATIENCE[1] => PATIENCE[1],
            before if earlier.is_zero() => before,
            before => (before * 2).min(PATIENCE_MAX),
        };
        self.forget();
        Verdict::Now(earlier)
    }

    /// One slot longer, and what that says of the network.
    fn wait(&mut self) {
        self.waits += 1;
        if self.waits > 1 {
            return;
        }
        if self.often {
            self.debt = (self.debt + RARE).min(self.often_for);
            return;
        }
        self.debt += RARE;
        if self.debt > RARE * RARE_WAITS {
            self.often = true;
            self.debt = self.often_for;
            self.often_for = (self.often_for * 2).min(OFTEN_FOR[1]);
        }
    }

    /// No sound is due. Where that goes on the far end pauses, and was waited for in vain: that says
    /// nothing of the network.
    fn pause(&mut self) {
        self.forget();
        self.pay(1);
        self.silent += 1;
        if self.silent == PAUSE && std::mem::take(&mut self.charged) {
            self.pay(RARE);
        }
    }

    fn pay(&mut self, rounds: u32) {
        self.debt = self.debt.saturating_sub(rounds);
        self.often &= self.debt > 0;
    }

    /// The round was made; the next comes after the usual time, less `earlier`.
    pub(super) fn advance(&mut self, earlier: Duration) {
        self.next += self.step() - earlier;
        self.waits = 0;
    }

    /// Skips what can no longer be made up for.
    pub(super) fn skip_missed(&mut self, now: Instant) {
        let behind = now.saturating_duration_since(self.next);
        if behind > CATCH_UP {
            let into = behind.as_nanos() % self.step().as_nanos();
            self.next = now - Duration::from_nanos(into as u64);
        }
    }

    fn forget(&mut self) {
        (self.spare, self.spared) = (i64::MAX, 0);
    }
}

/// Whole slots in a time, to which `more` is added; none in less than nothing.
fn slots(nanos: i64, more: i64) -> u32 {
    u32::try_from(nanos.saturating_add(more) / SLOT_NANOS).unwrap_or(0)
}

#[cfg(test)]
mod simulation;

#[cfg(test)]
mod tests {
    use super::*;

    fn rhythm() -> (Instant, Rhythm) {
        let epoch = Instant::now();
        (epoch, Rhythm::new(epoch, epoch + Duration::from_micros(2_600)))
    }

    fn slack(to_target_us: i64, to_rest_us: i64) -> Option<Slack> {
        let [to_target, to_rest] = [to_target_us, to_rest_us].map(|us| us * 1_000);
        Some(Slack { to_target, to_rest, missing: false })
    }

    #[test]
    fn begins_at_a_slot() {
        let (epoch, rhythm) = rhythm();
        assert_eq!(rhythm.next, epoch + SLOT * 2);
        assert_eq!(rhythm.step(), Duration::from_millis(20));
    }

    #[test]
    fn a_round_before_its_packets_is_put_off_by_less_than_a_packet_time_in_all() {
        let (epoch, mut rhythm) = rhythm();
        assert_eq!(rhythm.judge(slack(-1, -1)), Verdict::Later(SLOT));
        assert_eq!(rhythm.next, epoch + SLOT * 3);
        assert_eq!(rhythm.judge(slack(-12_500, 0)), Verdict::Later(SLOT * 5));
        assert_eq!(rhythm.judge(slack(-20_000, 0)), Verdict::Later(SLOT), "what is left");
        assert_eq!(rhythm.judge(slack(-1, 0)), Verdict::Now(Duration::ZERO), "then stretched");
        assert_eq!(rhythm.judge(slack(-20_000, 0)), Verdict::Later(SLOT * 7), "and again");
    }

    #[test]
    fn slots_are_found_and_missed_rounds_skipped_after_years() {
        let epoch = Instant::now();
        let later = epoch + Duration::from_secs(3 * 365 * 86_400);
        let mut rhythm = Rhythm::new(epoch, later);
        assert!(rhythm.next > later && rhythm.next <= later + SLOT);
        let first = rhythm.next;
        rhythm.skip_missed(later + Duration::from_secs(365 * 86_400));
        assert_eq!((rhythm.next - first).as_nanos() % rhythm.step().as_nanos(), 0);
    }

    #[test]
    fn time_to_spare_in_every_round_is_given_back_soon_at_first_and_slowly_later() {
        let (epoch, mut rhythm) = rhythm();
        let mut rounds = |times: u32, spare: &dyn Fn(u32) -> i64| -> Duration {
            let mut earlier = Duration::ZERO;
            for round in 0..times {
                match rhythm.judge(slack(5_000, spare(round))) {
                    Verdict::Now(by) => earlier += by,
                    other => panic!("{other:?}"),
                }
                rhythm.advance(Duration::ZERO);
            }
            earlier
        };
        assert_eq!(rounds(4, &|_| 9_000), Duration::ZERO);
        assert_eq!(rounds(1, &|_| 9_000), SLOT * 3);
        assert_eq!(rounds(49, &|_| 9_000), Duration::ZERO);
        assert_eq!(rounds(1, &|_| 6_000), SLOT * 2, "the least of them");
        assert_eq!(
            rounds(100, &|_| 2_499 + MARGIN_NANOS / 1_000),
            Duration::ZERO,
            "a part of a slot and the margin"
        );
        assert_eq!(rounds(99, &|_| 90_000), Duration::ZERO, "more patience each time");
        assert_eq!(rounds(1, &|_| 90_000), SLOT * 7, "less than a packet time");
        assert!(rhythm.next > epoch);
    }

    #[test]
    fn a_round_waits_for_a_packet_that_is_late_and_the_next_comes_on_time() {
        let (_, mut rhythm) = rhythm();
        let at = rhythm.next;
        let missing = Some(Slack { to_target: 0, to_rest: 0, missing: true });
        for waited in 1..=WAIT_SLOTS[0] {
            assert_eq!(rhythm.judge(missing), Verdict::Wait);
            assert_eq!((rhythm.next, rhythm.due()), (at, at + SLOT * waited));
        }
        assert_eq!(rhythm.judge(missing), Verdict::Now(Duration::ZERO), "it was lost");
        rhythm.advance(Duration::ZERO);
        assert_eq!(rhythm.due(), at + rhythm.step());
    }

    #[test]
    fn what_a_round_waited_is_part_of_what_it_is_put_off_by() {
        let (_, mut rhythm) = rhythm();
        let at = rhythm.next;
        let lacks = |to_target_us| slack(to_target_us, 0).map(|s| Slack { missing: true, ..s });
        assert_eq!(rhythm.judge(lacks(0)), Verdict::Wait);
        assert_eq!(rhythm.judge(lacks(0)), Verdict::Wait);
        assert_eq!(rhythm.judge(slack(-7_500, 0)), Verdict::Later(SLOT * 3));
        assert_eq!((rhythm.next, rhythm.due()), (at + SLOT * 3, at + SLOT * 3));
    }

    #[test]
    fn pauses_of_the_far_end_are_no_lateness_and_losses_are() {
        let (_, mut rhythm) = rhythm();
        let mut round = |sound: Option<bool>| {
            let of = |missing| Slack { to_target: 0, to_rest: 0, missing };
            while rhythm.judge(sound.map(of)) == Verdict::Wait {}
            rhythm.advance(Duration::ZERO);
            rhythm.grace()
        };
        for _ in 0..50 {
            // One packet, and nothing for 400 ms.
            round(Some(false));
            assert!(!round(Some(true)).is_zero());
            (0..18).for_each(|_| assert!(!round(None).is_zero()));
        }
        let often = (0..50).any(|_| {
            round(Some(true));
            (0..9).any(|_| round(Some(false)).is_zero())
        });
        assert!(often, "a tenth is lost");
    }

    #[test]
    fn where_many_are_late_rounds_wait_less_and_come_later_instead() {
        let (_, mut rhythm) = rhythm();
        let mut round = |missing| {
            let mut waits = 0;
            while rhythm.judge(Some(Slack { to_target: 0, to_rest: 0, missing })) == Verdict::Wait {
                waits += 1;
            }
            rhythm.advance(Duration::ZERO);
            (waits, rhythm.grace())
        };
        let grace = SLOT * WAIT_SLOTS[0];
        for _ in 0..RARE_WAITS {
            assert_eq!(round(true), (3, grace));
        }
        assert_eq!(round(true), (1, Duration::ZERO), "the fifth: not rare");
        let rounds = (1..10_000).find(|_| round(false).1 == grace);
        assert_eq!(rounds, Some(OFTEN_FOR[0] - 1), "until there were none for long");
        for _ in 0..5 {
            round(true);
        }
        let rounds = (1..10_000).find(|_| round(false).1 == grace);
        assert_eq!(rounds, Some(OFTEN_FOR[0] * 2 - 1), "twice as long the next time");
        for _ in 0..100 {
            assert_eq!(round(true).0, 3);
            (0..RARE).for_each(|_| assert_eq!(round(false), (0, grace), "rare"));
        }
    }

    #[test]
    fn a_call_without_sound_keeps_its_rhythm() {
        let (_, mut rhythm) = rhythm();
        for _ in 0..200 {
            assert_eq!(rhythm.judge(None), Verdict::Now(Duration::ZERO));
        }
    }

    #[test]
    fn what_was_missed_is_made_up_for_until_it_is_too_much() {
        let (_, mut rhythm) = rhythm();
        let first = rhythm.next;
        rhythm.skip_missed(first + Duration::from_millis(250));
        assert_eq!(rhythm.next, first);
        rhythm.skip_missed(first + Duration::from_millis(1_010));
        assert_eq!(rhythm.next, first + Duration::from_millis(1_000));
    }
}
