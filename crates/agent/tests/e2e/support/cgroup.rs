//! Control groups of version 2 that a test makes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, id};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::within;

/// How long processes that were ended may stay in their cgroup.
const EMPTY: Duration = Duration::from_secs(5);

/// A cgroup that is removed when this is dropped, once what ran in it has ended.
pub(crate) struct Cgroup(PathBuf);

impl Cgroup {
    /// A new one at the root of the mounted hierarchy.
    pub(crate) fn new(name: &str) -> Cgroup {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Cgroup::at(&root().join(format!("tm-test-{}-{number}-{name}", id())))
    }

    /// One below this, or at any other place.
    pub(crate) fn at(path: &Path) -> Cgroup {
        fs::create_dir(path)
            .unwrap_or_else(|error| panic!("this test makes cgroups, run it as root: {path:?}: {error}"));
        Cgroup(path.to_path_buf())
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The same command, started inside.
    pub(crate) fn command(&self, inner: &Command) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", "echo $$ > \"$0\" && exec \"$@\""]).arg(self.0.join("cgroup.procs"));
        command.arg(inner.get_program()).args(inner.get_args());
        for (name, value) in inner.get_envs() {
            command.env(name, value.unwrap_or_default());
        }
        command
    }

    /// The numbers of the programs that are attached to it, as bpftool lists them.
    pub(crate) fn programs(&self) -> usize {
        let output = Command::new("bpftool").args(["cgroup", "show"]).arg(&self.0).output();
        let output = output.expect("this test needs bpftool");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).lines().filter(|line| line.contains("cgroup_inet_")).count()
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        let removed = within(EMPTY, || fs::remove_dir(&self.0).is_ok());
        assert!(removed || std::thread::panicking(), "{:?} cannot be removed: something runs in it", self.0);
    }
}

/// Returns where the hierarchy of version 2 is mounted.
pub(crate) fn root() -> PathBuf {
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap();
    let line = mounts.lines().find(|line| line.split(' ').nth(2) == Some("cgroup2"));
    line.expect("this test needs cgroup2 to be mounted").split(' ').nth(1).unwrap().into()
}
