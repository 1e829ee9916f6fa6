//! Where every exchange went: `observed = recorded + sum of reasons`.

use redact::{OpenedBody, RedactedExchange, Unopened};

/// Why an exchange was not recorded with an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unrecorded {
    /// Its Service has as many endpoints as it may have.
    ServiceFull,
    /// There are as many Services and servers as there may be.
    OwnersFull,
    /// The memory is used up by endpoints that are worth more.
    MemoryFull,
    /// Its method or path is longer than any endpoint's.
    TooLong,
    /// A repeat of something that was not recorded.
    RepeatOfUnrecorded,
    /// A repeat of something that was forgotten since.
    RepeatOfForgotten,
}

impl Unrecorded {
    /// All reasons, in the order of the field [`Totals`]`::unrecorded`.
    pub const ALL: [Unrecorded; 6] = [
        Unrecorded::ServiceFull,
        Unrecorded::OwnersFull,
        Unrecorded::MemoryFull,
        Unrecorded::TooLong,
        Unrecorded::RepeatOfUnrecorded,
        Unrecorded::RepeatOfForgotten,
    ];

    /// The reason as a metric label.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Unrecorded::ServiceFull => "service_full",
            Unrecorded::OwnersFull => "owners_full",
            Unrecorded::MemoryFull => "memory_full",
            Unrecorded::TooLong => "too_long",
            Unrecorded::RepeatOfUnrecorded => "repeat_of_unrecorded",
            Unrecorded::RepeatOfForgotten => "repeat_of_forgotten",
        }
    }
}

/// What an endpoint is worth when room must be made: the first goes first, the last never.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Worth {
    /// Not confirmed, or nothing but noise.
    Unconfirmed,
    /// Confirmed, of a Service that is not mapped.
    Unmapped,
    /// On the platform with all that is known: its listing still tells us when it is seen again.
    Pushed,
    /// Waits to be pushed: never forgotten.
    Waiting,
}

impl Worth {
    /// All that can be forgotten, in the order of the field [`Totals`]`::evicted`.
    pub const EVICTABLE: [Worth; 3] = [Worth::Unconfirmed, Worth::Unmapped, Worth::Pushed];

    /// The worth as a metric label.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Worth::Unconfirmed => "unconfirmed",
            Worth::Unmapped => "unmapped",
            Worth::Pushed => "pushed",
            Worth::Waiting => "waiting",
        }
    }
}

/// Counters of this process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Exchanges that came in, repeats included.
    pub observed: u64,
    /// Those that were counted with an endpoint.
    pub recorded: u64,
    /// Those that were not, by reason.
    pub unrecorded: [u64; Unrecorded::ALL.len()],
    /// Endpoints forgotten to make room, by what they were worth.
    pub evicted: [u64; Worth::EVICTABLE.len()],
    /// Requests that were counted with those.
    pub evicted_requests: u64,
    /// Requests that the store's records had counted before.
    pub restored_requests: u64,
    /// Bodies that gave no example, by reason.
    pub unopened: [u64; Unopened::ALL.len()],
    /// Names of headers, parameters, cookies and fields that were left out: too many, too long, or values in their place.
    pub names_left_out: u64,
    /// Body examples left out because they were longer than `body_bytes`.
    pub examples_too_long: u64,
    /// Body examples given up to make room.
    pub examples_evicted: u64,
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
        if let Some(count) = body.reason().and_then(|reason| self.unopened.get_mut(reason as usize)) {
            *count += 1;
        }
    }

    pub(crate) fn unrecorded(&mut self, reason: Unrecorded, count: u64) {
        if let Some(slot) = self.unrecorded.get_mut(reason as usize) {
            *slot = slot.saturating_add(count);
        }
    }

    /// Whether every exchange that came in is accounted for.
    #[must_use]
    pub fn balanced(&self) -> bool {
        self.observed == self.recorded + self.unrecorded.iter().sum::<u64>()
    }
}
