//! Forms as examples: `application/x-www-form-urlencoded` and `multipart/form-data`.

use std::fmt::Write;
use std::ops::{ControlFlow, Range};

use form_urlencoded::byte_serialize;

use super::json;
use crate::document::{Container, Document, End, Kind, Observer, Scalar, Syntax};
use crate::redacted::Unopened;
use crate::redactor::{Cover, Covers, MAX_FIELDS, Redactor, parameter_name};

/// The boundary of multipart examples: the captured one says nothing.
pub(super) const BOUNDARY: &str = "example-boundary";

/// Returns a redacted form and the names in it. Of a form that was cut, the last pair is left out.
pub(super) fn urlencoded(redactor: &Redactor, text: &[u8], whole: bool) -> Option<(String, Vec<String>)> {
    let document = Document { syntax: Syntax::Form, bytes: text.trim_ascii(), whole };
    let mut form = Form::new(redactor, document);
    let end = document.walk(&mut form);
    (end != End::Cut { at: 0 }).then_some((form.shown, form.names))
}

/// Returns whether text without a media type looks like a form.
pub(super) fn is_urlencoded(text: &[u8]) -> bool {
    let name =
        text.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"_-.[]%".contains(byte)).count();
    name > 0 && text.get(name) == Some(&b'=') && text.iter().all(u8::is_ascii_graphic)
}

/// Returns a redacted multipart form with [`BOUNDARY`], and the names of its parts. The contents of files are replaced by
/// their length. Of a form that was cut, the last part is left out.
pub(super) fn multipart(
    redactor: &Redactor,
    text: &[u8],
    boundary: &str,
    whole: bool,
) -> Result<(String, Vec<String>), Unopened> {
    let document = Document { syntax: Syntax::Multipart { boundary }, bytes: text, whole };
    let mut form = Form::new(redactor, document);
    let end = document.walk(&mut form);
    let _ = write!(form.shown, "--{BOUNDARY}--\r\n");
    match end {
        _ if !form.names.is_empty() => Ok((form.shown, form.names)),
        End::Cut { .. } if !whole => Err(Unopened::Cut),
        _ => Err(Unopened::NotMultipart),
    }
}

/// Writes the form that it is shown.
struct Form<'a> {
    redactor: &'a Redactor,
    document: Document<'a>,
    covers: Covers,
    /// The name of the next value, unless it is left out.
    name: Option<String>,
    /// All names, each once.
    names: Vec<String>,
    shown: String,
}

impl<'a> Form<'a> {
    fn new(redactor: &'a Redactor, document: Document<'a>) -> Form<'a> {
        let covers = Covers::of(document);
        Form { redactor, document, covers, name: None, names: Vec::new(), shown: String::new() }
    }

    fn pair(&mut self, name: &str, value: &Scalar<'_>) {
        let value = self.redactor.shown(name, value.text, self.covers.current().1);
        if !self.shown.is_empty() {
            self.shown.push('&');
        }
        self.shown.extend(byte_serialize(name.as_bytes()));
        self.shown.push('=');
        self.shown.extend(byte_serialize(value.as_bytes()));
    }

    fn part(&mut self, name: &str, value: &Scalar<'_>) {
        let (file, content) = match value.kind {
            Kind::File => (format!("; filename=\"file{}\"", ending(value.text)), length(value)),
            Kind::Binary => (String::new(), length(value)),
            _ => (String::new(), self.content(name, value.text)),
        };
        let _ = write!(
            self.shown,
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{content}\r\n"
        );
    }

    /// The text of a part, which may be JSON.
    fn content(&self, name: &str, text: &str) -> String {
        let cover = self.covers.current().1;
        let holds_json = text.starts_with(['{', '[']) && cover == Cover::Open;
        match holds_json.then(|| json::redacted(self.redactor, text.as_bytes(), true)).flatten() {
            Some(value) => value.to_string(),
            None => self.redactor.shown(name, text, cover).replace("--", "- -"),
        }
    }
}

