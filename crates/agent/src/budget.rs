//! How the memory budget (`memoryMiB`) is divided. What is left, a sixth, is for the ring, the queue and the program.

/// The budget of the agent in MiB, unless the configuration says otherwise.
pub(crate) const MEMORY_MIB: usize = 160;

/// For connections: what they wait for, and what their parsers hold. 100,000 at once fit into 160 MiB.
pub(crate) fn of_connections(memory: usize) -> usize {
    memory / 10 * 7
}

/// For endpoints.
pub(crate) fn of_endpoints(memory: usize) -> usize {
    memory / 20 * 3
}
