//! What a ring captures, and how long it is.

/// The length of a block, in bytes: the unit in which the kernel hands frames over.
///
/// In quiet times blocks are handed over by time, so their number says how long a stall may last before frames are lost:
/// many small blocks. Three packets of the usual limit (64 KiB) fit into one, and one of BIG TCP as it is set up (192 KiB).
/// Of a longer packet the kernel copies what fits.
pub const BLOCK_BYTES: usize = 256 * 1024;

/// The length of the ring, in bytes, unless the options say otherwise: more than 10 ms of 10 Gbit/s, and five seconds of
/// quiet traffic, in 64 blocks.
pub const DEFAULT_RING_BYTES: usize = 64 * BLOCK_BYTES;

/// What to capture, and how much memory to use for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RingOptions {
    /// The names of the interfaces to capture on; empty for all, loopback and those that appear later included.
    pub interfaces: Vec<String>,
    /// The names of interfaces that receive copies of other machines' traffic: they are captured too, promiscuously,
    /// and tunnels are let through there.
    pub mirrors: Vec<String>,
    /// UDP ports of VXLAN that are let through there, beside 4789, 4790 and 8472.
    pub vxlan_ports: Vec<u16>,
    /// The length of the ring in bytes, rounded down to blocks of [`BLOCK_BYTES`], at least two of them.
    pub ring_bytes: usize,
}

impl Default for RingOptions {
    fn default() -> RingOptions {
        let (interfaces, mirrors, vxlan_ports) = (Vec::new(), Vec::new(), Vec::new());
        RingOptions { interfaces, mirrors, vxlan_ports, ring_bytes: DEFAULT_RING_BYTES }
    }
}
