//! The pods whose sockets are captured: those of mapped Services (with `autoOnboardNewServices` of all), from their start to
//! their end.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use capture::{Attached, Attacher};
use decode::SocketKey;
use identify::{PodServices, ServiceName};
use rustix::thread::CapabilitySet;

use super::open::Attaching;
use super::rights;
use super::shared::Shared;
use crate::cgroups::Tree;
use crate::targets::{Target, Targets};

/// How often what is known of pods is compared with what is attached, when the tree of cgroups says nothing.
const LOOK: Duration = Duration::from_millis(200);
/// How often the tree is looked through without an event: events may be lost.
const LOOK_ALL: Duration = Duration::from_secs(10);
/// How long the owner of a cgroup that is gone is remembered: its last packets may still be read.
const REMEMBER: Duration = Duration::from_secs(60);
/// A mapped pod without a cgroup is said after this time: until then it may not have started.
const NO_CGROUP: Duration = Duration::from_secs(120);
/// A cgroup that could not be attached is tried again after this time.
const AGAIN: Duration = Duration::from_secs(5);

/// Starts to follow the pods, on a thread of its own that keeps the rights for it.
///
/// # Errors
/// The system has no thread for it.
pub(super) fn spawn(shared: Arc<Shared>, attaching: Attaching) -> std::io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name("pods".into()).spawn(move || {
        let Some(root) = attaching.pods.clone() else {
            rights::keep(CapabilitySet::empty());
            while !shared.stopping() {
                std::thread::sleep(LOOK);
            }
            // Until here: when it is dropped nothing stays attached.
            return drop(attaching);
        };
        rights::keep(rights::BPF | rights::NET_ADMIN);
        match Tree::follow(&root) {
            Ok(tree) => Follower::new(&shared, attaching).run(&tree),
            Err(error) => {
                tracing::error!("pods cannot be followed: {error}");
                shared.stop();
            }
        }
    })
}

/// A pod whose sockets are captured.
struct Captured {
    number: u32,
    attached: Attached,
}

struct Follower<'a> {
    shared: &'a Shared,
    attacher: Attacher,
    targets: Targets,
    captured: HashMap<String, Captured>,
    /// Numbers of pods that are gone, and since when.
    gone: Vec<(u32, Instant)>,
    /// When a pod could not be attached.
    failed: HashMap<String, Instant>,
    /// Since when a wanted pod has had no cgroup; none once that was said.
    without: HashMap<String, Option<Instant>>,
    /// Services that were said to have no mapping.
    said: HashSet<Arc<ServiceName>>,
    next: u32,
}

