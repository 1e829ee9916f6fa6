//! A stand-in for the APISec platform: all calls that the monitor makes, with state, for the demo and the tests.
//!
//! It is a strict server. It takes what the platform takes, and notes as a [`Violation`] whatever a client does that the
//! contract does not allow, even where the call succeeds. It keeps the last requests as they came ([`Recorded`]),
//! misbehaves on demand ([`Fault`]), and shows on a page at `/` what it knows. `/control` does the same for programs. Page
//! and control answer only a peer on loopback that asks for a loopback name.
//!
//! It shares no code with the client that it judges.
//!
//! ```
//! use traffic_monitor_stand_in::{Action, Call, Fault, Preset, Settings, start};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! let cart = Preset { app_id: "a".into(), name: "cart".into(), instance_id: Some("i".into()) };
//! let stand_in = start(Settings { applications: vec![cart], ..Settings::default() }).await?;
//! println!("the base URL is {}", stand_in.url());
//!
//! stand_in.set_faults(vec![Fault::times(Call::Add, Action::ResetAfter, 2)], 0);
//! assert!(stand_in.add("a", "i", "GET", "/items/{id}"));
//! assert_eq!(stand_in.listing("a", "i")[0].path, "/items/{id}");
//! assert!(stand_in.violations().is_empty());
//! stand_in.shutdown().await;
//! # std::io::Result::Ok(())
//! # })?;
//! # std::io::Result::Ok(())
//! ```
//!
//! The order of a request: `server` (connection) → `api::gate` (records it, checks key and headers, applies faults) →
//! one of the call groups in `api` → `state`.

#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::unwrap_used))]

mod api;
mod call;
mod connection;
mod contract;
mod control;
mod faults;
mod journal;
mod matching;
mod refusal;
mod server;
mod shared;
mod shown;
mod state;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use call::Call;
pub use faults::{Action, AnswerBody, Fault};
pub use journal::{Recorded, Violation};
pub use state::{BodyExample, Endpoint, Limits, Preset};

use faults::Faults;
use journal::Journal;
use shared::{Shared, lock};
use state::{Added, State};

/// The settings of a stand-in platform. They have no `Debug`, because they hold the key.
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
    /// Returns the base URL of the API, which is also the address of the page.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stops it. When this returns, the port is closed and every connection is broken off.
    pub async fn shutdown(mut self) {
        self.task.abort();
        // The only error is the cancellation that was just asked for.
        let _ = (&mut self.task).await;
    }

    /// Returns the last API requests, oldest first. The key in `authorization` is replaced by its length.
    pub fn recorded(&self) -> Vec<Recorded> {
        lock(&self.shared.journal).recorded()
    }

    /// Forgets the recorded requests and the violations.
    pub fn clear_recorded(&self) {
        lock(&self.shared.journal).clear();
    }

    /// Returns what clients did against the contract, oldest first; at most the first thousand.
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

    /// Returns the endpoints of an instance in the order of their arrival, with all that was committed to them; none if
    /// there is no such instance.
    pub fn listing(&self, app: &str, instance: &str) -> Vec<Endpoint> {
        lock(&self.shared.state).endpoints(app, instance)
    }

    /// Adds an endpoint as the platform's own users would. Returns whether it was stored: not if it is there already, or
    /// the instance is unknown or full.
    pub fn add(&self, app: &str, instance: &str, method: &str, path: &str) -> bool {
        lock(&self.shared.state).add(app, instance, method, path, "") == Added::Stored
    }

    /// Removes an endpoint as the platform's own users would. Returns whether it was there.
    pub fn remove(&self, app: &str, instance: &str, method: &str, path: &str) -> bool {
        lock(&self.shared.state).remove(app, instance, method, path)
    }

    /// Returns each application's id, its name and the ids of its instances.
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
