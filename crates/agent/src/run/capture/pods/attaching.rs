//! What opening capture at sockets hands on to those who follow the pods.

use std::path::PathBuf;

use capture::Attacher;

use super::given::Given;

/// What attaches cgroups, and what is attached from the beginning.
pub(in crate::run) struct Attaching {
    pub(in crate::run) attacher: Attacher,
    /// The cgroups that were named.
    pub(in crate::run) given: Given,
    /// How pods are found, if they are looked for.
    pub(in crate::run) pods: Option<Pods>,
}

/// How pods are found.
pub(in crate::run) enum Pods {
    /// By their cgroups, below this root.
    Cgroups(PathBuf),
    /// By their addresses: they have no cgroup of version 2, and the program stands at the root.
    Addresses,
}

impl Attaching {
    /// Returns what threads of the agent keep of its rights, for people.
    pub(in crate::run) fn keeps(&self) -> &'static str {
        match self.pods {
            Some(Pods::Addresses) => "BPF for the threads that capture and tell addresses",
            Some(Pods::Cgroups(_)) | None => {
                "BPF and NET_ADMIN for the threads that capture and attach cgroups"
            }
        }
    }
}
