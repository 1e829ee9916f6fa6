//! One pass over the field lines of a head: where it ends, and what it says about the body.

use memchr::memchr_iter;

use super::scan::Lines;
use super::token::is_token;
use crate::message::everyday::is_everyday;
use crate::message::marks::{Marks, is_name};

/// The field lines of a head, as offsets from its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// Where the field lines begin.
    pub(crate) start: usize,
    /// Where they end: at the empty line.
    pub(crate) end: usize,
    /// The length of the whole head, the empty line included.
    pub(crate) len: usize,
    /// What the fields say about the length of the body.
    pub(crate) claim: Claim,
    /// Some lines are folded (RFC 9112, section 5.2): they count only after [`unfolded`].
    pub(crate) folded: bool,
    /// Lines without a name and a colon.
    pub(crate) bad: u32,
    /// Where the values are that are often asked for, from `start` on.
    pub(crate) marks: Marks,
}

/// Which fields of a head are noted while it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notes {
    /// Those that are asked for of every message.
    Asked,
    /// The same, and all with unusual names: those of a request say who asks.
    Unusual,
}

/// What `Content-Length` and `Transfer-Encoding` say (RFC 9112, section 6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Claim {
    /// The value of `Content-Length`.
    pub(crate) length: Length,
    /// The transfer codings.
    pub(crate) coding: Coding,
}

/// The value of all `Content-Length` fields together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Length {
    /// There is none.
    #[default]
    Absent,
    /// All say this.
    Known(u64),
    /// They differ, or are no numbers.
    Contradiction,
}

/// The final coding of all `Transfer-Encoding` fields together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Coding {
    /// There is none.
    #[default]
    Absent,
    /// It is `chunked`.
    Chunked,
    /// It is another one.
    Other,
}

/// Reads the field lines of `head` from `start` on; none when the empty line is not there yet.
#[inline]
pub(crate) fn block(head: &[u8], start: usize, notes: Notes) -> Option<Block> {
    let (claim, marks) = (Claim::default(), Marks::default());
    let mut block = Block { start, end: start, len: 0, claim, folded: false, bad: 0, marks };
    let mut lines = Lines::new(head, start);
    for number in 0.. {
        let (end, colon) = lines.next()?;
        let line = head.get(block.end..end)?;
        match (line, colon) {
            ([b' ' | b'\t', ..], _) if block.end > start => block.folded = true,
            (_, Some(colon)) => block.field(line, colon - block.end, number, notes),
            ([] | [b'\r'], None) => {
                block.len = end + 1;
                return Some(block);
            }
            (_, None) => block.bad += 1,
        }
        block.end = end + 1;
    }
    None
}

impl Block {
    /// Takes the line of this number, without its LF, whose first colon is at `colon`.
    #[inline]
    fn field(&mut self, line: &[u8], colon: usize, number: usize, notes: Notes) {
        let Some((name, [_, value @ ..])) = line.split_at_checked(colon) else { return };
        let name = name.trim_ascii_end();
        let Some(first) = name.first() else {
            self.bad += 1;
            return;
        };
        // Length and first letter tell most names apart from those that matter here.
        match (name.len(), first.to_ascii_lowercase()) {
            (4, b'h') | (10, b'u') | (12, b'c') => {
                self.marks.note(name, value, number, self.end - self.start + colon + 1);
            }
            (14, b'c') | (17, b't') if self.claim.field(name, value) => {}
            _ if notes == Notes::Unusual && !is_everyday(name) => self.marks.unusual.note(number),
            _ => {}
        }
    }
}

impl Claim {
    /// Takes a field, if it says something about the length. Returns whether it does.
    fn field(&mut self, name: &[u8], value: &[u8]) -> bool {
        if is_name(name, b"content-length") {
            for member in value.split(|&byte| byte == b',') {
                self.length = self.length.and(number(member.trim_ascii()));
            }
        } else if is_name(name, b"transfer-encoding") {
            for member in value.split(|&byte| byte == b',') {
                self.coding = self.coding.then(member.trim_ascii());
            }
        } else {
            return false;
        }
        true
    }
}

impl Length {
    fn and(self, value: Option<u64>) -> Length {
        match (self, value) {
            (Length::Absent, Some(value)) => Length::Known(value),
            (Length::Known(known), Some(value)) if known == value => self,
            _ => Length::Contradiction,
        }
    }
}

impl Coding {
    fn then(self, name: &[u8]) -> Coding {
        let name = name.split(|&byte| byte == b';').next().unwrap_or_default().trim_ascii();
        if name.is_empty() || name.eq_ignore_ascii_case(b"identity") {
            self // RFC 2616 had `identity`: it says nothing.
        } else if name.eq_ignore_ascii_case(b"chunked") {
            Coding::Chunked
        } else {
            Coding::Other
        }
    }
}

fn number(digits: &[u8]) -> Option<u64> {
    let digit = |value: u64, byte: &u8| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        value.checked_mul(10)?.checked_add(digit)
    };
    digits.iter().try_fold(0, digit).filter(|_| !digits.is_empty())
}

/// A copy of a head with folded lines, in which they are joined.
pub(crate) fn unfolded(head: &[u8], start: usize) -> Option<(Vec<u8>, Block)> {
    let mut copy = head.to_vec();
    unfold(copy.get_mut(start..)?);
    let block = block(&copy, start, Notes::Unusual)?;
    Some((copy, block))
}

/// Joins folded lines where they stand: the line end before white space becomes spaces (RFC 9112, section 5.2).
fn unfold(lines: &mut [u8]) {
    for at in 0..lines.len() {
        let Some([before, end, after, ..]) = lines.get_mut(at..) else { return };
        if *end == b'\n' && matches!(after, b' ' | b'\t') {
            (*end, *after) = (b' ', b' ');
            if *before == b'\r' {
                *before = b' ';
            }
        }
    }
}

