//! One session description as plain values. The one file that names `sdp-types`.

use std::{fmt, net::IpAddr};

/// A session description: what this engine keeps of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The `o=` line.
    pub origin: Origin,
    /// Session name (`s=`); `-` when there is none to give (RFC 8866 §5.3).
    pub name: String,
    /// Address of the `c=` line above the first `m=`, as written.
    pub connection: Option<String>,
    /// Attributes of the session level, in order.
    pub attributes: Vec<Attribute>,
    /// Media descriptions, in order.
    pub media: Vec<Media>,
}

/// The `o=` line (RFC 8866 §5.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// User name; `-` for none.
    pub username: String,
    /// Session id, digits by rule.
    pub session_id: String,
    /// Version, one up with each change of the description (RFC 3264 §8).
    pub version: u64,
    /// Unicast address, as written.
    pub address: String,
}

/// A media description: an `m=` line and what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// `audio`, `video`, `image`, …
    pub kind: String,
    /// Transport port; 0 refuses the stream (RFC 3264 §6).
    pub port: u16,
    /// `RTP/AVP`, `RTP/SAVP`, `udptl`, …
    pub protocol: String,
    /// Formats as written: payload types for the RTP protocols.
    pub formats: Vec<String>,
    /// Address of its own `c=` line, as written.
    pub connection: Option<String>,
    /// Attributes, in order.
    pub attributes: Vec<Attribute>,
}

/// `a=name` or `a=name:value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// The part before the colon.
    pub name: String,
    /// The part after it.
    pub value: Option<String>,
}

/// Why bytes are not a session description.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SdpError {
    /// Longer than [`MAX_BYTES`].
    TooLong(usize),
    /// More media descriptions than [`MAX_MEDIA`].
    TooManyMedia(usize),
    /// A line that must be understood is malformed.
    Malformed(String),
}

impl fmt::Display for SdpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SdpError::TooLong(bytes) => write!(f, "session description of {bytes} bytes"),
            SdpError::TooManyMedia(count) => write!(f, "{count} media descriptions"),
            SdpError::Malformed(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for SdpError {}

/// Longest description taken, in bytes. A SIP datagram cannot carry more.
pub const MAX_BYTES: usize = 65_535;

/// Most media descriptions taken; each costs a line in every answer.
pub const MAX_MEDIA: usize = 64;

impl Session {
    /// Reads a description. Lines of no interest here may be broken, missing or in odd order.
    pub fn parse(bytes: &[u8]) -> Result<Self, SdpError> {
        if bytes.len() > MAX_BYTES {
            return Err(SdpError::TooLong(bytes.len()));
        }
        let text = kept_lines(&String::from_utf8_lossy(bytes));
        let parsed = sdp_types::Session::parse(text.as_bytes())
            .map_err(|error| SdpError::Malformed(error.to_string()))?;
        if parsed.medias.len() > MAX_MEDIA {
            return Err(SdpError::TooManyMedia(parsed.medias.len()));
        }
        check_types(&parsed)?;
        Ok(Self {
            origin: Origin {
                username: parsed.origin.username.unwrap_or_else(|| "-".to_owned()),
                session_id: parsed.origin.sess_id,
                version: parsed.origin.sess_version,
                address: parsed.origin.unicast_address,
            },
            name: parsed.session_name,
            connection: parsed.connection.map(|connection| connection.connection_address),
            attributes: parsed.attributes.into_iter().map(Attribute::from).collect(),
            media: parsed.medias.into_iter().map(Media::from).collect(),
        })
    }

    /// Writes the description, lines ended by CRLF.
    pub fn encode(&self) -> Vec<u8> {
        let origin = sdp_types::Origin {
            username: Some(self.origin.username.clone()),
            sess_id: self.origin.session_id.clone(),
            sess_version: self.origin.version,
            nettype: sdp_types::NetType::In,
            addrtype: address_type(&self.origin.address),
            unicast_address: self.origin.address.clone(),
        };
        let name = if self.name.is_empty() { "-" } else { self.name.as_str() };
        let mut session = sdp_types::Session::new(origin, name);
        session.connection = self.connection.as_deref().map(connection);
        session.attributes = self.attributes.iter().map(Attribute::to_wire).collect();
        session.medias = self.media.iter().map(Media::to_wire).collect();
        let mut bytes = Vec::with_capacity(512);
        // Writing into memory does not fail.
        let _ = session.write(&mut bytes);
        bytes
    }

    /// Address that `media` is to be sent to: its own `c=` line, else the session's (RFC 8866 §5.7).
    pub fn address_of<'a>(&'a self, media: &'a Media) -> Option<&'a str> {
        media.connection.as_deref().or(self.connection.as_deref())
    }

    /// The same as an IP address; `None` for a host name or none at all.
    pub fn ip_of(&self, media: &Media) -> Option<IpAddr> {
        // A multicast address may carry "/ttl"; nobody calls those, but the digits still parse.
        self.address_of(media)?.split('/').next()?.parse().ok()
    }
}

impl Media {
    /// A description without attributes.
    pub fn new(kind: &str, port: u16, protocol: &str, formats: Vec<String>) -> Self {
        Self {
            kind: kind.to_owned(),
            port,
            protocol: protocol.to_owned(),
            formats,
            connection: None,
            attributes: Vec::new(),
        }
    }

    /// The answer to this description that refuses it: port 0, one format because the grammar wants
    /// one (RFC 3264 §6).
    pub fn refused(&self) -> Self {
        let formats = self.formats.iter().take(1).cloned().collect();
        Self::new(&self.kind, 0, &self.protocol, formats)
    }

    /// Adds `a=name`.
    pub fn flag(&mut self, name: &str) {
        self.attributes.push(Attribute { name: name.to_owned(), value: None });
    }

    /// Adds `a=name:value`.
    pub fn attribute(&mut self, name: &str, value: impl Into<String>) {
        self.attributes.push(Attribute { name: name.to_owned(), value: Some(value.into()) });
    }

    /// The first value of an attribute.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find_map(|attribute| {
            if attribute.is(name) { attribute.value.as_deref() } else { None }
        })
    }

    /// Every value of an attribute, in order.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.attributes
            .iter()
            .filter(move |attribute| attribute.is(name))
            .filter_map(|attribute| attribute.value.as_deref())
    }

    /// Whether an attribute is there, with or without a value.
    pub fn has(&self, name: &str) -> bool {
        self.attributes.iter().any(|attribute| attribute.is(name))
    }

    fn to_wire(&self) -> sdp_types::Media {
        let mut media = sdp_types::Media {
            media: self.kind.clone(),
            port: self.port,
            num_ports: None,
            proto: self.protocol.clone(),
            fmt: self.formats.join(" "),
            media_title: None,
            connections: Vec::new(),
            bandwidths: Vec::new(),
            key: None,
            attributes: self.attributes.iter().map(Attribute::to_wire).collect(),
        };
        media.connections.extend(self.connection.as_deref().map(connection));
        media
    }
}

