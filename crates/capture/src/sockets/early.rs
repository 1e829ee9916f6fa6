//! Data that came before its socket was there: with the acknowledgment that ends the handshake (`TCP_DEFER_ACCEPT`, or
//! because the bare acknowledgment was lost). The kernel makes the socket of it, and shows it at the listener.

use std::collections::HashMap;
use std::net::SocketAddr;

use decode::SocketHeader;

/// The most that waits, in packets and in bytes of them: sockets are made at once, and show themselves with their answer.
const MAX_PACKETS: usize = 1024;
const MAX_BYTES: usize = 4 << 20;
/// What was not fetched within this time was not for a socket that lives, in nanoseconds.
const MAX_AGE: u64 = 10_000_000_000;

/// Whom data waits for: the cgroup and the two ends.
type Key = (u32, SocketAddr, SocketAddr);

/// Data that waits for its socket.
#[derive(Debug, Default)]
pub(super) struct Early {
    packets: HashMap<Key, (SocketHeader, Box<[u8]>)>,
    bytes: usize,
}

impl Early {
    /// Keeps data until its socket shows. What does not fit is lost, and its connection is joined in the middle.
    pub(super) fn keep(&mut self, header: SocketHeader, payload: &[u8]) {
        if self.packets.len() >= MAX_PACKETS || self.bytes + payload.len() > MAX_BYTES {
            self.packets.retain(|_, (kept, _)| kept.time + MAX_AGE > header.time);
            self.bytes = self.packets.values().map(|(_, payload)| payload.len()).sum();
            if self.packets.len() >= MAX_PACKETS || self.bytes + payload.len() > MAX_BYTES {
                return;
            }
        }
        self.bytes += payload.len();
        if let Some((_, before)) = self.packets.insert(key(&header), (header, payload.into())) {
            self.bytes -= before.len();
        }
    }

    /// Returns the data that waited for the socket whose first packet this is, as its own. What acknowledged another
    /// number than the socket begins with was for no connection, or for one that had the same addresses before.
    pub(super) fn take(&mut self, header: &SocketHeader) -> Option<(SocketHeader, Box<[u8]>)> {
        if self.packets.is_empty() {
            return None;
        }
        let (early, payload) = self.packets.remove(&key(header))?;
        self.bytes -= payload.len();
        (early.acknowledgment == header.start_out)
            .then_some((SocketHeader { cookie: header.cookie, ..early }, payload))
    }
}

fn key(header: &SocketHeader) -> Key {
    (header.target, header.local, header.remote)
}

#[cfg(test)]
mod tests {
    use decode::SOCKET_HEADER_BYTES;

    use super::*;

    fn header(port: u16, cookie: u64, time: u64) -> SocketHeader {
        let remote = SocketAddr::from(([10, 0, 0, 2], port));
        let (zeros, _) = SocketHeader::read(&[0; SOCKET_HEADER_BYTES]).unwrap();
        SocketHeader { cookie, time, remote, ..zeros }
    }

    #[test]
    fn data_waits_for_its_socket() {
        let mut early = Early::default();
        early.keep(header(1, 0, 5), b"abc");
        assert!(early.take(&header(2, 7, 6)).is_none());
        let (found, payload) = early.take(&header(1, 7, 6)).unwrap();
        assert_eq!((found.cookie, found.time, &*payload), (7, 5, &b"abc"[..]));
        assert!(early.take(&header(1, 7, 6)).is_none());
        assert_eq!(early.bytes, 0);
    }

    #[test]
    fn data_that_answered_another_handshake_is_left_aside() {
        let mut early = Early::default();
        early.keep(SocketHeader { acknowledgment: 500, ..header(1, 0, 5) }, b"abc");
        assert!(early.take(&SocketHeader { start_out: 900, ..header(1, 7, 6) }).is_none());
        assert_eq!(early.bytes, 0);
    }

    #[test]
    fn what_waits_has_limits() {
        let mut early = Early::default();
        for port in 0..2000 {
            early.keep(header(port, 0, 5), b"abc");
        }
        assert_eq!((early.packets.len(), early.bytes), (MAX_PACKETS, 3 * MAX_PACKETS));
        early.keep(header(3000, 0, 6 + MAX_AGE), &[0; 40_000]);
        assert_eq!((early.packets.len(), early.bytes), (1, 40_000));
        for port in 0..200 {
            early.keep(header(port, 0, 6 + MAX_AGE), &[0; 40_000]);
        }
        assert!(early.bytes <= MAX_BYTES);
    }
}
