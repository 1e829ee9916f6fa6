//! The account of TLS connections: what became of each.

use tls::GivenUp;

use crate::counters::tally;

/// What became of a TLS connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum TlsOutcome {
    /// It was opened, and HTTP is inside.
    Opened,
    /// There is no secret of it.
    NoKey,
    /// There is none to be had: no process at its server has a library that gives them.
    NoLibrary,
    /// It was captured at its client: it is read where its server runs.
    AtClient,
    /// Its handshake is not there.
    Older,
    /// It has a version or a cipher suite that is not read.
    Suite,
    /// A tag refused a record although nothing was missing before it: a secret is wrong, or what came is no TLS.
    Refused,
    /// Missing bytes left it open how to go on.
    Gap,
    /// It made new keys by a handshake inside of it, which is not followed.
    Renegotiated,
    /// It ended in the handshake, or behind it with nothing inside.
    Ended,
    /// It was opened, and what is inside is no HTTP.
    NotHttp,
}

impl TlsOutcome {
    /// All outcomes.
    pub const ALL: [TlsOutcome; 11] = [
        TlsOutcome::Opened,
        TlsOutcome::NoKey,
        TlsOutcome::NoLibrary,
        TlsOutcome::AtClient,
        TlsOutcome::Older,
        TlsOutcome::Suite,
        TlsOutcome::Refused,
        TlsOutcome::Gap,
        TlsOutcome::Renegotiated,
        TlsOutcome::Ended,
        TlsOutcome::NotHttp,
    ];

    /// Returns the outcome as a metric label.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            TlsOutcome::Opened => "opened",
            TlsOutcome::NoKey => "no_key",
            TlsOutcome::NoLibrary => "no_library",
            TlsOutcome::AtClient => "at_client",
            TlsOutcome::Older => "older",
            TlsOutcome::Suite => "suite",
            TlsOutcome::Refused => "refused",
            TlsOutcome::Gap => "gap",
            TlsOutcome::Renegotiated => "renegotiated",
            TlsOutcome::Ended => "ended_in_handshake",
            TlsOutcome::NotHttp => "not_http",
        }
    }
}

impl From<GivenUp> for TlsOutcome {
    fn from(why: GivenUp) -> TlsOutcome {
        match why {
            GivenUp::NoKey => TlsOutcome::NoKey,
            GivenUp::Suite => TlsOutcome::Suite,
            GivenUp::Refused => TlsOutcome::Refused,
            GivenUp::Gap => TlsOutcome::Gap,
            GivenUp::Renegotiated => TlsOutcome::Renegotiated,
        }
    }
}

tally!(ByTlsOutcome, TlsOutcome);

/// TLS connections by what became of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsConnections {
    /// All that were seen.
    pub seen: u64,
    /// Those of which it is not known yet.
    pub open: u64,
    /// The others. One that was opened stays so, even if its rest cannot be read.
    pub outcomes: ByTlsOutcome,
}

impl TlsConnections {
    /// Returns every way of a connection: its metric label and its count. Their sum is [`TlsConnections::seen`].
    pub fn ways(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let outcomes = TlsOutcome::ALL.map(|outcome| (outcome.label(), self.outcomes[outcome]));
        outcomes.into_iter().chain([("open", self.open)])
    }

    /// Counts a connection that may be opened.
    pub(crate) fn begin(&mut self) {
        self.seen += 1;
        self.open += 1;
    }

    /// Counts what became of one that may have been opened.
    pub(crate) fn decide(&mut self, outcome: TlsOutcome) {
        self.open -= 1;
        self.outcomes[outcome] += 1;
    }

    /// Counts one whose outcome is known when it is seen.
    pub(crate) fn count(&mut self, outcome: TlsOutcome) {
        self.seen += 1;
        self.outcomes[outcome] += 1;
    }
}
