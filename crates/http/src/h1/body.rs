//! Where the body of a message ends (RFC 9112, sections 6 and 7).

use memchr::memchr;

use super::fields::{Claim, Coding, Length};
use crate::counters::Counters;

/// The longest chunk line, and the longest trailer section, that is believed: as long as a head may be.
const MAX_CHUNK_LINE: u32 = crate::MAX_HEAD as u32;

/// The most white space in a row before the size of a chunk.
const MAX_CHUNK_PADDING: usize = 16;

/// How the body of a message is framed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// There is none.
    Empty,
    /// It is followed by this state machine.
    Body(Body),
    /// The fields do not say it.
    Unclear,
}

impl Framing {
    /// Returns the framing of a request. The transfer coding wins over the length (RFC 9112, section 6.3).
    pub(crate) fn of_request(claim: Claim) -> Framing {
        match (claim.coding, claim.length) {
            (Coding::Chunked, _) => Framing::Body(Body::chunked()),
            (Coding::Other, _) | (_, Length::Contradiction) => Framing::Unclear,
            (_, Length::Absent | Length::Known(0)) => Framing::Empty,
            (_, Length::Known(length)) => Framing::Body(Body::Length(length)),
        }
    }

    /// Returns the framing of a response with this status; `head` when it answers a HEAD.
    pub(crate) fn of_response(claim: Claim, status: u16, head: bool) -> Framing {
        match (claim.coding, claim.length) {
            _ if head || matches!(status, 100..200 | 204 | 304) => Framing::Empty,
            (Coding::Chunked, _) => Framing::Body(Body::chunked()),
            (Coding::Absent, Length::Known(0)) => Framing::Empty,
            (Coding::Absent, Length::Known(length)) => Framing::Body(Body::Length(length)),
            _ => Framing::Body(Body::Close),
        }
    }
}

/// A body that is being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    /// So many bytes are still to come.
    Length(u64),
    /// Until the connection ends.
    Close,
    /// In chunks.
    Chunked(Chunked),
}

/// A body in chunks that is being read (RFC 9112, section 7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Chunked {
    part: Part,
    /// The length of the current line or of the trailers so far.
    line: u32,
    /// The size of the chunk as read so far, then what is left of it.
    left: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Size,
    Extension,
    Data,
    DataEnd,
    TrailerStart,
    TrailerLine,
    Ended,
}

/// What the next bytes of a body are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// So many bytes of the body itself.
    Data(usize),
    /// So many bytes of its framing.
    Framing(usize),
    /// They are not what has to stand here.
    Malformed,
}

impl Body {
    pub(crate) fn chunked() -> Body {
        Body::Chunked(Chunked { part: Part::Size, line: 0, left: 0 })
    }

    /// Takes a first piece of `data`, which is not empty. Only before the body has ended.
    pub(crate) fn take(&mut self, data: &[u8]) -> Piece {
        match self {
            Body::Length(left) => Piece::Data(take(left, data)),
            Body::Close => Piece::Data(data.len()),
            Body::Chunked(chunked) => chunked.take(data),
        }
    }

    /// Takes what `data` has of it, up to its end. Gives its own bytes to `each`, and returns what follows: as an error where
    /// the framing is malformed.
    pub(crate) fn read<'d>(
        &mut self,
        mut data: &'d [u8],
        counters: &mut Counters,
        mut each: impl FnMut(&[u8]),
    ) -> Result<&'d [u8], &'d [u8]> {
        while !data.is_empty() && !self.ended() {
            let taken = match self.take(data) {
                Piece::Data(taken) => {
                    counters.body_bytes += taken as u64;
                    each(data.get(..taken).unwrap_or(data));
                    taken
                }
                Piece::Framing(taken) => {
                    counters.framing_bytes += taken as u64;
                    taken
                }
                Piece::Malformed => return Err(data),
            };
            data = data.get(taken..).unwrap_or_default();
        }
        Ok(data)
    }

    /// Returns whether its last byte was taken. A body until close never says so.
    pub(crate) fn ended(&self) -> bool {
        match self {
            Body::Length(left) => *left == 0,
            Body::Close => false,
            Body::Chunked(chunked) => chunked.part == Part::Ended,
        }
    }

    /// Returns how many bytes come next of which it is known that they are of the body itself.
    pub(crate) fn left(&self) -> u64 {
        match self {
            Body::Length(left) | Body::Chunked(Chunked { part: Part::Data, left, .. }) => *left,
            Body::Close | Body::Chunked(_) => 0,
        }
    }

    /// Returns whether nothing is missing but the empty line behind the last chunk, which some servers leave out.
    pub(crate) fn lacks_last_line(&self) -> bool {
        matches!(self, Body::Chunked(Chunked { part: Part::TrailerStart, line: 0, .. }))
    }

    /// Returns whether nothing of it was taken, not even framing. Of a length only its owner knows.
    pub(crate) fn untouched(&self) -> bool {
        match self {
            Body::Length(_) | Body::Close => true,
            Body::Chunked(chunked) => chunked.part == Part::Size && chunked.line == 0 && chunked.left == 0,
        }
    }

    /// Goes on after `missing` bytes, if all of them belong to the body for certain.
    pub(crate) fn skip(&mut self, missing: u64) -> bool {
        let left = match self {
            Body::Close => return true,
            Body::Length(left) => left,
            Body::Chunked(Chunked { part: Part::Data, left, .. }) => left,
            Body::Chunked(_) => return false,
        };
        let inside = missing <= *left;
        *left = left.saturating_sub(missing);
        if let Body::Chunked(chunked) = self {
            chunked.end_data();
        }
        inside
    }
}

