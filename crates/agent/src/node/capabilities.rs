//! The capabilities of a thread, as `/proc` shows them.

use std::fmt;
use std::fs;

/// Numbers of capabilities (`capabilities(7)`, `linux/capability.h`).
pub(crate) const NET_ADMIN: u8 = 12;
pub(crate) const NET_RAW: u8 = 13;
pub(crate) const SYS_PTRACE: u8 = 19;
pub(crate) const PERFMON: u8 = 38;
pub(crate) const BPF: u8 = 39;
const SYS_ADMIN: u8 = 21;

/// A set of capabilities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Capabilities(u64);

impl Capabilities {
    /// Returns those of this thread that are in force; none where `/proc` does not say.
    pub(crate) fn effective() -> Option<Capabilities> {
        read(&fs::read_to_string("/proc/thread-self/status").ok()?)
    }

    /// Returns whether the capability with this number is among them.
    pub(crate) fn have(self, number: u8) -> bool {
        self.0 & (1 << number) != 0
    }
}

impl fmt::Display for Capabilities {
    /// Names those that matter here, and counts all others: `NET_RAW, NET_ADMIN, 1 more`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const KNOWN: [(u8, &str); 6] = [
            (NET_RAW, "NET_RAW"),
            (NET_ADMIN, "NET_ADMIN"),
            (BPF, "BPF"),
            (PERFMON, "PERFMON"),
            (SYS_PTRACE, "SYS_PTRACE"),
            (SYS_ADMIN, "SYS_ADMIN"),
        ];
        let mut names: Vec<_> = KNOWN
            .iter()
            .filter(|(number, _)| self.have(*number))
            .map(|(_, name)| (*name).to_owned())
            .collect();
        let others = self.0.count_ones() as usize - names.len();
        if others > 0 {
            names.push(format!("{others} more"));
        }
        if names.is_empty() {
            return f.write_str("none");
        }
        f.write_str(&names.join(", "))
    }
}

fn read(status: &str) -> Option<Capabilities> {
    let line = status.lines().find_map(|line| line.strip_prefix("CapEff:"))?;
    u64::from_str_radix(line.trim(), 16).ok().map(Capabilities)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_effective_set_is_read() {
        let set = read("Name:\tx\nCapPrm:\t000001ffffffffff\nCapEff:\t0000000000002000\n").unwrap();
        assert!(set.have(NET_RAW) && !set.have(NET_ADMIN) && !set.have(BPF));
        assert_eq!(read("CapEff:\tnone\n"), None);
        assert!(Capabilities::effective().is_some());
    }

    #[test]
    fn names_of_capabilities() {
        let named = |bits| Capabilities(bits).to_string();
        assert_eq!(named(0), "none");
        assert_eq!(named(1 << 13), "NET_RAW");
        assert_eq!(named(1 << 13 | 1 << 12 | 1), "NET_RAW, NET_ADMIN, 1 more");
    }
}
