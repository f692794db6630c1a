//! Who talks (RFC 4235, `application/dialog-info+xml`), and the state that its documents add up to.
//!
//! A full document replaces what is known, a partial one changes it and is counted: after a gap the
//! watcher asks for the whole (§4.3). Full ones are taken whatever their number: NOTIFY requests come
//! in order anyway, and there are notifiers that always say `version="0"`.

use super::xml::{self, Element};

/// One document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DialogInfo {
    /// Number of the document within its subscription.
    pub version: u32,
    /// Whether it lists every dialog, not only those that changed.
    pub full: bool,
    /// Whose dialogs these are.
    pub entity: String,
    /// The dialogs.
    pub dialogs: Vec<WatchedDialog>,
}

/// A dialog of somebody who is watched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WatchedDialog {
    /// Names it within the subscription.
    pub id: String,
    /// SIP Call-ID, with both tags what Replaces needs to pick the call up; empty when not told.
    pub call_id: String,
    /// Tag of who is watched.
    pub local_tag: String,
    /// Tag of the far end.
    pub remote_tag: String,
    /// `Some(true)`: who is watched calls; `Some(false)`: is called.
    pub initiator: Option<bool>,
    /// Its state.
    pub state: WatchedState,
    /// Whether who is watched holds it (`+sip.rendering` is `no`).
    pub held: bool,
    /// Who is watched.
    pub local: Party,
    /// The far end.
    pub remote: Party,
}

/// One end of a dialog.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Party {
    /// URI; the identity, or else the target.
    pub uri: String,
    /// Display name.
    pub display_name: String,
}

/// State of a dialog (RFC 4235 §3.7.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WatchedState {
    /// INVITE sent or received.
    #[default]
    Trying,
    /// Answered by 100 to 199 without a tag.
    Proceeding,
    /// It rings.
    Early,
    /// It talks.
    Confirmed,
    /// Over.
    Terminated,
}

/// What a busy lamp shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u32)]
pub enum Lamp {
    /// Nothing known yet.
    #[default]
    Unknown = 0,
    /// No dialog.
    Idle = 1,
    /// Somebody calls who is watched.
    Ringing = 2,
    /// Who is watched calls or talks.
    Busy = 3,
    /// All calls of who is watched are on hold.
    Held = 4,
}

/// Most dialogs of one document, and of one state.
const MOST_DIALOGS: usize = 200;

impl DialogInfo {
    /// Reads a document; `None` when it is none.
    pub fn parse(body: &[u8]) -> Option<Self> {
        xml::read(body, "dialog-info", |root| {
            Some(Self {
                version: root.attribute("version").parse().unwrap_or(0),
                full: !root.attribute("state").eq_ignore_ascii_case("partial"),
                entity: root.attribute("entity"),
                dialogs: root.all("dialog").take(MOST_DIALOGS).map(WatchedDialog::read).collect(),
            })
        })
    }
}

impl WatchedDialog {
    fn read(element: Element<'_, '_>) -> Self {
        let direction = element.attribute("direction").to_ascii_lowercase();
        let local = element.first("local");
        Self {
            id: element.attribute("id"),
            call_id: element.attribute("call-id"),
            local_tag: element.attribute("local-tag"),
            remote_tag: element.attribute("remote-tag"),
            initiator: match direction.as_str() {
                "initiator" => Some(true),
                "recipient" => Some(false),
                _ => None,
            },
            state: WatchedState::parse(&element.text_of("state")),
            held: local.is_some_and(is_held),
            local: Party::read(local),
            remote: Party::read(element.first("remote")),
        }
    }
}

fn is_held(local: Element<'_, '_>) -> bool {
    let mut params = local.all("target").flat_map(|target| target.all("param"));
    params.any(|param| {
        param.attribute("pname").eq_ignore_ascii_case("+sip.rendering")
            && param.attribute("pval").eq_ignore_ascii_case("no")
    })
}

impl Party {
    fn read(element: Option<Element<'_, '_>>) -> Self {
        let Some(element) = element else { return Self::default() };
        let identity = element.first("identity");
        let target = || element.first("target").map(|t| t.attribute("uri")).unwrap_or_default();
        Self {
            uri: identity.map(Element::text).filter(|uri| !uri.is_empty()).unwrap_or_else(target),
            display_name: identity.map(|i| i.attribute("display")).unwrap_or_default(),
        }
    }
}

impl WatchedState {
    fn parse(word: &str) -> Self {
        match word.to_ascii_lowercase().as_str() {
            "proceeding" => Self::Proceeding,
            "early" => Self::Early,
            "confirmed" => Self::Confirmed,
            "terminated" => Self::Terminated,
            _ => Self::Trying,
        }
    }
}

/// What became of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// It was taken.
    Taken,
    /// It was taken, but one before it is missing: refresh the subscription to get the whole.
    Gap,
    /// It is older than what is known, and was passed over.
    Stale,
}

/// All dialogs of somebody who is watched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WatchedDialogs {
    version: Option<u32>,
    dialogs: Vec<WatchedDialog>,
}

