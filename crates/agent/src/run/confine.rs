//! What the agent and its children give up for good at their start: the one that walks its store, the one that finds TLS
//! libraries, and those that read files for that.

use std::collections::BTreeMap;
use std::io;

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
use rustix::thread::{CapabilitySet, set_no_new_privs};
use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, apply_filter,
};

use super::capture::rights;

/// What has no part in reading a file that is open: to open others, to speak with anybody, to start or to look into
/// programs, to make a world of one's own. Where a number is missing here, the lack of capabilities stays.
const FORBIDDEN: &[i64] = &[
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_openat,
    libc::SYS_openat2,
    libc::SYS_open_by_handle_at,
    libc::SYS_unlinkat,
    libc::SYS_renameat,
    libc::SYS_renameat2,
    libc::SYS_linkat,
    libc::SYS_symlinkat,
    libc::SYS_mkdirat,
    libc::SYS_mknodat,
    libc::SYS_truncate,
    libc::SYS_fchmodat,
    FCHMODAT2,
    libc::SYS_fchownat,
    libc::SYS_utimensat,
    libc::SYS_setxattr,
    libc::SYS_lsetxattr,
    libc::SYS_removexattr,
    libc::SYS_lremovexattr,
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_clone,
    libc::SYS_clone3,
    libc::SYS_kill,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_rt_tgsigqueueinfo,
    libc::SYS_pidfd_send_signal,
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
/// `fchmodat2`, which has this number on every processor; not every C library has a name for it.
const FCHMODAT2: i64 = 452;
/// The older forms of some of them, which only this processor has.
#[cfg(target_arch = "x86_64")]
const OLDER: &[i64] = &[
    libc::SYS_open,
    libc::SYS_creat,
    libc::SYS_fork,
    libc::SYS_vfork,
    libc::SYS_unlink,
    libc::SYS_rename,
    libc::SYS_link,
    libc::SYS_symlink,
    libc::SYS_mkdir,
    libc::SYS_rmdir,
    libc::SYS_mknod,
    libc::SYS_chmod,
    libc::SYS_chown,
    libc::SYS_lchown,
    libc::SYS_utime,
    libc::SYS_utimes,
    libc::SYS_futimesat,
];
#[cfg(not(target_arch = "x86_64"))]
const OLDER: &[i64] = &[];
/// What of these finding libraries takes: to open files, to load and attach programs, to start who reads a file, and to end it.
const TO_TAKE_SECRETS: &[i64] = &[
    libc::SYS_openat,
    libc::SYS_openat2,
    libc::SYS_bpf,
    libc::SYS_execve,
    libc::SYS_clone,
    libc::SYS_clone3,
    libc::SYS_kill,
    libc::SYS_pidfd_send_signal,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_open,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_fork,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_vfork,
];
/// What only this process may be told by: it must be able to abort, which is a signal to itself. The C libraries send it with
/// the one call or the other; the child has one thread, so both begin with its own number.
const TO_ITSELF: &[i64] = &[libc::SYS_tgkill, libc::SYS_tkill];

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
    let _ = forbid(&[]);
}

/// Takes from the child that finds libraries, which has one thread, what it does not need for that: it makes no socket, changes
/// no file by its name, and touches no process but those that it starts.
pub(super) fn taker() {
    agent();
    if let Err(error) = forbid(TO_TAKE_SECRETS) {
        tracing::warn!("The process that finds TLS libraries could not be confined: {error}");
    }
}

/// Lets the system calls fail that have no part in reading a file (`seccomp(2)`), but for these.
fn forbid(allowed: &[i64]) -> io::Result<()> {
    apply_filter(&filter(allowed).map_err(io::Error::other)?).map_err(io::Error::other)
}

