//! Typed attributes of one media description: rtpmap, fmtp, ptime, direction, rtcp, rtcp-mux.
//!
//! An attribute that does not parse is as good as absent: a broken rtpmap makes its format one that
//! nobody knows, and nothing else.

use std::net::{IpAddr, SocketAddr};

use super::session::{Attribute, Media, Session};
use crate::base::plan::{Direction, OpusParams};

/// What an RTP payload type stands for: `a=rtpmap` (RFC 8866 §6.6) or RFC 3551's static table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RtpMap {
    /// Encoding name; compared without case (RFC 4855 §3).
    pub encoding: String,
    /// RTP clock rate in Hz.
    pub clock_rate_hz: u32,
    /// Channels; 1 when not said.
    pub channels: u8,
}

impl RtpMap {
    /// Puts a mapping together.
    pub fn new(encoding: &str, clock_rate_hz: u32, channels: u8) -> Self {
        Self { encoding: encoding.to_owned(), clock_rate_hz, channels }
    }

    /// Whether both name the same encoding at the same rate and channels.
    pub fn matches(&self, other: &RtpMap) -> bool {
        self.encoding.eq_ignore_ascii_case(&other.encoding)
            && self.clock_rate_hz == other.clock_rate_hz
            && self.channels == other.channels
    }

    /// Whether this is telephone-event (RFC 4733), also under the plural of RFC 3264's examples.
    pub fn is_telephone_event(&self) -> bool {
        self.encoding.eq_ignore_ascii_case("telephone-event")
            || self.encoding.eq_ignore_ascii_case("telephone-events")
    }

    /// The value of `a=rtpmap` for a payload type.
    pub fn value(&self, payload_type: u8) -> String {
        let base = format!("{payload_type} {}/{}", self.encoding, self.clock_rate_hz);
        if self.channels > 1 { format!("{base}/{}", self.channels) } else { base }
    }

    /// Reads the value of `a=rtpmap`.
    pub fn parse(value: &str) -> Option<(u8, Self)> {
        let (payload_type, encoding) = value.trim().split_once(char::is_whitespace)?;
        let payload_type = payload_type_of(payload_type)?;
        let mut parts = encoding.trim().split('/');
        let name = parts.next().filter(|name| !name.is_empty())?;
        let clock_rate_hz: u32 = parts.next()?.trim().parse().ok().filter(|rate| *rate > 0)?;
        let channels = match parts.next() {
            None => 1,
            Some(text) => text.trim().parse().ok().filter(|count| *count > 0)?,
        };
        Some((payload_type, Self::new(name, clock_rate_hz, channels)))
    }

    /// What a payload type means without an rtpmap (RFC 3551 tables 4 and 5).
    pub fn of_static(payload_type: u8) -> Option<Self> {
        let (name, clock_rate_hz) = match payload_type {
            0 => ("PCMU", 8_000),
            3 => ("GSM", 8_000),
            4 => ("G723", 8_000),
            5 => ("DVI4", 8_000),
            8 => ("PCMA", 8_000),
            9 => ("G722", 8_000),
            13 => ("CN", 8_000),
            15 => ("G728", 8_000),
            18 => ("G729", 8_000),
            26 => ("JPEG", 90_000),
            31 => ("H261", 90_000),
            32 => ("MPV", 90_000),
            33 => ("MP2T", 90_000),
            34 => ("H263", 90_000),
            _ => return None,
        };
        Some(Self::new(name, clock_rate_hz, 1))
    }
}

/// One format of an `m=` line of an RTP protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Format {
    /// Payload type, 0 to 127.
    pub payload_type: u8,
    /// What it stands for; `None`: unknown or broken, so nobody's codec.
    pub map: Option<RtpMap>,
    /// Parameters of `a=fmtp`, as written.
    pub fmtp: Option<String>,
}

impl Media {
    /// Whether the protocol is one of RTP over UDP (RFC 3551, 3711, 4585, 5124).
    pub fn is_rtp(&self) -> bool {
        ["RTP/AVP", "RTP/AVPF", "RTP/SAVP", "RTP/SAVPF"]
            .iter()
            .any(|name| self.protocol.eq_ignore_ascii_case(name))
    }

    /// Whether the protocol is a secure profile keyed by SDES.
    pub fn is_savp(&self) -> bool {
        self.is_rtp() && self.protocol.to_ascii_uppercase().starts_with("RTP/SAVP")
    }

