//! Exchanges to endpoints.
//!
//! Takes: [`redact::RedactedExchange`]s. Gives: endpoints (owner, method, path template and what was learned about them),
//! which of them are worth pushing, and a store that keeps both. Never: sees text as it was captured.

mod confirm;
mod delivery;
mod details;
mod endpoint;
mod fingerprints;
mod inventory;
mod learned;
mod outbox;
mod owners;
mod settings;
mod siblings;
mod state;
mod store;
#[cfg(test)]
mod testing;
mod texts;
mod totals;

pub use confirm::Counts;
pub use delivery::Delivery;
pub use details::{Details, Learned};
pub use endpoint::{Endpoint, Record};
pub use inventory::{FlushReport, Inventory, LoadReport, Outbox, OwnerCounts, Sighting};
pub use learned::LearnedMapping;
pub use outbox::{Believed, BodyExample, Checked, EndpointKey, Instance, Item, Outcome, Progress, Verdict};
pub use settings::Settings;
pub use state::State;
pub use store::{Options as StoreOptions, StoreStatus, Walk, walk_store};
pub use texts::{Pairs, Texts};
pub use totals::{Totals, Unrecorded, Worth};
