//! The network of this process, and whether it is the node's.

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

/// The interfaces of the network namespace that `/sys` was mounted in, which in a pod is its own.
pub(crate) const FOLDER: &str = "/sys/class/net";
/// Where the kubelet of every usual node listens.
const KUBELET: u16 = 10250;
/// How many names are shown.
const SHOWN: usize = 8;
/// `IFF_UP`.
const UP: u32 = 1;

/// The interfaces that are there. `Display` counts them, and names those that are up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Network(Vec<Interface>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Interface {
    name: String,
    up: bool,
    /// Whether it is one end of a pair, or a child, whose other end is in another network namespace; or one of the tunnels
    /// without an end that the kernel makes in every namespace.
    leads_out: bool,
}

/// Whose a network is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    /// The node's: its kubelet listens there.
    Kubelets,
    /// It looks like the node's.
    Nodes,
    /// That of the pod alone.
    Pods,
}

impl Network {
    /// Reads the interfaces of this process.
    ///
    /// # Errors
    /// [`FOLDER`] cannot be read.
    pub(crate) fn find() -> io::Result<Network> {
        read(Path::new(FOLDER)).map(Network)
    }

    /// Judges, inside of a pod, whose the network is. `node` is the name of the node, where it is known.
    pub(crate) fn whose(&self, node: Option<&str>) -> Whose {
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        self.judge(kubelet_listens(), node.is_some_and(|node| same_host(node, &host)))
    }

    /// The network of a pod has, beside loopback, only ends of pairs whose other end is on the node; but so has a node that
    /// is itself a container and runs no other pods. There the host's name is the node's (`named`), and the kubelet
    /// listens.
    fn judge(&self, kubelet: bool, named: bool) -> Whose {
        let pod_like = self.0.iter().filter(|interface| interface.name != "lo").all(|i| i.leads_out);
        match (kubelet, named || !pod_like) {
            (true, _) => Whose::Kubelets,
            (false, true) => Whose::Nodes,
            (false, false) => Whose::Pods,
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let up: Vec<&str> = self.0.iter().filter(|i| i.up).map(|i| i.name.as_str()).collect();
        let names = up.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
        let more = if up.len() > SHOWN { ", ..." } else { "" };
        write!(f, "{} in all, up: {} ({names}{more})", self.0.len(), up.len())
    }
}

impl Whose {
    /// Returns whether it is the node's, as far as one can tell.
    pub(crate) fn is_the_nodes(self) -> bool {
        self != Whose::Pods
    }
}

impl fmt::Display for Whose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Whose::Kubelets => "this is the network of the node: its kubelet listens here",
            Whose::Nodes => "this looks like the network of the node",
            Whose::Pods => "this is the network of the pod alone: no other traffic can be seen",
        })
    }
}

fn read(folder: &Path) -> io::Result<Vec<Interface>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let text = |file: &str| fs::read_to_string(path.join(file)).unwrap_or_default().trim().to_owned();
        let (index, link) = (text("ifindex"), text("iflink"));
        // Files such as bonding_masters are no interfaces.
        if index.is_empty() {
            continue;
        }
        let flags = u32::from_str_radix(text("flags").trim_start_matches("0x"), 16).unwrap_or_default();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        found.push((Interface { name, up: flags & UP != 0, leads_out: false }, index, link));
    }
    let here: Vec<String> = found.iter().map(|(_, index, _)| index.clone()).collect();
    let mut all: Vec<_> = found
        .into_iter()
        .map(|(interface, index, link)| {
            let leads_out = !link.is_empty() && link != index && !here.contains(&link);
            Interface { leads_out, ..interface }
        })
        .collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(all)
}

/// Returns whether the name of this host is that of the node; one of the two may have the domain too.
fn same_host(node: &str, host: &str) -> bool {
    let short = |name: &str| name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    !short(node).is_empty() && short(node) == short(host)
}

fn kubelet_listens() -> bool {
    let tables = ["/proc/self/net/tcp", "/proc/self/net/tcp6"];
    tables.iter().any(|table| fs::read_to_string(table).is_ok_and(|text| listens(&text, KUBELET)))
}

/// Returns whether a table of sockets (`proc_net_tcp.rst`) has one that listens on this port.
fn listens(table: &str, port: u16) -> bool {
    let end = format!(":{port:04X}");
    table.lines().any(|line| {
        let mut fields = line.split_whitespace().skip(1);
        let (local, state) = (fields.next(), fields.nth(1));
        local.is_some_and(|local| local.ends_with(&end)) && state == Some("0A")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(interfaces: &[(&str, u32, u32, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, index, link, flags) in interfaces {
            let path = folder.path().join(name);
            fs::create_dir(&path).unwrap();
            for (file, text) in [("ifindex", index.to_string()), ("iflink", link.to_string())] {
                fs::write(path.join(file), text + "\n").unwrap();
            }
            fs::write(path.join("flags"), format!("{flags}\n")).unwrap();
        }
        fs::write(folder.path().join("bonding_masters"), "").unwrap();
        folder
    }

    fn network(interfaces: &[(&str, u32, u32, &str)]) -> Network {
        Network(read(folder(interfaces).path()).unwrap())
    }

    #[test]
    fn interfaces_are_counted_and_named() {
        let network = network(&[("lo", 1, 1, "0x9"), ("eth0", 2, 2, "0x1003"), ("eth1", 3, 3, "0x1002")]);
        assert_eq!(network.to_string(), "3 in all, up: 2 (eth0, lo)");
    }

    #[test]
    fn the_network_of_a_pod_is_told_from_that_of_a_node() {
        let lo = ("lo", 1, 1, "0x9");
        let pod = [lo, ("eth0", 2, 17, "0x1003")];
        let metal = [lo, ("eth0", 2, 2, "0x1003")];
        let tunnel = [lo, ("eth0", 2, 17, "0x1003"), ("tunl0", 3, 0, "0x80")];
        let container = [lo, ("eth0", 2, 17, "0x1003"), ("docker0", 3, 3, "0x1003")];
        let vlan = [lo, ("eth0", 2, 2, "0x1003"), ("eth0.5", 3, 2, "0x1003")];
        assert_eq!(network(&pod).judge(false, false), Whose::Pods);
        assert_eq!(network(&tunnel).judge(false, false), Whose::Pods);
        assert_eq!(network(&[lo]).judge(false, false), Whose::Pods);
        for node in [&metal[..], &container, &vlan] {
            assert_eq!(network(node).judge(false, false), Whose::Nodes, "{node:?}");
        }
        assert_eq!(network(&pod).judge(true, false), Whose::Kubelets, "the kubelet listens");
        assert_eq!(network(&pod).judge(false, true), Whose::Nodes, "the host has the name of the node");
    }

    #[test]
    fn a_listening_kubelet_is_seen() {
        let head = "  sl  local_address rem_address   st tx_queue\n";
        let line =
            |address: &str, state: &str| format!("{head}   0: {address} 00000000:0000 {state} 0:0 0\n");
        assert!(listens(&line("00000000:280A", "0A"), KUBELET));
        assert!(!listens(&line("00000000:280A", "01"), KUBELET));
        assert!(!listens(&line("00000000:280B", "0A"), KUBELET));
    }

    #[test]
    fn a_host_may_have_its_domain() {
        assert!(same_host("node-1", "Node-1.example.org") && same_host("node-1.x", "node-1"));
        assert!(!same_host("node-1", "traffic-monitor-x7k2p") && !same_host("", ""));
    }
}
