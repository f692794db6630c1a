//! The fields of a challenge and of its answer (RFC 7616 §3.3, §3.4, RFC 3261 §25.1).

use super::digest::{Algorithm, Qop};
use crate::proto::sip::wire::text;

/// `name=value` pairs behind the scheme `Digest`; quotes are undone.
fn digest_fields(value: &str) -> Option<Vec<(String, String)>> {
    let value = text::trim(value);
    let (scheme, rest) = value.split_once([' ', '\t'])?;
    if !scheme.eq_ignore_ascii_case("Digest") {
        return None;
    }
    let pairs = text::split(rest, ',').filter(|piece| !piece.is_empty()).map(|piece| {
        let (name, value) = piece.split_once('=')?;
        Some((text::trim(name).to_ascii_lowercase(), text::unquote(text::trim(value))))
    });
    pairs.collect()
}

fn field(fields: &[(String, String)], name: &str) -> Option<String> {
    fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
}

/// The `nextnonce` of an Authentication-Info (RFC 7616 §3.5), which has no scheme in front.
pub(super) fn next_nonce(value: &str) -> Option<String> {
    let nonce = text::split(value, ',').find_map(|piece| {
        let (name, value) = piece.split_once('=')?;
        let named = text::trim(name).eq_ignore_ascii_case("nextnonce");
        named.then(|| text::unquote(text::trim(value)))
    });
    nonce.filter(|nonce| !nonce.is_empty())
}

/// A digest challenge: the value of WWW-Authenticate or Proxy-Authenticate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// Who asks.
    pub realm: String,
    /// The nonce.
    pub nonce: String,
    /// To be sent back as it is.
    pub opaque: Option<String>,
    /// The algorithm; `None` when it is one that is unknown here.
    pub algorithm: Option<Algorithm>,
    /// What the server would take; empty for one of RFC 2069.
    pub qop: Vec<Qop>,
    /// The credentials may be right, only the nonce is old.
    pub stale: bool,
    /// The server named qop values, and none is known here.
    unknown_qop: bool,
}

impl Challenge {
    /// A challenge with both kinds of protection on offer.
    pub fn new(realm: &str, nonce: &str, algorithm: Algorithm) -> Self {
        Self {
            realm: realm.to_owned(),
            nonce: nonce.to_owned(),
            opaque: None,
            algorithm: Some(algorithm),
            qop: vec![Qop::Auth, Qop::AuthInt],
            stale: false,
            unknown_qop: false,
        }
    }

    /// Reads one value; `None` for another scheme or when realm or nonce is missing.
    pub fn parse(value: &str) -> Option<Self> {
        let fields = digest_fields(value)?;
        let listed = field(&fields, "qop").unwrap_or_default();
        let names = || text::split(&listed, ',').filter(|name| !name.is_empty());
        let qop: Vec<Qop> = names().filter_map(Qop::from_name).collect();
        Some(Self {
            realm: field(&fields, "realm")?,
            nonce: field(&fields, "nonce")?,
            opaque: field(&fields, "opaque"),
            algorithm: match field(&fields, "algorithm") {
                Some(name) => Algorithm::from_name(&name),
                None => Some(Algorithm::Md5),
            },
            unknown_qop: qop.is_empty() && names().next().is_some(),
            qop,
            stale: field(&fields, "stale").is_some_and(|v| v.eq_ignore_ascii_case("true")),
        })
    }

    /// Whether it can be answered here.
    pub fn is_usable(&self) -> bool {
        self.algorithm.is_some() && !self.unknown_qop
    }

    /// How strong its algorithm is, to choose by.
    pub fn strength(&self) -> u32 {
        match self.algorithm {
            None => 0,
            Some(Algorithm::Md5 | Algorithm::Md5Sess) => 1,
            Some(Algorithm::Sha256 | Algorithm::Sha256Sess) => 2,
            Some(Algorithm::Sha512Trunc256 | Algorithm::Sha512Trunc256Sess) => 3,
        }
    }
}

impl std::fmt::Display for Challenge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Digest realm={}, nonce={}", text::quote(&self.realm), text::quote(&self.nonce))?;
        if let Some(opaque) = &self.opaque {
            write!(f, ", opaque={}", text::quote(opaque))?;
        }
        if let Some(algorithm) = self.algorithm {
            write!(f, ", algorithm={}", algorithm.name())?;
        }
        if !self.qop.is_empty() {
            let names: Vec<_> = self.qop.iter().map(|qop| qop.name()).collect();
            write!(f, ", qop=\"{}\"", names.join(","))?;
        }
        if self.stale { f.write_str(", stale=true") } else { Ok(()) }
    }
}

