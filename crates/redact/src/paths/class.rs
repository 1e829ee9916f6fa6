//! Dates, e-mail addresses, and other values.

use serde::{Deserialize, Serialize};

/// Which classes of values a variable had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Classes {
    pub(crate) dates: bool,
    pub(crate) emails: bool,
    pub(crate) others: bool,
}

impl Classes {
    /// Takes in the classes of another.
    pub(crate) fn join(&mut self, other: Classes) {
        self.dates |= other.dates;
        self.emails |= other.emails;
        self.others |= other.others;
    }
}
