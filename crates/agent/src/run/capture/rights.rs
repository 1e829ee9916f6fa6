//! The capabilities of the agent: what it has is said, and given up once capture is open, but for
//! what following pods takes.

use rustix::thread::{
    CapabilitySet, CapabilitySets, capabilities, clear_ambient_capability_set,
    remove_capability_from_bounding_set, set_capabilities,
};

use crate::node::capabilities::Capabilities;

/// To load programs into the kernel, and to tell them something.
pub(in crate::run) const BPF: CapabilitySet = CapabilitySet::BPF;
/// To load and attach programs to files, to list what processes map (`PERFMON`), and to open what they map: behind their roots
/// (`SYS_PTRACE`), and without a path (`CHECKPOINT_RESTORE`).
pub(in crate::run) const TO_TAKE_SECRETS: CapabilitySet = CapabilitySet::BPF
    .union(CapabilitySet::PERFMON)
    .union(CapabilitySet::SYS_PTRACE)
    .union(CapabilitySet::CHECKPOINT_RESTORE);
/// To attach programs to cgroups.
pub(in crate::run) const NET_ADMIN: CapabilitySet = CapabilitySet::NET_ADMIN;

/// Gives up all capabilities of this thread but these, as far as it has them, and where it may (`CAP_SETPCAP`) all
/// that programs which it starts could be given. Capabilities belong to each thread, and new
/// ones inherit what is left: so it is called before there are others, and by each that is given some.
pub(in crate::run) fn keep(wanted: CapabilitySet) {
    let Ok(before) = capabilities(None) else { return };
    let kept = before.permitted & wanted;
    // Nothing that is started from here needs any. Where this may not be done it makes no difference: a process that takes
    // no new rights (`confine`) gives its children none.
    for capability in CapabilitySet::all() {
        let _ = remove_capability_from_bounding_set(capability);
    }
    let _ = clear_ambient_capability_set();
    let sets = CapabilitySets { effective: kept, permitted: kept, inheritable: CapabilitySet::empty() };
    if let Err(error) = set_capabilities(None, sets) {
        tracing::warn!("Capabilities cannot be given up ({error})");
    }
}

/// What this thread has.
pub(in crate::run) struct Before(String);

impl Before {
    pub(in crate::run) fn now() -> Before {
        Before(effective())
    }

    /// Says what the process had to open capture, and what this thread has left; `others` is what threads of it keep.
    pub(in crate::run) fn say(&self, others: &str) {
        let left = match (effective().as_str(), others) {
            ("none", "") => "none".to_owned(),
            ("none", others) => others.to_owned(),
            (left, others) => format!("{left} {others}").trim_end().to_owned(),
        };
        tracing::info!("Capabilities: {} to open capture, {left} from here on", self.0);
    }
}

/// The effective capabilities, for people.
fn effective() -> String {
    Capabilities::effective().map_or_else(|| "unknown".into(), |capabilities| capabilities.to_string())
}
