//! The capabilities of the agent: what it has is said, and given up once capture is open.

use std::fs;

use rustix::thread::{CapabilitySet, CapabilitySets, set_capabilities};

/// Gives up all capabilities, and says what is left. Open sockets go on; what is opened later needs none. Must be called
/// before there are other threads: capabilities belong to each of them, and new ones inherit what is left.
pub(super) fn drop_all() {
    let before = effective();
    let none = CapabilitySets {
        effective: CapabilitySet::empty(),
        permitted: CapabilitySet::empty(),
        inheritable: CapabilitySet::empty(),
    };
    match set_capabilities(None, none) {
        Ok(()) => tracing::info!("Capabilities: {before} to open capture, {} from here on", effective()),
        Err(error) => tracing::warn!("Capabilities: {before} cannot be given up ({error})"),
    }
}

/// The effective capabilities as the kernel shows them.
fn effective() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let bits =
        status.lines().find_map(|line| line.strip_prefix("CapEff:")).map(str::trim).unwrap_or_default();
    match u64::from_str_radix(bits, 16) {
        Ok(0) => "none".into(),
        Ok(bits) => named(bits),
        Err(_) => "unknown".into(),
    }
}

/// Names of those that matter here; all others are counted.
fn named(bits: u64) -> String {
    const KNOWN: [(u32, &str); 4] = [(13, "NET_RAW"), (12, "NET_ADMIN"), (39, "BPF"), (21, "SYS_ADMIN")];
    let has = |bit: &u32| bits & (1 << bit) != 0;
    let mut names: Vec<_> =
        KNOWN.iter().filter(|(bit, _)| has(bit)).map(|(_, name)| (*name).to_owned()).collect();
    let others = bits.count_ones() as usize - names.len();
    if others > 0 {
        names.push(format!("{others} more"));
    }
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_capabilities() {
        assert_eq!(named(1 << 13), "NET_RAW");
        assert_eq!(named(1 << 13 | 1 << 12 | 1), "NET_RAW, NET_ADMIN, 1 more");
    }
}
