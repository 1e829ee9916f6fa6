//! The first bytes of something that is not complete yet.

use flow::Timestamp;

use crate::counters::{Counters, Reason};
use crate::intake::Place;
use crate::message::recycle;

/// Bytes that wait until more of them come.
#[derive(Debug)]
pub(crate) struct Waiting {
    bytes: Vec<u8>,
    /// When and where the first of them came; it says nothing while there are none.
    pub(crate) place: Place,
}

impl Default for Waiting {
    fn default() -> Waiting {
        let place = Place { time: Timestamp::from_nanos(0), sequence: 0, acknowledgment: 0 };
        Waiting { bytes: Vec::new(), place }
    }
}

impl Waiting {
    /// Adds bytes that begin at this place.
    pub(crate) fn hold(&mut self, data: &[u8], place: Place, counters: &mut Counters) {
        if self.bytes.is_empty() {
            self.place = place;
            self.bytes.reserve_exact(data.len());
        }
        self.bytes.extend_from_slice(data);
        counters.waiting_bytes += data.len() as u64;
    }

    /// Lets the last of these bytes take the place of the last four that wait, for the end of a head to be found.
    pub(crate) fn roll(&mut self, data: &[u8]) {
        let Some(last) = self.bytes.last_chunk_mut::<4>() else { return };
        let new = data.get(data.len().saturating_sub(4)..).unwrap_or_default();
        last.rotate_left(new.len());
        last.iter_mut().rev().zip(new.iter().rev()).for_each(|(to, byte)| *to = *byte);
    }

    /// Returns whether nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The bytes that wait.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the number of bytes of memory behind it.
    pub(crate) fn capacity(&self) -> usize {
        self.bytes.capacity()
    }

    /// Takes the bytes out.
    pub(crate) fn release(&mut self, counters: &mut Counters) -> Vec<u8> {
        counters.waiting_bytes -= self.bytes.len() as u64;
        std::mem::take(&mut self.bytes)
    }

    /// Takes back the buffer that [`Waiting::release`] gave.
    pub(crate) fn reuse(&mut self, mut buffer: Vec<u8>) {
        if self.bytes.is_empty() {
            recycle(&mut buffer);
            self.bytes = buffer;
        }
    }

    /// Gives the bytes up.
    pub(crate) fn discard(&mut self, reason: Reason, counters: &mut Counters) {
        let bytes = self.release(counters);
        counters.skip(reason, bytes.len());
        self.reuse(bytes);
    }
}
