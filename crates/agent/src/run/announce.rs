//! The lines about what is skipped, and how often they may come.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use identify::ServiceName;

use super::nameless::Nameless;

/// Summaries of what is skipped repeat after this time while the traffic goes on.
const SUMMARY: Duration = Duration::from_secs(300);
/// The most Services remembered.
const MAX_REMEMBERED: usize = 65_536;
/// The most nameless servers that get a line of their own between two summaries.
const MAX_SERVERS: usize = 20;

/// What was skipped, and when that was last said.
struct Skipped {
    said: Instant,
    since: u64,
}

/// Says what is skipped at once, and while it lasts every five minutes.
#[derive(Default)]
pub(crate) struct Announcer {
    unmapped: HashMap<ServiceName, Skipped>,
    /// The requests that nameless servers had when they were last said, and the kind that was said.
    nameless: HashMap<SocketAddr, (u64, Nameless)>,
    nameless_said: Option<Instant>,
    /// The requests that Services which nothing tells apart had when they were last said, and when that was.
    ambiguous: HashMap<Vec<Arc<ServiceName>>, (u64, Instant)>,
}

impl Announcer {
    /// A Service without a mapping was asked `count` times. Gives how often since it was last said, if it is to be said
    /// now.
    pub(crate) fn unmapped(&mut self, service: &ServiceName, count: u64, now: Instant) -> Option<u64> {
        if let Some(skipped) = self.unmapped.get_mut(service) {
            skipped.since += count;
            if now.duration_since(skipped.said) < SUMMARY {
                return None;
            }
            skipped.said = now;
            return Some(std::mem::take(&mut skipped.since));
        }
        if self.unmapped.len() >= MAX_REMEMBERED {
            return None;
        }
        self.unmapped.insert(service.clone(), Skipped { said: now, since: 0 });
        Some(count)
    }

    /// Given the requests that nameless servers had so far, and what they are, gives the servers to name now, with how many
    /// came since: new ones and such as turn out to be something else at once, all with traffic every five minutes.
    pub(crate) fn nameless(
        &mut self,
        servers: impl Iterator<Item = (SocketAddr, u64, Nameless)>,
        now: Instant,
    ) -> Vec<(SocketAddr, u64, Nameless)> {
        let summary = self.nameless_said.is_none_or(|said| now.duration_since(said) >= SUMMARY);
        let mut lines = Vec::new();
        for (server, total, what) in servers {
            // What is said for the first time, or is something else by now, is said of all its requests.
            let said = self.nameless.get(&server).filter(|(_, said)| *said == what).map(|(count, _)| *count);
            let since = total - said.unwrap_or(0);
            if since > 0 && lines.len() < MAX_SERVERS && (said.is_none() || summary) {
                self.nameless.insert(server, (total, what.clone()));
                lines.push((server, since, what));
            }
        }
        if summary && !lines.is_empty() {
            self.nameless_said = Some(now);
        }
        lines
    }
}

impl Announcer {
    /// Given the requests that Services had so far which nothing tells apart, gives those to say now, with how many came since: at
    /// once, and every five minutes.
    pub(crate) fn ambiguous<'s>(
        &mut self,
        all: impl Iterator<Item = (&'s [Arc<ServiceName>], u64)>,
        now: Instant,
    ) -> Vec<(Vec<Arc<ServiceName>>, u64)> {
        let mut lines = Vec::new();
        for (services, total) in all {
            let before = self.ambiguous.get(services);
            let due =
                before.is_none_or(|(count, said)| *count < total && now.duration_since(*said) >= SUMMARY);
            if due {
                lines.push((services.to_vec(), total - before.map_or(0, |(count, _)| *count)));
                self.ambiguous.insert(services.to_vec(), (total, now));
            }
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unmapped_services_are_said_at_once_and_every_five_minutes_while_traffic_goes_on() {
        let mut announcer = Announcer::default();
        let cart = ServiceName { namespace: "shop".into(), name: "cart".into() };
        let start = Instant::now();
        assert_eq!(announcer.unmapped(&cart, 2, start), Some(2));
        assert_eq!(announcer.unmapped(&cart, 5, start + Duration::from_secs(100)), None);
        assert_eq!(announcer.unmapped(&cart, 1, start + SUMMARY), Some(6));
    }

    #[test]
    fn nameless_servers_are_said_at_once_and_in_summaries() {
        let mut announcer = Announcer::default();
        let server = |port, requests| (SocketAddr::from(([10, 0, 0, 1], port)), requests, Nameless::Unknown);
        let start = Instant::now();
        assert_eq!(announcer.nameless([server(1, 2)].into_iter(), start), [server(1, 2)]);
        let soon = start + Duration::from_secs(1);
        assert_eq!(announcer.nameless([server(1, 3), server(2, 1)].into_iter(), soon), [server(2, 1)]);
        let later = start + SUMMARY;
        assert_eq!(announcer.nameless([server(1, 9), server(2, 1)].into_iter(), later), [server(1, 7)]);
        let (address, ..) = server(2, 0);
        let known = (address, 1, Nameless::OfAPod);
        assert_eq!(
            announcer.nameless([known.clone()].into_iter(), later),
            [known],
            "its pod is known by now"
        );
    }

    #[test]
    fn what_is_ambiguous_is_said_at_once_and_every_five_minutes() {
        let mut announcer = Announcer::default();
        let both =
            ["a", "b"].map(|name| Arc::new(ServiceName { namespace: "shop".into(), name: name.into() }));
        let start = Instant::now();
        let mut said = |total, at| {
            announcer.ambiguous([(&both[..], total)].into_iter(), start + at).first().map(|line| line.1)
        };
        assert_eq!(said(3, Duration::ZERO), Some(3));
        assert_eq!(said(9, SUMMARY / 2), None);
        assert_eq!(said(9, SUMMARY), Some(6));
        assert_eq!(said(9, 2 * SUMMARY), None);
    }
}