    /// The formats in order; those that are no payload type are left out.
    pub fn rtp_formats(&self) -> Vec<Format> {
        let maps: Vec<(u8, RtpMap)> = self.values("rtpmap").filter_map(RtpMap::parse).collect();
        let mapped: Vec<u8> = self
            .values("rtpmap")
            .filter_map(|value| payload_type_of(value.split_whitespace().next()?))
            .collect();
        let mut formats: Vec<Format> = Vec::new();
        for text in &self.formats {
            let Some(payload_type) = payload_type_of(text) else { continue };
            if formats.iter().any(|format| format.payload_type == payload_type) {
                continue;
            }
            let map = maps.iter().find(|(number, _)| *number == payload_type);
            let map = match map {
                Some((_, map)) => Some(map.clone()),
                // A static type whose rtpmap is broken is not guessed at.
                None if mapped.contains(&payload_type) => None,
                None => RtpMap::of_static(payload_type),
            };
            let fmtp = self.fmtp(payload_type).map(str::to_owned);
            formats.push(Format { payload_type, map, fmtp });
        }
        formats
    }

    /// Parameters of `a=fmtp` for a payload type.
    pub fn fmtp(&self, payload_type: u8) -> Option<&str> {
        self.values("fmtp").find_map(|value| {
            let (number, parameters) = value.trim().split_once(char::is_whitespace)?;
            (payload_type_of(number) == Some(payload_type)).then_some(parameters.trim())
        })
    }

    /// `a=ptime` in milliseconds. Some devices write `20.0`.
    pub fn ptime_ms(&self) -> Option<u32> {
        milliseconds(self.value("ptime")?)
    }

    /// `a=maxptime` in milliseconds.
    pub fn maxptime_ms(&self) -> Option<u32> {
        milliseconds(self.value("maxptime")?)
    }

    /// Direction attribute of this level, if there is one.
    pub fn own_direction(&self) -> Option<Direction> {
        direction_in(&self.attributes)
    }

    /// Adds the direction attribute. `sendrecv` is said too: it is the default, but hold and resume
    /// are easier to read in a trace with it.
    pub fn push_direction(&mut self, direction: Direction) {
        self.flag(direction_name(direction));
    }

    /// Whether RTP and RTCP may share the port (RFC 5761 §5.1.1).
    pub fn rtcp_mux(&self) -> bool {
        self.has("rtcp-mux")
    }

    /// `a=rtcp` (RFC 3605): port, and address when it has one of its own.
    pub fn rtcp(&self) -> Option<(u16, Option<IpAddr>)> {
        let mut fields = self.value("rtcp")?.split_whitespace();
        let port = fields.next()?.parse().ok().filter(|port| *port != 0)?;
        // "53020 IN IP4 126.16.64.4"
        let address = fields.nth(2).and_then(|text| text.parse().ok());
        Some((port, address))
    }
}

impl Session {
    /// Direction of a description: its own attribute, else the session's, else `sendrecv` (RFC 8866
    /// §6.7).
    pub fn direction_of(&self, media: &Media) -> Direction {
        media.own_direction().or_else(|| direction_in(&self.attributes)).unwrap_or_default()
    }

    /// Where a description wants RTCP: `a=rtcp`, else the RTP port (muxed) or the next one (RFC 3550
    /// §11).
    pub fn rtcp_address_of(&self, media: &Media, rtp: SocketAddr, muxed: bool) -> SocketAddr {
        if muxed {
            return rtp;
        }
        match media.rtcp() {
            Some((port, address)) => SocketAddr::new(address.unwrap_or(rtp.ip()), port),
            None => SocketAddr::new(rtp.ip(), rtp.port().checked_add(1).unwrap_or(rtp.port())),
        }
    }
}

/// Opus parameters (RFC 7587 §6.1) as `a=fmtp` carries them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpusFmtp(pub OpusParams);

impl OpusFmtp {
    /// Reads them; what is not said has the RFC's default, what is out of range too.
    pub fn parse(parameters: &str) -> Self {
        let mut opus =
            OpusParams { inband_fec: false, dtx: false, cbr: false, ..OpusParams::default() };
        for parameter in parameters.split(';') {
            let Some((name, value)) = parameter.split_once('=') else { continue };
            let number = value.trim().parse::<u32>().ok();
            match name.trim().to_ascii_lowercase().as_str() {
                "useinbandfec" => opus.inband_fec = number == Some(1),
                "usedtx" => opus.dtx = number == Some(1),
                "cbr" => opus.cbr = number == Some(1),
                "maxaveragebitrate" => {
                    opus.max_average_bitrate_bps =
                        number.filter(|rate| (6_000..=510_000).contains(rate));
                }
                "maxplaybackrate" => {
                    opus.max_playback_rate_hz =
                        number.filter(|rate| (8_000..=48_000).contains(rate)).unwrap_or(48_000);
                }
                _ => {}
            }
        }
        Self(opus)
    }

    /// The value of `a=fmtp` behind the payload type; empty when all is default.
    pub fn value(&self) -> String {
        let mut parts = Vec::new();
        if self.0.max_playback_rate_hz != 48_000 {
            parts.push(format!("maxplaybackrate={}", self.0.max_playback_rate_hz));
        }
        if let Some(rate) = self.0.max_average_bitrate_bps {
            parts.push(format!("maxaveragebitrate={rate}"));
        }
        for (name, on) in
            [("useinbandfec", self.0.inband_fec), ("usedtx", self.0.dtx), ("cbr", self.0.cbr)]
        {
            if on {
                parts.push(format!("{name}=1"));
            }
        }
        parts.join(";")
    }
}