impl WatchedDialogs {
    /// Takes a document.
    pub fn apply(&mut self, info: DialogInfo) -> Applied {
        let before = self.version;
        if info.full {
            self.version = Some(info.version);
            self.dialogs = info.dialogs;
            self.dialogs.retain(|dialog| dialog.state != WatchedState::Terminated);
            return Applied::Taken;
        }
        if before.is_some_and(|before| info.version <= before) {
            return Applied::Stale;
        }
        self.version = Some(info.version);
        for dialog in info.dialogs {
            self.dialogs.retain(|known| known.id != dialog.id);
            if dialog.state != WatchedState::Terminated && self.dialogs.len() < MOST_DIALOGS {
                self.dialogs.push(dialog);
            }
        }
        match before {
            Some(before) if info.version == before.saturating_add(1) => Applied::Taken,
            _ => Applied::Gap,
        }
    }

    /// Those that are not over.
    pub fn dialogs(&self) -> &[WatchedDialog] {
        &self.dialogs
    }

    /// What a lamp shows of them.
    pub fn lamp(&self) -> Lamp {
        let rings = |dialog: &WatchedDialog| {
            let open = dialog.state != WatchedState::Confirmed;
            // Where the direction is not told, a call that rings is taken for one that comes.
            let early = dialog.state == WatchedState::Early && dialog.initiator.is_none();
            early || (open && dialog.initiator == Some(false))
        };
        match self.dialogs.as_slice() {
            _ if self.version.is_none() => Lamp::Unknown,
            [] => Lamp::Idle,
            dialogs if dialogs.iter().any(rings) => Lamp::Ringing,
            dialogs if dialogs.iter().all(|dialog| dialog.held) => Lamp::Held,
            _ => Lamp::Busy,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(version: u32, state: &str, dialogs: &str) -> DialogInfo {
        let text = format!(
            "<?xml version=\"1.0\"?>\n<dialog-info xmlns=\"urn:ietf:params:xml:ns:dialog-info\" \
             version=\"{version}\" state=\"{state}\" entity=\"sip:alice@example.com\">{dialogs}\
             </dialog-info>"
        );
        DialogInfo::parse(text.as_bytes()).unwrap()
    }

    fn dialog(id: &str, direction: &str, state: &str) -> String {
        format!("<dialog id=\"{id}\" direction=\"{direction}\"><state>{state}</state></dialog>")
    }

    #[test]
    fn reads_a_dialog_with_both_ends() {
        let info = document(
            3,
            "full",
            "<dialog id=\"1\" call-id=\"c@h\" local-tag=\"l\" remote-tag=\"r\" \
             direction=\"recipient\"><state event=\"remote-busy\">early</state><local><target \
             uri=\"sip:alice@pc\"><param pname=\"+sip.rendering\" pval=\"no\"/></target></local>\
             <remote><identity display=\"Bob &amp; Co\">sip:bob@example.com</identity></remote>\
             </dialog>",
        );
        assert_eq!((info.version, info.full), (3, true));
        assert_eq!(info.entity, "sip:alice@example.com");
        let dialog = &info.dialogs[0];
        assert_eq!((dialog.call_id.as_str(), dialog.remote_tag.as_str()), ("c@h", "r"));
        assert_eq!((dialog.initiator, dialog.state), (Some(false), WatchedState::Early));
        assert!(dialog.held);
        assert_eq!(dialog.local.uri, "sip:alice@pc", "the target stands in for the identity");
        assert_eq!(dialog.remote.display_name, "Bob & Co");
        assert_eq!(dialog.remote.uri, "sip:bob@example.com");
    }

    #[test]
    fn partial_documents_change_what_is_known() {
        let mut watched = WatchedDialogs::default();
        assert_eq!(watched.lamp(), Lamp::Unknown);
        assert_eq!(watched.apply(document(0, "full", "")), Applied::Taken);
        assert_eq!(watched.lamp(), Lamp::Idle);
        let ringing = dialog("a", "recipient", "early");
        assert_eq!(watched.apply(document(1, "partial", &ringing)), Applied::Taken);
        assert_eq!(watched.lamp(), Lamp::Ringing);
        let talking = dialog("a", "recipient", "confirmed");
        assert_eq!(watched.apply(document(2, "partial", &talking)), Applied::Taken);
        assert_eq!(watched.lamp(), Lamp::Busy);
        assert_eq!(watched.apply(document(2, "partial", &ringing)), Applied::Stale);
        assert_eq!(watched.lamp(), Lamp::Busy, "an old one changes nothing");
        let over = dialog("a", "recipient", "terminated");
        assert_eq!(watched.apply(document(5, "partial", &over)), Applied::Gap);
        assert_eq!(watched.lamp(), Lamp::Idle);
        let calling = dialog("b", "initiator", "trying");
        assert_eq!(watched.apply(document(0, "full", &calling)), Applied::Taken);
        assert_eq!(watched.lamp(), Lamp::Busy);
    }

    #[test]
    fn a_document_without_a_version_or_state_is_the_whole() {
        let body = b"<d:dialog-info xmlns:d=\"x\"><d:dialog id=\"1\"/></d:dialog-info>";
        let info = DialogInfo::parse(body).unwrap();
        assert!(info.full && info.dialogs.len() == 1);
        assert_eq!(DialogInfo::parse(b"<presence/>"), None);
        assert_eq!(DialogInfo::parse(b"busy"), None);
    }
}
