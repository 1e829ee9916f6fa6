//! The ladder of rights: what each way to capture needs of the kernel and of this process, and what is there.

use std::fmt;
use std::path::Path;

use capture::{OwnedBy, Probes, SocketError, SocketOptions, open_sockets, open_sockets_by_address};

use super::capabilities::{BPF, Capabilities, NET_ADMIN, NET_RAW, PERFMON, SYS_PTRACE};
use super::cgroups::{self, OfPods};
use super::network::Network;
use super::pids;
use super::self_test;
use crate::environment;

/// One need, and whether it is met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rung {
    /// `packets`, `sockets` or `https`.
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
const BY_ADDRESS: &str = "pods are told by their addresses, and each packet of the node is looked at";
const NO_LOOPBACK: &str =
    "packets are captured instead (with --capture cgroup: no loopback inside of pods, no port-forward)";
const NOT_ATTACHED: &str = "loaded, and not attached without CAP_NET_ADMIN";
const NO_TLS: &str = "HTTPS is not read";
const NO_FILES: &str = "HTTPS is read only of programs whose files can be opened without it";
const NO_PROCESSES: &str = "HTTPS is read only of processes that are seen (hostPID)";
/// To try it only: with room for what else happens in the cgroup of this process.
const SMALL: SocketOptions = SocketOptions { ring_bytes: 4 << 20, sockets: 0 };

/// The needs of packets. `node` is the name of the node, where it is known.
pub(crate) fn of_packets(node: Option<&str>) -> Vec<Rung> {
    let rung = |need, oldest, missing, cost| Rung { mode: "packets", need, oldest, missing, cost };
    vec![
        rung("CAP_NET_RAW", "3.2", capability(NET_RAW), NO_PACKETS),
        rung("the network of the node", "3.2", not_the_nodes(node), OWN_PACKETS),
    ]
}

/// The needs of reading HTTPS, beside those of capture at sockets by cgroups.
pub(crate) fn of_tls() -> Vec<Rung> {
    let rung = |need, oldest, missing, cost| Rung { mode: "https", need, oldest, missing, cost };
    let unseen = (!pids::are_the_nodes()).then(|| "only those of this container are seen".to_owned());
    vec![
        rung("CAP_PERFMON", "5.8", capability(PERFMON), NO_TLS),
        rung("CAP_SYS_PTRACE", "2.2", capability(SYS_PTRACE), NO_FILES),
        rung("the processes of the node", "3.8", unseen, NO_PROCESSES),
        rung("the programs", "6.6", Probes::load().err().map(|error| error.to_string()), NO_TLS),
    ]
}

/// In a pod: what is there, if it is not the network of the node.
fn not_the_nodes(node: Option<&str>) -> Option<String> {
    let network = Network::find().ok().filter(|_| environment::in_pod())?;
    let whose = network.whose(node);
    (!whose.is_the_nodes()).then(|| whose.to_string())
}

/// What was found of sockets.
pub(crate) struct OfSockets {
    /// The needs.
    pub(crate) rungs: Vec<Rung>,
    /// How sockets are to be told; or why they cannot be captured, as far as that was tried.
    pub(crate) way: Result<OwnedBy, String>,
}

/// Looks at the needs of sockets, with the tree of cgroups at `root`. Loads the program, lets it see a request of our own, and
/// takes it out again: what else it sees meanwhile never gets to the agent. Where pods are followed and have no cgroup, or
/// sockets do not belong to it, they are told by addresses.
pub(crate) fn of_sockets(root: Option<&Path>, follows_pods: bool) -> OfSockets {
    let Some(pods) = root.filter(|_| follows_pods) else {
        let missing = root.is_none().then(|| "not mounted".to_owned());
        return by_cgroup(program(root), missing);
    };
    match cgroups::of_pods(pods) {
        OfPods::None => by_address(pods, format!("no pod has a cgroup below {}", pods.display())),
        OfPods::Unknown => {
            let why = cgroups::of_a_container_only(pods);
            OfSockets { way: Err(why.clone()), ..by_cgroup(program(root), Some(why)) }
        }
        OfPods::Some => match program(root) {
            Tried::Tested(Err(why)) => {
                by_address(pods, format!("there, and sockets do not belong to it: {why}"))
            }
            tried => by_cgroup(tried, None),
        },
    }
}

