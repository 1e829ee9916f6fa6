//! How the memory budget (`memoryMiB`) is divided. What is left, a fifth, is for the program, the queue, and what the
//! allocator rounds up. [`Governor`] sees to it that the whole process keeps to the budget.

mod governor;

use capture::SocketOptions;
pub(crate) use governor::Governor;

/// The budget of the agent in MiB, unless the configuration says otherwise.
pub(crate) const MEMORY_MIB: usize = 160;

/// For connections: what they wait for, and what their parsers hold. 100,000 at once fit into 160 MiB.
pub(crate) fn of_connections(memory: usize) -> usize {
    memory / 20 * 11
}

/// For endpoints.
pub(crate) fn of_endpoints(memory: usize) -> usize {
    memory / 20 * 3
}

/// For what the kernel keeps for capture, which counts as memory of this process: the ring of packets, or the two below.
pub(crate) fn of_packets(memory: usize) -> usize {
    memory / 10
}

/// Capture at sockets: half of it is the ring (8 MiB of 160 MiB), the other half the table of verdicts (65,536 sockets).
pub(crate) fn of_sockets(memory: usize) -> SocketOptions {
    let half = of_packets(memory) / 2;
    let sockets = half / SOCKET_COST;
    SocketOptions {
        // Rounded down to a power of two.
        ring_bytes: 1 << half.max(1).ilog2().min(30),
        sockets: u32::try_from(sockets).unwrap_or(u32::MAX),
    }
}

/// What a socket's verdict costs the kernel, in bytes, with room for its growth: 88 here.
const SOCKET_COST: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_are_no_more_than_the_whole() {
        for mib in [32, 64, 100, MEMORY_MIB, 512, 4096] {
            let memory = mib << 20;
            let sockets = of_sockets(memory);
            assert!(sockets.memory() <= of_packets(memory), "{mib}: {sockets:?}");
            assert!(of_connections(memory) + of_endpoints(memory) + of_packets(memory) <= memory);
        }
        assert_eq!(of_sockets(MEMORY_MIB << 20), SocketOptions::default());
    }
}
