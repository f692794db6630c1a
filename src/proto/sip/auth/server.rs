//! The side that challenges: what a registrar needs.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use super::{
    digest::{Algorithm, DigestInput, digest_response},
    fields::{Authorization, Challenge},
};
use crate::{
    base::rng::Rng,
    proto::sip::wire::{HeaderId, Message},
};

/// What a check says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The request comes from this user.
    User(String),
    /// Answer 401 with this challenge as WWW-Authenticate.
    Challenge(Challenge),
    /// The credentials are wrong; a challenge may be sent once more.
    Refused(Challenge),
}

/// Challenges requests of one realm and checks the answers.
#[derive(Debug)]
pub struct Authority {
    realm: String,
    algorithm: Algorithm,
    nonce_life: Duration,
    nonces: HashMap<String, Nonce>,
    rng: Rng,
}

#[derive(Debug)]
struct Nonce {
    made: Instant,
    highest_count: u32,
}

/// Nonces that are kept at once; beyond it the oldest go.
const MAX_NONCES: usize = 4096;

impl Authority {
    /// A realm; a nonce serves for `nonce_life`.
    pub fn new(realm: &str, algorithm: Algorithm, nonce_life: Duration, rng: Rng) -> Self {
        Self { realm: realm.to_owned(), algorithm, nonce_life, nonces: HashMap::new(), rng }
    }

    /// Checks a request; `password` gives a user's password.
    pub fn check(
        &mut self,
        now: Instant,
        request: &Message,
        password: impl Fn(&str) -> Option<String>,
    ) -> Verdict {
        let answer = request
            .headers(HeaderId::Authorization)
            .filter_map(Authorization::parse)
            .find(|answer| answer.realm == self.realm);
        let Some(answer) = answer else { return Verdict::Challenge(self.challenge(now, false)) };
        let right = answer.algorithm == self.algorithm
            && names_the_target(&answer, request)
            && password(&answer.username).is_some_and(|password| {
                same_text(&answer.response, &expected(&answer, request, &password))
            });
        if !right {
            return Verdict::Refused(self.challenge(now, false));
        }
        let fresh = self.nonces.get_mut(&answer.nonce).is_some_and(|nonce| {
            let young = now.saturating_duration_since(nonce.made) <= self.nonce_life;
            // A count that does not rise is a replay (RFC 7616 §3.4.5).
            let count = answer.nonce_count();
            let rises = answer.qop.is_none() || count > Some(nonce.highest_count);
            nonce.highest_count = nonce.highest_count.max(count.unwrap_or(0));
            young && rises
        });
        if fresh {
            Verdict::User(answer.username)
        } else {
            Verdict::Challenge(self.challenge(now, true))
        }
    }

    fn challenge(&mut self, now: Instant, stale: bool) -> Challenge {
        if self.nonces.len() >= MAX_NONCES {
            let life = self.nonce_life;
            self.nonces.retain(|_, nonce| now.saturating_duration_since(nonce.made) <= life);
        }
        if self.nonces.len() >= MAX_NONCES
            && let Some(oldest) =
                self.nonces.iter().min_by_key(|(_, nonce)| nonce.made).map(|(key, _)| key.clone())
        {
            self.nonces.remove(&oldest);
        }
        let nonce = self.rng.token(26);
        self.nonces.insert(nonce.clone(), Nonce { made: now, highest_count: 0 });
        let mut challenge = Challenge::new(&self.realm, &nonce, self.algorithm);
        challenge.stale = stale;
        challenge
    }
}

/// The hashed URI is the Request-URI, or one that means the same place.
fn names_the_target(answer: &Authorization, request: &Message) -> bool {
    if answer.uri == request.raw_uri() {
        return true;
    }
    match (answer.uri.parse::<crate::proto::sip::uri::Uri>(), request.uri()) {
        (Ok(own), Some(target)) => own.same_user_and_host(&target),
        _ => false,
    }
}

/// The response value that the right password gives.
fn expected(answer: &Authorization, request: &Message, password: &str) -> String {
    let (qop, cnonce, nc) = match &answer.qop {
        Some((qop, cnonce, nc)) => (Some(*qop), cnonce.as_str(), nc.as_str()),
        None => (None, answer.cnonce.as_deref().unwrap_or(""), ""),
    };
    let method = request.method().map(|method| method.name()).unwrap_or_default();
    digest_response(&DigestInput {
        algorithm: answer.algorithm,
        username: &answer.username,
        realm: &answer.realm,
        password,
        method: &method,
        uri: &answer.uri,
        nonce: &answer.nonce,
        qop,
        nc,
        cnonce,
        body: request.body(),
    })
}

/// Compares without telling by its time where the difference is.
fn same_text(a: &str, b: &str) -> bool {
    let (a, b) = (a.to_ascii_lowercase(), b.to_ascii_lowercase());
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |sum, (x, y)| sum | (x ^ y)) == 0
}
