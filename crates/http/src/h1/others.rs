//! The requests that wait behind the first, and the memory that they take.

use std::collections::VecDeque;

use super::pending::Pending;

/// Requests that wait behind the first.
#[derive(Debug, Default)]
pub(crate) struct Others {
    pub(super) queue: VecDeque<Pending>,
    /// The bytes of memory behind them, but for the last one, which may grow.
    held: usize,
}

impl Others {
    /// Returns a place behind the last.
    pub(super) fn push(&mut self) -> &mut Pending {
        self.held += self.queue.back().map_or(0, Pending::held);
        self.queue.push_back_mut(Pending::default())
    }

    /// Takes the first out.
    pub(super) fn pop_front(&mut self) -> Option<Pending> {
        let front = self.queue.pop_front()?;
        if !self.queue.is_empty() {
            self.held -= front.held();
        }
        Some(front)
    }

    /// Removes the last. Returns whether there was one.
    pub(super) fn pop_back(&mut self) -> bool {
        let popped = self.queue.pop_back().is_some();
        if let Some(last) = self.queue.back().filter(|_| popped) {
            self.held -= last.held();
        }
        popped
    }

    /// Returns the bytes of memory that they take.
    pub(super) fn held(&self) -> usize {
        let last = self.queue.back().map_or(0, Pending::held);
        self.held + last + self.queue.capacity() * size_of::<Pending>() + size_of::<Others>()
    }
}
