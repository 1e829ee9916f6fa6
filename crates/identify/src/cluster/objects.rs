//! The parts of a cluster's objects that matter for names, and how they change.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::{Annotation, ServiceName};

/// Namespace and name of an object.
pub type ObjectName = (String, String);

/// A Service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// Its name.
    pub name: ServiceName,
    /// The labels of its pods; empty when it has no selector.
    pub selector: BTreeMap<String, String>,
    /// Its TCP ports.
    pub ports: Vec<ServicePort>,
    /// Its ClusterIPs, which the network turns into the addresses of its pods.
    pub cluster_ips: Vec<IpAddr>,
    /// Its addresses for clients outside of the cluster: external IPs, and those of load balancers. They may be a node's own.
    pub external_ips: Vec<IpAddr>,
    /// Whether its name stands for the addresses of its pods.
    pub headless: bool,
    /// The mapping that its annotations give.
    pub annotation: Option<Annotation>,
}

/// A port of a Service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServicePort {
    /// The port of its virtual addresses.
    pub port: u16,
    /// The port of its pods.
    pub target: Target,
    /// The port of every node that leads to it.
    pub node_port: Option<u16>,
}

/// A port of a pod.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    /// By its number.
    Number(u16),
    /// By the name that a container gives it.
    Name(String),
}

/// A pod of this node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pod {
    /// Its UID, by which the kubelet names its cgroup; empty when it is not known.
    pub uid: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
    /// Whether it uses the node's network.
    pub host_network: bool,
    /// The named TCP ports of its containers.
    pub ports: Vec<(String, u16)>,
    /// The ports of the node that lead to its containers.
    pub host_ports: Vec<u16>,
    /// Whether it was told to end.
    pub ending: bool,
    /// When it was created, in seconds since the Unix epoch.
    pub created: i64,
}

/// Servers of a Service that were not found by its selector: a part of an EndpointSlice, or of an Endpoints object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backends {
    /// The Service.
    pub service: ServiceName,
    /// The addresses that no other node has.
    pub addresses: Vec<IpAddr>,
    /// The TCP ports.
    pub ports: Vec<u16>,
    /// Whether they count only for a Service without a selector: an Endpoints object does not say who made it.
    pub only_without_selector: bool,
}

/// A change of a kind of objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Update<T> {
    /// These are all that there are.
    All(Vec<(ObjectName, T)>),
    /// This one is new or has changed.
    One(ObjectName, T),
    /// This one is gone.
    Gone(ObjectName),
}

/// A change of the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Of Services.
    Services(Update<Service>),
    /// Of the pods of this node.
    Pods(Update<Pod>),
    /// Of servers that no selector found.
    Backends(Update<Vec<Backends>>),
}
