//! What changes around the agent: the configuration file, the services file, the addresses of this host.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use identify::ServiceName;

use super::shared::{Shared, lock};
use super::{settings, status};
use crate::cli::ConfigArgs;
use crate::config::{self, Config, Problem};
use crate::report::clock;

/// How often the surroundings are looked at. Reading a few KiB is cheaper than following the symbolic links that a
/// ConfigMap volume swaps, and sees every kind of change.
const INTERVAL: Duration = Duration::from_secs(2);
/// How long before its expiry a key is warned of, in seconds.
const EXPIRES_SOON: u64 = 3_600;
/// What to do about a key that expires.
pub(super) const RENEW: &str = "run `traffic-monitor setup` (or the setup script) with a new one, then `kubectl apply -f configmap.yaml`";
/// Errors that last are said again after this time.
const REMIND: Duration = Duration::from_secs(60);

/// Takes in changes until the agent stops, and repeats errors that last.
#[expect(clippy::disallowed_methods, reason = "polls files and addresses")]
pub(super) async fn watch(shared: Arc<Shared>, args: ConfigArgs) {
    let (mut last, mut twins, mut warned) = (None, HashSet::new(), 0);
    let mut reminded = Instant::now();
    while !shared.stopping() {
        last = Some(look(&shared, &args, last.as_ref()));
        warn_of_twins(&shared, &mut twins);
        if reminded.elapsed() >= REMIND {
            reminded = Instant::now();
            remind(&shared);
        }
        warn_of_expiry(&shared, &mut warned);
        tokio::time::sleep(INTERVAL).await;
    }
}

/// What one look at the file gave.
type Read = Result<Config, Problem>;

/// Reads the surroundings once; what is new is put in force, and said.
pub(super) fn look(shared: &Shared, args: &ConfigArgs, last: Option<&Read>) -> Read {
    match capture::local_addresses() {
        Ok(addresses) => {
            let addresses: HashSet<_> = addresses.into_iter().collect();
            if **shared.local.load() != addresses {
                shared.local.store(Arc::new(addresses));
                shared.generations.changed();
            }
        }
        Err(error) => tracing::warn!("the addresses of this host cannot be read: {error}"),
    }
    let read = config::load(args);
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
                    config::path(args).display(),
                    config.mappings.len()
                );
                config.problems.iter().for_each(Problem::log);
                let late = settings::read_at_start(&shared.config.load().monitor, &config.monitor);
                if !first && !late.is_empty() {
                    tracing::warn!(
                        "monitor.{} is read at start: restart the pod for it to take effect",
                        late.join(", monitor.")
                    );
                }
                shared.set_config(config.clone());
            }
            *lock(&shared.config_problem) = None;
        }
        Err(problem) => {
            let mut known = lock(&shared.config_problem);
            // At the start it is looked twice.
            if known.as_ref() != Some(problem) {
                problem.log();
                if shared.config_read.load(Ordering::Relaxed) {
                    tracing::warn!("The last good configuration stays in force");
                }
                *known = Some(problem.clone());
            }
        }
    }
    read
}

/// Says, once, which mappings by a bare name mean Services of several namespaces.
fn warn_of_twins(shared: &Shared, said: &mut HashSet<String>) {
    let (directory, config) = (shared.directory.load(), shared.config.load());
    let keys: HashSet<_> = config.mappings.keys().collect();
    let mut named: HashMap<&str, Vec<&ServiceName>> = HashMap::new();
    for service in directory.services().iter().filter(|service| keys.contains(service.name.as_str())) {
        named.entry(&service.name).or_default().push(service);
    }
    for (key, services) in named {
        if let [first, second, ..] = services[..]
            && said.insert(key.to_owned())
        {
            tracing::warn!(
                "The mapping '{key}' means both {first} and {second}: to tell them apart, use '{first}' and '{second}' as keys"
            );
        }
    }
}

/// Says, once for each key, that it soon expires. `warned` is the expiry that was said.
fn warn_of_expiry(shared: &Shared, warned: &mut u64) {
    let at = shared.key_expiry.load(Ordering::Relaxed);
    let left = at.saturating_sub(clock() / 1_000_000_000);
    if at != *warned && (1..=EXPIRES_SOON).contains(&left) {
        *warned = at;
        tracing::warn!("The API key expires in {} min: {RENEW}", left / 60);
    }
}

/// Says again what someone has to do something about.
fn remind(shared: &Shared) {
    let missing = lock(&shared.worker).missing.clone();
    for error in status::errors(shared, &missing) {
        tracing::error!("{error}");
    }
}
