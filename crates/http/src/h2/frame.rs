//! The header of a frame (RFC 9113, section 4.1), and where in bytes frames may begin.

use memchr::memchr;

/// Its length in bytes.
pub(crate) const HEADER: usize = 9;

/// The largest payload that every receiver takes (section 4.2). Few allow more.
const USUAL_PAYLOAD: u32 = 1 << 14;

/// More entries than SETTINGS that are looked for have: there are seven registered ones.
const MAX_SETTINGS: u32 = 16 * 6;

/// So many frames in a row are no chance; and looking at each place of a segment must not mean to follow all that comes after it.
const MAX_CHAIN: u32 = 16;

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
const PRIORITY: u8 = 2;
pub(crate) const RST_STREAM: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const PUSH_PROMISE: u8 = 5;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
pub(crate) const CONTINUATION: u8 = 9;

const END_STREAM: u8 = 0x1;
const ACK: u8 = 0x1;
const END_HEADERS: u8 = 0x4;
const PADDED: u8 = 0x8;
const PRIORITIZED: u8 = 0x20;

/// By type, the flags that it has.
const FLAGS: [u8; 10] = [
    END_STREAM | PADDED,
    END_STREAM | END_HEADERS | PADDED | PRIORITIZED,
    0,
    0,
    ACK,
    END_HEADERS | PADDED,
    ACK,
    0,
    0,
    END_HEADERS,
];

/// The header of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// The length of the payload.
    pub(crate) len: u32,
    pub(crate) kind: u8,
    flags: u8,
    pub(crate) stream: u32,
}

impl Frame {
    /// The header at the beginning of `bytes`, if it is all there.
    pub(crate) fn read(bytes: &[u8]) -> Option<Frame> {
        let &[high, middle, low, kind, flags, a, b, c, d] = bytes.first_chunk()?;
        let len = u32::from_be_bytes([0, high, middle, low]);
        Some(Frame { len, kind, flags, stream: u32::from_be_bytes([a & 0x7f, b, c, d]) })
    }

    pub(crate) fn ends_stream(self) -> bool {
        self.flags & END_STREAM != 0
    }

    pub(crate) fn ends_headers(self) -> bool {
        self.flags & END_HEADERS != 0
    }

    pub(crate) fn is_padded(self) -> bool {
        self.flags & PADDED != 0
    }

    /// Returns whether its payload holds a part of a header block.
    pub(crate) fn has_block(self) -> bool {
        matches!(self.kind, HEADERS | PUSH_PROMISE | CONTINUATION)
    }

    /// Returns whether stream and length are those of a frame of this type (section 6). Anything may stand in a frame
    /// of an unknown type.
    pub(crate) fn is_right(self) -> bool {
        let on_stream = self.stream != 0;
        match self.kind {
            DATA | HEADERS => on_stream && (!self.is_padded() || self.len > 0),
            PUSH_PROMISE => on_stream && self.len >= 4,
            CONTINUATION => on_stream,
            PRIORITY => on_stream && self.len == 5,
            RST_STREAM => on_stream && self.len == 4,
            SETTINGS => !on_stream && self.len.is_multiple_of(6),
            PING => !on_stream && self.len == 8,
            GOAWAY => !on_stream && self.len >= 8,
            WINDOW_UPDATE => self.len == 4,
            _ => true,
        }
    }

    /// Returns whether it is right, of a known type, of usual size, and has no flags but those of its type.
    pub(crate) fn is_usual(self) -> bool {
        let size = match self.kind {
            SETTINGS if self.flags & ACK != 0 => 0,
            SETTINGS => MAX_SETTINGS,
            _ => USUAL_PAYLOAD,
        };
        let flags = FLAGS.get(usize::from(self.kind)).copied().unwrap_or(0);
        let requests =
            self.kind != HEADERS || (self.stream % 2 == 1 && (self.len > 0 || !self.ends_headers()));
        self.kind <= CONTINUATION
            && self.flags & !flags == 0
            && self.len <= size
            && requests
            && self.is_right()
    }

    /// The part of a header block in the payload of a whole frame, without padding, priority and the number of a promised
    /// stream. None when they do not fit.
    pub(crate) fn fragment(self, payload: &[u8]) -> Option<&[u8]> {
        let (mut rest, mut padding) = (payload, 0);
        if self.is_padded() && self.kind != CONTINUATION {
            let (&first, after) = rest.split_first()?;
            (rest, padding) = (after, usize::from(first));
        }
        let before = match self.kind {
            PUSH_PROMISE => 4,
            HEADERS if self.flags & PRIORITIZED != 0 => 5,
            _ => 0,
        };
        let rest = rest.get(before..)?;
        rest.get(..rest.len().checked_sub(padding)?)
    }
}

/// What stands at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Chain {
    /// How many headers of frames.
    pub(crate) frames: u32,
    /// The last frame ends where the bytes do.
    pub(crate) exact: bool,
}

