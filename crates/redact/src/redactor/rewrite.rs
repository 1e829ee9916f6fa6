//! A document in its own syntax, with what is secret in it replaced and the rest as it stands.

use std::ops::{ControlFlow, Range};

use form_urlencoded::byte_serialize;

use super::covers::Covers;
use super::values::Redactor;
use crate::document::{Container, Document, End, Kind, Observer, Scalar, Syntax};

/// Replaces the values of a document.
pub(crate) struct Rewrite<'a> {
    redactor: &'a Redactor,
    syntax: Syntax<'a>,
    text: &'a str,
    /// How many documents are around this one.
    depth: usize,
    covers: Covers,
    /// How far the text was copied.
    copied: usize,
    shown: String,
    changed: bool,
    /// Whether the walk ends with the first value.
    first: bool,
    open: usize,
}

/// What became of a document.
pub(crate) struct Rewritten {
    /// The document as it may be shown; none where it may be shown as it is.
    pub(crate) shown: Option<String>,
    /// How the walk through it ended.
    pub(crate) end: End,
    /// How far the text was read.
    pub(crate) read: usize,
}

impl<'a> Rewrite<'a> {
    /// Rewrites a text in a syntax, with so many documents around it. With `first` it ends behind the first value.
    pub(crate) fn of(
        redactor: &'a Redactor,
        syntax: Syntax<'a>,
        text: &'a str,
        depth: usize,
        first: bool,
    ) -> Rewritten {
        let document = Document { syntax, bytes: text.as_bytes(), whole: true };
        let covers = if first { Covers::of_first(document) } else { Covers::of(document) };
        let mut copy = Rewrite {
            redactor,
            syntax,
            text,
            depth,
            covers,
            copied: 0,
            shown: String::new(),
            changed: false,
            first,
            open: 0,
        };
        let end = document.walk(&mut copy);
        let read = copy.copied;
        // What a tag that is cut holds has no place in XML; elsewhere the rest is text.
        match end {
            End::Cut { at } if syntax == Syntax::Xml => {
                copy.changed = true;
                copy.copy_to(at);
            }
            End::Stopped => {}
            _ => copy.copy_to(text.len()),
        }
        Rewritten { shown: copy.changed.then_some(copy.shown), end, read }
    }

    /// Copies what stands before this: names and what is none, where a secret may stand too.
    fn copy_to(&mut self, at: usize) {
        let piece = self.text.get(self.copied..at).unwrap_or_default();
        let shown = self.redactor.marks(piece);
        self.changed |= shown != piece;
        self.shown += &shown;
        self.copied = self.copied.max(at);
    }

    fn replace(&mut self, span: Range<usize>, shown: &str) {
        self.copy_to(span.start);
        self.shown += shown;
        self.changed = true;
        self.copied = span.end;
    }

    fn keep(&mut self, span: Range<usize>) {
        self.copy_to(span.start);
        self.shown += self.text.get(span.clone()).unwrap_or_default();
        self.copied = span.end;
    }

    /// A value as its syntax writes it here.
    fn written(&self, shown: &str, span: &Range<usize>) -> String {
        match self.syntax {
            Syntax::Json => {
                let quoted = serde_json::Value::from(shown).to_string();
                quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned()
            }
            Syntax::Form => byte_serialize(shown.as_bytes()).collect(),
            Syntax::Xml
                if self.text.get(..span.start).is_some_and(|before| before.ends_with("<![CDATA[")) =>
            {
                shown.replace("]]>", "")
            }
            Syntax::Xml => shown.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;"),
            Syntax::Multipart { .. } | Syntax::Text => shown.to_owned(),
        }
    }

    fn unless_done(&self) -> ControlFlow<()> {
        if self.first && self.open == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

impl Observer for Rewrite<'_> {
    fn enter(&mut self, container: Container, at: usize) -> ControlFlow<()> {
        self.covers.enter(container, at);
        self.open += 1;
        ControlFlow::Continue(())
    }

    fn name(&mut self, name: &str, _: Range<usize>) -> ControlFlow<()> {
        self.covers.name(name);
        ControlFlow::Continue(())
    }

    fn value(&mut self, value: &Scalar<'_>) -> ControlFlow<()> {
        let (name, cover) = self.covers.current();
        let shown = match value.kind {
            Kind::Null | Kind::Bool | Kind::File | Kind::Binary => None,
            Kind::Number => self.redactor.number(name, value.text, cover),
            Kind::Text => {
                let lines = self.syntax != Syntax::Text;
                let shown = self.redactor.inner(name, value.text, cover, self.depth + 1, lines);
                (shown != value.text).then(|| shown.into_owned())
            }
        };
        self.covers.passed(value.text);
        match shown {
            Some(shown) => self.replace(value.span.clone(), &self.written(&shown, &value.span)),
            None => self.keep(value.span.clone()),
        }
        self.unless_done()
    }

    fn leave(&mut self, span: Range<usize>) -> ControlFlow<()> {
        self.covers.leave();
        self.open = self.open.saturating_sub(1);
        // A container that nothing in the text ends is left where the text does.
        if !span.is_empty() {
            self.copy_to(span.end);
        }
        self.unless_done()
    }

    fn aside(&mut self, span: Range<usize>) -> ControlFlow<()> {
        self.copy_to(span.end);
        ControlFlow::Continue(())
    }
}
