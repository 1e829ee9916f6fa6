//! What the kernel's side counts.

use aya::maps::{Map, MapData, MapError, PerCpuArray};

/// The places of the counts (`enum count` of `bpf/record.h`).
#[derive(Clone, Copy, Debug)]
enum Count {
    Seen,
    Recorded,
    Bare,
    Outbound,
    Unwanted,
    Encrypted,
    Pressed,
    Lost,
    Unreadable,
    LostBytes,
    RefusedConnections,
}

/// Packets of TCP on monitored sockets by what became of them: `seen` is the sum of the others but the last two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SocketCounts {
    /// All that passed.
    pub seen: u64,
    /// Handed over, whole or in part.
    pub recorded: u64,
    /// Without payload and without meaning for a stream: acknowledgments, and the handshakes of servers.
    pub bare: u64,
    /// Of connections that the monitored side opened.
    pub outbound: u64,
    /// Of connections of which nothing is wanted: [`super::Sockets::refuse`].
    pub unwanted: u64,
    /// The same, because they are TLS.
    pub tls: u64,
    /// Of connections that were refused because the ring was filling.
    pub pressed: u64,
    /// Lost because the ring was full.
    pub lost: u64,
    /// With headers that cannot be read.
    pub unreadable: u64,
    /// Bytes of payload that were lost.
    pub lost_bytes: u64,
    /// Connections that were refused because the ring was filling.
    pub refused_connections: u64,
}

impl SocketCounts {
    /// Returns every way of a packet: its metric label and its count.
    #[must_use]
    pub fn ways(&self) -> [(&'static str, u64); 8] {
        [
            ("recorded", self.recorded),
            ("bare", self.bare),
            ("outbound", self.outbound),
            ("unwanted", self.unwanted),
            ("tls", self.tls),
            ("refused", self.pressed),
            ("lost", self.lost),
            ("unreadable", self.unreadable),
        ]
    }
}

/// The kernel's counts, each of them once for each CPU.
pub(super) struct Counts(PerCpuArray<MapData, u64>);

impl Counts {
    pub(super) fn new(map: Map) -> Result<Counts, MapError> {
        PerCpuArray::try_from(map).map(Counts)
    }

    /// Returns the counts as they are now. While packets pass, some may be between two counts: then they are read again.
    pub(super) fn read(&self) -> SocketCounts {
        const ATTEMPTS: usize = 8;
        let balanced =
            |counts: &SocketCounts| counts.seen == counts.ways().iter().map(|(_, count)| count).sum::<u64>();
        let mut all = (1..ATTEMPTS).map(|_| self.read_once());
        all.find(balanced).unwrap_or_else(|| self.read_once())
    }

    fn read_once(&self) -> SocketCounts {
        let count = |count: Count| self.0.get(&(count as u32), 0).map_or(0, |values| values.iter().sum());
        // What is counted last is read first (fields are evaluated as they are written), so that a packet between two
        // reads is not in a part and missing in the whole.
        SocketCounts {
            refused_connections: count(Count::RefusedConnections),
            lost_bytes: count(Count::LostBytes),
            unreadable: count(Count::Unreadable),
            lost: count(Count::Lost),
            pressed: count(Count::Pressed),
            tls: count(Count::Encrypted),
            unwanted: count(Count::Unwanted),
            outbound: count(Count::Outbound),
            bare: count(Count::Bare),
            recorded: count(Count::Recorded),
            seen: count(Count::Seen),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_places_are_those_of_the_kernels_side() {
        let text = include_str!("../../../../bpf/record.h");
        let names = text.split("enum count {").nth(1).unwrap().split("};").next().unwrap();
        let names: Vec<_> =
            names.lines().filter_map(|line| line.trim().split_once(',')).map(|(name, _)| name).collect();
        let ours = [
            ("SEEN", Count::Seen),
            ("RECORDED", Count::Recorded),
            ("BARE", Count::Bare),
            ("OUTBOUND", Count::Outbound),
            ("UNWANTED", Count::Unwanted),
            ("ENCRYPTED", Count::Encrypted),
            ("PRESSED", Count::Pressed),
            ("LOST", Count::Lost),
            ("UNREADABLE", Count::Unreadable),
            ("LOST_BYTES", Count::LostBytes),
            ("REFUSED_CONNECTIONS", Count::RefusedConnections),
        ];
        for (place, (name, count)) in ours.into_iter().enumerate() {
            assert_eq!((names.get(place), count as usize), (Some(&name), place));
        }
        assert_eq!(names.get(ours.len()..), Some(&["COUNTS"][..]));
    }
}
