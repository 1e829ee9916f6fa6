//! The record that capture at sockets gives: one packet of one socket, as `bpf/record.h` lays it out.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The length of a record without its payload, in bytes.
pub const SOCKET_HEADER_BYTES: usize = 88;

/// The socket was fresh: nothing had been sent or received on it.
const FRESH: u8 = 1;
/// The packet shows another port than its socket has.
const REDIRECTED: u8 = 2;

const SYN: u8 = 0x02;
const ACK: u8 = 0x10;

/// The header before the payload in a frame of [`crate::LinkType::Socket`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SocketHeader {
    /// The cookie that the kernel gave the socket; at most 40 bits.
    pub cookie: u64,
    /// When the packet passed, in nanoseconds of `CLOCK_MONOTONIC`. It is no [`crate::Timestamp`]: that clock has another
    /// beginning.
    pub time: u64,
    /// The number of the cgroup, as it was attached.
    pub target: u32,
    /// The sequence number of the first byte, or of the SYN.
    pub sequence: u32,
    /// The acknowledgment number.
    pub acknowledgment: u32,
    /// The length of the payload that the packet had, in bytes.
    pub payload_len: u32,
    /// How many bytes of the payload follow.
    pub copied: u32,
    /// The control bits of the TCP header.
    pub tcp_flags: u8,
    /// Whether the socket sent it.
    pub outgoing: bool,
    /// The socket's own address.
    pub local: SocketAddr,
    /// The address of the other end.
    pub remote: SocketAddr,
    /// Whether the socket was fresh: nothing had been sent or received on it before this packet.
    pub fresh: bool,
    /// Whether netfilter redirects the connection to this socket: its packets show another port.
    pub redirected: bool,
    /// The sequence number of the first byte that the socket receives, of a fresh socket.
    pub start_in: u32,
    /// The sequence number of the first byte that the socket sends, of a fresh socket.
    pub start_out: u32,
}

impl SocketHeader {
    /// Reads the header at the beginning of a frame, and returns the payload that follows. `None` if the frame is too
    /// short for them.
    #[inline]
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<(SocketHeader, &[u8])> {
        let (head, rest) = bytes.split_first_chunk::<SOCKET_HEADER_BYTES>()?;
        let mut fields = Fields(head);
        // In the order of `struct record`.
        let cookie = u64::from_ne_bytes(fields.next()?);
        let time = u64::from_ne_bytes(fields.next()?);
        let [target, sequence, acknowledgment, payload_len, copied, start_in, start_out] =
            fields.numbers()?;
        let local_port = u16::from_ne_bytes(fields.next()?);
        let remote_port = u16::from_ne_bytes(fields.next()?);
        let [tcp_flags, outgoing, marks, family] = fields.next()?;
        let local = SocketAddr::new(address(family, fields.next()?), local_port);
        let remote = SocketAddr::new(address(family, fields.next()?), remote_port);
        let header = SocketHeader {
            cookie,
            time,
            target,
            sequence,
            acknowledgment,
            payload_len,
            copied,
            tcp_flags,
            outgoing: outgoing != 0,
            local,
            remote,
            fresh: marks & FRESH != 0,
            redirected: marks & REDIRECTED != 0,
            start_in,
            start_out,
        };
        Some((header, rest.get(..copied as usize)?))
    }

    /// Returns the header as [`SocketHeader::read`] reads it.
    #[must_use]
    pub fn write(&self) -> [u8; SOCKET_HEADER_BYTES] {
        let mark = |set, mark| if set { mark } else { 0 };
        let marks = mark(self.fresh, FRESH) | mark(self.redirected, REDIRECTED);
        let v6 = |ip: IpAddr| match ip {
            IpAddr::V4(ip) => ip.to_ipv6_mapped().octets(),
            IpAddr::V6(ip) => ip.octets(),
        };
        let fields = [
            &self.cookie.to_ne_bytes()[..],
            &self.time.to_ne_bytes(),
            &self.target.to_ne_bytes(),
            &self.sequence.to_ne_bytes(),
            &self.acknowledgment.to_ne_bytes(),
            &self.payload_len.to_ne_bytes(),
            &self.copied.to_ne_bytes(),
            &self.start_in.to_ne_bytes(),
            &self.start_out.to_ne_bytes(),
            &self.local.port().to_ne_bytes(),
            &self.remote.port().to_ne_bytes(),
            &[self.tcp_flags, u8::from(self.outgoing), marks, 6],
            &v6(self.local.ip()),
            &v6(self.remote.ip()),
        ];
        let mut head = [0; SOCKET_HEADER_BYTES];
        for (to, from) in head.iter_mut().zip(fields.into_iter().flatten()) {
            *to = *from;
        }
        head
    }

    /// Returns the SYN and its answer, of a connection of which this is the first packet. The handshake belonged to the
    /// listening socket.
    #[must_use]
    pub fn handshake(&self) -> Option<[SocketHeader; 2]> {
        self.fresh.then(|| self.opening(self.start_in, self.start_out))
    }

    /// Returns the SYN and its answer, of a connection that this packet from the client ended the handshake of. It brought
    /// data (`TCP_DEFER_ACCEPT`) and acknowledged the server's SYN, so it shows where both directions begin.
    #[must_use]
    pub fn handshake_of_early_data(&self) -> [SocketHeader; 2] {
        self.opening(self.sequence, self.acknowledgment)
    }