/// Returns whether this line, without its LF, has a name of token characters and a colon.
pub(crate) fn is_field_line(line: &[u8]) -> bool {
    let name = line.iter().take_while(|byte| is_token(**byte)).count();
    name > 0 && line.get(name) == Some(&b':')
}

/// Returns how many bytes of `data` complete the head whose beginning is in `held`: up to and with the empty line.
pub(crate) fn end_of_head(held: &[u8], data: &[u8]) -> Option<usize> {
    let byte = |at: usize| match at.checked_sub(held.len()) {
        Some(at) => data.get(at).copied(),
        None => held.get(at).copied(),
    };
    let ends = |at: &usize| {
        let before = |count: usize| (held.len() + at).checked_sub(count).and_then(byte);
        before(1) == Some(b'\n') || (before(1) == Some(b'\r') && before(2) == Some(b'\n'))
    };
    memchr_iter(b'\n', data).find(ends).map(|at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Head;

    fn claim(fields: &str) -> Claim {
        block(format!("{fields}\r\n\r\n").as_bytes(), 0, Notes::Unusual).unwrap().claim
    }

    #[test]
    fn the_block_ends_at_the_empty_line() {
        let head = b"GET / HTTP/1.1\r\nA: b\nbad\r\n: bad\n\nrest";
        let block = block(head, 16, Notes::Unusual).unwrap();
        assert_eq!(&head[block.start..block.end], b"A: b\nbad\r\n: bad\n");
        assert_eq!(&head[block.len..], b"rest");
        assert_eq!(block.bad, 2);
        assert_eq!(super::block(b"A: b\r\n\r", 0, Notes::Unusual), None);
        assert_eq!(super::block(b"\r\n", 0, Notes::Unusual).unwrap().len, 2);
    }

    #[test]
    fn marks_are_where_the_values_stand() {
        let head = b"GET / HTTP/1.1\r\nAccept: x\r\nHost \t:  a:1 \r\nhost: b\r\nCONTENT-TYPE:c/d\r\n\r\n";
        let block = block(head, 16, Notes::Unusual).unwrap();
        let lines = &head[block.start..block.end];
        assert_eq!(block.marks.host.value(lines), Some(&b"a:1"[..]));
        assert_eq!(block.marks.content_type.value(lines), Some(&b"c/d"[..]));
        assert_eq!(block.marks.user_agent.value(lines), None);
    }

    #[test]
    fn unusual_fields_are_those_of_any_head() {
        for head in [
            "Host: a\r\nX-A: 1\r\nbad\r\nCookie : x\r\nAccept: b\r\nClient-Api-Key: c\r\nContent-Length: 0\r\n\r\n",
            "X-Transfer-Token1: a\nHash: b\nuser-agenda: c\n: d\n\n",
        ] {
            let block = block(head.as_bytes(), 0, Notes::Unusual).unwrap();
            let plain = Head::new(&head.as_bytes()[..block.end]);
            let noted = Head { marks: block.marks, ..plain };
            assert!(noted.unusual().eq(plain.unusual()) && noted.unusual().count() > 2, "{head}");
        }
    }

    #[test]
    fn lengths() {
        assert_eq!(claim("content-LENGTH :  5 ").length, Length::Known(5));
        assert_eq!(claim("Content-Length: 5, 5\r\nContent-Length: 5").length, Length::Known(5));
        for bad in ["5, 6", "+5", "-1", "5x", "", "0x5", "18446744073709551616"] {
            assert_eq!(claim(&format!("Content-Length: {bad}")).length, Length::Contradiction, "{bad}");
        }
        assert_eq!(claim("Content-Length: 18446744073709551615").length, Length::Known(u64::MAX));
        assert_eq!(claim("Content-Language: 5").length, Length::Absent);
    }

    #[test]
    fn codings() {
        assert_eq!(claim("Transfer-Encoding: gzip, Chunked").coding, Coding::Chunked);
        assert_eq!(claim("Transfer-Encoding: gzip\r\ntransfer-encoding: chunked").coding, Coding::Chunked);
        assert_eq!(claim("Transfer-Encoding: chunked, gzip").coding, Coding::Other);
        assert_eq!(claim("Transfer-Encoding: identity").coding, Coding::Absent);
        assert_eq!(claim("TE: chunked").coding, Coding::Absent);
    }

    #[test]
    fn folded_lines_join() {
        let mut lines = b"A: b\r\n c\r\n\td\nTransfer-Encoding:\r\n chunked\r\n\r\n".to_vec();
        assert!(block(&lines, 0, Notes::Unusual).unwrap().folded);
        unfold(&mut lines);
        assert_eq!(lines, b"A: b   c   d\nTransfer-Encoding:   chunked\r\n\r\n");
        let joined = block(&lines, 0, Notes::Unusual).unwrap();
        assert_eq!((joined.folded, joined.claim.coding), (false, Coding::Chunked));
    }

    #[test]
    fn the_end_of_a_head_is_found_across_any_cut() {
        for head in ["A\r\nB: c\r\n\r\n", "A\nB: c\n\n", "A\r\n\n", "A\n\r\n"] {
            for cut in 0..head.len() {
                let (held, data) = head.as_bytes().split_at(cut);
                let data = [data, b"x\n\n"].concat();
                assert_eq!(end_of_head(held, &data), Some(head.len() - cut), "{head:?} {cut}");
            }
        }
        assert_eq!(end_of_head(b"A\r\nB", b"\r\nC: d\r\n"), None);
    }
}
