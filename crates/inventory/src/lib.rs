//! Exchanges to endpoints.
//!
//! Takes: [`http::Exchange`]s with the owner that `identify` found. Gives: endpoints (owner, method, path template and
//! what was learned about them), which of them are worth pushing, and a store that keeps both. Never: lets a secret
//! value through. [`RedactedExchange`] is the only form in which captured text leaves the capture worker.

mod body;
mod calls;
#[cfg(test)]
mod captured;
mod confirm;
mod delivery;
mod descriptors;
mod details;
pub mod document;
mod endpoint;
mod escape;
mod fingerprints;
mod inventory;
mod known;
mod learned;
mod noise;
mod outbox;
mod owner;
mod owners;
mod redact;
mod redacted;
mod rpc;
mod settings;
mod siblings;
mod state;
mod store;
mod template;
#[cfg(test)]
mod testing;
mod texts;
mod totals;

pub use body::OpenedBody;
pub use calls::Calls;
pub use confirm::Counts;
pub use delivery::Delivery;
pub use descriptors::{Descriptors, MAX_DESCRIPTOR_BYTES, NoDescriptorSet};
pub use details::{Details, Learned};
pub use endpoint::{Endpoint, Record};
pub use escape::{PRINTABLE_CHARS, printable};
pub use inventory::{FlushReport, Inventory, LoadReport, Outbox, OwnerCounts, Sighting};
pub use known::{Known, Look};
pub use learned::LearnedMapping;
pub use noise::noise;
pub use outbox::{Believed, BodyExample, Checked, EndpointKey, Instance, Item, Outcome, Progress, Verdict};
pub use owner::Owner;
pub use redact::{Examples, Redactor, Shown};
pub use redacted::{Fingerprint, RedactedExchange, Repeats, SealedBody};
pub use settings::Settings;
pub use state::State;
pub use store::{Options as StoreOptions, StoreStatus, Walk, walk_store};
pub use texts::{Pairs, Texts};
pub use totals::{Totals, Unrecorded, Worth};