impl<'a> Follower<'a> {
    fn new(shared: &'a Shared, attaching: Attaching) -> Follower<'a> {
        let Attaching { attacher, targets, .. } = attaching;
        let next = targets.0.keys().max().map_or(1, |last| last + 1);
        Follower {
            shared,
            attacher,
            targets,
            captured: HashMap::new(),
            gone: Vec::new(),
            failed: HashMap::new(),
            without: HashMap::new(),
            said: HashSet::new(),
            next,
        }
    }

    fn run(&mut self, tree: &Tree) {
        let mut there = tree.pods();
        let mut looked = Instant::now();
        while !self.shared.stopping() {
            self.compare(&there);
            if tree.wait(LOOK) || looked.elapsed() >= LOOK_ALL {
                there = tree.pods();
                looked = Instant::now();
            }
        }
    }

    /// Attaches the pods that are wanted and there, detaches those that are not, and says who owns what.
    fn compare(&mut self, there: &HashMap<String, PathBuf>) {
        let directory = self.shared.directory.load();
        let mappings = self.shared.mappings.load();
        // What is not seen can't be onboarded.
        let onboard = self.shared.config.load().onboard;
        let mut wanted = HashSet::new();
        for (uid, services) in directory.pods() {
            if !onboard && !services.services().any(|service| mappings.find(service).is_some()) {
                for service in services.services() {
                    self.say_unmapped(service);
                }
                continue;
            }
            wanted.insert(&**uid);
            let target = Target::Pod(services.clone());
            if let Some(captured) = self.captured.get(&**uid) {
                let number = captured.number;
                self.publish(number, Some(target));
            } else if let Some(path) = there.get(&**uid) {
                self.without.remove(&**uid);
                self.attach(uid, path, target);
            } else {
                self.say_without(uid, services);
            }
        }
        let ended: Vec<_> = self
            .captured
            .keys()
            .filter(|uid| !wanted.contains(uid.as_str()) || !there.contains_key(*uid))
            .cloned()
            .collect();
        for uid in ended {
            self.detach(&uid);
        }
        self.without.retain(|uid, _| wanted.contains(uid.as_str()));
        self.forget();
    }

    /// Says whose the sockets with this number are; nobody's with none.
    fn publish(&mut self, number: u32, target: Option<Target>) {
        if self.targets.0.get(&number) == target.as_ref() {
            return;
        }
        match target {
            Some(target) => drop(self.targets.0.insert(number, target)),
            None => drop(self.targets.0.remove(&number)),
        }
        self.shared.targets.store(Arc::new(self.targets.clone()));
    }

    fn attach(&mut self, uid: &str, path: &Path, target: Target) {
        if self.failed.get(uid).is_some_and(|at| at.elapsed() < AGAIN) {
            return;
        }
        let number = self.next;
        // Before its first packet.
        self.publish(number, Some(target));
        match self.attacher.attach(path, number) {
            Ok(attached) => {
                self.failed.remove(uid);
                // The last number is the self-test's.
                self.next = if number + 1 >= SocketKey::TARGETS { 1 } else { number + 1 };
                self.captured.insert(uid.to_owned(), Captured { number, attached });
                tracing::debug!("pod {uid} is captured at {}", path.display());
            }
            Err(error) => {
                self.publish(number, None);
                // That it ended meanwhile is no failure.
                if path.exists() && self.failed.insert(uid.to_owned(), Instant::now()).is_none() {
                    tracing::error!("a pod cannot be captured: {error}");
                }
            }
        }
    }

    fn detach(&mut self, uid: &str) {
        if let Some(Captured { number, attached }) = self.captured.remove(uid) {
            self.attacher.detach(attached);
            self.gone.push((number, Instant::now()));
        }
    }

    /// Forgets pods whose last packets were read long ago.
    fn forget(&mut self) {
        let over = self.gone.extract_if(.., |(_, at)| at.elapsed() >= REMEMBER).collect::<Vec<_>>();
        over.into_iter().for_each(|(number, _)| self.publish(number, None));
        self.failed.retain(|_, at| at.elapsed() < REMEMBER);
    }

    /// A pod that has started has a cgroup; its sockets may be in a kernel of its own all the same.
    fn say_without(&mut self, uid: &str, services: &PodServices) {
        let since = self.without.entry(uid.to_owned()).or_insert_with(|| Some(Instant::now()));
        if since.is_some_and(|since| since.elapsed() > NO_CGROUP) {
            *since = None;
            let service = services.services().next().map(ToString::to_string).unwrap_or_default();
            tracing::warn!(
                "a pod of service '{service}' (UID {uid}) has no cgroup of version 2 on this node: its traffic is not captured \
                 (has it started?)"
            );
        }
    }

    /// Its traffic is not looked at, so the keeper will not say it.
    fn say_unmapped(&mut self, service: &Arc<ServiceName>) {
        if self.said.insert(Arc::clone(service)) {
            tracing::warn!(
                "No mapping found for service '{}' in namespace '{}': it has pods on this node, and their traffic is not \
                 looked at until serviceMappings has \"{}\"",
                service.name,
                service.namespace,
                service.name,
            );
            self.shared.note_unmapped(service);
        }
    }
}
