//! The one queue between capture and control: bounded, fair between owners, never waited for by capture.

use std::collections::{HashMap, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redact::{Owner, RedactedExchange, Repeats};

/// The most exchanges that wait: at one KiB each (most have no body) about 4 MiB.
const MAX_WAITING: usize = 4_096;
/// The most bytes of bodies that wait.
const MAX_BODY_BYTES: usize = 16 << 20;
/// What an owner may have waiting however many others there are.
const MIN_SHARE: usize = 32;

/// What waits for the keeper.
#[derive(Debug, Default)]
struct Waiting {
    /// One line for each owner that has something waiting.
    lines: HashMap<Owner, VecDeque<RedactedExchange>>,
    /// The owners in the order in which they are served.
    turns: VecDeque<Owner>,
    exchanges: usize,
    body_bytes: usize,
    repeats: Vec<Repeats>,
    closed: bool,
}

/// A bounded queue. Who gives never waits for room: what does not fit is refused. Each owner gets its turn, so that one
/// busy Service cannot crowd out what another has to teach.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    waiting: Mutex<Waiting>,
    arrived: Condvar,
}

/// What the keeper takes out at once.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// Exchanges, one from each owner in turn.
    pub(crate) exchanges: Vec<RedactedExchange>,
    /// Counts of what was known.
    pub(crate) repeats: Vec<Repeats>,
    /// Nothing more will come.
    pub(crate) closed: bool,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes an exchange, if there is room for it.
    pub(crate) fn give(&self, exchange: RedactedExchange) -> bool {
        let mut waiting = self.lock();
        let share = MIN_SHARE.max(MAX_WAITING / (waiting.lines.len() + 1));
        let size = exchange.body_len();
        let mine = waiting.lines.get(exchange.owner()).map_or(0, VecDeque::len);
        if waiting.exchanges >= MAX_WAITING || mine >= share || waiting.body_bytes + size > MAX_BODY_BYTES {
            return false;
        }
        waiting.exchanges += 1;
        waiting.body_bytes += size;
        if mine == 0 {
            waiting.turns.push_back(exchange.owner().clone());
        }
        waiting.lines.entry(exchange.owner().clone()).or_default().push_back(exchange);
        drop(waiting);
        self.arrived.notify_one();
        true
    }

    /// Takes counts. There are never more than the novelty filter has entries.
    pub(crate) fn give_repeats(&self, repeats: impl IntoIterator<Item = Repeats>) {
        self.lock().repeats.extend(repeats);
        self.arrived.notify_one();
    }

    /// Nothing more will come.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.arrived.notify_one();
    }

    /// Waits up to `timeout` for something and takes at most `most` exchanges and all counts.
    pub(crate) fn take(&self, timeout: Duration, most: usize) -> Batch {
        let waiting = self.lock();
        let idle =
            |waiting: &mut Waiting| waiting.exchanges == 0 && waiting.repeats.is_empty() && !waiting.closed;
        let (mut waiting, _) =
            self.arrived.wait_timeout_while(waiting, timeout, idle).unwrap_or_else(PoisonError::into_inner);
        let mut batch = Batch { repeats: std::mem::take(&mut waiting.repeats), ..Batch::default() };
        while batch.exchanges.len() < most
            && let Some(exchange) = waiting.next()
        {
            batch.exchanges.push(exchange);
        }
        batch.closed = waiting.closed && waiting.exchanges == 0;
        batch
    }

    /// Returns how many exchanges wait.
    pub(crate) fn len(&self) -> usize {
        self.lock().exchanges
    }
}

impl Waiting {
    /// The next exchange of the owner whose turn it is.
    fn next(&mut self) -> Option<RedactedExchange> {
        let owner = self.turns.pop_front()?;
        let line = self.lines.get_mut(&owner)?;
        let exchange = line.pop_front()?;
        if line.is_empty() {
            self.lines.remove(&owner);
        } else {
            self.turns.push_back(owner);
        }
        self.exchanges -= 1;
        self.body_bytes -= exchange.body_len();
        Some(exchange)
    }
}
