//! Text and XML as examples.

use crate::document::Syntax;
use crate::redactor::{Cover, Redactor, Rewrite};

/// Returns redacted text, by the names in it, whatever syntax it is written in, and by its forms.
pub(super) fn plain(redactor: &Redactor, text: &str) -> String {
    redactor.value("", text, Cover::Open).into_owned()
}

/// Returns redacted XML (or HTML): texts and the values of attributes are judged by the names above and beside them. Tags stay.
/// Of text that was cut, the tag at its end is left out.
pub(super) fn xml(redactor: &Redactor, text: &str) -> String {
    Rewrite::of(redactor, Syntax::Xml, text, 0, false).shown.unwrap_or_else(|| text.to_owned())
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
