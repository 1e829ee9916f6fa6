//! The Services at one moment, and who had an address shortly before.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::Hash;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use decode::Timestamp;

use crate::choice::{choose, names};
use crate::history::{History, Services, keys};
use crate::host::{self, ClusterHost};
use crate::{Annotation, Answer, Evidence, LocalPod, ServiceName};

/// A Service and where its servers are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The Service.
    pub service: ServiceName,
    /// The addresses of its servers; no port means every port.
    pub addresses: Vec<(IpAddr, Option<u16>)>,
    /// Addresses that the network turns into those of a server (ClusterIP, external, load balancer).
    pub virtual_addresses: Vec<SocketAddr>,
    /// The mapping that its annotations give.
    pub annotation: Option<Annotation>,
}

/// An immutable snapshot of what is known about Services. To change it, build a new one and swap.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    services: Services,
    annotations: HashMap<Arc<ServiceName>, Annotation>,
    by_port: HashMap<SocketAddr, Services>,
    by_ip: HashMap<IpAddr, Services>,
    virtual_addresses: HashMap<SocketAddr, Services>,
    forwarded_ports: HashSet<u16>,
    history: History,
    pods: HashMap<Arc<str>, LocalPod>,
    unselected: HashMap<IpAddr, Arc<str>>,
    node_ports: HashMap<u16, Arc<ServiceName>>,
    sees_cluster: bool,
}

impl Directory {
    /// Makes a snapshot of entries. A Service in several entries has the addresses of all of them.
    pub fn new(entries: impl IntoIterator<Item = Entry>) -> Directory {
        let mut directory = Directory::default();
        for entry in entries {
            directory.add(entry);
        }
        sort(&mut directory.services);
        directory.by_port.values_mut().for_each(sort);
        directory.by_ip.values_mut().for_each(sort);
        directory.virtual_addresses.values_mut().for_each(sort);
        directory
    }

    fn add(&mut self, entry: Entry) {
        let service = Arc::new(entry.service);
        for (ip, port) in entry.addresses {
            let list = match port {
                Some(port) => self.by_port.entry(SocketAddr::new(ip, port)).or_default(),
                None => self.by_ip.entry(ip).or_default(),
            };
            list.push(Arc::clone(&service));
        }
        for address in entry.virtual_addresses {
            self.virtual_addresses.entry(address).or_default().push(Arc::clone(&service));
        }
        if let Some(annotation) = entry.annotation {
            self.annotations.insert(Arc::clone(&service), annotation);
        }
        self.services.push(service);
    }

    /// Marks this as a view of Kubernetes, in which a `Host` alone names nothing. The node forwards `forwarded_ports` to
    /// servers from all its addresses (NodePorts, and the host ports of containers).
    #[must_use]
    pub fn of_cluster(mut self, forwarded_ports: HashSet<u16>) -> Directory {
        self.sees_cluster = true;
        self.forwarded_ports = forwarded_ports;
        self
    }

    /// Adds the pods of the node that belong to a Service, by their UID.
    #[must_use]
    pub fn with_pods(mut self, pods: HashMap<Arc<str>, LocalPod>) -> Directory {
        self.pods = pods;
        self
    }

    /// Adds the pods of the node that no Service selects, `namespace/name` by their addresses.
    #[must_use]
    pub fn with_unselected(mut self, pods: HashMap<IpAddr, Arc<str>>) -> Directory {
        self.unselected = pods;
        self
    }

    /// Adds the ports of every node that lead to a Service.
    #[must_use]
    pub fn with_node_ports(mut self, ports: HashMap<u16, Arc<ServiceName>>) -> Directory {
        self.node_ports = ports;
        self
    }

    /// Returns whether this is a view of Kubernetes.
    #[must_use]
    pub fn sees_cluster(&self) -> bool {
        self.sees_cluster
    }

    /// Returns the pod of this node that has an address, `namespace/name`, if no Service selects it.
    #[must_use]
    pub fn unselected(&self, ip: IpAddr) -> Option<&Arc<str>> {
        self.unselected.get(&ip)
    }

    /// Returns all pods of this node that no Service selects, each once, in the order of their names.
    #[must_use]
    pub fn all_unselected(&self) -> BTreeSet<&str> {
        self.unselected.values().map(|pod| &**pod).collect()
    }

