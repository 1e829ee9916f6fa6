//! What one transaction changes.

use std::collections::BTreeMap;

/// What a value is about; each kind has a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Kind {
    Endpoint,
    Mapping,
    Paths,
    Body,
    Shapes,
}

impl Kind {
    pub(crate) const ALL: [Kind; 5] = [Kind::Endpoint, Kind::Mapping, Kind::Paths, Kind::Body, Kind::Shapes];
    /// Those that are read when the file is opened, endpoints first. Bodies stay where they are.
    pub(crate) const RECORDS: [Kind; 4] = [Kind::Endpoint, Kind::Mapping, Kind::Paths, Kind::Shapes];
}

/// Values by their keys; a key without a value is removed.
pub(crate) type Written = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// What one transaction changes of each kind.
#[derive(Debug, Default)]
pub(crate) struct Changes(BTreeMap<Kind, Written>);

static NONE: Written = Written::new();

impl Changes {
    pub(crate) fn of(&self, kind: Kind) -> &Written {
        self.0.get(&kind).unwrap_or(&NONE)
    }

    pub(crate) fn of_mut(&mut self, kind: Kind) -> &mut Written {
        self.0.entry(kind).or_default()
    }
}
