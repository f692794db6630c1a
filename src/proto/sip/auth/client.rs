//! The side that is challenged.

use std::fmt;

use super::{
    digest::{DigestInput, Qop, digest_response},
    fields::{Authorization, Challenge, next_nonce},
    realms::{MOST_REALMS, Realms},
};
use crate::{
    base::rng::Rng,
    proto::sip::wire::{HeaderId, Message, Method, Request},
};

/// A user name and its password. The password is never printed.
#[derive(Clone)]
pub struct Credentials {
    /// The realms they are for.
    pub realms: Realms,
    /// User name.
    pub username: String,
    /// Password.
    pub password: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("realms", &self.realms)
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

/// Why a challenge cannot be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChallengeError {
    /// There is no digest challenge in the response.
    Missing,
    /// No credentials at all; this realm wants some.
    NoCredentials(String),
    /// There are credentials, but not for this realm: it may be a stranger's, after the password.
    Foreign(String),
    /// The realm asks for an algorithm or protection that is unknown here.
    Unsupported(String),
    /// The realm has seen the credentials and refused them.
    Refused(String),
}

impl fmt::Display for ChallengeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ChallengeError::Missing => f.write_str("the server asked for credentials but not how"),
            ChallengeError::NoCredentials(realm) => {
                write!(f, "no user name and password for the realm \"{realm}\"")
            }
            ChallengeError::Foreign(realm) => write!(
                f,
                "the realm \"{realm}\" is not known to be this account's where the request went, so \
                 it gets no digest of the password; if it may have one, name it in the account's \
                 setting `realms`"
            ),
            ChallengeError::Unsupported(realm) => {
                write!(f, "the realm \"{realm}\" asks for an authentication that is unknown here")
            }
            ChallengeError::Refused(realm) => {
                write!(f, "the realm \"{realm}\" refused the user name or password")
            }
        }
    }
}

impl std::error::Error for ChallengeError {}

/// A challenge being answered, from its arrival until the next one of its realm.
#[derive(Clone, Debug)]
struct Session {
    /// From a proxy (407), not from the far end (401).
    proxy: bool,
    challenge: Challenge,
    cnonce: String,
    /// How often the nonce was used.
    count: u32,
    /// Whether a request with this nonce is known to have been let in.
    accepted: bool,
    /// Challenges in a row, without a success in between, that called themselves stale.
    stale_in_a_row: u32,
}

/// Answers the challenges of one account or call and keeps count of nonces.
#[derive(Clone, Debug, Default)]
pub struct Authenticator {
    credentials: Vec<Credentials>,
    sessions: Vec<Session>,
}

/// A server that calls every nonce stale is not to be followed for ever.
const MAX_STALE_IN_A_ROW: u32 = 3;

impl Authenticator {
    /// With the credentials to choose from: the first whose realms fit.
    pub fn new(credentials: Vec<Credentials>) -> Self {
        Self { credentials, sessions: Vec::new() }
    }

    /// Takes the challenges of a 401 or 407 to `request`. After `Ok` send the request again under
    /// the next CSeq number, through [`Authenticator::authorize`].
    ///
    /// `trusted`: the request went where credentials may go, which only its owner knows. Challenges
    /// that did not come from there, or of realms that are none of ours, are passed over, and are an
    /// error when there is no other ([`Realms`] has the rule).
    /// Of several challenges of one realm the strongest usable one is answered, of equal ones the
    /// topmost (RFC 8760 §2.4 leaves the order to us). Credentials
    /// are taken as refused when a nonce was used for the first time and a fresh challenge follows
    /// without `stale`: some registrars leave `stale` out when a nonce that has served before runs
    /// out.
    pub fn handle_challenge(
        &mut self,
        request: &Request,
        response: &Message,
        trusted: bool,
        rng: &mut Rng,
    ) -> Result<(), ChallengeError> {
        let (mut chosen, mut unusable) = (Vec::<(bool, Challenge)>::new(), None);
        for (id, proxy) in [(HeaderId::WwwAuthenticate, false), (HeaderId::ProxyAuthenticate, true)]
        {
            for challenge in response.headers(id).filter_map(Challenge::parse) {
                if !challenge.is_usable() {
                    unusable = Some(challenge.realm);
                    continue;
                }
                let same = |(of_proxy, other): &&mut (bool, Challenge)| {
                    *of_proxy == proxy && other.realm == challenge.realm
                };
                match chosen.iter_mut().find(same) {
                    Some((_, other)) if challenge.strength() > other.strength() => {
                        *other = challenge;
                    }
                    Some(_) => {}
                    None => chosen.push((proxy, challenge)),
                }
            }
        }
        let Some((_, first)) = chosen.first() else {
            return Err(unusable.map_or(ChallengeError::Missing, ChallengeError::Unsupported));
        };
        let first = first.realm.clone();
        if self.credentials.is_empty() {
            return Err(ChallengeError::NoCredentials(first));
        }
        if trusted {
            self.learn(request, &chosen);
        }
        chosen.retain(|(_, of)| trusted && self.credentials_for(&of.realm).is_some());
        if chosen.is_empty() {
            return Err(ChallengeError::Foreign(first));
        }
        chosen.into_iter().try_for_each(|(proxy, challenge)| self.take(proxy, challenge, rng))
    }

