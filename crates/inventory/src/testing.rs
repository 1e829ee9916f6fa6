//! What tests need of endpoints, here and in the crates above.
//!
//! Only tests turn on the feature `by-hand` that has this for other crates; it makes redacted exchanges by hand.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use decode::Timestamp;
use identify::ServiceName;
use redact::by_hand;
use redact::{Fingerprint, OpenedBody, Owner};

use crate::{Instance, Inventory, Item, Outcome, Sighting, Verdict};

/// A point in time, so many seconds after the Unix epoch.
pub fn at(seconds: u64) -> Timestamp {
    Timestamp::from_secs(seconds)
}

/// A Service in the namespace `shop`.
pub fn owner(name: &str) -> Owner {
    Owner::Service(Arc::new(ServiceName { namespace: "shop".into(), name: name.into() }))
}

/// An exchange as the redactor gives it, answered by 200. The fingerprint depends on all that identifies it.
pub fn exchange(service: &str, method: &str, template: &str, time: Timestamp) -> by_hand::Exchange {
    by_hand::Exchange {
        fingerprint: fingerprint(&format!("{service} {method} {template}")),
        time,
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
pub fn fingerprint(text: &str) -> Fingerprint {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    by_hand::fingerprint(hasher.finish())
}

/// Returns where all Services but `unmapped` go.
pub fn mapping(service: &ServiceName) -> Option<Instance> {
    (service.name != "unmapped")
        .then(|| Instance { app: "app".into(), instance: format!("{}-instance", service.name) })
}

/// Hands out everything that is due.
pub fn due(inventory: &mut Inventory, now: Timestamp) -> Vec<Item> {
    inventory.due(now, mapping, usize::MAX).into_iter().flat_map(|(_, items)| items).collect()
}

/// The same as `GET /users`, in their order.
pub fn due_names(inventory: &mut Inventory, now: Timestamp) -> Vec<String> {
    due(inventory, now).iter().map(|item| format!("{} {}", item.key.method, item.key.template)).collect()
}

/// The outcome of an item.
pub fn outcome(item: &Item, verdict: Verdict) -> Outcome {
    Outcome {
        key: item.key.clone(),
        revision: item.revision,
        example: item.example,
        progress: item.progress.clone(),
        verdict,
    }
}

/// Pushes everything that is due; returns what it was.
pub fn push(inventory: &mut Inventory, now: Timestamp) -> Vec<Item> {
    let items = due(inventory, now);
    for item in &items {
        inventory.conclude(outcome(item, Verdict::Pushed), now);
    }
    items
}

/// A body whose example has this content, with these fields.
pub fn body(content: &str, fields: &[String]) -> OpenedBody {
    by_hand::opened(Some(content), fields)
}

impl Inventory {
    /// Takes in an exchange without a body.
    pub fn see(&mut self, exchange: by_hand::Exchange) -> Sighting {
        self.observe(&exchange.into(), &OpenedBody::default())
    }

    /// Takes in an exchange with JSON in its request and its answer, where they are not empty.
    pub fn see_shapes(&mut self, exchange: by_hand::Exchange, request: &str, answer: &str) -> Sighting {
        let mut exchange = exchange.into();
        let body = by_hand::with_bodies(&mut exchange, request, answer);
        self.observe(&exchange, &body)
    }

    /// Takes in an exchange with a body.
    pub fn see_body(&mut self, exchange: by_hand::Exchange, body: &OpenedBody) -> Sighting {
        self.observe(&exchange.into(), body)
    }
}