/// Takes as much of `data` as is left.
fn take(left: &mut u64, data: &[u8]) -> usize {
    let taken = usize::try_from(*left).unwrap_or(usize::MAX).min(data.len());
    *left -= taken as u64;
    taken
}

impl Chunked {
    fn take(&mut self, data: &[u8]) -> Piece {
        match self.part {
            Part::Size => self.size(data),
            Part::Extension => self.extension(data),
            Part::Data => {
                let taken = take(&mut self.left, data);
                self.end_data();
                Piece::Data(taken)
            }
            Part::DataEnd => self.line_end(data, Part::Size),
            Part::TrailerStart => self.trailer_start(data),
            Part::TrailerLine => self.trailer_line(data),
            Part::Ended => Piece::Malformed,
        }
    }

    fn end_data(&mut self) {
        if self.part == Part::Data && self.left == 0 {
            self.part = Part::DataEnd;
        }
    }

    /// Hexadecimal digits. White space around them is tolerated: some servers pad the size.
    fn size(&mut self, data: &[u8]) -> Piece {
        if self.line == 0
            && let blank = data.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
            && blank > 0
        {
            return if blank > MAX_CHUNK_PADDING { Piece::Malformed } else { Piece::Framing(blank) };
        }
        for (at, &byte) in data.iter().enumerate() {
            let Some(digit) = char::from(byte).to_digit(16) else {
                return if self.line > 0 && b"\r\n; \t".contains(&byte) {
                    self.part = Part::Extension;
                    self.extension(data.get(at..).unwrap_or_default()).after(at)
                } else {
                    Piece::Malformed
                };
            };
            if self.left >> 60 != 0 || self.line >= MAX_CHUNK_LINE {
                return Piece::Malformed;
            }
            self.left = self.left << 4 | u64::from(digit);
            self.line += 1;
        }
        Piece::Framing(data.len())
    }

    /// Whatever stands between the size and the end of its line.
    fn extension(&mut self, data: &[u8]) -> Piece {
        let Some(end) = memchr(b'\n', data) else { return self.count(data.len()) };
        self.line = 0;
        self.part = if self.left == 0 { Part::TrailerStart } else { Part::Data };
        Piece::Framing(end + 1)
    }

    fn trailer_start(&mut self, data: &[u8]) -> Piece {
        match data.first() {
            Some(b'\r' | b'\n') => self.line_end(data, Part::Ended),
            _ => {
                self.part = Part::TrailerLine;
                self.trailer_line(data)
            }
        }
    }

    fn trailer_line(&mut self, data: &[u8]) -> Piece {
        let Some(end) = memchr(b'\n', data) else { return self.count(data.len()) };
        self.part = Part::TrailerStart;
        self.count(end + 1)
    }

    /// The end of a line that has nothing else, and then `next`.
    fn line_end(&mut self, data: &[u8], next: Part) -> Piece {
        match data.first() {
            Some(b'\r') => self.count(1),
            Some(b'\n') => {
                *self = Chunked { part: next, line: 0, left: 0 };
                Piece::Framing(1)
            }
            _ => Piece::Malformed,
        }
    }

    fn count(&mut self, bytes: usize) -> Piece {
        self.line = self.line.saturating_add(u32::try_from(bytes).unwrap_or(u32::MAX));
        if self.line > MAX_CHUNK_LINE { Piece::Malformed } else { Piece::Framing(bytes) }
    }
}

