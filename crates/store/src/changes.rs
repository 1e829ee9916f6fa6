//! What one transaction changes.

use std::collections::BTreeMap;

/// What a value is about; each kind has a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Endpoint,
    Mapping,
    Body,
}

impl Kind {
    pub(crate) const ALL: [Kind; 3] = [Kind::Endpoint, Kind::Mapping, Kind::Body];
    /// Those that are read when the file is opened. Bodies stay where they are.
    pub(crate) const RECORDS: [Kind; 2] = [Kind::Endpoint, Kind::Mapping];
}

/// What one transaction changes: values by their keys; a key without a value is removed.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    pub(crate) endpoints: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    pub(crate) mappings: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    pub(crate) bodies: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
}

impl Changes {
    pub(crate) fn of(&self, kind: Kind) -> &BTreeMap<Vec<u8>, Option<Vec<u8>>> {
        match kind {
            Kind::Endpoint => &self.endpoints,
            Kind::Mapping => &self.mappings,
            Kind::Body => &self.bodies,
        }
    }

    pub(crate) fn of_mut(&mut self, kind: Kind) -> &mut BTreeMap<Vec<u8>, Option<Vec<u8>>> {
        match kind {
            Kind::Endpoint => &mut self.endpoints,
            Kind::Mapping => &mut self.mappings,
            Kind::Body => &mut self.bodies,
        }
    }
}
