//! The memory that the agent may use here.

use std::fs;
use std::path::{Path, PathBuf};

use super::row::Row;
use crate::budget::MEMORY_MIB;

const SUBJECT: &str = "memory";
/// What the agent needs beside its budget: the queue, the program, the runtime.
const BESIDE_MIB: u64 = 96;
/// Where the hierarchy of control groups is, and the file with the limit: version 2, then version 1. Version 1 writes
/// a number near 2^63 for 'no limit'.
const HIERARCHIES: [(&str, &str); 2] =
    [("/sys/fs/cgroup", "memory.max"), ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")];
const UNLIMITED: u64 = 1 << 60;

/// Returns the row about the limit of this process: whether it leaves room for the budget. `configured` is `monitor.memoryMiB`, 0 for the
/// default.
pub(super) fn row(configured: usize) -> Row {
    let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let limits = HIERARCHIES.iter().map(|(root, file)| (PathBuf::from(root), *file, group(&groups, file)));
    let limit = limits.filter_map(|(root, file, group)| limit(&root, file, group?)).min();
    judge(limit, configured)
}

/// The group of this process in the hierarchy that has this file.
fn group<'a>(groups: &'a str, file: &str) -> Option<&'a str> {
    let wanted = if file == "memory.max" { "" } else { "memory" };
    groups.lines().find_map(|line| {
        let mut fields = line.splitn(3, ':').skip(1);
        let controllers = fields.next()?;
        fields.next().filter(|_| controllers.split(',').any(|controller| controller == wanted))
    })
}

/// The smallest limit of a group and those above it. In a container the own group is the top of what is mounted.
fn limit(root: &Path, file: &str, group: &str) -> Option<u64> {
    let group = Path::new(group.trim_start_matches('/'));
    let read = |folder: &Path| fs::read_to_string(root.join(folder).join(file)).ok()?.trim().parse().ok();
    group.ancestors().filter_map(read).min().filter(|limit| *limit < UNLIMITED)
}

fn judge(limit: Option<u64>, configured: usize) -> Row {
    let budget = if configured == 0 { MEMORY_MIB } else { configured } as u64;
    let needed = budget.saturating_add(BESIDE_MIB);
    match limit.map(|bytes| bytes >> 20) {
        None => Row::ok(SUBJECT, format!("no limit; the agent's budget is {budget} MiB")),
        Some(limit) if limit >= needed => {
            Row::ok(SUBJECT, format!("limit {limit} MiB; the agent's budget is {budget} MiB"))
        }
        Some(limit) => {
            let finding = format!("the limit of {limit} MiB is small for a budget of {budget} MiB");
            let remedy = format!(
                "set resources.limits.memory to {needed}Mi or more, or monitor.memoryMiB to {} or less",
                limit.saturating_sub(BESIDE_MIB).max(32)
            );
            Row::warning(SUBJECT, finding, remedy)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::row::State;
    use super::*;

    #[test]
    fn a_limit_must_leave_room() {
        for (limit, configured, state) in [
            (None, 0, State::Ok),
            (Some(256), 0, State::Ok),
            (Some(255), 0, State::Warning),
            (Some(128), 32, State::Ok),
            (Some(512), 512, State::Warning),
        ] {
            assert_eq!(judge(limit.map(|mib| mib << 20), configured).state, state, "{limit:?} {configured}");
        }
        assert!(judge(Some(300 << 20), 512).remedy.unwrap().contains("memoryMiB to 204 or less"));
    }

    #[test]
    fn the_smallest_limit_on_the_way_up_counts() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("kubepods/pod1");
        fs::create_dir_all(&folder).unwrap();
        let write = |folder: &Path, text: &str| fs::write(folder.join("memory.max"), text).unwrap();
        write(&folder, "max\n");
        let limit = |group: &str| limit(root.path(), "memory.max", group);
        assert_eq!(limit("/kubepods/pod1"), None);
        write(&root.path().join("kubepods"), "1000\n");
        assert_eq!(limit("/kubepods/pod1"), Some(1000));
        write(&folder, "500\n");
        assert_eq!(limit("/kubepods/pod1"), Some(500));
        assert_eq!(limit("/"), None);
        write(root.path(), "9223372036854771712\n");
        assert_eq!(limit("/"), None);
    }

    #[test]
    fn the_group_is_found_in_both_versions() {
        let (old, new) = ("12:cpu,cpuacct:/a\n5:memory:/b\n1:name=systemd:/c\n", "0::/d\n");
        assert_eq!(group(old, "memory.limit_in_bytes"), Some("/b"));
        assert_eq!(group(new, "memory.max"), Some("/d"));
        assert_eq!((group(old, "memory.max"), group(new, "memory.limit_in_bytes")), (None, None));
    }
}
