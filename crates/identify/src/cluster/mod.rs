//! The objects of a cluster, and the directory of one of its nodes that follows from them.
//!
//! Knows the rules of Kubernetes and no client: [`Change`]s come from whoever has them.

mod objects;
mod selecting;

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use objects::{Backends, Change, ObjectName, Pod, Service, ServicePort, Target, Update};

use crate::{Directory, Entry, LocalPod, PodServices, ServiceName};
use selecting::Selecting;

/// The most pairs of address and port that one object may stand for. Real ones have some tens; one that was made to take
/// memory has millions.
const MAX_PAIRS: usize = 4_096;

/// A cluster as seen from one node: all Services, the pods of the node, and servers that no selector found. Holds no more
/// than names need: a few hundred bytes for each object.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Cluster {
    #[serde(with = "pairs")]
    services: HashMap<ObjectName, Service>,
    #[serde(with = "pairs")]
    pods: HashMap<ObjectName, Pod>,
    #[serde(with = "pairs")]
    backends: HashMap<ObjectName, Vec<Backends>>,
}

/// Objects as a list of pairs: names of two parts are no keys of JSON.
mod pairs {
    use super::{Deserialize, HashMap, ObjectName, Serialize};

    pub(super) fn serialize<T: Serialize, S: serde::Serializer>(
        objects: &HashMap<ObjectName, T>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_seq(objects)
    }

    pub(super) fn deserialize<'de, T: Deserialize<'de>, D: serde::Deserializer<'de>>(
        from: D,
    ) -> Result<HashMap<ObjectName, T>, D::Error> {
        Ok(Vec::<(ObjectName, T)>::deserialize(from)?.into_iter().collect())
    }
}

impl Cluster {
    /// Applies a change, and returns whether it says anything new: most updates are about what does not matter here.
    pub fn apply(&mut self, change: Change) -> bool {
        match change {
            Change::Services(update) => apply(&mut self.services, update),
            Change::Pods(update) => apply(&mut self.pods, update),
            Change::Backends(update) => apply(&mut self.backends, update),
        }
    }

    /// Returns the number of Services and of pods.
    #[must_use]
    pub fn len(&self) -> (usize, usize) {
        (self.services.len(), self.pods.len())
    }

