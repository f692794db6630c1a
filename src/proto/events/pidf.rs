//! Presence documents, read and written (RFC 3863 `application/pidf+xml`; activities of RFC 4480 and
//! the person of RFC 4479).

use super::xml::{self, Element, escape};

/// A document of somebody's presence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Presence {
    /// Whose presence it is.
    pub entity: String,
    /// Ways to reach whoever it is.
    pub tuples: Vec<Tuple>,
    /// What the person does: `on-the-phone`, `away`, `busy`, … (RFC 4480 §3.2).
    pub activities: Vec<String>,
    /// Notes of the document and of the person.
    pub notes: Vec<String>,
}

/// One way to reach somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tuple {
    /// Names it within the document.
    pub id: String,
    /// `open` or `closed`; `None` when neither is said.
    pub open: Option<bool>,
    /// Where to reach, empty when not told.
    pub contact: String,
    /// Its note.
    pub note: String,
}

/// Most tuples, activities and notes that are kept of each.
const MOST: usize = 64;

impl Presence {
    /// Reads a document; `None` when it is none.
    pub fn parse(body: &[u8]) -> Option<Self> {
        xml::read(body, "presence", |root| {
            let mut presence = Self {
                entity: root.attribute("entity"),
                tuples: root.all("tuple").take(MOST).map(Tuple::read).collect(),
                ..Self::default()
            };
            presence.notes.extend(notes_of(root));
            // The person of RFC 4479; before it, RPID stood in the tuples and in the document.
            let persons = root.all("person").chain(root.all("tuple")).chain([root]);
            for holder in persons.take(2 * MOST) {
                if holder.name() == "person" {
                    presence.notes.extend(notes_of(holder));
                }
                let activities = holder.all("activities").flat_map(Element::elements);
                presence
                    .activities
                    .extend(activities.map(|a| a.name().to_owned()).filter(|name| name != "note"));
            }
            presence.activities.truncate(MOST);
            presence.notes.truncate(MOST);
            Some(presence)
        })
    }

    /// Whether any way is open; `None` when none says.
    pub fn open(&self) -> Option<bool> {
        self.tuples.iter().filter_map(|tuple| tuple.open).reduce(|one, other| one || other)
    }

    /// The first note there is.
    pub fn note(&self) -> &str {
        let tuples = self.tuples.iter().map(|tuple| tuple.note.as_str());
        let mut all = self.notes.iter().map(String::as_str).chain(tuples);
        all.find(|note| !note.is_empty()).unwrap_or_default()
    }

    /// The first activity there is.
    pub fn activity(&self) -> &str {
        self.activities.first().map_or("", String::as_str)
    }
}

fn notes_of<'a>(element: Element<'a, '_>) -> impl Iterator<Item = String> {
    element.all("note").map(Element::text).filter(|note| !note.is_empty()).take(MOST)
}

impl Tuple {
    fn read(element: Element<'_, '_>) -> Self {
        let basic = element.first("status").map(|status| status.text_of("basic"));
        Self {
            id: element.attribute("id"),
            open: match basic.unwrap_or_default().to_ascii_lowercase().as_str() {
                "open" => Some(true),
                "closed" => Some(false),
                _ => None,
            },
            contact: element.text_of("contact"),
            note: element.text_of("note"),
        }
    }
}

/// Our own presence, to be published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnPresence {
    /// Whose presence it is: the address of record.
    pub entity: String,
    /// Names the tuple; the same in every document of one device.
    pub id: String,
    /// Whether we can be reached.
    pub open: bool,
    /// What we do, a name of RFC 4480 §3.2; empty: nothing is said.
    pub activity: String,
    /// For people; empty: none.
    pub note: String,
}

impl OwnPresence {
    /// The document. An activity that is no XML name is left out.
    pub fn encode(&self) -> String {
        let basic = if self.open { "open" } else { "closed" };
        let note = match self.note.as_str() {
            "" => String::new(),
            note => format!("<note>{}</note>", escape(note)),
        };
        let named = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let person = match self.activity.as_str() {
            activity
                if activity.starts_with(|c: char| c.is_ascii_alphabetic())
                    && activity.chars().all(named) =>
            {
                format!(
                    "<dm:person id=\"p-{}\"><rpid:activities><rpid:{activity}/></rpid:activities>\
                     </dm:person>",
                    escape(&self.id)
                )
            }
            _ => String::new(),
        };
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n\
             <presence xmlns=\"urn:ietf:params:xml:ns:pidf\" \
             xmlns:dm=\"urn:ietf:params:xml:ns:pidf:data-model\" \
             xmlns:rpid=\"urn:ietf:params:xml:ns:pidf:rpid\" entity=\"{}\">\r\n\
             <tuple id=\"t-{}\"><status><basic>{basic}</basic></status>{note}</tuple>{person}\r\n\
             </presence>\r\n",
            escape(&self.entity),
            escape(&self.id),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_published_is_read_again() {
        let own = OwnPresence {
            entity: "sip:alice@example.com".into(),
            id: "x1".into(),
            open: true,
            activity: "on-the-phone".into(),
            note: "back at <5> & \"later\"".into(),
        };
        let read = Presence::parse(own.encode().as_bytes()).unwrap();
        assert_eq!((read.open(), read.activity()), (Some(true), "on-the-phone"));
        assert_eq!(
            (read.note(), read.entity.as_str()),
            (own.note.as_str(), "sip:alice@example.com")
        );
        let away = OwnPresence { open: false, activity: "a<b".into(), ..own };
        let read = Presence::parse(away.encode().as_bytes()).unwrap();
        assert_eq!((read.open(), read.activity()), (Some(false), ""));
    }

    #[test]
    fn reads_what_servers_send() {
        let body = br#"<?xml version="1.0"?>
            <p:presence xmlns:p="urn:ietf:params:xml:ns:pidf" entity="pres:bob@example.com"
                xmlns:ep="urn:ietf:params:xml:ns:pidf:rpid:rpid-person"
                xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model">
              <p:tuple id="a"><p:status><p:basic>closed</p:basic></p:status></p:tuple>
              <p:tuple id="b"><p:status><p:basic> Open </p:basic></p:status>
                <p:contact priority="0.8">sip:bob@pc</p:contact><p:note xml:lang="en">desk</p:note>
              </p:tuple>
              <dm:person id="p"><ep:activities><ep:busy/><ep:meeting/></ep:activities>
                <dm:note>in a talk</dm:note></dm:person>
            </p:presence>"#;
        let read = Presence::parse(body).unwrap();
        assert_eq!((read.open(), read.note()), (Some(true), "in a talk"));
        assert_eq!(read.activities, ["busy", "meeting"]);
        assert_eq!(read.tuples[1].contact, "sip:bob@pc");
        let empty = Presence::parse(b"<presence entity=\"pres:x@y\"/>").unwrap();
        assert_eq!((empty.open(), empty.note()), (None, ""));
        assert_eq!(Presence::parse(b"<dialog-info/>"), None);
    }
}
