//! Whose request is it: addresses and `Host` to the Kubernetes Service that was asked.
//!
//! Takes: the server's address, the `Host`, and what is known about Services, from a file ([`parse_services`]) or from
//! Kubernetes (Kubernetes, whose objects make a [`cluster`]). Gives: the [`ServiceName`] with the [`Evidence`] for
//! it. Never: makes a packet wait; what is known is an immutable snapshot ([`Directory`]) that is replaced as a whole.

pub mod cluster;
mod directory;
mod file;
mod history;
mod host;
mod pod;
mod service;

pub use directory::{Directory, Entry};
pub use file::{ServicesError, parse_services};
pub use pod::{LocalPod, PodServices};
pub use service::{Annotation, Answer, Evidence, ServiceName};
