//! The machine's own address has changed in mid-call: the far end is told where signalling and media
//! come from now, by re-INVITE (RFC 3261 §14, §12.2.1.2). SRTP keys stay, and with them the roll-over
//! counters that a new context could not be given.

use std::time::{Duration, Instant};

use super::{
    event::EndReason,
    machine::{Machine, Phase},
    requests::Purpose,
    terms::AudioTerms,
    timers::Timer,
};
use crate::{base::plan::MediaPlace, proto::sip::uri::Uri};

/// Re-INVITEs that may come to nothing before the call is given up: the signalling may be away for a
/// while longer than the media.
const MOST_TRIES: u32 = 5;
/// Wait after the first one, doubled each time.
const RETRY: Duration = Duration::from_secs(2);

/// What is left to do after a move.
#[derive(Clone, Copy, Debug)]
pub(super) struct Move {
    /// The re-INVITE is out, or waits for its time.
    begun: bool,
    tries: u32,
}

impl Machine {
    /// Takes the new addresses; a call that stands is renegotiated, another one as soon as it stands.
    pub(super) fn moved(&mut self, contact: Uri, media: Option<MediaPlace>) {
        self.settings.contact = contact;
        if media.is_none() && self.phase == Phase::Calling {
            // The INVITE that is out says so itself.
            return;
        }
        if let Some(place) = media {
            self.put_media_at(place);
        }
        self.moving = Some(Move { begun: false, tries: 0 });
    }

    /// Changes that wait or are under way are not to bring the old place back.
    fn put_media_at(&mut self, place: MediaPlace) {
        put(&mut self.settings.audio, place);
        let legs = self.legs.iter_mut().map(|leg| &mut leg.negotiator);
        for negotiator in legs.chain([&mut self.negotiator]) {
            let mut terms = negotiator.terms().clone();
            put(&mut terms, place);
            negotiator.set_terms(terms);
        }
        if let Some(under_way) = &mut self.under_way {
            put(under_way.terms_before(), place);
        }
        for terms in self.changes.iter_mut().filter_map(|change| change.terms.as_mut()) {
            put(terms, place);
        }
    }

    /// After every input: begins the re-INVITE of a move when the call stands.
    pub(super) fn go_on_moving(&mut self, now: Instant) {
        if self.phase != Phase::Confirmed {
            return;
        }
        if let Some(moving) = &mut self.moving
            && !moving.begun
        {
            moving.begun = true;
            self.send_reinvite(now);
        }
    }

    /// The far end knows, or has said no: either way it was told.
    pub(super) fn end_moving(&mut self) {
        if self.moving.is_some_and(|moving| moving.begun) {
            self.moving = None;
        }
    }

    /// A request came to nothing. `true`: it was the re-INVITE of a move, which is tried again.
    pub(super) fn retry_moving(&mut self, now: Instant, purpose: Purpose) -> bool {
        let Some(moving) = &mut self.moving else { return false };
        if purpose != Purpose::Reinvite || self.phase != Phase::Confirmed || !moving.begun {
            return false;
        }
        moving.tries += 1;
        if moving.tries > MOST_TRIES {
            let text = "the far end could not be told of our new address";
            self.bye(now, EndReason::Timeout, 0, text);
            return true;
        }
        let wait = RETRY.saturating_mul(1 << (moving.tries - 1));
        self.negotiator.abandon_offer();
        self.timers.set(Timer::RetryOffer, now + wait);
        true
    }
}

fn put(terms: &mut AudioTerms, place: MediaPlace) {
    (terms.address, terms.rtp_port) = (place.address, place.rtp_port);
    terms.rtcp_port = terms.rtcp_port.and(place.rtcp_port);
}
