//! Text and XML.

use crate::redactor::{Place, Redactor, unescaped};

/// The longest name of an element, in bytes.
const MAX_NAME: usize = 128;

/// Redacted text.
pub(super) fn plain(redactor: &Redactor, text: &str) -> String {
    redactor.value("", text, Place::Open).into_owned()
}

/// Redacted XML (or HTML): the texts of elements by the name of the element, the values of attributes by theirs. Tags
/// stay. Of text that was cut, the tag at its end is left out.
pub(super) fn xml(redactor: &Redactor, text: &str) -> String {
    let (mut shown, mut rest, mut element) = (String::new(), text, "");
    while let Some(start) = rest.find('<') {
        let (before, tag) = rest.split_at(start);
        shown += &content(redactor, element, before);
        let Some(end) = end_of(tag) else { return shown };
        let (tag, after) = tag.split_at(end);
        if let Some(data) = tag.strip_prefix("<![CDATA[").and_then(|tag| tag.strip_suffix("]]>")) {
            shown += "<![CDATA[";
            shown += &redactor.value(element, data, Place::Open);
            shown += "]]>";
        } else if tag.starts_with("<!--") || tag.starts_with("<?") || tag.starts_with("<!") {
            shown += &redactor.text(tag);
        } else {
            element = name(tag);
            attributes(redactor, tag, &mut shown);
        }
        rest = after;
    }
    shown + &content(redactor, element, rest)
}

/// Where a tag, comment or section ends.
fn end_of(tag: &str) -> Option<usize> {
    let close = if tag.starts_with("<![CDATA[") {
        "]]>"
    } else if tag.starts_with("<!--") {
        "-->"
    } else {
        ">"
    };
    tag.find(close).map(|at| at + close.len())
}

/// The name of an element without its prefix; empty for end tags, after which text belongs to no one.
fn name(tag: &str) -> &str {
    let tag = tag.strip_prefix('<').unwrap_or(tag);
    let end = tag
        .find(|one: char| one.is_whitespace() || one == '>' || one == '/')
        .unwrap_or(tag.len())
        .min(MAX_NAME);
    let name = tag.get(..end).unwrap_or_default();
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

/// A tag with the values of its attributes redacted.
fn attributes(redactor: &Redactor, tag: &str, shown: &mut String) {
    let mut rest = tag;
    while let Some((before, quote, value, after)) = quoted(rest) {
        let name = before.trim_end_matches(['=', ' ']);
        let name = name.rsplit(|one: char| one.is_whitespace() || one == ':').next().unwrap_or_default();
        *shown += before;
        shown.push(quote);
        let is_namespace = before.contains("xmlns");
        *shown +=
            &if is_namespace { redactor.text(value).into_owned() } else { content(redactor, name, value) };
        shown.push(quote);
        rest = after;
    }
    *shown += &redactor.text(rest);
}

/// What stands before the next quoted value, its quote, the value, and what comes after it.
fn quoted(text: &str) -> Option<(&str, char, &str, &str)> {
    let start = text.find(['"', '\''])?;
    let quote = if text[start..].starts_with('"') { '"' } else { '\'' };
    let (value, after) = text[start + 1..].split_once(quote)?;
    Some((&text[..start], quote, value, after))
}

/// Text between tags; what is hidden in character references is found.
fn content(redactor: &Redactor, name: &str, text: &str) -> String {
    let trimmed = text.trim();
    let Some((before, after)) = text.split_once(trimmed).filter(|_| !trimmed.is_empty()) else {
        return text.to_owned();
    };
    let plain = unescaped(trimmed);
    let shown = redactor.value(name, &plain, Place::Open);
    if *shown == *plain {
        return text.to_owned();
    }
    format!("{before}{}{after}", shown.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;"))
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
