//! Secrets of TLS connections, from the processes at one of their ends (`bpf/secrets.c`).
//!
//! A TLS library hands each secret of a connection to one function of its own, whether or not anybody keeps a key log; or it has
//! one that expands secrets. A breakpoint there, in the private copy of one page that each process has, gives the secret; at some
//! calls of each handshake.
//! Nothing is done for a request, and nothing of the process is changed otherwise.
//!
//! Two processes have to do with it: one that finds and attaches ([`Probes`]), with the rights for it, and one that takes
//! secrets out of the ring ([`SecretRing`]) and says whose are wanted ([`Monitored`]). They share [`SharedMaps`].

mod bpf;
mod error;
mod image;
mod load;
mod mapping;
mod monitored;
mod point;
mod take;

use std::os::fd::OwnedFd;

pub use error::SecretsError;
pub use image::FileBytes;
pub use load::Probes;
pub use mapping::Mapping;
pub use monitored::Monitored;
pub use point::{Call, MOST_POINTS, Point};
pub use take::{SecretCounts, SecretRing, SecretTallies, Taken};

/// The maps of the kernel's side, for the process that takes the secrets.
#[derive(Debug)]
pub struct SharedMaps {
    /// The secrets.
    pub ring: OwnedFd,
    /// The cgroups whose processes are looked at.
    pub monitored: OwnedFd,
    /// What became of secrets.
    pub counts: OwnedFd,
    /// The places that are probed.
    pub points: OwnedFd,
}

#[cfg(test)]
mod header {
    //! `bpf/secrets.h`, for tests that compare it with what is written here.

    pub(super) fn text() -> &'static str {
        include_str!("../../../../bpf/secrets.h")
    }

    /// The number that a name stands for.
    pub(super) fn number(name: &str) -> usize {
        let line = text().lines().find_map(|line| line.strip_prefix(&format!("#define {name}"))).unwrap();
        line.split_whitespace().next().unwrap().parse().unwrap()
    }
}
