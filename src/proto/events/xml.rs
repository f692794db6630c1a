//! XML of event packages: elements found by local name, whatever their namespace prefix.
//!
//! Documents with a DTD are refused (no entities of strangers), and so are those with more nodes
//! than any real one has.

use std::fmt::Write;

use roxmltree::{Document, Node, ParsingOptions};

/// Most nodes of one document; a hundred dialogs have about 2000.
const MOST_NODES: u32 = 20_000;

/// Reads a document and gives its root element to `read`; `None` when it is no XML, or not rooted in
/// `root`.
pub(super) fn read<T>(
    octets: &[u8],
    root: &str,
    read: impl FnOnce(Element<'_, '_>) -> Option<T>,
) -> Option<T> {
    let text = std::str::from_utf8(octets).ok()?;
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let options = ParsingOptions { nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).ok()?;
    let element = Element(document.root_element());
    if element.is(root) { read(element) } else { None }
}

/// An element.
#[derive(Clone, Copy)]
pub(super) struct Element<'a, 'input>(Node<'a, 'input>);

impl<'a, 'input> Element<'a, 'input> {
    /// Its name without a prefix.
    pub(super) fn name(self) -> &'a str {
        self.0.tag_name().name()
    }

    fn is(self, name: &str) -> bool {
        self.name() == name
    }

    /// An attribute; empty when it is missing.
    pub(super) fn attribute(self, name: &str) -> String {
        let mut attributes = self.0.attributes();
        let found = attributes.find(|attribute| attribute.name() == name);
        found.map(|attribute| attribute.value().trim().to_owned()).unwrap_or_default()
    }

    /// Its own text, without white space around it.
    pub(super) fn text(self) -> String {
        self.0.text().unwrap_or_default().trim().to_owned()
    }

    /// Its elements.
    pub(super) fn elements(self) -> impl Iterator<Item = Element<'a, 'input>> {
        self.0.children().filter(Node::is_element).map(Element)
    }

    /// Those of that name.
    pub(super) fn all(self, name: &'a str) -> impl Iterator<Item = Element<'a, 'input>> {
        self.elements().filter(move |element| element.is(name))
    }

    /// The first of that name.
    pub(super) fn first(self, name: &'a str) -> Option<Element<'a, 'input>> {
        self.all(name).next()
    }

    /// The text of the first of that name; empty when it is missing.
    pub(super) fn text_of(self, name: &'a str) -> String {
        self.first(name).map(Element::text).unwrap_or_default()
    }
}

/// Text as it stands in a document: markup escaped, control characters as spaces.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            // Not a character of XML 1.0 (§2.2), in whatever form.
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c if c.is_control() && !matches!(c, '\n' | '\t') => escaped.push(' '),
            c if u32::from(c) > 0xFFFF => {
                // Old stacks read UTF-8 of three octets only.
                let _ = write!(escaped, "&#x{:X};", u32::from(c));
            }
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_of_a_stranger_are_not_expanded() {
        let bomb = b"<!DOCTYPE a [<!ENTITY b \"x\"><!ENTITY c \"&b;&b;\">]><a>&c;</a>";
        assert!(read(bomb, "a", |element| Some(element.text())).is_none());
        let deep = "<a>".repeat(30_000);
        assert!(read(deep.as_bytes(), "a", |_| Some(())).is_none());
    }

    #[test]
    fn what_is_escaped_is_read_again() {
        let text = "a < b & \"c\" > d \u{1F600} \u{1} e";
        let document = format!("<n:a xmlns:n=\"x\" n:t=\"{0}\">{0}</n:a>", escape(text));
        let wanted = text.replace('\u{1}', " ");
        let element = |element: Element<'_, '_>| Some((element.text(), element.attribute("t")));
        assert_eq!(read(document.as_bytes(), "a", element), Some((wanted.clone(), wanted)));
    }
}
