//! What tells news from repeats.

use decode::Timestamp;

use crate::auth::Credentials;

/// What makes two exchanges teach the same: a seeded hash of owner, method, template shape, status, kind of asker and of its
/// credentials, content types, parameter names and, of gRPC, the way of the call. Different in every process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub(crate) u64);

/// What a look at an exchange found to be new. It becomes known when it is accepted ([`crate::Known::accept`]), once.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub struct Novelty {
    pub(crate) fingerprint: Fingerprint,
    /// The operation (owner, method, template) that has one more variant by it.
    pub(crate) operation: u64,
    /// The connection that it came on, as a hash of its client; 0 where that says nothing.
    pub(crate) connection: u32,
    /// What the request carries to prove who asks.
    pub(crate) credentials: Credentials,
    /// Whether each request of that operation is to tell what it asks for beside its URL ([`crate::Known::follow`]).
    pub(crate) followed: bool,
    /// Whether its parameters and the body of its request are to teach a shape.
    pub(crate) shapes: bool,
}

impl Novelty {
    /// What stands for an exchange that is read whatever is known.
    pub(crate) fn of_everything() -> Novelty {
        let credentials = Credentials::NONE;
        Novelty {
            fingerprint: Fingerprint(0),
            operation: 0,
            connection: 0,
            credentials,
            followed: false,
            shapes: true,
        }
    }

    /// Returns what the exchange teaches.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }
}

/// What a worker tells apart by owner, method and template: most endpoints are one. Different in every process, and another one
/// once more is decided about the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Route(pub(crate) u64);

/// How often something known was seen again since it was last told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeats {
    /// What was seen.
    pub fingerprint: Fingerprint,
    /// How often.
    pub count: u64,
    /// When last.
    pub last: Timestamp,
}