impl From<sdp_types::Media> for Media {
    fn from(media: sdp_types::Media) -> Self {
        Self {
            kind: media.media,
            port: media.port,
            protocol: media.proto,
            formats: media.fmt.split_whitespace().map(str::to_owned).collect(),
            connection: media.connections.into_iter().next().map(|c| c.connection_address),
            attributes: media.attributes.into_iter().map(Attribute::from).collect(),
        }
    }
}

impl Attribute {
    /// Whether it has this name. Attribute names are case-sensitive (RFC 8866 §5.13); some devices
    /// write `a=RTPMAP` all the same, and no two registered names differ by case only.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    fn to_wire(&self) -> sdp_types::Attribute {
        match &self.value {
            Some(value) => sdp_types::Attribute::with_value(&self.name, value),
            None => sdp_types::Attribute::new(&self.name),
        }
    }
}

impl From<sdp_types::Attribute> for Attribute {
    fn from(attribute: sdp_types::Attribute) -> Self {
        Self { name: attribute.attribute, value: attribute.value }
    }
}

/// Only the lines that are read here, with single spaces where fields are split by them: a broken
/// `b=` or `z=` line is no reason to refuse a call.
fn kept_lines(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut above_media = true;
    let mut seen = [false; 4];
    for line in text.split(['\r', '\n']).map(|line| line.trim_end_matches('\0')) {
        let Some((key, value)) = line.split_once('=') else { continue };
        match key {
            // Lines that may stand once only: the first counts.
            "v" | "o" | "s" | "c" if above_media => {
                let slot = ["v", "o", "s", "c"].iter().position(|k| *k == key).unwrap_or(0);
                if std::mem::replace(&mut seen[slot], true) {
                    continue;
                }
            }
            "c" | "a" | "m" => {}
            _ => continue,
        }
        above_media &= key != "m";
        kept.push_str(key);
        kept.push('=');
        if matches!(key, "v" | "o" | "c" | "m") {
            for (index, field) in value.split_whitespace().enumerate() {
                if index > 0 {
                    kept.push(' ');
                }
                kept.push_str(field);
            }
        } else {
            kept.extend(value.chars().filter(|c| *c != '\0'));
        }
        kept.push_str("\r\n");
    }
    kept
}

