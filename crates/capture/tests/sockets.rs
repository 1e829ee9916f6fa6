//! Capture at sockets, as far as it needs no server: what cannot be opened or attached is said, and whose a socket is. Needs root.
#![expect(unsafe_code, reason = "uids and namespaces of a thread have no safe form")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use decode::SocketHeader;
use traffic_monitor_capture::{OwnedBy, SocketError, SocketOptions, Sockets, open_sockets};

#[test]
fn what_is_no_cgroup_is_said() {
    let (_sockets, mut attacher) = open_sockets(&SocketOptions::default(), OwnedBy::Cgroup).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let error = attacher.attach(folder.path(), 1).unwrap_err();
    assert!(matches!(error, SocketError::NotACgroup { .. }), "{error}");
    assert!(error.to_string().contains("cgroup2fs"));
    let error = attacher.attach(Path::new("/nonexistent"), 1).unwrap_err();
    assert!(matches!(error, SocketError::Attach { .. }), "{error}");
}

/// The memory that the kernel says is taken by the tables of this process, whose test runner starts a process for each test.
fn charged() -> usize {
    let infos = std::fs::read_dir("/proc/self/fdinfo").unwrap().flatten();
    let texts = infos.filter_map(|entry| std::fs::read_to_string(entry.path()).ok());
    // Programs have a memlock too, and no entries.
    let maps = texts.filter(|text| text.contains("max_entries:"));
    maps.filter_map(|text| {
        text.lines().find_map(|line| line.strip_prefix("memlock:"))?.trim().parse::<usize>().ok()
    })
    .sum()
}

#[test]
fn the_kernel_takes_no_more_memory_than_is_said() {
    let large = SocketOptions::default();
    let small = SocketOptions { ring_bytes: 1 << 20, sockets: 5_000 };
    let all = [(large, OwnedBy::Cgroup), (small, OwnedBy::Network), (small, OwnedBy::Address)];
    for (options, owned_by) in all {
        let opened = open_sockets(&options, owned_by).unwrap();
        let charged = charged();
        assert!(
            charged > options.ring_bytes as usize && charged <= options.memory(),
            "{charged}: {options:?}"
        );
        drop(opened);
    }
}

/// The verifier refuses more with these than with all.
#[test]
fn every_program_is_loaded_with_no_more_than_the_rights_for_it() {
    let mut command = Command::new("setpriv");
    command.args(["--bounding-set=-all,+net_admin,+bpf", "--inh-caps=-all", "--no-new-privs"]);
    command.arg(std::env::current_exe().unwrap()).args(["--exact", "--ignored", "loads_every_program"]);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("1 passed"), "{said}");
}

#[test]
#[ignore = "is run by the test above, with few rights"]
fn loads_every_program() {
    for owned_by in [OwnedBy::Cgroup, OwnedBy::Network, OwnedBy::Address] {
        open_sockets(&SocketOptions::default(), owned_by).unwrap();
    }
}

#[test]
fn a_missing_capability_is_named() {
    thread::scope(|scope| {
        let unprivileged = scope.spawn(|| {
            // SAFETY: a system call without memory. Unlike the function of libc it changes this thread only; the
            // capabilities go with the uid.
            let result = unsafe { libc::syscall(libc::SYS_setresuid, 65_534, 65_534, 65_534) };
            assert_eq!(result, 0, "this test gives root up: run it as root");
            open_sockets(&SocketOptions::default(), OwnedBy::Cgroup).err().unwrap()
        });
        let error = unprivileged.join().unwrap();
        assert!(matches!(error, SocketError::NotPermitted(_)), "{error}");
        for part in ["CAP_BPF", "CAP_NET_ADMIN", "securityContext"] {
            assert!(error.to_string().contains(part), "{error}");
        }
    });
}

/// Sends this over a new connection to an address of this network, and gives the numbers with which it is delivered.
fn delivered(sockets: &mut Sockets, address: &str, what: &[u8]) -> Vec<u32> {
    let listener = TcpListener::bind((address, 0)).unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    client.write_all(what).unwrap();
    listener.accept().unwrap().0.read_exact(&mut vec![0; what.len()]).unwrap();
    let mut numbers = Vec::new();
    // What was put into the ring is seen at once, or at the latest when the next look is due.
    for _ in 0..3 {
        let polled = sockets.poll(Duration::from_millis(100), |frame| {
            let read = SocketHeader::read(frame.bytes).unwrap();
            numbers.extend((read.1 == what).then_some(read.0.target));
        });
        polled.unwrap();
    }
    numbers
}

#[test]
fn sockets_without_a_cgroup_are_told_by_their_addresses() {
    let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap();
    let root = mounts.lines().find(|line| line.split(' ').nth(2) == Some("cgroup2"));
    let root = Path::new(root.expect("this test needs cgroup2").split(' ').nth(1).unwrap());
    // SAFETY: a call without memory; this thread and what it starts go into a network of their own.
    let result = unsafe { libc::unshare(libc::CLONE_NEWNET) };
    assert_eq!(result, 0, "this test makes a network: run it as root");
    let run = |arguments: &str| {
        let done = Command::new("ip").args(arguments.split(' ')).status().unwrap();
        assert!(done.success(), "ip {arguments}");
    };
    run("link set lo up");
    run("addr add 10.77.0.1/32 dev lo");
    run("addr add fd77::1/128 dev lo nodad");
    for (owned_by, on_loopback) in [(OwnedBy::Network, vec![7]), (OwnedBy::Address, vec![])] {
        let (mut sockets, mut attacher) = open_sockets(&SocketOptions::default(), owned_by).unwrap();
        let attached = attacher.attach_owned(root).unwrap();
        let mut see = |address| delivered(&mut sockets, address, format!("to {address}").as_bytes());
        assert_eq!((see("10.77.0.1"), see("127.0.0.1")), (vec![], vec![]), "nobody's");
        for address in ["10.77.0.1", "fd77::1"] {
            attacher.own(address.parse().unwrap(), 7).unwrap();
        }
        assert_eq!(see("127.0.0.1"), [], "the network is not known yet");
        assert_eq!((see("10.77.0.1"), see("fd77::1")), (vec![7], vec![7]));
        assert_eq!((see("127.0.0.1"), see("::1")), (on_loopback.clone(), on_loopback), "{owned_by:?}");
        for address in ["10.77.0.1", "fd77::1"] {
            attacher.disown(address.parse().unwrap());
        }
        assert_eq!((see("10.77.0.1"), see("127.0.0.1")), (vec![], vec![]), "nobody's again");
        attacher.detach(attached);
    }
}
