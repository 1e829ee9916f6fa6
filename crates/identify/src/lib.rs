//! Whose request is it: addresses and `Host` to the Kubernetes Service that was asked.
//!
//! Takes: the server's address, the `Host`, and what is known about Services (a file now, Kubernetes later). Gives:
//! the [`ServiceName`] with the [`Evidence`] for it. Never: makes a packet wait; what is known is an immutable
//! snapshot.

mod service;

pub use service::{Answer, Evidence, ServiceName};
