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

    pub(super) fn set_mappings(&self, mappings: Mappings) {
        if **self.mappings.load() != mappings {
            self.mappings.store(Arc::new(mappings));
        }
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

    pub(in crate::run) fn set_local(&self, addresses: HashSet<IpAddr>) {
        if **self.local.load() != addresses {
            self.local.store(Arc::new(addresses));
        }
    }
}
