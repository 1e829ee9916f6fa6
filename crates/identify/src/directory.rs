//! What is known about Services at one moment.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use crate::host::{self, ClusterHost};
use crate::{Answer, Evidence, ServiceName};

/// One Service and where its servers are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The Service.
    pub service: ServiceName,
    /// The addresses of its servers; no port means every port.
    pub addresses: Vec<(IpAddr, Option<u16>)>,
}

/// An immutable snapshot of what is known about Services. To change it, build a new one and swap.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    services: Vec<Arc<ServiceName>>,
    by_port: HashMap<SocketAddr, Vec<Arc<ServiceName>>>,
    by_ip: HashMap<IpAddr, Vec<Arc<ServiceName>>>,
}

impl Directory {
    /// Builds a snapshot from entries. A Service that stands in several entries has the addresses of all.
    pub fn new(entries: impl IntoIterator<Item = Entry>) -> Directory {
        let mut directory = Directory::default();
        for entry in entries {
            directory.add(entry);
        }
        directory.services.sort();
        directory.services.dedup();
        let lists = directory.by_port.values_mut().chain(directory.by_ip.values_mut());
        for list in lists {
            list.sort();
            list.dedup();
        }
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
        self.services.push(service);
    }

    /// All Services, in the order of their names.
    #[must_use]
    pub fn services(&self) -> &[Arc<ServiceName>] {
        &self.services
    }

    /// Whether a server at this address belongs to a known Service: what packet mode captures.
    #[must_use]
    pub fn serves(&self, server: SocketAddr) -> bool {
        self.by_port.contains_key(&server) || self.by_ip.contains_key(&server.ip())
    }

    /// Names the Service that a request to `server` with this `Host` asked for.
    ///
    /// The address decides; a port that was named is stronger than an address without one. `Host` only chooses among
    /// the Services of the address, since anyone can send any `Host`. Alone it counts for a private address that
    /// belongs to no known Service, and only in a form that stands for nothing else. It is asked for only when it counts.
    #[must_use]
    pub fn identify<'h>(&self, server: SocketAddr, host: impl FnOnce() -> Option<&'h [u8]>) -> Answer {
        let candidates = self.by_port.get(&server).or_else(|| self.by_ip.get(&server.ip()));
        match candidates.map(Vec::as_slice) {
            Some([one]) => Answer::Service(Arc::clone(one), Evidence::Address),
            Some(several) => choose(several, host()),
            None if host::is_private(server.ip()) => self.by_host(host()),
            None => Answer::Unknown,
        }
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

    /// The one known Service that a host names; a bare name counts only when it exists once.
    fn known(&self, host: &ClusterHost) -> Option<Arc<ServiceName>> {
        let mut named = self.services.iter().filter(|service| names(host, service));
        let first = named.next()?;
        named.next().is_none().then(|| Arc::clone(first))
    }
}

/// Chooses by `Host` among the Services that share an address.
fn choose(several: &[Arc<ServiceName>], host: Option<&[u8]>) -> Answer {
    if let Some(host) = host.and_then(host::parse) {
        let mut named = several.iter().filter(|service| names(&host, service));
        if let (Some(one), None) = (named.next(), named.next()) {
            return Answer::Service(Arc::clone(one), Evidence::AddressAndHost);
        }
    }
    Answer::Ambiguous(several.to_vec())
}

fn names(host: &ClusterHost, service: &ServiceName) -> bool {
    host.name == service.name
        && host.namespace.as_ref().is_none_or(|namespace| *namespace == service.namespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(namespace: &str, name: &str, addresses: &[(&str, Option<u16>)]) -> Entry {
        Entry {
            service: ServiceName { namespace: namespace.into(), name: name.into() },
            addresses: addresses.iter().map(|(ip, port)| (ip.parse().unwrap(), *port)).collect(),
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
        let host = (!host.is_empty()).then_some(host.as_bytes());
        match shop().identify(server.parse().unwrap(), || host) {
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
}
