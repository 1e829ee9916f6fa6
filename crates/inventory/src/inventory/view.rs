//! What there is, for tables, `status`, `explain` and metrics.

use std::collections::BTreeSet;

use decode::Timestamp;
use identify::ServiceName;
use redact::Owner;

use super::Inventory;
use crate::{Endpoint, EndpointKey, Instance, State, Totals};

/// How many endpoints of one owner stand where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnerCounts {
    /// Whose.
    pub owner: Owner,
    /// Where they are pushed to.
    pub instance: Option<Instance>,
    /// All endpoints.
    pub endpoints: usize,
    /// Those that are believed to exist, noise left out.
    pub confirmed: usize,
    /// Those on the platform with all that is known.
    pub pushed: usize,
    /// Those of them that a listing shows.
    pub verified: usize,
    /// Those that wait, settle or have news.
    pub waiting: usize,
    /// Those that the platform cannot take.
    pub set_aside: usize,
    /// Those with a step in their path that is not decided.
    pub undecided: usize,
    /// Those behind a wall: their answer is that of many paths.
    pub walled: usize,
    /// Those that are noise.
    pub noise: usize,
    /// Confirmed ones that were not seen for long ([`crate::Settings::unseen`]).
    pub unseen: usize,
    /// Requests of all of them, over restarts.
    pub requests: u64,
    /// Exchanges that found no room among this owner's endpoints since the start.
    pub overflow: u64,
}

/// What waits to be pushed, and what cannot be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outbox {
    /// How many endpoints wait, settle or have news.
    pub waiting: usize,
    /// Since when the oldest of them has something to push.
    pub oldest: Option<Timestamp>,
    /// What was set aside, with the reason: the first ones in the order of their keys.
    pub set_aside: Vec<(EndpointKey, String)>,
    /// How many there are of those.
    pub set_aside_count: usize,
    /// Literals on the platform that templates superseded, as `GET /users/17`: the first ones in their order.
    pub superseded: BTreeSet<String>,
    /// How many there are of those.
    pub superseded_count: usize,
}

impl Inventory {
    /// Returns what waits, and what was set aside (at most `listed` of it by name). Looks at every endpoint.
    #[must_use]
    pub fn outbox(
        &self,
        now: Timestamp,
        instance_of: impl Fn(&ServiceName) -> Option<Instance>,
        listed: usize,
    ) -> Outbox {
        let mut outbox = Outbox::default();
        for (owner, endpoints) in &self.owners {
            let Some(instance) = owner.service().and_then(&instance_of) else { continue };
            for endpoint in endpoints.ids.iter().filter_map(|id| self.endpoints.get(id)) {
                let progress = endpoint.record.delivery.progress_at(&instance);
                let beyond = progress.map_or(0, |progress| progress.superseded_beyond);
                outbox.superseded_count += usize::try_from(beyond).unwrap_or(usize::MAX);
                for literal in progress.iter().flat_map(|progress| &progress.superseded) {
                    outbox.superseded_count += 1;
                    outbox.superseded.insert(format!("{} {literal}", endpoint.key.method));
                    if outbox.superseded.len() > listed {
                        outbox.superseded.pop_last();
                    }
                }
                match State::of(endpoint, Some(&instance), now, &self.settings) {
                    State::SetAside(reason) => {
                        outbox.set_aside_count += 1;
                        outbox.set_aside.push(((*endpoint.key).clone(), reason));
                    }
                    State::Updating { .. } | State::Waiting { .. } | State::Settling { .. } => {
                        let since = endpoint.record.delivery.news_at;
                        outbox.waiting += 1;
                        outbox.oldest = outbox.oldest.into_iter().chain(since).min();
                    }
                    _ => {}
                }
            }
            outbox.set_aside.sort_by(|a, b| a.0.cmp(&b.0));
            outbox.set_aside.truncate(listed);
        }
        outbox
    }

    /// All endpoints, in no order.
    pub fn endpoints(&self) -> impl Iterator<Item = &Endpoint> {
        self.endpoints.values().map(|endpoint| &**endpoint)
    }

    /// One endpoint.
    #[must_use]
    pub fn get(&self, key: &EndpointKey) -> Option<&Endpoint> {
        self.ids.get(key).and_then(|id| self.endpoints.get(id)).map(|endpoint| &**endpoint)
    }

