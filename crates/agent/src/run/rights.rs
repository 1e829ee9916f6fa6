//! The capabilities of the agent: what it has is said, and given up once capture is open, but for
//! what following pods takes.

use std::fs;

use rustix::thread::{CapabilitySet, CapabilitySets, capabilities, set_capabilities};

/// To load programs into the kernel, and to tell them something.
pub(super) const BPF: CapabilitySet = CapabilitySet::BPF;
/// To attach programs to cgroups.
pub(super) const NET_ADMIN: CapabilitySet = CapabilitySet::NET_ADMIN;

/// Gives up all capabilities of this thread but these, as far as it has them. Capabilities belong to each thread, and new
/// ones inherit what is left: so it is called before there are others, and by each that is given some.
pub(super) fn keep(wanted: CapabilitySet) {
    let Ok(before) = capabilities(None) else { return };
    let kept = before.permitted & wanted;
    let sets = CapabilitySets { effective: kept, permitted: kept, inheritable: CapabilitySet::empty() };
    if let Err(error) = set_capabilities(None, sets) {
        tracing::warn!("Capabilities cannot be given up ({error})");
    }
}

/// What this thread has.
pub(super) struct Before(String);

impl Before {
    pub(super) fn now() -> Before {
        Before(effective())
    }

    /// Says what the process had to open capture, and what this thread has left; `others` is what threads of it keep.
    pub(super) fn say(&self, others: &str) {
        let left = match (effective().as_str(), others) {
            ("none", "") => "none".to_owned(),
            ("none", others) => others.to_owned(),
            (left, others) => format!("{left} {others}").trim_end().to_owned(),
        };
        tracing::info!("Capabilities: {} to open capture, {left} from here on", self.0);
    }
}

/// The effective capabilities as the kernel shows them.
fn effective() -> String {
    let status = fs::read_to_string("/proc/thread-self/status").unwrap_or_default();
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
