//! The files that processes of monitored cgroups map, and what is in them.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::{Duration, Instant};

use capture::{MOST_POINTS, Point};

use super::finding::Finding;

/// A file as the kernel knows it: device and inode, below an overlay where it really is.
pub(super) type Identity = (u32, u64);

/// A file that nobody maps is probed for this time: a process that starts again finds it as it was.
const KEEP: Duration = Duration::from_secs(60);
/// The most files that are remembered: a node has some thousand.
const MAX_FILES: usize = 16 * 1024;

/// What is known of files.
#[derive(Default)]
pub(super) struct Files {
    known: HashMap<Identity, Known>,
    /// The points in use.
    points: BTreeSet<u32>,
    /// The number of the point that was given last.
    last: u32,
    /// The number of the file that was attached last.
    attached: u64,
}

/// What is known of a file.
pub(super) struct Known {
    pub(super) finding: Finding,
    /// Its number and its points, if it is probed.
    probed: Option<(u64, Vec<u32>)>,
    /// The processes that mapped it when somebody last looked.
    processes: HashSet<u32>,
    /// When it was last mapped.
    seen: Instant,
}

/// Points of a file with numbers of their own.
pub(super) struct Numbered {
    pub(super) file: u64,
    pub(super) points: Vec<(u32, Point)>,
}

impl Files {
    /// Takes note that these processes map a file, and returns whether it is known. An inode without a name may be given to another file: one that
    /// is not probed, and that none of those maps any more who did, is a new one.
    pub(super) fn seen(&mut self, file: Identity, processes: HashSet<u32>, now: Instant) -> bool {
        let Some(known) = self.known.get_mut(&file) else { return false };
        if known.probed.is_none() && known.processes.is_disjoint(&processes) {
            self.known.remove(&file);
            return false;
        }
        known.processes = processes;
        known.seen = now;
        true
    }

    /// Returns what is known of a file.
    pub(super) fn get(&self, file: Identity) -> Option<&Known> {
        self.known.get(&file)
    }

    /// Gives points numbers of their own; none if there are not enough.
    pub(super) fn number(&mut self, points: Vec<Point>) -> Option<Numbered> {
        let mut numbered = Vec::new();
        for point in points {
            let free = (1..=MOST_POINTS).map(|step| (self.last + step) % MOST_POINTS);
            let number = free.into_iter().find(|number| !self.points.contains(number))?;
            self.last = number;
            numbered.push((number, point));
        }
        self.attached += 1;
        Some(Numbered { file: self.attached, points: numbered })
    }

    /// Takes what is in a file; `probed` are the points at which it is probed now.
    pub(super) fn add(
        &mut self,
        file: Identity,
        (finding, probed): (Finding, Option<Numbered>),
        processes: HashSet<u32>,
        now: Instant,
    ) {
        if self.known.len() >= MAX_FILES {
            return;
        }
        let probed = probed.map(|numbered| {
            let points: Vec<_> = numbered.points.iter().map(|(number, _)| *number).collect();
            self.points.extend(&points);
            (numbered.file, points)
        });
        self.known.insert(file, Known { finding, probed, processes, seen: now });
    }

    /// Forgets files that nobody has mapped for long enough, and returns the numbers of those that were probed.
    pub(super) fn forget(&mut self, now: Instant) -> Vec<u64> {
        let over = self.known.extract_if(|_, known| {
            let keep = if known.probed.is_some() { KEEP } else { Duration::ZERO };
            now.duration_since(known.seen) > keep
        });
        let mut numbers = Vec::new();
        for (number, points) in over.filter_map(|(_, known)| known.probed) {
            self.points.retain(|point| !points.contains(point));
            numbers.push(number);
        }
        numbers
    }

    /// Forgets all of them.
    pub(super) fn clear(&mut self) {
        self.known.clear();
        self.points.clear();
    }
}
