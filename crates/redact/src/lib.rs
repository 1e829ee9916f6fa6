//! Exchanges as captured to the only form that may leave the capture thread.
//!
//! Takes: [`http::Exchange`]s and whose they are. Gives: what is new ([`Known`]) as [`RedactedExchange`]s, and bodies as
//! examples. Never: lets a secret value through, or looks at the network, the disk or a clock.

#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::unwrap_used))]

mod body;
#[cfg(feature = "by-hand")]
pub mod by_hand;
mod calls;
#[cfg(test)]
mod captured;
mod classify;
mod descriptors;
pub mod document;
mod escape;
mod known;
mod media;
mod method;
mod noise;
mod novelty;
mod owner;
mod redacted;
mod redactor;
mod rpc;
mod sealed;
mod template;

pub use calls::Calls;
pub use descriptors::{Descriptors, MAX_DESCRIPTOR_BYTES, NoDescriptorSet};
pub use escape::{PRINTABLE_CHARS, printable};
pub use http::MAX_METHOD;
pub use known::{Known, Look};
pub use noise::noise;
pub use novelty::{Fingerprint, Novelty, Repeats};
pub use owner::Owner;
pub use redacted::{OpenedBody, RedactedBody, RedactedExchange, Unopened};
pub use redactor::{Examples, Redactor, Shown};
