//! Why no secrets can be taken from processes, in words that say what to do next.

use std::fmt;
use std::io;

/// Why no secrets can be taken. `Display` gives the reason and the remedy.
#[derive(Debug)]
#[non_exhaustive]
pub enum SecretsError {
    /// This program was built without the kernel's side, or for a processor that it does not know.
    NotBuilt,
    /// The kernel has no description of its types.
    NoTypes(String),
    /// The process may not do this.
    NotPermitted {
        /// What was tried.
        step: &'static str,
        /// What the kernel said.
        source: io::Error,
    },
    /// The kernel does not know what is asked of it.
    NotSupported {
        /// What was tried.
        step: &'static str,
        /// What the kernel said.
        source: io::Error,
    },
    /// The kernel refused a program; the last lines of its reasons.
    Refused(String),
    /// Another step that failed, and how.
    System {
        /// What was tried.
        step: &'static str,
        /// What was said.
        why: String,
    },
}

impl SecretsError {
    /// Of a call that failed.
    pub(super) fn of(step: &'static str, source: io::Error) -> SecretsError {
        match source.raw_os_error() {
            Some(libc::EPERM | libc::EACCES) => SecretsError::NotPermitted { step, source },
            Some(libc::ENOSYS | libc::EOPNOTSUPP | libc::EINVAL) => {
                SecretsError::NotSupported { step, source }
            }
            _ => SecretsError::System { step, why: source.to_string() },
        }
    }

    /// Of something that says itself what it is.
    pub(super) fn other(step: &'static str) -> impl Fn(&dyn fmt::Display) -> SecretsError {
        move |why| SecretsError::System { step, why: why.to_string() }
    }
}

impl fmt::Display for SecretsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SecretsError::NotBuilt => f.write_str(
                "this program was built without the kernel's side of it: it takes clang-16, and x86-64",
            ),
            SecretsError::NoTypes(why) => {
                write!(f, "the kernel does not describe its types, which takes CONFIG_DEBUG_INFO_BTF ({why})")
            }
            SecretsError::NotPermitted { step, source } => write!(
                f,
                "{step} takes the capabilities CAP_BPF and CAP_PERFMON ({source}): in Kubernetes the component deploy/tls adds \
                 them; with them it is the seccomp profile, the security module or the lockdown of the kernel that forbids \
                 bpf(2)"
            ),
            SecretsError::NotSupported { step, source } => {
                write!(f, "{step} takes Linux 6.6 with CONFIG_UPROBES and CONFIG_BPF_EVENTS ({source})")
            }
            SecretsError::Refused(why) => write!(f, "the kernel refused the program: {why}"),
            SecretsError::System { step, why } => write!(f, "{step}: {why}"),
        }
    }
}

impl std::error::Error for SecretsError {}
