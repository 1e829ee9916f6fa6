//! A header list as it is decoded: written in the form in which the fields of a message are handed on.

use super::credit::Credit;
use super::kind::Kind;
use crate::MAX_HEAD;
use crate::message::marks::Marks;
use crate::rpc::number;

/// A part of the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Part {
    /// Its bytes.
    pub(crate) fn of(self, text: &[u8]) -> &[u8] {
        text.get(self.start as usize..self.end as usize).unwrap_or_default()
    }

    pub(crate) fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// What a header list says. Its text stands apart, so that it can be written where it is kept: the values of the
/// pseudo-header fields that matter, then a line for each other field.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct List {
    /// Where the text began.
    pub(crate) base: u32,
    pub(crate) method: Part,
    pub(crate) path: Part,
    pub(crate) authority: Part,
    /// 0 without one.
    pub(crate) status: u16,
    /// The lines of the fields.
    pub(crate) fields: Part,
    pub(crate) marks: Marks,
    pub(crate) grpc_status: Option<u32>,
    /// How many pseudo-header fields there were.
    pub(crate) pseudo: u8,
    /// How many lines there are.
    pub(crate) lines: u8,
    /// There was a `:protocol` (RFC 8441).
    pub(crate) extended: bool,
    /// How many fields are not known.
    pub(crate) unknown: u32,
    /// Fields that were passed over, since they are not right.
    pub(crate) bad: u32,
    /// The text is longer than [`MAX_HEAD`], or than there is credit for: the rest was left out.
    pub(crate) too_large: bool,
}

impl List {
    /// A list that is written behind what `text` holds.
    pub(crate) fn new(text: &[u8]) -> List {
        let at = offset(text.len());
        List { base: at, fields: Part { start: at, end: at }, ..List::default() }
    }

    /// Returns whether a field of a table, of so many bytes, is taken. After one that was refused, all are refused.
    #[inline]
    pub(super) fn admits(&mut self, field: usize, text: &[u8], credit: &mut Credit) -> bool {
        self.too_large =
            self.too_large || text.len() + field > self.base as usize + MAX_HEAD || !credit.pay(field);
        !self.too_large
    }

    /// Takes a whole line, with where in it the value begins.
    pub(super) fn line(&mut self, kind: Kind, line: &[u8], value: usize, text: &mut Vec<u8>) {
        let at = text.len();
        if kind.is_pseudo() {
            text.extend_from_slice(line.get(value..line.len().saturating_sub(1)).unwrap_or_default());
            self.ends(kind, at, at, text);
        } else {
            text.extend_from_slice(line);
            self.ends(kind, at, at + value, text);
        }
    }

    /// The text of a field was written from `at` on, its value from `value` on, for a pseudo-header field nothing but that.
    pub(super) fn ends(&mut self, kind: Kind, at: usize, value: usize, text: &mut Vec<u8>) {
        if text.len() > self.base as usize + MAX_HEAD {
            self.too_large = true;
            text.truncate(at);
        } else if kind.is_pseudo() {
            self.pseudo(kind, at, text);
        } else if kind == Kind::Bad {
            self.bad += 1;
            text.truncate(at);
        } else {
            self.note(kind, value, text);
            self.lines = self.lines.saturating_add(1);
            self.fields.end = offset(text.len());
        }
    }

    /// A pseudo-header field, which come first and once (RFC 9113, section 8.3).
    fn pseudo(&mut self, kind: Kind, at: usize, text: &mut Vec<u8>) {
        self.pseudo = self.pseudo.saturating_add(1);
        let part = match kind {
            Kind::Method => &mut self.method,
            Kind::Path => &mut self.path,
            Kind::Authority => &mut self.authority,
            _ => {
                let value = text.get(at..).unwrap_or_default();
                match kind {
                    Kind::Status if self.status == 0 => self.status = status(value).unwrap_or(0),
                    _ => self.extended |= kind == Kind::Protocol,
                }
                return text.truncate(at);
            }
        };
        if part.is_empty() && self.fields.start == self.fields.end {
            let end = offset(text.len());
            *part = Part { start: offset(at), end };
            self.fields = Part { start: end, end };
        } else {
            self.bad += 1;
            text.truncate(at);
        }
    }

    fn note(&mut self, kind: Kind, value: usize, text: &[u8]) {
        let start = self.fields.start as usize;
        let mark = match kind {
            Kind::Host => &mut self.marks.host,
            Kind::ContentType => &mut self.marks.content_type,
            Kind::UserAgent => &mut self.marks.user_agent,
            Kind::GrpcStatus => {
                let value = text.get(value..text.len() - 1).unwrap_or_default();
                self.grpc_status = self.grpc_status.or_else(|| number(value));
                return;
            }
            Kind::Other => return self.marks.unusual.note(self.lines.into()),
            _ => return,
        };
        mark.note(text.get(value..text.len() - 1).unwrap_or_default(), value - start);
    }
}

/// An offset into a text, which its limits keep far below 4 GiB.
pub(crate) fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Three digits, of which the first is 1 to 5 (RFC 9110, section 15).
fn status(value: &[u8]) -> Option<u16> {
    let [hundreds @ b'1'..=b'9', tens @ b'0'..=b'9', ones @ b'0'..=b'9'] = value else { return None };
    Some([hundreds, tens, ones].into_iter().fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0')))
}
