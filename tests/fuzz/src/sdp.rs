//! Session descriptions from strangers: read, answered, and settled with.

use sidetone::{
    base::{plan::MediaPlan, rng::Rng},
    call::{
        AudioTerms, Negotiator, SrtpPolicy,
        offer_answer::{AnswerPolicy, answer, settle},
    },
    proto::sdp::{OpusFmtp, Session},
};

/// The input is an offer to us and, after a record separator, an answer to our offer (without one,
/// both).
pub fn run(data: &[u8]) {
    let mut parts = data.splitn(2, |byte| *byte == 0x1e);
    let first = parts.next().unwrap_or_default();
    let second = parts.next().unwrap_or(first);
    let (offer, reply) = (read(first), read(second));
    if let (Some(offer), Some(reply)) = (&offer, &reply) {
        core(offer, reply);
    }
    for srtp in [SrtpPolicy::Off, SrtpPolicy::Optional, SrtpPolicy::Mandatory] {
        negotiate(srtp, offer.as_ref(), reply.as_ref());
    }
}

fn read(bytes: &[u8]) -> Option<Session> {
    let session = Session::parse(bytes).ok()?;
    let written = session.encode();
    let again = Session::parse(&written).expect("what we write can be read");
    assert_eq!(again.encode(), written, "and says the same");
    for media in &session.media {
        let _ = (session.ip_of(media), session.direction_of(media), media.cryptos());
        let _ = (media.ptime_ms(), media.maxptime_ms(), media.rtcp_mux(), media.rtcp());
        for format in media.rtp_formats() {
            let _ = media.fmtp(format.payload_type).map(|text| OpusFmtp::parse(text).value());
        }
    }
    Some(session)
}

/// The rules of RFC 3264 with both as offer and capability.
fn core(offer: &Session, own: &Session) {
    for policy in [AnswerPolicy::OneCodec, AnswerPolicy::AllCommon] {
        let answered = answer(offer, own, policy, |_, _| true);
        assert_eq!(answered.media.len(), offer.media.len(), "one description for each");
        for (theirs, ours) in offer.media.iter().zip(&answered.media) {
            assert!(theirs.port != 0 || ours.port == 0, "a refused one stays refused");
        }
        let active = settle(own, &answered);
        assert_eq!(active.media.len(), own.media.len());
        let written = answered.encode();
        assert!(Session::parse(&written).is_ok(), "what we write can be read");
    }
}

fn negotiate(srtp: SrtpPolicy, offer: Option<&Session>, reply: Option<&Session>) {
    let terms = AudioTerms { srtp, ..AudioTerms::new([192, 0, 2, 1].into(), 4000, Some(4001)) };
    let mut caller = Negotiator::new(terms.clone(), Rng::from_number(1));
    let mut callee = Negotiator::new(terms, Rng::from_number(2));
    let ours = caller.offer().expect("our terms are sound");
    if let Some(reply) = reply {
        if let Ok(plan) = caller.preview(reply) {
            sound(&plan, srtp);
            let _ = caller.accept_preview();
        } else if let Ok(plan) = caller.accept(reply) {
            sound(&plan, srtp);
        }
    }
    for offer in [offer, reply, Some(&ours), offer].into_iter().flatten() {
        let Ok((answered, plan)) = callee.answer(offer) else { continue };
        assert_eq!(answered.media.len(), offer.media.len(), "one description for each");
        sound(&plan, srtp);
        let again = Session::parse(&answered.encode()).expect("what we write can be read");
        assert_eq!(again.media.len(), answered.media.len());
    }
    // And once more, on top of what is in force.
    if !caller.awaits_answer() && caller.offer().is_ok() {
        if let Some(Ok(plan)) = reply.map(|reply| caller.accept(reply)) {
            sound(&plan, srtp);
        }
        caller.abandon_offer();
    }
}

fn sound(plan: &MediaPlan, srtp: SrtpPolicy) {
    assert!(!plan.receive.is_empty(), "a plan without a codec");
    assert!(plan.receive.iter().all(|codec| codec.payload_type < 128));
    assert!(plan.send.payload_type < 128);
    match srtp {
        SrtpPolicy::Off => assert!(plan.srtp.is_none(), "SRTP that nobody allowed"),
        SrtpPolicy::Mandatory => assert!(plan.srtp.is_some(), "in the clear, against the policy"),
        SrtpPolicy::Optional => {}
    }
}
