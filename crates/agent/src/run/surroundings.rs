//! What changes around the agent: the configuration file, the addresses of this host, the connections of this process.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use identify::ServiceName;

use super::push::key::RENEW;
use super::reminder::Reminder;
use super::settings;
use super::shared::Shared;
use crate::config::{self, Config, ConfigArgs, Problem};
use crate::report::plural;

/// How often the surroundings are looked at. Reading a few KiB is cheaper than following the symbolic links that a
/// ConfigMap volume swaps, and sees every kind of change.
const INTERVAL: Duration = Duration::from_secs(2);
/// How long before its expiry a key is warned of.
const EXPIRES_SOON: Duration = Duration::from_secs(3_600);

/// Takes in changes until the agent stops, and repeats errors that last.
#[expect(clippy::disallowed_methods, reason = "polls files and addresses")]
pub(super) async fn watch(shared: Arc<Shared>, args: ConfigArgs) {
    let (mut last, mut twins, mut warned) = (None, HashSet::new(), None);
    let mut reminder = Reminder::new();
    while !shared.ending.has_begun() {
        last = Some(look(&shared, &args, last.as_ref()));
        warn_of_twins(&shared, &mut twins);
        reminder.look(&shared);
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
            if shared.names.set_local(addresses.into_iter().collect()) {
                shared.generations.changed();
            }
        }
        Err(error) => tracing::warn!("the addresses of this host cannot be read: {error}"),
    }
    // The client of the platform tells of its own; of the others this is soon enough.
    shared.own.look();
    let read = config::load(args);
    if Some(&read) == last {
        return read;
    }
    match &read {
        Ok(config) => {
            let first = shared.config.note_read();
            if first || **shared.config.load() != *config {
                let verb = if first { "read" } else { "changed" };
                tracing::info!(
                    "Configuration {verb}: {} with {}",
                    args.path().display(),
                    plural(config.mappings.len(), "mapping")
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
            shared.config.clear_problem();
        }
        Err(problem) => {
            // At the start it is looked twice.
            if shared.config.set_problem(problem) {
                problem.log();
                if shared.config.was_read() {
                    tracing::warn!("The last good configuration stays in force");
                }
            }
        }
    }
    read
}

/// Says, once, which mappings by a bare name mean Services of several namespaces.
fn warn_of_twins(shared: &Shared, said: &mut HashSet<String>) {
    let (directory, config) = (shared.names.directory(), shared.config.load());
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
fn warn_of_expiry(shared: &Shared, warned: &mut Option<SystemTime>) {
    let Some(at) = shared.push.key_expiry().filter(|at| Some(*at) != *warned) else { return };
    if let Ok(left) = at.duration_since(SystemTime::now())
        && left <= EXPIRES_SOON
    {
        *warned = Some(at);
        tracing::warn!("The API key expires in {} min: {RENEW}", left.as_secs() / 60);
    }
}