    /// Returns whether a Service has a pod on this node.
    #[must_use]
    pub fn has_pod_of(&self, service: &ServiceName) -> bool {
        self.pods.values().any(|pod| pod.services.services().any(|one| **one == *service))
    }

    /// Returns the pods of the node that belong to a Service, by their UID.
    #[must_use]
    pub fn pods(&self) -> &HashMap<Arc<str>, LocalPod> {
        &self.pods
    }

    /// Takes over from the snapshot `before`, and remembers for a minute who lost an address at `now`, so that a packet that
    /// is read late gets the name of its time.
    #[must_use]
    pub fn succeeding(mut self, before: &Directory, now: Timestamp) -> Directory {
        self.history = before.history.at(now);
        if before.services.is_empty() && before.history.is_empty() {
            return self; // The first view says nothing about when things began.
        }
        let ports = changes(&before.by_port, &self.by_port);
        for (address, from, to) in ports {
            self.history.change((address.ip(), Some(address.port())), from, to, now);
        }
        for (ip, from, to) in changes(&before.by_ip, &self.by_ip) {
            self.history.change((ip, None), from, to, now);
        }
        self
    }

    /// Returns all Services, in the order of their names.
    #[must_use]
    pub fn services(&self) -> &[Arc<ServiceName>] {
        &self.services
    }

    /// Returns the Services that have an address at any port, their own or a server's, in the order of their names.
    #[must_use]
    pub fn services_at(&self, ip: IpAddr) -> Vec<Arc<ServiceName>> {
        let ported = self.by_port.iter().chain(&self.virtual_addresses);
        let ported = ported.filter(|(address, _)| address.ip() == ip).map(|(_, services)| services);
        let mut all: Vec<_> = ported.chain(self.by_ip.get(&ip)).flatten().cloned().collect();
        all.sort();
        all.dedup();
        all
    }

    /// Returns the mapping that a Service's annotations give.
    #[must_use]
    pub fn annotation(&self, service: &ServiceName) -> Option<&Annotation> {
        self.annotations.get(service)
    }

    /// Returns whether a server at this address belongs, or belonged shortly before, to a known Service. Packet mode captures
    /// those.
    #[must_use]
    pub fn serves(&self, server: SocketAddr) -> bool {
        self.by_port.contains_key(&server)
            || self.by_ip.contains_key(&server.ip())
            || self.history.knows(server)
    }

    /// Returns whether a connection to this address, which may be the node's own (`local`), goes on to a server at another
    /// address, where it is seen again.
    #[must_use]
    pub fn forwards(&self, address: SocketAddr, local: bool) -> bool {
        (self.virtual_addresses.contains_key(&address)
            || local && self.forwarded_ports.contains(&address.port()))
            && !self.by_port.contains_key(&address)
    }

    /// Returns the Service that a request to `server` at `time` with this `Host` asked for.
    ///
    /// The address decides; a port that was named is stronger than an address without one. `Host` only chooses among
    /// the Services of the address, since anyone can send any `Host`. Alone it counts where nothing is known of
    /// Kubernetes, for a private address that belongs to no known Service, and only in a form that stands for nothing
    /// else. It is asked for only when it counts.
    #[must_use]
    pub fn identify<'h>(
        &self,
        server: SocketAddr,
        time: Timestamp,
        host: impl FnOnce() -> Option<&'h [u8]>,
    ) -> Answer {
        match self.candidates(server, time).map(Vec::as_slice) {
            Some([one]) => Answer::Service(Arc::clone(one), Evidence::Address),
            Some(several) => {
                let host = host();
                self.narrow(choose(several, host), host)
            }
            None if !self.sees_cluster && host::is_private(server.ip()) => self.by_host(host()),
            None => Answer::Unknown,
        }
    }

    /// Returns the answer that is left of an ambiguous one when `Host` is an address that leads to one of the Services: a ClusterIP with
    /// its port, or any name with a port of the node (NodePort).
    #[must_use]
    pub fn narrow(&self, answer: Answer, host: Option<&[u8]>) -> Answer {
        let Answer::Ambiguous(several) = answer else { return answer };
        let asked = host.and_then(|host| self.leads_to(host)).filter(|one| several.contains(one));
        match asked {
            Some(one) => Answer::Service(one, Evidence::AddressAndHost),
            None => Answer::Ambiguous(several),
        }
    }

    /// Returns the Service that an address in a `Host` leads to.
    fn leads_to(&self, host: &[u8]) -> Option<Arc<ServiceName>> {
        let (ip, port) = host::address(host)?;
        let virtual_address =
            ip.and_then(|ip| match self.virtual_addresses.get(&(ip, port).into())?.as_slice() {
                [one] => Some(Arc::clone(one)),
                _ => None,
            });
        virtual_address.or_else(|| self.node_ports.get(&port).cloned())
    }

    /// Returns the Services that had this address at that time. Who had the port comes before who had the address.
    fn candidates(&self, server: SocketAddr, time: Timestamp) -> Option<&Services> {
        let present = [self.by_port.get(&server), self.by_ip.get(&server.ip())];
        let found = if self.history.is_empty() {
            present.into_iter().flatten().next()
        } else {
            let found = keys(server).into_iter().zip(present);
            let found = found.filter_map(|(key, present)| self.history.find(key, present, time));
            found.min_by_key(|(since, _)| *since).map(|(_, services)| services)
        };
        found.or_else(|| self.virtual_addresses.get(&server))
    }

    fn by_host(&self, host: Option<&[u8]>) -> Answer {
        let Some(host) = host.and_then(host::parse).filter(|host| host.certain) else {
            return Answer::Unknown;
        };
        let service = match self.known(&host) {
            Some(service) => service,
            None => Arc::new(ServiceName { namespace: host.namespace.unwrap_or_default(), name: host.name }),
        };
        Answer::Service(service, Evidence::Host)
    }

    /// Returns the one known Service that a host names; a bare name counts only when it exists once.
    fn known(&self, host: &ClusterHost) -> Option<Arc<ServiceName>> {
        let mut named = self.services.iter().filter(|service| names(host, service));
        let first = named.next()?;
        named.next().is_none().then(|| Arc::clone(first))
    }
}

