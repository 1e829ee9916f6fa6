//! Text and XML as examples.

use crate::document::{Document, Syntax};
use crate::redactor::{Cover, Redactor, Rewrite};

/// Returns redacted text, by the names in it, whatever syntax it is written in, and by its forms. Of text that was cut, the last line
/// is left out, or the last word where there is one line: half of a token looks like none.
pub(super) fn plain(redactor: &Redactor, text: &str, whole: bool) -> String {
    let text = if whole { text } else { whole_lines(text) };
    redactor.value("", text, Cover::Open).into_owned()
}

/// The lines of a text that was cut, or its words.
fn whole_lines(text: &str) -> &str {
    let bytes = text.as_bytes();
    let end = memchr::memrchr(b'\n', bytes).or_else(|| bytes.iter().rposition(u8::is_ascii_whitespace));
    text.get(..end.map_or(0, |end| end + 1)).unwrap_or_default()
}

/// Returns redacted XML (or HTML), or a table: texts, attributes and cells are judged by the names above and beside them. Tags and
/// headers stay. Of text that was cut, what stands behind its last tag or row is left out.
pub(super) fn rewritten(redactor: &Redactor, syntax: Syntax<'_>, text: &str, whole: bool) -> String {
    let document = Document { syntax, bytes: text.as_bytes(), whole };
    Rewrite::of(redactor, document, text, 0, false).shown.unwrap_or_else(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Examples;

    fn xml(redactor: &Redactor, text: &str, whole: bool) -> String {
        rewritten(redactor, Syntax::Xml, text, whole)
    }

    fn redacted(text: &str) -> String {
        xml(&Redactor::new(Examples::Redacted), text, true)
    }

    #[test]
    fn xml_by_names_and_forms() {
        let cases = [
            (
                "<a><wsse:Password Type=\"x\">hunter2</wsse:Password> <n>3</n></a>",
                "<a><wsse:Password Type=\"x\">1Fake1F</wsse:Password> <n>3</n></a>",
            ),
            ("<u token='abc' name=\"ann\"/>", "<u token='1Fa' name=\"ann\"/>"),
            (
                "<u x=' &apos;j@x.com'>it's j@x.com</u>",
                "<u x=' &#39;user1@example.com'>it's user1@example.com</u>",
            ),
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
        assert_eq!(plain(&redactor, "Call me at 10:30", true), "Xxxx xx xx 11:11");
        assert_eq!(xml(&redactor, "<a b=\"c1\">D &amp; e</a>", true), "<a b=\"x1\">X &amp; x</a>");
    }

    #[test]
    fn half_of_a_token_at_the_cut_is_left_out() {
        let redactor = Redactor::new(Examples::Redacted);
        assert_eq!(plain(&redactor, "one\ntwo AKIAIOSFOD", false), "one\n");
        assert_eq!(plain(&redactor, "one two AKIAIOSFOD", false), "one two ");
        assert_eq!(plain(&redactor, "AKIAIOSFOD", false), "");
        assert_eq!(xml(&redactor, "<a>b</a><c>AKIAIOSFOD", false), "<a>b</a><c>");
        assert_eq!(xml(&redactor, "<a>b</a><c d='AKIAIOSFOD", false), "<a>b</a>");
        let table = Syntax::Table { separator: b',' };
        assert_eq!(rewritten(&redactor, table, "a,b\n1,2\n3,AKIAIOSFOD", false), "a,b\n1,2\n");
    }

    proptest! {
        #[test]
        fn any_text_goes_through(text in "[<>a&;#x'\"/!\\[\\]C-é ]{0,60}") {
            redacted(&text);
        }
    }
}
