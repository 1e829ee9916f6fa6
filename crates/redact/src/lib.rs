//! Exchanges as captured to the only form that may leave the capture thread.
//!
//! Takes: [`http::Exchange`]s and whose they are. Gives: what is new ([`Known`]) as [`RedactedExchange`]s, and bodies as
//! examples. Never: lets a secret value through, or looks at the network, the disk or a clock.
//!
//! ```
//! use traffic_monitor_redact::document::{Document, Syntax};
//! use traffic_monitor_redact::{Examples, Redactor};
//!
//! let login = br#"{"active": true, "password": "hunter2"}"#;
//! let copy = Redactor::new(Examples::Redacted).copy(Document { syntax: Syntax::Json, bytes: login, whole: true });
//! assert_eq!(copy.as_deref(), Some(r#"{"active":true,"password":"1Fake1F"}"#));
//! ```

#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::unwrap_used))]

mod allowance;
pub mod auth;
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
mod files;
mod headers;
mod known;
mod media;
mod method;
mod noise;
mod novelty;
mod operations;
mod owner;
mod paths;
mod redacted;
mod redactor;
mod rpc;
mod says;
mod sealed;
mod shape;
mod signature;
#[cfg(test)]
mod spent;
mod template;

pub use calls::Calls;
pub use classify::{Label, Labels};
pub use descriptors::{Descriptors, MAX_DESCRIPTOR_BYTES, NoDescriptorSet};
pub use escape::{PRINTABLE_CHARS, printable};
pub use files::FILES;
pub use headers::is_common_header;
pub use http::MAX_METHOD;
pub use known::{Known, Look};
pub use noise::noise;
pub use novelty::{Fingerprint, Novelty, Repeats, Route};
pub use operations::{
    GivenUp, Operation, OperationKind, OperationOutcome, OperationProtocol, may_carry_operations,
};
pub use owner::Owner;
pub use paths::{Decided, NoPathRule, Pace, PathRule, Paths, StoredPaths, fitted, is_undecided, renamed};
pub use redacted::{OpenedBody, RedactedBody, RedactedExchange, Unopened};
pub use redactor::{Examples, Redactor, Shown, media_type};
pub use says::Says;
pub use shape::{Location, Parameter, Sampled, Shape, Shapes};
pub use signature::{Form, Signature};