fn filter(allowed: &[i64]) -> Result<BpfProgram, BackendError> {
    let forbidden = FORBIDDEN.iter().chain(OLDER).filter(|number| !allowed.contains(number));
    let mut rules: BTreeMap<_, _> = forbidden.map(|number| (*number, Vec::new())).collect();
    for number in TO_ITSELF {
        let process = u64::from(std::process::id());
        let of_others = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, process)?;
        rules.insert(*number, vec![SeccompRule::new(vec![of_others])?]);
    }
    let refuse = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    let processor = std::env::consts::ARCH.try_into()?;
    SeccompFilter::new(rules, SeccompAction::Allow, refuse, processor)?.try_into()
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::io::{ErrorKind, Read};
    use std::net::TcpListener;
    use std::os::unix::net::UnixStream;
    use std::process::Command;

    use rustix::fs::{AtFlags, CWD, Mode};
    use rustix::process::{Pid, Signal, kill_process};
    use seccompiler::sock_filter;

    use super::*;

    const REFUSED: u32 = 0x5_0000 | libc::EPERM.unsigned_abs();
    const ALLOWED: u32 = 0x7fff_0000;
    #[cfg(target_arch = "x86_64")]
    const ARCHITECTURE: u32 = 0xc000_003e;
    #[cfg(target_arch = "aarch64")]
    const ARCHITECTURE: u32 = 0xc000_00b7;

    /// Returns what the filter says of a call whose first argument is this, as the kernel runs it (`seccomp_data`, classic BPF).
    fn judged(program: &[sock_filter], call: i64, first: u64) -> u32 {
        let mut data = [0; 64];
        data[..4].copy_from_slice(&u32::try_from(call).unwrap().to_ne_bytes());
        data[4..8].copy_from_slice(&ARCHITECTURE.to_ne_bytes());
        data[16..24].copy_from_slice(&first.to_ne_bytes());
        let (mut at, mut held) = (0, 0);
        loop {
            let sock_filter { code, jt, jf, k } = program[at];
            let jump = |taken: bool| usize::from(if taken { jt } else { jf });
            at += 1;
            match code {
                0x20 => held = u32::from_ne_bytes(data[k as usize..][..4].try_into().unwrap()),
                0x05 => at += k as usize,
                0x15 => at += jump(held == k),
                0x25 => at += jump(held > k),
                0x35 => at += jump(held >= k),
                0x06 => return k,
                code => panic!("{code:#x}"),
            }
        }
    }

    #[test]
    fn each_call_of_the_table_is_refused_and_signals_reach_nobody_else() {
        let program = filter(&[]).unwrap();
        for call in FORBIDDEN.iter().chain(OLDER) {
            assert_eq!(judged(&program, *call, 0), REFUSED, "{call}");
        }
        let own = std::process::id().into();
        for call in TO_ITSELF {
            assert_eq!(judged(&program, *call, own), ALLOWED, "it may abort");
            assert_eq!(
                [0, 1, own + 1, u64::from(u32::MAX)].map(|other| judged(&program, *call, other)),
                [REFUSED; 4]
            );
        }
        for call in [libc::SYS_read, libc::SYS_pread64, libc::SYS_mmap, libc::SYS_exit_group] {
            assert_eq!(judged(&program, call, own), ALLOWED, "{call}");
        }
    }

    #[test]
    fn who_finds_libraries_makes_no_socket_and_looks_into_no_memory() {
        let program = filter(TO_TAKE_SECRETS).unwrap();
        for call in FORBIDDEN.iter().chain(OLDER) {
            let expected = if TO_TAKE_SECRETS.contains(call) { ALLOWED } else { REFUSED };
            assert_eq!(judged(&program, *call, 0), expected, "{call}");
        }
        for call in [libc::SYS_socket, libc::SYS_connect, libc::SYS_process_vm_readv, libc::SYS_ptrace] {
            assert_eq!(judged(&program, call, 0), REFUSED, "{call}");
        }
    }

    /// By the calls that programs make, which need not be those of the table.
    #[test]
    fn no_file_is_changed_by_its_name_and_no_process_is_told_anything() {
        let dir = tempfile::tempdir().unwrap();
        let (file, other) = (dir.path().join("file"), dir.path().join("other"));
        fs::write(&file, b"precious").unwrap();
        let before = fs::metadata(&file).unwrap().permissions();
        let confined = std::thread::spawn(move || {
            forbid(&[]).unwrap();
            let own = Pid::from_raw(std::process::id().cast_signed()).unwrap();
            [
                fs::rename(&file, &other).err(),
                fs::hard_link(&file, &other).err(),
                std::os::unix::fs::symlink(&file, &other).err(),
                fs::create_dir(&other).err(),
                fs::remove_file(&file).err(),
                fs::remove_dir(file.parent().unwrap()).err(),
                fs::set_permissions(&file, before).err(),
                std::os::unix::fs::chown(&file, None, None).err(),
                rustix::fs::renameat(CWD, &file, CWD, &other).err().map(Into::into),
                rustix::fs::symlinkat(&file, CWD, &other).err().map(Into::into),
                rustix::fs::mkdirat(CWD, &other, Mode::RWXU).err().map(Into::into),
                rustix::fs::chmodat(CWD, &file, Mode::RUSR, AtFlags::empty()).err().map(Into::into),
                rustix::fs::chownat(CWD, &file, None, None, AtFlags::empty()).err().map(Into::into),
                kill_process(own, Signal::WINCH).err().map(Into::into),
            ]
            .map(|error: Option<io::Error>| error.map(|error| error.kind()))
        });
        assert_eq!(confined.join().unwrap(), [Some(ErrorKind::PermissionDenied); 14]);
    }

    #[test]
    fn a_file_that_is_open_can_be_read_and_nothing_else_can_be_done() {
        let path = std::env::current_exe().unwrap();
        let mut file = File::open(&path).unwrap();
        // A filter holds for the thread that sets it.
        let confined = std::thread::spawn(move || {
            forbid(&[]).unwrap();
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
