//! The kernel, and what it would allow beyond packets.

use std::path::Path;

use super::process::{BPF, Capabilities, NET_ADMIN};
use super::row::Row;

/// The oldest kernel whose packet ring (TPACKET_V3) is the one that is used.
const OLDEST: (u32, u32) = (3, 2);

/// Whether the kernel is new enough.
pub(super) fn kernel() -> Row {
    judge_kernel(&rustix::system::uname().release().to_string_lossy())
}

fn judge_kernel(release: &str) -> Row {
    const SUBJECT: &str = "kernel";
    match number(release) {
        Some(number) if number < OLDEST => {
            Row::error(SUBJECT, format!("Linux {release}"), "the packet ring needs Linux 3.2 or newer")
        }
        _ => Row::ok(SUBJECT, format!("Linux {release}")),
    }
}

fn number(release: &str) -> Option<(u32, u32)> {
    let mut parts = release.split(|c: char| !c.is_ascii_digit());
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// What a capture at sockets would need. For information: this version has none.
pub(super) fn socket_mode() -> Row {
    let capabilities = Capabilities::effective();
    let has = |number| capabilities.is_some_and(|all| all.have(number));
    let group = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"];
    let group = group.iter().find(|folder| Path::new(folder).join("cgroup.controllers").exists());
    let facts = [
        format!("cgroup v2 {}", group.unwrap_or(&"not mounted")),
        format!("kernel types (BTF) {}", yes(Path::new("/sys/kernel/btf/vmlinux").exists())),
        format!("CAP_BPF {}", yes(has(BPF))),
        format!("CAP_NET_ADMIN {}", yes(has(NET_ADMIN))),
    ];
    let finding = format!("{}; for information: this version has no capture at sockets", facts.join(", "));
    Row::ok("cgroup, BPF", finding)
}

fn yes(flag: bool) -> &'static str {
    if flag { "yes" } else { "no" }
}

#[cfg(test)]
mod tests {
    use super::super::row::State;
    use super::*;

    #[test]
    fn releases_are_compared_as_numbers() {
        for (release, state) in [
            ("6.1.0-18-amd64", State::Ok),
            ("3.10.0-1160.el7.x86_64", State::Ok),
            ("3.2", State::Ok),
            ("3.1.9", State::Error),
            ("2.6.32", State::Error),
            ("unknown", State::Ok),
        ] {
            assert_eq!(judge_kernel(release).state, state, "{release}");
        }
    }
}