    /// Returns the number of endpoints.
    #[must_use]
    pub fn len(&self) -> usize {
        self.endpoints.len()
    }

    /// Returns whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.endpoints.is_empty()
    }

    /// Returns whether every exchange is accounted for, and every request with an endpoint. Looks at every endpoint.
    ///
    /// A record on disk may hold any number. Sums that saturate everywhere are equal in whatever order they were added.
    #[must_use]
    pub fn balanced(&self) -> bool {
        let Totals { evicted_requests, restored_requests, recorded, .. } = self.totals;
        let requests = self.endpoints().map(|endpoint| endpoint.record.counts.requests);
        let counted = requests.fold(evicted_requests, u64::saturating_add);
        self.totals.balanced() && counted == restored_requests.saturating_add(recorded)
    }

    /// Returns how many endpoints lack a body example that they had: the next one is news.
    #[must_use]
    pub fn bodies_missing(&self) -> usize {
        self.endpoints().filter(|endpoint| endpoint.record.details.body_dropped.is_some()).count()
    }

    /// Returns how many endpoints were handed out and not concluded.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.in_flight.len()
    }

    /// Services without a mapping that have something to push.
    #[must_use]
    pub fn unmapped(&self, instance_of: impl Fn(&ServiceName) -> Option<Instance>) -> Vec<ServiceName> {
        let worth = |id: &u32| {
            let record = self.endpoints.get(id).map(|endpoint| &endpoint.record);
            record.is_some_and(|record| record.delivery.confirmed && record.noise.is_none())
        };
        let owners = self.owners.iter().filter_map(|(owner, endpoints)| Some((owner.service()?, endpoints)));
        let unmapped = owners.filter(|(service, _)| instance_of(service).is_none());
        unmapped.filter(|(_, all)| all.ids.iter().any(worth)).map(|(service, _)| service.clone()).collect()
    }

    /// Returns where an endpoint stands at `now`.
    #[must_use]
    pub fn state(
        &self,
        endpoint: &Endpoint,
        now: Timestamp,
        instance_of: impl Fn(&ServiceName) -> Option<Instance>,
    ) -> State {
        let instance = endpoint.key.owner.service().and_then(instance_of);
        State::of(endpoint, instance.as_ref(), now, &self.settings)
    }

    /// Returns what each owner has, in the order of their names. Looks at every endpoint.
    #[must_use]
    pub fn owners(
        &self,
        now: Timestamp,
        instance_of: impl Fn(&ServiceName) -> Option<Instance>,
    ) -> Vec<OwnerCounts> {
        self.owners
            .iter()
            .map(|(owner, endpoints)| {
                let mut counts =
                    OwnerCounts::new(owner, owner.service().and_then(&instance_of), endpoints.overflow);
                for endpoint in endpoints.ids.iter().filter_map(|id| self.endpoints.get(id)) {
                    let state = State::of(endpoint, counts.instance.as_ref(), now, &self.settings);
                    counts.add(endpoint, &state);
                    let confirmed = endpoint.record.delivery.confirmed && endpoint.record.noise.is_none();
                    counts.unseen += usize::from(confirmed && endpoint.unseen(now, &self.settings).is_some());
                }
                counts
            })
            .collect()
    }

    /// The endpoints that a person may mean: by the beginning of their template, by a path that the template covers, each
    /// also behind a method or in a URL; by a Service (`shop/cart` or `cart`) or by an address. In the order of their keys.
    #[must_use]
    pub fn find(&self, what: &str) -> Vec<&Endpoint> {
        let (method, path) = meant(what);
        let mut found: Vec<_> = self
            .endpoints()
            .filter(|endpoint| {
                let key = &endpoint.key;
                let Some(path) = &path else { return is_named(&key.owner, what) };
                (key.template.starts_with(path) || covers(&key.template, path))
                    && method.is_none_or(|method| key.method.eq_ignore_ascii_case(method))
            })
            .collect();
        found.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        found
    }

    /// Returns the other methods of a path that was asked for with one (`GET /x`), in order; none where it was asked for without.
    #[must_use]
    pub fn other_methods(&self, what: &str) -> BTreeSet<&str> {
        let (Some(method), Some(path)) = meant(what) else { return BTreeSet::new() };
        let keys = self.endpoints().map(|endpoint| &endpoint.key);
        let others = keys.filter(|key| key.template == path || covers(&key.template, &path));
        others.map(|key| key.method.as_str()).filter(|other| !other.eq_ignore_ascii_case(method)).collect()
    }
}

