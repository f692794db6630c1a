//! Offer and answer of one audio stream: from what an account allows to the media plan.
//!
//! ```text
//! AudioTerms ─ offer() ──────> SDP out ... SDP in ─ accept() ─┐
//!            └ answer(SDP in) ─> SDP out ─────────────────────┴─> MediaPlan
//! ```
//!
//! It keeps what must not change within a call: payload type numbers (RFC 3264 §8.3.2), the number
//! and order of the `m=` lines (§8), the session id, and our SRTP keys. It deliberately answers one
//! audio description and refuses the rest.

use std::net::{IpAddr, SocketAddr};

use super::{
    formats::{codec_plan, dtmf_plan, ptime, speaks},
    offer_answer::{self, AnswerPolicy},
    settings::SrtpPolicy,
    terms::{AudioTerms, NegotiationError},
};
use crate::{
    base::{
        plan::{CodecPlan, Direction, MasterKey, MediaPlan, SrtpPlan, SrtpSuite},
        rng::Rng,
    },
    proto::sdp::{CryptoAttribute, Media, Origin, RtpMap, Session},
};

/// The offer/answer state of one call.
#[derive(Clone, Debug)]
pub struct Negotiator {
    pub(super) terms: AudioTerms,
    rng: Rng,
    origin: Origin,
    /// Our description in force; what a re-offer builds on.
    local: Option<Session>,
    /// What our last description said, and for which address; its version is the origin's.
    said: Option<(IpAddr, Vec<Media>)>,
    /// The one that awaits an answer.
    pending: Option<Session>,
    /// An answer to it that came ahead of the final response.
    previewed: Option<Session>,
    /// Which `m=` line is ours.
    index: usize,
    /// Direction that we want; hold makes it `SendOnly` or `Inactive`.
    wanted: Direction,
    pub(super) numbers: Vec<(RtpMap, u8)>,
    keys: Vec<(SrtpSuite, MasterKey)>,
    /// Suite and tag in force.
    secured: Option<(SrtpSuite, u32)>,
    /// What the last exchange came to.
    plan: Option<MediaPlan>,
}

/// What an answer to our offer comes to.
struct Settled {
    active: Session,
    plan: MediaPlan,
    secured: Option<(SrtpSuite, u32)>,
}

impl Negotiator {
    /// No offer yet. `rng` gives the session id and the keys.
    pub fn new(terms: AudioTerms, mut rng: Rng) -> Self {
        let origin = Origin {
            username: "-".to_owned(),
            // Within 63 bits: some far ends read it as a signed number.
            session_id: (rng.u64() >> 1).to_string(),
            version: u64::from(rng.u32() >> 1),
            address: terms.address.to_string(),
        };
        Self {
            terms,
            rng,
            origin,
            local: None,
            said: None,
            pending: None,
            previewed: None,
            index: 0,
            wanted: Direction::SendRecv,
            numbers: Vec::new(),
            keys: Vec::new(),
            secured: None,
            plan: None,
        }
    }

    /// The terms in force.
    pub fn terms(&self) -> &AudioTerms {
        &self.terms
    }

    /// Changes the terms; they count from the next offer or answer on.
    pub fn set_terms(&mut self, terms: AudioTerms) {
        self.terms = terms;
    }

    /// Sets the direction that we want from the next offer or answer on.
    pub fn set_wanted(&mut self, wanted: Direction) {
        self.wanted = wanted;
    }

    /// The direction that we want.
    pub fn wanted(&self) -> Direction {
        self.wanted
    }

    /// Whether an offer of ours awaits its answer.
    pub fn awaits_answer(&self) -> bool {
        self.pending.is_some()
    }

    /// Whether an exchange has come to its end: both have a description in force.
    pub fn is_settled(&self) -> bool {
        self.local.is_some()
    }

    /// The plan of the exchange in force; `None` before the first.
    pub fn plan(&self) -> Option<&MediaPlan> {
        self.plan.as_ref()
    }

