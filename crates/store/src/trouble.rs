//! What can be wrong with the store's file.

use std::fmt;

/// Why the file could not be opened, read or written.
#[derive(Clone, Debug)]
pub(crate) enum Trouble {
    Held,
    Damaged(String),
    Away(String),
    Refused(String),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::Held => f.write_str(
                "the store is in use by another process; until that ends, this one pushes nothing",
            ),
            Trouble::Damaged(reason) | Trouble::Away(reason) | Trouble::Refused(reason) => {
                f.write_str(reason)
            }
        }
    }
}
