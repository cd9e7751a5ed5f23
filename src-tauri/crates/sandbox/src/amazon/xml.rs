//! XML as a tree: just enough to look into a feed.

use quick_xml::Reader;
use quick_xml::events::Event;

/// An element.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Element {
    /// Its name without a prefix.
    pub name: String,
    /// Its text.
    pub text: String,
    /// Elements in it, in order.
    pub children: Vec<Element>,
    /// Attributes.
    pub attributes: Vec<(String, String)>,
}

impl Element {
    /// The first element of a name.
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }
    /// All elements of a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }
    /// The text of the first element of a name.
    pub fn text_of(&self, name: &str) -> &str {
        self.child(name).map_or("", |child| child.text.as_str())
    }
    /// Names of the elements in it, in order, repetitions dropped.
    pub fn sequence(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for child in &self.children {
            if names.last() != Some(&child.name.as_str()) {
                names.push(&child.name);
            }
        }
        names
    }
}

/// Reads a document; `None` if it is not well formed.
pub fn parse(bytes: &[u8]) -> Option<Element> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Element> = vec![Element::default()];
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => {
                let mut attributes = Vec::new();
                for attribute in start.attributes() {
                    let attribute = attribute.ok()?;
                    attributes.push((attribute.key.as_ref().to_owned(), attribute.value.to_string()));
                }
                open.push(Element { name: start.local_name().as_ref().to_owned(), attributes, ..Element::default() });
            }
            Event::Empty(start) => {
                open.last_mut()?
                    .children
                    .push(Element { name: start.local_name().as_ref().to_owned(), ..Element::default() });
            }
            Event::Text(words) => open.last_mut()?.text.push_str(words.trim()),
            Event::GeneralRef(entity) => {
                let words = quick_xml::escape::unescape(&format!("&{};", &*entity)).ok()?.into_owned();
                open.last_mut()?.text.push_str(&words);
            }
            Event::End(_) => {
                let done = open.pop()?;
                open.last_mut()?.children.push(done);
            }
            Event::Eof => {
                let root = open.pop().filter(|_| open.is_empty())?;
                return root.children.into_iter().next();
            }
            _ => {}
        }
    }
}
