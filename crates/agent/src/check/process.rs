//! What `/proc` says of this thread.

use std::fs;

/// Numbers of capabilities (`capabilities(7)`, `linux/capability.h`).
pub(crate) const NET_ADMIN: u8 = 12;
pub(crate) const NET_RAW: u8 = 13;
pub(crate) const BPF: u8 = 39;

/// A set of capabilities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Capabilities(u64);

impl Capabilities {
    /// Those in force; none where `/proc` does not say.
    pub(crate) fn effective() -> Option<Capabilities> {
        read(&fs::read_to_string("/proc/thread-self/status").ok()?)
    }

    pub(crate) fn have(self, number: u8) -> bool {
        self.0 & (1 << number) != 0
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
}
