//! One walk over documents of every syntax.
//!
//! [`Document::walk`] reads a body once, from its first byte to its last, and tells an [`Observer`] what it meets: a
//! container is entered, something has a name, a value stands here, the container is left. An observer knows nothing of
//! syntax. Each event carries the span of the text it was read from. The spans of values, of asides and of ends do not
//! overlap and come in the order of the text, so an observer that rewrites a document copies what is between them as it stands.
//!
//! The walk is made for hostile input. It does not recurse, it remembers at most [`MAX_DEPTH`] open containers and one
//! unescaped text, and it takes time linear in the length of the document. Any bytes may come, and a document may end
//! anywhere: the events before the cut are those of the whole document.
//!
//! An observer that collects names:
//! ```
//! use std::ops::{ControlFlow, Range};
//! use traffic_monitor_redact::document::{Document, End, Observer, Syntax};
//!
//! #[derive(Default)]
//! struct Names(Vec<String>);
//!
//! impl Observer for Names {
//!     fn name(&mut self, name: &str, _: Range<usize>) -> ControlFlow<()> {
//!         self.0.push(name.to_owned());
//!         ControlFlow::Continue(())
//!     }
//! }
//!
//! let mut names = Names::default();
//! let document = Document { syntax: Syntax::Json, bytes: br#"{"a": {"b": 1}, "c"#, whole: false };
//! assert_eq!(document.walk(&mut names), End::Cut { at: 16 });
//! assert_eq!(names.0, ["a", "b"]);
//! ```

mod form;
mod json;
mod multipart;
mod references;
mod text;
mod xml;

#[cfg(test)]
mod tests;

use std::ops::{ControlFlow, Range};

pub(crate) use multipart::parameter;
pub(crate) use references::unescaped;

/// The deepest nesting that is read. The limit of serde_json is 128, and bodies of services have under ten levels.
pub const MAX_DEPTH: usize = 64;

/// How a document is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax<'a> {
    /// JSON (RFC 8259): one document, or several in a row (NDJSON, RFC 7464).
    Json,
    /// `application/x-www-form-urlencoded` (the URL standard, section 5).
    Form,
    /// `multipart/form-data` (RFC 7578).
    Multipart {
        /// The boundary that the `Content-Type` gives.
        boundary: &'a str,
    },
    /// XML 1.0, and HTML as far as it looks like XML.
    Xml,
    /// Text of lines, with the names, lists and block scalars of YAML where there are any.
    Text,
}

/// A document, or the beginning of one.
#[derive(Clone, Copy)]
pub struct Document<'a> {
    /// How it is written.
    pub syntax: Syntax<'a>,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// Whether these are all its bytes.
    pub whole: bool,
}

/// What holds other things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    /// Things with names: an object of JSON, a form, a mapping of YAML.
    Fields,
    /// Things in an order: an array of JSON, a list of YAML.
    Items,
    /// An element of XML. Its attributes and its children have names; its text has none.
    Element,
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `null` of JSON.
    Null,
    /// `true` or `false` of JSON.
    Bool,
    /// A number of JSON.
    Number,
    /// Text. Syntaxes without types have nothing else.
    Text,
    /// A file of a multipart form. Its text is the name of the file, its span the contents.
    File,
    /// The contents of a part that are no text. Its text is empty.
    Binary,
}

/// A single value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scalar<'a> {
    /// What it is.
    pub kind: Kind,
    /// The value without the escapes and quotes of its syntax; replacement characters stand for bytes that are no UTF-8.
    pub text: &'a str,
    /// Where it stands in the document, without quotes.
    pub span: Range<usize>,
}

/// Takes the events of a walk. A name belongs to the value or container that comes next; in a container of
/// [`Container::Items`], and outside of all containers, nothing has a name but an element.
///
/// Each method may end the walk with [`ControlFlow::Break`]. The defaults pass an event over.
pub trait Observer {
    /// A container begins at this byte.
    fn enter(&mut self, container: Container, at: usize) -> ControlFlow<()> {
        let _ = (container, at);
        ControlFlow::Continue(())
    }

