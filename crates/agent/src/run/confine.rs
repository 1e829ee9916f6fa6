//! What the agent, and the child that walks its store, give up for good at their start.

use std::collections::BTreeMap;
use std::io;

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
use rustix::thread::{CapabilitySet, set_no_new_privs};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, apply_filter};

use super::capture::rights;

/// What has no part in reading a file that is open: to open others, to speak with anybody, to start or to look into
/// programs, to make a world of one's own. Where a number is missing here, the lack of capabilities stays.
const FORBIDDEN: [i64; 28] = [
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_openat,
    libc::SYS_openat2,
    libc::SYS_open_by_handle_at,
    libc::SYS_unlinkat,
    libc::SYS_renameat2,
    libc::SYS_linkat,
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_clone,
    libc::SYS_clone3,
    libc::SYS_kill,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_pidfd_getfd,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_mount,
    libc::SYS_io_uring_setup,
    libc::SYS_userfaultfd,
    libc::SYS_add_key,
    libc::SYS_keyctl,
];
/// The older forms of some of them, which only this processor has.
#[cfg(target_arch = "x86_64")]
const OLDER: [i64; 7] = [
    libc::SYS_open,
    libc::SYS_creat,
    libc::SYS_fork,
    libc::SYS_vfork,
    libc::SYS_unlink,
    libc::SYS_rename,
    libc::SYS_link,
];
#[cfg(not(target_arch = "x86_64"))]
const OLDER: [i64; 0] = [];

/// Sees to it that no file of the agent's memory is written and no other program of its user looks into it, and that no
/// child gets rights that the agent has given up. Must be called while the process has one thread.
pub(super) fn agent() {
    let steps = [
        ("no memory dumps", setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })),
        ("not to be looked into", set_dumpable_behavior(DumpableBehavior::NotDumpable)),
        ("no new rights", set_no_new_privs(true)),
    ];
    for (what, result) in steps {
        if let Err(error) = result {
            tracing::warn!("The agent could not be confined ({what}): {error}");
        }
    }
}

/// Takes from a child, which has one thread, what it does not need to read a file that is open. What the system does not
/// allow is left out: the file must be read.
pub(super) fn child() {
    agent();
    rights::keep(CapabilitySet::empty());
    let _ = forbid();
}

/// Lets the system calls fail that have no part in reading a file (`seccomp(2)`).
fn forbid() -> io::Result<()> {
    let failed = |error: seccompiler::BackendError| io::Error::other(error);
    let rules: BTreeMap<_, _> = FORBIDDEN.iter().chain(&OLDER).map(|number| (*number, Vec::new())).collect();
    let refuse = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    let processor = std::env::consts::ARCH.try_into().map_err(failed)?;
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, refuse, processor).map_err(failed)?;
    let program: BpfProgram = filter.try_into().map_err(failed)?;
    apply_filter(&program).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::{ErrorKind, Read};
    use std::net::TcpListener;
    use std::os::unix::net::UnixStream;
    use std::process::Command;

    use super::*;

    #[test]
    fn a_file_that_is_open_can_be_read_and_nothing_else_can_be_done() {
        let path = std::env::current_exe().unwrap();
        let mut file = File::open(&path).unwrap();
        // A filter holds for the thread that sets it.
        let confined = std::thread::spawn(move || {
            forbid().unwrap();
            let mut beginning = [0; 4];
            file.read_exact(&mut beginning).unwrap();
            let refused = [
                TcpListener::bind("127.0.0.1:0").err(),
                UnixStream::pair().err(),
                File::open(&path).err(),
                Command::new(&path).spawn().err(),
            ];
            (beginning, refused.map(|error| error.map(|error| error.kind())))
        });
        let (beginning, refused) = confined.join().unwrap();
        assert_eq!((&beginning, refused), (b"\x7fELF", [Some(ErrorKind::PermissionDenied); 4]));
    }
}
