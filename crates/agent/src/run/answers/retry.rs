//! `retry`: what waits after failures, and what the platform could not take, is tried again now.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::run::shared::Shared;

/// What is tried again.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Retried {
    /// How many endpoints that were set aside.
    pub(crate) set_aside: usize,
    /// Whether everything that waits is tried too.
    pub(crate) all: bool,
}

impl Retried {
    /// Makes it due. The pusher takes it from there, within its limits.
    pub(super) fn begin(shared: &Shared, subject: Option<&str>) -> Retried {
        let set_aside = shared.learned.change(|inventory| match subject {
            None => inventory.retry_set_aside(|_| true),
            Some(subject) => {
                let meant: HashSet<_> =
                    inventory.find(subject).into_iter().map(|endpoint| (*endpoint.key).clone()).collect();
                inventory.retry_set_aside(|key| meant.contains(key))
            }
        });
        if subject.is_none() {
            shared.push.ask_retry();
        }
        Retried { set_aside, all: subject.is_none() }
    }

    /// For people.
    pub(crate) fn text(&self) -> String {
        let rest = if self.all { ", and all that waits after failures is tried now" } else { "" };
        format!("{} endpoints that were set aside are pushed again{rest}\n", self.set_aside)
    }
}
