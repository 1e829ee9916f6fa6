//! What the tests of this crate share.

use std::sync::Arc;

use decode::Timestamp;
use identify::ServiceName;
use inventory::{Instance, Inventory, Item, Outcome, Sighting, Verdict};
use redact::by_hand;
use redact::{Fingerprint, OpenedBody, Owner};
use tempfile::TempDir;

use crate::KeptInventory;

/// A folder that is removed when it is dropped; in memory where there is such a place, since an fsync can be slow.
pub(crate) fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// So long a test waits for a disk; more than it ever takes.
pub(crate) const WAIT: std::time::Duration = std::time::Duration::from_secs(60);

/// One second, in the unit of all times here.
pub(crate) const SECOND: u64 = 1_000_000_000;

/// A Service in the namespace `shop`.
pub(crate) fn owner(name: &str) -> Owner {
    Owner::Service(Arc::new(ServiceName { namespace: "shop".into(), name: name.into() }))
}

/// An exchange as the redactor gives it, answered by 200. The fingerprint depends on all that identifies it.
pub(crate) fn exchange(service: &str, method: &str, template: &str, time: u64) -> by_hand::Exchange {
    by_hand::Exchange {
        fingerprint: fingerprint(&format!("{service} {method} {template}")),
        time: Timestamp::from_nanos(time),
        path_params: template
            .split('/')
            .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
            .map(|name| (name.to_owned(), "1".to_owned()))
            .collect(),
        headers: vec![("accept".into(), "*/*".into())],
        response_type: Some("application/json".into()),
        ..by_hand::Exchange::new(owner(service), method, template)
    }
}

/// A fingerprint that is the same in every run.
pub(crate) fn fingerprint(text: &str) -> Fingerprint {
    let crc = u64::from(crc32fast::hash(text.as_bytes()));
    by_hand::fingerprint(crc << 32 | u64::from(crc32fast::hash(format!("{text}.").as_bytes())))
}

/// Where all Services but `unmapped` go.
pub(crate) fn mapping(service: &ServiceName) -> Option<Instance> {
    (service.name != "unmapped")
        .then(|| Instance { app: "app".into(), instance: format!("{}-instance", service.name) })
}

/// Hands out everything that is due.
pub(crate) fn due(inventory: &mut Inventory, now: u64) -> Vec<Item> {
    inventory.due(now, mapping, usize::MAX).into_iter().flat_map(|(_, items)| items).collect()
}

/// The same as `GET /users`, in their order.
pub(crate) fn due_names(inventory: &mut Inventory, now: u64) -> Vec<String> {
    due(inventory, now).iter().map(|item| format!("{} {}", item.key.method, item.key.template)).collect()
}

/// The outcome of an item.
pub(crate) fn outcome(item: &Item, verdict: Verdict) -> Outcome {
    Outcome { key: item.key.clone(), revision: item.revision, progress: item.progress.clone(), verdict }
}

/// Pushes everything that is due; returns what it was.
pub(crate) fn push(inventory: &mut Inventory, now: u64) -> Vec<Item> {
    let items = due(inventory, now);
    for item in &items {
        inventory.conclude(outcome(item, Verdict::Pushed), now);
    }
    items
}

impl KeptInventory {
    /// Takes in an exchange without a body.
    pub(crate) fn see(&mut self, exchange: by_hand::Exchange) -> Sighting {
        self.observe(&exchange.into(), &OpenedBody::default())
    }
}
