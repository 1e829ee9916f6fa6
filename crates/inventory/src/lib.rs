//! Redacted exchanges to endpoints.
//!
//! Takes: [`redact::RedactedExchange`]s. Gives: endpoints (owner, method, path template and what was learned about them),
//! which of them are worth pushing ([`Inventory::due`]), and what a store is to write ([`Inventory::hand_over`]). Never:
//! sees text as it was captured, does I/O, reads a clock.
//!
//! ```
//! use std::sync::Arc;
//!
//! use decode::Timestamp;
//! use identify::ServiceName;
//! use redact::{OpenedBody, Owner, by_hand};
//! use traffic_monitor_inventory::{Instance, Inventory, Settings};
//!
//! let cart = Arc::new(ServiceName { namespace: "shop".into(), name: "cart".into() });
//! let seen = by_hand::Exchange::new(Owner::Service(cart), "GET", "/users/{userId}");
//!
//! let mut inventory = Inventory::new(Settings::default());
//! let sighting = inventory.observe(&seen.into(), &OpenedBody::default());
//! assert!(sighting.new && sighting.hold.is_none());
//!
//! let instance = Instance { app: "app".into(), instance: "production".into() };
//! let due = inventory.due(Timestamp::EPOCH, |_| Some(instance.clone()), 10);
//! assert_eq!(due[0].1[0].key.template, "/users/{userId}");
//! ```

#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::unwrap_used))]

pub mod auth;
mod body;
mod confirm;
mod copied;
mod delivery;
mod details;
mod dropped;
mod endpoint;
mod evidence;
mod example;
mod finding;
mod fingerprints;
mod fnv;
mod given_up;
mod inventory;
mod learned;
mod names;
pub mod openapi;
mod operations;
mod outbox;
mod owners;
mod settings;
mod state;
mod stored;
#[cfg(any(test, feature = "by-hand"))]
pub mod testing;
mod texts;
mod totals;
mod unopened;
mod unrecorded;
mod walls;
mod wholes;
mod worth;

pub use confirm::Counts;
pub use delivery::Delivery;
pub use details::{Details, Learned};
pub use dropped::{Dropped, DroppedCounts};
pub use endpoint::{Endpoint, Record};
pub use evidence::Evidence;
pub use example::{Example, ExampleList};
pub use finding::{Finding, FindingKind, Observation, Severity};
pub use given_up::GivenUpCounts;
pub use inventory::{Change, Inventory, Outbox, OwnerCounts, Room, Sighting, Written};
pub use learned::LearnedMapping;
pub use operations::{OperationRecord, Operations};
pub use outbox::{Believed, BodyExample, Checked, EndpointKey, Instance, Item, Outcome, Progress, Verdict};
pub use settings::Settings;
pub use state::State;
pub use texts::{Pairs, Texts};
pub use totals::Totals;
pub use unopened::UnopenedCounts;
pub use unrecorded::{Unrecorded, UnrecordedCounts};
pub use wholes::in_whole_segments;
pub use worth::EvictedCounts;
