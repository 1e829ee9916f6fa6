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
    /// Rewrites a document, whose bytes are the text, with so many others around it. With `first` it ends behind the first value,
    /// and is not rewritten where that is not whole.
    pub(crate) fn of(
        redactor: &'a Redactor,
        document: Document<'a>,
        text: &'a str,
        depth: usize,
        first: bool,
    ) -> Rewritten {
        let covers = if first { Covers::of_first(document) } else { Covers::of(document) };
        match covers.end() {
            end @ (End::Malformed { at } | End::TooDeep { at }) => return Rewritten::not(end, at),
            end if first && end != End::Stopped => return Rewritten::not(end, text.len()),
            _ => {}
        }
        let syntax = document.syntax;
        let (shown, copied) = (String::new(), 0);
        let mut copy = Rewrite { redactor, syntax, text, depth, covers, copied, shown, changed: false };
        let end = if first { document.walk_first(&mut copy) } else { document.walk(&mut copy) };
        let read = copy.copied;
        // Half of a tag has no place in XML, and half of a row none in a table; elsewhere the rest is text.
        match end {
            End::Cut { at } if matches!(syntax, Syntax::Xml | Syntax::Table { .. }) => {
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

    /// Returns what is shown of a value as its syntax writes it in its place.
    fn written(&self, shown: &str, value: &Scalar<'_>) -> String {
        let before = self.text.get(..value.span.start).unwrap_or_default();
        match self.syntax {
            Syntax::Json => escaped(shown),
            // In quotes with escapes: what has them was told without.
            Syntax::Text if self.text.get(value.span.clone()) != Some(value.text) => escaped(shown),
            Syntax::Form => byte_serialize(shown.as_bytes()).collect(),
            Syntax::Xml if before.ends_with("<![CDATA[") => shown.replace("]]>", ""),
            Syntax::Xml => {
                let plain = shown.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
                if before.trim_end().ends_with('\'') { plain.replace('\'', "&#39;") } else { plain }
            }
            Syntax::Table { .. } if before.ends_with('"') => shown.replace('"', "\"\""),
            Syntax::Table { separator } => cell(shown, separator),
            Syntax::Multipart { .. } | Syntax::Text => shown.to_owned(),
        }
    }
}

impl Rewritten {
    /// What could not be rewritten, and was read so far.
    fn not(end: End, read: usize) -> Rewritten {
        Rewritten { shown: None, end, read }
    }
}

/// Returns a cell of a table, in quotes where it needs them.
fn cell(text: &str, separator: u8) -> String {
    let special = text.bytes().any(|byte| byte == separator || b"\"\r\n".contains(&byte));
    if special { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

/// Returns text with the escapes that it needs in the quotes of JSON.
fn escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned()
}

impl Observer for Rewrite<'_> {
    fn enter(&mut self, container: Container, at: usize) -> ControlFlow<()> {
        self.covers.enter(container, at);
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
                let guessed = !self.covers.is_plain();
                let shown = self.redactor.inner((name, cover), value.text, guessed, self.depth + 1, lines);
                (shown != value.text).then(|| shown.into_owned())
            }
        };
        self.covers.passed(value.text);
        match shown {
            Some(shown) => self.replace(value.span.clone(), &self.written(&shown, value)),
            None => self.keep(value.span.clone()),
        }
        ControlFlow::Continue(())
    }

    fn leave(&mut self, span: Range<usize>) -> ControlFlow<()> {
        self.covers.leave();
        // A container that nothing in the text ends is left where the text does.
        if !span.is_empty() {
            self.copy_to(span.end);
        }
        ControlFlow::Continue(())
    }

    fn aside(&mut self, span: Range<usize>) -> ControlFlow<()> {
        self.copy_to(span.end);
        ControlFlow::Continue(())
    }
}
