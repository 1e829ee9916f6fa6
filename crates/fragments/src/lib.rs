//! From fragments of IP packets to whole packets.
//!
//! Takes [`decode::Fragment`]s and returns a packet once all of its parts are there. Overlaps are treated as RFC 5722 and
//! RFC 8200, section 4.5 say, for IPv4 too: a packet of which two parts differ in their place, or in what they say of its
//! length, is given up with all that comes of it. The same part again is passed over. What is kept is bounded, and the
//! oldest goes first. Does no I/O and reads no clock: time comes in with the fragments.
//!
//! ```
//! use decode::{Fragment, FragmentedPacket, Timestamp};
//! use traffic_monitor_fragments::Fragments;
//!
//! let packet = FragmentedPacket {
//!     interface: 1,
//!     source: [10, 0, 0, 1].into(),
//!     destination: [10, 0, 0, 2].into(),
//!     id: 7,
//!     protocol: 6,
//! };
//! let part = |offset, more, bytes: &'static [u8]| Fragment { packet, offset, more, bytes, len: bytes.len() as u32 };
//! let (mut fragments, time) = (Fragments::default(), Timestamp::from_secs(1_760_000_000));
//! assert!(fragments.add(&part(8, false, b"last"), time).is_none());
//! let whole = fragments.add(&part(0, true, b"eight by"), time).unwrap();
//! assert_eq!((&whole.bytes[20..], whole.fragments), (&b"eight bylast"[..], 2));
//! ```
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::unwrap_used))]

mod parts;

use std::collections::VecDeque;
use std::net::IpAddr;
use std::time::Duration;

use decode::{Fragment, FragmentedPacket, Timestamp};

use parts::{Added, Parts, digest};

/// Memory for parts of packets: a hundred packets of ten kilobytes, of which a part was lost.
pub const MEMORY: usize = 1 << 20;
/// Packets of which something is remembered, which are looked through for each fragment.
const PACKETS: usize = 256;
/// How long the parts of a packet are waited for. They follow each other on the wire: what did not come by then was
/// lost, and streams are not waited for longer either.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long a packet that became whole is remembered: the same parts are often captured twice.
const REMEMBER: Duration = Duration::from_millis(200);

/// Packets of which parts are there.
#[derive(Debug, Default)]
pub struct Fragments {
    /// The oldest first.
    packets: VecDeque<Packet>,
    /// The bytes of memory behind them.
    held: usize,
}

/// A packet that is whole.
#[derive(Debug)]
pub struct Whole {
    /// It with an IP header, as short as can be.
    pub bytes: Vec<u8>,
    /// How many fragments it was.
    pub fragments: u64,
    /// Where they were captured ([`FragmentedPacket::interface`]).
    pub interface: u32,
}

#[derive(Debug)]
struct Packet {
    of: FragmentedPacket,
    since: Timestamp,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Parts of it are missing.
    Open(Parts),
    /// It was whole, and had these parts ([`digest`]).
    Whole(Vec<u64>),
    /// Its parts contradict each other: none of them counts.
    Refused,
}

impl Packet {
    fn memory(&self) -> usize {
        match &self.state {
            State::Open(parts) => parts.memory(),
            State::Whole(parts) => parts.capacity() * size_of::<u64>(),
            State::Refused => 0,
        }
    }

    fn is_over(&self, now: Timestamp) -> bool {
        let time = if matches!(self.state, State::Whole(_)) { REMEMBER } else { PATIENCE };
        self.since.abs_diff(now) >= time
    }
}

/// In IPv6 the protocol is no part of what tells packets apart (RFC 8200, section 4.5).
fn is_same(one: &FragmentedPacket, other: &FragmentedPacket) -> bool {
    let protocol = if one.source.is_ipv6() { one.protocol } else { other.protocol };
    *one == FragmentedPacket { protocol, ..*other }
}

impl Fragments {
    /// Takes a fragment that was captured at `time`. Returns the packet that it completes.
    pub fn add(&mut self, fragment: &Fragment<'_>, time: Timestamp) -> Option<Whole> {
        // What the capture cut cannot be put together.
        if fragment.bytes.len() != fragment.len as usize {
            return None;
        }
        self.forget(time);
        let at = self.packets.iter().rposition(|packet| is_same(&packet.of, &fragment.packet));
        let at = at.unwrap_or_else(|| self.begin(fragment.packet, time));
        let packet = self.packets.get_mut(at)?;
        let before = packet.memory();
        let whole = add(packet, fragment, time);
        self.held = self.held - before + packet.memory();
        while self.held > MEMORY {
            self.drop_first();
        }
        whole
    }

    /// Returns the bytes of memory behind it: at most [`MEMORY`] and 64 KiB.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.held + self.packets.capacity() * size_of::<Packet>()
    }

    fn begin(&mut self, of: FragmentedPacket, since: Timestamp) -> usize {
        if self.packets.len() >= PACKETS {
            self.drop_first();
        }
        self.packets.push_back(Packet { of, since, state: State::Open(Parts::default()) });
        self.packets.len() - 1
    }

    /// Forgets what is too old.
    fn forget(&mut self, now: Timestamp) {
        let held = &mut self.held;
        self.packets.retain(|packet| {
            let stays = !packet.is_over(now);
            if !stays {
                *held -= packet.memory();
            }
            stays
        });
    }

    fn drop_first(&mut self) {
        if let Some(packet) = self.packets.pop_front() {
            self.held -= packet.memory();
        }
    }
}

/// Adds a part to its packet.
fn add(packet: &mut Packet, fragment: &Fragment<'_>, time: Timestamp) -> Option<Whole> {
    let parts = match &mut packet.state {
        State::Open(parts) => parts,
        State::Whole(parts) if parts.contains(&digest(fragment)) => return None,
        State::Refused => return None,
        // Another packet with the same number.
        State::Whole(_) => {
            (packet.state, packet.since) = (State::Open(Parts::default()), time);
            return add(packet, fragment, time);
        }
    };
    match parts.add(fragment, headroom(&packet.of)) {
        Added::More => None,
        Added::Contradicts => {
            packet.state = State::Refused;
            None
        }
        Added::Whole => {
            let whole = std::mem::take(parts).into_whole();
            (packet.state, packet.since) = (State::Whole(whole.parts), time);
            let (payload, protocol, fragments) = (whole.bytes, whole.protocol, whole.fragments);
            let bytes = with_header(&packet.of, protocol, &payload);
            Some(Whole { bytes, fragments, interface: packet.of.interface })
        }
    }
}

/// Returns the bytes that the length field of the packet counts beside what it carries.
fn headroom(packet: &FragmentedPacket) -> u32 {
    if packet.source.is_ipv4() { 20 } else { 0 }
}

/// Returns a packet that carries this, with the shortest header that it can have.
fn with_header(packet: &FragmentedPacket, protocol: u8, payload: &[u8]) -> Vec<u8> {
    let counted = payload.len() + headroom(packet) as usize;
    let [l0, l1] = u16::try_from(counted).unwrap_or(u16::MAX).to_be_bytes();
    let octets = |address: IpAddr| match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    };
    let header: &[u8] = match packet.source {
        IpAddr::V4(_) => &[0x45, 0, l0, l1, 0, 0, 0, 0, 64, protocol, 0, 0],
        IpAddr::V6(_) => &[0x60, 0, 0, 0, l0, l1, protocol, 64],
    };
    [header, &octets(packet.source), &octets(packet.destination), payload].concat()
}
