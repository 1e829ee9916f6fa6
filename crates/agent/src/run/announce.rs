//! The log lines that operators look for, and how often they may come.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use identify::ServiceName;
use inventory::EndpointKey;

/// An endpoint is announced at most once in this time.
const PER_ENDPOINT: Duration = Duration::from_secs(10);
/// Sightings announced in one second, for all endpoints together.
const PER_SECOND: u32 = 20;
/// Summaries of what is skipped repeat after this time while the traffic goes on.
const SUMMARY: Duration = Duration::from_secs(300);
/// The most endpoints and Services remembered; beyond it those that are silent longest are forgotten.
const MAX_REMEMBERED: usize = 65_536;
/// The most nameless servers that get a line of their own between two summaries.
const MAX_SERVERS: usize = 20;

/// When an endpoint was last announced, and what came since.
struct Announced {
    at: Instant,
    since: u64,
}

/// What was skipped, and when that was last said.
struct Skipped {
    said: Instant,
    since: u64,
}

/// The kinds of servers that belong to no known Service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nameless {
    /// A port of a pod that no Service stands for.
    OfAPod,
    /// At an address that nobody is known to have.
    Unknown,
}

/// Keeps the log readable: says what is new at once, and what repeats seldom.
#[derive(Default)]
pub(crate) struct Announcer {
    endpoints: HashMap<EndpointKey, Announced>,
    second: Option<(Instant, u32)>,
    unmapped: HashMap<ServiceName, Skipped>,
    /// The requests that nameless servers had when they were last said, and the kind that was said.
    nameless: HashMap<SocketAddr, (u64, Nameless)>,
    nameless_said: Option<Instant>,
}

impl Announcer {
    /// An endpoint was seen `count` times. Gives `(+N since)` if it is to be announced now.
    pub(crate) fn sighting(&mut self, key: &EndpointKey, count: u64, now: Instant) -> Option<u64> {
        if let Some(last) = self.endpoints.get_mut(key) {
            if now.duration_since(last.at) < PER_ENDPOINT {
                last.since += count;
                return None;
            }
        } else if self.endpoints.len() >= MAX_REMEMBERED {
            self.endpoints.retain(|_, last| now.duration_since(last.at) < PER_ENDPOINT);
            if self.endpoints.len() >= MAX_REMEMBERED {
                return None;
            }
        }
        if !self.has_room(now) {
            // Announced by its next sighting; until then it counts as seen since.
            if let Some(last) = self.endpoints.get_mut(key) {
                last.since += count;
            }
            return None;
        }
        let last = self.endpoints.insert(key.clone(), Announced { at: now, since: 0 });
        Some(last.map_or(0, |last| last.since) + count - 1)
    }

    fn has_room(&mut self, now: Instant) -> bool {
        match &mut self.second {
            Some((start, used)) if now.duration_since(*start) < Duration::from_secs(1) => {
                *used += 1;
                *used <= PER_SECOND
            }
            second => {
                *second = Some((now, 1));
                true
            }
        }
    }

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
                self.nameless.insert(server, (total, what));
                lines.push((server, since, what));
            }
        }
        if summary && !lines.is_empty() {
            self.nameless_said = Some(now);
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use redact::Owner;

    use super::*;

    fn key(n: u16) -> EndpointKey {
        EndpointKey {
            owner: Owner::Address(([10, 0, 0, 1], n).into()),
            method: "GET".into(),
            template: "/".into(),
        }
    }

    #[test]
    fn an_endpoint_is_announced_at_once_and_then_every_ten_seconds() {
        let mut announcer = Announcer::default();
        let start = Instant::now();
        assert_eq!(announcer.sighting(&key(1), 1, start), Some(0));
        assert_eq!(announcer.sighting(&key(1), 3, start + Duration::from_secs(5)), None);
        assert_eq!(announcer.sighting(&key(1), 2, start + Duration::from_secs(10)), Some(4));
    }

    #[test]
    fn no_more_than_twenty_a_second() {
        let mut announcer = Announcer::default();
        let start = Instant::now();
        let said = (0..100).filter(|n| announcer.sighting(&key(*n), 1, start).is_some()).count();
        assert_eq!(said, 20);
        let later = start + Duration::from_secs(1);
        assert_eq!(
            announcer.sighting(&key(50), 1, later),
            Some(0),
            "what was held back is announced when seen again"
        );
    }

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
        assert_eq!(announcer.nameless([known].into_iter(), later), [known], "its pod is known by now");
    }
}
