//! Who had an address before: a packet that is read late gets the name of its time.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use decode::Timestamp;

use crate::ServiceName;

/// How long the former Services of an address are remembered: longer than a captured packet can wait.
pub(crate) const HISTORY: Duration = Duration::from_secs(60);

/// The most former states of one address that are remembered, the latest ones.
pub(crate) const MAX_FORMER: usize = 8;

/// The Services of an address, in the order of their names.
pub(crate) type Services = Vec<Arc<ServiceName>>;

/// An address with a port, or one that stands for every port.
pub(crate) type Key = (IpAddr, Option<u16>);

/// Returns the two ways to know a server, the stronger one first.
pub(crate) fn keys(server: SocketAddr) -> [Key; 2] {
    [(server.ip(), Some(server.port())), (server.ip(), None)]
}

/// What was in force before the present snapshot; nothing for an address that has not changed in a minute.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    former: HashMap<Key, Vec<Former>>,
    /// Since when the present Services of an address have it, where that is not long ago.
    began: HashMap<Key, Timestamp>,
}

/// Who had an address until a moment.
#[derive(Clone, Debug)]
struct Former {
    /// Since when, where that is known.
    since: Option<Timestamp>,
    until: Timestamp,
    services: Services,
}

impl History {
    /// Returns this history at `now`, without what is long ago.
    pub(crate) fn at(&self, now: Timestamp) -> History {
        let recent = |moment: Timestamp| moment + HISTORY > now;
        let kept = |former: &[Former]| -> Vec<Former> {
            former.iter().filter(|former| recent(former.until)).cloned().collect()
        };
        let former = self.former.iter().map(|(key, former)| (*key, kept(former)));
        History {
            former: former.filter(|(_, former)| !former.is_empty()).collect(),
            began: self
                .began
                .iter()
                .filter(|(_, began)| recent(**began))
                .map(|(key, at)| (*key, *at))
                .collect(),
        }
    }

    /// Notes that an address goes over from some Services to others at `now`; none means that nobody has it.
    pub(crate) fn change(
        &mut self,
        key: Key,
        from: Option<&Services>,
        to: Option<&Services>,
        now: Timestamp,
    ) {
        let since = self.began.remove(&key);
        if let Some(services) = from {
            let all = self.former.entry(key).or_default();
            if all.len() >= MAX_FORMER {
                all.remove(0);
            }
            all.push(Former { since, until: now, services: services.clone() });
        }
        if to.is_some() {
            self.began.insert(key, now);
        }
    }

    /// Returns whether anyone had this server's address shortly before.
    pub(crate) fn knows(&self, server: SocketAddr) -> bool {
        !self.former.is_empty() && keys(server).iter().any(|key| self.former.contains_key(key))
    }

    /// Returns whether nothing has changed in a minute.
    pub(crate) fn is_empty(&self) -> bool {
        self.former.is_empty() && self.began.is_empty()
    }

    /// Returns who had an address at a time, or was the first to get it after that (Kubernetes reports a pod when it runs
    /// already), and since when; `None` if they had it at that time. `present` have it now.
    pub(crate) fn find<'a>(
        &'a self,
        key: Key,
        present: Option<&'a Services>,
        time: Timestamp,
    ) -> Option<(Option<Timestamp>, &'a Services)> {
        // They are in the order of time.
        let former = self.former.get(&key).into_iter().flatten().find(|former| time < former.until);
        let former = former.map(|former| (former.since, &former.services));
        let present = || present.map(|services| (self.began.get(&key).copied(), services));
        let (since, services) = former.or_else(present)?;
        Some((since.filter(|since| *since > time), services))
    }
}
