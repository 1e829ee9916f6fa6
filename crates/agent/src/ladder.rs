//! The ladder of rights: what each way to capture needs of the kernel and of this process, and what is there.

use std::fmt;
use std::path::PathBuf;

use capture::{SocketError, SocketOptions, open_sockets};

use crate::cgroups;
use crate::check::process::{BPF, Capabilities, NET_ADMIN, NET_RAW};
use crate::self_test;

/// One need, and whether it is met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rung {
    /// `packets` or `sockets`.
    pub(crate) mode: &'static str,
    /// What is needed.
    pub(crate) need: &'static str,
    /// The oldest Linux that has it.
    pub(crate) oldest: &'static str,
    /// None when it is there; else what is in its place.
    pub(crate) missing: Option<String>,
    /// What is lost without it.
    pub(crate) cost: &'static str,
}

impl fmt::Display for Rung {
    /// `sockets: CAP_BPF (Linux 5.8): missing; packets are captured instead`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} (Linux {}): ", self.mode, self.need, self.oldest)?;
        match &self.missing {
            None => f.write_str("yes"),
            Some(why) => write!(f, "{why}; {}", self.cost),
        }
    }
}

const NO_PACKETS: &str = "no packets can be captured";
const NO_SOCKETS: &str = "packets are captured instead: no loopback inside of pods, no port-forward";

/// Looks at all needs of both ways. Loads the program and lets it see a request of our own, and takes it out again.
pub(crate) fn climb() -> Vec<Rung> {
    let rung = |mode, need, oldest, missing, cost| Rung { mode, need, oldest, missing, cost };
    let capability = |number| (!has(number)).then(|| "missing".to_owned());
    let mut rungs = vec![
        rung("packets", "CAP_NET_RAW", "3.2", capability(NET_RAW), NO_PACKETS),
        rung("sockets", "CAP_BPF", "5.8", capability(BPF), NO_SOCKETS),
        rung("sockets", "CAP_NET_ADMIN", "2.2", capability(NET_ADMIN), NO_SOCKETS),
    ];
    let root = cgroups::root();
    let no_root = root.is_none().then(|| "not mounted".to_owned());
    rungs.push(rung("sockets", "cgroup version 2", "4.10", no_root, NO_SOCKETS));
    rungs.push(rung("sockets", "the program", "5.9", program(root), NO_SOCKETS));
    rungs
}

/// What keeps the program from seeing a request, if something does.
fn program(root: Option<PathBuf>) -> Option<String> {
    match open_sockets(&SocketOptions { ring_bytes: 0 }) {
        // Said by the capability's own line.
        Err(SocketError::NotPermitted(_)) if !has(BPF) => Some("not loaded without CAP_BPF".into()),
        Err(error) => Some(error.to_string()),
        Ok(_) if !has(NET_ADMIN) => Some("loaded, and not attached without CAP_NET_ADMIN".into()),
        Ok((mut sockets, mut attacher)) => match root {
            None => Some("loaded, and there is nothing to attach it to".into()),
            Some(root) => self_test::run(&mut sockets, &mut attacher, &root).err(),
        },
    }
}

fn has(number: u8) -> bool {
    Capabilities::effective().is_some_and(|capabilities| capabilities.have(number))
}
