//! What is known of a request while it is answered.

use crate::call::Call;
use crate::faults::Action;
use crate::shared::{Shared, lock};
use crate::shown::shown;

/// Characters kept of what a violation says: it may quote what was sent.
const VIOLATION: usize = 1024;

/// The request that is being answered, for the handlers.
#[derive(Clone)]
pub(super) struct Ticket {
    pub(super) number: u64,
    pub(super) call: Call,
    /// The fault that the handler itself has to show, if any.
    pub(super) quirk: Option<Action>,
}

impl Shared {
    /// Notes what a request did against the contract.
    pub(super) fn violation(&self, ticket: &Ticket, what: impl Into<String>) {
        lock(&self.journal).violation(ticket.number, ticket.call, shown(&what.into(), VIOLATION));
    }
}
