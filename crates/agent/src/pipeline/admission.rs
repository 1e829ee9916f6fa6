//! Which connections are this node's to report.

use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use decode::{Flags, Segment};
use identify::Directory;

/// Decides whether a new connection is followed.
///
/// A connection is reported on the node that runs its server. The same connection is also seen before its destination
/// is rewritten, or on its way to another node: those sightings are not admitted.
#[derive(Clone, Debug)]
pub(crate) enum Admission {
    /// Everything: files, and mirrored traffic, have no node.
    All,
    /// Servers that a known Service has, those of pods of this node, and those on this host's own addresses.
    Node {
        /// What is known about Services.
        directory: Arc<Directory>,
        /// The addresses of this host.
        local: Arc<HashSet<IpAddr>>,
    },
}

impl Admission {
    /// Returns whether the connection that this segment begins, or joins, is followed. The server is the receiver of a
    /// SYN and the sender of a SYN-ACK; in a running connection it may be either.
    pub(crate) fn admits(&self, segment: &Segment<'_>) -> bool {
        let Admission::Node { directory, local } = self else { return true };
        let serves = |server| is_here(directory, local, server);
        match (segment.flags.has(Flags::SYN), segment.flags.has(Flags::ACK)) {
            (true, false) => serves(segment.destination),
            (true, true) => serves(segment.source),
            _ => serves(segment.destination) || serves(segment.source),
        }
    }

    /// Returns whether a server is this node's: for connections that were joined while they ran, known only when their
    /// bytes tell which side is the server.
    pub(crate) fn serves(&self, server: SocketAddr) -> bool {
        match self {
            Admission::All => true,
            Admission::Node { directory, local } => is_here(directory, local, server),
        }
    }
}

/// Returns whether a server runs on this node, as far as one can tell: an address that only leads to it is passed over,
/// because the connection is seen again behind it.
fn is_here(directory: &Directory, local: &HashSet<IpAddr>, server: SocketAddr) -> bool {
    let local = local.contains(&server.ip());
    // A pod that no Service selects is here as well: it is said.
    let here = local || directory.serves(server) || directory.unselected(server.ip()).is_some();
    here && !directory.forwards(server, local)
}
