//! What is about to be written, and what to do with it then.

use std::time::SystemTime;

use super::draft::{Change, Draft, Form};
use super::file::Output;
use super::manifest::{NAMESPACE, SECRET};
use super::offers::Offers;
use super::page::{cut, put, say, warn};

/// How much of a name or id is shown, in columns.
const COLUMNS: usize = 64;
/// How many changes are listed; a person who reads on reads the file.
const CHANGES: usize = 40;

/// Shows what the file will say; of the key only its kind.
pub(super) fn show(draft: &Draft, offers: &Offers, form: Form, output: &Output) {
    put("");
    say(&format!("{} will hold:", output.shown));
    key(draft, form);
    say(&format!("  Platform: {}", cut(&draft.url(), COLUMNS)));
    mappings(draft, offers);
    for problem in draft.problems() {
        warn(&problem.to_string());
    }
}

fn key(draft: &Draft, form: Form) {
    let place = match form {
        Form::TwoDocuments => format!("in the Secret {SECRET}"),
        Form::OneDocument => "in the ConfigMap".to_owned(),
    };
    let now = SystemTime::now();
    match draft.key() {
        None => {
            say(&format!("  API key: none, to be put {place}"));
            warn("Without a key, endpoints are found and shown, but nothing is pushed.");
        }
        Some(key) => {
            let which = if draft.key_changed() { "a new one" } else { "the one it has" };
            say(&format!("  API key: {which}, {place}; {}", key.describe(now)));
            if let Some(text) = key.warning(now) {
                warn(text);
            }
        }
    }
}

fn mappings(draft: &Draft, offers: &Offers) {
    let (all, changes) = (draft.mappings(), draft.changes());
    let removed = changes.iter().filter(|(_, change)| *change == Change::Removed).count();
    let same = all.len() - (changes.len() - removed);
    say(&format!("  Services: {} ({same} as before)", all.len()));
    for (name, change) in changes.iter().take(CHANGES) {
        let sign = match change {
            Change::Added => '+',
            Change::Changed => '~',
            Change::Removed => '-',
        };
        put(&format!("    {sign} {}", cut(name, COLUMNS)));
        let Some(ids) = all.get(name) else { continue };
        let names = offers.names(ids).unwrap_or_default();
        put(&format!("        application {}{}", cut(&ids.app, COLUMNS), in_brackets(names.0)));
        put(&format!("        instance    {}{}", cut(&ids.instance, COLUMNS), in_brackets(names.1)));
    }
    if changes.len() > CHANGES {
        say(&format!("    ... and {} more changes", changes.len() - CHANGES));
    }
    if all.is_empty() {
        warn("No Service is mapped: endpoints are found and shown, but nothing is pushed.");
    }
}

fn in_brackets(name: &str) -> String {
    if name.is_empty() { String::new() } else { format!(" ({})", cut(name, 20)) }
}

/// Says what comes next.
pub(super) fn next(output: &Output, has_key: bool, leaves_secret: bool) {
    let file = &output.shown;
    put("");
    say(&format!("Wrote {file}.{}", if has_key { " It holds the API key: do not commit it." } else { "" }));
    put("\nNext:");
    put(&format!("  kubectl apply -f {file}"));
    put("  kubectl apply -f daemonset.yaml");
    put(&format!("  kubectl get pods -n {NAMESPACE} -l app=traffic-monitor -w"));
    if leaves_secret {
        put(&format!("  kubectl delete secret -n {NAMESPACE} {SECRET}"));
        say("The last one matters: as long as the Secret is there, its key is used.");
    }
    put("");
    say("Agents that run already take the change by themselves, once Kubernetes has passed it on to them.");
}
