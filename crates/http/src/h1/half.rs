//! One direction of a connection: where in a message it is, and the head that it waits to complete.

use memchr::{memchr, memrchr};

use super::body::Body;
use super::fields::{Block, block, end_of_head};
use super::line::{Grammar, Likeness, may_become_request_line};
use crate::MAX_HEAD;
use crate::counters::{Counters, Reason};
use crate::intake::Place;
use crate::waiting::Waiting;

/// Of so many bytes without a line end, method and version are known: that they are a start line, only control characters
/// behind them can change.
const START_SEEN: usize = 64;

/// The most of a head that is held of one segment; what comes behind it is gathered.
pub(crate) const HELD_AT_ONCE: usize = MAX_HEAD - 1;

/// The largest head whose end is looked for, in bytes: no server takes larger ones.
const MAX_PASSED: u32 = 1 << 20;

/// Where in its stream of messages a direction is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Stage {
    /// A start line comes next, or the head that is held goes on.
    #[default]
    Start,
    /// In a body.
    Body(Body),
    /// The body or another request comes next: the client asked to be told whether to send the body, and was given
    /// the final response (RFC 9110, section 10.1.1).
    Expecting(Body),
    /// The beginning of a message is looked for.
    Search(Reason),
    /// What comes is no message: the last answer goes on until the connection ends.
    Untaken,
    /// Nothing comes any more.
    Ended,
}

/// One direction.
#[derive(Debug, Default)]
pub(crate) struct Half {
    pub(super) stage: Stage,
    /// The beginning of a head.
    pub(super) waiting: Waiting,
    /// The start line in `waiting` is complete and right.
    started: bool,
}

/// What the bytes at the beginning of a message are.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Parse<L> {
    /// A whole head.
    Head(L, Block),
    /// The beginning of one.
    More,
    /// The beginning of one that is larger than is read.
    TooLarge,
    /// Not the beginning of a head.
    No,
}

/// Reads the head at the beginning of `data`.
pub(crate) fn parse<L>(data: &[u8], grammar: &Grammar<L>) -> Parse<L> {
    let bytes = data.get(..MAX_HEAD).unwrap_or(data);
    let more = if data.len() < MAX_HEAD { Parse::More } else { Parse::TooLarge };
    let Some(end) = memchr(b'\n', bytes) else {
        return if (grammar.may_become)(bytes) { more } else { Parse::No };
    };
    match bytes.get(..end).and_then(grammar.read) {
        None => Parse::No,
        Some(line) => block(bytes, end + 1, grammar.notes).map_or(more, |block| Parse::Head(line, block)),
    }
}

/// Returns whether this is the beginning of a request line to which nothing but control characters makes a difference.
pub(crate) fn holds_long_line(held: &[u8]) -> bool {
    held.len() < MAX_HEAD && held.get(..START_SEEN).is_some_and(may_become_request_line)
}

/// The outcome of adding bytes to a head that is held.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Gathered {
    /// So many of them complete it.
    Whole(usize),
    /// So many of them complete it, and it is larger than is kept.
    Larger(usize),
    /// They all belong to it, and it is not complete.
    More,
    /// It is too large.
    TooLarge,
    /// It is no head; so many of them were taken.
    No(usize),
}

impl Half {
    /// Begins at this place.
    pub(super) fn new(stage: Stage) -> Half {
        Half { stage, ..Half::default() }
    }

    /// Holds the beginning of a head, of which [`parse`] said that there is more.
    pub(super) fn hold_head(&mut self, data: &[u8], place: Place, counters: &mut Counters) {
        self.started = memchr(b'\n', data).is_some();
        self.waiting.hold(data, place, counters);
    }

    /// Takes out what is held.
    pub(super) fn release(&mut self, counters: &mut Counters) -> Vec<u8> {
        self.started = false;
        self.waiting.release(counters)
    }

    /// Gives up what is held.
    pub(super) fn discard(&mut self, reason: Reason, counters: &mut Counters) {
        self.started = false;
        self.waiting.discard(reason, counters);
    }

    /// Adds `data` to the head that is held. Each byte is looked at once, however small the pieces are.
    pub(super) fn gather<L>(
        &mut self,
        data: &[u8],
        grammar: &Grammar<L>,
        counters: &mut Counters,
    ) -> Gathered {
        let line_end = if self.started { None } else { memchr(b'\n', data) };
        let end = end_of_head(self.waiting.bytes(), data);
        if self.waiting.bytes().len() + end.unwrap_or(data.len()) > MAX_HEAD {
            return if self.started { self.pass(data, end, counters) } else { Gathered::TooLarge };
        }
        let before = self.waiting.bytes().len();
        let place = self.waiting.place;
        self.waiting.hold(data.get(..end.unwrap_or(data.len())).unwrap_or(data), place, counters);
        if let Some(line_end) = line_end {
            self.started = true;
            if self.waiting.bytes().get(..before + line_end).and_then(grammar.read).is_none() {
                return Gathered::No(self.waiting.bytes().len() - before);
            }
        } else if !self.started && !self.may_become(before, grammar) {
            return Gathered::No(self.waiting.bytes().len() - before);
        }
        end.map_or(Gathered::More, Gathered::Whole)
    }

    /// Returns whether the head that is held goes on behind so much that it is none. `end`: where its bytes end.
    pub(super) fn is_beyond(&self, end: u32) -> bool {
        end.wrapping_sub(self.waiting.place.sequence) > MAX_PASSED
    }