    /// Makes an offer: the first, or the next on top of what is in force.
    pub fn offer(&mut self) -> Result<Session, NegotiationError> {
        if self.terms.codecs.is_empty()
            || (self.terms.srtp == SrtpPolicy::Mandatory && self.terms.srtp_suites.is_empty())
        {
            return Err(NegotiationError::OwnTerms);
        }
        let protocol = match self.local.as_ref().and_then(|local| local.media.get(self.index)) {
            Some(media) if media.port != 0 => media.protocol.clone(),
            _ if self.terms.srtp == SrtpPolicy::Mandatory => "RTP/SAVP".to_owned(),
            _ => "RTP/AVP".to_owned(),
        };
        let mut audio = self.audio(&protocol);
        self.push_rtcp(&mut audio, true);
        if self.terms.srtp != SrtpPolicy::Off {
            for crypto in self.offered_keys() {
                audio.attribute("crypto", crypto.value());
            }
        }
        audio.push_direction(self.wanted);
        let mut media = self.local.as_ref().map(|local| local.media.clone()).unwrap_or_default();
        media.resize_with(media.len().max(self.index + 1), || audio.refused());
        media[self.index] = audio;
        let session = self.session(media);
        self.pending = Some(session.clone());
        Ok(session)
    }

    /// Forgets an offer that was refused or never sent; what was in force stays.
    pub fn abandon_offer(&mut self) {
        self.pending = None;
        self.previewed = None;
    }

    /// Reads an answer that came ahead of time in a provisional response: the plan for early media.
    /// The offer stays open for the final one.
    pub fn preview(&mut self, answer: &Session) -> Result<MediaPlan, NegotiationError> {
        let offer = self.pending.as_ref().ok_or(NegotiationError::NoOffer)?;
        let settled = self.settle(offer, answer)?;
        self.previewed = Some(answer.clone());
        Ok(settled.plan)
    }

    /// Takes the answer of [`Negotiator::preview`] as the final one.
    pub fn accept_preview(&mut self) -> Result<MediaPlan, NegotiationError> {
        match self.previewed.take() {
            Some(answer) => self.accept(&answer),
            None => {
                self.pending = None;
                Err(NegotiationError::NoAnswer)
            }
        }
    }

    /// Takes the answer to our offer.
    pub fn accept(&mut self, answer: &Session) -> Result<MediaPlan, NegotiationError> {
        self.previewed = None;
        let offer = self.pending.take().ok_or(NegotiationError::NoOffer)?;
        let settled = self.settle(&offer, answer)?;
        self.secured = settled.secured;
        self.local = Some(settled.active);
        self.plan = Some(settled.plan.clone());
        Ok(settled.plan)
    }

    fn settle(&self, offer: &Session, answer: &Session) -> Result<Settled, NegotiationError> {
        let active = offer_answer::settle(offer, answer);
        let (Some(local), Some(remote)) =
            (active.media.get(self.index), answer.media.get(self.index))
        else {
            return Err(NegotiationError::NoCodec);
        };
        if local.port == 0 {
            return Err(NegotiationError::NoCodec);
        }
        let offered = local.cryptos();
        let crypto = remote.cryptos().into_iter().find_map(|theirs| {
            let ours = offered.iter().find(|o| o.tag == theirs.tag && o.suite == theirs.suite)?;
            Some((ours.clone(), theirs.key))
        });
        // A secure profile answered by a line without a key that fits.
        let demanded = self.terms.srtp == SrtpPolicy::Mandatory || remote.is_savp();
        if crypto.is_none() && demanded {
            return Err(NegotiationError::SrtpRequired);
        }
        let secured = crypto.as_ref().map(|(ours, _)| (ours.suite, ours.tag));
        let srtp = crypto.map(|(ours, theirs)| SrtpPlan {
            suite: ours.suite,
            send: ours.key,
            receive: theirs,
        });
        let direction = active.direction_of(local);
        let plan = self.plan_of(local, answer, remote, srtp, direction)?;
        Ok(Settled { active, plan, secured })
    }

