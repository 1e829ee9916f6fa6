//! The pods whose sockets are captured: those of mapped Services (with `autoOnboardNewServices` of all), from their start to
//! their end. At their cgroups; or, where they have none of version 2, by their addresses.

mod addresses;
mod attaching;
mod cgroups;
mod given;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use capture::Attacher;
use decode::SocketKey;
use identify::{Evidence, LocalPod, PodServices, ServiceName};

use super::rights;
use crate::pipeline::targets::{Target, Targets};
use crate::run::generation::TakenIn;
use crate::run::shared::Shared;
use addresses::Addresses;
pub(super) use attaching::{Attaching, Pods};
use cgroups::Cgroups;
pub(super) use given::Given;

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
pub(in crate::run) fn spawn(shared: Arc<Shared>, attaching: Attaching) -> std::io::Result<JoinHandle<()>> {
    if attaching.pods.is_some() {
        // Before anyone can ask.
        shared.generations.pods.get_or_init(TakenIn::default);
    }
    std::thread::Builder::new().name("pods".into()).spawn(move || {
        let way = match &attaching.pods {
            None => {
                rights::keep(rights::BPF | rights::NET_ADMIN);
                return follow_given(&shared, attaching);
            }
            Some(Pods::Cgroups(root)) => {
                rights::keep(rights::BPF | rights::NET_ADMIN);
                Cgroups::follow(root).map(Way::Cgroups)
            }
            Some(Pods::Addresses) => {
                rights::keep(rights::BPF);
                Ok(Way::Addresses(Addresses::default()))
            }
        };
        match way {
            Ok(way) => Follower::new(&shared, attaching, way).run(),
            Err(error) => {
                tracing::error!("pods cannot be followed: {error}");
                shared.ending.begin();
            }
        }
    })
}

/// Follows what the command line names, where there are no pods.
#[expect(clippy::disallowed_methods, reason = "polls what is known of pods")]
fn follow_given(shared: &Shared, attaching: Attaching) {
    let Attaching { mut attacher, mut given, .. } = attaching;
    while !shared.ending.has_begun() {
        given.follow(&mut attacher);
        std::thread::sleep(LOOK);
    }
}

/// How pods are captured.
enum Way {
    Cgroups(Cgroups),
    Addresses(Addresses),
}

impl Way {
    /// Returns whether a pod can be captured now.
    fn has(&self, uid: &str, pod: &LocalPod) -> bool {
        match self {
            Way::Cgroups(cgroups) => cgroups.has(uid),
            Way::Addresses(_) => !pod.addresses.is_empty(),
        }
    }
}

struct Follower<'a> {
    shared: &'a Shared,
    way: Way,
    given: Given,
    attacher: Attacher,
    targets: Targets,
    /// The numbers of the pods that are captured.
    captured: HashMap<Arc<str>, u32>,
    /// Numbers of pods that are gone, and since when.
    gone: Vec<(u32, Instant)>,
    /// When a pod could not be attached.
    failed: HashMap<Arc<str>, Instant>,
    /// Since when a wanted pod has had no cgroup; none once that was said.
    without: HashMap<Arc<str>, Option<Instant>>,
    /// Services that were said to have no mapping.
    said: HashSet<Arc<ServiceName>>,
    /// Whether it was said that addresses cannot be told to the kernel.
    said_addresses: bool,
    next: u32,
}

