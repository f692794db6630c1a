//! The making of audio on a worker: in one step for all calls while our user has a sound card or
//! files, else for each group of calls in its own rhythm.

use std::{
    collections::HashMap,
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use super::{
    super::{CallMedia, UserPort},
    Route, Work,
};
use crate::{
    engine::worker::{
        pacer::FRAME,
        rhythm::{FRAMES, Rhythm, Verdict},
    },
    media::{
        bridge::{Bridge, PortKey},
        jitter::Slack,
    },
    net::rtp_udp::{READ_EVERY, Slab},
};

/// Tick while a card leads.
const CARD_TICK: Duration = Duration::from_millis(5);
/// Snapshots for the host are taken this often.
const PUBLISH: Duration = Duration::from_millis(200);

/// Calls as groups: those that hear each other stand together.
#[derive(Debug, Default)]
pub(super) struct Groups {
    /// Places of the calls.
    order: Vec<usize>,
    groups: Vec<Group>,
    /// Something has come or gone.
    pub(super) stale: bool,
    /// Of the group whose round it is.
    keys: Vec<PortKey>,
}

#[derive(Clone, Debug)]
struct Group {
    /// Its part of the order.
    calls: Range<usize>,
    /// That of its calls, which lie far from each other.
    rhythm: Rhythm,
}

impl Groups {
    /// The places of each group's calls.
    #[cfg(test)]
    pub(super) fn places(&self) -> impl Iterator<Item = &[usize]> {
        self.groups.iter().map(|group| &self.order[group.calls.clone()])
    }

    /// Finds the groups. `together`: all calls are one.
    fn find(&mut self, calls: &[Box<CallMedia>], routes: &[Route], together: bool) {
        self.stale = false;
        self.order.clear();
        self.order.extend(0..calls.len());
        self.groups.clear();
        let group =
            |first: usize, at: Range<usize>| Group { calls: at, rhythm: calls[first].rhythm() };
        if together {
            self.groups.extend((!calls.is_empty()).then(|| group(0, 0..calls.len())));
            return;
        }
        // Leads to the first call of each group, over any number of steps.
        let mut leaders: Vec<usize> = (0..calls.len()).collect();
        let mut places = HashMap::new();
        for route in routes.iter().filter(|route| route.from != route.to) {
            if places.is_empty() {
                places.extend(calls.iter().enumerate().map(|(place, call)| (call.id(), place)));
            }
            let (Some(&from), Some(&to)) = (places.get(&route.from), places.get(&route.to)) else {
                continue;
            };
            let (from, to) = (leader(&mut leaders, from), leader(&mut leaders, to));
            leaders[from.max(to)] = from.min(to);
        }
        for place in 0..leaders.len() {
            leaders[place] = leader(&mut leaders, place);
        }
        self.order.sort_by_key(|&place| leaders[place]);
        for (at, &place) in self.order.iter().enumerate() {
            match self.groups.last_mut() {
                Some(group) if leaders[self.order[group.calls.start]] == leaders[place] => {
                    group.calls.end = at + 1;
                }
                _ => self.groups.push(group(place, at..at + 1)),
            }
        }
    }
}

/// The end of the way from `place`, which is shortened.
fn leader(leaders: &mut [usize], mut place: usize) -> usize {
    while leaders[place] != place {
        leaders[place] = leaders[leaders[place]];
        place = leaders[place];
    }
    place
}

impl Work<'_> {
    /// Does what is due at `now`; gives when to come again. `due`: when this was to be.
    pub(super) fn work(&mut self, now: Instant, due: Instant) -> Instant {
        if self.groups.stale {
            self.regroup();
        }
        if self.user.is_some() { self.tick(now, due) } else { self.rounds(now) }
    }

    /// All calls at once, as our user's card or the timer leads.
    fn tick(&mut self, now: Instant, mut due: Instant) -> Instant {
        let card = self.user.as_ref().is_some_and(UserPort::is_card);
        // Sockets are read as often as that, too.
        let tick =
            if card { CARD_TICK } else { READ_EVERY.map_or(FRAME, |every| every.min(FRAME)) };
        self.count_round(now.saturating_duration_since(due), tick / 2);
        // The ticks that were missed are one late tick: the pacer makes their frames up.
        while due + tick <= now {
            due += tick;
        }
        let now = self.slab.begin();
        let all = 0..self.calls.len();
        self.read(all.clone());
        let frames = match self.user.as_ref().and_then(|user| user.lacking(tick.as_millis() as u32))
        {
            Some((consumed, lacking)) => self.pacer.card_due(now, consumed, lacking),
            None => self.pacer.timer_due(now),
        };
        for frame in 0..frames.frames {
            self.frame(now, frames.at + frames.step * frame);
        }
        let publish = now.saturating_duration_since(self.published) >= PUBLISH;
        self.each(all, |call, _| call.finish(now, publish));
        if publish {
            self.published = now;
            self.publish_user();
        }
        self.bury();
        due + tick
    }

    /// 10 ms of audio of every call and of our user, to be heard from `at` on.
    fn frame(&mut self, now: Instant, at: Instant) {
        let all = 0..self.calls.len();
        let running = self.calls.iter().any(|call| call.is_running());
        if let Some(user) = &mut self.user {
            user.feed(&mut self.bridge, running);
        }
        self.each(all.clone(), |call, bridge| {
            call.pull(at, 1);
            call.feed(0, at, bridge);
        });
        self.bridge.mix();
        self.each(all, |call, bridge| call.push(now, at, 0, bridge));
        if let Some(user) = &mut self.user {
            user.play(&self.bridge, running);
        }
    }

    /// The rounds of the groups that are due.
    fn rounds(&mut self, now: Instant) -> Instant {
        // Commands are looked for this often, whatever the groups do.
        let mut again = now + FRAME;
        for index in 0..self.groups.groups.len() {
            let Group { calls, mut rhythm } = self.groups.groups[index].clone();
            if rhythm.wake() > now {
                again = again.min(rhythm.wake());
                continue;
            }
            rhythm.skip_missed(now);
            while rhythm.due() <= now {
                self.round(&calls, &mut rhythm);
            }
            if rhythm.wake() <= now {
                rhythm.read = self.slab.begin();
                self.read(calls.clone());
            }
            again = again.min(rhythm.wake());
            self.keep_rhythm(index, rhythm);
        }
        self.bury();
        again
    }

    /// One round of a group, or the putting off of it.
    fn round(&mut self, group: &Range<usize>, rhythm: &mut Rhythm) {
        let now = self.slab.begin();
        rhythm.read = now;
        self.read(group.clone());
        rhythm.frames = FRAMES as u32;
        self.each(group.clone(), |call, _| rhythm.frames = rhythm.frames.min(call.frames()));
        let (at, frames, grace) = (rhythm.next, rhythm.frames as usize, rhythm.grace());
        let mut slack: Option<Slack> = None;
        self.each(group.clone(), |call, _| {
            let Some(own) = call.slack(at, frames, grace) else { return };
            let least = slack.get_or_insert(own);
            least.to_target = least.to_target.min(own.to_target);
            least.to_rest = least.to_rest.min(own.to_rest);
            least.missing |= own.missing;
        });
        let earlier = match rhythm.judge(slack) {
            Verdict::Later(by) => {
                let by = by.as_nanos() as i64;
                return self.each(group.clone(), |call, _| call.shift(by));
            }
            Verdict::Wait => return,
            Verdict::Now(earlier) => earlier,
        };
        self.count_round(now.saturating_duration_since(rhythm.due()), FRAME / 2);
        self.each(group.clone(), |call, _| call.pull(at, frames));
        for frame in 0..frames {
            let at = at + FRAME * frame as u32;
            self.each(group.clone(), |call, bridge| call.feed(frame, at, bridge));
            self.mix(group);
            self.each(group.clone(), |call, bridge| call.push(now, at, frame, bridge));
        }
        let publish = now.saturating_duration_since(rhythm.published) >= PUBLISH;
        if publish {
            rhythm.published = now;
        }
        let by = earlier.as_nanos() as i64;
        self.each(group.clone(), |call, _| {
            call.finish(now, publish);
            call.shift(-by);
        });
        rhythm.advance(earlier);
    }

    /// The mixes of a group's ports.
    fn mix(&mut self, group: &Range<usize>) {
        let mut keys = std::mem::take(&mut self.groups.keys);
        keys.clear();
        self.each(group.clone(), |call, _| call.add_keys(&mut keys));
        self.bridge.mix_among(&keys);
        self.groups.keys = keys;
    }

    /// What has come for the calls: taps and injections of hosts, datagrams.
    fn read(&mut self, group: Range<usize>) {
        for at in group {
            let place = at..at + 1;
            let mut joined = None;
            self.each_with_slab(place, |call, bridge, slab| {
                if call.admit(bridge) {
                    joined = Some(call.id());
                }
                call.read(slab);
            });
            joined.into_iter().for_each(|call| self.wire(call));
        }
    }

    fn count_round(&self, late: Duration, most: Duration) {
        self.shared.counters.ticks.fetch_add(1, Ordering::Relaxed);
        self.shared.health.rounds.add(late);
        if late > most {
            self.shared.counters.late_ticks.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A group's rhythm, with its calls as well: they keep it when the groups change.
    fn keep_rhythm(&mut self, index: usize, rhythm: Rhythm) {
        let Some(group) = self.groups.groups.get_mut(index) else { return };
        group.rhythm = rhythm;
        let calls = group.calls.clone();
        self.each(calls, |call, _| call.set_rhythm(rhythm));
    }

    /// Finds the groups anew. Calls that have come together take the rhythm of the first.
    pub(super) fn regroup(&mut self) {
        let together = self.user.is_some();
        self.groups.find(&self.calls, &self.routes, together);
        if together {
            return;
        }
        for index in 0..self.groups.groups.len() {
            let Group { calls, rhythm } = self.groups.groups[index].clone();
            self.each(calls, |call, _| {
                let (new, old) = (rhythm.next, call.rhythm().next);
                let later = new.saturating_duration_since(old).as_nanos() as i64;
                let earlier = old.saturating_duration_since(new).as_nanos() as i64;
                call.shift(later - earlier);
            });
            self.keep_rhythm(index, rhythm);
        }
    }

    /// The rhythms begin anew: nobody kept them.
    pub(super) fn restart_rhythms(&mut self, now: Instant) {
        let fresh = Rhythm::new(self.epoch, now);
        self.calls.iter_mut().for_each(|call| call.set_rhythm(fresh));
    }

    /// Runs `work` on the calls of a group. One that panics is marked, and does nothing more.
    fn each(&mut self, group: Range<usize>, mut work: impl FnMut(&mut CallMedia, &mut Bridge)) {
        self.each_with_slab(group, |call, bridge, _| work(call, bridge));
    }

    fn each_with_slab(
        &mut self,
        group: Range<usize>,
        mut work: impl FnMut(&mut CallMedia, &mut Bridge, &mut Slab),
    ) {
        for &place in self.groups.order.get(group).into_iter().flatten() {
            let Some(call) = self.calls.get_mut(place).filter(|call| !call.is_broken()) else {
                continue;
            };
            let (bridge, slab) = (&mut self.bridge, &mut self.slab);
            if catch_unwind(AssertUnwindSafe(|| work(call, bridge, slab))).is_err() {
                call.set_broken();
                self.broken = true;
            }
        }
    }

    /// Lets calls go that panicked, and tells their sessions; the others go on.
    fn bury(&mut self) {
        if !std::mem::take(&mut self.broken) {
            return;
        }
        self.groups.stale = true;
        for mut call in self.calls.extract_if(.., |call| call.is_broken()) {
            let bridge = &mut self.bridge;
            // Whatever state the fault left, the ports must go; if even that fails they stay silent.
            let _ = catch_unwind(AssertUnwindSafe(|| call.leave(bridge)));
            call.report_panic();
        }
    }
}