impl Piece {
    /// Returns the piece with so many bytes of framing before it.
    fn after(self, bytes: usize) -> Piece {
        match self {
            Piece::Framing(more) => Piece::Framing(bytes + more),
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds `data` in steps of `step` bytes; the body's bytes and how many bytes of `data` it took.
    fn read(mut body: Body, data: &[u8], step: usize) -> Option<(Vec<u8>, usize)> {
        let (mut out, mut at) = (Vec::new(), 0);
        while at < data.len() && !body.ended() {
            let chunk = &data[at..data.len().min(at + step)];
            match body.take(chunk) {
                Piece::Data(len) => {
                    out.extend_from_slice(&chunk[..len]);
                    at += len;
                }
                Piece::Framing(len) => at += len,
                Piece::Malformed => return None,
            }
        }
        body.ended().then_some((out, at))
    }

    #[test]
    fn chunks_with_extensions_and_trailers_in_any_cut() {
        let bodies = [
            "5\r\nhello\r\n0\r\n\r\n",
            "05;a=\"b\"\r\nhello\r\n000\r\nX: y\r\nZ: w\r\n\r\n",
            "2 \nhe\n3\t;x\nllo\n0\n\n",
            " 5\r\nhello\r\n  0\r\n\r\n",
            "0\r\n\r\n",
        ];
        for body in bodies {
            let data = [body.as_bytes(), b"next"].concat();
            let expected = if body.starts_with('0') && !body.starts_with("05") { "" } else { "hello" };
            for step in 1..=data.len() {
                let (read, taken) = read(Body::chunked(), &data, step).expect(body);
                assert_eq!((read, taken), (expected.as_bytes().to_vec(), body.len()), "{body:?} by {step}");
            }
        }
    }

    #[test]
    fn what_is_no_chunk_is_malformed() {
        for body in [
            "\r\n",
            " \r\n",
            "                 5\r\nhello",
            "x\r\n",
            ";a\r\n",
            "5\r\nhelloX",
            "11111111111111111\r\n",
            "-1\r\n",
        ] {
            assert_eq!(read(Body::chunked(), body.as_bytes(), 100), None, "{body:?}");
        }
        let long = [b"1;".to_vec(), vec![b'x'; 70_000]].concat();
        assert_eq!(read(Body::chunked(), &long, 1000), None);
        let trailers = [b"0\r\n".to_vec(), b"A: b\r\n".repeat(20_000)].concat();
        assert_eq!(read(Body::chunked(), &trailers, 1000), None);
    }

    #[test]
    fn skips_inside_are_certain() {
        let mut body = Body::Length(10);
        assert!(body.skip(10) && body.ended());
        assert!(!Body::Length(10).skip(11));
        assert!(Body::Close.skip(1 << 40));
        let mut body = Body::chunked();
        assert!(!body.skip(1));
        assert_eq!(body.take(b"a\r\n"), Piece::Framing(3));
        assert!(body.skip(10));
        assert_eq!(read(body, b"\r\n0\r\n\r\n", 9), Some((Vec::new(), 7)));
        let mut body = Body::chunked();
        assert_eq!(body.take(b"a\r\n"), Piece::Framing(3));
        assert!(!body.skip(11));
    }

    #[test]
    fn framing_by_claim_status_and_method() {
        let claim = |length, coding| Claim { length, coding };
        let plain = claim(Length::Known(5), Coding::Absent);
        assert_eq!(Framing::of_request(plain), Framing::Body(Body::Length(5)));
        assert_eq!(Framing::of_request(Claim::default()), Framing::Empty);
        assert_eq!(
            Framing::of_request(claim(Length::Known(5), Coding::Chunked)),
            Framing::Body(Body::chunked())
        );
        assert_eq!(Framing::of_request(claim(Length::Absent, Coding::Other)), Framing::Unclear);
        assert_eq!(Framing::of_request(claim(Length::Contradiction, Coding::Absent)), Framing::Unclear);
        for (status, head) in [(200, true), (204, false), (304, false), (100, false)] {
            assert_eq!(Framing::of_response(plain, status, head), Framing::Empty);
        }
        let close = Framing::Body(Body::Close);
        assert_eq!(Framing::of_response(plain, 200, false), Framing::Body(Body::Length(5)));
        assert_eq!(Framing::of_response(Claim::default(), 200, false), close);
        assert_eq!(Framing::of_response(claim(Length::Contradiction, Coding::Absent), 200, false), close);
        assert_eq!(Framing::of_response(claim(Length::Known(5), Coding::Other), 200, false), close);
    }
}
