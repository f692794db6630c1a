//! Decide: what the next samples shall be. Pure functions of the situation.
//!
//! *Delay* here is the playout offset: local time at which a sample is heard minus its media time.
//! A packet is in time when it is there at the pull that its first sample falls into.
//!
//! ```text
//!            nothing yet            next packet follows on
//! Idle ----- silence ----->  due? ------------------------> Decode
//!                             ^                              |
//!                next is there|  gap: FEC, else              | nothing there
//!                and due      +- conceal until due <-- Conceal (delay grows)
//! ```

/// What the render part must do to get more samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Decode the oldest packet, which follows on what was played.
    Decode,
    /// Leave a gap behind and go on with the oldest packet.
    Resume,
    /// Decode what the oldest packet carries of its lost predecessor (in-band FEC).
    Recover,
    /// Conceal so many samples.
    Conceal(i64),
    /// Play so many samples of silence: nothing was heard yet.
    Silence(i64),
    /// Drop the oldest packet: it is older than anything worth hearing.
    Drop,
}

/// Where playout stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Playhead {
    /// Sequence number due next.
    pub sequence: i64,
    /// Media time due next.
    pub media: i64,
    /// Samples concealed since `media` was due; 0 while audio flows.
    pub held: i64,
    /// FEC was tried for the gap that is being concealed.
    pub recovered: bool,
}

/// The oldest packet held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Next {
    /// Its sequence number.
    pub sequence: i64,
    /// Its media time.
    pub media: i64,
    /// Its samples.
    pub samples: i64,
    /// Whether more packets are held after it.
    pub more: bool,
}

/// Everything a decision rests on; times in samples.
#[derive(Clone, Copy, Debug)]
pub struct Situation {
    /// Local time of the pull.
    pub now: i64,
    /// How much later this pull came than the earliest of late.
    pub late: i64,
    /// Samples of this pull that are made already; what is made next is heard after them.
    pub lead: i64,
    /// Samples that the pull asks for.
    pub frame: i64,
    /// Offset to play at: the highest one aimed at lately ([`Flow::rest`]).
    pub target: i64,
    /// Playout, once it began.
    pub playhead: Option<Playhead>,
    /// Oldest packet.
    pub next: Option<Next>,
    /// Samples per millisecond.
    pub ms: i64,
    /// Delay above the target that is left alone.
    pub calm: i64,
    /// The most delay above the target.
    pub excess_max: i64,
}

/// Delay above the highest target of late that is left alone: shortening starts beyond it.
pub const CALM_MS: i64 = 11;

/// Decides.
pub fn decide(s: &Situation) -> Decision {
    let rest = (s.frame - s.lead).max(1);
    let Some(next) = s.next else {
        return if s.playhead.is_some() {
            Decision::Conceal(rest)
        } else {
            Decision::Silence(rest)
        };
    };
    let delay = s.now + s.lead - next.media;
    if next.more && delay > s.target + s.excess_max {
        return Decision::Drop;
    }
    let Some(playhead) = s.playhead else {
        // Sound starts with a pull, so that no packet is needed earlier than it must.
        let due = s.now - next.media >= s.target;
        return if due { Decision::Resume } else { Decision::Silence(rest) };
    };
    if next.sequence == playhead.sequence && (next.media - playhead.media).abs() <= s.ms {
        // A packet that comes in the middle of its own concealment, with later ones already here,
        // is worth its delay only while there is little of it.
        let stale = playhead.held > 0 && next.more && delay - s.late > s.target + s.calm;
        return if stale { Decision::Drop } else { Decision::Decode };
    }
    bridge_gap(s, &playhead, &next, delay)
}

