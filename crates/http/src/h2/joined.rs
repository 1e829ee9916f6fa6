//! HTTP/2 in the middle of a connection of which nothing is known yet: only what is certain counts.

use super::frame::{Frame, HEADER, HEADERS, PUSH_PROMISE, SETTINGS, chain, find, is_certain};
use super::hpack::Decoder;
use super::side::From;

/// Returns where in a segment frames begin that are certain, and who sends them. None also where that cannot be said:
/// then a later segment will.
pub(crate) fn joined(segment: &[u8]) -> Option<(usize, From)> {
    let at = find(segment)?;
    let frames = segment.get(at..)?;
    let from = sender(frames)?;
    let alone = || chain(frames).is_some_and(|chain| chain.exact && chain.frames == 1);
    (is_certain(frames) || alone()).then_some((at, from))
}

/// Returns who sends these frames: what the first header block that says it, says.
fn sender(frames: &[u8]) -> Option<From> {
    let (mut rest, mut decoder, mut text) = (frames, Decoder::new(false), Vec::new());
    while let Some(frame) = Frame::read(rest) {
        let payload = rest.get(HEADER..)?.get(..frame.len as usize)?;
        rest = rest.get(HEADER + frame.len as usize..)?;
        match frame.kind {
            PUSH_PROMISE => return Some(From::Server),
            HEADERS if frame.ends_headers() => {
                text.clear();
                let list = decoder.decode(frame.fragment(payload)?, &mut text).ok()?;
                if list.bad > 0 || list.too_large {
                    return None;
                }
                if list.pseudo > 0 {
                    return Some(if list.status == 0 { From::Client } else { From::Server });
                }
            }
            _ => {}
        }
    }
    None
}

/// Returns whether these may be the first bytes of a server, which are SETTINGS (RFC 9113, section 3.4). What the
/// client sends will say it.
pub(crate) fn may_be_settings(bytes: &[u8]) -> bool {
    match Frame::read(bytes) {
        Some(frame) => frame.kind == SETTINGS && frame.is_usual(),
        None => {
            [0, 0].starts_with(bytes.get(..2).unwrap_or(bytes))
                && bytes.get(3).is_none_or(|&kind| kind == SETTINGS)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_request_or_response_that_fills_a_segment_is_certain() {
        let request = b"\0\0\x03\x01\x05\0\0\0\x07\x82\x87\xbe";
        assert_eq!(joined(request), Some((0, From::Client)));
        let response = b"\0\0\x02\x01\x05\0\0\0\x07\x88\xbe";
        assert_eq!(joined(response), Some((0, From::Server)));
        assert_eq!(joined(&[&response[..], b"x"].concat()), None);
        assert_eq!(joined(&request[..11]), None);
    }

    #[test]
    fn what_does_not_say_who_sends_it_is_waited_for() {
        let ping = b"\0\0\x08\x06\0\0\0\0\0abcdefgh";
        assert_eq!(joined(&[&ping[..], ping].concat()), None);
        let trailers = b"\0\0\x01\x01\x05\0\0\0\x07\xbe";
        assert_eq!(joined(&[&trailers[..], ping].concat()), None);
        let request = b"\0\0\x03\x01\x05\0\0\0\x07\x82\x87\xbe";
        let middle = [&b"the rest of a body"[..], ping, request].concat();
        assert_eq!(joined(&middle), Some((18, From::Client)));
    }
}
