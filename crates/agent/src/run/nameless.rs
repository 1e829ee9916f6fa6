//! What a server is that belongs to no known Service.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use identify::{Directory, ServiceName};

use super::shared::Shared;

/// The kinds of servers that belong to no known Service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Nameless {
    /// A pod of this node that no Service selects: namespace and name.
    Unselected(Arc<str>),
    /// A port of a pod that no Service stands for.
    OfAPod,
    /// A process of the node itself: the kubelet, the container runtime, etcd.
    OfTheNode,
    /// At an address that nobody is known to have.
    Unknown,
}

impl Nameless {
    /// Returns what a server is, by what is known now.
    pub(crate) fn of(shared: &Shared, server: SocketAddr) -> Nameless {
        let (directory, local) = (shared.names.directory(), shared.names.local());
        let at_sockets = !shared.capture.targets().0.is_empty();
        if let Some(pod) = directory.unselected(server.ip()) {
            return Nameless::Unselected(Arc::clone(pod));
        }
        match server.ip() {
            // What is seen on loopback at sockets is of a pod, or of the node where a pod is in its network.
            ip if ip.is_loopback() && at_sockets || is_of_a_pod(&directory, ip) => Nameless::OfAPod,
            // Before names are complete, a pod in the node's network may have it.
            ip if directory.sees_cluster()
                && shared.view.is_ready()
                && (ip.is_loopback() || local.contains(&ip)) =>
            {
                Nameless::OfTheNode
            }
            _ => Nameless::Unknown,
        }
    }

    /// Returns what is said of it.
    pub(crate) fn says(&self) -> String {
        match self {
            Nameless::Unselected(pod) => format!("it is pod {pod} on this node, which no Service selects"),
            Nameless::OfAPod => {
                "no Service stands for this port of its pod (a side-car proxy's, or one for metrics)".into()
            }
            Nameless::OfTheNode => "it is a process of the node itself".into(),
            Nameless::Unknown => "no known Service has this address".into(),
        }
    }
}

fn is_of_a_pod(directory: &Directory, ip: IpAddr) -> bool {
    directory.pods().values().any(|pod| !pod.host_network && pod.addresses.contains(&ip))
}

/// Returns what is said of Services that nothing tells apart.
pub(crate) fn both(shared: &Shared, services: &[Arc<ServiceName>]) -> String {
    let mappings = shared.names.mappings();
    let names: Vec<String> = services.iter().map(ToString::to_string).collect();
    let counted = services.iter().find(|service| mappings.find(service).is_some()).or(services.first());
    let counted = counted.map(ToString::to_string).unwrap_or_default();
    format!(
        "{} have the same pods and port, and no `Host` said which was asked: all count for {counted}",
        names.join(" and ")
    )
}
