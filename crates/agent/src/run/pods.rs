//! The pods whose sockets are captured: those of mapped Services (with `autoOnboardNewServices` of all), from their start to
//! their end.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use capture::Attacher;
use decode::SocketKey;
use identify::{LocalPod, PodServices, ServiceName};
use rustix::thread::CapabilitySet;

use super::hold::{Captured, Place, Places};
use super::open::{Attaching, Pods};
use super::rights;
use super::shared::Shared;
use crate::targets::{Target, Targets};

/// How often what is known of pods is compared with what is attached, when the tree of cgroups says nothing.
const LOOK: Duration = Duration::from_millis(200);
/// How long the owner of a cgroup that is gone is remembered: its last packets may still be read.
const REMEMBER: Duration = Duration::from_secs(60);
/// A mapped pod without a cgroup is said after this time: until then it may not have started.
const NO_CGROUP: Duration = Duration::from_secs(120);
/// A pod that could not be captured is tried again after this time.
const AGAIN: Duration = Duration::from_secs(5);
/// Stands for the UID of all pods in the network of the node: they share its addresses.
const NODE: &str = "node";

/// Starts to follow the pods, on a thread of its own that keeps the rights for it.
///
/// # Errors
/// The system has no thread for it.
pub(super) fn spawn(shared: Arc<Shared>, attaching: Attaching) -> std::io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name("pods".into()).spawn(move || {
        let root = match &attaching.pods {
            None => {
                rights::keep(CapabilitySet::empty());
                while !shared.stopping() {
                    std::thread::sleep(LOOK);
                }
                // Until here: when it is dropped nothing stays attached.
                return drop(attaching);
            }
            Some(Pods::Cgroups(root)) => Some(root.clone()),
            Some(Pods::Addresses) => None,
        };
        rights::keep(rights::BPF | rights::NET_ADMIN);
        match Places::follow(root) {
            Ok(places) => Follower::new(&shared, attaching, places).run(),
            Err(error) => {
                tracing::error!("pods cannot be followed: {error}");
                shared.stop();
            }
        }
    })
}

struct Follower<'a> {
    shared: &'a Shared,
    places: Places,
    attacher: Attacher,
    targets: Targets,
    captured: HashMap<Arc<str>, Captured>,
    /// Numbers of pods that are gone, and since when.
    gone: Vec<(u32, Instant)>,
    /// When a pod could not be attached.
    failed: HashMap<Arc<str>, Instant>,
    /// Since when a wanted pod has had no cgroup; none once that was said.
    without: HashMap<Arc<str>, Option<Instant>>,
    /// Services that were said to have no mapping.
    said: HashSet<Arc<ServiceName>>,
    next: u32,
}

impl<'a> Follower<'a> {
    fn new(shared: &'a Shared, attaching: Attaching, places: Places) -> Follower<'a> {
        let Attaching { attacher, targets, .. } = attaching;
        let next = targets.0.keys().max().map_or(1, |last| last + 1);
        Follower {
            shared,
            places,
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

    fn run(&mut self) {
        while !self.shared.stopping() {
            self.compare();
            self.places.wait(LOOK);
        }
    }

    /// Captures the pods that are wanted and there, lets go those that are not, and says who owns what.
    fn compare(&mut self) {
        let wanted = self.wanted();
        let (places, attacher) = (&self.places, &mut self.attacher);
        let mut stays = |uid: &str, captured: &mut Captured| {
            let place = wanted.get(uid).and_then(|pod| places.of(uid, pod));
            place.is_some_and(|place| captured.follow(attacher, &place))
        };
        let ended = self.captured.extract_if(|uid, captured| !stays(uid, captured)).collect::<Vec<_>>();
        ended.into_iter().for_each(|(_, captured)| self.release(captured));
        for (uid, pod) in &wanted {
            let target = Target::Pod(pod.services.clone(), self.places.evidence());
            if let Some(captured) = self.captured.get(uid) {
                let number = captured.number;
                self.publish(number, Some(target));
            } else if let Some(place) = self.places.of(uid, pod) {
                self.without.remove(uid);
                self.hold(uid, &place, target);
            } else {
                self.say_without(uid, &pod.services);
            }
        }
        self.without.retain(|uid, _| wanted.contains_key(uid));
        self.forget();
    }

    /// The pods to capture. What is not seen can't be onboarded: all of them, then.
    fn wanted(&mut self) -> HashMap<Arc<str>, LocalPod> {
        let directory = self.shared.directory.load();
        let mappings = self.shared.mappings.load();
        let onboard = self.shared.config.load().onboard;
        let mut wanted: HashMap<Arc<str>, LocalPod> = HashMap::new();
        for (uid, pod) in directory.pods() {
            if !onboard && !pod.services.services().any(|service| mappings.find(service).is_some()) {
                pod.services.services().for_each(|service| self.say_unmapped(service));
            } else if pod.host_network && matches!(self.places, Places::Addresses) {
                let node = wanted.entry(NODE.into()).or_default();
                node.services.merge(&pod.services);
                node.addresses.clone_from(&pod.addresses);
            } else {
                wanted.insert(Arc::clone(uid), pod.clone());
            }
        }
        wanted
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

    fn hold(&mut self, uid: &Arc<str>, place: &Place, target: Target) {
        if self.failed.get(uid).is_some_and(|at| at.elapsed() < AGAIN) {
            return;
        }
        let number = self.next;
        // Before its first packet.
        self.publish(number, Some(target));
        match Captured::at(&mut self.attacher, place.clone(), number) {
            Ok(captured) => {
                self.failed.remove(uid);
                // The last number is the self-test's.
                self.next = if number + 1 >= SocketKey::TARGETS { 1 } else { number + 1 };
                tracing::debug!("pod {uid} is captured: {place:?}");
                self.captured.insert(Arc::clone(uid), captured);
            }
            Err(error) => {
                self.publish(number, None);
                // That it ended meanwhile is no failure.
                let ended = matches!(place, Place::Cgroup(path) if !path.exists());
                if !ended && self.failed.insert(Arc::clone(uid), Instant::now()).is_none() {
                    tracing::error!("a pod cannot be captured: {error}");
                }
            }
        }
    }

    fn release(&mut self, captured: Captured) {
        self.gone.push((captured.number, Instant::now()));
        captured.release(&mut self.attacher);
    }

    /// Forgets pods whose last packets were read long ago.
    fn forget(&mut self) {
        let over = self.gone.extract_if(.., |(_, at)| at.elapsed() >= REMEMBER).collect::<Vec<_>>();
        over.into_iter().for_each(|(number, _)| self.publish(number, None));
        self.failed.retain(|_, at| at.elapsed() < REMEMBER);
    }

    /// A pod that has started has a cgroup, or an address; its sockets may be in a kernel of its own all the same.
    fn say_without(&mut self, uid: &Arc<str>, services: &PodServices) {
        let since = self.without.entry(Arc::clone(uid)).or_insert_with(|| Some(Instant::now()));
        if since.is_some_and(|since| since.elapsed() > NO_CGROUP) {
            *since = None;
            let service = services.services().next().map(ToString::to_string).unwrap_or_default();
            tracing::warn!(
                "a pod of service '{service}' (UID {uid}) has no {} on this node: its traffic is not captured (has it started?)",
                match self.places {
                    Places::Cgroups { .. } => "cgroup of version 2",
                    Places::Addresses => "address",
                }
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
