//! Pods.

use identify::cluster::Pod;
use k8s_openapi::api::core::v1;

use super::fields::{distinct_addresses, is_tcp, port_number};

/// The annotation of a pod that the kubelet made from a file: the UID that it has there.
const FILE_POD: &str = "kubernetes.io/config.mirror";

/// Returns what counts of a pod; none when its containers have ended for ever: its address may be another's by now.
pub(crate) fn pod(pod: v1::Pod) -> Option<Pod> {
    let status = pod.status.unwrap_or_default();
    if matches!(status.phase.as_deref(), Some("Succeeded" | "Failed")) {
        return None;
    }
    let spec = pod.spec.unwrap_or_default();
    let ips = status.pod_ips.unwrap_or_default().into_iter().map(|ip| ip.ip);
    let host_network = spec.host_network.unwrap_or(false);
    let containers = spec.containers.into_iter().chain(spec.init_containers.unwrap_or_default());
    let (mut ports, mut host_ports) = (Vec::new(), Vec::new());
    for port in containers.flat_map(|container| container.ports.unwrap_or_default()) {
        if !is_tcp(port.protocol.as_deref()) {
            continue;
        }
        host_ports.extend(port.host_port.and_then(port_number).filter(|_| !host_network));
        if let (Some(name), Some(number)) = (port.name, port_number(port.container_port)) {
            ports.push((name, number));
        }
    }
    // A pod from a file of the node: its kubelet knows it by another name than the API server.
    let annotations = pod.metadata.annotations.unwrap_or_default();
    let uid = annotations.get(FILE_POD).cloned().or(pod.metadata.uid).unwrap_or_default();
    Some(Pod {
        uid,
        labels: pod.metadata.labels.unwrap_or_default(),
        addresses: distinct_addresses(ips.chain(status.pod_ip)),
        host_network,
        ports,
        host_ports,
        ending: pod.metadata.deletion_timestamp.is_some(),
        created: pod.metadata.creation_timestamp.map_or(0, |time| time.0.as_second()),
    })
}
