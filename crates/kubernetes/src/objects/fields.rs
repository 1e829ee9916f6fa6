//! The fields that objects of several kinds have.

use std::net::IpAddr;

use identify::cluster::ObjectName;
use kube::Resource;

/// Returns the namespace and name of an object.
pub(crate) fn object_name<K: Resource>(object: &K) -> ObjectName {
    let meta = object.meta();
    (meta.namespace.clone().unwrap_or_default(), meta.name.clone().unwrap_or_default())
}

/// Returns whether a port is one of TCP, which is what no protocol means.
pub(crate) fn is_tcp(protocol: Option<&str>) -> bool {
    protocol.is_none_or(|protocol| protocol == "TCP")
}

/// Returns the number of a port, if it is one.
pub(crate) fn port_number(port: i32) -> Option<u16> {
    u16::try_from(port).ok().filter(|port| *port != 0)
}

/// Returns the addresses among texts; `None`, host names and empty texts are none.
pub(crate) fn addresses(texts: impl Iterator<Item = String>) -> Vec<IpAddr> {
    texts.filter_map(|text| text.parse().ok()).collect()
}

/// Returns the addresses among texts, sorted, each once.
pub(crate) fn distinct_addresses(texts: impl Iterator<Item = String>) -> Vec<IpAddr> {
    let mut addresses = addresses(texts);
    addresses.sort_unstable();
    addresses.dedup();
    addresses
}
