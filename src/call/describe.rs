//! How our audio is described: formats under numbers that stay, packet time, RTCP (RFC 3264 §5).

use super::{
    audio::Negotiator,
    formats::{map_of, preferred_number},
};
use crate::{
    base::plan::CodecKind,
    proto::sdp::{Media, OpusFmtp, RtpMap, Session},
};

impl Negotiator {
    /// Our audio description: formats and packet time; no direction, RTCP or keys yet.
    pub(super) fn audio(&mut self, protocol: &str) -> Media {
        let mut media = Media::new("audio", self.terms.rtp_port, protocol, Vec::new());
        let mut clocks = Vec::new();
        for codec in self.terms.codecs.clone() {
            let number = self.number_of(&map_of(codec), preferred_number(codec));
            if media.formats.contains(&number.to_string()) {
                continue;
            }
            media.formats.push(number.to_string());
            media.attribute("rtpmap", map_of(codec).value(number));
            let parameters = OpusFmtp(self.terms.opus.wanted()).value();
            if codec == CodecKind::Opus && !parameters.is_empty() {
                media.attribute("fmtp", format!("{number} {parameters}"));
            }
            if !clocks.contains(&codec.clock_rate_hz()) {
                clocks.push(codec.clock_rate_hz());
            }
        }
        // RFC 4733 §2.1 gives events the clock of the audio beside them. At 8000 Hz they are always
        // offered: many phones have Opus and only that clock for events.
        if !clocks.contains(&8_000) {
            clocks.push(8_000);
        }
        for clock in clocks {
            let map = RtpMap::new("telephone-event", clock, 1);
            let number = self.number_of(&map, if clock == 8_000 { 101 } else { 102 });
            media.formats.push(number.to_string());
            media.attribute("rtpmap", map.value(number));
            media.attribute("fmtp", format!("{number} 0-16"));
        }
        media.attribute("ptime", self.terms.ptime.ms().to_string());
        media
    }

    pub(super) fn push_rtcp(&self, media: &mut Media, mux: bool) {
        let port = self.terms.rtcp_port.unwrap_or(self.terms.rtp_port);
        if mux {
            media.flag("rtcp-mux");
        }
        if self.terms.rtp_port.checked_add(1) != Some(port) {
            media.attribute("rtcp", port.to_string());
        }
    }

    fn number_of(&mut self, map: &RtpMap, preferred: u8) -> u8 {
        if let Some((_, number)) = self.numbers.iter().find(|(known, _)| known.matches(map)) {
            return *number;
        }
        let taken = |number: u8| self.numbers.iter().any(|(_, used)| *used == number);
        let number = if preferred < 96 || !taken(preferred) {
            preferred
        } else {
            (96..=127).find(|number| !taken(*number)).unwrap_or(preferred)
        };
        self.numbers.push((map.clone(), number));
        number
    }

    /// Takes over the numbers of an offer, so that later offers of ours keep them.
    pub(super) fn learn_numbers(&mut self, offer: &Session) {
        let audio = offer.media.iter().filter(|media| media.kind.eq_ignore_ascii_case("audio"));
        for format in audio.flat_map(Media::rtp_formats) {
            let Some(map) = format.map else { continue };
            if format.payload_type >= 96
                && !self
                    .numbers
                    .iter()
                    .any(|(known, n)| known.matches(&map) || *n == format.payload_type)
            {
                self.numbers.push((map, format.payload_type));
            }
            if self.numbers.len() > 64 {
                return;
            }
        }
    }
}
