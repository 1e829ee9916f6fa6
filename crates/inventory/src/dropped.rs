//! Why body examples were given up.

use serde::{Deserialize, Serialize};

/// Why a body example was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dropped {
    /// The platform had it, and others needed the room.
    Pushed,
    /// There was no room in memory, and no store that has room for it took it in time.
    Memory,
    /// There was no room in the store.
    Disk,
    /// Its endpoint has another template now than when it was stored.
    Moved,
    /// What the store has of it cannot be read. What a later version may give as its reason is taken for this.
    #[serde(other)]
    Damaged,
}

impl Dropped {
    /// Returns the reason for people, as the end of a sentence.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Dropped::Pushed => "it had made room for others when the platform had it",
            Dropped::Memory => "the memory for bodies was used up before it was on disk",
            Dropped::Disk => "the store has the size that it may have (storeMiB)",
            Dropped::Moved => "its endpoint had another template when it was stored",
            Dropped::Damaged => "the store could not read it",
        }
    }
}

/// Body examples that were given up, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the reasons have them")]
pub struct DroppedCounts {
    pub pushed: u64,
    pub memory: u64,
    pub disk: u64,
    pub moved: u64,
    pub damaged: u64,
}

impl DroppedCounts {
    /// Returns the reasons as metric labels, with their counts.
    #[must_use]
    pub fn ways(&self) -> [(&'static str, u64); 5] {
        [
            ("pushed", self.pushed),
            ("memory", self.memory),
            ("disk", self.disk),
            ("moved", self.moved),
            ("damaged", self.damaged),
        ]
    }

    pub(crate) fn add(&mut self, reason: Dropped) {
        let way = match reason {
            Dropped::Pushed => &mut self.pushed,
            Dropped::Memory => &mut self.memory,
            Dropped::Disk => &mut self.disk,
            Dropped::Moved => &mut self.moved,
            Dropped::Damaged => &mut self.damaged,
        };
        *way += 1;
    }
}
