//! Why an operation has no name.

/// Why something that a request asked for was not named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GivenUp {
    /// Not all of the body was kept.
    Cut,
    /// Its name is no name: too long, not printable, or the form of a value.
    Unnamed,
    /// A persisted query whose text was not seen.
    UnknownHash,
    /// A GraphQL document that is too long or nests too deep.
    TooLarge,
    /// There were more calls in one batch than are read.
    TooMany,
}

impl GivenUp {
    /// All of them.
    pub const ALL: [GivenUp; 5] =
        [GivenUp::Cut, GivenUp::Unnamed, GivenUp::UnknownHash, GivenUp::TooLarge, GivenUp::TooMany];

    /// Returns it as a metric label.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            GivenUp::Cut => "cut",
            GivenUp::Unnamed => "unnamed",
            GivenUp::UnknownHash => "unknown_hash",
            GivenUp::TooLarge => "too_large",
            GivenUp::TooMany => "too_many",
        }
    }
}
