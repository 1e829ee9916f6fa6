//! The agent's side of the child: it tells it when to look, holds what is attached, and says how that stands.

use std::collections::HashMap;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::SendFlags;

use super::doubt::Doubt;
use super::messages::{Attached, News, Order, Seen};
use super::start::Finder;
use crate::run::capture::rights;
use crate::run::shared::{Shared, TlsReport};

/// How often it is looked whether something is to be told.
const LOOK: Duration = Duration::from_millis(200);
/// Connections without a secret make the child look at most so often.
const MISSED: Duration = Duration::from_secs(5);
/// How often counts are read.
const COUNT: Duration = Duration::from_secs(1);
/// A child that says nothing for so long hangs: it looks each half minute, and reading a file takes one and a half at most.
const SILENT: Duration = Duration::from_secs(300);

/// Starts to follow the child, on a thread of its own.
///
/// # Errors
/// The system has no thread for it.
pub(in crate::run) fn spawn(shared: Arc<Shared>, finder: Finder) -> io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name("secrets".into()).spawn(move || {
        // Older kernels let nobody else read tables.
        rights::keep(rights::BPF);
        Follower::new(&shared, finder).run();
    })
}

struct Follower<'a> {
    shared: &'a Shared,
    finder: Finder,
    /// What is attached, until it is closed here.
    attached: HashMap<u64, (Attached, OwnedFd)>,
    seen: Seen,
    on: bool,
    /// How many cgroups had come, and connections without a secret, when the child was last told to look; and when.
    told: (u64, u64, Instant),
    heard: Instant,
    counted: Instant,
    /// Whether it was said that no probe is reached.
    doubted: bool,
    /// How the child ended.
    ended: Option<String>,
}

impl<'a> Follower<'a> {
    fn new(shared: &'a Shared, finder: Finder) -> Follower<'a> {
        let now = Instant::now();
        Follower {
            shared,
            finder,
            attached: HashMap::new(),
            seen: Seen::default(),
            on: false,
            told: (0, 0, now),
            heard: now,
            counted: now,
            doubted: false,
            ended: None,
        }
    }

    fn run(mut self) {
        while !self.shared.ending.has_begun() {
            self.follow_configuration();
            self.tell();
            self.hear();
            if self.counted.elapsed() >= COUNT {
                self.counted = Instant::now();
                self.report();
            }
        }
        // Nothing stays attached: what the child has is closed with it.
        let _ = self.finder.child.kill();
        let _ = self.finder.child.wait();
    }

    /// What is switched off ends at once, whatever the child does.
    fn follow_configuration(&mut self) {
        let wanted = self.shared.config.load().monitor.tls;
        if wanted == self.on || !self.send(&Order::Probe(wanted)) {
            return;
        }
        self.on = wanted;
        self.finder.expected.set_on(wanted);
        if wanted {
            tracing::info!(
                "TLS: libraries of monitored processes are probed for the secrets of their connections"
            );
        } else {
            self.attached.clear();
            self.seen = Seen::default();
            tracing::info!("TLS: nothing is probed any more (monitor.tls)");
        }
        self.report();
    }

    /// Tells the child to look, if something new may be there.
    fn tell(&mut self) {
        let (cgroups, missed) = (self.finder.cgroups.load(Ordering::Acquire), self.finder.expected.missed());
        let (old_cgroups, old_missed, at) = self.told;
        let due = cgroups != old_cgroups || (missed != old_missed && at.elapsed() >= MISSED);
        if self.on && due && self.send(&Order::Look) {
            self.told = (cgroups, missed, Instant::now());
        }
    }

    /// Returns whether the child has been told. It is tried again if not.
    fn send(&self, order: &Order) -> bool {
        self.ended.is_some() || self.finder.channel.send(order, &[], SendFlags::DONTWAIT).is_ok()
    }

    #[expect(clippy::disallowed_methods, reason = "a child that has ended says nothing")]
    fn hear(&mut self) {
        if self.ended.is_some() {
            std::thread::sleep(LOOK);
            return;
        }
        let wait = Timespec::try_from(LOOK).ok();
        let there =
            poll(&mut [PollFd::from_borrowed_fd(self.finder.channel.socket(), PollFlags::IN)], wait.as_ref());
        if !matches!(there, Ok(1..)) {
            return;
        }
        match self.finder.channel.receive() {
            Ok(Some((news, descriptors))) => {
                self.heard = Instant::now();
                self.take(news, descriptors);
            }
            Ok(None) => self.end(),
            Err(error) => {
                tracing::error!(
                    "TLS: what the process that finds libraries says cannot be understood: {error}"
                );
                self.end();
            }
        }
    }

    fn take(&mut self, news: News, descriptors: Vec<OwnedFd>) {
        match news {
            // What was attached before it heard that nothing is to be.
            News::Attached(_) if !self.on => {}
            News::Attached(attached) => {
                if let Some(link) = descriptors.into_iter().next() {
                    tracing::info!("TLS: {} is probed", attached.name);
                    self.attached.insert(attached.file, (attached, link));
                }
            }
            News::Detached(file) => {
                if let Some((attached, _)) = self.attached.remove(&file) {
                    tracing::info!("TLS: {} is probed no longer: no monitored process has it", attached.name);
                }
            }
            News::Seen(seen) if self.on => {
                for trouble in seen.troubles.iter().filter(|trouble| !self.seen.troubles.contains(trouble)) {
                    tracing::warn!("TLS: {trouble}");
                }
                let without = seen.targets.iter().filter(|(_, gives)| !gives).map(|(target, _)| *target);
                self.finder.expected.set_without(without.collect());
                self.seen = seen;
                self.report();
            }
            News::Seen(_) | News::Loaded | News::Failed(_) => {}
        }
    }

    fn end(&mut self) {
        let _ = self.finder.child.kill();
        let how =
            self.finder.child.wait().map_or_else(|error| error.to_string(), |status| status.to_string());
        tracing::error!("TLS: the process that finds libraries has ended ({how})");
        self.ended = Some(how);
        self.report();
    }

    fn report(&mut self) {
        let hits =
            |attached: &Attached| attached.points.iter().map(|point| self.finder.tallies.hits(*point)).sum();
        let mut files: Vec<_> =
            self.attached.values().map(|(attached, _)| (attached.name.clone(), hits(attached))).collect();
        files.sort_unstable();
        let silent =
            (self.on && self.ended.is_none()).then(|| self.heard.elapsed()).filter(|for_| *for_ >= SILENT);
        let counts = self.finder.tallies.counts();
        let doubt = Doubt::of(counts.given, files.len(), &self.shared.capture.report().tls);
        if let Some(doubt @ Doubt::NotReached { .. }) = doubt
            && !std::mem::replace(&mut self.doubted, true)
        {
            tracing::warn!("{doubt}");
        }
        self.shared.tls.set(TlsReport {
            on: self.on,
            files,
            processes: self.seen.processes.clone(),
            troubles: self.seen.troubles.clone(),
            counts,
            doubt,
            ended: self.ended.clone(),
            silent,
        });
    }
}