/// Returns what was found where sockets are told by cgroups, and what is missing of these.
fn by_cgroup(tried: Tried, missing: Option<String>) -> OfSockets {
    let program = socket_rung("the program", "5.9", tried.missing(), NO_SOCKETS);
    OfSockets { rungs: needs(missing, NO_SOCKETS, [program]), way: tried.test().map(|()| OwnedBy::Cgroup) }
}

/// The same where sockets are told by addresses, for this reason.
fn by_address(root: &Path, why: String) -> OfSockets {
    let (tried, owned_by) = program_by_address(root);
    let program = socket_rung("the program", "5.9", tried.missing(), NO_SOCKETS);
    let networks = (owned_by == OwnedBy::Address).then(|| "the kernel refuses it".to_owned());
    let networks = socket_rung("the networks of pods told apart", "6.15", networks, NO_LOOPBACK);
    let rungs = needs(Some(why), BY_ADDRESS, [program, networks]);
    OfSockets { rungs, way: tried.test().map(|()| owned_by) }
}

/// The needs that are always there, with what is missing of cgroups and its cost, and more.
fn needs<const N: usize>(missing: Option<String>, cost: &'static str, more: [Rung; N]) -> Vec<Rung> {
    let mut rungs = vec![
        socket_rung("CAP_BPF", "5.8", capability(BPF), NO_SOCKETS),
        socket_rung("CAP_NET_ADMIN", "2.2", capability(NET_ADMIN), NO_SOCKETS),
        socket_rung("cgroup version 2", "4.10", missing, cost),
    ];
    rungs.extend(more);
    rungs
}

fn socket_rung(
    need: &'static str,
    oldest: &'static str,
    missing: Option<String>,
    cost: &'static str,
) -> Rung {
    Rung { mode: "sockets", need, oldest, missing, cost }
}

/// What became of the program.
enum Tried {
    /// It could not be loaded or attached, and why.
    Not(String),
    /// Whether it saw the request.
    Tested(Result<(), String>),
}

impl Tried {
    fn missing(&self) -> Option<String> {
        match self {
            Tried::Not(why) => Some(why.clone()),
            Tried::Tested(result) => result.clone().err(),
        }
    }

    /// Returns the result of the test. A way that could not be tried passes: it may still do.
    fn test(self) -> Result<(), String> {
        match self {
            Tried::Not(_) => Ok(()),
            Tried::Tested(result) => result,
        }
    }
}

fn capability(number: u8) -> Option<String> {
    (!has(number)).then(|| "missing".to_owned())
}

/// Returns whether the program sees a request of our own, by the cgroup of this process.
fn program(root: Option<&Path>) -> Tried {
    match (open_sockets(&SMALL, OwnedBy::Cgroup), root) {
        (Err(error), _) => Tried::Not(not_loaded(&error)),
        (Ok(_), _) if !has(NET_ADMIN) => Tried::Not(NOT_ATTACHED.into()),
        (Ok(_), None) => Tried::Not("loaded, and there is nothing to attach it to".into()),
        (Ok((mut sockets, mut attacher)), Some(root)) => {
            Tried::Tested(self_test::of_cgroups(&mut sockets, &mut attacher, root))
        }
    }
}

/// The same by an address, as well as the kernel can tell them.
fn program_by_address(root: &Path) -> (Tried, OwnedBy) {
    match open_sockets_by_address(&SMALL) {
        Err(error) => (Tried::Not(not_loaded(&error)), OwnedBy::Network),
        Ok((.., owned_by)) if !has(NET_ADMIN) => (Tried::Not(NOT_ATTACHED.into()), owned_by),
        Ok((mut sockets, mut attacher, owned_by)) => {
            (Tried::Tested(self_test::of_addresses(&mut sockets, &mut attacher, root)), owned_by)
        }
    }
}

fn not_loaded(error: &SocketError) -> String {
    match error {
        // Said by the capability's own line.
        SocketError::NotPermitted(_) if !has(BPF) => "not loaded without CAP_BPF".into(),
        error => error.to_string(),
    }
}

fn has(number: u8) -> bool {
    Capabilities::effective().is_some_and(|capabilities| capabilities.have(number))
}
