//! A stand-in for the platform: all calls that the monitor makes, with state, for the demo and the tests.
//!
//! It is a strict server: it takes what the platform takes, and writes down as a [`Violation`] whatever a client does
//! that the contract does not allow, even where the call succeeds. It keeps the last requests as they came
//! ([`Recorded`]), misbehaves on demand ([`Fault`]), and shows on a page at `/` what it knows. `/control` does the same
//! for programs; page and control answer only a peer on loopback that asks for a loopback name.
//!
//! The order of a request: `server` (connection) → `api::gate` (records it, checks key and headers, applies faults) →
//! one of the call groups in `api` → `state`.

mod api;
mod contract;
mod control;
mod faults;
mod journal;
mod matching;
mod server;
mod shown;
mod state;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use api::Call;
pub use faults::{Action, AnswerBody, Fault};
pub use journal::{Recorded, Violation};
pub use state::{BodyExample, Endpoint, Limits};

use faults::Faults;
use journal::Journal;
use state::{Added, State};

/// What the stand-in platform starts with. It has no `Debug`, because it holds the key.
pub struct Settings {
    /// Where to listen; port 0 takes any free one.
    pub address: SocketAddr,
    /// The only bearer token that is let in; `None` lets in any that is not empty.
    pub key: Option<String>,
    /// The applications that are there from the beginning.
    pub applications: Vec<Preset>,
    /// How much it keeps.
    pub limits: Limits,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            key: None,
            applications: Vec::new(),
            limits: Limits::default(),
        }
    }
}

/// An application that is there from the beginning. Several with the same `app_id` are one application with several
/// instances, under the first name.
#[derive(Clone, Debug)]
pub struct Preset {
    /// `applicationId`.
    pub app_id: String,
    /// `applicationName`.
    pub name: String,
    /// `instanceId`, or `None` for an application that has no instance yet.
    pub instance_id: Option<String>,
}

/// All that the requests share.
struct Shared {
    key: Mutex<Option<String>>,
    state: Mutex<State>,
    faults: Mutex<Faults>,
    journal: Mutex<Journal>,
}

/// Locks `mutex`. A panic elsewhere does not matter here: each change is made in one piece.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts the stand-in platform on the current tokio runtime. It prints and logs nothing.
///
/// # Errors
/// When the address cannot be bound.
pub async fn start(settings: Settings) -> io::Result<Running> {
    let listener = TcpListener::bind(settings.address).await?;
    let address = listener.local_addr()?;
    let shared = Arc::new(Shared {
        key: Mutex::new(settings.key),
        state: Mutex::new(State::new(&settings.applications, settings.limits)),
        faults: Mutex::new(Faults::default()),
        journal: Mutex::new(Journal::default()),
    });
    let task = tokio::spawn(server::serve(listener, Arc::clone(&shared)));
    Ok(Running { address, shared, task })
}

/// A stand-in platform that runs until this is dropped.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl Running {
    /// The base URL of the API, and the address of the page.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stops it: the port is closed and every connection broken off when this returns.
    pub async fn shutdown(mut self) {
        self.task.abort();
        // The only error is the cancellation that was just asked for.
        let _ = (&mut self.task).await;
    }

    /// The last API requests, oldest first. The key in `authorization` is replaced by its length.
    pub fn recorded(&self) -> Vec<Recorded> {
        lock(&self.shared.journal).recorded()
    }

    /// Forgets the recorded requests and the violations.
    pub fn clear_recorded(&self) {
        lock(&self.shared.journal).clear();
    }

    /// What clients did against the contract, oldest first; the first thousand at most.
    pub fn violations(&self) -> Vec<Violation> {
        lock(&self.shared.journal).violations()
    }

    /// Replaces all faults. `seed` makes those with a probability repeat.
    pub fn set_faults(&self, faults: Vec<Fault>, seed: u64) {
        lock(&self.shared.faults).set(faults, seed);
    }

    /// Replaces the key that is let in; `None` lets in any that is not empty.
    pub fn set_key(&self, key: Option<String>) {
        *lock(&self.shared.key) = key;
    }

    /// The endpoints of an instance with all that was committed to them, in the order of their arrival; empty when
    /// there is no such instance.
    pub fn listing(&self, app: &str, instance: &str) -> Vec<Endpoint> {
        lock(&self.shared.state).endpoints(app, instance)
    }

    /// Adds an endpoint as the platform's own users would. Gives whether it was stored: not when it is there already,
    /// the instance is unknown or full.
    pub fn add(&self, app: &str, instance: &str, method: &str, path: &str) -> bool {
        lock(&self.shared.state).add(app, instance, method, path, "") == Added::Stored
    }

    /// Removes an endpoint as the platform's own users would. Gives whether it was there.
    pub fn remove(&self, app: &str, instance: &str, method: &str, path: &str) -> bool {
        lock(&self.shared.state).remove(app, instance, method, path)
    }

    /// Each application's id, its name and the ids of its instances.
    pub fn applications(&self) -> Vec<(String, String, Vec<String>)> {
        let state = lock(&self.shared.state);
        let instances = |app: &state::Application| app.instances.iter().map(|i| i.id.clone()).collect();
        state.applications.iter().map(|app| (app.id.clone(), app.name.clone(), instances(app))).collect()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[cfg(test)]
mod tests;
