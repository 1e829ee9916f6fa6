//! Whose endpoint it is.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use identify::ServiceName;

/// Whose endpoint it is: a Service, or, where none could be named, an address (kept only in `replay`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Owner {
    /// A named Service.
    Service(Arc<ServiceName>),
    /// A server without a name.
    Address(SocketAddr),
}

impl Owner {
    /// The Service, if it has a name.
    #[must_use]
    pub fn service(&self) -> Option<&ServiceName> {
        match self {
            Owner::Service(name) => Some(name),
            Owner::Address(_) => None,
        }
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Owner::Service(name) => name.fmt(f),
            Owner::Address(address) => address.fmt(f),
        }
    }
}
