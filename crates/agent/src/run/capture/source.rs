//! Where the frames of the agent come from.

use std::io;
use std::time::Duration;

use capture::{Poll, Ring, SocketCounts, Sockets, Statistics};
use decode::Frame;
use rustix::thread::CapabilitySet;

use super::rights;
use crate::pipeline::Spare;

/// Where the frames of the agent come from.
pub(in crate::run) enum Source {
    /// Interfaces.
    Packets(Ring),
    /// Sockets.
    Sockets(Box<Sockets>),
}

impl Source {
    pub(in crate::run) fn poll(
        &mut self,
        timeout: Duration,
        each: impl FnMut(Frame<'_>),
    ) -> io::Result<Poll> {
        match self {
            Source::Packets(ring) => ring.poll(timeout, each),
            Source::Sockets(sockets) => sockets.poll(timeout, each),
        }
    }

    /// The rights that it goes on to need: older kernels let nobody else write to the tables of a program.
    pub(in crate::run) fn rights(&self) -> CapabilitySet {
        match self {
            Source::Packets(_) => CapabilitySet::empty(),
            Source::Sockets(_) => rights::BPF,
        }
    }

    /// Tells it what it need not copy any more.
    pub(in crate::run) fn spare(&mut self, spare: Spare) {
        let Source::Sockets(sockets) = self else { return };
        match spare {
            Spare::Socket(cookie, why) => sockets.refuse(cookie, why),
            Spare::Until { cookie, outgoing, sequence } => sockets.skip(cookie, outgoing, sequence),
        }
    }

    pub(in crate::run) fn statistics(&mut self) -> Statistics {
        match self {
            Source::Packets(ring) => ring.statistics(),
            Source::Sockets(sockets) => sockets.statistics(),
        }
    }

    /// Returns what the kernel's side of capture at sockets has counted.
    pub(in crate::run) fn socket_counts(&self) -> Option<SocketCounts> {
        match self {
            Source::Packets(_) => None,
            Source::Sockets(sockets) => Some(sockets.counts()),
        }
    }

    /// The numbers of the interfaces that receive copies of other machines' traffic.
    pub(in crate::run) fn mirrors(&self) -> Vec<u32> {
        match self {
            Source::Packets(ring) => ring.mirrors(),
            Source::Sockets(_) => Vec::new(),
        }
    }

    /// The interfaces that were named and do not exist.
    pub(in crate::run) fn missing(&self) -> Vec<String> {
        match self {
            Source::Packets(ring) => ring.missing_interfaces(),
            Source::Sockets(_) => Vec::new(),
        }
    }
}