/// Digest credentials: the value of Authorization or Proxy-Authorization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// Who asks to be let in.
    pub username: String,
    /// The realm of the challenge.
    pub realm: String,
    /// Its nonce.
    pub nonce: String,
    /// The Request-URI as the client hashed it.
    pub uri: String,
    /// The digest.
    pub response: String,
    /// The algorithm, MD5 when nothing was said.
    pub algorithm: Algorithm,
    /// Whether the algorithm was named.
    pub algorithm_named: bool,
    /// The challenge's opaque.
    pub opaque: Option<String>,
    /// Quality of protection with client nonce and nonce count as written.
    pub qop: Option<(Qop, String, String)>,
    /// A cnonce outside qop, which the -sess algorithms need.
    pub cnonce: Option<String>,
}

impl Authorization {
    /// Reads one value.
    pub fn parse(value: &str) -> Option<Self> {
        let fields = digest_fields(value)?;
        let cnonce = field(&fields, "cnonce");
        let qop = match field(&fields, "qop") {
            Some(name) => Some((Qop::from_name(&name)?, cnonce.clone()?, field(&fields, "nc")?)),
            None => None,
        };
        let algorithm = field(&fields, "algorithm");
        Some(Self {
            username: field(&fields, "username")?,
            realm: field(&fields, "realm")?,
            nonce: field(&fields, "nonce")?,
            uri: field(&fields, "uri")?,
            response: field(&fields, "response")?,
            algorithm_named: algorithm.is_some(),
            algorithm: match algorithm {
                Some(name) => Algorithm::from_name(&name)?,
                None => Algorithm::Md5,
            },
            opaque: field(&fields, "opaque"),
            qop,
            cnonce,
        })
    }

    /// The nonce count, when there is a readable one.
    pub fn nonce_count(&self) -> Option<u32> {
        let (_, _, nc) = self.qop.as_ref()?;
        (nc.len() == 8).then(|| u32::from_str_radix(nc, 16).ok()).flatten()
    }
}

impl std::fmt::Display for Authorization {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let quote = text::quote;
        write!(f, "Digest username={}, realm={}", quote(&self.username), quote(&self.realm))?;
        write!(f, ", nonce={}, uri={}", quote(&self.nonce), quote(&self.uri))?;
        write!(f, ", response=\"{}\"", self.response)?;
        if self.algorithm_named {
            write!(f, ", algorithm={}", self.algorithm.name())?;
        }
        match &self.qop {
            Some((qop, cnonce, nc)) => {
                write!(f, ", cnonce={}, qop={}, nc={nc}", quote(cnonce), qop.name())?;
            }
            None => {
                if let Some(cnonce) = &self.cnonce {
                    write!(f, ", cnonce={}", quote(cnonce))?;
                }
            }
        }
        match &self.opaque {
            Some(opaque) => write!(f, ", opaque={}", quote(opaque)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_challenges_of_the_field() {
        let challenge = Challenge::parse(
            "Digest realm=\"a, \\\"b\\\"\",nonce=\"n=1\" , qop=\"auth,auth-int\", stale=TRUE,\
             algorithm=SHA-256, opaque=\"\", charset=UTF-8",
        )
        .unwrap();
        assert_eq!(challenge.realm, "a, \"b\"");
        assert_eq!(challenge.nonce, "n=1");
        assert_eq!(challenge.qop, [Qop::Auth, Qop::AuthInt]);
        assert!(challenge.stale && challenge.is_usable());
        assert_eq!(challenge.opaque.as_deref(), Some(""));
        let old = Challenge::parse("digest realm=\"r\", nonce=\"n\"").unwrap();
        assert_eq!((old.algorithm, old.qop.len()), (Some(Algorithm::Md5), 0));
        let aka = Challenge::parse("Digest realm=\"r\", nonce=\"n\", algorithm=AKAv1-MD5").unwrap();
        assert!(!aka.is_usable());
        assert!(Challenge::parse("Basic realm=\"r\"").is_none());
        assert!(Challenge::parse("Digest realm=\"r\"").is_none());
        assert_eq!(Challenge::parse(&challenge.to_string()), Some(challenge));
    }
}
