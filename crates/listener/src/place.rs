//! The place of one connection: what it is doing, and since when.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::task::AbortHandle;
use tokio::time::Instant;

use crate::limits::Limits;

/// What a connection is doing, and since when.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Doing {
    /// It has sent nothing of its next request.
    Idle(Instant),
    /// It has not sent the whole head of its request. So does a connection begin.
    Head(Instant),
    /// It gets its answer.
    Answering(Instant),
    /// The answer is made, and is being sent.
    Sending(Instant),
}

/// By which a connection says what it is doing. It begins by waiting for the head of a request.
#[derive(Clone, Debug)]
pub struct Visit(Arc<Mutex<Doing>>);

impl Visit {
    pub(crate) fn begin() -> Visit {
        Visit(Arc::new(Mutex::new(Doing::Head(Instant::now()))))
    }

    /// Notes that the request has come.
    pub fn answering(&self) {
        *self.doing() = Doing::Answering(Instant::now());
    }

    /// Notes that the answer is made.
    pub(crate) fn answered(&self) {
        let mut doing = self.doing();
        if let Doing::Answering(since) = *doing {
            *doing = Doing::Sending(since);
        }
    }

    /// Notes that all that was made is sent.
    pub(crate) fn sent(&self) {
        let mut doing = self.doing();
        if let Doing::Sending(_) = *doing {
            *doing = Doing::Idle(Instant::now());
        }
    }

    /// Notes that bytes have come.
    pub(crate) fn begins(&self) {
        let mut doing = self.doing();
        if let Doing::Idle(_) = *doing {
            *doing = Doing::Head(Instant::now());
        }
    }

    // A plain value is never left half changed.
    fn doing(&self) -> MutexGuard<'_, Doing> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection that is served.
pub(crate) struct Place {
    task: AbortHandle,
    visit: Visit,
}

impl Place {
    pub(crate) fn new(task: AbortHandle, visit: Visit) -> Place {
        Place { task, visit }
    }

    /// Returns the key by which places are given up: the least goes first.
    pub(crate) fn worth(&self) -> (bool, Instant) {
        match *self.visit.doing() {
            Doing::Idle(since) | Doing::Head(since) => (false, since),
            Doing::Answering(since) | Doing::Sending(since) => (true, since),
        }
    }

    /// Returns whether it has had its time.
    pub(crate) fn is_late(&self, now: Instant, limits: &Limits) -> bool {
        let (since, limit) = match *self.visit.doing() {
            Doing::Idle(since) => (since, limits.idle),
            Doing::Head(since) => (since, limits.head),
            Doing::Answering(since) | Doing::Sending(since) => (since, limits.answer),
        };
        now.saturating_duration_since(since) >= limit
    }

    /// Returns whether the connection has ended.
    pub(crate) fn is_free(&self) -> bool {
        self.task.is_finished()
    }
}

/// Whoever gives up a place closes its connection.
impl Drop for Place {
    fn drop(&mut self) {
        self.task.abort();
    }
}
