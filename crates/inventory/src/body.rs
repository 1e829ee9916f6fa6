//! Where the body example of an endpoint is: in memory, in the store, in both, or nowhere any more.
//!
//! A record says what the store has of its body once the record is written ([`Details::body_stored`]); the body itself
//! stands beside the record, so that counters are written without it.

use crate::copied::Copied;
use crate::{BodyExample, Details, Dropped, Endpoint, Instance, Record};

/// A page of the store's file: a longer body has whole ones of its own, in a power of two.
const PAGE: usize = 4096;
/// What the store needs beside the body: its key, and its place in a page.
const BESIDE: usize = 256;

/// Returns what a body takes in the store, in bytes.
fn cost(body: &BodyExample) -> u32 {
    let bytes = BESIDE + body.content.len() + body.content_type.len();
    let bytes = if bytes <= PAGE / 2 { bytes } else { bytes.next_power_of_two().max(PAGE) };
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

impl Details {
    /// Returns whether there is a body example that is not in memory but in the store.
    pub(crate) fn is_body_away(&self) -> bool {
        self.body.is_none() && self.body_stored > 0
    }

    /// Returns whether the body in memory is to stay, and not what another record has.
    pub(crate) fn has_better_body(&self, other: &Details) -> bool {
        self.body.is_some() && (self.body_fields > other.body_fields || other.body_stored == 0)
    }
}

impl Record {
    /// It came from the store. Those of earlier versions have their body in them, or lost it without a word.
    pub(crate) fn came(&mut self) {
        let Record { details, delivery, .. } = self;
        if let Some(body) = details.body.as_ref().filter(|_| details.body_stored == 0) {
            details.body_stored = cost(body);
        }
        let told = delivery.progress.as_ref().is_some_and(|progress| progress.pushed_revision > 0);
        if details.body_seen && details.body_stored == 0 && details.body_dropped.is_none() && !told {
            details.body_dropped = Some(Dropped::Memory);
        }
    }
}

impl Endpoint {
    /// Takes over an older record of the same endpoint, found on disk after this one was begun.
    pub(crate) fn absorb(&mut self, older: Record) {
        if !self.record.details.has_better_body(&older.details) {
            self.transient.copied = Copied::Same;
        }
        self.record.absorb(older);
    }

    /// A body was taken in, which a store is to have.
    pub(crate) fn body_to_store(&mut self) {
        if let Some(body) = &self.record.details.body {
            self.record.details.body_stored = cost(body);
            self.transient.copied = Copied::Behind;
        }
    }

    /// The endpoint has another key now, under which the body is to be stored anew. Returns whether the body is lost by that,
    /// since only the store had it.
    pub(crate) fn body_to_move(&mut self) -> bool {
        if self.record.details.body.is_some() {
            self.body_to_store();
            return false;
        }
        let lost = std::mem::take(&mut self.record.details.body_stored) > 0;
        if lost {
            self.record.details.body_dropped = Some(Dropped::Moved);
        }
        lost
    }

    /// Returns whether memory can do without the body, since the store has it.
    pub(crate) fn can_body_leave(&self) -> bool {
        let details = &self.record.details;
        details.body.is_some() && details.body_stored > 0 && self.transient.copied == Copied::Same
    }

    /// Gives up the body, in memory and in the store. Where the platform does not have it either, it is missing from here
    /// on.
    pub(crate) fn drop_body(&mut self, reason: Dropped) {
        let details = &mut self.record.details;
        details.body = None;
        if details.body_stored > 0 {
            details.body_stored = 0;
            self.transient.copied = Copied::Behind;
        }
        if reason != Dropped::Pushed {
            details.body_dropped = Some(reason);
        }
    }

    /// It is about to be pushed where nothing of it is yet. A body that it had to give up elsewhere is missing here.
    pub(crate) fn miss_body(&mut self, instance: &Instance) {
        let told = self.record.delivery.progress_at(instance).is_some_and(|at| at.pushed_revision > 0);
        let details = &mut self.record.details;
        if details.body_seen && details.body.is_none() && details.body_stored == 0 && !told {
            details.body_dropped.get_or_insert(Dropped::Pushed);
        }
    }
}
