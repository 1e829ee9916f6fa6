//! Where every exchange went: `observed = recorded + sum of reasons`.

use redact::{OpenedBody, RedactedExchange};

use crate::dropped::DroppedCounts;
use crate::given_up::GivenUpCounts;
use crate::unopened::UnopenedCounts;
use crate::unrecorded::UnrecordedCounts;
use crate::worth::EvictedCounts;

/// Counters of this process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Exchanges that came in, repeats included.
    pub observed: u64,
    /// Those that were counted with an endpoint.
    pub recorded: u64,
    /// Those that were not, by reason.
    pub unrecorded: UnrecordedCounts,
    /// Endpoints forgotten to make room, by what they were worth.
    pub evicted: EvictedCounts,
    /// Requests that were counted with those.
    pub evicted_requests: u64,
    /// Requests that the store's records had counted before.
    pub restored_requests: u64,
    /// Bodies that gave no example, by reason.
    pub unopened: UnopenedCounts,
    /// Operations that have no name, by reason.
    pub unnamed_operations: GivenUpCounts,
    /// Names of headers, parameters, cookies and fields that were left out: too many, too long, or values in their place.
    pub names_left_out: u64,
    /// Body examples left out because they were longer than `body_bytes`.
    pub examples_too_long: u64,
    /// Body examples given up, by reason.
    pub dropped: DroppedCounts,
    /// Endpoints whose shapes were given up to make room.
    pub shapes_dropped: u64,
    /// Exchanges that were counted, but taught nothing because the memory was used up.
    pub unlearned: u64,
    /// Outcomes of endpoints that were not known.
    pub outcomes_unknown: u64,
}

impl Totals {
    /// Counts what the redactor had to leave out of an exchange and of its body.
    pub(crate) fn left_out(&mut self, exchange: &RedactedExchange, body: &OpenedBody) {
        let names = u64::from(exchange.left_out()) + u64::from(body.left_out());
        self.names_left_out = self.names_left_out.saturating_add(names);
        if let Some(reason) = body.reason() {
            self.unopened.add(reason);
        }
        body.unnamed_operations().iter().for_each(|reason| self.unnamed_operations.add(*reason));
    }

    /// Returns whether every exchange that came in is accounted for.
    #[must_use]
    pub fn balanced(&self) -> bool {
        self.observed == self.recorded + self.unrecorded.ways().iter().map(|way| way.1).sum::<u64>()
    }
}
