//! The digest itself (RFC 7616 §3.4, RFC 2617 §3.2.2 for requests without qop).

use std::fmt::Write as _;

use md5::{Digest as _, Md5};
use sha2::{Sha256, Sha512_256};

/// A digest algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// `MD5`, and what is meant when nothing is said.
    Md5,
    /// `MD5-sess`.
    Md5Sess,
    /// `SHA-256`.
    Sha256,
    /// `SHA-256-sess`.
    Sha256Sess,
    /// `SHA-512-256`.
    Sha512Trunc256,
    /// `SHA-512-256-sess`.
    Sha512Trunc256Sess,
}

impl Algorithm {
    const ALL: [Algorithm; 6] = [
        Algorithm::Md5,
        Algorithm::Md5Sess,
        Algorithm::Sha256,
        Algorithm::Sha256Sess,
        Algorithm::Sha512Trunc256,
        Algorithm::Sha512Trunc256Sess,
    ];

    /// The name in a challenge.
    pub fn name(self) -> &'static str {
        match self {
            Algorithm::Md5 => "MD5",
            Algorithm::Md5Sess => "MD5-sess",
            Algorithm::Sha256 => "SHA-256",
            Algorithm::Sha256Sess => "SHA-256-sess",
            Algorithm::Sha512Trunc256 => "SHA-512-256",
            Algorithm::Sha512Trunc256Sess => "SHA-512-256-sess",
        }
    }

    /// From a name in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name().eq_ignore_ascii_case(name))
    }

    /// Whether the key is bound to nonce and cnonce.
    pub fn is_session(self) -> bool {
        matches!(self, Algorithm::Md5Sess | Algorithm::Sha256Sess | Algorithm::Sha512Trunc256Sess)
    }

    fn hash(self, data: &[u8]) -> String {
        match self {
            Algorithm::Md5 | Algorithm::Md5Sess => hex(&Md5::digest(data)),
            Algorithm::Sha256 | Algorithm::Sha256Sess => hex(&Sha256::digest(data)),
            Algorithm::Sha512Trunc256 | Algorithm::Sha512Trunc256Sess => {
                hex(&Sha512_256::digest(data))
            }
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Quality of protection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Qop {
    /// The request line is covered.
    Auth,
    /// The request line and the body are covered.
    AuthInt,
}

impl Qop {
    /// The name.
    pub fn name(self) -> &'static str {
        match self {
            Qop::Auth => "auth",
            Qop::AuthInt => "auth-int",
        }
    }

    /// From a name in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        [Qop::Auth, Qop::AuthInt].into_iter().find(|qop| qop.name().eq_ignore_ascii_case(name))
    }
}

/// Everything that goes into a response value.
#[derive(Clone, Copy)]
pub struct DigestInput<'a> {
    /// The algorithm.
    pub algorithm: Algorithm,
    /// User name.
    pub username: &'a str,
    /// Realm.
    pub realm: &'a str,
    /// Password.
    pub password: &'a str,
    /// Method of the request.
    pub method: &'a str,
    /// The `uri` field.
    pub uri: &'a str,
    /// The server's nonce.
    pub nonce: &'a str,
    /// Quality of protection, with it `nc` (8 hexadecimal digits) and `cnonce` count.
    pub qop: Option<Qop>,
    /// Nonce count as written.
    pub nc: &'a str,
    /// The client's nonce.
    pub cnonce: &'a str,
    /// Body of the request, for `auth-int`.
    pub body: &'a [u8],
}

/// The `response` value in lower-case hexadecimal.
pub fn digest_response(input: &DigestInput<'_>) -> String {
    let DigestInput { algorithm, username, realm, password, method, uri, nonce, .. } = *input;
    let h = |text: String| algorithm.hash(text.as_bytes());
    let mut ha1 = h(format!("{username}:{realm}:{password}"));
    if algorithm.is_session() {
        ha1 = h(format!("{ha1}:{nonce}:{}", input.cnonce));
    }
    let ha2 = match input.qop {
        Some(Qop::AuthInt) => h(format!("{method}:{uri}:{}", algorithm.hash(input.body))),
        _ => h(format!("{method}:{uri}")),
    };
    match input.qop {
        Some(qop) => h(format!("{ha1}:{nonce}:{}:{}:{}:{ha2}", input.nc, input.cnonce, qop.name())),
        None => h(format!("{ha1}:{nonce}:{ha2}")),
    }
}
