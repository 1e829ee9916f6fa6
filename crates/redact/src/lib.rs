//! Exchanges as captured to the only form that may leave the capture thread.
//!
//! Takes: [`http::Exchange`]s and whose they are. Gives: what is new ([`Known`]) as [`RedactedExchange`]s, and bodies as
//! examples. Never: lets a secret value through, or looks at the network, the disk or a clock.

mod body;
mod calls;
#[cfg(test)]
mod captured;
mod classify;
mod descriptors;
pub mod document;
mod escape;
mod known;
mod noise;
mod owner;
mod redacted;
mod redactor;
mod rpc;
mod template;

pub use body::OpenedBody;
pub use calls::Calls;
pub use descriptors::{Descriptors, MAX_DESCRIPTOR_BYTES, NoDescriptorSet};
pub use escape::{PRINTABLE_CHARS, printable};
pub use known::{Known, Look};
pub use noise::noise;
pub use owner::Owner;
pub use redacted::{Fingerprint, RedactedBody, RedactedExchange, Repeats, SealedBody};
pub use redactor::{Examples, Redactor, Shown};
