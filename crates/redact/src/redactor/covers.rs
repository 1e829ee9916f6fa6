//! Where a walk through a document is: the name of what comes next, and what is said of it from above and from beside.

use std::cell::RefCell;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::cover::Cover;
use super::pairs::{Beside, Pairs};
use crate::classify::{is_aside_name, is_bare_key_name, is_plain_name};
use crate::document::{Container, Document, End, Syntax};

/// The most names that are remembered with what they say, and the longest, in bytes.
const MAX_KNOWN: usize = 512;
const MAX_NAME: usize = 64;

thread_local! {
    /// What names say that came before: in lists of objects, and in the documents of an endpoint, they come again and again.
    static KNOWN: RefCell<HashMap<String, Said, FixedState>> = RefCell::default();
}

/// The names and covers of a document, as a walk goes through it.
pub(crate) struct Covers {
    pairs: Pairs,
    /// The open containers; the first is the document.
    open: Vec<Frame>,
    /// Whether `key` is a credential: in parameters it is one.
    keys: bool,
}

/// What a name says by itself.
#[derive(Clone, Copy)]
struct Said {
    cover: Cover,
    /// Whether the value is public although it looks random.
    plain: bool,
}

impl Said {
    fn of(name: &str) -> Said {
        KNOWN.with_borrow_mut(|known| {
            if let Some(said) = known.get(name) {
                return *said;
            }
            let said = Said { cover: Cover::of(name), plain: is_plain_name(name.as_bytes()) };
            if known.len() >= MAX_KNOWN {
                known.clear();
            }
            if name.len() <= MAX_NAME {
                known.insert(name.to_owned(), said);
            }
            said
        })
    }
}

/// An open container.
struct Frame {
    container: Container,
    /// What is said of all in it.
    cover: Cover,
    beside: Beside,
    /// The name of the container, and whether it is one of public values.
    own: String,
    plain: bool,
    /// The name of the next member and what is said of it.
    next: Option<(String, Said)>,
    /// How many items there were.
    items: usize,
    /// What an item says of the next one: `["--password", "x"]`.
    option: Cover,
}

impl Frame {
    fn new(container: Container, own: &str, Said { cover, plain }: Said, beside: Beside) -> Frame {
        let own = own.to_owned();
        Frame { container, cover, beside, own, plain, next: None, items: 0, option: Cover::Open }
    }
}

impl Covers {
    /// Returns the beginning of a walk through a document.
    pub(crate) fn of(document: Document<'_>) -> Covers {
        Covers::with(Pairs::of(document), document)
    }

    /// Returns the beginning of a walk that ends with the first value of a document.
    pub(crate) fn of_first(document: Document<'_>) -> Covers {
        Covers::with(Pairs::of_first(document), document)
    }

    fn with(pairs: Pairs, document: Document<'_>) -> Covers {
        let nothing = Said { cover: Cover::Open, plain: false };
        let root = Frame::new(Container::Items, "", nothing, Beside::default());
        Covers { pairs, open: vec![root], keys: document.syntax == Syntax::Form }
    }

    /// Returns how the walk ended that found what members say of each other.
    pub(super) fn end(&self) -> End {
        self.pairs.end()
    }

    /// Returns whether the next value is public by its name although it looks random.
    pub(super) fn is_plain(&self) -> bool {
        self.open.last().is_some_and(|frame| frame.next.as_ref().map_or(frame.plain, |(_, said)| said.plain))
    }

    /// Returns the name of the next value, and what is said of it. The items of a list have the name of the list. An attribute that
    /// says something about its element is none of what the element covers.
    pub(crate) fn current(&self) -> (&str, Cover) {
        match (self.next(), self.open.last()) {
            ((name, _), Some(frame))
                if frame.container == Container::Element
                    && frame.next.is_some()
                    && is_aside_name(name.as_bytes()) =>
            {
                (name, Cover::of(name))
            }
            (next, _) => next,
        }
    }

    /// Returns the name of what comes next, and what is said of it.
    fn next(&self) -> (&str, Cover) {
        let Some(frame) = self.open.last() else { return ("", Cover::Open) };
        match (&frame.next, frame.container) {
            (Some((name, said)), _) => (name, said.cover),
            (None, Container::Items) if frame.option != Cover::Open => (&frame.own, frame.option),
            (None, Container::Items) if frame.items == 1 && frame.beside.text() != Cover::Open => {
                (&frame.own, frame.beside.text())
            }
            (None, Container::Element) if frame.cover == Cover::Open => (&frame.own, frame.beside.text()),
            _ => (&frame.own, frame.cover),
        }
    }

