//! Who the servers are: Services, where they go, and the addresses of this host. All of it are snapshots.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};
use identify::{Directory, ServiceName};
use inventory::Instance;

use crate::config::Mappings;

/// What is known about servers.
pub(in crate::run) struct Names {
    directory: ArcSwap<Directory>,
    mappings: ArcSwap<Mappings>,
    local: ArcSwap<HashSet<IpAddr>>,
}

impl Names {
    pub(super) fn new(directory: Directory) -> Names {
        let directory = ArcSwap::from_pointee(directory);
        Names { directory, mappings: ArcSwap::default(), local: ArcSwap::default() }
    }

    /// Returns what is known about Services.
    pub(in crate::run) fn directory(&self) -> Guard<Arc<Directory>> {
        self.directory.load()
    }

    pub(super) fn set_directory(&self, directory: Directory) {
        self.directory.store(Arc::new(directory));
    }

    /// Returns which Service goes where, by configuration, annotations and onboarding, in this order.
    pub(in crate::run) fn mappings(&self) -> Guard<Arc<Mappings>> {
        self.mappings.load()
    }

    /// Puts mappings in force. Returns whether they differ from those before.
    pub(super) fn set_mappings(&self, mappings: Mappings) -> bool {
        let differ = **self.mappings.load() != mappings;
        if differ {
            self.mappings.store(Arc::new(mappings));
        }
        differ
    }

    /// Returns where endpoints of a Service go now.
    pub(in crate::run) fn instance_of(&self) -> impl Fn(&ServiceName) -> Option<Instance> + use<> {
        let mappings = self.mappings.load_full();
        move |service| mappings.find(service).cloned()
    }

    /// Returns the addresses of this host.
    pub(in crate::run) fn local(&self) -> Guard<Arc<HashSet<IpAddr>>> {
        self.local.load()
    }

    /// Takes the addresses of this host. Returns whether they differ from those before.
    pub(in crate::run) fn set_local(&self, addresses: HashSet<IpAddr>) -> bool {
        let differ = **self.local.load() != addresses;
        if differ {
            self.local.store(Arc::new(addresses));
        }
        differ
    }
}
