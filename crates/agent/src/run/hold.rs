//! How the sockets of a pod are captured: at its cgroup; or, where pods have none of version 2, by its addresses.

use std::collections::HashMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use capture::{Attached, Attacher};
use identify::{Evidence, LocalPod};

use crate::cgroups::Tree;
use crate::failure::Failure;

/// How often the tree is looked through without an event: events may be lost.
const LOOK_ALL: Duration = Duration::from_secs(10);

/// Where the sockets of a pod are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In this cgroup.
    Cgroup(PathBuf),
    /// Wherever a socket has one of these addresses.
    Addresses(Vec<IpAddr>),
}

/// Where pods are found.
pub(super) enum Places {
    /// In the tree of cgroups, by UID.
    Cgroups { tree: Tree, there: HashMap<String, PathBuf>, looked: Instant },
    /// At the addresses that Kubernetes knows. The program stands at the root of the tree already.
    Addresses,
}

impl Places {
    /// Begins to follow the tree below this root, if there is one to follow.
    ///
    /// # Errors
    /// The system has no watch for it.
    pub(super) fn follow(root: Option<PathBuf>) -> std::io::Result<Places> {
        let Some(root) = root else { return Ok(Places::Addresses) };
        let tree = Tree::follow(&root)?;
        Ok(Places::Cgroups { there: tree.pods(), tree, looked: Instant::now() })
    }

    /// Waits until something may have changed, at most this long.
    pub(super) fn wait(&mut self, timeout: Duration) {
        match self {
            Places::Cgroups { tree, there, looked } => {
                if tree.wait(timeout) || looked.elapsed() >= LOOK_ALL {
                    *there = tree.pods();
                    *looked = Instant::now();
                }
            }
            Places::Addresses => std::thread::sleep(timeout),
        }
    }

    /// How pods are told.
    pub(super) fn evidence(&self) -> Evidence {
        match self {
            Places::Cgroups { .. } => Evidence::Cgroup,
            Places::Addresses => Evidence::Address,
        }
    }

    /// Where a pod is now; none when it is nowhere, or not yet.
    pub(super) fn of(&self, uid: &str, pod: &LocalPod) -> Option<Place> {
        match self {
            Places::Cgroups { there, .. } => there.get(uid).cloned().map(Place::Cgroup),
            Places::Addresses if pod.addresses.is_empty() => None,
            Places::Addresses => Some(Place::Addresses(pod.addresses.clone())),
        }
    }
}

/// A pod whose sockets are captured.
pub(super) struct Captured {
    /// What its packets carry.
    pub(super) number: u32,
    place: Place,
    attached: Option<Attached>,
}

impl Captured {
    /// Captures the sockets of a place under this number.
    ///
    /// # Errors
    /// The kernel cannot: the reason.
    pub(super) fn at(attacher: &mut Attacher, place: Place, number: u32) -> Result<Captured, Failure> {
        let attached = match &place {
            Place::Cgroup(path) => Some(attacher.attach(path, number)?),
            Place::Addresses(all) => {
                own(attacher, all, number)?;
                None
            }
        };
        Ok(Captured { number, place, attached })
    }

    /// Follows it to the place where it is now. Gives whether it could: a pod has one cgroup as long as it lives, and its
    /// addresses come and go.
    pub(super) fn follow(&mut self, attacher: &mut Attacher, to: &Place) -> bool {
        if self.place == *to {
            return true;
        }
        let (Place::Addresses(before), Place::Addresses(now)) = (&self.place, to) else { return false };
        if own(attacher, now, self.number).is_err() {
            return false;
        }
        before.iter().filter(|address| !now.contains(address)).for_each(|gone| attacher.disown(*gone));
        self.place = to.clone();
        true
    }

    /// Captures them no longer.
    pub(super) fn release(self, attacher: &mut Attacher) {
        if let Some(attached) = self.attached {
            attacher.detach(attached);
        }
        if let Place::Addresses(all) = self.place {
            all.into_iter().for_each(|address| attacher.disown(address));
            attacher.forget(self.number);
        }
    }
}

fn own(attacher: &mut Attacher, addresses: &[IpAddr], number: u32) -> Result<(), Failure> {
    addresses.iter().try_for_each(|address| {
        attacher.own(*address, number).map_err(|error| Failure::new(format!("{address}: {error}")))
    })
}
