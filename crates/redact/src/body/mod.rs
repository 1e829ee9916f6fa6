//! Sealed bodies to examples: content coding, shape, redaction. Behind the queue.

mod charset;
pub(crate) mod coding;
mod form;
mod json;
mod text;

use std::borrow::Cow;

#[cfg(test)]
pub(crate) use coding::stored_brotli;

use crate::auth::read::carriers;
use crate::classify::is_value;
use crate::descriptors::Descriptors;
use crate::document::{Document, Syntax, parameter, separator};
use crate::media::MediaType;
use crate::paths::{answer_fields, described};
use crate::redacted::{OpenedBody, RedactedBody, RedactedExchange, Unopened};
use crate::redactor::{Examples, MAX_FIELDS, Redactor};
use crate::sealed::SealedBody;
use crate::shape::{Shape, Shapes, Teacher};

/// The longest name of a field, in bytes.
const MAX_NAME: usize = 128;

/// The longest example, in bytes. A longer body gives its names only: a cut document is no example.
const MAX_EXAMPLE: usize = 16 * 1024;

/// Returns the syntax of a media type; the inner none is for one that says nothing, the outer for what is no text.
fn syntax_of<'a>(media: &str, boundary: &'a str) -> Option<Option<Syntax<'a>>> {
    const TEXTS: [&str; 6] = ["javascript", "graphql", "yaml", "x-yaml", "toml", "sql"];
    let (kind, name) = media.split_once('/').unwrap_or_default();
    Some(match (kind, name) {
        ("", "") | ("*", _) => None,
        (_, "json" | "x-json" | "x-ndjson" | "ndjson" | "jsonl" | "json-seq" | "csp-report") => {
            Some(Syntax::Json)
        }
        _ if name.ends_with("+json") => Some(Syntax::Json),
        (_, "x-www-form-urlencoded") => Some(Syntax::Form),
        ("multipart", "form-data") => Some(Syntax::Multipart { boundary }),
        (_, "xml" | "html") => Some(Syntax::Xml),
        _ if name.ends_with("+xml") && kind != "image" => Some(Syntax::Xml),
        (_, "csv") => Some(Syntax::Table { separator: b',' }),
        (_, "tab-separated-values") => Some(Syntax::Table { separator: b'\t' }),
        ("text", _) => Some(Syntax::Text),
        ("application", name) if TEXTS.contains(&name) => Some(Syntax::Text),
        _ => return None,
    })
}

/// Returns the syntax of a body whose media type says nothing, and the media type that it should have.
fn by_content(bytes: &[u8]) -> (Syntax<'static>, &'static str) {
    match bytes.trim_ascii_start() {
        [b'{' | b'[', ..] if json::is_json(bytes) => (Syntax::Json, "application/json"),
        [b'<', ..] => (Syntax::Xml, "application/xml"),
        text if form::is_urlencoded(text.trim_ascii_end()) => {
            (Syntax::Form, "application/x-www-form-urlencoded")
        }
        _ => (Syntax::Text, "text/plain"),
    }
}

