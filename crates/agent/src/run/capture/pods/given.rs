//! The cgroups that the command line names. One that goes and comes back, as with each restart of a systemd service, is a new
//! one for the kernel, and is attached again.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use capture::{Attached, Attacher, SocketError};
use identify::ServiceName;

use crate::cli::GivenCgroup;
use crate::pipeline::targets::{Target, Targets};

/// The cgroups, each under its place in the command line as number, from 1.
#[derive(Default)]
pub(crate) struct Given(Vec<One>);

struct One {
    number: u32,
    path: PathBuf,
    service: Arc<ServiceName>,
    /// With the number that the kernel has for it; none while it is gone.
    attached: Option<(u64, Attached)>,
    said: bool,
}

impl Given {
    /// Attaches them.
    ///
    /// # Errors
    /// Those of [`Attacher::attach`].
    pub(crate) fn attach(attacher: &mut Attacher, cgroups: &[GivenCgroup]) -> Result<Given, SocketError> {
        let mut all = Vec::new();
        for (number, cgroup) in (1..).zip(cgroups) {
            let inode = inode(&cgroup.path).unwrap_or_default();
            let attached = Some((inode, attacher.attach(&cgroup.path, number)?));
            let service = Arc::new(cgroup.service.clone());
            all.push(One { number, path: cgroup.path.clone(), service, attached, said: false });
        }
        Ok(Given(all))
    }

    /// Returns whose they are.
    pub(crate) fn targets(&self) -> Targets {
        Targets(self.0.iter().map(|one| (one.number, Target::Service(Arc::clone(&one.service)))).collect())
    }

    /// Lets go those that are gone, and attaches those that are there again.
    pub(super) fn follow(&mut self, attacher: &mut Attacher) {
        self.0.iter_mut().for_each(|one| one.follow(attacher));
    }
}

impl One {
    fn follow(&mut self, attacher: &mut Attacher) {
        let now = inode(&self.path);
        if self.attached.as_ref().map(|(inode, _)| *inode) == now {
            return;
        }
        let (path, service) = (self.path.display(), &self.service);
        if let Some((_, attached)) = self.attached.take() {
            attacher.detach(attached);
            tracing::warn!(
                "the cgroup {path} of service '{service}' is gone: it is captured again when it is back"
            );
        }
        let Some(inode) = now else { return };
        match attacher.attach(&self.path, self.number) {
            Ok(attached) => {
                self.attached = Some((inode, attached));
                self.said = false;
                tracing::info!("the cgroup {path} of service '{service}' is back, and captured");
            }
            Err(error) if !std::mem::replace(&mut self.said, true) => {
                tracing::error!("service '{service}' cannot be captured: {error}");
            }
            Err(_) => {}
        }
    }
}

/// The number of a cgroup, which no other one ever gets; none while it is not there.
fn inode(path: &Path) -> Option<u64> {
    fs::metadata(path).ok().map(|meta| meta.ino())
}
