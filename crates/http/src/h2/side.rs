//! One direction of a connection: where in its frames it is, and what of them waits.

use flow::Timestamp;

use super::frame::{CONTINUATION, Frame, HEADER, SETTINGS};
use super::hpack::Decoder;
use crate::MAX_HEAD;
use crate::counters::{Counters, Reason};
use crate::h1::Body;
use crate::message::recycle;

/// Who sends in a direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum From {
    Client,
    Server,
}

/// Where in its stream of frames a direction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// In the body of the request of HTTP/1 that asked for the upgrade.
    Upgrade(Body),
    /// So many bytes of the connection preface were seen (RFC 9113, section 3.4).
    Preface(usize),
    /// A frame comes next, or the beginning of one is held.
    Frame,
    /// In the payload of a frame that is read as it comes.
    Payload(Payload),
    /// The beginning of a frame is looked for.
    Search(Reason),
    /// Nothing comes any more.
    Ended,
}

/// A payload of which some is still to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Payload {
    /// How much, padding included.
    pub(crate) left: u32,
    /// The padding at its end.
    pub(crate) padding: u32,
    /// The length of the padding comes first.
    pub(crate) padded: bool,
    /// The stream whose data it is.
    pub(crate) data: Option<u32>,
    /// The stream ends with it.
    pub(crate) ends: bool,
    /// What its bytes count as when they are no data: framing unless a reason is given.
    pub(crate) skipped: Option<Reason>,
}

/// A header block of which some is still to come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block {
    pub(crate) stream: u32,
    /// The stream ends with it.
    pub(crate) ends: bool,
    /// It is that of a promised request.
    pub(crate) promise: bool,
    /// When it began.
    pub(crate) time: Timestamp,
    /// It is larger than what is read.
    pub(crate) too_large: bool,
}

/// What a frame is in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fits {
    Yes,
    /// Its header block goes on with one that was not seen, or was given up.
    Stray,
    /// Frames do not begin here.
    No,
}

/// One direction.
#[derive(Debug)]
pub(crate) struct Side {
    pub(crate) decoder: Decoder,
    pub(crate) stage: Stage,
    pub(crate) block: Option<Block>,
    /// The beginning of a frame.
    held: Vec<u8>,
    /// When its first byte came; it says nothing while nothing is held.
    pub(crate) time: Timestamp,
    /// The beginning of a header block.
    fragments: Vec<u8>,
    /// The first frame, which must be SETTINGS, has not come.
    pub(crate) first: bool,
}

impl Side {
    /// A direction that begins with this stage, seen from its beginning (`whole`) or not.
    pub(crate) fn new(stage: Stage, whole: bool) -> Side {
        let (held, fragments) = (Vec::new(), Vec::new());
        Side {
            decoder: Decoder::new(whole),
            stage,
            block: None,
            held,
            time: Timestamp::from_nanos(0),
            fragments,
            first: whole,
        }
    }

    /// Returns how this frame fits to what came before.
    pub(crate) fn fits(&mut self, frame: Frame) -> Fits {
        let first = std::mem::take(&mut self.first);
        if !frame.is_right() || (first && frame.kind != SETTINGS) {
            return Fits::No;
        }
        let goes_on = self.block.is_some_and(|block| block.stream == frame.stream);
        if frame.kind == CONTINUATION && !goes_on { Fits::Stray } else { Fits::Yes }
    }

    pub(crate) fn held(&self) -> &[u8] {
        &self.held
    }

    /// Holds what is needed of `data` to have `wanted` bytes in all. Gives how much of `data` that was, if they are there.
    pub(crate) fn gather(
        &mut self,
        data: &[u8],
        wanted: usize,
        time: Timestamp,
        counters: &mut Counters,
    ) -> Option<usize> {
        if self.held.is_empty() {
            self.time = time;
        }
        let taken = wanted.saturating_sub(self.held.len()).min(data.len());
        self.held.extend_from_slice(data.get(..taken).unwrap_or_default());
        counters.waiting_bytes += taken as u64;
        (self.held.len() >= wanted).then_some(taken)
    }

    /// Takes out what is held.
    pub(crate) fn release(&mut self, counters: &mut Counters) -> Vec<u8> {
        counters.waiting_bytes -= self.held.len() as u64;
        std::mem::take(&mut self.held)
    }

    /// Gives the buffer back that [`Side::release`] gave.
    pub(crate) fn reuse(&mut self, mut held: Vec<u8>) {
        recycle(&mut held);
        self.held = held;
    }

    /// Adds a fragment to the block that is open, as long as it is not too large.
    pub(crate) fn add_fragment(&mut self, fragment: &[u8], counters: &mut Counters) {
        let Some(block) = &mut self.block else { return };
        block.too_large |= self.fragments.len() + fragment.len() > MAX_HEAD;
        if block.too_large {
            counters.skip(Reason::HeadTooLarge, fragment.len());
        } else {
            self.fragments.extend_from_slice(fragment);
            counters.waiting_bytes += fragment.len() as u64;
        }
    }

    /// Takes out the fragments of a block, which count as read or as skipped from now on.
    pub(crate) fn take_fragments(&mut self, skipped: Option<Reason>, counters: &mut Counters) -> Vec<u8> {
        counters.waiting_bytes -= self.fragments.len() as u64;
        match skipped {
            None => counters.head_bytes += self.fragments.len() as u64,
            Some(reason) => counters.skip(reason, self.fragments.len()),
        }
        std::mem::take(&mut self.fragments)
    }

    /// Gives the buffer back that [`Side::take_fragments`] gave.
    pub(crate) fn reuse_fragments(&mut self, mut fragments: Vec<u8>) {
        recycle(&mut fragments);
        self.fragments = fragments;
    }

    /// The block that is open is given up; what was inserted by it is not known.
    pub(crate) fn drop_block(&mut self, reason: Reason, counters: &mut Counters) {
        if self.block.take().is_some() {
            self.take_fragments(Some(reason), counters);
            self.decoder.forget();
        }
    }

    /// Reads past what waits; all that was inserted, or may have been, is forgotten.
    pub(crate) fn lost(&mut self, reason: Reason, counters: &mut Counters) {
        let held = self.release(counters);
        counters.skip(reason, held.len());
        self.drop_block(reason, counters);
        self.decoder.forget();
        if self.stage != Stage::Ended {
            self.stage = Stage::Search(reason);
        }
    }

    /// Bytes of memory behind it.
    pub(crate) fn memory(&self) -> usize {
        self.decoder.held() + self.held.capacity() + self.fragments.capacity()
    }
}

/// Returns how many bytes of a frame with a header block must be together: all of it. Others are read as they come.
pub(crate) fn wanted(frame: Frame) -> usize {
    if frame.has_block() && frame.len as usize <= MAX_HEAD { HEADER + frame.len as usize } else { HEADER }
}