    /// Enters a container that begins here.
    pub(crate) fn enter(&mut self, container: Container, at: usize) {
        let (name, cover) = self.next();
        let said = Said { cover, plain: self.is_plain() };
        let frame = Frame::new(container, name, said, self.pairs.at(at));
        self.passed("");
        self.open.push(frame);
    }

    /// What comes next has this name.
    pub(crate) fn name(&mut self, name: &str) {
        let Said { cover: own, plain } = Said::of(name);
        let keys = self.keys;
        let Some(frame) = self.open.last_mut() else { return };
        let cover = match (frame.cover.over(name, own), frame.beside.cover(name)) {
            (Cover::Open, Cover::Open)
                if keys && is_bare_key_name(name.as_bytes()) && !frame.beside.is_valued() =>
            {
                Cover::Credential
            }
            (Cover::Open, beside) => beside,
            (above, _) => above,
        };
        frame.next = Some((name.to_owned(), Said { cover, plain }));
    }

    /// A value, or a container with its text empty, was passed.
    pub(crate) fn passed(&mut self, text: &str) {
        let Some(frame) = self.open.last_mut() else { return };
        frame.next = None;
        frame.items += 1;
        frame.option = if frame.container == Container::Items && text.starts_with('-') {
            Cover::of(text)
        } else {
            Cover::Open
        };
    }

    /// Leaves the container that was entered last.
    pub(crate) fn leave(&mut self) {
        self.open.pop();
    }
}

#[cfg(test)]
mod tests {
    use std::ops::{ControlFlow, Range};

    use super::*;
    use crate::document::{Observer, Scalar};

    /// Collects the values that are credentials.
    struct Secrets(Covers, Vec<String>);

    impl Observer for Secrets {
        fn enter(&mut self, container: Container, at: usize) -> ControlFlow<()> {
            self.0.enter(container, at);
            ControlFlow::Continue(())
        }

        fn name(&mut self, name: &str, _: Range<usize>) -> ControlFlow<()> {
            self.0.name(name);
            ControlFlow::Continue(())
        }

        fn value(&mut self, value: &Scalar<'_>) -> ControlFlow<()> {
            if self.0.current().1 == Cover::Credential {
                self.1.push(value.text.to_owned());
            }
            self.0.passed(value.text);
            ControlFlow::Continue(())
        }

        fn leave(&mut self, _: Range<usize>) -> ControlFlow<()> {
            self.0.leave();
            ControlFlow::Continue(())
        }
    }

    #[track_caller]
    fn secrets(syntax: Syntax<'_>, text: &str, expected: &[&str]) {
        let document = Document { syntax, bytes: text.as_bytes(), whole: true };
        let mut found = Secrets(Covers::of(document), Vec::new());
        document.walk(&mut found);
        assert_eq!(found.1, expected, "{text}");
    }

    #[test]
    fn below_and_beside_in_every_syntax() {
        secrets(Syntax::Json, r#"{"token": {"current": "a", "x": ["b"]}, "n": "c"}"#, &["a", "b"]);
        secrets(Syntax::Json, r#"[{"value": "a", "name": "pin"}, {"name": "n", "value": "b"}]"#, &["a"]);
        secrets(Syntax::Json, r#"{"h": [["a", "b"], ["password", "c"]]}"#, &["c"]);
        secrets(Syntax::Json, r#"["run", "--password", "a", "b"]"#, &["a"]);
        secrets(Syntax::Form, "name=password&value=a&x=b", &["a"]);
        secrets(Syntax::Form, "key=a&x=b", &["a"]);
        secrets(Syntax::Form, "key=a&value=b", &[]);
        secrets(Syntax::Xml, "<e key='token'>a<b>c</b></e>", &["a"]);
        secrets(Syntax::Xml, "<p name='token' value='a' x='b'/>", &["a"]);
        secrets(Syntax::Xml, "<m><name>pin</name><value><string>a</string></value></m>", &["a"]);
        secrets(Syntax::Text, "password:\n  x: a\n  y:\n  - b\nz: c\n", &["a", "b"]);
        secrets(Syntax::Text, "- name: pin\n  value: a\n- name: x\n  value: b\n", &["a"]);
    }
}