    /// Keeps what fits of a head that is too large, and passes over the rest.
    fn pass(&mut self, data: &[u8], end: Option<usize>, counters: &mut Counters) -> Gathered {
        let data = data.get(..end.unwrap_or(data.len())).unwrap_or(data);
        let (fits, rest) = data.split_at((MAX_HEAD - self.waiting.bytes().len()).min(data.len()));
        self.waiting.hold(fits, self.waiting.place, counters);
        self.waiting.roll(rest);
        counters.skip(Reason::HeadTooLarge, rest.len());
        end.map_or(Gathered::More, Gathered::Larger)
    }

    /// Takes out what fits of a head that is too large: its whole lines, and an empty one.
    pub(super) fn release_lines(&mut self, counters: &mut Counters) -> Vec<u8> {
        let mut head = self.release(counters);
        // The last four bytes are those of its end.
        let lines = head.get(..head.len().saturating_sub(4)).and_then(|lines| memrchr(b'\n', lines));
        counters.skip(Reason::HeadTooLarge, head.len());
        head.truncate(lines.map_or(0, |end| end + 1));
        head.extend_from_slice(b"\r\n");
        counters.skipped_bytes[Reason::HeadTooLarge] -= head.len() as u64;
        head
    }

    fn may_become<L>(&self, before: usize, grammar: &Grammar<L>) -> bool {
        if before < START_SEEN {
            (grammar.may_become)(self.waiting.bytes())
        } else {
            // The CR of the line end may come alone.
            let added = self.waiting.bytes().get(before..).unwrap_or_default();
            added.iter().all(|&byte| byte >= 0x20 || byte == b'\r')
        }
    }

    /// Adds `data` to what is held and says what all of it is like; long lines are not looked at again and again.
    pub(super) fn liken(
        &mut self,
        data: &[u8],
        place: Place,
        likeness: fn(&[u8]) -> Likeness,
        counters: &mut Counters,
    ) -> Likeness {
        self.waiting.hold(data, place, counters);
        let long = self.waiting.bytes().len() > START_SEEN * START_SEEN;
        match likeness(self.waiting.bytes()) {
            Likeness::Maybe if long => Likeness::No,
            likeness => likeness,
        }
    }
}

#[cfg(test)]
mod tests {
    use flow::Timestamp;

    use super::*;
    use crate::h1::line::{REQUEST, RESPONSE};

    const HERE: Place = Place { time: Timestamp::from_nanos(0), sequence: 0, acknowledgment: 0 };

    #[test]
    fn a_head_in_any_cut_is_gathered_to_its_end() {
        let head = b"GET /a HTTP/1.1\r\nA: b\r\n\r\n";
        let data = [&head[..], b"rest"].concat();
        for cut in 1..head.len() {
            let (mut half, mut counters) = (Half::default(), Counters::default());
            assert_eq!(parse(&data[..cut], &REQUEST), Parse::More);
            half.hold_head(&data[..cut], HERE, &mut counters);
            assert_eq!(half.gather(&data[cut..], &REQUEST, &mut counters), Gathered::Whole(head.len() - cut));
            assert_eq!(half.release(&mut counters), head);
            assert_eq!(counters.waiting_bytes, 0);
        }
    }

    #[test]
    fn what_can_be_no_head_is_not_gathered() {
        let (mut half, mut counters) = (Half::default(), Counters::default());
        half.hold_head(b"HTTP/1.1 2", HERE, &mut counters);
        assert_eq!(half.gather(b"0", &RESPONSE, &mut counters), Gathered::More);
        assert_eq!(half.gather(b"x", &RESPONSE, &mut counters), Gathered::No(1));
        half.discard(Reason::Malformed, &mut counters);
        half.hold_head(b"GET /", HERE, &mut counters);
        assert_eq!(half.gather(&[b'a'; 100], &REQUEST, &mut counters), Gathered::More);
        assert_eq!(half.gather(b"\0", &REQUEST, &mut counters), Gathered::No(1));
    }

    #[test]
    fn a_head_has_a_limit() {
        let (mut half, mut counters) = (Half::default(), Counters::default());
        let start = b"GET / HTTP/1.1\r\nA: ";
        half.hold_head(start, HERE, &mut counters);
        let filler = vec![b'x'; MAX_HEAD - start.len()];
        assert_eq!(half.gather(&filler, &REQUEST, &mut counters), Gathered::More);
        assert_eq!(half.gather(b"\r", &REQUEST, &mut counters), Gathered::More);
        assert_eq!(half.gather(b"\nB: c\r\n\r", &REQUEST, &mut counters), Gathered::More);
        assert_eq!(half.gather(b"\nrest", &REQUEST, &mut counters), Gathered::Larger(1));
        assert_eq!(half.release_lines(&mut counters), b"GET / HTTP/1.1\r\n\r\n");
        assert_eq!((counters.waiting_bytes, counters.skipped_bytes.sum()), (0, MAX_HEAD as u64 + 10 - 18));
        let whole = [&start[..], &filler, b"\r\n\r\n"].concat();
        assert_eq!(parse(&whole, &REQUEST), Parse::TooLarge);
        assert_eq!(parse(&whole[..MAX_HEAD - 1], &REQUEST), Parse::More);
    }
}
