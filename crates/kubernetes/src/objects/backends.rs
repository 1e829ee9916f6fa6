//! EndpointSlices and Endpoints: the servers that no selector found.

use identify::ServiceName;
use identify::cluster::Backends;
use k8s_openapi::api::core::v1::Endpoints;
use k8s_openapi::api::discovery::v1::EndpointSlice;
use kube::ResourceExt;

use super::fields::{addresses, is_tcp, object_name, port_number};

/// The label of an EndpointSlice that names its Service.
pub(crate) const SERVICE_LABEL: &str = "kubernetes.io/service-name";

/// Returns the servers in an EndpointSlice that no other node has; none when it belongs to no Service.
pub(crate) fn slice_backends(slice: &EndpointSlice, node: &str) -> Option<Vec<Backends>> {
    let name = slice.labels().get(SERVICE_LABEL)?.clone();
    let service = ServiceName { namespace: slice.namespace().unwrap_or_default(), name };
    let here =
        slice.endpoints.iter().filter(|endpoint| endpoint.node_name.as_deref().is_none_or(|on| on == node));
    let addresses = addresses(here.flat_map(|endpoint| endpoint.addresses.iter().cloned()));
    let ports = slice.ports.iter().flatten().filter(|port| is_tcp(port.protocol.as_deref()));
    let ports = ports.filter_map(|port| port.port.and_then(port_number)).collect();
    Some(vec![Backends { service, addresses, ports, only_without_selector: false }])
}

/// Returns the servers in an Endpoints object that no other node has. Most of these objects were made from a selector,
/// and do not say so.
pub(crate) fn endpoints_backends(endpoints: &Endpoints, node: &str) -> Vec<Backends> {
    let (namespace, name) = object_name(endpoints);
    let service = ServiceName { namespace, name };
    let subsets = endpoints.subsets.iter().flatten().map(|subset| {
        let all = subset.addresses.iter().flatten().chain(subset.not_ready_addresses.iter().flatten());
        let here = all.filter(|address| address.node_name.as_deref().is_none_or(|on| on == node));
        let ports = subset.ports.iter().flatten().filter(|port| is_tcp(port.protocol.as_deref()));
        Backends {
            service: service.clone(),
            addresses: addresses(here.map(|address| address.ip.clone())),
            ports: ports.filter_map(|port| port_number(port.port)).collect(),
            only_without_selector: true,
        }
    });
    subsets.collect()
}
