//! What is known about the view of Kubernetes: how far it is complete, and what keeps it from being true.

use std::collections::BTreeMap;
use std::time::Duration;

use identify::kubernetes::{ApiServer, KubernetesError};
use tokio::time::Instant;

/// A trouble that was not heard of for so long is over: the longest pause between two tries, with its jitter, and a
/// connection that does not come to stand.
const SETTLED: Duration = Duration::from_secs(90);
/// So long the first lists may take before it is said that they are missing.
const FIRST: Duration = Duration::from_secs(30);
/// The kind of a trouble with the client itself.
const CLIENT: &str = "client";

/// What is known about the view of Kubernetes.
#[derive(Clone, Debug, Default)]
pub(super) struct View {
    /// Whether names come from Kubernetes.
    wanted: bool,
    /// The API server.
    server: Option<ApiServer>,
    /// The name of this node.
    node: String,
    /// Kinds of objects of which there is a complete list.
    listed: Vec<&'static str>,
    /// Why a kind is not followed now.
    troubles: BTreeMap<&'static str, Trouble>,
    /// Services and pods of this node.
    objects: (usize, usize),
}

/// Why a kind is not followed, and when that was last heard.
#[derive(Clone, Debug)]
struct Trouble {
    text: String,
    at: Instant,
}

impl View {
    /// Names are to come from Kubernetes.
    pub(super) fn expect(&mut self) {
        self.wanted = true;
    }

    /// A client has been made.
    pub(super) fn connect(&mut self, server: ApiServer, node: String) {
        (self.server, self.node) = (Some(server), node);
        self.troubles.remove(CLIENT);
    }

    /// Returns the API server, once there is a client for it, and the name of this node; none where names do not come from
    /// Kubernetes.
    pub(super) fn server(&self) -> Option<(Option<ApiServer>, String)> {
        self.wanted.then(|| (self.server.clone(), self.node.clone()))
    }

    /// A kind of objects is followed; `objects` are the Services and pods of this node now. Returns whether there was
    /// trouble with it before.
    pub(super) fn follow(&mut self, kind: &'static str, objects: (usize, usize)) -> bool {
        self.objects = objects;
        if kind == "endpoints" {
            self.troubles.remove("endpointslices");
        }
        if !self.listed.contains(&kind) {
            self.listed.push(kind);
        }
        self.troubles.remove(kind).is_some()
    }

    /// No client could be made. Returns whether that is news.
    pub(super) fn fail_client(&mut self, error: &KubernetesError) -> bool {
        self.fail(CLIENT, error)
    }

    /// A kind of objects cannot be followed. Returns whether that is news.
    pub(super) fn fail(&mut self, kind: &'static str, error: &KubernetesError) -> bool {
        let trouble = Trouble { text: error.to_string(), at: Instant::now() };
        let before = self.troubles.insert(kind, trouble);
        before.is_none_or(|before| self.troubles.get(kind).is_some_and(|now| now.text != before.text))
    }

    /// Whether there is enough to name servers: all Services and pods, and the servers without a selector unless those
    /// cannot be had.
    pub(super) fn is_complete(&self) -> bool {
        let has = |kind: &str| self.listed.contains(&kind) || self.troubles.contains_key(kind);
        ["services", "pods"].iter().all(|kind| self.listed.contains(kind))
            && (has("endpointslices") || has("endpoints"))
    }

    /// Forgets troubles that were not heard of again: a watch that goes on says nothing until something changes.
    pub(super) fn forget_troubles(&mut self) {
        let View { listed, troubles, .. } = self;
        troubles.retain(|kind, trouble| !listed.contains(kind) || trouble.at.elapsed() < SETTLED);
    }

    /// Where names come from, for people. `services` are those that are in force, `cgroups` those that were named.
    pub(super) fn source(&self, services: usize, cgroups: usize) -> String {
        match (self.wanted, services, cgroups) {
            (true, ..) => {}
            (false, _, 0) => return format!("{services} Services of the services file"),
            (false, 0, _) => return format!("{cgroups} cgroups of the command line"),
            (false, ..) => {
                return format!(
                    "{services} Services of the services file, {cgroups} cgroups of the command line"
                );
            }
        }
        let state = if self.is_complete() { "" } else { "; not complete yet" };
        format!(
            "Kubernetes at {}: {} Services, {} pods on this node{state}",
            self.address(),
            self.objects.0,
            self.objects.1
        )
    }

    /// What someone has to do something about.
    pub(super) fn errors(&self, uptime: Duration) -> Vec<String> {
        let state =
            if self.is_complete() { "names stay as they were" } else { "no Service can be named yet" };
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
