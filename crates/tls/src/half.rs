//! One direction of a connection: records out of its bytes, and where in the stream they stand.

use std::collections::VecDeque;
use std::ops::Range;

use crate::epoch::Epoch;
use crate::messages::Messages;
use crate::opener::Opener;
use crate::record::{ContentType, HEADER, Header, header};
use crate::search::Search;

/// The most bytes that wait for what the other direction says first: what a client may send before the server's answer, as
/// early data or because a packet of the answer came late.
const MAX_WAITING: usize = 64 << 10;

/// How much of a buffer stays for the next record: that of a usual request.
const KEPT: usize = 512;

/// One direction.
#[derive(Default)]
pub(crate) struct Half {
    /// The record that is being gathered, or was opened last.
    record: Vec<u8>,
    /// Whether the record was read, and another one follows.
    done: bool,
    /// Bytes that come before those of the next event.
    waiting: VecDeque<u8>,
    /// How many of the next bytes belong to a record of which some are missing.
    over: u64,
    /// Whether it is open where the next record begins.
    astray: bool,
    /// Bytes that were not opened, after a loss.
    unopened: u64,
    pub(crate) messages: Messages,
    pub(crate) reading: Reading,
}

/// How records are read.
#[derive(Default)]
pub(crate) enum Reading {
    /// As they are.
    #[default]
    Clear,
    /// With the keys of an epoch.
    Sealed(Sealed),
    /// With keys and numbers that are tried.
    Searching(Box<Search>),
}

/// Records with the keys of an epoch.
pub(crate) struct Sealed {
    pub(crate) epoch: Epoch,
    /// None before the first record, and where there are no keys.
    pub(crate) opener: Option<Opener>,
    /// How many records went by unopened.
    pub(crate) passed: u64,
}

impl Reading {
    /// With the keys of an epoch, from its first record on.
    pub(crate) fn sealed(epoch: Epoch) -> Reading {
        Reading::Sealed(Sealed { epoch, opener: None, passed: 0 })
    }

    /// With what a search tries.
    pub(crate) fn searching(search: Search) -> Reading {
        Reading::Searching(Box::new(search))
    }
}

/// What the bytes so far are.
pub(crate) enum Gathered {
    Whole(ContentType),
    More,
    NoRecord,
}

impl Half {
    /// Gathers the next record out of what waits and `bytes`.
    pub(crate) fn gather(&mut self, bytes: &mut &[u8]) -> Gathered {
        if std::mem::take(&mut self.done) {
            self.clear();
        }
        self.pass_over(bytes);
        loop {
            let wanted = match header(&self.record) {
                Header::Whole(kind, len) if !self.astray || self.may_be_data(kind) => {
                    if self.record.len() == HEADER + len {
                        return Gathered::Whole(kind);
                    }
                    HEADER + len
                }
                Header::More => HEADER,
                _ if self.astray => {
                    self.record.remove(0);
                    self.unopened += 1;
                    continue;
                }
                _ => return Gathered::NoRecord,
            };
            if !self.fill(wanted, bytes) {
                return Gathered::More;
            }
        }
    }

    /// Returns whether a header that may be chance is that of data, as almost all are.
    fn may_be_data(&self, kind: ContentType) -> bool {
        kind == ContentType::Data && self.record.get(1..3) == Some(&[3, 3])
    }

    /// Fills the record up to this length. Returns whether there was enough.
    fn fill(&mut self, wanted: usize, bytes: &mut &[u8]) -> bool {
        let missing = wanted.saturating_sub(self.record.len()).min(self.waiting.len());
        self.record.extend(self.waiting.drain(..missing));
        let missing = wanted.saturating_sub(self.record.len()).min(bytes.len());
        if let Some((taken, rest)) = bytes.split_at_checked(missing) {
            self.record.extend_from_slice(taken);
            *bytes = rest;
        }
        self.record.len() >= wanted
    }

    fn pass_over(&mut self, bytes: &mut &[u8]) {
        let len = usize::try_from(self.over).unwrap_or(usize::MAX).min(bytes.len());
        *bytes = bytes.get(len..).unwrap_or_default();
        self.over -= len as u64;
        self.unopened += len as u64;
    }

    /// Lets the record wait, and all that comes behind it. Returns whether there is room.
    pub(crate) fn hold(&mut self, bytes: &mut &[u8]) -> bool {
        self.record.iter().rev().for_each(|&byte| self.waiting.push_front(byte));
        self.clear();
        self.waiting.extend(std::mem::take(bytes));
        self.waiting.len() <= MAX_WAITING
    }

    /// Returns whether bytes wait.
    pub(crate) fn waits(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Takes note that the record was read.
    pub(crate) fn done(&mut self) {
        self.done = true;
    }

    /// Passes over a record that no key opens. Where it is open whether it is one, the next may begin inside of it.
    pub(crate) fn unopened(&mut self) {
        if self.astray {
            self.record.iter().skip(1).rev().for_each(|&byte| self.waiting.push_front(byte));
            self.unopened += 1;
        } else {
            self.unopened += self.record.len() as u64;
        }
        self.clear();
    }

    /// Takes note that a record was opened: where the next one begins is certain.
    pub(crate) fn found(&mut self) {
        self.astray = false;
    }

    /// Returns whether records are followed from header to header.
    pub(crate) fn is_certain(&self) -> bool {
        !self.astray
    }

    /// The whole record.
    pub(crate) fn record(&mut self) -> &mut Vec<u8> {
        &mut self.record
    }

    /// A part of the record.
    pub(crate) fn content(&self, range: Range<usize>) -> &[u8] {
        self.record.get(range).unwrap_or_default()
    }

    /// Takes note that `len` bytes are missing, where a sealed record has at least `least`. Returns how many records may be
    /// missing with them.
    pub(crate) fn lose(&mut self, len: u64, least: u64) -> u64 {
        if std::mem::take(&mut self.done) {
            self.clear();
        }
        let waiting = std::mem::take(&mut self.waiting).len();
        let begun = (self.record.len() + waiting) as u64;
        self.unopened += begun;
        // The rest of the record in which the loss begins, if its end is known.
        let rest = match header(&self.record) {
            _ if self.over > 0 => self.over,
            Header::Whole(_, content) if waiting == 0 && !self.astray => {
                (HEADER + content).saturating_sub(self.record.len()) as u64
            }
            _ => 0,
        };
        self.clear();
        self.over = rest.saturating_sub(len);
        if rest > 0 && rest >= len {
            return 1;
        }
        self.astray = true;
        (begun + len - rest) / least + 2
    }

    /// Empties the buffer of the record, and frees it when it is large.
    fn clear(&mut self) {
        if self.record.capacity() > KEPT {
            self.record = Vec::new();
        } else {
            self.record.clear();
        }
    }

    /// Returns the bytes that are in it.
    pub(crate) fn bytes(&self) -> usize {
        let record = if self.done { 0 } else { self.record.len() };
        record + self.waiting.len()
    }

    /// Returns how many bytes were not opened since it was asked last.
    pub(crate) fn take_unopened(&mut self) -> u64 {
        std::mem::take(&mut self.unopened)
    }

    /// Returns the number of bytes of memory behind it.
    pub(crate) fn held(&self) -> usize {
        let keys = match &self.reading {
            Reading::Clear => 0,
            Reading::Sealed(sealed) => sealed.opener.as_ref().map_or(0, Opener::held),
            Reading::Searching(search) => size_of::<Search>() + search.held(),
        };
        self.record.capacity() + self.waiting.capacity() + self.messages.held() + keys
    }
}