/// The method and the path in what a person wrote or pasted: `/x`, `GET /x?y`, `http://host/x`. The path is written as
/// templates are, without what is not ASCII.
fn meant(what: &str) -> (Option<&str>, Option<String>) {
    let (method, target) = match what.split_once(' ') {
        Some((method, target)) if target.starts_with(['/', '*']) => (Some(method), target),
        _ => (None, what),
    };
    let target =
        target.split_once("://").map_or(target, |(_, rest)| rest.find('/').map_or("/", |at| &rest[at..]));
    if !target.starts_with('/') && target != "*" {
        return (None, None);
    }
    let path = target.split(['?', '#']).next().unwrap_or(target);
    let encoded = path.bytes().map(|byte| match byte {
        b' '..=b'~' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    });
    (method, Some(encoded.collect()))
}

impl OwnerCounts {
    fn new(owner: &Owner, instance: Option<Instance>, overflow: u64) -> Self {
        OwnerCounts {
            owner: owner.clone(),
            instance,
            endpoints: 0,
            confirmed: 0,
            pushed: 0,
            verified: 0,
            waiting: 0,
            set_aside: 0,
            undecided: 0,
            walled: 0,
            noise: 0,
            unseen: 0,
            requests: 0,
            overflow,
        }
    }

    fn add(&mut self, endpoint: &Endpoint, state: &State) {
        let record = &endpoint.record;
        self.endpoints += 1;
        self.confirmed += usize::from(record.delivery.confirmed && record.noise.is_none());
        self.requests = self.requests.saturating_add(record.counts.requests);
        match state {
            State::Verified => {
                self.pushed += 1;
                self.verified += 1;
            }
            State::Pushed | State::Covered(_) => self.pushed += 1,
            State::Updating { .. } | State::Waiting { .. } | State::Settling { .. } => self.waiting += 1,
            State::SetAside(_) => self.set_aside += 1,
            State::Undecided => self.undecided += 1,
            State::Wall { .. } => self.walled += 1,
            State::Noise(_) => self.noise += 1,
            State::Unconfirmed { .. } | State::Removed | State::Unmapped | State::Overflow(_) => {}
        }
    }
}

/// Returns whether a template covers a path, segment by segment.
pub(super) fn covers(template: &str, path: &str) -> bool {
    let mut segments = path.trim_end_matches('/').split('/');
    let all = template
        .split('/')
        .all(|ours| segments.next().is_some_and(|segment| ours == segment || fits(ours, segment)));
    all && segments.next().is_none()
}

/// Returns whether a segment is one of those that a segment with a variable stands for: `{id}`, `{id}.json`, `Orders({id})`.
fn fits(ours: &str, segment: &str) -> bool {
    let Some((before, rest)) = ours.split_once('{') else { return false };
    let Some((_, behind)) = rest.split_once('}') else { return false };
    let value = segment.strip_prefix(before).and_then(|rest| rest.strip_suffix(behind));
    value.is_some_and(|value| !value.is_empty())
}

fn is_named(owner: &Owner, what: &str) -> bool {
    match owner {
        Owner::Service(name) => name.name == what || name.to_string() == what,
        Owner::Address(address) => address.to_string() == what || address.ip().to_string() == what,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_and_paste() {
        for (what, method, path) in [
            ("/users/7?page=1", None, Some("/users/7")),
            ("GET /users", Some("GET"), Some("/users")),
            ("OPTIONS *", Some("OPTIONS"), Some("*")),
            ("*", None, Some("*")),
            ("https://cart.shop:8443/q#x", None, Some("/q")),
            ("http://cart.shop", None, Some("/")),
            ("/caf\u{e9}", None, Some("/caf%C3%A9")),
            ("shop/cart", None, None),
            ("10.0.0.2:8080", None, None),
            ("", None, None),
        ] {
            assert_eq!(meant(what), (method, path.map(str::to_owned)), "{what}");
        }
    }
}