    /// Returns whether there are no Services and no pods.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == (0, 0)
    }

    /// Returns the directory of the node that has these addresses. Loopback addresses do not count: any process may listen
    /// there.
    #[must_use]
    pub fn directory(&self, local: &HashSet<IpAddr>) -> Directory {
        // With IPVS every ClusterIP is on an interface of every node: no server is asked there.
        let cluster_ips: HashSet<_> =
            self.services.values().flat_map(|service| &service.cluster_ips).collect();
        let local: Vec<_> =
            local.iter().filter(|ip| !ip.is_loopback() && !cluster_ips.contains(ip)).copied().collect();
        let mut entries: HashMap<&ObjectName, Entry> =
            self.services.iter().map(|(key, service)| (key, entry(service))).collect();
        let mut pods: HashMap<Arc<str>, LocalPod> = HashMap::new();
        let mut unselected: HashMap<IpAddr, Arc<str>> = HashMap::new();
        let selecting = Selecting::new(&self.services);
        let owners = self.owners();
        for (key, pod) in &self.pods {
            let mut own = addresses(pod, &local);
            own.retain(|ip| pod.host_network || owners.get(ip) == Some(&key));
            let mut services = PodServices::default();
            for (name, service) in selecting.of(key, pod) {
                let Some(entry) = entries.get_mut(name) else { continue };
                let ports = ports(service, pod);
                services.add(&entry.service, ports.iter().copied());
                let pairs = own.iter().flat_map(|ip| ports.iter().map(|port| (*ip, *port)));
                entry.addresses.extend(pairs);
            }
            if selecting.of(key, pod).next().is_none() && !pod.host_network {
                let name: Arc<str> = format!("{}/{}", key.0, key.1).into();
                unselected.extend(own.iter().map(|ip| (*ip, Arc::clone(&name))));
            }
            if !pod.uid.is_empty() && services.services().next().is_some() {
                let local = LocalPod { services, addresses: own, host_network: pod.host_network };
                pods.insert(pod.uid.as_str().into(), local);
            }
        }
        for backends in self.backends.values().flatten() {
            let key = (backends.service.namespace.clone(), backends.service.name.clone());
            let selects = self.services.get(&key).is_some_and(|service| !service.selector.is_empty());
            if let Some(entry) = entries.get_mut(&key)
                && !(backends.only_without_selector && selects)
            {
                let pairs = backends.addresses.iter();
                let pairs = pairs.flat_map(|ip| backends.ports.iter().map(|port| (*ip, Some(*port))));
                entry.addresses.extend(pairs.take(MAX_PAIRS));
            }
        }
        Directory::new(entries.into_values())
            .of_cluster(self.forwarded_ports())
            .with_node_ports(self.node_ports())
            .with_pods(pods)
            .with_unselected(unselected)
    }

    /// Returns the Service of each port of the node.
    fn node_ports(&self) -> HashMap<u16, Arc<ServiceName>> {
        let ports = |service: &Service| -> Vec<u16> {
            service.ports.iter().filter_map(|port| port.node_port).collect()
        };
        let of = |service: &Service| {
            let name = Arc::new(service.name.clone());
            ports(service).into_iter().map(move |port| (port, Arc::clone(&name)))
        };
        self.services.values().flat_map(of).collect()
    }

    /// Returns the pod that has each address. Of several that claim it, one that was not told to end wins, then the youngest:
    /// an address is given away again before everyone has heard of it.
    fn owners(&self) -> HashMap<IpAddr, &ObjectName> {
        let mut owners: HashMap<IpAddr, (&ObjectName, &Pod)> = HashMap::new();
        for (key, pod) in self.pods.iter().filter(|(_, pod)| !pod.host_network) {
            let rank = |pod: &Pod| (!pod.ending, pod.created);
            for ip in &pod.addresses {
                let owner = owners.entry(*ip).or_insert((key, pod));
                if (rank(pod), key) > (rank(owner.1), owner.0) {
                    *owner = (key, pod);
                }
            }
        }
        owners.into_iter().map(|(ip, (key, _))| (ip, key)).collect()
    }

    /// Returns the NodePorts and the host ports of containers.
    fn forwarded_ports(&self) -> HashSet<u16> {
        let node_ports = self.services.values().flat_map(|service| &service.ports);
        let node_ports = node_ports.filter_map(|port| port.node_port);
        let own_network = self.pods.values().filter(|pod| !pod.host_network);
        node_ports.chain(own_network.flat_map(|pod| pod.host_ports.iter().copied())).collect()
    }
}

fn apply<T: PartialEq>(objects: &mut HashMap<ObjectName, T>, update: Update<T>) -> bool {
    match update {
        Update::All(all) => {
            let all = all.into_iter().collect();
            let differs = *objects != all;
            *objects = all;
            differs
        }
        Update::One(name, object) if objects.get(&name) == Some(&object) => false,
        Update::One(name, object) => {
            objects.insert(name, object);
            true
        }
        Update::Gone(name) => objects.remove(&name).is_some(),
    }
}

fn entry(service: &Service) -> Entry {
    let addresses = service.cluster_ips.iter().chain(&service.external_ips);
    let pairs = addresses.flat_map(|ip| service.ports.iter().map(|port| (*ip, port.port))).take(MAX_PAIRS);
    Entry {
        service: service.name.clone(),
        addresses: Vec::new(),
        virtual_addresses: pairs.map(|(ip, port)| SocketAddr::new(ip, port)).collect(),
        annotation: service.annotation.clone(),
    }
}

/// Returns where a pod's servers can be asked: on the node's network at all of the node's addresses.
fn addresses(pod: &Pod, local: &[IpAddr]) -> Vec<IpAddr> {
    let mut all = pod.addresses.clone();
    if pod.host_network {
        all.extend(local.iter().filter(|ip| !pod.addresses.contains(ip)));
    }
    all
}

/// Returns the ports of a pod that a Service stands for; none means every port.
fn ports(service: &Service, pod: &Pod) -> Vec<Option<u16>> {
    if service.headless && service.ports.is_empty() {
        return vec![None];
    }
    let mut all = Vec::new();
    for port in &service.ports {
        match &port.target {
            Target::Number(number) => all.push(Some(*number)),
            Target::Name(name) => {
                let named = pod.ports.iter().filter(|(of, _)| of == name);
                all.extend(named.map(|(_, number)| Some(*number)));
            }
        }
        if service.headless {
            // Nothing is between its clients and its pods: they ask the port that the Service names.
            all.push(Some(port.port));
        }
    }
    all
}

#[cfg(test)]
mod tests;
