//! The tree of control groups (version 2), and which of them are pods'.
//!
//! The kubelet names a pod's cgroup by its UID, and puts it below a few others: `kubepods` or `kubepods.slice`, and one for
//! the class of quality. kind and other nests put more above these. So any folder of such a name is a pod's, wherever it is;
//! what is below it (`cri-containerd-…`, `crio-…`, `docker-…`) are its containers.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::inotify::{self, CreateFlags, WatchFlags};

/// Where the tree may be: mounted from the node into a pod, or on the node; at its root, or beside version 1.
const PLACES: [&str; 4] =
    ["/host/sys/fs/cgroup", "/host/sys/fs/cgroup/unified", "/sys/fs/cgroup", "/sys/fs/cgroup/unified"];
/// How far below the root pods are looked for: on a node 3, in a node inside of a container some more.
const MAX_DEPTH: usize = 12;
/// How many folders above pods are watched; a node has some tens, with many services of its own some hundreds.
const MAX_FOLDERS: usize = 4096;

/// The root of the tree, if it is mounted: at the given place, or where it usually is.
pub(crate) fn root(given: Option<&Path>) -> Option<PathBuf> {
    let places = given.map_or(PLACES.map(Path::new).to_vec(), |given| vec![given]);
    places.into_iter().find(|place| place.join("cgroup.controllers").exists()).map(Path::to_path_buf)
}

/// What the tree says about pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OfPods {
    /// Some have a cgroup.
    Some,
    /// None has one, although this is the tree of the node: they are in cgroups of version 1.
    None,
    /// None has one, and this may be the tree of a container: it shows nothing of others.
    Unknown,
}

/// Looks for pods below a root that [`root`] has found.
pub(crate) fn of_pods(root: &Path) -> OfPods {
    if Tree::follow(root).is_ok_and(|tree| tree.pods().values().any(|pod| may_have_processes(pod))) {
        return OfPods::Some;
    }
    if of_container(root, root.join("cgroup.type").exists()) { OfPods::Unknown } else { OfPods::None }
}

/// Returns whether something may run in a cgroup or below it. Where pods are in version 1, theirs of version 2 can be
/// there and empty.
fn may_have_processes(cgroup: &Path) -> bool {
    fs::read_to_string(cgroup.join("cgroup.events")).is_ok_and(|events| events.contains("populated 1"))
}

/// Returns what to do where the tree says nothing about pods.
pub(crate) fn of_a_container_only(root: &Path) -> String {
    format!(
        "no pod has a cgroup below {}, which is the tree of a container: mount the node's /sys/fs/cgroup at \
         /host/sys/fs/cgroup, read-only (daemonset.yaml has it)",
        root.display()
    )
}

/// Returns whether a tree at the usual place may be that of the container in which this runs. Only the root of all has
/// no type. What is mounted at another place is the node's, also where the node is a container itself.
fn of_container(root: &Path, has_type: bool) -> bool {
    has_type && PLACES[2..].iter().any(|place| root == Path::new(place))
}

/// The UID of the pod whose cgroup has this name.
pub(crate) fn pod_uid(name: &str) -> Option<String> {
    let name = name.strip_suffix(".slice").unwrap_or(name);
    let (before, uid) = name.rsplit_once("pod")?;
    if !(before.is_empty() || before.ends_with('-')) {
        return None;
    }
    // systemd takes a hyphen for a step down in the tree.
    let uid = uid.replace('_', "-");
    let uuid = |at: usize, byte: u8| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    let is_uuid = uid.len() == 36 && uid.bytes().enumerate().all(|(at, byte)| uuid(at, byte));
    // Pods from files have a checksum instead.
    let is_checksum = uid.len() == 32 && uid.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_uuid || is_checksum).then_some(uid)
}

/// The cgroup of this process in the tree. In a container `/proc` shows it as if it were the root; but among all cgroups only
/// one lists the number that this process has here.
pub(crate) fn own(root: &Path) -> Option<PathBuf> {
    let process = std::process::id().to_string();
    let is_own = |folder: &Path| {
        fs::read_to_string(folder.join("cgroup.procs"))
            .is_ok_and(|all| all.lines().any(|line| line == process))
    };
    let told = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let told = told.lines().find_map(|line| line.strip_prefix("0::/")).map(|path| root.join(path));
    if let Some(told) = told.filter(|told| is_own(told)) {
        return Some(told);
    }
    let mut folders = vec![(root.to_path_buf(), 0)];
    let mut looked = 0;
    while let Some((folder, depth)) = folders.pop() {
        looked += 1;
        if is_own(&folder) {
            return Some(folder);
        }
        if looked < MAX_FOLDERS && depth < MAX_DEPTH {
            folders.extend(below(&folder).map(|path| (path, depth + 1)));
        }
    }
    None
}

/// Returns whether there are other cgroups below one.
pub(crate) fn has_others_below(cgroup: &Path) -> bool {
    below(cgroup).next().is_some()
}

/// The folders in a folder; none where it is gone.
fn below(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())).map(|entry| entry.path())
}

/// The pods' cgroups, followed as they come and go.
pub(crate) struct Tree {
    root: PathBuf,
    news: OwnedFd,
}

impl Tree {
    /// Begins to follow.
    ///
    /// # Errors
    /// Those of `inotify_init1(2)`.
    pub(crate) fn follow(root: &Path) -> io::Result<Tree> {
        let news = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
        Ok(Tree { root: root.to_path_buf(), news })
    }

