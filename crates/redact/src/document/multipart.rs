//! `multipart/form-data` (RFC 7578).

use std::borrow::Cow;
use std::ops::Range;

use memchr::memmem;

use super::events::{Container, End, Kind, Observer};
use super::steps::{Step, Steps, part};

/// The longest boundary, in bytes (RFC 2046, section 5.1.1).
const MAX_BOUNDARY: usize = 70;

/// The longest header of a part, in bytes.
const MAX_PART_HEAD: usize = 4096;

/// Tells the parts that have names. The last one goes to the end of the text where no boundary ends it; of text that is cut it is not
/// told.
pub(super) fn walk<O: Observer>(text: &[u8], boundary: &str, whole: bool, steps: &mut Steps<'_, O>) -> Step {
    if boundary.is_empty() || boundary.len() > MAX_BOUNDARY {
        return Err(End::Malformed { at: 0 });
    }
    steps.enter(Container::Fields, 0)?;
    let delimiter = format!("--{boundary}");
    let mut delimiters = memmem::find_iter(text, delimiter.as_bytes()).peekable();
    while let Some(at) = delimiters.next() {
        let start = at + delimiter.len();
        let next = delimiters.peek().copied();
        if next.is_none() && !whole && !part(text, start..text.len()).starts_with(b"--") {
            return Err(End::Cut { at });
        }
        let Some(found) = Part::of(text, start..next.unwrap_or(text.len())) else { continue };
        found.tell(text, steps)?;
        if next.is_none() {
            return Err(End::Cut { at: start });
        }
    }
    steps.leave(text.len()..text.len())
}

/// A part between two delimiters: where its header and its contents stand.
struct Part {
    head: Range<usize>,
    content: Range<usize>,
}

impl Part {
    fn of(text: &[u8], Range { start, end }: Range<usize>) -> Option<Part> {
        let whole = part(text, start..end);
        let head = start + if whole.starts_with(b"\r\n") { 2 } else { usize::from(whole.starts_with(b"\n")) };
        if head == start {
            return None;
        }
        let near = part(text, head..end.min(head + MAX_PART_HEAD));
        let blanks = [&b"\r\n\r\n"[..], b"\n\n"];
        let ends = blanks.iter().filter_map(|blank| Some((memmem::find(near, blank)?, blank.len())));
        let (length, blank) = ends.min()?;
        let content = part(text, head + length + blank..end);
        let line_end = if content.ends_with(b"\r\n") { 2 } else { usize::from(content.ends_with(b"\n")) };
        Some(Part { head: head..head + length, content: end - content.len()..end - line_end })
    }

    /// Tells the name and the value, unless there is no name.
    fn tell<O: Observer>(self, text: &[u8], steps: &mut Steps<'_, O>) -> Step {
        let head = String::from_utf8_lossy(part(text, self.head.clone()));
        let disposition =
            head.lines().find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"));
        let Some(disposition) = disposition else { return Ok(()) };
        let Some(name) = parameter(disposition, "name") else { return Ok(()) };
        steps.name(&name, self.head)?;
        let file = parameter(disposition, "filename").or_else(|| parameter(disposition, "filename*"));
        if let Some(file) = file {
            return steps.value(Kind::File, &file, self.content);
        }
        match String::from_utf8_lossy(part(text, self.content.clone())) {
            Cow::Borrowed(text) if !text.contains(['\0', char::REPLACEMENT_CHARACTER]) => {
                steps.value(Kind::Text, text, self.content)
            }
            _ => steps.value(Kind::Binary, "", self.content),
        }
    }
}

/// Returns a parameter of a header value: `boundary` in `multipart/form-data; boundary="x"` (RFC 9110, section 5.6.6).
pub(crate) fn parameter(value: &str, name: &str) -> Option<String> {
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

#[cfg(test)]
mod tests {
    use super::super::Syntax;
    use super::super::tests::{tells, told};
    use super::*;

    const FORM: Syntax<'_> = Syntax::Multipart { boundary: "x" };

    #[test]
    fn parts() {
        let text = "preamble--x\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nHello\r\n--x\n\
            content-disposition: form-data; name=a; filename=\"cv.pdf\"\n\n%PDF\n--x\r\nX: y\r\n\r\nno name\r\n--x\r\n\
            Content-Disposition: form-data; name=raw\r\n\r\n\0\u{1}\r\n--x--\r\n";
        tells(FORM, text, "{title: 'Hello' a: file 'cv.pdf' 4 raw: binary 2}");
        let text = "--x\r\nContent-Disposition: form-data; name=a\r\n\r\nhel";
        assert_eq!(told(FORM, text, true), ("{a: 'hel'}".into(), End::Cut { at: 3 }));
        let text = format!("{text}lo\r\n{text}");
        assert_eq!(told(FORM, &text, false), ("{a: 'hello'}".into(), End::Cut { at: 54 }));
    }

    #[test]
    fn a_boundary_is_needed() {
        for boundary in ["", &"x".repeat(71)] {
            assert_eq!(told(Syntax::Multipart { boundary }, "", true).1, End::Malformed { at: 0 });
        }
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
