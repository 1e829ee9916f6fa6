//! The kinds of objects that are read, and the rights that reading them takes.

use std::fmt;

/// What the agent must be allowed to do with each [`Kind`].
pub const VERBS: [&str; 2] = ["list", "watch"];

/// A kind of Kubernetes objects that the agent reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// All Services.
    Services,
    /// The pods of this node.
    Pods,
    /// The EndpointSlices that no selector made.
    EndpointSlices,
    /// All Endpoints, only where the API server is too old for EndpointSlices (before 1.21).
    Endpoints,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 4] = [Kind::Services, Kind::Pods, Kind::EndpointSlices, Kind::Endpoints];

    /// Returns the API group, which is empty for the core group.
    #[must_use]
    pub fn group(self) -> &'static str {
        match self {
            Kind::Services | Kind::Pods | Kind::Endpoints => "",
            Kind::EndpointSlices => "discovery.k8s.io",
        }
    }

    /// Returns the name of the resource, as in paths of the API and in roles.
    #[must_use]
    pub fn resource(self) -> &'static str {
        match self {
            Kind::Services => "services",
            Kind::Pods => "pods",
            Kind::EndpointSlices => "endpointslices",
            Kind::Endpoints => "endpoints",
        }
    }
}

impl fmt::Display for Kind {
    /// Writes the name of the resource.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.resource())
    }
}