impl Redactor {
    /// Opens what of an exchange is sealed, its path aside ([`crate::Paths`]): finds out under which names it carries
    /// credentials, and what its token says. Opens its bodies and parameters: undoes content codings, reads each body by its media type, learns
    /// their shapes, and replaces what is secret in the request's. A call whose body says nothing has the example of its
    /// description, if there is one. Costs at most what undoing four codings of 256 KiB each, and redacting as much, does, for
    /// each body.
    #[must_use]
    pub fn open(&self, exchange: &mut RedactedExchange, descriptors: &Descriptors) -> OpenedBody {
        let operations = self.operations(exchange);
        exchange.carriers = carriers(exchange.credentials, &exchange.headers, &exchange.query);
        exchange.claims = exchange.token.take().and_then(|token| self.claims(&token));
        let judge = Redactor::new(Examples::Redacted);
        let teacher = Teacher { judge: &judge, values: !self.is_synthetic() };
        let mut shapes = Shapes::default();
        // Noise teaches nothing.
        let fields = exchange.fields.take().filter(|_| exchange.noise.is_none() && exchange.teaches);
        if let Some(fields) = &fields {
            teacher.parameters(&mut shapes, fields);
        }
        let answer = exchange.answer.take().filter(|_| exchange.noise.is_none());
        if let (Some(answer), Some(status)) = (answer, exchange.status) {
            let may_describe = exchange.may_describe();
            let learned = document(answer, |text, media| {
                if may_describe {
                    // What describes an API is no part of it.
                    exchange.describes = described(text.bytes);
                    return None;
                }
                let shape = teach(teacher, text)?;
                if text.syntax == Syntax::Json {
                    exchange.answer_fields = answer_fields(&shape);
                }
                shapes.add_response(status, media, shape, 1);
                Some(())
            });
            // What cannot be read teaches nothing.
            let _ = learned;
        }
        let body = exchange.body.take();
        let mut opened = body.map_or_else(OpenedBody::default, |body| {
            self.open_sealed(body, |text, media| {
                let shape = fields.as_ref().and_then(|_| teach(teacher, text));
                shape.into_iter().for_each(|shape| shapes.add_request(media, shape, 1));
            })
        });
        descriptors.teach(exchange, &mut shapes);
        if opened.example.is_none()
            && let Some((example, fields)) = descriptors.example(exchange)
        {
            opened = OpenedBody { example: Some(example), fields, reason: None, ..opened };
        }
        OpenedBody { shapes, operations, ..opened }
    }

