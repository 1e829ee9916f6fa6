//! One packet of one socket, as `bpf/record.h` lays it out.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// How long a record is without its payload.
pub const SOCKET_HEADER_BYTES: usize = 88;

/// The socket was fresh: nothing had been sent or received on it.
const FRESH: u8 = 1;
/// The packet shows another port than its socket has.
const REDIRECTED: u8 = 2;

const SYN: u8 = 0x02;
const ACK: u8 = 0x10;

/// What stands before the payload in a frame of [`crate::LinkType::Socket`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SocketHeader {
    /// The cookie that the kernel gave the socket; at most 40 bits.
    pub cookie: u64,
    /// When the packet passed, in nanoseconds of `CLOCK_MONOTONIC`.
    pub time: u64,
    /// The number of the cgroup, as it was attached.
    pub target: u32,
    /// The sequence number of the first byte, or of the SYN.
    pub sequence: u32,
    /// The acknowledgment number.
    pub acknowledgment: u32,
    /// How many bytes of payload the packet had.
    pub payload_len: u32,
    /// How many of them follow.
    pub copied: u32,
    /// The control bits of the TCP header.
    pub tcp_flags: u8,
    /// Whether the socket sent it.
    pub outgoing: bool,
    /// The socket's own address.
    pub local: SocketAddr,
    /// The other end's.
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
    /// Reads the header at the beginning of a frame, and gives the payload that follows.
    #[inline]
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<(SocketHeader, &[u8])> {
        let (head, rest) = bytes.split_first_chunk::<SOCKET_HEADER_BYTES>()?;
        let u16_at = |at: usize| u16::from_ne_bytes([head[at], head[at + 1]]);
        let u32_at = |at: usize| u32::from_ne_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let u64_at = |at: usize| {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(&head[at..at + 8]);
            u64::from_ne_bytes(bytes)
        };
        let (family, copied) = (head[51], u32_at(32));
        let header = SocketHeader {
            cookie: u64_at(0),
            time: u64_at(8),
            target: u32_at(16),
            sequence: u32_at(20),
            acknowledgment: u32_at(24),
            payload_len: u32_at(28),
            copied,
            start_in: u32_at(36),
            start_out: u32_at(40),
            tcp_flags: head[48],
            outgoing: head[49] != 0,
            fresh: head[50] & FRESH != 0,
            redirected: head[50] & REDIRECTED != 0,
            local: SocketAddr::new(address(family, &head[52..68]), u16_at(44)),
            remote: SocketAddr::new(address(family, &head[68..84]), u16_at(46)),
        };
        Some((header, rest.get(..copied as usize)?))
    }

    /// The same as bytes.
    #[must_use]
    pub fn write(&self) -> [u8; SOCKET_HEADER_BYTES] {
        let mut head = [0; SOCKET_HEADER_BYTES];
        let mut put = |at: usize, bytes: &[u8]| head[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, &self.cookie.to_ne_bytes());
        put(8, &self.time.to_ne_bytes());
        put(16, &self.target.to_ne_bytes());
        put(20, &self.sequence.to_ne_bytes());
        put(24, &self.acknowledgment.to_ne_bytes());
        put(28, &self.payload_len.to_ne_bytes());
        put(32, &self.copied.to_ne_bytes());
        put(36, &self.start_in.to_ne_bytes());
        put(40, &self.start_out.to_ne_bytes());
        put(44, &self.local.port().to_ne_bytes());
        put(46, &self.remote.port().to_ne_bytes());
        let mark = |set, mark| if set { mark } else { 0 };
        let marks = mark(self.fresh, FRESH) | mark(self.redirected, REDIRECTED);
        put(48, &[self.tcp_flags, u8::from(self.outgoing), marks]);
        let v6 = |ip: IpAddr| match ip {
            IpAddr::V4(ip) => ip.to_ipv6_mapped().octets(),
            IpAddr::V6(ip) => ip.octets(),
        };
        put(51, &[6]);
        put(52, &v6(self.local.ip()));
        put(68, &v6(self.remote.ip()));
        head
    }

    /// Returns the SYN and its answer, of a connection of which this is the first packet. The handshake belonged to the
    /// listening socket.
    #[must_use]
    pub fn handshake(&self) -> Option<[SocketHeader; 2]> {
        if !self.fresh {
            return None;
        }
        let answer = SocketHeader {
            sequence: self.start_out.wrapping_sub(1),
            acknowledgment: self.start_in,
            tcp_flags: SYN | ACK,
            outgoing: true,
            ..self.bare()
        };
        Some([self.syn(self.start_in), answer])
    }

    /// Returns the SYN of the connection whose first byte to come in has the number `start`.
    #[must_use]
    pub fn syn(&self, start: u32) -> SocketHeader {
        let sequence = start.wrapping_sub(1);
        SocketHeader { sequence, acknowledgment: 0, tcp_flags: SYN, outgoing: false, ..self.bare() }
    }

    /// Returns the same without payload and marks.
    fn bare(&self) -> SocketHeader {
        SocketHeader { payload_len: 0, copied: 0, fresh: false, redirected: false, ..*self }
    }
}

/// An address of 16 bytes, of which IPv4 takes four. A socket of IPv6 may be used by IPv4, which is then its address.
fn address(family: u8, bytes: &[u8]) -> IpAddr {
    match (family, bytes.first_chunk::<4>(), bytes.first_chunk::<16>()) {
        (6, _, Some(bytes)) => Ipv6Addr::from(*bytes).to_canonical(),
        (_, Some(bytes), _) => Ipv4Addr::from(*bytes).into(),
        _ => Ipv4Addr::UNSPECIFIED.into(),
    }
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
