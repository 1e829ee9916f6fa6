//! Whose request is it: from addresses and `Host` to the Kubernetes Service that was asked.
//!
//! Takes: the server's address, the `Host`, and what is known about Services, from a file ([`parse_services`]) or from
//! Kubernetes, whose objects make a [`cluster::Cluster`]. Gives: the [`ServiceName`] with the [`Evidence`] for it. Never:
//! makes a packet wait, or asks anyone. What is known is an immutable snapshot ([`Directory`]), replaced as a whole; the
//! client that fills it is the crate `kubernetes`.
//!
//! ```
//! use decode::Timestamp;
//! use traffic_monitor_identify::{Answer, Directory, Evidence, parse_services};
//!
//! let services = "services: [{name: cart, namespace: shop, addresses: ['10.0.0.2:8080']}]";
//! let directory = Directory::new(parse_services(services)?);
//! let server = "10.0.0.2:8080".parse()?;
//! let Answer::Service(service, evidence) = directory.identify(server, Timestamp::EPOCH, || Some(b"any.host")) else {
//!     panic!("the address belongs to one Service");
//! };
//! assert_eq!((service.to_string().as_str(), evidence), ("shop/cart", Evidence::Address));
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::unwrap_used))]

mod choice;
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