    /// Opens a body, and gives it to `learn` as a document with its media type.
    pub(crate) fn open_sealed(
        &self,
        body: SealedBody,
        mut learn: impl FnMut(Document<'_>, &str),
    ) -> OpenedBody {
        self.left_out.set(0);
        let opened = document(body, |text, media| {
            learn(text, media);
            self.opened(text, media)
        });
        let opened = opened
            .and_then(|opened| opened)
            .unwrap_or_else(|reason| OpenedBody { reason: Some(reason), ..OpenedBody::default() });
        OpenedBody { left_out: self.left_out.get(), ..opened }
    }

    /// Returns the example of a document with this media type, and the names in it.
    fn opened(&self, text: Document<'_>, media: &str) -> Result<OpenedBody, Unopened> {
        let (shown, names) = self.redacted(text)?;
        let content_type = match text.syntax {
            Syntax::Multipart { .. } => format!("{media}; boundary={}", form::BOUNDARY),
            _ => media.to_owned(),
        };
        Ok(opened(&shown, content_type, names))
    }

    /// Returns a redacted copy of a document in its own syntax; none where it is not written in that syntax, or was cut
    /// before anything of it was whole.
    #[must_use]
    pub fn copy(&self, document: Document<'_>) -> Option<String> {
        self.redacted(document).ok().map(|(shown, _)| shown)
    }

    /// Returns a redacted copy of a document, and the names of its outermost fields.
    fn redacted(&self, document: Document<'_>) -> Result<(String, Vec<String>), Unopened> {
        let Document { syntax, bytes, whole } = document;
        match syntax {
            Syntax::Json => {
                let value = json::redacted(self, bytes, whole).ok_or(Unopened::NotJson)?;
                let names = json::fields(&value).into_iter().filter(|name| is_name(name)).cloned().collect();
                Ok((value.to_string(), names))
            }
            Syntax::Form => form::urlencoded(self, bytes, whole).ok_or(Unopened::Cut),
            Syntax::Multipart { boundary } => form::multipart(self, bytes, boundary, whole),
            Syntax::Xml | Syntax::Table { .. } => {
                Ok((text::rewritten(self, syntax, &readable(bytes)?, whole), Vec::new()))
            }
            Syntax::Text => Ok((text::plain(self, &readable(bytes)?, whole), Vec::new())),
        }
    }
}

/// Undoes the content codings of a body, and gives it with its media type to `read`.
fn document<T>(body: SealedBody, read: impl FnOnce(Document<'_>, &str) -> T) -> Result<T, Unopened> {
    let media = MediaType::of(body.content_type.as_bytes());
    let media = media.as_ref().map_or("", MediaType::as_str);
    let boundary = parameter(&body.content_type, "boundary").unwrap_or_default();
    let syntax = syntax_of(media, &boundary).ok_or(Unopened::Binary)?;
    let decoded = coding::decode(body.bytes, body.whole, &body.content_encoding)?;
    let (bytes, whole) = (charset::utf8(&decoded.bytes), decoded.whole);
    let bytes = bytes.as_ref();
    let (syntax, media) = match syntax {
        // Where the comma is that of numbers, programs write semicolons.
        Some(Syntax::Table { separator: b',' }) => (Syntax::Table { separator: separator(bytes) }, media),
        Some(syntax) => (syntax, media),
        None => by_content(bytes),
    };
    Ok(read(Document { syntax, bytes, whole }, media))
}

/// Returns the shape of a document, unless its syntax says nothing about it.
fn teach(teacher: Teacher<'_>, text: Document<'_>) -> Option<Shape> {
    match text.syntax {
        Syntax::Json | Syntax::Form | Syntax::Multipart { .. } | Syntax::Xml => teacher.document(text),
        Syntax::Text | Syntax::Table { .. } => None,
    }
}

fn opened(content: &str, content_type: String, mut fields: Vec<String>) -> OpenedBody {
    fields.truncate(MAX_FIELDS);
    // A blank in the place of a control character: without it, what stood on both sides would become one token.
    let printable =
        |one: char| if one.is_control() && !matches!(one, '\n' | '\r' | '\t') { ' ' } else { one };
    let content: String = content.chars().map(printable).collect();
    let reason = match content.len() {
        0 => Some(Unopened::Empty),
        1..=MAX_EXAMPLE => None,
        _ => Some(Unopened::TooLong),
    };
    let example = reason.is_none().then_some(RedactedBody { content_type, content });
    OpenedBody { example, fields, reason, ..OpenedBody::default() }
}

/// Returns whether the name of a field may be shown.
fn is_name(name: &str) -> bool {
    name.len() <= MAX_NAME && !name.chars().any(char::is_control) && !is_value(name.as_bytes())
}

/// Text, with replacement characters where it is in another encoding than UTF-8; none for what is no text.
fn readable(bytes: &[u8]) -> Result<Cow<'_, str>, Unopened> {
    if bytes.contains(&0) {
        return Err(Unopened::Binary);
    }
    let text = String::from_utf8_lossy(bytes);
    let foreign = text.chars().filter(|one| *one == char::REPLACEMENT_CHARACTER).count();
    if foreign * 8 > bytes.len() { Err(Unopened::Binary) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SYNTAXES: [Syntax<'_>; 6] = [
        Syntax::Json,
        Syntax::Form,
        Syntax::Multipart { boundary: "x" },
        Syntax::Xml,
        Syntax::Text,
        Syntax::Table { separator: b',' },
    ];

    fn open(content_type: &str, bytes: &[u8]) -> OpenedBody {
        let body = SealedBody {
            bytes: bytes.to_vec(),
            whole: true,
            content_type: content_type.into(),
            content_encoding: String::new(),
        };
        Redactor::new(Examples::Redacted).open_sealed(body, |_, _| ())
    }

    #[track_caller]
    fn example(content_type: &str, bytes: &str, expected_type: &str, expected: &str) {
        let opened = open(content_type, bytes.as_bytes());
        let example = opened.example.unwrap_or_else(|| panic!("{:?}", opened.reason));
        assert_eq!((example.content_type.as_str(), example.content.as_str()), (expected_type, expected));
    }

    #[test]
    fn by_media_type() {
        let json = "{\"pin\": 4711}";
        example("application/json; charset=utf-8", json, "application/json", "{\"pin\":1111}");
        example("Application/Vnd.Api+JSON", json, "application/vnd.api+json", "{\"pin\":1111}");
        example(
            "application/x-ndjson",
            "{\"pin\":4711}\n{\"pin\":4712}\n",
            "application/x-ndjson",
            "{\"pin\":1111}",
        );
        example(
            "application/x-www-form-urlencoded",
            "pin=4711",
            "application/x-www-form-urlencoded",
            "pin=1111",
        );
        example("text/xml", "<pin>4711</pin>", "text/xml", "<pin>1111</pin>");
        example("text/csv", "a,j@x.com\r\n", "text/csv", "a,user1@example.com\r\n");
        example("text/csv", "id,pin\n7,4711\n", "text/csv", "id,pin\n7,1111\n");
        example("application/csv", "id;pin\n7;\"4711\"\n", "application/csv", "id;pin\n7;\"1111\"\n");
        let (tsv, pin) = ("text/tab-separated-values", "id\tpin\n7\t4711\n");
        example(tsv, pin, tsv, "id\tpin\n7\t1111\n");
        example("text/plain", pin, "text/plain", "id\tpin\n7\t1111\n");
        example("text/plain", "a\u{1b}[2J\u{7}", "text/plain", "a [2J ");
    }

    #[test]
    fn by_content_where_the_type_says_nothing() {
        for content_type in ["", "*/*", "nonsense"] {
            example(content_type, " {\"pin\": 4711}", "application/json", "{\"pin\":1111}");
            example(content_type, "pin=4711&x=1", "application/x-www-form-urlencoded", "pin=1111&x=1");
            example(content_type, "<pin>4711</pin>", "application/xml", "<pin>1111</pin>");
            example(content_type, "hello", "text/plain", "hello");
            example(content_type, "id,pin\n7,4711\n", "text/plain", "id,pin\n7,1111\n");
            example(content_type, "id,size\n7,4711\n", "text/plain", "id,size\n7,4711\n");
        }
    }

    #[test]
    fn names_of_fields() {
        assert_eq!(open("application/json", b"{\"b\":1,\"a\":{\"c\":2},\"j@x.com\":3}").fields, ["a", "b"]);
        assert_eq!(open("application/json", b"[{\"b\":1},{\"a\":2}]").fields, ["a", "b"]);
        let many: serde_json::Map<_, _> = (0..1000).map(|n| (format!("n{n}"), n.into())).collect();
        assert_eq!(
            open("application/json", serde_json::Value::Object(many).to_string().as_bytes()).fields.len(),
            MAX_FIELDS
        );
    }

    #[test]
    fn what_gives_no_example_says_why() {
        let cases: [(&str, &[u8], Unopened); 8] = [
            ("image/png", b"\x89PNG", Unopened::Binary),
            ("application/octet-stream", b"abc", Unopened::Binary),
            ("application/grpc", b"\0\0\0\0\0", Unopened::Binary),
            ("", b"\0\x01", Unopened::Binary),
            ("text/plain", b"\xff\xfd\xfc", Unopened::Binary),
            ("application/json", b"nope", Unopened::NotJson),
            ("multipart/form-data", b"x", Unopened::NotMultipart),
            ("application/json", &[b'['; 5000], Unopened::NotJson),
        ];
        for (content_type, bytes, expected) in cases {
            let opened = open(content_type, bytes);
            assert_eq!((opened.reason, opened.example), (Some(expected), None), "{content_type}");
        }
        assert_eq!(
            open("text/plain", "so long ".repeat(MAX_EXAMPLE / 8 + 1).as_bytes()).reason,
            Some(Unopened::TooLong)
        );
    }

    proptest! {
        #[test]
        fn any_bytes_of_any_type(bytes in prop::collection::vec(any::<u8>(), 0..200), kind in 0usize..6, coding in 0usize..5) {
            let kinds = ["", "application/json", "text/xml", "application/x-www-form-urlencoded", "multipart/form-data; boundary=a", "text/plain"];
            let body = SealedBody {
                bytes,
                whole: coding % 2 == 0,
                content_type: kinds[kind].into(),
                content_encoding: ["", "gzip", "br", "zstd", "deflate"][coding].into(),
            };
            let opened = Redactor::new(Examples::Redacted).open_sealed(body, |_, _| ());
            prop_assert_eq!(opened.example.is_none(), opened.reason.is_some());
        }

        #[test]
        fn any_bytes_are_copied_in_their_syntax(
            bytes in "[<>{}\\[\\]\":,=&;/\\\\a1%+ \n-]{0,60}|\\PC{0,60}",
            syntax in prop::sample::select(&SYNTAXES[..]),
            whole: bool,
            examples in prop_oneof![Just(Examples::Redacted), Just(Examples::Synthetic), Just(Examples::Real)],
        ) {
            let copy = Redactor::new(examples).copy(Document { syntax, bytes: bytes.as_bytes(), whole });
            if let (Syntax::Json, Some(copy)) = (syntax, copy) {
                prop_assert!(serde_json::from_str::<serde_json::Value>(&copy).is_ok(), "{}", copy);
            }
        }
    }
}
