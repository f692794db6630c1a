//! Decide: what the next samples shall be. Pure functions of the situation.
//!
//! *Delay* here is the playout offset: local time at which a sample is heard minus its media time.
//! A packet is in time when its own offset is not above it.
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
    /// Local time at which the sample to be made will be heard.
    pub heard_at: i64,
    /// Offset aimed at.
    pub target: i64,
    /// Playout, once it began.
    pub playhead: Option<Playhead>,
    /// Oldest packet.
    pub next: Option<Next>,
    /// Samples per millisecond.
    pub ms: i64,
    /// The most delay above the target.
    pub excess_max: i64,
}

/// Delay above the target that is left alone: stretching starts beyond it.
pub const CALM_MS: i64 = 10;
/// Delay below the target that is left alone.
pub const SHORT_MS: i64 = 4;

/// Decides.
pub fn decide(s: &Situation) -> Decision {
    let step = 10 * s.ms;
    let Some(next) = s.next else {
        return if s.playhead.is_some() {
            Decision::Conceal(step)
        } else {
            Decision::Silence(step)
        };
    };
    let delay = s.heard_at - next.media;
    let Some(playhead) = s.playhead else {
        return match s.target - delay {
            early if early > 0 => Decision::Silence(early.min(step)),
            _ if delay > s.target + s.excess_max && next.more => Decision::Drop,
            _ => Decision::Resume,
        };
    };
    if next.more && delay > s.target + s.excess_max {
        return Decision::Drop;
    }
    if next.sequence == playhead.sequence && (next.media - playhead.media).abs() <= s.ms {
        // A packet that comes in the middle of its own concealment, with later ones already here,
        // is worth its delay only while there is little of it.
        let stale = playhead.held > 0 && next.more && delay > s.target + CALM_MS * s.ms;
        return if stale { Decision::Drop } else { Decision::Decode };
    }
    bridge_gap(s, &playhead, &next, delay)
}

/// Something is missing before the next packet: a loss, or a pause of the sender.
fn bridge_gap(s: &Situation, playhead: &Playhead, next: &Next, delay: i64) -> Decision {
    let pause = next.sequence == playhead.sequence;
    let before = s.heard_at - playhead.media - playhead.held;
    let due = if pause {
        s.target
    } else {
        // Nobody hears how long a concealment lasts, so it is the time to correct the delay.
        before.clamp(s.target, s.target + CALM_MS * s.ms)
    };
    let missing = due - delay;
    if missing <= 0 {
        return Decision::Resume;
    }
    if !pause && !playhead.recovered && missing <= next.samples {
        return Decision::Recover;
    }
    Decision::Conceal(missing.min(10 * s.ms))
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
    /// Lengthen by about so many samples.
    Expand {
        /// Samples wanted.
        wanted: i64,
    },
}

/// Decides on stretching: `delay` is the least playout offset of the last pulls.
pub fn pace(delay: i64, target: i64, ms: i64) -> Pace {
    let excess = delay - target;
    if excess > CALM_MS * ms {
        Pace::Accelerate { most: excess, hurry: excess > 60 * ms }
    } else if excess < -SHORT_MS * ms {
        Pace::Expand { wanted: -excess }
    } else {
        Pace::Keep
    }
}
