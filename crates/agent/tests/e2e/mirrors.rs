//! Captures of single difficulties, as mirrors, tunnels and taps make them, each with its truth. `tests/oracle/field/make`
//! makes most of them with scapy, and asks tshark too.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::{monitor, text};

/// The captures, and what has to be said beside their name.
const CAPTURES: [(&str, &[&str]); 32] = [
    // Tunnels whose identifier differs by direction, and mirrors.
    ("18a-vxlan-vni-by-direction", &[]),
    ("gre-key-by-direction", &[]),
    ("19a-erspan2", &[]),
    ("erspan-1", &[]),
    ("erspan-2", &[]),
    ("erspan-2-tagged", &[]),
    ("erspan-2-of-vxlan", &[]),
    ("erspan-3", &[]),
    ("tzsp", &[]),
    ("vxlan-port-8473", &["--vxlan-port", "8473"]),
    ("vxlan-of-ip", &[]),
    // What stands before IP.
    ("mpls", &[]),
    ("mpls-pseudowire", &[]),
    ("pppoe", &[]),
    ("pppoe-tagged", &[]),
    ("nflog", &[]),
    ("pktap", &[]),
    // Fragments.
    ("fragments", &[]),
    ("fragments-ipv6", &[]),
    ("fragments-reversed", &[]),
    ("fragments-of-a-tunnel", &[]),
    ("fragments-overlapping", &[]),
    // Frames that were cut.
    ("27-snaplen-96", &[]),
    ("snaplen-96", &[]),
    ("snaplen-128", &[]),
    // The same twice.
    ("96-plain-and-tunnelled", &[]),
    ("duplicates-dnat", &[]),
    ("duplicates-masquerade", &[]),
    ("duplicates-dnat-masquerade", &[]),
    ("duplicates-tagged", &[]),
    ("duplicates-two-mirrors", &[]),
    ("not-read", &[]),
];

fn folder() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "data", "mirrors"].iter().collect()
}

/// Returns the requests of a capture in the form of its truth, and what was said beside them.
fn found(name: &str, args: &[&str]) -> (Vec<Value>, String) {
    let file = folder().join(format!("{name}.pcap"));
    let first = ["replay", "--output", "exchanges", "--format", "jsonl", "--raw", file.to_str().unwrap()];
    let ended = monitor([&first, args].concat());
    let said = text(&ended.stderr);
    assert!(ended.status.success(), "{name}: {said}");
    assert!(!said.contains("does not add up"), "{name}: {said}");
    let request = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        let version = line["protocol"].as_str().unwrap().to_uppercase();
        json!({
            "method": line["method"], "uri": line["target"], "host": line["host"], "version": version,
            "status": line["status"],
        })
    };
    (text(&ended.stdout).lines().map(request).collect(), said.to_owned())
}

#[test]
fn captures_of_single_difficulties_are_exact() {
    let mut wrong = Vec::new();
    for (name, args) in CAPTURES {
        let truth = std::fs::read(folder().join(format!("{name}.pcap.truth.json"))).unwrap();
        let truth: Value = serde_json::from_slice(&truth).unwrap();
        let (found, said) = found(name, args);
        if json!(found) != truth["transactions"] {
            wrong.push(format!("{name}: {} of {}\n{said}", json!(found), truth["transactions"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let files = std::fs::read_dir(folder()).unwrap();
    let captures = files.filter(|file| file.as_ref().unwrap().path().extension().unwrap() == "pcap");
    assert_eq!(captures.count(), CAPTURES.len(), "each capture has a line");
}

#[test]
fn what_is_not_read_says_its_name_and_what_to_do() {
    let endpoints = |name: &str| {
        let ended = monitor(["replay".into(), folder().join(format!("{name}.pcap"))]);
        (text(&ended.stdout).to_owned(), text(&ended.stderr).to_owned())
    };
    let names = "26 EtherType 0x88f7 (PTP), 1 EtherType 0x88cc (LLDP), 1 IP protocol 132 (SCTP)";
    let (out, said) = endpoints("not-read");
    assert_eq!(out, format!("No requests found. Not read: {names}.\n"));
    assert!(said.contains(&format!("\nnot read: {names}\n")), "{said}");
    let (out, _) = endpoints("vxlan-port-8473");
    assert!(out.contains("UDP port 8473 (looks like VXLAN: --vxlan-port 8473 reads it)"), "{out}");
}

#[test]
fn fragments_are_accounted_for() {
    let (_, said) = found("fragments", &[]);
    assert!(said.contains("9 joined_fragments") && !said.contains(" fragment\n"), "{said}");
    let (_, said) = found("fragments-overlapping", &[]);
    assert!(!said.contains("joined_fragments") && said.contains(" fragment"), "{said}");
}
