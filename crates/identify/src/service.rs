//! The name of a Service and the evidence for it.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The name of a Kubernetes Service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ServiceName {
    /// Its namespace; empty when only a bare `Host` named the Service.
    pub namespace: String,
    /// Its bare name.
    pub name: String,
}

impl fmt::Display for ServiceName {
    /// `namespace/name`; only the name where the namespace is not known.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.namespace.is_empty() {
            return f.write_str(&self.name);
        }
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

/// The place on the platform for the endpoints of a Service, from its annotations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Annotation {
    /// `apisec.ai/application-id`.
    pub application: String,
    /// `apisec.ai/instance-id`.
    pub instance: String,
}

/// The reason why a request belongs to a Service, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// The cgroup that owns the server's socket belongs to it.
    Cgroup,
    /// The server's address and port belong to it.
    Address,
    /// The server's address and port belong to several, and the `Host` names this one.
    AddressAndHost,
    /// The `Host` alone, under the rules that make that safe.
    Host,
}

impl Evidence {
    /// Returns the evidence as a word for tables.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Evidence::Cgroup => "cgroup",
            Evidence::Address => "address",
            Evidence::AddressAndHost => "address+host",
            Evidence::Host => "host",
        }
    }
}

/// Whose request it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// This Service, by this evidence.
    Service(Arc<ServiceName>, Evidence),
    /// Several Services share the address, and nothing decides between them. They stand in the order of their names.
    Ambiguous(Vec<Arc<ServiceName>>),
    /// Nothing names a Service.
    Unknown,
}
