//! Why live capture cannot begin, in words that say what to do next.

use std::fmt;
use std::io;

/// Why a ring could not be opened. `Display` gives the reason and the remedy.
#[derive(Debug)]
#[non_exhaustive]
pub enum OpenError {
    /// The process may not open packet sockets.
    NotPermitted,
    /// This kernel, or the sandbox around it, has no packet sockets.
    NotSupported(io::Error),
    /// A name that no interface can have.
    BadName {
        /// The name.
        name: String,
    },
    /// None of the named interfaces exists.
    NoSuchInterface {
        /// The names that were asked for.
        names: Vec<String>,
        /// The names that exist.
        existing: Vec<String>,
    },
    /// More names than the kernel filter has room for.
    TooManyInterfaces {
        /// How many were named.
        named: usize,
        /// How many there may be.
        limit: usize,
    },
    /// More ports than the kernel filter has room for.
    TooManyPorts {
        /// How many were named.
        named: usize,
        /// How many there may be.
        limit: usize,
    },
    /// The kernel refused the ring.
    Ring {
        /// How long it was to be, in bytes.
        bytes: usize,
        /// What the kernel said.
        source: io::Error,
    },
    /// Another step that the kernel refused.
    System {
        /// What was tried.
        step: &'static str,
        /// What the kernel said.
        source: io::Error,
    },
}

impl fmt::Display for OpenError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OpenError::NotPermitted => write!(
                out,
                "packet capture needs the capability CAP_NET_RAW, which this process lacks: run it as root, give it to \
                 the program with `setcap cap_net_raw+ep FILE`, or in Kubernetes run as uid 0 with \
                 `securityContext.capabilities.add: [\"NET_RAW\"]`"
            ),
            OpenError::NotSupported(source) => write!(
                out,
                "packet sockets are not to be had here ({source}): the kernel needs CONFIG_PACKET, and the container \
                 runtime must not forbid AF_PACKET"
            ),
            OpenError::BadName { name } => write!(
                out,
                "{name:?} cannot be the name of an interface: it has 1 to 15 bytes, no slash and no space; `ip link` \
                 lists them"
            ),
            OpenError::NoSuchInterface { names, existing } => write!(
                out,
                "none of the named interfaces exists ({}): choose among {}, or name none to capture on all",
                names.join(", "),
                existing.join(", ")
            ),
            OpenError::TooManyInterfaces { named, limit } => {
                write!(out, "{named} interfaces are named, {limit} can be: name none to capture on all")
            }
            OpenError::TooManyPorts { named, limit } => {
                write!(out, "{named} ports of VXLAN are named, {limit} can be")
            }
            OpenError::Ring { bytes, source } => write!(
                out,
                "the kernel gave no ring of {} MiB for capture ({source}): give the node more memory, or the ring less",
                bytes / (1024 * 1024)
            ),
            OpenError::System { step, source } => write!(out, "capture could not begin: {step}: {source}"),
        }
    }
}

impl std::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            OpenError::NotSupported(source)
            | OpenError::Ring { source, .. }
            | OpenError::System { source, .. } => Some(source),
            _ => None,
        }
    }
}
