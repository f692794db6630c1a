//! What a host does around its calls: messages and requests of any method.

use super::{
    Engine,
    command::{CallCommand, Command},
    content::{SipAnswer, SipRequest},
    error::Error,
    shared::lock,
    validate,
};
use crate::base::ids::{AccountId, CallId, RequestId, TransactionId};

impl Engine {
    /// Sends a MESSAGE (RFC 3428) outside of calls. `uri` as in [`Engine::dial`]. The reply tells
    /// whether it was delivered: done for a 2xx, with the code.
    pub fn message_send(
        &self,
        account: Option<AccountId>,
        uri: &str,
        content_type: &str,
        body: &[u8],
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        self.request_send(account, uri, message(content_type, body), request)
    }

    /// Sends a MESSAGE in the dialog of a call that is up. The reply tells whether it was delivered.
    pub fn call_message_send(
        &self,
        call: CallId,
        content_type: &str,
        body: &[u8],
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        self.call_request_send(call, message(content_type, body), request)
    }

    /// Sends a request of any method outside of calls. `uri` as in [`Engine::dial`]; `account` may be
    /// `None`. The reply comes with the final response: its code, and what it carried.
    pub fn request_send(
        &self,
        account: Option<AccountId>,
        uri: &str,
        sip: SipRequest,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        self.shared.check_running()?;
        let aor = match account {
            Some(account) => lock(&self.shared.account(account)?.info).aor.clone(),
            None => String::new(),
        };
        let uri = validate::target(uri, &aor)?;
        let outgoing = Box::new(validate::request(sip)?);
        self.send(Command::SendRequest { account, uri, outgoing, request })
    }

    /// Sends a request of any method in the dialog of a call that is up. The reply comes with the
    /// final response: its code, and what it carried.
    pub fn call_request_send(
        &self,
        call: CallId,
        sip: SipRequest,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        let outgoing = Box::new(validate::request(sip)?);
        self.command(call, CallCommand::SendRequest { outgoing }, request)
    }

    /// Answers a request that came as [`super::EventKind::Request`]. One that the host leaves
    /// unanswered for half the life of its transaction (32 T1, 16 s) is answered with 500.
    pub fn request_answer(
        &self,
        transaction: TransactionId,
        answer: SipAnswer,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        validate::answer(&answer)?;
        self.shared.check_transaction(transaction)?;
        self.send(Command::AnswerRequest { transaction, answer: Box::new(answer), request })
    }
}

fn message(content_type: &str, body: &[u8]) -> SipRequest {
    SipRequest {
        method: "MESSAGE".to_owned(),
        content_type: content_type.to_owned(),
        body: body.to_owned(),
        ..SipRequest::default()
    }
}
