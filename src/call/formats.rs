//! Formats of an audio description turned into what the media worker knows: codecs, events, packet
//! time.

use crate::{
    base::{
        opus::encodable_ptime,
        plan::{CodecKind, CodecPlan, DtmfPlan, OpusParams},
        time::Ptime,
    },
    proto::sdp::{Format, Media, OpusFmtp, RtpMap},
};

/// What a codec of ours is called in SDP. Opus always says two channels (RFC 7587 §7).
pub(super) fn map_of(codec: CodecKind) -> RtpMap {
    let channels = if codec == CodecKind::Opus { 2 } else { 1 };
    RtpMap::new(codec.name(), codec.clock_rate_hz(), channels)
}

/// The payload type that we offer a codec under, when it is free.
pub(super) fn preferred_number(codec: CodecKind) -> u8 {
    codec.static_payload_type().unwrap_or(96)
}

/// The codec of a format; `own`: our parameters, else those of the format's fmtp.
pub(super) fn codec_plan(format: &Format, own: Option<OpusParams>) -> Option<CodecPlan> {
    let map = format.map.as_ref()?;
    let kind = CodecKind::from_name(&map.encoding).filter(|kind| map_of(*kind).matches(map))?;
    let said = || OpusFmtp::parse(format.fmtp.as_deref().unwrap_or_default()).0;
    let opus =
        if kind == CodecKind::Opus { own.unwrap_or_else(said) } else { OpusParams::default() };
    Some(CodecPlan { kind, payload_type: format.payload_type, opus })
}

/// Whether a codec of this engine is among the formats.
pub(super) fn speaks(media: &Media) -> bool {
    media.rtp_formats().iter().any(|format| codec_plan(format, None).is_some())
}

/// telephone-event at the clock of the codec that is sent, else at any that both have.
pub(super) fn dtmf_plan(
    ours: &[Format],
    theirs: &[Format],
    clock_rate_hz: u32,
) -> Option<DtmfPlan> {
    let events = |formats: &[Format]| -> Vec<(u32, u8)> {
        let maps = formats.iter().filter_map(|f| f.map.as_ref().map(|map| (map, f.payload_type)));
        maps.filter(|(map, _)| map.is_telephone_event())
            .map(|(map, number)| (map.clock_rate_hz, number))
            .collect()
    };
    let (ours, theirs) = (events(ours), events(theirs));
    let shared: Vec<(u32, u8, u8)> = ours
        .iter()
        .filter_map(|(clock, receive)| {
            let (_, send) = theirs.iter().find(|(their_clock, _)| their_clock == clock)?;
            Some((*clock, *receive, *send))
        })
        .collect();
    let best = shared.iter().find(|(clock, ..)| *clock == clock_rate_hz).or(shared.first())?;
    Some(DtmfPlan {
        send_payload_type: Some(best.2),
        receive_payload_type: best.1,
        clock_rate_hz: best.0,
    })
}

/// What the far end asks for, within its maximum, else our own wish (RFC 8866 §6.4).
pub(super) fn ptime(own: Ptime, remote: &Media, codec: CodecKind) -> Ptime {
    let wanted = remote.ptime_ms().map_or(own, Ptime::floor_ms);
    let ptime = match remote.maxptime_ms() {
        Some(most) if most < wanted.ms() => Ptime::floor_ms(most),
        _ => wanted,
    };
    if codec == CodecKind::Opus { encodable_ptime(ptime) } else { ptime }
}
