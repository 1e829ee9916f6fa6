//! What is known about the view of Kubernetes: how far it is complete, and what keeps it from being true.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Duration;

use decode::Timestamp;
use kubernetes::{ApiServer, Kind, KubernetesError};
use tokio::time::Instant;

use super::lock::lock;
use crate::report::{ago, clock, plural};

/// A trouble that was not heard of for so long is over: the longest pause between two tries, with its jitter, and a
/// connection that does not come to stand.
const SETTLED: Duration = Duration::from_secs(90);
/// So long the first lists may take before it is said that they are missing.
const FIRST: Duration = Duration::from_secs(30);

/// What is known about the view of Kubernetes.
#[derive(Default)]
pub(in crate::run) struct View(Mutex<State>);

#[derive(Default)]
struct State {
    /// Whether names come from Kubernetes.
    wanted: bool,
    /// The API server.
    server: Option<ApiServer>,
    /// The name of this node.
    node: String,
    /// Kinds of objects of which there is a complete list.
    listed: BTreeSet<Kind>,
    /// Why something is not followed now.
    troubles: BTreeMap<Part, Trouble>,
    /// Services and pods of this node: those in force, or until there is enough, those that came so far.
    objects: (usize, usize),
    /// When the view was true that is in force, if it is that of an earlier run.
    last: Option<Timestamp>,
}

/// What can be in trouble by itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    /// The client, before anything is watched.
    Client,
    /// The watch of a kind.
    Watch(Kind),
}

/// Why something is not followed, and when that was last heard.
struct Trouble {
    text: String,
    at: Instant,
}

impl View {
    /// Names are to come from Kubernetes.
    pub(in crate::run) fn expect(&self) {
        lock(&self.0).wanted = true;
    }

    /// A client has been made.
    pub(in crate::run) fn connect(&self, server: ApiServer, node: String) {
        let mut state = lock(&self.0);
        (state.server, state.node) = (Some(server), node);
        state.troubles.remove(&Part::Client);
    }

    /// Returns the API server, once there is a client for it, and the name of this node; none where names do not come from
    /// Kubernetes.
    pub(in crate::run) fn server(&self) -> Option<(Option<ApiServer>, String)> {
        let state = lock(&self.0);
        state.wanted.then(|| (state.server.clone(), state.node.clone()))
    }

    /// A kind of objects is followed. Returns whether there was trouble with it before.
    pub(in crate::run) fn follow(&self, kind: Kind) -> bool {
        let mut state = lock(&self.0);
        if kind == Kind::Endpoints {
            state.troubles.remove(&Part::Watch(Kind::EndpointSlices));
        }
        state.listed.insert(kind);
        state.troubles.remove(&Part::Watch(kind)).is_some()
    }

    /// No client could be made. Returns whether that is news.
    pub(in crate::run) fn fail_client(&self, error: &KubernetesError) -> bool {
        self.note(Part::Client, error)
    }

    /// A kind of objects cannot be followed. Returns whether that is news.
    pub(in crate::run) fn fail(&self, kind: Kind, error: &KubernetesError) -> bool {
        self.note(Part::Watch(kind), error)
    }

    fn note(&self, part: Part, error: &KubernetesError) -> bool {
        let text = error.to_string();
        let trouble = Trouble { text: text.clone(), at: Instant::now() };
        lock(&self.0).troubles.insert(part, trouble).is_none_or(|before| before.text != text)
    }

    /// Forgets troubles that were not heard of again: a watch that goes on says nothing until something changes. Returns
    /// whether there is enough to name servers. `objects` are the Services and pods of this node that came so far.
    pub(in crate::run) fn settle(&self, objects: (usize, usize)) -> bool {
        let mut state = lock(&self.0);
        let State { listed, troubles, .. } = &mut *state;
        let is_followed = |part: &Part| matches!(part, Part::Watch(kind) if listed.contains(kind));
        troubles.retain(|part, trouble| !is_followed(part) || trouble.at.elapsed() < SETTLED);
        let complete = state.is_complete();
        match complete {
            true => state.last = None,
            false if state.last.is_none() => state.objects = objects,
            false => {}
        }
        complete
    }

