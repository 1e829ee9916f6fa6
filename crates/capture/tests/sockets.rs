//! Capture at sockets, as far as it needs no server: what cannot be opened or attached is said. Needs root.
#![expect(unsafe_code, reason = "uids of a thread have no safe form")]

use std::path::Path;
use std::thread;

use traffic_monitor_capture::{SocketError, SocketOptions, open_sockets};

#[test]
fn what_is_no_cgroup_is_said() {
    let (_sockets, mut attacher) = open_sockets(&SocketOptions::default()).unwrap();
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
    for options in [SocketOptions::default(), SocketOptions { ring_bytes: 1 << 20, sockets: 5_000 }] {
        let opened = open_sockets(&options).unwrap();
        let charged = charged();
        assert!(
            charged > options.ring_bytes as usize && charged <= options.memory(),
            "{charged}: {options:?}"
        );
        drop(opened);
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
            open_sockets(&SocketOptions::default()).err().unwrap()
        });
        let error = unprivileged.join().unwrap();
        assert!(matches!(error, SocketError::NotPermitted(_)), "{error}");
        for part in ["CAP_BPF", "CAP_NET_ADMIN", "securityContext"] {
            assert!(error.to_string().contains(part), "{error}");
        }
    });
}
