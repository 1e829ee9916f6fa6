//! Exchanges to endpoints.
//!
//! Takes: [`http::Exchange`]s with the owner that `identify` found. Gives: endpoints (owner, method, path template and
//! what was learned about them), which of them are worth pushing, and a store that keeps both. Never: lets a secret
//! value through. [`RedactedExchange`] is the only form in which captured text leaves the capture worker.

mod outbox;
mod owner;
mod redacted;

pub use outbox::{BodyExample, EndpointKey, Instance, Item, Outcome, Progress, Verdict};
pub use owner::Owner;
pub use redacted::{Fingerprint, RedactedExchange, Repeats, SealedBody};
