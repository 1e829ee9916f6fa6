//! Services.

use identify::cluster::{Service, ServicePort, Target};
use identify::{Annotation, ServiceName};
use k8s_openapi::api::core::v1;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use kube::ResourceExt;

use super::fields::{addresses, distinct_addresses, is_tcp, object_name, port_number};

/// The annotations of a Service that give its mapping: the application's and the instance's id.
const ANNOTATIONS: [&str; 2] = ["apisec.ai/application-id", "apisec.ai/instance-id"];
/// The longest id in an annotation that is believed, in bytes; real ones are UUIDs.
const MAX_ID: usize = 200;

/// Returns the name of a Service.
pub(crate) fn service_name(service: &v1::Service) -> ServiceName {
    let (namespace, name) = object_name(service);
    ServiceName { namespace, name }
}

/// Returns what counts of a Service. One of type ExternalName has a name and nothing else.
pub(crate) fn service(service: v1::Service) -> Option<Service> {
    let name = service_name(&service);
    let annotation = annotation(&service);
    let spec = service.spec.unwrap_or_default();
    if spec.type_.as_deref() == Some("ExternalName") {
        return Some(Service { name, annotation, ..Service::default() });
    }
    let headless = spec.cluster_ip.as_deref() == Some("None");
    let ingress =
        service.status.and_then(|status| status.load_balancer).and_then(|balancer| balancer.ingress);
    let balancers = ingress.unwrap_or_default().into_iter().filter_map(|ingress| ingress.ip);
    let cluster_ips = spec.cluster_ip.into_iter().chain(spec.cluster_ips.unwrap_or_default());
    let ports = spec.ports.unwrap_or_default().into_iter();
    Some(Service {
        name,
        selector: spec.selector.unwrap_or_default(),
        ports: ports.filter(|port| is_tcp(port.protocol.as_deref())).filter_map(service_port).collect(),
        cluster_ips: distinct_addresses(cluster_ips),
        external_ips: addresses(spec.external_ips.unwrap_or_default().into_iter().chain(balancers)),
        headless,
        annotation,
    })
}

fn annotation(service: &v1::Service) -> Option<Annotation> {
    let value = |key: &str| {
        let value = service.annotations().get(key)?.trim();
        // Dots alone would be a step in the path of a URL.
        let is_id = value.len() <= MAX_ID && value.chars().any(|c| c != '.');
        is_id.then(|| value.to_owned())
    };
    let [application, instance] = ANNOTATIONS;
    Some(Annotation { application: value(application)?, instance: value(instance)? })
}

fn service_port(port: v1::ServicePort) -> Option<ServicePort> {
    let number = port_number(port.port)?;
    let target = match port.target_port {
        Some(IntOrString::Int(target)) => Target::Number(port_number(target).unwrap_or(number)),
        Some(IntOrString::String(name)) => name.parse().map_or(Target::Name(name), Target::Number),
        None => Target::Number(number),
    };
    Some(ServicePort { port: number, target, node_port: port.node_port.and_then(port_number) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(ports: Vec<v1::ServicePort>) -> Vec<ServicePort> {
        let spec = v1::ServiceSpec { ports: Some(ports), ..v1::ServiceSpec::default() };
        let object = v1::Service { spec: Some(spec), ..v1::Service::default() };
        service(object).expect("a Service always counts").ports
    }

    #[test]
    fn ports_that_are_none_are_left_out() {
        let port = |port, target| v1::ServicePort {
            port,
            target_port: Some(target),
            node_port: Some(70_000),
            ..v1::ServicePort::default()
        };
        let ports = read(vec![
            port(0, IntOrString::Int(80)),
            port(-1, IntOrString::Int(80)),
            port(65_536, IntOrString::Int(80)),
            port(80, IntOrString::Int(70_000)),
            port(81, IntOrString::String("8081".into())),
            port(82, IntOrString::String("admin".into())),
        ]);
        let expected =
            [(80, Target::Number(80)), (81, Target::Number(8081)), (82, Target::Name("admin".into()))];
        let expected = expected.map(|(port, target)| ServicePort { port, target, node_port: None });
        assert_eq!(ports, expected);
    }

    #[test]
    fn an_annotation_that_could_be_a_step_of_a_path_or_fill_memory_is_no_id() {
        let read = |application: &str| {
            let pairs = [(ANNOTATIONS[0], application), (ANNOTATIONS[1], " i1 ")];
            let mut object = v1::Service::default();
            object.annotations_mut().extend(pairs.map(|(key, value)| (key.to_owned(), value.to_owned())));
            annotation(&object)
        };
        let expected = Annotation { application: "a1".into(), instance: "i1".into() };
        assert_eq!(read("a1"), Some(expected));
        for wrong in ["", " ", ".", "..", &"a".repeat(MAX_ID + 1)] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
