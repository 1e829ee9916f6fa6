//! A pod of this node: its addresses, and its Services by the ports of its servers.

use std::net::IpAddr;
use std::sync::Arc;

use crate::choice::choose;
use crate::{Answer, Evidence, ServiceName};

/// A pod of this node that belongs to a Service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LocalPod {
    /// Its Services.
    pub services: PodServices,
    /// Its addresses; those of the node for a pod in the node's network.
    pub addresses: Vec<IpAddr>,
    /// Whether it is in the node's network.
    pub host_network: bool,
}

/// The Services that select a pod of this node, with the ports of the pod that they stand for. No port means every port.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PodServices(Vec<(Option<u16>, Arc<ServiceName>)>);

impl PodServices {
    /// Adds a Service that stands for these ports.
    pub fn add(&mut self, service: &ServiceName, ports: impl IntoIterator<Item = Option<u16>>) {
        let service = Arc::new(service.clone());
        self.0.extend(ports.into_iter().map(|port| (port, Arc::clone(&service))));
        self.0.sort();
        self.0.dedup();
    }

    /// Adds the Services of another pod that has the same addresses.
    pub fn merge(&mut self, other: &PodServices) {
        self.0.extend_from_slice(&other.0);
        self.0.sort();
        self.0.dedup();
    }

    /// Returns every Service of the pod, once for each port that it stands for.
    pub fn services(&self) -> impl Iterator<Item = &Arc<ServiceName>> {
        self.0.iter().map(|(_, service)| service)
    }

    /// Returns the Service that a request to this port of the pod asked for, whatever address it was sent to: loopback is the
    /// pod's own. A port that was named is stronger than none, and `Host` only chooses among several. `by` says how the pod
    /// was found.
    #[must_use]
    pub fn identify<'h>(&self, port: u16, by: Evidence, host: impl FnOnce() -> Option<&'h [u8]>) -> Answer {
        let at = |wanted| {
            self.0.iter().filter(move |(port, _)| *port == wanted).map(|(_, service)| Arc::clone(service))
        };
        let mut services: Vec<_> = at(Some(port)).collect();
        if services.is_empty() {
            services.extend(at(None));
        }
        match services.as_slice() {
            [] => Answer::Unknown,
            [one] => Answer::Service(Arc::clone(one), by),
            several => choose(several, host()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(pod: &PodServices, port: u16, host: &str) -> String {
        match pod.identify(port, Evidence::Cgroup, || Some(host.as_bytes())) {
            Answer::Service(service, evidence) => format!("{service} by {}", evidence.label()),
            Answer::Ambiguous(all) => format!("ambiguous: {}", all.len()),
            Answer::Unknown => "unknown".into(),
        }
    }

    fn ask_of(service: &str) -> String {
        format!("shop/{service} by cgroup")
    }

    #[test]
    fn the_port_decides_and_the_host_chooses() {
        let service = |name: &str| ServiceName { namespace: "shop".into(), name: name.into() };
        let mut pod = PodServices::default();
        pod.add(&service("cart"), [Some(8080), Some(8081)]);
        pod.add(&service("admin"), [Some(8081)]);
        assert_eq!(ask(&pod, 8080, "admin"), "shop/cart by cgroup");
        assert_eq!(ask(&pod, 8081, "admin"), "shop/admin by address+host");
        assert_eq!(ask(&pod, 8081, "example.com"), "ambiguous: 2");
        assert_eq!(ask(&pod, 15006, "cart"), "unknown", "the port of a side-car");
        pod.add(&service("all"), [None]);
        assert_eq!(ask(&pod, 15006, "cart"), "shop/all by cgroup");
        assert_eq!(ask(&pod, 8080, "all"), "shop/cart by cgroup");
        assert_eq!(pod.services().count(), 4);
        let mut both = PodServices::default();
        both.add(&service("metrics"), [Some(9100)]);
        both.merge(&pod);
        assert_eq!((ask(&both, 9100, ""), ask(&both, 8080, "")), (ask_of("metrics"), ask_of("cart")));
    }
}
