//! Kubernetes: its objects become the directory that is in force, and what keeps that from being true is said.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use identify::cluster::Cluster;
use kubernetes::{ApiServer, KubernetesError, News};
use tokio::time::{Instant, timeout};

use super::last_view::{self, LastView};
use super::shared::Shared;
use crate::cli::RunArgs;
use crate::environment;
use crate::report::{ago, clock, plural};

/// How long changes are gathered before a new snapshot is made of them: ten snapshots a second at most.
const GATHER: Duration = Duration::from_millis(100);
/// How long the watches may say nothing before the addresses of this host are compared again.
const LOOK: Duration = Duration::from_secs(2);
/// A snapshot remembers former addresses for a minute, and is made anew so that it forgets them.
const REFRESH: Duration = Duration::from_secs(60);
/// A view is kept when nothing has changed for so long since the first lists.
const SETTLED: Duration = Duration::from_secs(2);
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
    /// Returns where it is by these arguments, else as a pod has it; none where names come from elsewhere.
    pub(super) fn find(args: &RunArgs) -> Option<Access> {
        match (&args.services, &args.kubeconfig) {
            (Some(_), _) => None,
            (None, Some(path)) => Some(Access::Kubeconfig(path.clone())),
            (None, None) => environment::in_pod().then_some(Access::Pod),
        }
    }

    async fn open(&self) -> Result<ApiServer, KubernetesError> {
        match self {
            Access::Pod => ApiServer::from_service_account(),
            Access::Kubeconfig(path) => ApiServer::from_kubeconfig(path).await,
        }
    }
}

/// Keeps the directory in step with Kubernetes until the agent stops.
#[expect(clippy::disallowed_methods, reason = "tries again to make a client")]
pub(super) async fn follow(shared: Arc<Shared>, access: Access, node: String, state: PathBuf) {
    shared.view.expect();
    let mut follower = Follower::new(Arc::clone(&shared), node.clone(), state);
    follower.recall();
    let server = loop {
        match access.open().await {
            Ok(server) => break server,
            Err(error) => say(shared.view.fail_client(&error), &error),
        }
        tokio::time::sleep(RETRY).await;
    };
    shared.view.connect(server.clone(), node.clone());
    tracing::info!("Names come from Kubernetes at {}, for node {node}", server.address());
    let mut news = std::pin::pin!(server.watch(&node));
    while !follower.shared.ending.has_begun() {
        let wait = follower.wait();
        match timeout(wait, news.next()).await {
            Ok(Some(news)) => follower.take(news),
            Ok(None) => break,
            Err(_) => {}
        }
        follower.publish();
        follower.keep();
    }
}

struct Follower {
    shared: Arc<Shared>,
    cluster: Cluster,
    local: Arc<std::collections::HashSet<std::net::IpAddr>>,
    changed: bool,
    /// None before the first snapshot of what the API server sent.
    published: Option<Instant>,
    node: String,
    state: PathBuf,
    /// When the view was last kept on disk, and whether it was another one then.
    kept: Option<Instant>,
    behind: bool,
}

impl Follower {
    fn new(shared: Arc<Shared>, node: String, state: PathBuf) -> Follower {
        let local = Arc::clone(&shared.names.local());
        let (cluster, published, kept) = (Cluster::default(), None, None);
        Follower { shared, cluster, local, changed: false, published, node, state, kept, behind: false }
    }

    /// Names servers by the view that was kept, until there is another.
    fn recall(&mut self) {
        let Some(view) = LastView::read(&self.state, &self.node) else { return };
        let (services, pods) = view.cluster.len();
        self.shared.set_directory(view.cluster.directory(&self.local));
        self.shared.view.recall(view.at(), (services, pods));
        tracing::info!(
            "Kubernetes: {}, {} on this node, as they were {}; nothing is pushed until the API server confirms it",
            plural(services, "Service"),
            plural(pods, "pod"),
            ago(Some(view.at()), clock())
        );
    }

    /// Keeps the view on disk, once a minute at most. The first one waits a moment: while the first lists come, memory is short.
    fn keep(&mut self) {
        let early = self.published.is_none_or(|first| self.kept.is_none() && first.elapsed() < SETTLED);
        if !self.behind || early || self.kept.is_some_and(|kept| kept.elapsed() < REFRESH) {
            return;
        }
        (self.behind, self.kept) = (false, Some(Instant::now()));
        let bytes = last_view::bytes(&self.node, clock(), &self.cluster);
        let state = self.state.clone();
        tokio::task::spawn_blocking(move || {
            if let Err(error) = bytes.and_then(|bytes| last_view::write(&state, &bytes)) {
                tracing::warn!("The view of Kubernetes cannot be kept in {}: {error}", state.display());
            }
        });
    }

    /// Returns how long to wait for more.
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
                if self.shared.view.follow(news.kind) {
                    tracing::info!("Kubernetes: {} are followed again", news.kind);
                }
            }
            Err(error) => say(self.shared.view.fail(news.kind, &error), &error),
        }
    }

    /// Puts a new snapshot in force when something has changed.
    fn publish(&mut self) {
        let local = Arc::clone(&self.shared.names.local());
        if local != self.local {
            self.local = local;
            self.changed = true;
        }
        let first = self.published.is_none();
        let age = self.published.map_or(REFRESH, |published| published.elapsed());
        // Before the first lists are complete every address would seem to have been given away.
        let complete = self.shared.view.settle(self.cluster.len());
        if !complete || !(self.changed && age >= GATHER || age >= REFRESH) {
            return;
        }
        let before = self.shared.names.directory();
        let directory = self.cluster.directory(&self.local).succeeding(&before, clock());
        self.shared.set_directory(directory);
        self.shared.view.publish(self.cluster.len());
        self.behind |= self.changed || first;
        (self.changed, self.published) = (false, Some(Instant::now()));
        if first {
            let (services, pods) = self.cluster.len();
            tracing::info!(
                "Kubernetes: {}, {} on this node",
                plural(services, "Service"),
                plural(pods, "pod")
            );
        }
    }
}

/// Says what is wrong, if it is news.
fn say(is_news: bool, error: &KubernetesError) {
    if is_news {
        tracing::error!("Kubernetes: {error}");
    }
}
