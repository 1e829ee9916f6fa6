//! Whose the captured sockets are.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use identify::{Answer, Evidence, PodServices, ServiceName};

/// The owners of the cgroups that are captured, by the number with which they were attached. An immutable snapshot.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Targets(pub(crate) HashMap<u32, Target>);

/// The owner of a cgroup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// One Service, whatever port is asked: somebody said so.
    Service(Arc<ServiceName>),
    /// A pod, and how it was told. A port that none of its Services stands for belongs to none: so a side-car proxy's leg
    /// does not count beside the application's own exchange.
    Pod(PodServices, Evidence),
}

impl Targets {
    /// Returns how many were named by somebody.
    pub(crate) fn named(&self) -> usize {
        self.0.values().filter(|target| matches!(target, Target::Service(_))).count()
    }

    /// Names the Service that a request asked for at a socket of this target.
    pub(crate) fn identify<'h>(
        &self,
        target: u32,
        server: SocketAddr,
        host: impl FnOnce() -> Option<&'h [u8]>,
    ) -> Answer {
        match self.0.get(&target) {
            Some(Target::Service(service)) => Answer::Service(Arc::clone(service), Evidence::Cgroup),
            Some(Target::Pod(services, by)) => services.identify(server.port(), *by, host),
            None => Answer::Unknown,
        }
    }
}
