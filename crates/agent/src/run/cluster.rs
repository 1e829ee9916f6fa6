//! Kubernetes: its objects become the directory that is in force, and what keeps that from being true is said.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use identify::cluster::Cluster;
use kubernetes::{ApiServer, Kind, KubernetesError, News};
use tokio::time::{Instant, timeout};

use super::shared::{Shared, lock};
use crate::report::clock;

/// How long changes are gathered before a new snapshot is made of them: ten snapshots a second at most.
const GATHER: Duration = Duration::from_millis(100);
/// How long the watches may say nothing before the addresses of this host are compared again.
const LOOK: Duration = Duration::from_secs(2);
/// A snapshot remembers former addresses for a minute, and is made anew so that it forgets them.
const REFRESH: Duration = Duration::from_secs(60);
/// A trouble that was not heard of for so long is over: the longest pause between two tries, with its jitter, and a
/// connection that does not come to stand.
const SETTLED: Duration = Duration::from_secs(90);
/// So long the first lists may take before it is said that they are missing.
const FIRST: Duration = Duration::from_secs(30);
/// How often a client is tried to be made.
const RETRY: Duration = Duration::from_secs(10);

/// Where the API server is found.
#[derive(Clone, Debug)]
pub(super) enum Access {
    /// By the service account of this pod.
    Pod,
    /// By a kubeconfig file.
    Kubeconfig(PathBuf),
}

impl Access {
    /// As given, else as a pod has it; none where there is no Kubernetes.
    pub(super) fn find(kubeconfig: Option<&std::path::Path>) -> Option<Access> {
        match kubeconfig {
            Some(path) => Some(Access::Kubeconfig(path.to_path_buf())),
            None => std::env::var_os("KUBERNETES_SERVICE_HOST").map(|_| Access::Pod),
        }
    }

    async fn open(&self) -> Result<ApiServer, KubernetesError> {
        match self {
            Access::Pod => ApiServer::from_service_account(),
            Access::Kubeconfig(path) => ApiServer::from_kubeconfig(path).await,
        }
    }
}

/// What is known about the view of Kubernetes.
#[derive(Clone, Debug, Default)]
pub(super) struct View {
    /// Whether names come from Kubernetes.
    pub(super) wanted: bool,
    /// The API server.
    pub(super) server: Option<ApiServer>,
    /// Its address.
    pub(super) address: String,
    /// The name of this node.
    pub(super) node: String,
    /// Kinds of objects of which there is a complete list.
    listed: BTreeSet<Kind>,
    /// Why something is not followed now.
    troubles: BTreeMap<Part, Trouble>,
    /// Services and pods of this node: those in force, or until there is enough, those that came so far.
    pub(super) objects: (usize, usize),
}

impl View {
    /// Whether there is enough to name servers: all Services and pods, and the servers without a selector unless those
    /// cannot be had.
    pub(super) fn is_complete(&self) -> bool {
        let has = |kind| self.listed.contains(&kind) || self.troubles.contains_key(&Part::Watch(kind));
        [Kind::Services, Kind::Pods].iter().all(|kind| self.listed.contains(kind))
            && (has(Kind::EndpointSlices) || has(Kind::Endpoints))
    }

    /// Forgets troubles that were not heard of again: a watch that goes on says nothing until something changes.
    fn forget_troubles(&mut self) {
        let View { listed, troubles, .. } = self;
        let is_followed = |part: &Part| matches!(part, Part::Watch(kind) if listed.contains(kind));
        troubles.retain(|part, trouble| !is_followed(part) || trouble.at.elapsed() < SETTLED);
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
            self.address, self.objects.0, self.objects.1
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
            errors.push(format!("Kubernetes: {} has not sent its first lists yet ({state})", self.address));
        }
        errors
    }
}

/// What can be in trouble by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    /// The client, before anything is watched.
    Client,
    /// The watch of a kind.
    Watch(Kind),
}

/// Why something is not followed, and when that was last heard.
#[derive(Clone, Debug)]
pub(super) struct Trouble {
    text: String,
    at: Instant,
}

