//! Which cgroups are captured.

use std::fs::File;
use std::io;
use std::net::IpAddr;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use aya::Ebpf;
use aya::programs::cgroup_skb::CgroupSkbLinkId;
use aya::programs::{CgroupAttachMode, CgroupSkb, CgroupSkbAttachType, ProgramError};

use super::SocketError;
use super::owners::{OwnedBy, Owners};
use super::targets::Targets;
use crate::secrets::Monitored;

/// The two places where a cgroup has programs, with the kernel's numbers for them (`enum bpf_attach_type`).
const PLACES: [(CgroupSkbAttachType, u32); 2] =
    [(CgroupSkbAttachType::Ingress, 0), (CgroupSkbAttachType::Egress, 1)];

/// Attaches the kernel's side to cgroups and detaches it. When this is dropped, or its process ends in whatever way,
/// nothing stays attached.
pub struct Attacher {
    loaded: Ebpf,
    programs: [&'static str; 2],
    targets: Targets,
    owners: Owners,
    monitored: Option<Monitored>,
}

/// A cgroup that is captured, for [`Attacher::detach`].
#[derive(Debug)]
pub struct Attached {
    links: [CgroupSkbLinkId; 2],
    inode: u64,
}

/// Whether secrets of TLS connections are taken from the processes of a cgroup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Secrets {
    Taken,
    Left,
}

impl Attacher {
    pub(super) fn new(loaded: Ebpf, owned_by: OwnedBy, targets: Targets, owners: Owners) -> Attacher {
        Attacher { loaded, programs: owned_by.programs(), targets, owners, monitored: None }
    }

    /// Lets secrets of TLS connections be taken from the processes of cgroups that are attached from now on.
    pub fn monitor(&mut self, monitored: Monitored) {
        self.monitored = Some(monitored);
    }

    /// Captures the sockets of a cgroup (a folder of a mounted `cgroup2`) and of all cgroups below it. Their packets carry
    /// `target`, which must not be 0. A cgroup below or above one that is attached would show its packets twice. For
    /// [`OwnedBy::Cgroup`] only.
    ///
    /// # Errors
    /// [`SocketError::NotACgroup`], or [`SocketError::Attach`]: it is gone, `CAP_NET_ADMIN` is missing.
    pub fn attach(&mut self, path: &Path, target: u32) -> Result<Attached, SocketError> {
        self.attach_as(path, Some(target), Secrets::Taken)
    }

    /// The same, and no secrets are taken from its processes.
    ///
    /// # Errors
    /// Those of [`Attacher::attach`].
    pub fn attach_without_secrets(&mut self, path: &Path, target: u32) -> Result<Attached, SocketError> {
        self.attach_as(path, Some(target), Secrets::Left)
    }

    /// Captures those sockets of a cgroup, the root of the tree say, whose addresses belong to someone ([`Attacher::own`]).
    /// Not for [`OwnedBy::Cgroup`].
    ///
    /// # Errors
    /// Those of [`Attacher::attach`].
    pub fn attach_owned(&mut self, path: &Path) -> Result<Attached, SocketError> {
        self.attach_as(path, None, Secrets::Left)
    }

    fn attach_as(
        &mut self,
        path: &Path,
        target: Option<u32>,
        secrets: Secrets,
    ) -> Result<Attached, SocketError> {
        let failed = |source| SocketError::Attach { path: path.to_owned(), source };
        let cgroup = File::open(path).map_err(failed)?;
        let inode = cgroup.metadata().map_err(failed)?.ino();
        let mut links = Vec::new();
        for (name, (place, number)) in self.programs.into_iter().zip(PLACES) {
            match self.attach_one(name, place, &cgroup) {
                Ok(link) => links.push(link),
                Err(source) => {
                    self.undo(links);
                    return Err(match source.raw_os_error() {
                        Some(libc::EBADF | libc::EINVAL) => SocketError::NotACgroup { path: path.to_owned() },
                        _ => failed(source),
                    });
                }
            }
            if let Some(target) = target
                && let Err(error) = self.targets.set(inode, number, target)
            {
                self.undo(links);
                return Err(failed(io::Error::other(error)));
            }
        }
        let Ok(links) = links.try_into() else { return Err(failed(io::ErrorKind::Other.into())) };
        if let (Some(monitored), Some(target), Secrets::Taken) = (&mut self.monitored, target, secrets) {
            monitored.add(inode, target);
        }
        Ok(Attached { links, inode })
    }

    /// Stops capturing a cgroup.
    pub fn detach(&mut self, attached: Attached) {
        if let Some(monitored) = &mut self.monitored {
            monitored.remove(attached.inode);
        }
        self.undo(attached.links);
    }

    /// Says that the sockets with this address are of this target, which must not be 0: where they are not told by their
    /// cgroups. With [`OwnedBy::Network`] those with loopback addresses are as well, in the network namespace where the
    /// address is seen from now on.
    ///
    /// # Errors
    /// The kernel's table is full (4,096 addresses), or `CAP_BPF` is missing.
    pub fn own(&mut self, address: IpAddr, target: u32) -> io::Result<()> {
        self.owners.set(address, Some(target))
    }

    /// Takes an address back from its target.
    pub fn disown(&mut self, address: IpAddr) {
        let _ = self.owners.set(address, None);
    }

    fn attach_one(
        &mut self,
        name: &str,
        place: CgroupSkbAttachType,
        cgroup: &File,
    ) -> io::Result<CgroupSkbLinkId> {
        let program: &mut CgroupSkb = self
            .loaded
            .program_mut(name)
            .and_then(|program| program.try_into().ok())
            .ok_or(io::ErrorKind::NotFound)?;
        // Links let other programs stand beside ours.
        program.attach(cgroup, place, CgroupAttachMode::Single).map_err(|error| match error {
            ProgramError::SyscallError(error) => error.io_error,
            error => io::Error::other(error),
        })
    }

    /// The links are in the order of the programs. That one is gone with its cgroup is no failure.
    fn undo(&mut self, links: impl IntoIterator<Item = CgroupSkbLinkId>) {
        for (name, link) in self.programs.into_iter().zip(links) {
            let program: Option<&mut CgroupSkb> =
                self.loaded.program_mut(name).and_then(|program| program.try_into().ok());
            if let Some(program) = program {
                let _ = program.detach(link);
            }
        }
    }
}