/// Follows the frames from the beginning of `bytes` on, as far as it takes to be certain; none as soon as one cannot be right.
pub(crate) fn chain(bytes: &[u8]) -> Option<Chain> {
    let (mut rest, mut frames) = (bytes, 0);
    while frames < MAX_CHAIN
        && let Some(frame) = Frame::read(rest)
    {
        let reserved = rest.get(5).is_some_and(|byte| byte & 0x80 != 0);
        if !frame.is_usual() || reserved {
            return None;
        }
        frames += 1;
        match rest.get(HEADER + frame.len as usize..) {
            Some(after) => rest = after,
            None => return Some(Chain { frames, exact: false }),
        }
    }
    Some(Chain { frames, exact: rest.is_empty() })
}

/// Returns whether frames begin where a segment does, on a connection that is HTTP/2.
pub(crate) fn begins(segment: &[u8]) -> bool {
    chain(segment).is_some_and(|chain| chain.frames > 0)
}

/// The first place in a segment at which frames begin, on a connection that is HTTP/2. At the beginning of a segment, where
/// most programs begin a frame, one is enough; elsewhere it takes two that fill the segment, or three.
pub(crate) fn find(segment: &[u8]) -> Option<usize> {
    if begins(segment) {
        return Some(0);
    }
    let mut at = 0;
    while let Some(zero) = memchr(0, segment.get(at..)?) {
        at += zero;
        while let Some(&[0, length, _, kind, flags, stream, ..]) = segment.get(at..at + HEADER) {
            // Most zeros are told from the beginning of a frame here.
            let begins = length <= (USUAL_PAYLOAD >> 8) as u8
                && stream < 0x80
                && FLAGS.get(usize::from(kind)).is_some_and(|known| flags & !known == 0);
            if begins && at > 0 && is_certain(segment.get(at..)?) {
                return Some(at);
            }
            at += 1;
        }
        at += 1;
    }
    None
}

/// Returns whether these bytes are frames, and can hardly be anything else.
pub(crate) fn is_certain(bytes: &[u8]) -> bool {
    chain(bytes).is_some_and(|chain| chain.frames > 2 || (chain.frames > 1 && chain.exact))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
        let [_, length @ ..] = u32::try_from(payload.len()).unwrap().to_be_bytes();
        [&length[..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
    }

    #[test]
    fn a_header_is_read() {
        let bytes = frame(HEADERS, 0x2d, 0x8000_0005, b"abcd");
        let header = Frame::read(&bytes).unwrap();
        assert_eq!((header.len, header.kind, header.stream), (4, HEADERS, 5));
        assert!(header.ends_stream() && header.ends_headers() && header.is_padded() && header.is_right());
        assert_eq!(Frame::read(&bytes[..8]), None);
    }

    #[test]
    fn the_block_is_between_padding_and_priority() {
        let all = Frame::read(&frame(HEADERS, 0x28, 1, b"")).unwrap();
        assert_eq!(all.fragment(b"\x02pppppblockxx"), Some(&b"block"[..]));
        assert_eq!(all.fragment(b"\x09pppppblockxx"), None);
        let promise = Frame::read(&frame(PUSH_PROMISE, 4, 1, b"")).unwrap();
        assert_eq!(promise.fragment(b"\0\0\0\x02block"), Some(&b"block"[..]));
        assert_eq!(promise.fragment(b"\0\0"), None);
    }

    #[test]
    fn a_block_that_only_goes_on_elsewhere_is_usual() {
        assert!(Frame::read(&frame(HEADERS, 0, 1, b"")).unwrap().is_usual());
        assert!(!Frame::read(&frame(HEADERS, END_HEADERS, 1, b"")).unwrap().is_usual());
        assert!(!Frame::read(&frame(HEADERS, 0, 2, b"x")).unwrap().is_usual());
    }

    #[test]
    fn frames_are_found_in_the_middle() {
        let ping = frame(PING, 0, 0, &[7; 8]);
        let data = frame(DATA, 1, 3, b"hello");
        let segment = [&b"rest of \0\0\0\0 a body\0\0\x05\0\0"[..], &ping, &data].concat();
        assert_eq!(find(&segment), Some(24));
        assert_eq!(find(&segment[24..]), Some(0));
        assert_eq!(find(&[&b"rest"[..], &data].concat()), None);
        assert_eq!(find(&[0; 1000]), None);
        assert_eq!(find(&[&data[..], b"rest of something"].concat()), None);
    }

    /// Else each place of a segment would cost a look at all that is behind it.
    #[test]
    fn many_frames_are_certain_whatever_comes_behind_them() {
        let data = frame(DATA, 0, 0x7f7f_7f7f, b"abcde");
        let wrong = frame(PING, 0, 0, b"1");
        let some = [&b"xyz"[..], &data.repeat(15), &wrong].concat();
        assert_eq!(find(&some), None);
        let many = [&b"xyz"[..], &data.repeat(4000), &wrong].concat();
        assert_eq!(find(&many), Some(3));
    }

    #[test]
    fn one_frame_alone_is_not_certain() {
        let window = frame(WINDOW_UPDATE, 0, 0, &[0, 0, 1, 0]);
        assert!(!is_certain(&window));
        assert!(is_certain(&[&window[..], &window].concat()));
        assert!(!is_certain(&[&window[..], &window, &[0]].concat()));
        assert!(!is_certain(&frame(DATA, 0, 0, b"")));
    }
}
