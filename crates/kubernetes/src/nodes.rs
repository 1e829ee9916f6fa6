//! The nodes that run a Service, in an order on which all nodes agree.

use std::collections::HashSet;

use identify::ServiceName;
use k8s_openapi::api::core::v1::Endpoints;
use k8s_openapi::api::discovery::v1::EndpointSlice;
use kube::api::{Api, ListParams};

use crate::error::is_not_found;
use crate::objects::SERVICE_LABEL;
use crate::server::PAGE;
use crate::{ApiServer, Kind, KubernetesError};

impl ApiServer {
    /// Asks for the nodes that run ready servers of a Service, in the order of the names of their first ready pods (a
    /// server that is no pod goes by its address). Takes one list: of this Service's EndpointSlices, or of its Endpoints
    /// where the API server is too old for `discovery.k8s.io/v1`.
    ///
    /// # Errors
    /// The API server does not answer, or refuses.
    pub async fn nodes(&self, service: &ServiceName) -> Result<Vec<String>, KubernetesError> {
        let ServiceName { namespace, name } = service;
        let slices: Api<EndpointSlice> = Api::namespaced(self.client.clone(), namespace);
        let of_service = ListParams::default().labels(&format!("{SERVICE_LABEL}={name}")).limit(PAGE);
        match slices.list(&of_service).await {
            Ok(list) => Ok(in_order(list.items.into_iter().flat_map(ready_in_slice))),
            Err(error) if is_not_found(&error) => {
                let endpoints: Api<Endpoints> = Api::namespaced(self.client.clone(), namespace);
                // A list, not a get: the role of the agent has no other right.
                let of_service = ListParams::default().fields(&format!("metadata.name={name}"));
                let list = endpoints.list(&of_service).await;
                let list = list.map_err(|error| self.explain(Kind::Endpoints.resource(), &error))?;
                Ok(in_order(list.items.into_iter().flat_map(ready_in_endpoints)))
            }
            Err(error) => Err(self.explain(Kind::EndpointSlices.resource(), &error)),
        }
    }
}

/// A ready server: the name of its pod, or its address, and its node.
type Ready = (String, String);

/// Returns the ready servers of an EndpointSlice. One that does not say whether it is ready is.
fn ready_in_slice(slice: EndpointSlice) -> Vec<Ready> {
    let ready = slice.endpoints.into_iter().filter(|endpoint| {
        endpoint.conditions.as_ref().and_then(|conditions| conditions.ready).unwrap_or(true)
    });
    ready
        .filter_map(|endpoint| {
            let pod = endpoint.target_ref.and_then(|target| target.name);
            Some((pod.or_else(|| endpoint.addresses.into_iter().next())?, endpoint.node_name?))
        })
        .collect()
}

/// Returns the ready servers of an Endpoints object.
fn ready_in_endpoints(endpoints: Endpoints) -> Vec<Ready> {
    let addresses =
        endpoints.subsets.into_iter().flatten().flat_map(|subset| subset.addresses.unwrap_or_default());
    addresses
        .filter_map(|address| {
            let pod = address.target_ref.and_then(|target| target.name);
            Some((pod.unwrap_or(address.ip), address.node_name?))
        })
        .collect()
}

/// Returns the nodes of these servers, each once, in the order of their first servers by name.
fn in_order(ready: impl Iterator<Item = Ready>) -> Vec<String> {
    let mut ready: Vec<_> = ready.collect();
    ready.sort_unstable();
    let mut seen = HashSet::new();
    let nodes = ready.into_iter().map(|(_, node)| node);
    nodes.filter(|node| seen.insert(node.clone())).collect()
}