    /// Returns the SYN and its answer, by the numbers of the first byte that comes in and of the first that goes out.
    fn opening(&self, start_in: u32, start_out: u32) -> [SocketHeader; 2] {
        let bare = SocketHeader { payload_len: 0, copied: 0, fresh: false, redirected: false, ..*self };
        let syn = SocketHeader {
            sequence: start_in.wrapping_sub(1),
            acknowledgment: 0,
            tcp_flags: SYN,
            outgoing: false,
            ..bare
        };
        let answer = SocketHeader {
            sequence: start_out.wrapping_sub(1),
            acknowledgment: start_in,
            tcp_flags: SYN | ACK,
            outgoing: true,
            ..bare
        };
        [syn, answer]
    }
}

/// The fields that are still to be read.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    #[inline(always)]
    fn next<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (field, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*field)
    }

    #[inline(always)]
    fn numbers<const N: usize>(&mut self) -> Option<[u32; N]> {
        let mut numbers = [0; N];
        for number in &mut numbers {
            *number = u32::from_ne_bytes(self.next()?);
        }
        Some(numbers)
    }
}

/// Returns an address of 16 bytes, of which IPv4 takes four. A socket of IPv6 may be used by IPv4, which is then its
/// address.
fn address(family: u8, bytes: [u8; 16]) -> IpAddr {
    let [a, b, c, d, ..] = bytes;
    if family == 6 { Ipv6Addr::from(bytes).to_canonical() } else { Ipv4Addr::new(a, b, c, d).into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of a packet that was sent.
    fn example() -> SocketHeader {
        SocketHeader {
            cookie: 0x12_3456_789a,
            time: 77,
            target: 5,
            sequence: 100,
            acknowledgment: 200,
            payload_len: 9,
            copied: 3,
            tcp_flags: ACK,
            outgoing: true,
            local: "10.0.0.1:80".parse().unwrap(),
            remote: "10.0.0.2:4000".parse().unwrap(),
            fresh: true,
            redirected: false,
            start_in: 1000,
            start_out: 0,
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let ends = [("10.0.0.1:80", "10.0.0.2:4000"), ("[fd00::1]:80", "[::1]:4000")];
        for (local, remote) in ends {
            let (local, remote) = (local.parse().unwrap(), remote.parse().unwrap());
            let header = SocketHeader { local, remote, redirected: local.is_ipv6(), ..example() };
            let bytes = [&header.write()[..], b"abc rest of the class"].concat();
            assert_eq!(SocketHeader::read(&bytes), Some((header, &b"abc"[..])));
        }
        assert_eq!(SocketHeader::read(&example().write()), None, "the payload is missing");
        assert_eq!(SocketHeader::read(&[0; 87]), None);
    }

    #[test]
    fn a_fresh_socket_had_a_handshake() {
        let [syn, answer] = example().handshake().unwrap();
        assert_eq!((syn.sequence, syn.tcp_flags, syn.outgoing, syn.copied), (999, SYN, false, 0));
        assert_eq!((answer.sequence, answer.acknowledgment, answer.outgoing), (u32::MAX, 1000, true));
        assert!(SocketHeader { fresh: false, ..example() }.handshake().is_none());
    }

    #[test]
    fn early_data_shows_where_both_directions_begin() {
        let [syn, answer] =
            SocketHeader { outgoing: false, fresh: false, ..example() }.handshake_of_early_data();
        assert_eq!((syn.sequence, syn.tcp_flags, syn.outgoing, syn.copied), (99, SYN, false, 0));
        assert_eq!((answer.sequence, answer.acknowledgment, answer.outgoing), (199, 100, true));
        assert_eq!((answer.tcp_flags, answer.payload_len), (SYN | ACK, 0));
    }

    /// The places of the fields, computed from the types in the header that the kernel's side is built with.
    #[test]
    fn the_layout_is_that_of_the_kernels_side() {
        let text = include_str!("../../../bpf/record.h");
        let body = text.split("struct record {").nth(1).unwrap().split("};").next().unwrap();
        let (mut at, mut places) = (0, Vec::new());
        for line in body.lines().filter_map(|line| line.trim().split_once(';')) {
            let (kind, name) = line.0.split_once(' ').unwrap();
            let (name, count) = match name.split_once('[') {
                Some((name, count)) => (name, count.trim_end_matches(']').parse().unwrap()),
                None => (name, 1),
            };
            let size = kind.trim_start_matches("__u").parse::<usize>().unwrap() / 8;
            assert_eq!(at % size, 0, "{name} is not aligned");
            places.push((name, at));
            at += size * count;
        }
        assert_eq!(at, SOCKET_HEADER_BYTES);
        let expected = [
            ("cookie", 0),
            ("time", 8),
            ("target", 16),
            ("sequence", 20),
            ("acknowledgment", 24),
            ("payload_len", 28),
            ("copied", 32),
            ("start_in", 36),
            ("start_out", 40),
            ("local_port", 44),
            ("remote_port", 46),
            ("tcp_flags", 48),
            ("outgoing", 49),
            ("marks", 50),
            ("family", 51),
            ("local", 52),
            ("remote", 68),
            ("reserved", 84),
        ];
        assert_eq!(places, expected);
        let define = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(&format!("#define {name} "))).unwrap();
            line.split_whitespace().next().unwrap().parse::<u32>().unwrap()
        };
        assert_eq!(define("RECORD_BYTES") as usize, SOCKET_HEADER_BYTES);
        assert_eq!((define("FRESH"), define("REDIRECTED")), (FRESH.into(), REDIRECTED.into()));
    }
}
