//! Whether what is probed gives what is needed.

use std::fmt;

use http::{TlsConnections, TlsOutcome};

/// So many connections say that something is wrong, and not only late: those from before a library was probed have no secret.
const MANY: u64 = 20;

/// What is wrong though all that is needed is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// Secrets come, and open nothing.
    NothingOpened {
        /// The number of secrets.
        secrets: u64,
        /// The number of connections without one, or whose one does not fit.
        connections: u64,
    },
    /// Libraries are probed, connections come, and no probe is reached.
    NotReached {
        /// The number of connections.
        connections: u64,
    },
}

impl Doubt {
    /// Judges from the number of secrets that came, the number of files that are probed, and what became of connections.
    pub(super) fn of(secrets: u64, files: usize, tls: &TlsConnections) -> Option<Doubt> {
        let of = |outcome| tls.outcomes[outcome];
        let connections = of(TlsOutcome::NoKey) + of(TlsOutcome::Refused);
        if of(TlsOutcome::Opened) + of(TlsOutcome::NotHttp) > 0 || connections < MANY || files == 0 {
            return None;
        }
        Some(match secrets {
            0 => Doubt::NotReached { connections },
            secrets => Doubt::NothingOpened { secrets, connections },
        })
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Doubt::NothingOpened { secrets, connections } => write!(
                f,
                "TLS: {secrets} secrets came, and none of {connections} connections could be opened with them: a place in a library is \
                 wrong. Tell us which library `status` names"
            ),
            Doubt::NotReached { connections } => write!(
                f,
                "TLS: no probe was reached, and {connections} connections had no secret: their server may have a second TLS library"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_only_late_is_doubted() {
        let of = |secrets, files, opened, no_key| {
            let mut tls = TlsConnections::default();
            tls.outcomes[TlsOutcome::Opened] = opened;
            tls.outcomes[TlsOutcome::NoKey] = no_key;
            Doubt::of(secrets, files, &tls)
        };
        assert_eq!(of(100, 1, 0, MANY), Some(Doubt::NothingOpened { secrets: 100, connections: MANY }));
        assert_eq!(of(0, 1, 0, MANY), Some(Doubt::NotReached { connections: MANY }));
        let fine = [of(100, 1, 1, 500), of(100, 1, 0, MANY - 1), of(0, 0, 0, 500), of(0, 1, 0, 0)];
        assert_eq!(fine, [None; 4]);
    }
}
