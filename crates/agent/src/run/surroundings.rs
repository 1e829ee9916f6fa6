//! What changes around the agent: the configuration file, the services file, the addresses of this host.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::shared::{Shared, lock};
use super::status;
use crate::config::{self, Config, Problem};

/// How often the surroundings are looked at. Reading a few KiB is cheaper than following the symbolic links that a
/// ConfigMap volume swaps, and sees every kind of change.
const INTERVAL: Duration = Duration::from_secs(2);
/// Errors that last are said again after this time.
const REMIND: Duration = Duration::from_secs(60);

/// Takes in changes until the agent stops, and repeats errors that last.
pub(super) async fn watch(shared: Arc<Shared>, config: PathBuf) {
    let mut last = None;
    let mut reminded = Instant::now();
    while !shared.stopping() {
        last = Some(look(&shared, &config, last.as_ref()));
        if reminded.elapsed() >= REMIND {
            reminded = Instant::now();
            remind(&shared);
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

/// What one look at the file gave.
type Read = Result<Config, Problem>;

/// Reads the surroundings once; what is new is put in force, and said.
pub(super) fn look(shared: &Shared, path: &Path, last: Option<&Read>) -> Read {
    match capture::local_addresses() {
        Ok(addresses) => {
            let addresses: HashSet<_> = addresses.into_iter().collect();
            if **shared.local.load() != addresses {
                shared.local.store(Arc::new(addresses));
            }
        }
        Err(error) => tracing::warn!("the addresses of this host cannot be read: {error}"),
    }
    let read = config::load(path);
    if Some(&read) == last {
        return read;
    }
    match &read {
        Ok(config) => {
            let first = !shared.config_read.swap(true, Ordering::Relaxed);
            if first || **shared.config.load() != *config {
                let verb = if first { "read" } else { "changed" };
                tracing::info!(
                    "Configuration {verb}: {} with {} mappings",
                    path.display(),
                    config.mappings.len()
                );
                config.problems.iter().for_each(Problem::log);
                warn_of_twins(shared, config);
                shared.config.store(Arc::new(config.clone()));
            }
            *lock(&shared.config_problem) = None;
        }
        Err(problem) => {
            problem.log();
            if shared.config_read.load(Ordering::Relaxed) {
                tracing::warn!("The last good configuration stays in force");
            }
            *lock(&shared.config_problem) = Some(problem.clone());
        }
    }
    read
}

/// Says which mappings by a bare name mean Services of several namespaces.
fn warn_of_twins(shared: &Shared, config: &Config) {
    let directory = shared.directory.load();
    for key in config.mappings.keys() {
        let twins: Vec<_> = directory.services().iter().filter(|service| service.name == key).collect();
        if let [first, second, ..] = twins[..] {
            tracing::warn!(
                "The mapping '{key}' means both {first} and {second}: to tell them apart, use '{first}' and '{second}' as keys"
            );
        }
    }
}

/// Says again what someone has to do something about.
fn remind(shared: &Shared) {
    let missing = lock(&shared.worker).missing.clone();
    for error in status::errors(shared, &missing) {
        tracing::error!("{error}");
    }
}