    /// The pods' cgroups as they are now, by UID. Everything above them is watched from now on.
    pub(crate) fn pods(&self) -> HashMap<String, PathBuf> {
        let mut pods = HashMap::new();
        let mut folders = vec![(self.root.clone(), 0)];
        let mut looked = 0;
        while let Some((folder, depth)) = folders.pop() {
            looked += 1;
            // Before its folders are listed, so that none comes unnoticed. One that is watched already stays so.
            let changes = WatchFlags::CREATE | WatchFlags::DELETE | WatchFlags::ONLYDIR;
            let _ = inotify::add_watch(&self.news, &folder, changes);
            for path in below(&folder) {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                if let Some(uid) = pod_uid(&name) {
                    pods.insert(uid, path);
                } else if looked + folders.len() < MAX_FOLDERS && depth < MAX_DEPTH {
                    folders.push((path, depth + 1));
                }
            }
        }
        pods
    }

    /// Waits until something has changed, or the time is over. Gives whether something has.
    pub(crate) fn wait(&self, timeout: Duration) -> bool {
        let timeout =
            Timespec { tv_sec: timeout.as_secs().cast_signed(), tv_nsec: timeout.subsec_nanos().into() };
        let _ = poll(&mut [PollFd::new(&self.news, PollFlags::IN)], Some(&timeout));
        let mut buffer = [0; 4096];
        let mut changed = false;
        // What exactly is of no interest: the tree is looked through again.
        while rustix::io::read(&self.news, &mut buffer).is_ok_and(|len| len > 0) {
            changed = true;
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UID: &str = "0b0c9fa2-7ab1-4f0e-9d4b-2b6f5c1d8e11";

    #[test]
    fn cgroups_of_pods_are_known_by_their_names() {
        let under = UID.replace('-', "_");
        let slice = format!("kubepods-burstable-pod{under}.slice");
        let kind = format!("kubelet-kubepods-besteffort-pod{under}.slice");
        let guaranteed = format!("kubepods-pod{under}.slice");
        for name in [&slice, &kind, &guaranteed, &format!("pod{UID}")] {
            assert_eq!(pod_uid(name).as_deref(), Some(UID), "{name}");
        }
        let checksum = "pod32f2c0d7e8f14a5b9c3d0e1f2a3b4c5d";
        assert_eq!(pod_uid(checksum).as_deref(), checksum.strip_prefix("pod"));
        let container = format!("cri-containerd-{}.scope", "0a".repeat(32));
        for name in ["kubepods.slice", "kubepods-burstable.slice", "podman.service", "pod", &container] {
            assert_eq!(pod_uid(name), None, "{name}");
        }
        assert_eq!(pod_uid(&format!("notpod{UID}")), None);
        assert_eq!(pod_uid(&format!("pod{UID}0")), None);
    }

    #[test]
    fn the_tree_of_a_container_says_nothing_about_the_node() {
        for (root, has_type, of_a_container) in [
            ("/sys/fs/cgroup", true, true),
            ("/sys/fs/cgroup", false, false),
            ("/sys/fs/cgroup/unified", false, false),
            ("/host/sys/fs/cgroup/unified", true, false),
        ] {
            assert_eq!(of_container(Path::new(root), has_type), of_a_container, "{root} {has_type}");
        }
    }

    #[test]
    fn pods_are_found_wherever_the_runtime_puts_them_and_their_coming_is_heard() {
        let root = tempfile::tempdir().unwrap();
        let under = |n: u8| UID.replace('-', "_").replace("0b0c9fa2", &format!("0b0c9fa{n}"));
        let plain = |n: u8| under(n).replace('_', "-");
        let folders = [
            format!(
                "kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{}.slice/cri-containerd-aa.scope",
                under(1)
            ),
            format!("kubepods/besteffort/pod{}/0123abcd", plain(2)),
            format!(
                "system.slice/docker-ff.scope/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod{}.slice/x",
                under(3)
            ),
            "system.slice/ssh.service".into(),
        ];
        assert_eq!(of_pods(root.path()), OfPods::None);
        folders.iter().for_each(|folder| fs::create_dir_all(root.path().join(folder)).unwrap());
        let tree = Tree::follow(root.path()).unwrap();
        // Nothing runs in any of them.
        assert_eq!(of_pods(root.path()), OfPods::None);
        let events = root.path().join(format!("kubepods/besteffort/pod{}/cgroup.events", plain(2)));
        for (populated, of) in [(0, OfPods::None), (1, OfPods::Some)] {
            fs::write(&events, format!("populated {populated}\nfrozen 0\n")).unwrap();
            assert_eq!(of_pods(root.path()), of);
        }
        let names = |pods: HashMap<String, PathBuf>| {
            let mut names: Vec<_> = pods.into_keys().collect();
            names.sort();
            names
        };
        assert_eq!(names(tree.pods()), [plain(1), plain(2), plain(3)]);
        assert!(!tree.wait(Duration::ZERO));
        fs::create_dir(root.path().join(format!("kubepods/besteffort/pod{}", plain(4)))).unwrap();
        assert!(tree.wait(Duration::from_secs(5)));
        assert_eq!(names(tree.pods()), [plain(1), plain(2), plain(3), plain(4)]);
    }
}
