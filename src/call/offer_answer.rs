//! The offer/answer rules of RFC 3264 on session descriptions with any codec names.
//!
//! ```text
//! answerer:  offer + what we can (as SDP) ──> answer          §6: same m-lines, unwanted ones port 0
//! offerer:   our offer + their answer ──────> active local    §7: what of the offer is in force
//! ```
//!
//! A format is matched by what it means (rtpmap or RFC 3551's table), not by its number, so both
//! ends may number one codec differently. Keys, packet times and addresses are `audio`'s concern.

use crate::{
    base::plan::Direction,
    proto::sdp::{Format, Media, Session},
};

/// How many codecs an answer keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AnswerPolicy {
    /// The first one in common (and telephone-event beside it).
    OneCodec,
    /// Every one in common.
    #[default]
    AllCommon,
}

/// Answers `offer` with what `capability` has: one description for each of the offer's, in order;
/// what fits nothing, or no longer anything, is refused by port 0 (RFC 3264 §6). `eligible` may rule
/// out descriptions of the offer.
///
/// Each description of `capability` serves one of the offer's at most. Formats keep the offer's
/// order and numbers (RFC 3264 §6.1).
pub fn answer(
    offer: &Session,
    capability: &Session,
    policy: AnswerPolicy,
    eligible: impl Fn(usize, &Media) -> bool,
) -> Session {
    let mut free: Vec<&Media> = capability.media.iter().filter(|media| media.port != 0).collect();
    let mut media = Vec::with_capacity(offer.media.len());
    for (index, offered) in offer.media.iter().enumerate() {
        let found = if offered.port != 0 && eligible(index, offered) {
            free.iter().position(|own| !common(offered, own, policy).is_empty())
        } else {
            None
        };
        media.push(match found {
            Some(position) => {
                let own = free.remove(position);
                answered(offer, offered, capability, own, policy)
            }
            None => offered.refused(),
        });
    }
    Session {
        origin: capability.origin.clone(),
        name: capability.name.clone(),
        connection: capability.connection.clone(),
        attributes: Vec::new(),
        media,
    }
}

/// What of our offer is in force after `answer` (RFC 3264 §7): refused descriptions have port 0, the
/// others the formats that both have, in the answer's order and under our numbers.
///
/// An answer with too few descriptions (old gateways) refuses those that it leaves out.
pub fn settle(offer: &Session, answer: &Session) -> Session {
    let mut active = offer.clone();
    for (index, media) in active.media.iter_mut().enumerate() {
        let answered = answer.media.get(index).filter(|answered| {
            answered.port != 0 && answered.kind.eq_ignore_ascii_case(&media.kind)
        });
        let pairs = match answered {
            Some(answered) if media.port != 0 => common(answered, media, AnswerPolicy::AllCommon),
            _ => Vec::new(),
        };
        let Some(answered) = answered.filter(|_| !pairs.is_empty()) else {
            *media = media.refused();
            continue;
        };
        let formats: Vec<String> = pairs.into_iter().map(|pair| pair.own).collect();
        let wanted = offer.direction_of(media);
        let theirs = answer.direction_of(answered);
        keep_formats(media, &formats);
        set_direction(media, both(wanted, theirs.reversed()));
    }
    active
}

/// What both directions allow.
pub fn both(one: Direction, other: Direction) -> Direction {
    Direction::from_halves(one.sends() && other.sends(), one.receives() && other.receives())
}

/// Replaces the direction attribute.
pub fn set_direction(media: &mut Media, direction: Direction) {
    for name in ["sendrecv", "sendonly", "recvonly", "inactive"] {
        media.attributes.retain(|attribute| !attribute.is(name));
    }
    media.push_direction(direction);
}

/// One format that both sides have, as each side writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Pair {
    theirs: String,
    own: String,
}

/// The formats in common, in their order, cut by the policy. Empty when only telephone-event or
/// comfort noise would be left of a description that offers speech.
fn common(theirs: &Media, own: &Media, policy: AnswerPolicy) -> Vec<Pair> {
    if !theirs.kind.eq_ignore_ascii_case(&own.kind) {
        return Vec::new();
    }
    if !theirs.is_rtp() || !own.is_rtp() {
        if !theirs.protocol.eq_ignore_ascii_case(&own.protocol) {
            return Vec::new();
        }
        let kept = theirs.formats.iter().filter(|format| own.formats.contains(format));
        return kept.map(|f| Pair { theirs: f.clone(), own: f.clone() }).collect();
    }
    common_rtp(&theirs.rtp_formats(), &own.rtp_formats(), policy)
}

fn common_rtp(theirs: &[Format], own: &[Format], policy: AnswerPolicy) -> Vec<Pair> {
    let mut pairs = Vec::new();
    let mut used = Vec::new();
    let mut speech = 0;
    for format in theirs {
        let Some(own) =
            own.iter().find(|own| same(own, format) && !used.contains(&own.payload_type))
        else {
            continue;
        };
        if !is_auxiliary(format) {
            speech += 1;
            if speech > 1 && policy == AnswerPolicy::OneCodec {
                continue;
            }
        }
        used.push(own.payload_type);
        pairs.push(Pair {
            theirs: format.payload_type.to_string(),
            own: own.payload_type.to_string(),
        });
    }
    if speech == 0 && theirs.iter().any(|format| !is_auxiliary(format)) {
        pairs.clear();
    }
    pairs
}

fn same(one: &Format, other: &Format) -> bool {
    match (&one.map, &other.map) {
        (Some(one), Some(other)) => {
            one.matches(other)
                || (one.is_telephone_event()
                    && other.is_telephone_event()
                    && one.clock_rate_hz == other.clock_rate_hz)
        }
        _ => false,
    }
}

/// Formats that accompany speech and are no use alone.
fn is_auxiliary(format: &Format) -> bool {
    format
        .map
        .as_ref()
        .is_some_and(|map| map.is_telephone_event() || map.encoding.eq_ignore_ascii_case("CN"))
}

fn answered(
    offer: &Session,
    offered: &Media,
    capability: &Session,
    own: &Media,
    policy: AnswerPolicy,
) -> Media {
    let pairs = common(offered, own, policy);
    let formats = pairs.iter().map(|pair| pair.theirs.clone()).collect();
    let mut media = Media::new(&offered.kind, own.port, &offered.protocol, formats);
    media.connection = own.connection.clone();
    for pair in &pairs {
        let (Ok(theirs), Ok(number)) = (pair.theirs.parse::<u8>(), pair.own.parse::<u8>()) else {
            continue;
        };
        let map = own.rtp_formats().into_iter().find(|f| f.payload_type == number);
        if let Some(map) = map.and_then(|format| format.map) {
            media.attribute("rtpmap", map.value(theirs));
        }
        if let Some(parameters) = own.fmtp(number) {
            media.attribute("fmtp", format!("{theirs} {parameters}"));
        }
    }
    for name in ["ptime", "maxptime"] {
        if let Some(value) = own.value(name) {
            media.attribute(name, value);
        }
    }
    let direction = both(capability.direction_of(own), offer.direction_of(offered).reversed());
    media.push_direction(direction);
    media
}

/// Keeps only these formats, in this order, and the rtpmap and fmtp lines that belong to them.
fn keep_formats(media: &mut Media, formats: &[String]) {
    media.formats = formats.to_vec();
    media.attributes.retain(|attribute| {
        if !attribute.is("rtpmap") && !attribute.is("fmtp") {
            return true;
        }
        let number = attribute.value.as_deref().and_then(|value| value.split_whitespace().next());
        number.is_some_and(|number| formats.iter().any(|format| format == number))
    });
}