/// Addresses of the Internet are the only ones there are (RFC 8866 §5.2, §5.7).
fn check_types(parsed: &sdp_types::Session) -> Result<(), SdpError> {
    use sdp_types::{AddrType, NetType};
    let media = parsed.medias.iter().flat_map(|media| &media.connections);
    let connections = parsed.connection.iter().chain(media);
    let origin = (&parsed.origin.nettype, &parsed.origin.addrtype);
    for (network, address) in
        connections.map(|line| (&line.nettype, &line.addrtype)).chain([origin])
    {
        if *network != NetType::In {
            return Err(SdpError::Malformed(format!("unknown network type {network}")));
        }
        if !matches!(address, AddrType::Ip4 | AddrType::Ip6) {
            return Err(SdpError::Malformed(format!("unknown address type {address}")));
        }
    }
    Ok(())
}

fn address_type(address: &str) -> sdp_types::AddrType {
    if address.contains(':') { sdp_types::AddrType::Ip6 } else { sdp_types::AddrType::Ip4 }
}

fn connection(address: &str) -> sdp_types::Connection {
    sdp_types::Connection::new(sdp_types::NetType::In, address_type(address), address)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFER: &str = "v=0\r\no=alice 2890844526 2 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\n\
        b=nonsense\r\nt=0 0\r\nz=broken\r\nm=audio 49170 RTP/AVP 0 97\r\nc=IN IP4 192.0.2.9\r\n\
        a=rtpmap:97 opus/48000/2\r\na=sendonly\r\nm=video 0 RTP/AVP 31\r\n";

    #[test]
    fn reads_addresses_formats_and_attributes_and_skips_broken_lines_of_no_interest() {
        let session = Session::parse(OFFER.as_bytes()).unwrap();
        assert_eq!(session.origin.version, 2);
        assert_eq!(session.media.len(), 2);
        let audio = &session.media[0];
        assert_eq!((audio.kind.as_str(), audio.port), ("audio", 49170));
        assert_eq!(audio.formats, ["0", "97"]);
        assert_eq!(session.ip_of(audio), Some("192.0.2.9".parse().unwrap()));
        assert_eq!(session.ip_of(&session.media[1]), Some("192.0.2.1".parse().unwrap()));
        assert!(audio.has("sendonly"));
        assert_eq!(audio.value("rtpmap"), Some("97 opus/48000/2"));
    }

    #[test]
    fn what_was_written_reads_back_the_same() {
        let session = Session::parse(OFFER.as_bytes()).unwrap();
        assert_eq!(Session::parse(&session.encode()), Ok(session));
    }

    #[test]
    fn takes_bare_line_feeds_doubled_blanks_missing_lines_and_foreign_octets() {
        let text =
            b"v=0\no=- 1 1 IN IP6 ::1\nc=IN  IP6 ::1 \nm=audio  4000  RTP/AVP 0  8 \na=x:\xff\n";
        let session = Session::parse(text).unwrap();
        assert_eq!(session.media[0].formats, ["0", "8"]);
        assert_eq!(session.ip_of(&session.media[0]), Some("::1".parse().unwrap()));
        assert!(String::from_utf8(session.encode()).unwrap().contains("c=IN IP6 ::1\r\n"));
    }

    #[test]
    fn refuses_what_cannot_be_answered() {
        for text in ["", "hello", "v=1\r\n", "v=0\r\nm=audio 70000 RTP/AVP 0\r\n", "v=0\r\nm=audio"]
        {
            assert!(Session::parse(text.as_bytes()).is_err(), "{text:?}");
        }
        assert_eq!(
            Session::parse(&vec![b'a'; MAX_BYTES + 1]),
            Err(SdpError::TooLong(MAX_BYTES + 1))
        );
        let many = format!("v=0\r\n{}", "m=audio 1 RTP/AVP 0\r\n".repeat(MAX_MEDIA + 1));
        assert_eq!(Session::parse(many.as_bytes()), Err(SdpError::TooManyMedia(MAX_MEDIA + 1)));
    }
}
