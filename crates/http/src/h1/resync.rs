//! Finding the beginning of a message again.

use memchr::memchr;

use super::body::{Body, Framing};
use super::fields::is_field_line;
use super::half::{Parse, parse};
use super::line::{Likeness, REQUEST, begins_request};
use crate::counters::Counters;

/// How far a head is followed to its end, from a segment that begins inside it.
const MAX_TAIL: usize = 16 * 1024;

/// Passes over the empty lines before a start line (RFC 9112, section 2.2).
pub(crate) fn blank_lines<'d>(data: &'d [u8], counters: &mut Counters) -> &'d [u8] {
    let blank = data.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    counters.framing_bytes += blank as u64;
    data.get(blank..).unwrap_or_default()
}

/// Returns where in a segment that begins inside a head the next request begins.
///
/// A body may hold text that looks like requests. So the segment has to read as the rest of a head, and from there
/// on as whole requests to its very end, as a client that pipelines sends them.
pub(crate) fn after_head(segment: &[u8]) -> Option<usize> {
    let start = end_of_tail(segment.get(..MAX_TAIL).unwrap_or(segment))?;
    let mut rest = segment.get(start..)?;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        rest = rest.get(request_len(rest)?..)?;
    }
    Some(start)
}

/// The length of the whole request at the beginning of `data`, if it can be known.
fn request_len(data: &[u8]) -> Option<usize> {
    let Parse::Head(_, block) = parse(data, &REQUEST) else { return None };
    let body = match Framing::of_request(block.claim) {
        Framing::Empty => 0,
        Framing::Body(Body::Length(length)) => usize::try_from(length).ok()?,
        Framing::Body(_) | Framing::Unclear => return None,
    };
    (begins_request(data) == Likeness::Yes && block.bad == 0).then(|| block.len.checked_add(body))?
}

/// Returns where the head ends whose rest begins the segment: after the empty line. The first line may lack its
/// beginning.
fn end_of_tail(segment: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let rest = segment.get(at..)?;
        let line = rest.get(..memchr(b'\n', rest)?)?;
        let text = line.strip_suffix(b"\r").unwrap_or(line);
        let fits = if at == 0 { text.iter().all(|&byte| byte >= 0x20) } else { is_field_line(text) };
        match text {
            [] if at > 0 => return Some(at + line.len() + 1),
            _ if fits => at += line.len() + 1,
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_after_the_rest_of_a_head() {
        let tail = "gent: x\r\nAccept: */*\r\n\r\n";
        let next = "GET /b HTTP/1.1\r\nHost: a\r\n\r\nPOST /c HTTP/1.1\r\nContent-Length: 2\r\n\r\nxy";
        let found = |text: &str| after_head(text.as_bytes());
        assert_eq!(found(&format!("{tail}{next}")), Some(tail.len()));
        assert_eq!(found(&format!("\r\n\r\n{next}")), Some(4));
        assert_eq!(found(&format!("{tail}{next}z")), None);
        assert_eq!(found(&format!("{tail}{}", &next[..next.len() - 1])), None);
        assert_eq!(found(&format!("some text\r\nno field\r\n\r\n{next}")), None);
        assert_eq!(found(tail), None);
        assert_eq!(found("\0\r\n\r\nGET / HTTP/1.1\r\n\r\n"), None);
    }
}
