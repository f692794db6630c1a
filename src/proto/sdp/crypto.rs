//! `a=crypto` (RFC 4568): reading, choosing and writing SDES keys.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::session::Media;
use crate::base::plan::{MasterKey, SrtpSuite};

/// One usable `a=crypto` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CryptoAttribute {
    /// Tag that the answer repeats, 1 to 9 digits (RFC 4568 §9.1).
    pub tag: u32,
    /// Suite.
    pub suite: SrtpSuite,
    /// Key and salt of the side that wrote the line: what it sends with.
    pub key: MasterKey,
}

/// Why a line is passed over.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CryptoError {
    /// Not in the form of RFC 4568 §9.1.
    Malformed,
    /// A suite that this engine has not.
    UnknownSuite(String),
    /// A key method other than `inline`, or several keys.
    KeyMethod,
    /// Base64 that does not decode, or a length that is not the suite's.
    KeyLength,
    /// An MKI, which would change the packets' format.
    Mki,
    /// A session parameter that must be honoured and is not known (RFC 4568 §6.3.7).
    SessionParameter(String),
}

impl fmt::Display for CryptoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CryptoError::Malformed => f.write_str("malformed crypto attribute"),
            CryptoError::UnknownSuite(name) => write!(f, "unknown crypto suite {name}"),
            CryptoError::KeyMethod => f.write_str("key method is not one inline key"),
            CryptoError::KeyLength => f.write_str("key length does not fit the suite"),
            CryptoError::Mki => f.write_str("master key identifiers are not supported"),
            CryptoError::SessionParameter(name) => write!(f, "session parameter {name}"),
        }
    }
}

impl std::error::Error for CryptoError {}

impl CryptoAttribute {
    /// Reads the value of `a=crypto`: `1 SUITE inline:KEY|LIFETIME|MKI:LENGTH PARAMETERS`.
    pub fn parse(value: &str) -> Result<Self, CryptoError> {
        let mut fields = value.split_whitespace();
        let tag = fields.next().ok_or(CryptoError::Malformed)?;
        let tag = (tag.len() <= 9).then(|| tag.parse().ok()).flatten();
        let tag = tag.ok_or(CryptoError::Malformed)?;
        let suite = fields.next().ok_or(CryptoError::Malformed)?;
        let suite = SrtpSuite::from_name(suite)
            .ok_or_else(|| CryptoError::UnknownSuite(suite.to_owned()))?;
        let key = parse_key(suite, fields.next().ok_or(CryptoError::Malformed)?)?;
        for parameter in fields {
            check_parameter(parameter)?;
        }
        Ok(Self { tag, suite, key })
    }

    /// The value of `a=crypto`.
    pub fn value(&self) -> String {
        let key = STANDARD.encode(self.key.key_and_salt());
        format!("{} {} inline:{key}", self.tag, self.suite.name())
    }
}

impl Media {
    /// The usable crypto lines, in order; the others are passed over (RFC 4568 §5.1.2).
    pub fn cryptos(&self) -> Vec<CryptoAttribute> {
        self.values("crypto").filter_map(|value| CryptoAttribute::parse(value).ok()).collect()
    }
}

fn parse_key(suite: SrtpSuite, parameters: &str) -> Result<MasterKey, CryptoError> {
    let inline = parameters
        .get(..7)
        .filter(|method| method.eq_ignore_ascii_case("inline:"))
        .map(|_| &parameters[7..])
        .ok_or(CryptoError::KeyMethod)?;
    if inline.contains(';') {
        return Err(CryptoError::KeyMethod);
    }
    let mut parts = inline.split('|');
    let key = parts.next().unwrap_or_default();
    for part in parts {
        // "2^31" is a lifetime, which this engine's calls do not reach; "1:4" an MKI.
        if part.contains(':') {
            return Err(CryptoError::Mki);
        }
    }
    // Some phones leave the padding of a 46-byte key away.
    let padded = format!("{}{}", key, "=".repeat((4 - key.len() % 4) % 4));
    let bytes = STANDARD.decode(padded).map_err(|_| CryptoError::KeyLength)?;
    MasterKey::new(suite, &bytes).ok_or(CryptoError::KeyLength)
}

/// RFC 4568 §6.3: window size is a hint, a key derivation rate of 0 the default; the rest changes
/// what is sent. A leading `-` marks a parameter that may be ignored.
fn check_parameter(parameter: &str) -> Result<(), CryptoError> {
    let harmless =
        parameter.starts_with('-') || parameter == "KDR=0" || parameter.starts_with("WSH=");
    if harmless { Ok(()) } else { Err(CryptoError::SessionParameter(parameter.to_owned())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 4568 §6.1 and §9.2 examples.
    const EXAMPLE: &str =
        "1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20";

    #[test]
    fn reads_the_examples_of_the_rfc_but_for_the_identifier() {
        let line = CryptoAttribute::parse(EXAMPLE).unwrap();
        assert_eq!((line.tag, line.suite), (1, SrtpSuite::Aes128CmSha1_80));
        assert_eq!((line.key.key().len(), line.key.salt().len()), (16, 14));
        assert_eq!(CryptoAttribute::parse(&line.value()), Ok(line));
        let with_mki = format!("{EXAMPLE}|1:4");
        assert_eq!(CryptoAttribute::parse(&with_mki), Err(CryptoError::Mki));
    }

    #[test]
    fn every_suite_reads_back_with_a_key_of_its_own_length() {
        for suite in SrtpSuite::ALL {
            let bytes: Vec<u8> =
                (0..suite.key_bytes() + suite.salt_bytes()).map(|b| b as u8).collect();
            let key = MasterKey::new(suite, &bytes).unwrap();
            let line = CryptoAttribute { tag: 7, suite, key };
            assert_eq!(CryptoAttribute::parse(&line.value()), Ok(line.clone()));
            let unpadded = line.value().trim_end_matches('=').to_owned();
            assert_eq!(CryptoAttribute::parse(&unpadded), Ok(line));
        }
    }

    #[test]
    fn lines_that_would_change_the_packets_are_passed_over() {
        for bad in [
            "",
            "1",
            "x AES_CM_128_HMAC_SHA1_80 inline:AAAA",
            "1 F8_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz",
            "1 AES_CM_128_HMAC_SHA1_80 inline:AAAA",
            "1 AES_CM_128_HMAC_SHA1_80 uri:https://example.com",
            "1 AES_CM_128_HMAC_SHA1_80 inline:\u{e9}\u{e9}",
            "1234567890 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz",
        ] {
            assert!(CryptoAttribute::parse(bad).is_err(), "{bad}");
        }
        let parameter = |text: &str| CryptoAttribute::parse(&format!("{EXAMPLE} {text}"));
        assert!(parameter("UNENCRYPTED_SRTP").is_err());
        assert!(parameter("KDR=1").is_err());
        assert!(parameter("WSH=128").is_ok() && parameter("-FUTURE=1").is_ok());
    }
}
