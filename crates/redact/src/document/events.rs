//! What a walk tells, and who takes it.

use std::ops::{ControlFlow, Range};

/// The deepest nesting that is read. The limit of serde_json is 128, and bodies of services have under ten levels.
pub const MAX_DEPTH: usize = 64;

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

    /// The document ends here in the middle of something, or cannot be read on: the containers that are left from here on did not
    /// end.
    fn cut(&mut self) {}

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
    /// The document ends in the middle of something, which was not told. Of a document that is said to be whole, text at the end of
    /// XML and of parts is.
    Cut {
        /// Where what is incomplete begins.
        at: usize,
    },
    /// The document is not written in its syntax. Only JSON is that strict; a multipart form needs a boundary.
    Malformed {
        /// How far it was read.
        at: usize,
    },
    /// JSON nests deeper than [`MAX_DEPTH`].
    TooDeep {
        /// How far it was read.
        at: usize,
    },
    /// The observer wanted no more.
    Stopped,
}
