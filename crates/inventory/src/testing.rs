//! What the tests of this crate share.

use std::sync::Arc;

use identify::ServiceName;
use redact::{Fingerprint, Owner, RedactedBody, RedactedExchange};
use tempfile::TempDir;

use crate::{Instance, Inventory, Item, Outcome, Verdict};

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
pub(crate) fn exchange(service: &str, method: &str, template: &str, time: u64) -> RedactedExchange {
    RedactedExchange {
        owner: owner(service),
        fingerprint: fingerprint(&format!("{service} {method} {template}")),
        time,
        method: method.into(),
        template: template.into(),
        path_params: template
            .split('/')
            .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
            .map(|name| (name.to_owned(), "1".to_owned()))
            .collect(),
        unsettled: false,
        query: Vec::new(),
        headers: vec![("accept".into(), "*/*".into())],
        request_type: None,
        response_type: Some("application/json".into()),
        status: Some(200),
        noise: None,
        calls: None,
        body: None,
    }
}

/// A fingerprint that is the same in every run.
pub(crate) fn fingerprint(text: &str) -> Fingerprint {
    let crc = u64::from(crc32fast::hash(text.as_bytes()));
    Fingerprint(crc << 32 | u64::from(crc32fast::hash(format!("{text}.").as_bytes())))
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

/// A body example with this content.
pub(crate) fn body(content: &str) -> RedactedBody {
    RedactedBody { content_type: "application/json".into(), content: content.into() }
}
