//! A segment that was captured at a socket.

use crate::{Flags, Frame, Origin, Segment, Skipped, SocketHeader, SocketKey};

/// Returns the segment behind the header of the kernel's side, which took its fields from the TCP header.
#[inline(never)]
pub(crate) fn segment<'a>(frame: &Frame<'a>) -> Result<Segment<'a>, Skipped> {
    let (header, payload) = SocketHeader::read(frame.bytes).ok_or(Skipped::Truncated)?;
    let (source, destination) =
        if header.outgoing { (header.local, header.remote) } else { (header.remote, header.local) };
    Ok(Segment {
        time: frame.time,
        interface: frame.interface,
        origin: Origin::Socket(SocketKey::new(&header)),
        source,
        destination,
        sequence: header.sequence,
        acknowledgment: header.acknowledgment,
        flags: Flags(header.tcp_flags),
        payload,
        payload_len: header.payload_len.max(payload.len() as u32),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{LinkType, SOCKET_HEADER_BYTES, Timestamp, Tunnels, segment};

    fn frame(bytes: &[u8]) -> Frame<'_> {
        Frame { time: Timestamp::from_nanos(9), link: LinkType::Socket, bytes, wire_len: 0, interface: 0 }
    }

    /// A header as the kernel's side writes it, from numbers of any kind.
    fn header(bytes: &[u8]) -> SocketHeader {
        SocketHeader::read(bytes).unwrap().0
    }

    fn example(cookie: u64, outgoing: bool, local: &str, remote: &str) -> SocketHeader {
        let (local, remote) = (local.parse().unwrap(), remote.parse().unwrap());
        let mut header = header(&[0; SOCKET_HEADER_BYTES]);
        (header.cookie, header.target, header.sequence) = (cookie, 7, 5);
        (header.payload_len, header.copied) = (100, 3);
        (header.outgoing, header.local, header.remote) = (outgoing, local, remote);
        header
    }

    #[test]
    fn both_ends_of_a_connection_on_loopback_stay_apart() {
        let (server, client) = ("127.0.0.1:80", "127.0.0.1:4000");
        let bytes = |header: SocketHeader| [&header.write()[..], b"abc"].concat();
        let incoming = bytes(example(1, false, server, client));
        let outgoing = bytes(example(2, true, client, server));
        let [at_server, at_client] =
            [&incoming, &outgoing].map(|bytes| segment(&frame(bytes), Tunnels::Closed).unwrap());
        assert_eq!((at_server.source, at_server.destination), (at_client.source, at_client.destination));
        assert_ne!(at_server.origin, at_client.origin);
        assert_eq!(
            (at_server.payload, at_server.payload_len, at_server.time.as_nanos()),
            (&b"abc"[..], 100, 9)
        );
        for (segment, own, cookie) in [(at_server, server, 1), (at_client, client, 2)] {
            let Origin::Socket(key) = segment.origin else { panic!("{:?}", segment.origin) };
            assert_eq!((key.cookie(), key.target()), (cookie, 7));
            let is_source = key.is_local(segment.source, segment.destination);
            assert_eq!(is_source, segment.source == own.parse().unwrap());
            assert_ne!(is_source, key.is_local(segment.destination, segment.source));
        }
    }

    #[test]
    fn both_directions_have_one_key() {
        for (local, remote) in
            [("10.0.0.1:80", "10.0.0.2:9"), ("10.0.0.2:80", "10.0.0.1:9"), ("[::1]:80", "[::1]:9")]
        {
            let key = |outgoing| SocketKey::new(&example(u64::MAX >> 24, outgoing, local, remote));
            assert_eq!(key(true), key(false));
            assert_eq!(key(true).cookie(), u64::MAX >> 24);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_segment_or_none(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(segment) = segment(&frame(&bytes), Tunnels::Closed) {
                prop_assert!(bytes.len() >= SOCKET_HEADER_BYTES + segment.payload.len());
                prop_assert!(segment.payload.len() <= segment.payload_len as usize);
            }
        }
    }
}
