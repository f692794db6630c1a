//! How a message finds its transaction (RFC 3261 §17.1.3, §17.2.3).

use std::net::IpAddr;

use crate::proto::sip::wire::{Message, Method};

/// The key of a server transaction.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ServerKey {
    /// Branch with the cookie, sent-by, and the method (ACK and CANCEL look for INVITE's).
    Branch {
        /// Branch of the topmost Via.
        branch: String,
        /// Its host and port.
        sent_by: String,
        /// The method that made the transaction.
        method: Method,
        /// Set only where another client's transaction has the rest of the key already.
        source: Option<IpAddr>,
    },
    /// RFC 2543: the headers that repeat. The To tag is left out, so that an ACK is found by the
    /// same key.
    Legacy {
        /// Request-URI.
        uri: String,
        /// Tag of From.
        from_tag: String,
        /// Call-ID.
        call_id: String,
        /// CSeq number.
        cseq: u32,
        /// The topmost Via.
        via: String,
        /// The method that made the transaction.
        method: Method,
    },
}

impl ServerKey {
    /// The key of a request as if its method were `method`; `None` without a usable Via or CSeq.
    pub fn of(request: &Message, method: Method) -> Option<Self> {
        let via = request.top_via()?;
        Some(match via.unique_branch() {
            Some(branch) => ServerKey::Branch {
                branch: branch.to_owned(),
                sent_by: via.sent_by(),
                method,
                source: None,
            },
            None => ServerKey::Legacy {
                uri: request.raw_uri().to_owned(),
                from_tag: request.from_tag(),
                call_id: request.call_id()?.to_owned(),
                cseq: request.cseq()?.number,
                via: via.to_string(),
                method,
            },
        })
    }

    /// The key of the second of two clients that took the same branch and name the same sent-by, as
    /// two private networks may.
    pub fn of_source(&self, ip: IpAddr) -> Self {
        let mut key = self.clone();
        if let ServerKey::Branch { source, .. } = &mut key {
            *source = Some(ip);
        }
        key
    }
}

/// What a request and its copy over another way have in common (RFC 3261 §8.2.2.2).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MergeKey {
    call_id: String,
    from_tag: String,
    cseq: u32,
    method: Method,
}

impl MergeKey {
    /// The key of a request outside dialogs; a request with a To tag or without a From tag has none.
    pub fn of(request: &Message) -> Option<Self> {
        let cseq = request.cseq()?;
        let from_tag = request.from_tag();
        if !request.to_tag().is_empty() || from_tag.is_empty() {
            return None;
        }
        let call_id = request.call_id()?.to_owned();
        Some(Self { call_id, from_tag, cseq: cseq.number, method: cseq.method })
    }
}

/// The key of a client transaction: our branch, and the method that CSeq names.
pub type ClientKey = (String, Method);

/// The key that a response looks for.
pub fn client_key(response: &Message) -> Option<ClientKey> {
    Some((response.top_via()?.branch()?.to_owned(), response.cseq()?.method))
}
