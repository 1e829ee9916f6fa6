//! Why something is, or is not, on the platform.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use decode::Timestamp;
use identify::{Answer, Directory, ServiceName};
use inventory::{Instance, Inventory};
use redact::printable;
use serde::{Deserialize, Serialize};

use super::{errors, tls};
use crate::report::{Row, clock, explained};
use crate::run::nameless::{Nameless, both};
use crate::run::shared::Shared;

/// The most endpoints that an answer has.
const MAX_ROWS: usize = 1_000;

/// The most of them with schemas of what they take and give.
const MAX_SHAPED: usize = 32;

/// The answer.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Explanation {
    /// The endpoints that were meant.
    pub(crate) endpoints: Vec<Row>,
    /// What else has to do with it.
    pub(crate) notes: Vec<String>,
    /// Whether anything is known of it.
    #[serde(default)]
    pub(crate) found: bool,
}

impl Explanation {
    /// What an inventory says of these subjects, which are names for the same.
    pub(crate) fn of<'a>(
        inventory: &Inventory,
        subjects: impl Iterator<Item = &'a str> + Clone,
        now: Timestamp,
        instance_of: impl Fn(&ServiceName) -> Option<Instance>,
    ) -> Explanation {
        let found = subjects.clone().flat_map(|subject| inventory.find(subject)).take(MAX_ROWS).enumerate();
        let endpoints: Vec<_> = found
            .map(|(number, endpoint)| {
                let row = Row::explained(inventory, endpoint, now, &instance_of);
                if number < MAX_SHAPED { row.with_shapes(endpoint) } else { row }
            })
            .collect();
        let others = subjects.flat_map(|subject| inventory.other_methods(subject));
        let others: Vec<_> = others.map(|method| printable(method.as_bytes()).into_owned()).collect();
        let note = format!("other methods that were seen at this path: {}", others.join(", "));
        let notes = (!others.is_empty()).then_some(note).into_iter().collect();
        Explanation { found: !endpoints.is_empty(), endpoints, notes }
    }

    /// Looks for an answer.
    pub(in crate::run) fn find(shared: &Shared, subject: &str) -> Explanation {
        let now = clock();
        let services = services_at(&shared.names.directory(), subject, now);
        let names: Vec<String> = services.iter().map(ToString::to_string).collect();
        let subjects = std::iter::once(subject).chain(names.iter().map(String::as_str));
        let Explanation { endpoints, mut notes, mut found } = shared
            .learned
            .read(|inventory| Explanation::of(inventory, subjects, now, shared.names.instance_of()));
        let before = notes.len();
        notes.extend(services.iter().map(|service| belongs(shared, subject, service)));
        let worker = shared.capture.report();
        for (server, requests) in worker.coverage.nameless_servers() {
            if server.to_string() == subject || server.ip().to_string() == subject {
                notes.push(format!(
                    "{server} had {requests} requests; {}",
                    Nameless::of(shared, server).says()
                ));
            }
        }
        notes.extend(unselected(&shared.names.directory(), subject));
        for (several, requests) in worker.coverage.ambiguous() {
            let is_meant = |service: &Arc<ServiceName>| {
                let name = service.to_string();
                name == subject || service.name == subject || names.contains(&name)
            };
            if several.iter().any(is_meant) {
                notes.push(format!("{requests} requests are ambiguous: {}", both(shared, several)));
            }
        }
        for (owner, tally) in worker.coverage.owners() {
            let name = owner.to_string();
            if name == subject || names.contains(&name) || name.ends_with(&format!("/{subject}")) {
                if tally.has_unreadable() {
                    notes.push(format!("{name} has connections that cannot be read: {tally}"));
                }
                notes.extend(tls::of_owner((owner, tally)).map(|line| format!("TLS: {line}")));
                notes.extend(tally.older().map(|older| format!("{name} has {older}")));
            }
        }
        notes.extend(tls::of_services(shared, |service| {
            let name = service.to_string();
            name == subject || service.name == subject || names.contains(&name)
        }));
        found |= notes.len() > before;
        notes.extend(errors::all(shared, &worker.missing));
        Explanation { endpoints, notes, found }
    }

    /// For people.
    pub(crate) fn text(&self) -> String {
        let mut text = explained(&self.endpoints, clock());
        if self.endpoints.is_empty() {
            text.push_str("No endpoint like this was seen. Was there a request since the agent started, to a Service that it knows (see `traffic-monitor status`)?\n");
        }
        for note in &self.notes {
            text.push_str(&format!("note: {note}\n"));
        }
        text
    }
}

/// The Services that have an address now, at any port if none is given; none when the subject is no address.
fn services_at(directory: &Directory, subject: &str, now: Timestamp) -> Vec<Arc<ServiceName>> {
    if let Ok(ip) = subject.parse::<IpAddr>() {
        return directory.services_at(ip);
    }
    match subject.parse::<SocketAddr>().map(|address| directory.identify(address, now, || None)) {
        Ok(Answer::Service(service, _)) => vec![service],
        Ok(Answer::Ambiguous(several)) => several,
        Ok(Answer::Unknown) | Err(_) => Vec::new(),
    }
}

/// Returns what is said of a pod of this node that no Service selects, by its name or address.
fn unselected(directory: &Directory, subject: &str) -> Option<String> {
    let ip = subject.parse().or_else(|_| subject.parse::<SocketAddr>().map(|address| address.ip()));
    let pod = match ip {
        Ok(ip) => &**directory.unselected(ip)?,
        Err(_) => directory
            .all_unselected()
            .into_iter()
            .find(|pod| *pod == subject || pod.rsplit('/').next() == Some(subject))?,
    };
    Some(format!(
        "pod {pod} is on this node, and no Service selects it: its endpoints have no name, and are not kept"
    ))
}

/// Returns whose an address is, and where that Service goes.
fn belongs(shared: &Shared, subject: &str, service: &ServiceName) -> String {
    let place = match shared.names.mappings().find(service) {
        Some(ids) => format!("is mapped to application {} instance {}", ids.app, ids.instance),
        None => "has no mapping".to_owned(),
    };
    format!("{subject} is an address of {service}, which {place}")
}

#[cfg(test)]
mod tests {
    use identify::Entry;

    use super::*;

    #[test]
    fn an_address_means_the_services_that_have_it() {
        let entry = |name: &str, ip: &str, port| Entry {
            service: ServiceName { namespace: "shop".into(), name: name.into() },
            addresses: vec![(ip.parse().unwrap(), port)],
            virtual_addresses: vec!["10.96.0.7:80".parse().unwrap()],
            ..Entry::default()
        };
        let directory = Directory::new([
            entry("cart", "10.0.0.2", Some(8080)),
            entry("pay", "fd00::3", None),
            entry("twin", "10.0.0.2", Some(8080)),
        ]);
        let at = |subject: &str| {
            let names = services_at(&directory, subject, Timestamp::EPOCH);
            names.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(at("10.0.0.2:8080"), "shop/cart shop/twin");
        assert_eq!(at("[fd00::3]:443"), "shop/pay");
        assert_eq!(at("fd00::3"), "shop/pay");
        assert_eq!(at("10.96.0.7:80"), "shop/cart shop/pay shop/twin", "a virtual one");
        assert_eq!(at("10.0.0.2"), "shop/cart shop/twin", "at any port");
        assert_eq!(at("10.96.0.7"), "shop/cart shop/pay shop/twin");
        for none in ["10.0.0.2:1", "10.0.0.3", "/cart", "cart", ""] {
            assert_eq!(at(none), "", "{none}");
        }
    }
}
