//! Forms: `application/x-www-form-urlencoded` and `multipart/form-data`.

use std::fmt::Write;

use memchr::memmem;

use crate::redactor::{MAX_FIELDS, Redactor, decoded, parameter_name};
use crate::template::pairs;

/// The boundary of multipart examples: the captured one says nothing.
pub(super) const BOUNDARY: &str = "example-boundary";

/// The longest boundary (RFC 2046, section 5.1.1).
const MAX_BOUNDARY: usize = 70;

/// The longest header of a part, in bytes.
const MAX_PART_HEAD: usize = 4096;

/// A redacted form and the names in it. Of a form that was cut, the last pair is left out.
pub(super) fn urlencoded(redactor: &Redactor, text: &[u8], whole: bool) -> Option<(String, Vec<String>)> {
    let text = text.trim_ascii();
    let end = if whole { text.len() } else { memchr::memrchr(b'&', text)? };
    let (mut shown, mut names, mut scratch) = (String::new(), Vec::new(), Vec::new());
    for (name, value) in pairs(&text[..end]) {
        let Some(name) = parameter_name(name, &mut scratch).filter(|_| names.len() < MAX_FIELDS) else {
            redactor.leave_out();
            continue;
        };
        let name = String::from_utf8_lossy(name).into_owned();
        let value = redactor.shown(&name, &decoded(value));
        let and = if shown.is_empty() { "" } else { "&" };
        let _ = write!(shown, "{and}{}={}", Encoded(&name), Encoded(&value));
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Some((shown, names))
}

/// Text in the encoding of forms (the URL standard, section 5).
struct Encoded<'a>(&'a str);

impl std::fmt::Display for Encoded<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.bytes().try_for_each(|byte| match byte {
            b' ' => f.write_char('+'),
            b'-' | b'_' | b'.' | b'*' => f.write_char(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => f.write_char(char::from(byte)),
            _ => write!(f, "%{byte:02X}"),
        })
    }
}

/// Whether text without a media type looks like a form.
pub(super) fn is_urlencoded(text: &[u8]) -> bool {
    let name =
        text.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"_-.[]%".contains(byte)).count();
    name > 0 && text.get(name) == Some(&b'=') && text.iter().all(u8::is_ascii_graphic)
}

/// A redacted multipart body (RFC 7578) with [`BOUNDARY`], and the names of its parts. Contents of files are replaced by
/// their length.
pub(super) fn multipart(redactor: &Redactor, body: &[u8], boundary: &str) -> Option<(String, Vec<String>)> {
    if boundary.is_empty() || boundary.len() > MAX_BOUNDARY {
        return None;
    }
    let delimiter = format!("--{boundary}");
    let (mut shown, mut names) = (String::new(), Vec::new());
    let mut starts = memmem::find_iter(body, delimiter.as_bytes()).peekable();
    while let Some(start) = starts.next() {
        let part = &body[start + delimiter.len()..starts.peek().copied().unwrap_or(body.len())];
        let Some(part) = Part::of(part) else { continue };
        let mut scratch = Vec::new();
        let Some(name) =
            parameter_name(part.name.as_bytes(), &mut scratch).filter(|_| names.len() < MAX_FIELDS)
        else {
            redactor.leave_out();
            continue;
        };
        let name = String::from_utf8_lossy(name).replace('"', "%22");
        let _ = write!(
            shown,
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{}\r\n",
            part.shown(redactor, &name)
        );
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let _ = write!(shown, "--{BOUNDARY}--\r\n");
    (!names.is_empty()).then_some((shown, names))
}

/// A part of a multipart body.
struct Part<'a> {
    name: String,
    /// The ending of the file's name with its dot, if it is a file.
    file: Option<String>,
    content: &'a [u8],
}

impl Part<'_> {
    /// The part between two delimiters, none when it has no name.
    fn of(part: &[u8]) -> Option<Part<'_>> {
        let part = part.strip_prefix(b"\r\n").or_else(|| part.strip_prefix(b"\n"))?;
        let near = &part[..part.len().min(MAX_PART_HEAD)];
        let (end, blank) = memmem::find(near, b"\r\n\r\n")
            .map(|end| (end, 4))
            .or_else(|| Some((memmem::find(near, b"\n\n")?, 2)))?;
        let head = String::from_utf8_lossy(&part[..end]);
        let disposition =
            head.lines().find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"))?;
        let file = parameter(disposition, "filename").or_else(|| parameter(disposition, "filename*"));
        let content = &part[end + blank..];
        let content =
            content.strip_suffix(b"\r\n").or_else(|| content.strip_suffix(b"\n")).unwrap_or(content);
        Some(Part { name: parameter(disposition, "name")?, file: file.map(|name| ending(&name)), content })
    }

    /// The rest of its head, and its content.
    fn shown(&self, redactor: &Redactor, name: &str) -> String {
        if let Some(ending) = &self.file {
            return format!("; filename=\"file{ending}\"\r\n\r\n({} bytes)", self.content.len());
        }
        let text = String::from_utf8_lossy(self.content);
        if text.contains(['\0', '\u{fffd}']) {
            return format!("\r\n\r\n({} bytes)", self.content.len());
        }
        let json = text.starts_with(['{', '[']).then(|| super::json::parse(self.content, true)).flatten();
        let open = !crate::classify::is_credential_name(name.as_bytes());
        match json.filter(|_| open) {
            Some(value) => format!("\r\n\r\n{}", super::json::redacted(redactor, &value)),
            None => format!("\r\n\r\n{}", redactor.shown(name, &text).replace("--", "- -")),
        }
    }
}

/// A parameter of a header value: `boundary` in `multipart/form-data; boundary="x"` (RFC 9110, section 5.6.6).
pub(super) fn parameter(value: &str, name: &str) -> Option<String> {
    let mut rest = value;
    while let Some((_, tail)) = rest.split_once(';') {
        let (found, tail) = tail.split_once('=')?;
        let (text, after) = match tail.trim_start().strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => tail.split_at(tail.find(';').unwrap_or(tail.len())),
        };
        if found.trim().eq_ignore_ascii_case(name) {
            return Some(text.trim().to_owned());
        }
        rest = after;
    }
    None
}

/// The ending of a file's name, if it is one: `.pdf`.
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
        let (shown, names) = multipart(&redactor(), body.as_bytes(), "x").unwrap();
        assert_eq!(names, ["title", "password", "doc", "meta"]);
        let expected = "--example-boundary\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nHello\r\n\
            --example-boundary\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n1Fake1F\r\n\
            --example-boundary\r\nContent-Disposition: form-data; name=\"doc\"; filename=\"file.pdf\"\r\n\r\n(11 bytes)\r\n\
            --example-boundary\r\nContent-Disposition: form-data; name=\"meta\"\r\n\r\n{\"token\":\"1Fa\"}\r\n\
            --example-boundary--\r\n";
        assert_eq!(shown, expected);
    }

    #[test]
    fn parameters_of_header_values() {
        let value = "multipart/form-data; charset=utf-8; Boundary=\"a;b\"; x=y";
        assert_eq!(parameter(value, "boundary").as_deref(), Some("a;b"));
        assert_eq!(parameter(value, "x").as_deref(), Some("y"));
        assert_eq!(parameter("multipart/form-data; boundary", "boundary"), None);
        assert_eq!(parameter("a", "b"), None);
    }
}
