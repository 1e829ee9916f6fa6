//! The ladder of rights: what each way to capture needs of the kernel and of this process, and what is there.

use std::fmt;
use std::path::PathBuf;

use capture::{SocketError, SocketOptions, open_sockets};

use crate::cgroups;
use crate::check::interfaces;
use crate::check::place::Place;
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
const OWN_PACKETS: &str = "only packets of this pod can be captured";
const NO_SOCKETS: &str = "packets are captured instead: no loopback inside of pods, no port-forward";

/// The needs of packets. `node` is the name of the node, where it is known.
pub(crate) fn of_packets(node: Option<&str>) -> Vec<Rung> {
    let rung = |need, oldest, missing, cost| Rung { mode: "packets", need, oldest, missing, cost };
    vec![
        rung("CAP_NET_RAW", "3.2", capability(NET_RAW), NO_PACKETS),
        rung("the network of the node", "3.2", interfaces::not_the_nodes(node), OWN_PACKETS),
    ]
}

/// The needs of sockets. Loads the program and lets it see a request of our own, and takes it out again.
pub(crate) fn of_sockets() -> Vec<Rung> {
    let rung = |need, oldest, missing| Rung { mode: "sockets", need, oldest, missing, cost: NO_SOCKETS };
    let root = cgroups::root();
    let no_root = match &root {
        None => Some("not mounted".to_owned()),
        Some(root) if Place::find().pod => cgroups::none_of_pods(root),
        Some(_) => None,
    };
    vec![
        rung("CAP_BPF", "5.8", capability(BPF)),
        rung("CAP_NET_ADMIN", "2.2", capability(NET_ADMIN)),
        rung("cgroup version 2", "4.10", no_root),
        rung("the program", "5.9", program(root)),
    ]
}

fn capability(number: u8) -> Option<String> {
    (!has(number)).then(|| "missing".to_owned())
}

/// What keeps the program from seeing a request, if something does.
fn program(root: Option<PathBuf>) -> Option<String> {
    match open_sockets(&SocketOptions { ring_bytes: 0, sockets: 0 }) {
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
