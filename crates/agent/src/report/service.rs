//! A Service in one line: for `status`, and for the page.

use identify::ServiceName;
use inventory::OwnerCounts;
use redact::Owner;
use serde::{Deserialize, Serialize};

use super::Listed;
use crate::learn::coverage::{Coverage, Tally};

/// A line for a Service.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct ServiceLine {
    pub(crate) service: String,
    /// Whether it has a mapping.
    pub(crate) mapped: bool,
    pub(crate) requests: u64,
    pub(crate) endpoints: usize,
    pub(crate) confirmed: usize,
    pub(crate) pushed: usize,
    pub(crate) verified: usize,
    pub(crate) waiting: usize,
    pub(crate) set_aside: usize,
    pub(crate) noise: usize,
    /// Connections that cannot be read, by reason; empty when there are none.
    pub(crate) unreadable: String,
    /// Why not everything is on the platform.
    pub(crate) why: String,
}

impl ServiceLine {
    /// The lines of what these owners have, and of those of whom nothing could be read.
    pub(crate) fn all(
        owners: &[OwnerCounts],
        coverage: &Coverage,
        pushes: bool,
        is_mapped: impl Fn(&ServiceName) -> bool,
    ) -> Vec<ServiceLine> {
        let lines = owners.iter().map(|counts| ServiceLine::new(counts, coverage, pushes));
        let seen: Vec<&Owner> = owners.iter().map(|counts| &counts.owner).collect();
        let unread = |(owner, tally): &(&Owner, &Tally)| !seen.contains(owner) && tally.lacks_something();
        let others = coverage.owners().filter(unread).map(|(owner, tally)| {
            ServiceLine::unreadable(owner.to_string(), owner.service().is_some_and(&is_mapped), tally)
        });
        lines.chain(others).collect()
    }

    /// The line of what an owner has. What is not pushed because it is of captures needs no reason for that.
    fn new(counts: &OwnerCounts, coverage: &Coverage, pushes: bool) -> ServiceLine {
        let mapped = counts.instance.is_some();
        let missing = counts.endpoints - counts.confirmed - counts.walled - counts.noise;
        let mut why = Vec::new();
        if pushes && !mapped {
            why.push("no mapping: not pushed".to_owned());
        }
        for (count, what) in [
            (missing, "unconfirmed"),
            (counts.undecided, "undecided (`explain` says how to decide)"),
            (counts.walled, "behind a wall"),
            (counts.noise, "noise"),
            (counts.set_aside, "set aside"),
            (counts.unseen, "not seen for long"),
            (usize::try_from(counts.overflow).unwrap_or(usize::MAX), "without room"),
        ] {
            if count > 0 {
                why.push(format!("{count} {what}"));
            }
        }
        let tally = coverage.owner(&counts.owner);
        why.extend(tally.and_then(Tally::older));
        ServiceLine {
            service: counts.owner.to_string(),
            mapped,
            requests: counts.requests,
            endpoints: counts.endpoints,
            confirmed: counts.confirmed,
            pushed: counts.pushed,
            verified: counts.verified,
            waiting: counts.waiting,
            set_aside: counts.set_aside,
            noise: counts.noise,
            unreadable: tally.map(ToString::to_string).unwrap_or_default(),
            why: if why.is_empty() { "-".into() } else { why.join(", ") },
        }
    }

    /// The line of a Service of which nothing could be read.
    fn unreadable(service: String, mapped: bool, tally: &Tally) -> ServiceLine {
        ServiceLine {
            unreadable: tally.to_string(),
            why: tally.older().unwrap_or_else(|| "nothing readable was seen".into()),
            mapped,
            ..ServiceLine::empty(service)
        }
    }

    /// Counts an endpoint of several agents.
    pub(crate) fn count(&mut self, one: &Listed) {
        self.requests = self.requests.saturating_add(one.requests());
        self.endpoints += 1;
        let state = one.state();
        self.confirmed += usize::from(!matches!(state, "unconfirmed" | "wall" | "noise" | "overflow"));
        match state {
            "verified" => {
                self.pushed += 1;
                self.verified += 1;
            }
            "pushed" | "covered" => self.pushed += 1,
            "updating" | "waiting" | "settling" => self.waiting += 1,
            "set aside" => self.set_aside += 1,
            "noise" => self.noise += 1,
            _ => {}
        }
    }

    /// Returns what tables show of it.
    pub(crate) fn cells(&self) -> [String; 8] {
        [
            self.service.clone(),
            self.requests.to_string(),
            self.endpoints.to_string(),
            self.pushed.to_string(),
            self.verified.to_string(),
            self.waiting.to_string(),
            if self.unreadable.is_empty() { "-".into() } else { self.unreadable.clone() },
            self.why.clone(),
        ]
    }

    /// The heads of these tables.
    pub(crate) const HEADS: [&str; 8] =
        ["SERVICE", "REQUESTS", "ENDPOINTS", "PUSHED", "VERIFIED", "WAITING", "NOT READABLE", "NOTE"];

    /// A line without counts.
    pub(crate) fn empty(service: String) -> ServiceLine {
        ServiceLine {
            service,
            mapped: false,
            requests: 0,
            endpoints: 0,
            confirmed: 0,
            pushed: 0,
            verified: 0,
            waiting: 0,
            set_aside: 0,
            noise: 0,
            unreadable: String::new(),
            why: String::new(),
        }
    }
}