/// Something is missing before the next packet: a loss, or a pause of the sender.
fn bridge_gap(s: &Situation, playhead: &Playhead, next: &Next, delay: i64) -> Decision {
    let rest = (s.frame - s.lead).max(1);
    if next.sequence == playhead.sequence {
        let due = s.now - next.media >= s.target;
        return if due { Decision::Resume } else { Decision::Conceal(rest) };
    }
    // The delay stays what it was, but nobody hears how long a concealment lasts, so it is the time
    // to correct it. That a pull is late says nothing of the delay.
    let now = s.now - s.late;
    let before = now + s.lead - playhead.media - playhead.held;
    let least = s.target + s.lead;
    let due = before.clamp(least, least.max(s.target + s.calm));
    let missing = due - (delay - s.late);
    if missing <= 0 {
        return Decision::Resume;
    }
    if !playhead.recovered && missing <= next.samples {
        return Decision::Recover;
    }
    Decision::Conceal(missing.min(rest))
}

/// How the delay of flowing audio shall change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Not at all.
    Keep,
    /// Shorten by up to so many samples; `hurry`: even where it may be heard.
    Accelerate {
        /// At most so many samples less.
        most: i64,
        /// Do it even where no good place is found.
        hurry: bool,
    },
    /// Lengthen.
    Expand {
        /// At least so many samples make a difference.
        least: i64,
    },
}

/// What [`pace`] rests on; times in samples.
#[derive(Clone, Copy, Debug)]
pub struct Flow {
    /// Playout offset of the sample heard next, at the earliest of the last pulls.
    pub delay: i64,
    /// Offset aimed at.
    pub target: i64,
    /// The highest that was aimed at lately: as low as it may be brought down.
    pub rest: i64,
    /// Samples of the next pull that will be there before it needs a packet.
    pub over: i64,
    /// Samples of a pull.
    pub frame: i64,
    /// Samples per millisecond.
    pub ms: i64,
}

/// Decides on stretching. A packet is needed when the pull begins that its first sample falls into,
/// `over` samples before that is heard: so much of the delay is of no use, and what is cut beyond
/// it makes packets due a whole pull earlier.
///
/// Up at once, down late: what jitter came to lately it may come to again, and a delay that follows
/// each of its moods is heard where a few milliseconds more are not.
pub fn pace(f: &Flow) -> Pace {
    if f.delay - f.over < f.target {
        return Pace::Expand { least: f.frame - f.over };
    }
    let useful = f.delay - f.over - f.rest;
    let most = f.over + useful.max(0) / f.frame * f.frame;
    if f.delay - f.rest > CALM_MS * f.ms && most > 0 {
        return Pace::Accelerate { most, hurry: useful > 60 * f.ms };
    }
    Pace::Keep
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: i64 = 8;

    fn flow(delay: i64, target: i64, over: i64) -> Pace {
        rested(delay, target, target, over)
    }

    fn rested(delay: i64, target: i64, rest: i64, over: i64) -> Pace {
        let [delay, target, rest, over] = [delay, target, rest, over].map(|ms| ms * MS);
        pace(&Flow { delay, target, rest, over, frame: 80, ms: MS })
    }

    #[test]
    fn the_delay_comes_down_no_further_than_what_was_needed_lately() {
        assert_eq!(rested(25, 4, 15, 0), Pace::Keep);
        assert_eq!(rested(35, 4, 15, 0), Pace::Accelerate { most: 160, hurry: false });
        assert_eq!(rested(3, 4, 15, 0), Pace::Expand { least: 80 });
    }

    #[test]
    fn delay_within_a_pull_of_the_target_is_left_alone() {
        assert_eq!(flow(4, 4, 0), Pace::Keep);
        assert_eq!(flow(15, 4, 0), Pace::Keep);
        assert_eq!(flow(14, 4, 9), Pace::Keep);
    }

    #[test]
    fn a_cut_leaves_every_packet_in_time() {
        assert_eq!(flow(17, 4, 0), Pace::Accelerate { most: 80, hurry: false });
        assert_eq!(flow(17, 4, 5), Pace::Accelerate { most: 40, hurry: false });
        assert_eq!(flow(98, 4, 0), Pace::Accelerate { most: 720, hurry: true });
    }

    #[test]
    fn too_little_delay_is_raised_to_the_next_pull() {
        assert_eq!(flow(10, 4, 9), Pace::Expand { least: 8 });
        assert_eq!(flow(1, 4, 0), Pace::Expand { least: 80 });
    }
}
