//! The interfaces that are captured on, and whether they are the node's.

use std::fs;
use std::io;
use std::path::Path;

use super::place::Place;
use super::row::{Row, State};

/// The interfaces of the network namespace that `/sys` was mounted in, which in a pod is its own.
const FOLDER: &str = "/sys/class/net";
/// Where the kubelet of every usual node listens.
const KUBELET: u16 = 10250;
/// How many names are shown.
const SHOWN: usize = 8;
/// `IFF_UP`.
const UP: u32 = 1;

#[derive(Clone, Debug, PartialEq, Eq)]
struct Interface {
    name: String,
    up: bool,
    /// Whether it is one end of a pair, or a child, whose other end is in another network namespace; or one of the tunnels
    /// without an end that the kernel makes in every namespace.
    leads_out: bool,
}

/// What there is, and in a pod whether it is the node's network.
pub(super) fn rows(place: Place, node: Option<&str>) -> Vec<Row> {
    const SUBJECT: &str = "interfaces";
    let interfaces = match read(Path::new(FOLDER)) {
        Ok(interfaces) => interfaces,
        Err(error) => {
            let finding = format!("{FOLDER} cannot be read: {error}");
            return vec![Row::warning(SUBJECT, finding, "mount /sys, read-only is enough")];
        }
    };
    let mut rows = vec![Row::ok(SUBJECT, listed(&interfaces))];
    if place.pod {
        rows.push(judge(&interfaces, node));
    }
    rows
}

/// In a pod: what is wrong if this is not the network of the node.
pub(crate) fn not_the_nodes(node: Option<&str>) -> Option<String> {
    let place = Place::find();
    let row = place.pod.then(|| read(Path::new(FOLDER)).ok()).flatten().map(|all| judge(&all, node))?;
    (row.state == State::Error).then_some(row.finding)
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

fn judge(interfaces: &[Interface], node: Option<&str>) -> Row {
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let named = node.is_some_and(|node| same_host(node, &host));
    network(interfaces, kubelet_listens(), named)
}

fn listed(interfaces: &[Interface]) -> String {
    let up: Vec<&str> = interfaces.iter().filter(|i| i.up).map(|i| i.name.as_str()).collect();
    let names = up.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    let more = if up.len() > SHOWN { ", ..." } else { "" };
    format!("{} in all, up: {} ({names}{more})", interfaces.len(), up.len())
}

/// Whether this is the network of the node. The network of a pod has, beside loopback, only ends of pairs whose other
/// end is on the node; but so has a node that is itself a container and runs no other pods. There the host's name is the
/// node's, and the kubelet listens.
fn network(interfaces: &[Interface], kubelet: bool, named: bool) -> Row {
    const SUBJECT: &str = "hostNetwork";
    let pod_like = interfaces.iter().filter(|interface| interface.name != "lo").all(|i| i.leads_out);
    if kubelet {
        Row::ok(SUBJECT, "this is the network of the node: its kubelet listens here")
    } else if named || !pod_like {
        Row::ok(SUBJECT, "this looks like the network of the node")
    } else {
        let finding = "this is the network of the pod alone: no other traffic can be seen";
        Row::error(SUBJECT, finding, "set `hostNetwork: true` in the pod's spec (daemonset.yaml has it)")
    }
}

/// Whether the name of this host is that of the node; one of the two may have the domain too.
fn same_host(node: &str, host: &str) -> bool {
    let short = |name: &str| name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    !short(node).is_empty() && short(node) == short(host)
}

fn kubelet_listens() -> bool {
    let tables = ["/proc/self/net/tcp", "/proc/self/net/tcp6"];
    tables.iter().any(|table| fs::read_to_string(table).is_ok_and(|text| listens(&text, KUBELET)))
}

/// Whether a table of sockets (`proc_net_tcp.rst`) has one that listens on this port.
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

    fn state(interfaces: &[(&str, u32, u32, &str)], kubelet: bool, named: bool) -> State {
        network(&read(folder(interfaces).path()).unwrap(), kubelet, named).state
    }

    #[test]
    fn interfaces_are_counted_and_named() {
        let folder = folder(&[("lo", 1, 1, "0x9"), ("eth0", 2, 2, "0x1003"), ("eth1", 3, 3, "0x1002")]);
        assert_eq!(listed(&read(folder.path()).unwrap()), "3 in all, up: 2 (eth0, lo)");
    }

    #[test]
    fn the_network_of_a_pod_is_told_from_that_of_a_node() {
        let lo = ("lo", 1, 1, "0x9");
        let pod = [lo, ("eth0", 2, 17, "0x1003")];
        let metal = [lo, ("eth0", 2, 2, "0x1003")];
        let tunnel = [lo, ("eth0", 2, 17, "0x1003"), ("tunl0", 3, 0, "0x80")];
        let container = [lo, ("eth0", 2, 17, "0x1003"), ("docker0", 3, 3, "0x1003")];
        let vlan = [lo, ("eth0", 2, 2, "0x1003"), ("eth0.5", 3, 2, "0x1003")];
        assert_eq!(state(&pod, false, false), State::Error);
        assert_eq!(state(&tunnel, false, false), State::Error);
        assert_eq!(state(&[lo], false, false), State::Error);
        for node in [&metal[..], &container, &vlan] {
            assert_eq!(state(node, false, false), State::Ok, "{node:?}");
        }
        assert_eq!(state(&pod, true, false), State::Ok, "the kubelet listens");
        assert_eq!(state(&pod, false, true), State::Ok, "the host has the name of the node");
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