/// Returns what differs for each address between two snapshots: who had it, and who has it.
fn changes<'a, K: Copy + Eq + Hash>(
    before: &'a HashMap<K, Services>,
    now: &'a HashMap<K, Services>,
) -> impl Iterator<Item = (K, Option<&'a Services>, Option<&'a Services>)> {
    let gone = before.iter().map(|(key, from)| (*key, Some(from), now.get(key)));
    let new = now.iter().filter(|(key, _)| !before.contains_key(key));
    gone.chain(new.map(|(key, to)| (*key, None, Some(to)))).filter(|(_, from, to)| from != to)
}

fn sort(services: &mut Services) {
    services.sort();
    services.dedup();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::HISTORY;

    fn entry(namespace: &str, name: &str, addresses: &[(&str, Option<u16>)]) -> Entry {
        Entry {
            service: ServiceName { namespace: namespace.into(), name: name.into() },
            addresses: addresses.iter().map(|(ip, port)| (ip.parse().unwrap(), *port)).collect(),
            ..Entry::default()
        }
    }

    fn shop() -> Directory {
        Directory::new([
            entry("shop", "cart", &[("10.0.0.2", Some(8080))]),
            entry("shop", "cart-admin", &[("10.0.0.2", Some(9090))]),
            entry("shop", "pay", &[("10.0.0.3", None), ("fd00::3", None)]),
            entry("shop", "a", &[("10.0.0.4", Some(80))]),
            entry("beta", "a", &[("10.0.0.4", Some(80))]),
            entry("shop", "b", &[("10.0.0.4", Some(80))]),
        ])
    }

    fn ask(server: &str, host: &str) -> String {
        ask_of(&shop(), server, Timestamp::EPOCH, host)
    }

    fn ask_of(directory: &Directory, server: &str, time: Timestamp, host: &str) -> String {
        let host = (!host.is_empty()).then_some(host.as_bytes());
        match directory.identify(server.parse().unwrap(), time, || host) {
            Answer::Service(service, evidence) => format!("{service} by {}", evidence.label()),
            Answer::Ambiguous(all) => format!("ambiguous: {}", all.len()),
            Answer::Unknown => "unknown".into(),
        }
    }

    #[test]
    fn the_address_decides() {
        assert_eq!(ask("10.0.0.2:8080", ""), "shop/cart by address");
        assert_eq!(ask("10.0.0.2:9090", ""), "shop/cart-admin by address");
        assert_eq!(ask("10.0.0.3:1", ""), "shop/pay by address");
        assert_eq!(ask("[fd00::3]:443", ""), "shop/pay by address");
    }

    #[test]
    fn a_host_cannot_move_a_request_to_another_service() {
        assert_eq!(ask("10.0.0.2:8080", "pay"), "shop/cart by address");
        assert_eq!(ask("10.0.0.4:80", "pay.shop.svc"), "ambiguous: 3");
    }

    #[test]
    fn a_host_chooses_among_the_services_of_an_address() {
        assert_eq!(ask("10.0.0.4:80", "b"), "shop/b by address+host");
        assert_eq!(ask("10.0.0.4:80", "a.beta"), "beta/a by address+host");
        assert_eq!(ask("10.0.0.4:80", "a"), "ambiguous: 3");
        assert_eq!(ask("10.0.0.4:80", ""), "ambiguous: 3");
    }

    #[test]
    fn a_host_alone_counts_only_for_private_addresses_and_certain_forms() {
        assert_eq!(ask("10.9.9.9:80", "stock"), "stock by host");
        assert_eq!(ask("10.9.9.9:80", "stock.depot.svc.cluster.local"), "depot/stock by host");
        assert_eq!(ask("10.9.9.9:80", "pay"), "shop/pay by host");
        assert_eq!(ask("10.9.9.9:80", "stock.depot"), "unknown");
        assert_eq!(ask("10.9.9.9:80", "api.example.com"), "unknown");
        assert_eq!(ask("93.184.216.34:80", "stock"), "unknown");
    }

    #[test]
    fn serves_what_belongs_to_a_service() {
        let directory = shop();
        assert!(directory.serves("10.0.0.2:8080".parse().unwrap()));
        assert!(!directory.serves("10.0.0.2:8081".parse().unwrap()));
        assert!(directory.serves("10.0.0.3:1".parse().unwrap()));
    }

    #[test]
    fn with_a_view_of_kubernetes_a_host_alone_names_nothing() {
        let directory = shop().of_cluster(HashSet::new());
        assert_eq!(ask_of(&directory, "10.9.9.9:80", Timestamp::EPOCH, "stock"), "unknown");
        assert_eq!(ask_of(&directory, "10.0.0.4:80", Timestamp::EPOCH, "b"), "shop/b by address+host");
    }

    #[test]
    fn a_packet_gets_the_name_of_its_time() {
        let address = [("10.0.0.2", Some(80))];
        let steps = [entry("shop", "a", &address), entry("shop", "gone", &[]), entry("shop", "b", &address)];
        let mut directory = Directory::default();
        for (time, step) in [100, 200, 300].into_iter().zip(steps) {
            directory = Directory::new([step]).succeeding(&directory, Timestamp::from_nanos(time));
        }
        let at = |time| ask_of(&directory, "10.0.0.2:80", Timestamp::from_nanos(time), "");
        assert_eq!(at(50), "shop/a by address", "nobody had it before");
        assert_eq!(at(199), "shop/a by address");
        assert_eq!(at(250), "shop/b by address", "its event came late");
        assert_eq!(at(300), "shop/b by address");
        let last_change = Timestamp::from_nanos(300);
        let later = Directory::new([]).succeeding(&directory, last_change + HISTORY);
        let then = Timestamp::from_nanos(199);
        assert_eq!(ask_of(&later, "10.0.0.2:80", then, ""), "shop/b by address", "a is forgotten");
        assert!(later.serves("10.0.0.2:80".parse().unwrap()));
        let last = Directory::new([]).succeeding(&later, Timestamp::from_nanos(301) + 2 * HISTORY);
        assert!(!last.serves("10.0.0.2:80".parse().unwrap()));
    }

    #[test]
    fn what_is_seen_again_behind_it_is_forwarded() {
        let virtual_addresses = vec!["10.96.0.1:80".parse().unwrap(), "10.0.0.2:8080".parse().unwrap()];
        let service = Entry { virtual_addresses, ..entry("shop", "cart", &[("10.0.0.2", Some(8080))]) };
        let directory = Directory::new([service]).of_cluster(HashSet::from([30080]));
        let forwards = |address: &str, local| directory.forwards(address.parse().unwrap(), local);
        assert!(forwards("10.96.0.1:80", false));
        assert!(!forwards("10.96.0.1:81", false));
        assert!(forwards("192.0.2.1:30080", true));
        assert!(!forwards("192.0.2.1:30080", false));
        assert!(!forwards("10.0.0.2:8080", false), "the server itself is there");
        assert_eq!(ask_of(&directory, "10.96.0.1:80", Timestamp::EPOCH, ""), "shop/cart by address");
    }
}
