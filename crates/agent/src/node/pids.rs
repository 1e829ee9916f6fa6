//! Which processes this one can see.

use std::fs;

/// The inode of the first PID namespace (`PROC_PID_INIT_INO`, linux/proc_ns.h): that of the node.
const FIRST: &str = "pid:[4026531836]";

/// Returns whether this process sees all processes of the node (`hostPID`), as far as it can tell: in a node that is a
/// container itself it cannot.
pub(crate) fn are_the_nodes() -> bool {
    fs::read_link("/proc/self/ns/pid").is_ok_and(|link| link.as_os_str() == FIRST)
}
