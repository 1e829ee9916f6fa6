//! Secrets of processes, as far as it needs no library: the programs load with no more than the rights for them, and what is
//! missing is said. Needs root.
#![expect(unsafe_code, reason = "the uid of a thread has no safe form")]

use std::process::Command;
use std::thread;

use traffic_monitor_capture::{Probes, SecretsError};

#[test]
fn the_programs_are_loaded_with_no_more_than_the_rights_for_them() {
    let mut command = Command::new("setpriv");
    command.args(["--bounding-set=-all,+perfmon,+bpf", "--inh-caps=-all", "--no-new-privs"]);
    command.arg(std::env::current_exe().unwrap()).args(["--exact", "--ignored", "loads_the_programs"]);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
#[ignore = "is run by the test above, with few rights"]
fn loads_the_programs() {
    let (probes, _shared) = Probes::load().unwrap();
    // Nothing is monitored.
    assert_eq!(probes.mappings().unwrap(), (Vec::new(), true));
}

#[test]
fn a_missing_capability_is_named() {
    thread::scope(|scope| {
        let unprivileged = scope.spawn(|| {
            // SAFETY: a system call without memory. Unlike the function of libc it changes this thread only; the
            // capabilities go with the uid.
            let result = unsafe { libc::syscall(libc::SYS_setresuid, 65_534, 65_534, 65_534) };
            assert_eq!(result, 0, "this test gives root up: run it as root");
            Probes::load().err().unwrap()
        });
        let error = unprivileged.join().unwrap();
        assert!(matches!(error, SecretsError::NotPermitted { .. }), "{error}");
        assert!(error.to_string().contains("CAP_BPF and CAP_PERFMON"), "{error}");
    });
}
