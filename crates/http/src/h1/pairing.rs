//! The requests of a connection that wait, in their order: responses come in the same (RFC 9112, section 9.3.2).

use std::collections::VecDeque;

use super::pending::Pending;
use crate::counters::Unanswered;
use crate::{MAX_PIPELINED, MAX_WAITING};

/// How many places are kept for a client that pipelines, once they are empty.
const KEPT_PLACES: usize = 16;

/// The requests that wait. The first stands apart, so that its buffer serves one exchange after the other.
#[derive(Debug, Default)]
pub(crate) struct Pairing {
    first: Pending,
    occupied: bool,
    /// A request came before the one ahead of it had its response: the client pipelines.
    pipelined: bool,
    /// Requests may have been missed.
    gapped: bool,
    /// It is not known any more which response belongs to which request.
    unsure: bool,
    /// How many responses belong to requests that had no room to wait.
    beyond: u32,
    others: VecDeque<Pending>,
}

impl Pairing {
    pub(crate) fn len(&self) -> usize {
        usize::from(self.occupied) + self.others.len()
    }

    pub(crate) fn first(&mut self) -> Option<&mut Pending> {
        self.occupied.then_some(&mut self.first)
    }

    pub(crate) fn last(&mut self) -> Option<&mut Pending> {
        match self.others.back_mut() {
            Some(last) => Some(last),
            None => self.occupied.then_some(&mut self.first),
        }
    }

    /// Notes that another request comes. Returns whether this shows that the client pipelines, after messages were missed: then it is
    /// not known which responses the ones that wait had, or will have.
    pub(crate) fn another(&mut self, responses_lost: bool) -> bool {
        self.pipelined |= self.occupied && !self.first.responded();
        let turns = self.pipelined && (self.gapped || responses_lost) && !self.unsure;
        self.unsure |= turns;
        turns
    }

    /// Returns a place for one more request, and why it will have no response if that is known.
    pub(crate) fn push(&mut self) -> (&mut Pending, Option<Unanswered>) {
        let unpaired = self.unpaired();
        if self.occupied {
            (self.others.push_back_mut(Pending::default()), unpaired)
        } else {
            self.occupied = true;
            (&mut self.first, unpaired)
        }
    }

    fn unpaired(&mut self) -> Option<Unanswered> {
        if self.unsure {
            return Some(Unanswered::Gap);
        }
        let full = self.len() >= MAX_PIPELINED || (!self.others.is_empty() && self.held() > MAX_WAITING);
        if full || self.beyond > 0 {
            self.beyond = self.beyond.saturating_add(1);
            return Some(Unanswered::Pipelined);
        }
        None
    }

    /// Returns the request that is answered by the final response which begins, if that is known. A response that nothing
    /// asked for says that requests were missed.
    pub(crate) fn answered(&mut self) -> Option<&mut Pending> {
        if self.occupied && self.first.unpaired.is_none() && !self.first.responded() {
            return Some(&mut self.first);
        }
        match self.beyond.checked_sub(1) {
            Some(beyond) => self.beyond = beyond,
            None => self.requests_lost(self.len()),
        }
        None
    }

    /// Removes the first request, which is done.
    pub(crate) fn pop_first(&mut self) {
        match self.others.pop_front() {
            Some(next) => self.first = next,
            None => {
                self.occupied = false;
                self.first.recycle();
                if self.others.capacity() > KEPT_PLACES {
                    self.others = VecDeque::new();
                }
            }
        }
    }

    /// Removes the last request, which is done before those ahead of it.
    pub(crate) fn pop_last(&mut self) {
        if self.others.pop_back().is_none() {
            self.pop_first();
        }
    }

    /// Notes that requests may have been missed while so many others waited. If any did, or the client pipelines, then from here
    /// on it is not known which response belongs to which request.
    pub(crate) fn requests_lost(&mut self, waiting: usize) {
        self.gapped = true;
        self.unsure |= waiting > 0 || self.pipelined;
    }

    /// Notes that responses may have been missed. Returns whether it is not known any more which response belongs to which
    /// request.
    pub(crate) fn responses_lost(&mut self) -> bool {
        self.unsure |= self.pipelined || self.len() > 1;
        self.unsure
    }

    /// Returns the bytes of memory behind it.
    pub(crate) fn held(&self) -> usize {
        let others: usize = self.others.iter().map(Pending::held).sum();
        self.first.held() + others + self.others.capacity() * size_of::<Pending>()
    }
}