/// A payload type as text: 0 to 127.
fn payload_type_of(text: &str) -> Option<u8> {
    text.parse::<u8>().ok().filter(|number| *number < 128)
}

fn milliseconds(text: &str) -> Option<u32> {
    let whole = text.trim().split('.').next()?;
    whole.parse().ok().filter(|ms| *ms > 0)
}

fn direction_in(attributes: &[Attribute]) -> Option<Direction> {
    attributes.iter().find_map(|attribute| {
        [Direction::SendRecv, Direction::SendOnly, Direction::RecvOnly, Direction::Inactive]
            .into_iter()
            .find(|direction| attribute.is(direction_name(*direction)))
    })
}

fn direction_name(direction: Direction) -> &'static str {
    match direction {
        Direction::SendRecv => "sendrecv",
        Direction::SendOnly => "sendonly",
        Direction::RecvOnly => "recvonly",
        Direction::Inactive => "inactive",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn media(lines: &str) -> Session {
        Session::parse(format!("v=0\r\nc=IN IP4 192.0.2.1\r\n{lines}").as_bytes()).unwrap()
    }

    #[test]
    fn a_broken_rtpmap_makes_its_format_unknown_and_no_other() {
        let session = media(
            "m=audio 4000 RTP/AVP 96 97 0 8 98 nonsense 300\r\na=rtpmap:96\r\na=rtpmap:97 /48000\r\n\
             a=rtpmap:0 PCMU/0\r\na=rtpmap:98 opus/48000/2\r\na=rtpmap:zz\r\n",
        );
        let formats = session.media[0].rtp_formats();
        let known = |format: &Format| {
            (format.payload_type, format.map.as_ref().map(|map| map.encoding.clone()))
        };
        let expected = [(96, None), (97, None), (0, None), (8, Some("PCMA")), (98, Some("opus"))];
        assert_eq!(
            formats.iter().map(known).collect::<Vec<_>>(),
            expected.map(|(number, name)| (number, name.map(str::to_owned)))
        );
    }

    #[test]
    fn directions_are_looked_up_in_the_media_then_the_session() {
        let session = Session::parse(
            b"v=0\r\na=sendonly\r\nm=audio 1 RTP/AVP 0\r\nm=audio 1 RTP/AVP 0\r\na=inactive\r\n",
        )
        .unwrap();
        assert_eq!(session.direction_of(&session.media[0]), Direction::SendOnly);
        assert_eq!(session.direction_of(&session.media[1]), Direction::Inactive);
    }

    #[test]
    fn rtcp_goes_to_its_attribute_or_the_next_port_or_the_same_when_muxed() {
        let rtp: SocketAddr = "192.0.2.1:4000".parse().unwrap();
        let plain = media("m=audio 4000 RTP/AVP 0\r\n");
        assert_eq!(plain.rtcp_address_of(&plain.media[0], rtp, false).port(), 4001);
        assert_eq!(plain.rtcp_address_of(&plain.media[0], rtp, true), rtp);
        let own = media("m=audio 4000 RTP/AVP 0\r\na=rtcp:53020 IN IP4 192.0.2.7\r\n");
        let rtcp = own.rtcp_address_of(&own.media[0], rtp, false);
        assert_eq!(rtcp, "192.0.2.7:53020".parse().unwrap());
    }

    #[test]
    fn opus_parameters_read_back_and_bad_ones_fall_to_the_default() {
        let value = "maxplaybackrate=16000; maxaveragebitrate=20000; useinbandfec=1; x; usedtx=9";
        let fmtp = OpusFmtp::parse(value);
        assert!(fmtp.0.inband_fec && !fmtp.0.dtx);
        assert_eq!(fmtp.0.max_average_bitrate_bps, Some(20_000));
        assert_eq!(OpusFmtp::parse(&fmtp.value()), fmtp);
        let bad = OpusFmtp::parse("maxplaybackrate=99999;maxaveragebitrate=1;useinbandfec=yes");
        assert_eq!(bad.0.max_playback_rate_hz, 48_000);
        assert_eq!(bad.0.max_average_bitrate_bps, None);
        assert!(!bad.0.inband_fec);
    }

    #[test]
    fn ptime_is_read_with_a_fraction_and_ignored_when_broken() {
        assert_eq!(media("m=audio 1 RTP/AVP 0\r\na=ptime:20.0\r\n").media[0].ptime_ms(), Some(20));
        assert_eq!(media("m=audio 1 RTP/AVP 0\r\na=ptime:x\r\n").media[0].ptime_ms(), None);
    }
}
