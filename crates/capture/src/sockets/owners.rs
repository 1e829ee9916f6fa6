//! Whose sockets are, where the kernel's side cannot tell it by their cgroups.

use std::io;
use std::net::IpAddr;

use aya::maps::{HashMap, Map, MapData, MapError};

/// How the kernel's side tells whose a socket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnedBy {
    /// By its cgroup: each pod's is attached, and nobody else's packets cost anything.
    Cgroup,
    /// By its address; and where that is a loopback one, by the network namespace in which a pod's address was seen. For
    /// nodes whose pods have no cgroup of version 2: each packet of the node is looked at. Since Linux 6.15.
    Network,
    /// By its address only: what stays on the loopback of a pod is not seen.
    Address,
}

impl OwnedBy {
    /// Returns the names of the programs, for what comes in and for what goes out.
    pub(super) fn programs(self) -> [&'static str; 2] {
        match self {
            OwnedBy::Cgroup => ["incoming", "outgoing"],
            OwnedBy::Network => ["network_in", "network_out"],
            OwnedBy::Address => ["address_in", "address_out"],
        }
    }
}

/// The numbers of addresses, for `bpf/owners.h`.
pub(super) struct Owners(HashMap<MapData, [u8; 16], u32>);

impl Owners {
    pub(super) fn new(map: Map) -> Result<Owners, MapError> {
        HashMap::try_from(map).map(Owners)
    }

    /// Gives an address a number, or takes it away.
    pub(super) fn set(&mut self, address: IpAddr, number: Option<u32>) -> io::Result<()> {
        let key = key(address);
        match number {
            Some(number) => self.0.insert(key, number, 0).map_err(io::Error::other),
            // It may not have had one.
            None => self.0.remove(&key).or(Ok(())),
        }
    }
}

fn key(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
        IpAddr::V6(address) => address.octets(),
    }
}
