//! Why capture at sockets cannot begin, in words that say what to do next.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why sockets cannot be captured. `Display` gives the reason and the remedy.
#[derive(Debug)]
#[non_exhaustive]
pub enum SocketError {
    /// This program was built without the kernel's side.
    NotBuilt,
    /// The process may not load programs into the kernel.
    NotPermitted(io::Error),
    /// The kernel, or the sandbox around it, has no bpf(2), or does not know what is asked of it.
    NotSupported(io::Error),
    /// The kernel refused the program.
    Refused {
        /// What the kernel said; the last lines of its reasons, if it gave any.
        why: String,
    },
    /// The program is loaded, and cannot be attached.
    Attach {
        /// The cgroup.
        path: PathBuf,
        /// What the kernel said.
        source: io::Error,
    },
    /// This path is no cgroup of version 2.
    NotACgroup {
        /// The path.
        path: PathBuf,
    },
    /// Another step that failed.
    System {
        /// What was tried.
        step: &'static str,
        /// What the kernel said.
        source: io::Error,
    },
}

impl fmt::Display for SocketError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SocketError::NotBuilt => write!(
                out,
                "this program was built without clang, and can capture packets only: build it again where clang-16 is \
                 installed"
            ),
            SocketError::NotPermitted(source) => write!(
                out,
                "capture at sockets needs the capabilities CAP_BPF and CAP_NET_ADMIN ({source}): run as root, or in \
                 Kubernetes as uid 0 with `securityContext.capabilities.add: [\"BPF\", \"NET_ADMIN\"]`; with them it is \
                 the seccomp profile, the security module or the lockdown of the kernel that forbids bpf(2)"
            ),
            SocketError::NotSupported(source) => write!(
                out,
                "this kernel cannot capture at sockets ({source}): it takes Linux 5.9 with CONFIG_CGROUP_BPF and \
                 CONFIG_BPF_SYSCALL"
            ),
            SocketError::Refused { why } => write!(out, "the kernel refused the program: {why}"),
            SocketError::Attach { path, source } => match source.raw_os_error() {
                Some(libc::EPERM) => write!(
                    out,
                    "the program cannot be attached to {path:?} ({source}): it takes CAP_NET_ADMIN, and no other program \
                     above that forbids it"
                ),
                _ => write!(out, "the program cannot be attached to {path:?}: {source}"),
            },
            SocketError::NotACgroup { path } => {
                write!(
                    out,
                    "{path:?} is no cgroup of version 2: `stat -f -c %T {}` must say cgroup2fs",
                    path.display()
                )
            }
            SocketError::System { step, source } => {
                write!(out, "capture at sockets could not begin: {step}: {source}")
            }
        }
    }
}

impl std::error::Error for SocketError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            SocketError::NotPermitted(source)
            | SocketError::NotSupported(source)
            | SocketError::Attach { source, .. }
            | SocketError::System { source, .. } => Some(source),
            _ => None,
        }
    }
}
