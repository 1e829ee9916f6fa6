//! Text and XML as examples.

use std::borrow::Cow;
use std::ops::{ControlFlow, Range};

use crate::document::{Container, Document, End, Observer, Scalar, Syntax};
use crate::redactor::{Place, Redactor};

/// Returns redacted text.
pub(super) fn plain(redactor: &Redactor, text: &str) -> String {
    redactor.value("", text, Place::Open).into_owned()
}

/// Returns redacted XML (or HTML): texts are judged by the name of the element that began last, the values of attributes
/// by theirs. Tags stay. Of text that was cut, the tag at its end is left out.
pub(super) fn xml(redactor: &Redactor, text: &str) -> String {
    let mut copy =
        Copy { redactor, text, copied: 0, shown: String::new(), name: None, element: String::new() };
    let end = match (Document { syntax: Syntax::Xml, bytes: text.as_bytes(), whole: true }).walk(&mut copy) {
        End::Cut { at } => at,
        _ => text.len(),
    };
    copy.copy_to(end);
    copy.shown
}

/// Copies the text, but for the values in it.
struct Copy<'a> {
    redactor: &'a Redactor,
    text: &'a str,
    /// How far the text was copied.
    copied: usize,
    shown: String,
    /// The name of what comes next.
    name: Option<String>,
    /// The name of the element that began last; empty after the end of one, where text belongs to none.
    element: String,
}

impl<'a> Copy<'a> {
    /// Copies what stands before this: names and what is none, where a secret may stand too.
    fn copy_to(&mut self, at: usize) {
        self.shown += &self.redactor.text(self.text.get(self.copied..at).unwrap_or_default());
        self.copied = self.copied.max(at);
    }

    /// Replaces what stands here by what `shown` makes of it.
    fn replace(&mut self, span: Range<usize>, shown: impl FnOnce(&Redactor, &'a str) -> Cow<'a, str>) {
        self.copy_to(span.start);
        let text = self.text.get(span.clone()).unwrap_or_default();
        self.shown += &shown(self.redactor, text);
        self.copied = span.end;
    }
}

impl Observer for Copy<'_> {
    fn name(&mut self, name: &str, _: Range<usize>) -> ControlFlow<()> {
        self.name = Some(name.to_owned());
        ControlFlow::Continue(())
    }

    fn enter(&mut self, _: Container, _: usize) -> ControlFlow<()> {
        self.element = self.name.take().unwrap_or_default();
        ControlFlow::Continue(())
    }

    fn value(&mut self, value: &Scalar<'_>) -> ControlFlow<()> {
        let attribute = self.name.take();
        let name = attribute.as_deref().unwrap_or(&self.element).to_owned();
        let before = self.text.get(..value.span.start).unwrap_or_default();
        let is_data = before.ends_with("<![CDATA[");
        self.replace(value.span.clone(), |redactor, text| {
            let shown = redactor.value(&name, value.text, Place::Open);
            match () {
                () if shown == value.text => text.into(),
                () if is_data => shown.into_owned().into(),
                () => shown.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;").into(),
            }
        });
        ControlFlow::Continue(())
    }

    fn leave(&mut self, span: Range<usize>) -> ControlFlow<()> {
        // An element without an end tag ends where nothing stands.
        if !span.is_empty() {
            self.element.clear();
            self.replace(span, Redactor::text);
        }
        ControlFlow::Continue(())
    }

    fn aside(&mut self, span: Range<usize>) -> ControlFlow<()> {
        // The end tag of an element that did not begin.
        if self.text.get(span.clone()).is_some_and(|text| text.starts_with("</")) {
            self.element.clear();
        }
        self.replace(span, Redactor::text);
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Examples;

    fn redacted(text: &str) -> String {
        xml(&Redactor::new(Examples::Redacted), text)
    }

    #[test]
    fn xml_by_names_and_forms() {
        let cases = [
            (
                "<a><wsse:Password Type=\"x\">hunter2</wsse:Password> <n>3</n></a>",
                "<a><wsse:Password Type=\"x\">1Fake1F</wsse:Password> <n>3</n></a>",
            ),
            ("<u token='abc' name=\"ann\"/>", "<u token='1Fa' name=\"ann\"/>"),
            ("<m>j&#64;x.com &#x40;</m>", "<m>user1@example.com @</m>"),
            ("<m>j@x.com</m>", "<m>user1@example.com</m>"),
            ("<!-- key AKIAIOSFODNN7EXAMPLE --><x/>", "<!-- key AKIA1FAKE1FAKE1FAKE1 --><x/>"),
            ("<password><![CDATA[a<b]]></password>", "<password><![CDATA[1Fa]]></password>"),
            (
                "<?xml version=\"1.0\"?><a xmlns=\"http://x/y\">1 &lt; 2</a>",
                "<?xml version=\"1.0\"?><a xmlns=\"http://x/y\">1 &lt; 2</a>",
            ),
            ("<a>text <b", "<a>text "),
            (
                "<arg>&lt;login&gt;&lt;password&gt;hunter2&lt;/password&gt;</arg>",
                "<arg>&lt;login>&lt;password>1Fake1F&lt;/password></arg>",
            ),
            ("<arg>&#60;token&#62;abc&#60;/token&#62;</arg>", "<arg>&lt;token>1Fa&lt;/token></arg>"),
            ("<arg>&amp;lt;pin&amp;gt;4711&amp;lt;/pin&amp;gt;</arg>", "<arg>&lt;pin>1111&lt;/pin></arg>"),
            ("<pin>\n 4711 \n</pin>", "<pin>\n 1111 \n</pin>"),
            ("<a AKIAIOSFODNN7EXAMPLE x=\"1\"/>", "<a AKIA1FAKE1FAKE1FAKE1 x=\"1\"/>"),
            ("<AKIAIOSFODNN7EXAMPLE>b</a>", "<AKIA1FAKE1FAKE1FAKE1>b</a>"),
        ];
        for (text, expected) in cases {
            assert_eq!(redacted(text), expected);
        }
    }

    #[test]
    fn synthetic_text() {
        let redactor = Redactor::new(Examples::Synthetic);
        assert_eq!(plain(&redactor, "Call me at 10:30"), "Xxxx xx xx 11:11");
        assert_eq!(xml(&redactor, "<a b=\"c1\">D &amp; e</a>"), "<a b=\"x1\">X &amp; x</a>");
    }

    proptest! {
        #[test]
        fn any_text_goes_through(text in "[<>a&;#x'\"/!\\[\\]C-é ]{0,60}") {
            redacted(&text);
        }
    }
}
