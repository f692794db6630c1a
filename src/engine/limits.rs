//! What the engine takes at most, so that no far end can use up its memory or its time.
//!
//! | What | Most | Beyond it |
//! |---|---|---|
//! | octets of a SIP message | 65,535 | UDP cannot carry more; a connection is closed |
//! | octets of start line and headers | 32,768 | dropped; a connection is closed |
//! | header lines of a message | 256 | 513 |
//! | nesting of a body | 1 (multipart in multipart is not opened) | 415 |
//! | octets of a session description | 65,535 | 400 |
//! | media descriptions in it | 64 | 400 |
//! | SIP messages of one source | 20 a second for each of `max_calls`, 1,000 at least, as many at once | dropped unread |
//! | sources told apart | 4,096 | the others share one allowance |
//! | server transactions, open for 32 s each | 100,000 | 503 with Retry-After |
//! | of them from one source | 80,000 | 503 with Retry-After |
//! | client transactions | 100,000 | fail at once |
//! | calls, dialogs and half-open ones | `max_calls` (64) | 486; `Limit` for the host |
//! | forks of one INVITE that are ended one by one | 16 | repeat their answer until they give up |
//! | messages that wait for one call | 256 | 500 with Retry-After, but for BYE; what is sent again anyway is dropped |
//! | taps of a call | 8 | `Limit` for the host |
//! | injections of a call | 8 | `Limit` for the host |
//! | changes of media that wait in a call | 16 | refused for the host |
//! | digits that wait in a call to go by INFO | 256 | refused for the host |
//! | connections, before strangers' are turned away | 1,024 | closed at once |
//! | of strangers' connections from one source | 256 | closed at once |
//! | TLS handshakes of strangers at once | 64 | closed at once |
//! | of them from one source | 16 | closed at once |
//! | a message that is not complete | 64*T1 (32 s) | its connection is closed |
//! | a connection without a word, call and registration | 600 s | closed |
//! | realms learnt by one account | 8 | the oldest is forgotten |
//! | addresses of one account's servers | 64 | the oldest is forgotten |
//! | names that the system's resolver looks up at once | 4 | wait, and fail after 10 s |
//! | stale nonces in a row | 3 | the credentials are refused |
//! | events that the host does not pull: states, what it asked for, what far ends send | 16 for each call, 256 at least, of each kind | the newest are dropped, and said so |
//! | of what one call or subscription brings | 64 | dropped, and said so |
//! | of what belongs to neither | half of what far ends have | dropped, and said so |
//!
//! A source is an IPv4 address or an IPv6 /64. [`super::EngineStats`] counts what met a limit:
//! `sip_over_rate` what was dropped unread, `sip_over_limit` what was refused or turned away,
//! `sip_dropped` what was no message, `events_lost` what the host missed.

/// SIP messages a second that one source may send to an engine of so many calls at once. A trunk
/// that sets each of them up anew every second sends half of it.
pub fn source_rate(max_calls: u32) -> u32 {
    max_calls.saturating_mul(20).max(1_000)
}

#[cfg(test)]
mod tests {
    use super::source_rate;
    use crate::{
        engine::{
            signaling::{MOST_ADDRESSES, MOST_CONNECTIONS, MOST_OF_A_SOURCE},
            taps,
        },
        net::dns::MOST_LOOKUPS,
        proto::{
            sdp::session,
            sip::{auth::MOST_REALMS, endpoint::Limits, sources, wire},
        },
    };

    #[test]
    fn the_table_says_what_the_code_does() {
        let table = include_str!("limits.rs");
        let says = |what: &str, most: usize| {
            let digits = most.to_string();
            let (head, tail) = digits.split_at(digits.len().saturating_sub(3));
            let most = if head.is_empty() { tail.to_owned() } else { format!("{head},{tail}") };
            let row = format!("//! | {what} | {most}");
            assert!(table.contains(&row), "no row {row:?}");
        };
        let limits = Limits::default();
        says("octets of a SIP message", wire::MAX_MESSAGE_BYTES);
        says("octets of start line and headers", wire::MAX_HEAD_BYTES);
        says("header lines of a message", wire::MAX_HEADERS);
        says("octets of a session description", session::MAX_BYTES);
        says("media descriptions in it", session::MAX_MEDIA);
        assert_eq!(
            (source_rate(1), source_rate(64), source_rate(u32::MAX)),
            (1_000, 1_280, u32::MAX)
        );
        says("sources told apart", sources::MOST_SOURCES);
        says("server transactions, open for 32 s each", limits.server_transactions);
        says("of them from one source", limits.server_transactions_of_a_source);
        says("client transactions", limits.client_transactions);
        says("connections, before strangers' are turned away", MOST_CONNECTIONS);
        says("of strangers' connections from one source", MOST_OF_A_SOURCE);
        says("names that the system's resolver looks up at once", MOST_LOOKUPS);
        says("realms learnt by one account", MOST_REALMS);
        says("addresses of one account's servers", MOST_ADDRESSES);
        says("taps of a call", taps::MOST);
        says("injections of a call", taps::MOST);
    }
}
