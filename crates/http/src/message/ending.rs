//! How an exchange ends, and how that is counted.

use super::{Exchange, Sink};
use crate::counters::{Reason, Unanswered};
use crate::intake::Intake;

impl<S: Sink> Intake<'_, S> {
    /// Counts an exchange and gives it to the sink; `unanswered` is why it has no response, if it has none.
    #[inline]
    pub(crate) fn give(&mut self, exchange: &Exchange<'_>, unanswered: Unanswered) {
        self.counters.waiting_requests -= 1;
        match exchange.status {
            Some(_) => self.counters.answered += 1,
            None => self.counters.leave_unanswered(unanswered),
        }
        self.counters.incomplete += u64::from(!exchange.complete);
        self.sink.exchange(exchange);
    }

    /// Counts a request that no server took, and that is no exchange.
    pub(crate) fn refuse_request(&mut self) {
        self.counters.waiting_requests -= 1;
        self.counters.give_up(Reason::NotTaken);
    }
}