    /// Learns the realms of those who may teach us theirs, where none of them is known. A proxy that
    /// forks hands on the challenges of many: more than the first counts in answer to REGISTER only.
    fn learn(&self, request: &Request, challenges: &[(bool, Challenge)]) {
        let known = |of: &Challenge| self.credentials_for(&of.realm).is_some();
        if request.method != Method::Register && challenges.iter().any(|(_, of)| known(of)) {
            return;
        }
        for (_, challenge) in challenges.iter().filter(|(_, of)| !known(of)) {
            let own = self.credentials.iter().find(|own| own.realms.learn_from(request));
            if let Some(own) = own {
                own.realms.learn(&challenge.realm);
            }
        }
    }

    fn take(
        &mut self,
        proxy: bool,
        challenge: Challenge,
        rng: &mut Rng,
    ) -> Result<(), ChallengeError> {
        let realm = challenge.realm.clone();
        let fresh = Session {
            proxy,
            cnonce: rng.token(16),
            count: 0,
            accepted: false,
            stale_in_a_row: u32::from(challenge.stale),
            challenge,
        };
        let known =
            self.sessions.iter_mut().find(|s| s.proxy == proxy && s.challenge.realm == realm);
        let Some(known) = known else {
            if self.sessions.len() >= MOST_REALMS {
                self.sessions.remove(0);
            }
            self.sessions.push(fresh);
            return Ok(());
        };
        let in_a_row =
            if fresh.challenge.stale { known.stale_in_a_row.saturating_add(1) } else { 0 };
        let first_use = known.count == 1 && !known.accepted;
        if (first_use && !fresh.challenge.stale) || in_a_row > MAX_STALE_IN_A_ROW {
            // Forgotten, so that another attempt with other credentials begins anew.
            self.sessions.retain(|s| s.proxy != proxy || s.challenge.realm != realm);
            return Err(ChallengeError::Refused(realm));
        }
        *known = Session { stale_in_a_row: in_a_row, ..fresh };
        Ok(())
    }

    /// Notes that a request with our credentials was accepted.
    pub fn handle_success(&mut self) {
        for session in &mut self.sessions {
            session.stale_in_a_row = 0;
            session.accepted = session.count > 0;
        }
    }

    /// Takes the nonce that a 2xx names for the next request (RFC 7616 §3.5, nextnonce).
    pub fn handle_authentication_info(&mut self, response: &Message) {
        for (name, proxy) in [("Authentication-Info", false), ("Proxy-Authentication-Info", true)] {
            let Some(nonce) = response.header_named(name).and_then(next_nonce) else { continue };
            // It names no realm: it is of the one whose credentials the request carried.
            let mut used = self.sessions.iter_mut().filter(|s| s.proxy == proxy && s.count > 0);
            if let (Some(session), None) = (used.next(), used.next())
                && session.challenge.nonce != nonce
            {
                session.challenge.nonce = nonce;
                // Not yet used, but from a server that has let us in: a challenge may follow.
                (session.count, session.accepted) = (0, true);
            }
        }
    }

    /// Forgets every challenge: the next requests go to somebody else, who has to ask anew.
    pub fn forget(&mut self) {
        self.sessions.clear();
    }

    /// Whether there is a challenge to answer, so that a request need not wait for a 401.
    pub fn is_challenged(&self) -> bool {
        !self.sessions.is_empty()
    }

    /// Puts credentials for every known challenge into a request, in the place of earlier ones. Body,
    /// Request-URI and routes must be final. Whoever sends it to where none may go takes them out
    /// again ([`strip`]).
    pub fn authorize(&mut self, request: &mut Request) {
        strip(request);
        for at in 0..self.sessions.len() {
            let realm = &self.sessions[at].challenge.realm;
            let Some(credentials) = self.credentials_for(realm).cloned() else { continue };
            let session = &mut self.sessions[at];
            session.count += 1;
            let id = match session.proxy {
                true => HeaderId::ProxyAuthorization,
                false => HeaderId::Authorization,
            };
            let value = session.answer(&credentials, request).to_string();
            request.headers.push(id, value);
        }
    }

    fn credentials_for(&self, realm: &str) -> Option<&Credentials> {
        self.credentials.iter().find(|own| own.realms.admit(realm))
    }
}

/// Takes all credentials out of a request.
pub fn strip(request: &mut Request) {
    request.headers.remove(HeaderId::Authorization);
    request.headers.remove(HeaderId::ProxyAuthorization);
}

impl Session {
    fn answer(&self, credentials: &Credentials, request: &Request) -> Authorization {
        let challenge = &self.challenge;
        let algorithm = challenge.algorithm.unwrap_or(super::Algorithm::Md5);
        // auth before auth-int: bodies are rewritten by too many things on the way.
        let qop = [Qop::Auth, Qop::AuthInt].into_iter().find(|qop| challenge.qop.contains(qop));
        let nc = format!("{:08x}", self.count);
        let uri = request.uri.to_string();
        let response = digest_response(&DigestInput {
            algorithm,
            username: &credentials.username,
            realm: &challenge.realm,
            password: &credentials.password,
            method: &request.method.name(),
            uri: &uri,
            nonce: &challenge.nonce,
            qop,
            nc: &nc,
            cnonce: &self.cnonce,
            body: &request.body,
        });
        Authorization {
            username: credentials.username.clone(),
            realm: challenge.realm.clone(),
            nonce: challenge.nonce.clone(),
            uri,
            response,
            algorithm,
            algorithm_named: true,
            opaque: challenge.opaque.clone(),
            qop: qop.map(|qop| (qop, self.cnonce.clone(), nc)),
            cnonce: algorithm.is_session().then(|| self.cnonce.clone()),
        }
    }
}
