//! An API server of Kubernetes for tests, in memory.
//!
//! Takes: the requests of real clients (kube, `kubectl`): discovery, get, list with selectors and pages, watch with
//! bookmarks, create, update, patch and delete, programs in pods. Gives: the answers and streams that Kubernetes documents, the faults that a
//! test switches on, and a record of what was asked. Never: runs controllers, admits or validates objects, merges lists
//! inside a patch.

mod answer;
mod discovery;
mod exec;
mod http;
mod programs;
mod selection;
mod shared;
mod store;
mod watch;

use std::net::SocketAddr;
use std::process::Output;
use std::sync::Arc;

use serde_json::Value;

pub use programs::Exec;
pub use shared::{Asked, Faults};
use shared::{Shared, lock};
use store::Resource;

/// A running server.
#[derive(Clone)]
pub struct ApiServer {
    shared: Arc<Shared>,
    address: SocketAddr,
}

impl ApiServer {
    /// Listens on this address; port 0 takes any free one. Serves until the runtime ends.
    ///
    /// # Errors
    /// The address cannot be used.
    pub async fn start(address: SocketAddr) -> std::io::Result<ApiServer> {
        let listener = tokio::net::TcpListener::bind(address).await?;
        let shared = Arc::new(Shared::default());
        let server = ApiServer { shared: Arc::clone(&shared), address: listener.local_addr()? };
        tokio::spawn(async move { axum::serve(listener, http::router(shared)).await });
        Ok(server)
    }

    /// Returns where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A kubeconfig file for it.
    #[must_use]
    pub fn kubeconfig(&self) -> String {
        format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: test\nclusters:\n- name: test\n  cluster: {{server: \"http://{}\"}}\ncontexts:\n- name: test\n  context: {{cluster: test, user: test}}\nusers:\n- name: test\n  user: {{}}\n",
            self.address
        )
    }

    /// Creates an object, or replaces it; it says itself what it is.
    ///
    /// # Panics
    /// It is of a kind that is not served.
    pub fn put(&self, object: Value) {
        let resource = Resource::of_object(&object).expect("a kind that is served");
        lock(&self.shared.store).put(resource, object);
        self.shared.changed.notify_waiters();
    }

    /// Deletes an object, if it is there.
    pub fn delete(&self, resource: &str, namespace: &str, name: &str) {
        if let Some(resource) = Resource::of_plural(resource) {
            lock(&self.shared.store).delete(resource, namespace, name);
            self.shared.changed.notify_waiters();
        }
    }

    /// An object.
    #[must_use]
    pub fn get(&self, resource: &str, namespace: &str, name: &str) -> Option<Value> {
        let resource = Resource::of_plural(resource)?;
        lock(&self.shared.store).get(resource, namespace, name).cloned()
    }

    /// Switches faults.
    pub fn set_faults(&self, faults: Faults) {
        *lock(&self.shared.faults) = faults;
    }

    /// Says what runs when a client starts a program in a pod (`pods/exec`); an error is why it cannot be started.
    pub fn set_programs(&self, programs: impl Fn(&Exec) -> Result<Output, String> + Send + Sync + 'static) {
        *lock(&self.shared.programs) = Some(Arc::new(programs));
    }

    /// Ends all watches that run now.
    pub fn disconnect(&self) {
        lock(&self.shared.store).generation += 1;
        self.shared.changed.notify_waiters();
    }

    /// Forgets all history: a watch that wants to go on from before gets 410 Gone.
    pub fn compact(&self) {
        lock(&self.shared.store).compact();
    }

    /// Returns what clients did so far.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        lock(&self.shared.asked).clone()
    }
}