impl<'a> Follower<'a> {
    fn new(shared: &'a Shared, attaching: Attaching, way: Way) -> Follower<'a> {
        let Attaching { attacher, given, .. } = attaching;
        let targets = given.targets();
        let next = targets.0.keys().max().map_or(1, |last| last + 1);
        Follower {
            shared,
            way,
            given,
            attacher,
            targets,
            captured: HashMap::new(),
            gone: Vec::new(),
            failed: HashMap::new(),
            without: HashMap::new(),
            said: HashSet::new(),
            said_addresses: false,
            next,
        }
    }

    #[expect(clippy::disallowed_methods, reason = "polls what is known of pods")]
    fn run(&mut self) {
        while !self.shared.ending.has_begun() {
            let generation = self.shared.generations.in_force();
            self.compare();
            self.shared.generations.pods.get_or_init(TakenIn::default).tell(generation);
            self.given.follow(&mut self.attacher);
            match &mut self.way {
                Way::Cgroups(cgroups) => cgroups.wait(LOOK),
                Way::Addresses(_) => std::thread::sleep(LOOK),
            }
        }
    }

    /// Captures the pods that are wanted and there, lets go those that are not, and says who owns what.
    fn compare(&mut self) {
        let wanted = self.wanted();
        let way = &self.way;
        let stays = |uid: &str| wanted.get(uid).is_some_and(|pod| way.has(uid, pod));
        let ended = self.captured.extract_if(|uid, _| !stays(uid)).collect::<Vec<_>>();
        ended.into_iter().for_each(|(uid, number)| self.release(&uid, number));
        let evidence = match self.way {
            Way::Cgroups(_) => Evidence::Cgroup,
            Way::Addresses(_) => Evidence::Address,
        };
        for (uid, pod) in &wanted {
            let target = Target::Pod(pod.services.clone(), evidence);
            if let Some(number) = self.captured.get(uid) {
                self.publish(*number, Some(target));
            } else if self.way.has(uid, pod) {
                self.without.remove(uid);
                self.hold(uid, target);
            } else {
                self.say_without(uid, &pod.services);
            }
        }
        self.tell_addresses(&wanted);
        self.without.retain(|uid, _| wanted.contains_key(uid));
        self.forget();
    }

    /// Where pods are captured by their addresses, says these to the kernel.
    fn tell_addresses(&mut self, wanted: &HashMap<Arc<str>, LocalPod>) {
        let Way::Addresses(addresses) = &mut self.way else { return };
        let numbered = self.captured.iter().filter_map(|(uid, number)| Some((wanted.get(uid)?, *number)));
        let all = numbered.flat_map(|(pod, number)| pod.addresses.iter().map(move |ip| (*ip, number)));
        let told = addresses.tell(&mut self.attacher, &all.collect());
        if let Err(error) = &told
            && !self.said_addresses
        {
            tracing::error!(
                "an address of a pod cannot be told to the kernel, and its traffic is not seen: {error}"
            );
        }
        self.said_addresses = told.is_err();
    }

    /// The pods to capture. What is not seen can't be onboarded: all of them, then.
    fn wanted(&mut self) -> HashMap<Arc<str>, LocalPod> {
        let directory = self.shared.names.directory();
        let mappings = self.shared.names.mappings();
        let onboard = self.shared.config.load().onboard;
        let mut wanted: HashMap<Arc<str>, LocalPod> = HashMap::new();
        for (uid, pod) in directory.pods() {
            if !onboard && !pod.services.services().any(|service| mappings.find(service).is_some()) {
                pod.services.services().for_each(|service| self.say_unmapped(service));
            } else if pod.host_network && matches!(self.way, Way::Addresses(_)) {
                let node = wanted.entry(NODE.into()).or_default();
                node.services.merge(&pod.services);
                node.addresses.extend_from_slice(&pod.addresses);
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
        self.shared.capture.set_targets(self.targets.clone());
        self.shared.generations.changed();
    }

    fn hold(&mut self, uid: &Arc<str>, target: Target) {
        if self.failed.get(uid).is_some_and(|at| at.elapsed() < AGAIN) {
            return;
        }
        let number = self.next;
        // The last number is the self-test's.
        self.next = if number + 1 >= SocketKey::TARGETS { 1 } else { number + 1 };
        // Before its first packet.
        self.publish(number, Some(target));
        let held = match &mut self.way {
            Way::Cgroups(cgroups) => cgroups.hold(&mut self.attacher, uid, number),
            Way::Addresses(_) => Ok(true),
        };
        if matches!(held, Ok(true)) {
            self.failed.remove(uid);
            self.captured.insert(Arc::clone(uid), number);
            tracing::debug!("pod {uid} is captured as number {number}");
            return;
        }
        self.publish(number, None);
        if let Err(error) = held
            && self.failed.insert(Arc::clone(uid), Instant::now()).is_none()
        {
            tracing::error!("a pod cannot be captured: {error}");
        }
    }

    fn release(&mut self, uid: &str, number: u32) {
        if let Way::Cgroups(cgroups) = &mut self.way {
            cgroups.release(&mut self.attacher, uid);
        }
        self.gone.push((number, Instant::now()));
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
                match self.way {
                    Way::Cgroups(_) => "cgroup of version 2",
                    Way::Addresses(_) => "address",
                }
            );
        }
    }

    /// Its traffic is not looked at, so the keeper will not say it.
    fn say_unmapped(&mut self, service: &Arc<ServiceName>) {
        if self.said.insert(Arc::clone(service)) {
            tracing::warn!(
                "No mapping found for service '{}' in namespace '{}': it has pods on this node, and their traffic is not \
                 looked at until serviceMappings has \"{service}\"",
                service.name,
                service.namespace,
            );
            self.shared.push.note_unmapped(service);
        }
    }
}