impl Observer for Form<'_> {
    fn enter(&mut self, container: Container, at: usize) -> ControlFlow<()> {
        self.covers.enter(container, at);
        ControlFlow::Continue(())
    }

    fn name(&mut self, name: &str, span: Range<usize>) -> ControlFlow<()> {
        let written = match self.document.syntax {
            Syntax::Form => self.document.bytes.get(span).unwrap_or_default(),
            _ => name.as_bytes(),
        };
        // Passed over, and nothing that is missed.
        if written.is_empty() && self.document.syntax == Syntax::Form {
            self.name = None;
            return ControlFlow::Continue(());
        }
        let mut scratch = Vec::new();
        let known = parameter_name(written, &mut scratch).filter(|_| self.names.len() < MAX_FIELDS);
        self.name = known.map(|name| String::from_utf8_lossy(name).into_owned());
        self.covers.name(self.name.as_deref().unwrap_or_default());
        if self.name.is_none() {
            self.redactor.leave_out();
        }
        ControlFlow::Continue(())
    }

    fn value(&mut self, value: &Scalar<'_>) -> ControlFlow<()> {
        let Some(mut name) = self.name.take() else { return ControlFlow::Continue(()) };
        if self.document.syntax == Syntax::Form {
            self.pair(&name, value);
        } else {
            name = name.replace('"', "%22");
            self.part(&name, value);
        }
        self.covers.passed(value.text);
        if !self.names.contains(&name) {
            self.names.push(name);
        }
        ControlFlow::Continue(())
    }
}

/// Returns what stands in the place of contents that are not shown.
fn length(value: &Scalar<'_>) -> String {
    format!("({} bytes)", value.span.len())
}

/// The ending of a file's name with its dot, if it has one: `.pdf`.
fn ending(name: &str) -> String {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let such = (1..=5).contains(&ending.len()) && ending.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if such { format!(".{}", ending.to_ascii_lowercase()) } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Examples;

    fn redactor() -> Redactor {
        Redactor::new(Examples::Redacted)
    }

    #[test]
    fn urlencoded_forms() {
        let body = b"user=ann&password=hun%20ter2&mail=a%40b.cd&n=1%2C5+EUR&n=2&k=%C3%A9&ghp_16C7e42F292c6912E7710c838347Ae178B4a=1";
        let (shown, names) = urlencoded(&redactor(), body, true).unwrap();
        assert_eq!(shown, "user=ann&password=1Fake1Fa&mail=user1%40example.com&n=1%2C5+EUR&n=2&k=%C3%A9");
        assert_eq!(names, ["user", "password", "mail", "n", "k"]);
        let (shown, _) = urlencoded(&redactor(), b"a=1&b=2&passwo", false).unwrap();
        assert_eq!(shown, "a=1&b=2");
    }

    #[test]
    fn text_that_looks_like_a_form() {
        assert!(is_urlencoded(b"a=1&b=2") && is_urlencoded(b"filter[x]=y"));
        assert!(
            !is_urlencoded(b"a = 1")
                && !is_urlencoded(b"hello")
                && !is_urlencoded(b"=x")
                && !is_urlencoded(b"")
        );
    }

    #[test]
    fn multipart_forms() {
        let body = "preamble--x\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nHello\r\n--x\r\n\
            content-disposition: form-data; name=\"password\"\r\n\r\nhunter2\r\n--x\r\n\
            Content-Disposition: form-data; name=\"doc\"; filename=\"ann's cv.PDF\"\r\nContent-Type: application/pdf\r\n\r\n\
            %PDF-1.4 \0\u{1}\r\n--x\r\nContent-Disposition: form-data; name=meta\r\n\r\n{\"token\":\"abc\"}\r\n--x--\r\n";
        let (shown, names) = multipart(&redactor(), body.as_bytes(), "x", true).unwrap();
        assert_eq!(names, ["title", "password", "doc", "meta"]);
        let expected = "--example-boundary\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nHello\r\n\
            --example-boundary\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n1Fake1F\r\n\
            --example-boundary\r\nContent-Disposition: form-data; name=\"doc\"; filename=\"file.pdf\"\r\n\r\n(11 bytes)\r\n\
            --example-boundary\r\nContent-Disposition: form-data; name=\"meta\"\r\n\r\n{\"token\":\"1Fa\"}\r\n\
            --example-boundary--\r\n";
        assert_eq!(shown, expected);
        let cut = body.replace("\r\n--x--\r\n", "").replace("{\"token\":\"abc\"}", "AKIAIOSFOD");
        let (shown, names) = multipart(&redactor(), cut.as_bytes(), "x", false).unwrap();
        assert!(names == ["title", "password", "doc"] && !shown.contains("AKIA"), "{shown}");
    }
}