    /// A view of an earlier run is in force until there is another: it was true at this time.
    pub(in crate::run) fn recall(&self, at: Timestamp, objects: (usize, usize)) {
        let mut state = lock(&self.0);
        (state.last, state.objects) = (Some(at), objects);
    }

    /// Returns why requests have no names, if it is so.
    pub(in crate::run) fn is_blind(&self) -> Option<String> {
        let state = lock(&self.0);
        let blind = state.wanted && state.last.is_none() && !state.is_complete();
        blind.then(|| format!("no view of Kubernetes at {} yet: no Service can be named", state.address()))
    }

    /// Returns whether names are as complete as they get: what has none now has none.
    pub(in crate::run) fn is_ready(&self) -> bool {
        let state = lock(&self.0);
        !state.wanted || state.is_complete()
    }

    /// Returns whether the first lists are still on their way.
    pub(in crate::run) fn begins(&self, uptime: Duration) -> bool {
        let state = lock(&self.0);
        state.wanted && !state.is_complete() && state.troubles.is_empty() && uptime < FIRST
    }

    /// So many Services and pods of this node are in force.
    pub(in crate::run) fn publish(&self, objects: (usize, usize)) {
        lock(&self.0).objects = objects;
    }

    /// Says for people where names come from. `services` are those that are in force, `cgroups` those that were named.
    pub(in crate::run) fn source(&self, services: usize, cgroups: usize) -> String {
        lock(&self.0).source(services, cgroups)
    }

    /// Returns what someone has to do something about.
    pub(in crate::run) fn errors(&self, uptime: Duration) -> Vec<String> {
        lock(&self.0).errors(uptime)
    }
}

impl State {
    /// Returns whether there is enough to name servers: all Services and pods, and the servers without a selector
    /// unless those cannot be had.
    fn is_complete(&self) -> bool {
        let has = |kind| self.listed.contains(&kind) || self.troubles.contains_key(&Part::Watch(kind));
        [Kind::Services, Kind::Pods].iter().all(|kind| self.listed.contains(kind))
            && (has(Kind::EndpointSlices) || has(Kind::Endpoints))
    }

    /// Returns where names come from, for people. `services` are those that are in force, `cgroups` those that were
    /// named.
    fn source(&self, services: usize, cgroups: usize) -> String {
        match (self.wanted, services, cgroups) {
            (true, ..) => {}
            (false, _, 0) => return format!("{} of the services file", plural(services, "Service")),
            (false, 0, _) => return format!("{} of the command line", plural(cgroups, "cgroup")),
            (false, ..) => {
                let (services, cgroups) = (plural(services, "Service"), plural(cgroups, "cgroup"));
                return format!("{services} of the services file, {cgroups} of the command line");
            }
        }
        let state = match self.last {
            _ if self.is_complete() => String::new(),
            Some(at) => format!(
                "; as they were {}, nothing is pushed until that is confirmed",
                ago(Some(at), clock())
            ),
            None => "; not complete yet".to_owned(),
        };
        format!(
            "Kubernetes at {}: {}, {} on this node{state}",
            self.address(),
            plural(self.objects.0, "Service"),
            plural(self.objects.1, "pod")
        )
    }

    /// Returns what someone has to do something about.
    fn errors(&self, uptime: Duration) -> Vec<String> {
        let state = match self.last {
            _ if self.is_complete() => "names stay as they were".to_owned(),
            Some(at) => format!("names are those of {}, and nothing is pushed", ago(Some(at), clock())),
            None => "no Service can be named yet".to_owned(),
        };
        let mut texts: Vec<_> = self.troubles.values().map(|trouble| &trouble.text).collect();
        texts.dedup();
        let mut errors: Vec<_> = texts
            .into_iter()
            .map(|text| format!("Kubernetes: {text} ({state}; it is tried again)"))
            .collect();
        if self.wanted && errors.is_empty() && !self.is_complete() && uptime > FIRST {
            errors.push(format!("Kubernetes: {} has not sent its first lists yet ({state})", self.address()));
        }
        errors
    }

    /// The address of the API server; empty before there is a client.
    fn address(&self) -> &str {
        self.server.as_ref().map_or("", ApiServer::address)
    }
}
