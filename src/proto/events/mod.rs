//! What event packages carry: documents read leniently into plain values, and written.
//!
//! ```text
//! summary      Messages-Waiting: yes …     message-summary (RFC 3842)
//! dialog_info  <dialog-info version=…>     dialog, for busy lamps (RFC 4235)
//! pidf         <presence entity=…>         presence (RFC 3863, activities of RFC 4480)
//! xml          the one file that names the XML library
//! ```
//!
//! No subscriptions here: how the documents come is `call::usage`'s.

pub mod dialog_info;
pub mod pidf;
pub mod summary;

mod xml;

pub use dialog_info::{Applied, DialogInfo, Lamp, Party, WatchedDialog, WatchedDialogs};
pub use pidf::{OwnPresence, Presence, Tuple};
pub use summary::{MessageCounts, MessageSummary};
