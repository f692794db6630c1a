//! Digest authentication (RFC 7616, RFC 8760, RFC 3261 §22), both sides.
//!
//! ```text
//!  401, 407 ─► Authenticator::handle_challenge ─► authorize(request) ─► Authorization
//!                   └─ of a stranger, or a realm that is not ours ([`Realms`]): refused
//!  request ─► Authority::check ─► the user, or the challenge to answer with
//! ```
//!
//! Algorithms MD5, MD5-sess, SHA-256, SHA-256-sess and SHA-512-256; qop `auth`, `auth-int` and none.

mod client;
mod digest;
mod fields;
mod realms;
mod server;

pub use client::{Authenticator, ChallengeError, Credentials, strip};
pub use digest::{Algorithm, DigestInput, Qop, digest_response};
pub use fields::{Authorization, Challenge};
pub use realms::{MOST_REALMS, OwnRealms, Realms};
pub use server::{Authority, Verdict};
