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

mod events;
mod flow;
mod form;
mod json;
mod multipart;
mod references;
mod section;
mod steps;
mod table;
mod text;
mod xml;

#[cfg(test)]
mod tests;

pub use events::{Container, End, Kind, MAX_DEPTH, Observer, Scalar};
pub(crate) use multipart::parameter;
pub(crate) use references::unescaped;
pub(crate) use section::begins_with_header;
use steps::Steps;
pub(crate) use table::{guessed as guessed_table, separator};

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
    /// Text of lines, with the names, lists and block scalars of YAML and the sections of INI where there are any.
    Text,
    /// CSV (RFC 4180), or the like with another separator.
    Table {
        /// What stands between cells.
        separator: u8,
    },
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

impl Document<'_> {
    /// Tells the observer what is in the document, in the order of the text.
    pub fn walk<O: Observer>(self, observer: &mut O) -> End {
        self.steps(Steps::new(observer, false))
    }

    /// Tells the observer what is in the first value of the document. Behind it the walk is [`End::Stopped`].
    pub(crate) fn walk_first<O: Observer>(self, observer: &mut O) -> End {
        self.steps(Steps::new(observer, true))
    }

    fn steps<O: Observer>(self, mut steps: Steps<'_, O>) -> End {
        let walked = match self.syntax {
            Syntax::Json => json::walk(self.bytes, self.whole, &mut steps),
            Syntax::Form => form::walk(self.bytes, self.whole, &mut steps),
            Syntax::Multipart { boundary } => multipart::walk(self.bytes, boundary, self.whole, &mut steps),
            Syntax::Xml => xml::walk(self.bytes, self.whole, &mut steps),
            Syntax::Text => text::walk(self.bytes, self.whole, &mut steps),
            Syntax::Table { separator } => table::walk(self.bytes, separator, self.whole, &mut steps),
        };
        let end = walked.err().unwrap_or(End::Whole);
        if !matches!(end, End::Whole | End::Stopped) {
            steps.cut();
        }
        if end != End::Stopped {
            // That the observer wants no more now does not change how the document ended.
            let _ = steps.leave_all(0, self.bytes.len());
        }
        end
    }
}
