//! SIP (RFC 3261): messages, transactions, dialogs, the endpoint.