    /// Answers an offer.
    pub fn answer(&mut self, offer: &Session) -> Result<(Session, MediaPlan), NegotiationError> {
        if let Some(removed) = self.removed(offer) {
            return Ok(removed);
        }
        self.learn_numbers(offer);
        let audio = self.audio("RTP/AVP");
        let capability = self.described(vec![audio]);
        let (index, crypto) = self.choose(offer, &capability)?;
        let mut answer =
            offer_answer::answer(offer, &capability, AnswerPolicy::AllCommon, |i, _| i == index);
        let remote = &offer.media[index];
        let ours = crypto.as_ref().map(|theirs| CryptoAttribute {
            tag: theirs.tag,
            suite: theirs.suite,
            key: self.own_key(theirs.suite),
        });
        let direction = {
            let offered = offer.direction_of(remote);
            // RFC 3264 §8.4: an address of zeros asks us to send nothing.
            let zero = offer.ip_of(remote).is_some_and(|ip| ip.is_unspecified());
            let allowed = Direction::from_halves(offered.receives() && !zero, offered.sends());
            offer_answer::both(self.wanted, allowed)
        };
        // In the order of an offer of ours, so that one that says the same is the same.
        let audio = &mut answer.media[index];
        self.push_rtcp(audio, remote.rtcp_mux());
        if let Some(ours) = &ours {
            audio.attribute("crypto", ours.value());
        }
        offer_answer::set_direction(audio, direction);
        let srtp = ours.as_ref().zip(crypto).map(|(ours, theirs)| SrtpPlan {
            suite: ours.suite,
            send: ours.key.clone(),
            receive: theirs.key,
        });
        let plan = self.plan_of(&answer.media[index], offer, remote, srtp, direction)?;
        self.secured = ours.map(|ours| (ours.suite, ours.tag));
        self.index = index;
        let answer = self.session(answer.media);
        self.local = Some(answer.clone());
        self.plan = Some(plan.clone());
        Ok((answer, plan))
    }

    /// The answer that refuses every stream of an offer, for where an answer must be given to one
    /// that nothing comes of (RFC 3261 §13.2.2.4).
    pub fn refuse(&self, offer: &Session) -> Session {
        self.described(offer.media.iter().map(Media::refused).collect())
    }

    /// Answers an offer that takes our stream out of a call (port 0, RFC 3264 §8.2): the call stands
    /// without media until a later offer brings it back.
    fn removed(&mut self, offer: &Session) -> Option<(Session, MediaPlan)> {
        let before = self.plan.clone().filter(|_| self.local.is_some())?;
        let ours = offer.media.get(self.index).is_some_and(|media| media.port == 0);
        let others = offer.media.iter().any(|media| media.port != 0 && is_audio(media));
        if !ours || others {
            return None;
        }
        let plan = MediaPlan { direction: Direction::Inactive, ..before };
        let answer = self.session(offer.media.iter().map(Media::refused).collect());
        self.local = Some(answer.clone());
        self.plan = Some(plan.clone());
        Some((answer, plan))
    }

    /// Which description to answer, and with which of its keys. One that can be secured wins over
    /// one that cannot.
    fn choose(
        &self,
        offer: &Session,
        capability: &Session,
    ) -> Result<(usize, Option<CryptoAttribute>), NegotiationError> {
        let mut plain = None;
        let mut unsafe_only = false;
        for index in 0..offer.media.len() {
            let trial =
                offer_answer::answer(offer, capability, AnswerPolicy::AllCommon, |i, media| {
                    i == index && media.is_rtp()
                });
            if trial.media[index].port == 0 || !speaks(&trial.media[index]) {
                continue;
            }
            let media = &offer.media[index];
            let crypto = self.choose_key(media);
            if crypto.is_some() {
                return Ok((index, crypto));
            }
            if media.is_savp() || self.terms.srtp == SrtpPolicy::Mandatory {
                unsafe_only = true;
            } else if plain.is_none() {
                plain = Some(index);
            }
        }
        match plain {
            Some(index) => Ok((index, None)),
            None if unsafe_only => Err(NegotiationError::SrtpRequired),
            None => Err(nothing_common(offer)),
        }
    }

    /// The offer's most preferred key that we may take (RFC 4568 §5.1.2); the suite in force stays.
    fn choose_key(&self, media: &Media) -> Option<CryptoAttribute> {
        if self.terms.srtp == SrtpPolicy::Off {
            return None;
        }
        let mut allowed = media.cryptos();
        allowed.retain(|crypto| self.terms.srtp_suites.contains(&crypto.suite));
        let current = self.secured.map(|(suite, _)| suite);
        let kept = allowed.iter().position(|crypto| Some(crypto.suite) == current).unwrap_or(0);
        (kept < allowed.len()).then(|| allowed.swap_remove(kept))
    }

