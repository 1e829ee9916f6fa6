//! Pods that have a cgroup of version 2: the program is attached to each.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use capture::{Attached, Attacher, SocketError};

use crate::node::cgroups::Tree;

/// How often the tree is looked through without an event: events may be lost.
const LOOK_ALL: Duration = Duration::from_secs(10);

/// The cgroups of pods, and which of them are captured; by UID.
pub(super) struct Cgroups {
    tree: Tree,
    there: HashMap<String, PathBuf>,
    looked: Instant,
    attached: HashMap<String, Attached>,
}

impl Cgroups {
    /// Begins to follow the tree below this root.
    ///
    /// # Errors
    /// The system has no watch for it.
    pub(super) fn follow(root: &Path) -> io::Result<Cgroups> {
        let tree = Tree::follow(root)?;
        Ok(Cgroups { there: tree.pods(), tree, looked: Instant::now(), attached: HashMap::new() })
    }

    /// Waits until something has changed, at most this long.
    pub(super) fn wait(&mut self, timeout: Duration) {
        if self.tree.wait(timeout) || self.looked.elapsed() >= LOOK_ALL {
            self.there = self.tree.pods();
            self.looked = Instant::now();
        }
    }

    pub(super) fn has(&self, uid: &str) -> bool {
        self.there.contains_key(uid)
    }

    /// Captures a pod under this number, if it is still there.
    ///
    /// # Errors
    /// Those of [`Attacher::attach`]; that it ended meanwhile is none.
    pub(super) fn hold(
        &mut self,
        attacher: &mut Attacher,
        uid: &str,
        number: u32,
    ) -> Result<bool, SocketError> {
        let Some(path) = self.there.get(uid) else { return Ok(false) };
        match attacher.attach(path, number) {
            Ok(attached) => {
                self.attached.insert(uid.to_owned(), attached);
                Ok(true)
            }
            Err(_) if !path.exists() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Captures it no longer.
    pub(super) fn release(&mut self, attacher: &mut Attacher, uid: &str) {
        if let Some(attached) = self.attached.remove(uid) {
            attacher.detach(attached);
        }
    }
}