    /// Takes the name of what comes next. The span is where it was written, with its escapes.
    fn name(&mut self, name: &str, span: Range<usize>) -> ControlFlow<()> {
        let _ = (name, span);
        ControlFlow::Continue(())
    }

    /// A value.
    fn value(&mut self, value: &Scalar<'_>) -> ControlFlow<()> {
        let _ = value;
        ControlFlow::Continue(())
    }

    /// The container that was entered last, and not left yet, ends. The span is empty where nothing in the text ends it.
    fn leave(&mut self, span: Range<usize>) -> ControlFlow<()> {
        let _ = span;
        ControlFlow::Continue(())
    }

    /// Text that is neither a name nor a value: comments, declarations, and what tags hold beside quoted attributes.
    fn aside(&mut self, span: Range<usize>) -> ControlFlow<()> {
        let _ = span;
        ControlFlow::Continue(())
    }
}

/// How a walk ended. Containers that were still open have been left, except after [`End::Stopped`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// At the end of the document.
    Whole,
    /// The document ends in the middle of something. Text at the end of XML, of lines and of parts was told as far as it
    /// goes; anything else that is incomplete was not.
    Cut {
        /// Where what is incomplete begins.
        at: usize,
    },
    /// The document is not written in its syntax. Only JSON is that strict; a multipart form needs a boundary.
    Malformed,
    /// JSON nests deeper than [`MAX_DEPTH`].
    TooDeep,
    /// The observer wanted no more.
    Stopped,
}

impl Document<'_> {
    /// Tells the observer what is in the document, in the order of the text.
    pub fn walk<O: Observer>(self, observer: &mut O) -> End {
        let mut steps = Steps { observer, open: 0 };
        let walked = match self.syntax {
            Syntax::Json => json::walk(self.bytes, self.whole, &mut steps),
            Syntax::Form => form::walk(self.bytes, self.whole, &mut steps),
            Syntax::Multipart { boundary } => multipart::walk(self.bytes, boundary, &mut steps),
            Syntax::Xml => xml::walk(self.bytes, &mut steps),
            Syntax::Text => text::walk(self.bytes, self.whole, &mut steps),
        };
        let end = walked.err().unwrap_or(End::Whole);
        if end != End::Stopped {
            // That the observer wants no more now does not change how the document ended.
            let _ = steps.leave_all(0, self.bytes.len());
        }
        end
    }
}

/// What a reader does next, or how the walk ended.
type Step<T = ()> = Result<T, End>;

/// The observer of a walk, and how many containers it is in.
struct Steps<'a, O> {
    observer: &'a mut O,
    open: usize,
}

impl<O: Observer> Steps<'_, O> {
    fn enter(&mut self, container: Container, at: usize) -> Step {
        self.open += 1;
        step(self.observer.enter(container, at))
    }

    fn name(&mut self, name: &str, span: Range<usize>) -> Step {
        step(self.observer.name(name, span))
    }

    fn value(&mut self, kind: Kind, text: &str, span: Range<usize>) -> Step {
        step(self.observer.value(&Scalar { kind, text, span }))
    }

    fn leave(&mut self, span: Range<usize>) -> Step {
        self.open -= 1;
        step(self.observer.leave(span))
    }

    /// Leaves the innermost containers until so many are left, where nothing in the text ends them.
    fn leave_all(&mut self, left: usize, at: usize) -> Step {
        while self.open > left {
            self.leave(at..at)?;
        }
        Ok(())
    }

    fn aside(&mut self, span: Range<usize>) -> Step {
        step(self.observer.aside(span))
    }
}

fn step(flow: ControlFlow<()>) -> Step {
    if flow.is_break() { Err(End::Stopped) } else { Ok(()) }
}

/// The bytes of a span that was read from this text.
fn part(text: &[u8], span: Range<usize>) -> &[u8] {
    text.get(span).unwrap_or_default()
}