    /// The keys of an offer: all allowed suites at first, later the one in force, unchanged, so that
    /// neither end starts its rollover counter anew (RFC 4568 §7.1.4).
    fn offered_keys(&mut self) -> Vec<CryptoAttribute> {
        if let Some((suite, tag)) = self.secured {
            return vec![CryptoAttribute { tag, suite, key: self.own_key(suite) }];
        }
        let suites = self.terms.srtp_suites.clone();
        let tagged = suites.into_iter().zip(1..);
        tagged
            .map(|(suite, tag)| CryptoAttribute { tag, suite, key: self.own_key(suite) })
            .collect()
    }

    fn own_key(&mut self, suite: SrtpSuite) -> MasterKey {
        if let Some((_, key)) = self.keys.iter().find(|(known, _)| *known == suite) {
            return key.clone();
        }
        loop {
            let mut bytes = vec![0; suite.key_bytes() + suite.salt_bytes()];
            self.rng.fill(&mut bytes);
            if let Some(key) = MasterKey::new(suite, &bytes) {
                self.keys.push((suite, key.clone()));
                return key;
            }
        }
    }

    /// A description to send: its version is one up when it differs from the last that was sent
    /// (RFC 3264 §8), whether that was an offer or an answer.
    fn session(&mut self, media: Vec<Media>) -> Session {
        let said = Some((self.terms.address, media.clone()));
        if self.said != said {
            self.origin.version += 1;
            self.said = said;
        }
        self.described(media)
    }

    fn described(&self, media: Vec<Media>) -> Session {
        Session {
            origin: self.origin.clone(),
            name: "-".to_owned(),
            connection: Some(self.terms.address.to_string()),
            attributes: Vec::new(),
            media,
        }
    }

    fn plan_of(
        &self,
        local: &Media,
        remote_session: &Session,
        remote: &Media,
        srtp: Option<SrtpPlan>,
        direction: Direction,
    ) -> Result<MediaPlan, NegotiationError> {
        let ip = remote_session.ip_of(remote).ok_or(NegotiationError::NoAddress)?;
        let remote_rtp = SocketAddr::new(ip, remote.port);
        let rtcp_mux = local.rtcp_mux() && remote.rtcp_mux();
        let ours = local.rtp_formats();
        let theirs = remote.rtp_formats();
        let receive: Vec<CodecPlan> = ours
            .iter()
            .filter_map(|format| codec_plan(format, Some(self.terms.opus.wanted())))
            .collect();
        let mut send = theirs
            .iter()
            .filter_map(|format| codec_plan(format, None))
            .find(|codec| receive.iter().any(|own| own.kind == codec.kind))
            .ok_or(NegotiationError::NoCodec)?;
        send.opus = self.terms.opus.sending(send.opus);
        let direction = match ip.is_unspecified() {
            true => Direction::from_halves(false, direction.receives()),
            false => direction,
        };
        Ok(MediaPlan {
            remote_rtp,
            remote_rtcp: remote_session.rtcp_address_of(remote, remote_rtp, rtcp_mux),
            rtcp_mux,
            send,
            receive,
            dtmf: dtmf_plan(&ours, &theirs, send.kind.clock_rate_hz()),
            ptime: ptime(self.terms.ptime, remote, send.kind),
            direction,
            srtp,
            latch: self.terms.latch,
        })
    }
}

fn is_audio(media: &Media) -> bool {
    media.kind.eq_ignore_ascii_case("audio")
}

/// Why no description of an offer can be answered.
fn nothing_common(offer: &Session) -> NegotiationError {
    let mut audio =
        offer.media.iter().filter(|media| media.port != 0 && is_audio(media)).peekable();
    if audio.peek().is_none() {
        NegotiationError::NoAudio
    } else if audio.any(Media::is_rtp) {
        NegotiationError::NoCodec
    } else {
        NegotiationError::Transport
    }
}