/// Keeps the directory in step with Kubernetes until the agent stops.
#[expect(clippy::disallowed_methods, reason = "tries again to make a client")]
pub(super) async fn follow(shared: Arc<Shared>, access: Access, node: String) {
    lock(&shared.view).wanted = true;
    let server = loop {
        match access.open().await {
            Ok(server) => break server,
            Err(error) => trouble(&shared, Part::Client, &error),
        }
        tokio::time::sleep(RETRY).await;
    };
    {
        let mut view = lock(&shared.view);
        view.address = server.address().to_owned();
        (view.server, view.node) = (Some(server.clone()), node.clone());
        view.troubles.remove(&Part::Client);
    }
    tracing::info!("Names come from Kubernetes at {}, for node {node}", server.address());
    let mut news = std::pin::pin!(server.watch(&node));
    let mut follower = Follower::new(shared);
    while !follower.shared.stopping() {
        let wait = follower.wait();
        match timeout(wait, news.next()).await {
            Ok(Some(news)) => follower.take(news),
            Ok(None) => break,
            Err(_) => {}
        }
        follower.publish();
    }
}

struct Follower {
    shared: Arc<Shared>,
    cluster: Cluster,
    local: Arc<std::collections::HashSet<std::net::IpAddr>>,
    changed: bool,
    /// None before the first snapshot.
    published: Option<Instant>,
}

impl Follower {
    fn new(shared: Arc<Shared>) -> Follower {
        let local = shared.local.load_full();
        Follower { shared, cluster: Cluster::default(), local, changed: false, published: None }
    }

    /// How long to wait for more.
    fn wait(&self) -> Duration {
        match self.published {
            Some(published) if self.changed => GATHER.saturating_sub(published.elapsed()),
            _ => LOOK,
        }
    }

    fn take(&mut self, news: News) {
        match news.what {
            Ok(change) => {
                self.changed |= self.cluster.apply(change);
                let mut view = lock(&self.shared.view);
                if news.kind == Kind::Endpoints {
                    view.troubles.remove(&Part::Watch(Kind::EndpointSlices));
                }
                if view.troubles.remove(&Part::Watch(news.kind)).is_some() {
                    tracing::info!("Kubernetes: {} are followed again", news.kind);
                }
                view.listed.insert(news.kind);
            }
            Err(error) => trouble(&self.shared, Part::Watch(news.kind), &error),
        }
    }

    /// Puts a new snapshot in force when something has changed.
    fn publish(&mut self) {
        let local = self.shared.local.load_full();
        if local != self.local {
            self.local = local;
            self.changed = true;
        }
        let first = self.published.is_none();
        let age = self.published.map_or(REFRESH, |published| published.elapsed());
        // Before the first lists are complete every address would seem to have been given away.
        let complete = {
            let mut view = lock(&self.shared.view);
            view.forget_troubles();
            let complete = view.is_complete();
            if !complete {
                view.objects = self.cluster.len();
            }
            complete
        };
        if !complete || !(self.changed && age >= GATHER || age >= REFRESH) {
            return;
        }
        let before = self.shared.directory.load();
        let directory = self.cluster.directory(&self.local).succeeding(&before, clock());
        self.shared.set_directory(directory);
        lock(&self.shared.view).objects = self.cluster.len();
        (self.changed, self.published) = (false, Some(Instant::now()));
        if first {
            let (services, pods) = self.cluster.len();
            tracing::info!("Kubernetes: {services} Services, {pods} pods on this node");
        }
    }
}

/// Says what is wrong once, and keeps it for `status` and the reminders.
fn trouble(shared: &Shared, part: Part, error: &KubernetesError) {
    let text = error.to_string();
    let trouble = Trouble { text: text.clone(), at: Instant::now() };
    let before = lock(&shared.view).troubles.insert(part, trouble);
    if before.is_none_or(|before| before.text != text) {
        tracing::error!("Kubernetes: {text}");
    }
}
