//! The API server: what is watched there, and how its objects become a [`Cluster`](identify::cluster::Cluster)'s.
//!
//! The only file that knows the kube crate. Three watches: all Services, the pods of this node, and the EndpointSlices
//! that the controller of EndpointSlices did not make from a selector (or all Endpoints, where the API server is too old
//! for `discovery.k8s.io/v1`). Of each object only what names need is kept.

use std::fmt;
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use futures_util::future::ready;
use futures_util::stream::{Stream, StreamExt, select};
use k8s_openapi::api::authorization::v1::{
    ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec,
};
use k8s_openapi::api::core::v1::{self as core, Endpoints};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use kube::api::{Api, ListParams, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::core::Status;
use kube::runtime::utils::Backoff;
use kube::runtime::watcher::{self, DefaultBackoff, Event, watcher};
use kube::runtime::{WatchStreamExt, watcher::Config as Watch};
use kube::{Client, Config, Resource, ResourceExt};
use serde::de::DeserializeOwned;

use identify::cluster::{Backends, Change, ObjectName, Pod, Service, ServicePort, Target, Update};
use identify::{Annotation, ServiceName};

/// The rights that the agent needs: API group, resource, and the verbs `list` and `watch`. The last one only where
/// `discovery.k8s.io/v1` is missing.
pub const RIGHTS: [(&str, &str); 4] =
    [("", "services"), ("", "pods"), ("discovery.k8s.io", "endpointslices"), ("", "endpoints")];

/// The EndpointSlices that nobody derived from a selector: what the controller of EndpointSlices made is known from the
/// selectors. What others made (mirrored Endpoints, operators, people) has another label, or none.
const NOT_SELECTED: &str = "endpointslice.kubernetes.io/managed-by!=endpointslice-controller.k8s.io";
/// The label of an EndpointSlice that names its Service.
const SERVICE_LABEL: &str = "kubernetes.io/service-name";
/// The annotation of a pod that the kubelet made from a file: the UID that it has there.
const FILE_POD: &str = "kubernetes.io/config.mirror";

/// The annotations of a Service that give its mapping.
const ANNOTATIONS: [&str; 2] = ["apisec.ai/application-id", "apisec.ai/instance-id"];
/// How long a connection to the API server may take to stand.
const CONNECT: Duration = Duration::from_secs(10);
/// How long the API server may send nothing: longer than a quiet watch lasts, which the server ends after 290 s.
const SILENCE: Duration = Duration::from_secs(300);
/// The longest id in an annotation that is believed; real ones are UUIDs.
const MAX_ID: usize = 200;
/// Objects in one page of a list: some MiB of answer at most.
const PAGE: u32 = 500;

/// Why the API server cannot be asked, or what it said: what, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KubernetesError(String);

impl fmt::Display for KubernetesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for KubernetesError {}

/// What the watches report: a change, or why one of them waits to try again. Which kind it is about stands in
/// [`News::kind`].
#[derive(Debug)]
pub struct News {
    /// `services`, `pods`, `endpointslices` or `endpoints`.
    pub kind: &'static str,
    /// What it is.
    pub what: Result<Change, KubernetesError>,
}

/// A client of the API server.
#[derive(Clone)]
pub struct ApiServer {
    client: Client,
    address: String,
}

impl ApiServer {
    /// By the service account of this pod.
    ///
    /// # Errors
    /// The variables or files of a service account are missing or cannot be used.
    pub fn of_pod() -> Result<ApiServer, KubernetesError> {
        let config = Config::incluster().map_err(|error| {
            KubernetesError(format!(
                "the service account of this pod cannot be used: {error}; daemonset.yaml mounts it (automountServiceAccountToken)"
            ))
        })?;
        ApiServer::new(config)
    }

    /// By a kubeconfig file and its current context.
    ///
    /// # Errors
    /// The file cannot be read, or has no usable context.
    pub async fn of_kubeconfig(path: &Path) -> Result<ApiServer, KubernetesError> {
        let failure = |error: &dyn fmt::Display| KubernetesError(format!("{}: {error}", path.display()));
        let file = Kubeconfig::read_from(path).map_err(|error| failure(&error))?;
        let options = KubeConfigOptions::default();
        let config = Config::from_custom_kubeconfig(file, &options).await.map_err(|error| failure(&error))?;
        ApiServer::new(config)
    }

    /// By the kubeconfig that `kubectl` would take: that of the variable KUBECONFIG, else `~/.kube/config`. None when there
    /// is none.
    ///
    /// # Errors
    /// As [`ApiServer::of_kubeconfig`].
    pub async fn of_user() -> Result<Option<ApiServer>, KubernetesError> {
        let failure = |error: &dyn fmt::Display| KubernetesError(format!("kubeconfig: {error}"));
        let Some(file) = Kubeconfig::from_env().map_err(|error| failure(&error))? else {
            let path = std::env::home_dir().map(|home| home.join(".kube/config"));
            return match path.filter(|path| path.exists()) {
                Some(path) => ApiServer::of_kubeconfig(&path).await.map(Some),
                None => Ok(None),
            };
        };
        let config = Config::from_custom_kubeconfig(file, &KubeConfigOptions::default()).await;
        ApiServer::new(config.map_err(|error| failure(&error))?).map(Some)
    }

    fn new(mut config: Config) -> Result<ApiServer, KubernetesError> {
        config.connect_timeout = Some(CONNECT);
        // The watches try again by themselves, and say what is wrong the first time.
        config.default_retry = false;
        config.read_timeout = Some(SILENCE);
        let address = config.cluster_url.to_string();
        let client = Client::try_from(config)
            .map_err(|error| KubernetesError(format!("no client for {address}: {error}")))?;
        Ok(ApiServer { client, address })
    }

    /// Where it is.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Its version, as `1.30`.
    ///
    /// # Errors
    /// It does not answer, or refuses.
    pub async fn version(&self) -> Result<String, KubernetesError> {
        let version =
            self.client.apiserver_version().await.map_err(|error| self.explain("the version", &error))?;
        Ok(format!("{}.{}", version.major, version.minor))
    }

    /// The names of all Services, in order.
    ///
    /// # Errors
    /// It does not answer, or refuses.
    pub async fn services(&self) -> Result<Vec<ServiceName>, KubernetesError> {
        let api: Api<core::Service> = Api::all(self.client.clone());
        let (mut names, mut page) = (Vec::new(), ListParams::default().limit(PAGE));
        loop {
            let list = api.list(&page).await.map_err(|error| self.explain("services", &error))?;
            names.extend(list.items.iter().map(service_name));
            match list.metadata.continue_.filter(|token| !token.is_empty()) {
                Some(token) => page = page.continue_token(&token),
                None => break,
            }
        }
        names.sort();
        Ok(names)
    }

    /// Whether this client may do something to all objects of a resource, in all namespaces.
    ///
    /// # Errors
    /// It does not answer, or refuses to say.
    pub async fn may(&self, verb: &str, group: &str, resource: &str) -> Result<bool, KubernetesError> {
        let attributes = ResourceAttributes {
            verb: Some(verb.into()),
            group: Some(group.into()),
            resource: Some(resource.into()),
            ..ResourceAttributes::default()
        };
        let spec = SelfSubjectAccessReviewSpec {
            resource_attributes: Some(attributes),
            ..SelfSubjectAccessReviewSpec::default()
        };
        let review = SelfSubjectAccessReview { spec, ..SelfSubjectAccessReview::default() };
        let api: Api<SelfSubjectAccessReview> = Api::all(self.client.clone());
        let answer = api.create(&PostParams::default(), &review).await;
        let answer = answer.map_err(|error| self.explain("a review of rights", &error))?;
        Ok(answer.status.is_some_and(|status| status.allowed))
    }

    /// The nodes that run ready servers of a Service, in the order of the names of their first ready pods (a server that is no
    /// pod goes by its address). One list, of this Service's EndpointSlices, or of its Endpoints object where the API server
    /// is too old for `discovery.k8s.io/v1`.
    ///
    /// # Errors
    /// It does not answer, or refuses.
    pub async fn nodes(&self, service: &ServiceName) -> Result<Vec<String>, KubernetesError> {
        let ServiceName { namespace, name } = service;
        let slices: Api<EndpointSlice> = Api::namespaced(self.client.clone(), namespace);
        let of_service = ListParams::default().labels(&format!("{SERVICE_LABEL}={name}")).limit(PAGE);
        match slices.list(&of_service).await {
            Ok(list) => Ok(in_order(list.items.into_iter().flat_map(ready_in_slice))),
            Err(error) if answer(&error).is_some_and(|status| status.code == 404) => {
                let endpoints: Api<Endpoints> = Api::namespaced(self.client.clone(), namespace);
                // A list, not a get: the role of the agent has no other right.
                let of_service = ListParams::default().fields(&format!("metadata.name={name}"));
                let list = endpoints.list(&of_service).await;
                let list = list.map_err(|error| self.explain("endpoints", &error))?;
                Ok(in_order(list.items.into_iter().flat_map(ready_in_endpoints)))
            }
            Err(error) => Err(self.explain("endpointslices", &error)),
        }
    }

    /// Watches what names servers on `node`, for ever: after an error each watch is tried again with growing pauses (0.8 to
    /// 30 s, with jitter), and after a pause all objects are listed anew. Must be polled on a tokio runtime.
    pub fn watch(&self, node: &str) -> impl Stream<Item = News> + Send + use<> {
        let config = || Watch::default().page_size(PAGE);
        let services = self.news("services", config(), service).map(|news| news.with(Change::Services));
        let on_node = config().fields(&format!("spec.nodeName={node}"));
        let pods = self.news("pods", on_node, pod).map(|news| news.with(Change::Pods));
        let this = node.to_owned();
        let slices =
            self.news("endpointslices", config().labels(NOT_SELECTED), move |slice: EndpointSlice| {
                slice_backends(&slice, &this)
            });
        let this = node.to_owned();
        let endpoints = self
            .news("endpoints", config(), move |endpoints: Endpoints| endpoints_backends(&endpoints, &this));
        // Kubernetes before 1.21 has no discovery.k8s.io/v1 and says 404.
        let slices = slices.take_while(|news| ready(!news.is_missing())).chain(endpoints);
        let backends = slices.map(|news| news.with(Change::Backends));
        select(services, select(pods, backends))
    }

    /// The updates of one kind.
    fn news<K, T, F>(
        &self,
        kind: &'static str,
        config: Watch,
        read: F,
    ) -> impl Stream<Item = Found<T>> + Send + use<K, T, F>
    where
        K: Resource<DynamicType = ()> + Clone + fmt::Debug + DeserializeOwned + Send + 'static,
        T: Send + 'static,
        F: Fn(K) -> Option<T> + Send + 'static,
    {
        let server = self.clone();
        let events = watcher(Api::<K>::all(self.client.clone()), config).backoff(Patient::default());
        events.scan(Vec::new(), move |all, event| ready(Some(update(all, event, &read)))).filter_map(
            move |update| {
                let what = match update {
                    Ok(Some(update)) => Some(Ok(update)),
                    Ok(None) => None,
                    Err(error) => Some(Err((is_missing(&error), server.explain(kind, &error)))),
                };
                ready(what.map(|what| Found { kind, what }))
            },
        )
    }

    /// An error in words that say what to do.
    fn explain(&self, what: &str, error: &(dyn std::error::Error + 'static)) -> KubernetesError {
        let answer = answer(error);
        let why = match answer {
            Some(status) => format!("{} (status {})", status.message, status.code),
            None => chain(error),
        };
        let remedy = match answer.map(|status| status.code) {
            Some(401) => "; the token of the service account is refused: delete the pod to get a new one",
            Some(403) => "; apply daemonset.yaml, which has the ClusterRole with list and watch for it",
            _ => "",
        };
        KubernetesError(format!("{what} of the API server {}: {why}{remedy}", self.address))
    }
}

impl fmt::Debug for ApiServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiServer").field("address", &self.address).finish_non_exhaustive()
    }
}

/// Growing pauses. The watcher announces each new list before it is there, which must not count as a success: only two
/// quiet minutes begin with short pauses again.
#[derive(Default)]
struct Patient(DefaultBackoff);

impl Iterator for Patient {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        self.0.next()
    }
}

impl Backoff for Patient {
    fn reset(&mut self) {}
}

/// News of one kind, before it becomes a [`Change`].
struct Found<T> {
    kind: &'static str,
    what: Result<Update<T>, (bool, KubernetesError)>,
}

impl<T> Found<T> {
    fn is_missing(&self) -> bool {
        matches!(&self.what, Err((true, _)))
    }

    fn with(self, change: impl Fn(Update<T>) -> Change) -> News {
        News { kind: self.kind, what: self.what.map(change).map_err(|(_, error)| error) }
    }
}

/// What the API server answered with, if an error is its answer.
fn answer<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a Status> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(kube::Error::Api(status)) = error.downcast_ref::<kube::Error>() {
            return Some(status);
        }
        if let Some(watcher::Error::WatchError(status)) = error.downcast_ref::<watcher::Error>() {
            return Some(status);
        }
        cause = error.source();
    }
    None
}

/// An error and its causes, each said once.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut causes: Vec<String> = Vec::new();
    let mut cause = Some(error);
    while let Some(error) = cause {
        let words = error.to_string();
        if !causes.iter().any(|known| known.contains(&words)) {
            causes.push(words);
        }
        cause = error.source();
    }
    causes.join(": ")
}

/// Whether the API server does not know the kind at all.
fn is_missing(error: &watcher::Error) -> bool {
    matches!(error, watcher::Error::InitialListFailed(_))
        && answer(error).is_some_and(|status| status.code == 404)
}

/// Makes an update of an event. `all` collects a list until it is complete.
fn update<K: Resource, T>(
    all: &mut Vec<(ObjectName, T)>,
    event: Result<Event<K>, watcher::Error>,
    read: &impl Fn(K) -> Option<T>,
) -> Result<Option<Update<T>>, watcher::Error> {
    Ok(match event? {
        Event::Init => {
            all.clear();
            None
        }
        Event::InitApply(object) => {
            let name = object_name(&object);
            all.extend(read(object).map(|read| (name, read)));
            None
        }
        Event::InitDone => Some(Update::All(std::mem::take(all))),
        Event::Apply(object) => {
            let name = object_name(&object);
            Some(match read(object) {
                Some(read) => Update::One(name, read),
                None => Update::Gone(name),
            })
        }
        Event::Delete(object) => Some(Update::Gone(object_name(&object))),
    })
}

fn object_name<K: Resource>(object: &K) -> ObjectName {
    let meta = object.meta();
    (meta.namespace.clone().unwrap_or_default(), meta.name.clone().unwrap_or_default())
}

fn service_name(service: &core::Service) -> ServiceName {
    let (namespace, name) = object_name(service);
    ServiceName { namespace, name }
}

/// What counts of a Service. One of type ExternalName has a name and nothing else.
fn service(service: core::Service) -> Option<Service> {
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
    let mut cluster_ips = parsed(spec.cluster_ip.into_iter().chain(spec.cluster_ips.unwrap_or_default()));
    cluster_ips.sort_unstable();
    cluster_ips.dedup();
    let external_ips = parsed(spec.external_ips.unwrap_or_default().into_iter().chain(balancers));
    let ports = spec.ports.unwrap_or_default();
    Some(Service {
        name,
        selector: spec.selector.unwrap_or_default(),
        ports: ports
            .into_iter()
            .filter(|port| is_tcp(port.protocol.as_deref()))
            .filter_map(service_port)
            .collect(),
        cluster_ips,
        external_ips,
        headless,
        annotation,
    })
}

fn annotation(service: &core::Service) -> Option<Annotation> {
    let value = |key: &str| {
        let value = service.annotations().get(key)?.trim();
        // Dots alone would be a step in the path of a URL.
        let is_id = value.len() <= MAX_ID && value.chars().any(|c| c != '.');
        is_id.then(|| value.to_owned())
    };
    let [application, instance] = ANNOTATIONS;
    Some(Annotation { application: value(application)?, instance: value(instance)? })
}

fn service_port(port: core::ServicePort) -> Option<ServicePort> {
    let number = number(port.port)?;
    let target = match port.target_port {
        Some(IntOrString::Int(target)) => Target::Number(self::number(target).unwrap_or(number)),
        Some(IntOrString::String(name)) => name.parse().map_or(Target::Name(name), Target::Number),
        None => Target::Number(number),
    };
    Some(ServicePort { port: number, target, node_port: port.node_port.and_then(self::number) })
}

/// What counts of a pod; none when its containers have ended for ever: its address may be another's by now.
fn pod(pod: core::Pod) -> Option<Pod> {
    let status = pod.status.unwrap_or_default();
    if matches!(status.phase.as_deref(), Some("Succeeded" | "Failed")) {
        return None;
    }
    let spec = pod.spec.unwrap_or_default();
    let mut addresses =
        parsed(status.pod_ips.unwrap_or_default().into_iter().map(|ip| ip.ip).chain(status.pod_ip));
    addresses.sort_unstable();
    addresses.dedup();
    let host_network = spec.host_network.unwrap_or(false);
    let containers = spec.containers.into_iter().chain(spec.init_containers.unwrap_or_default());
    let (mut ports, mut host_ports) = (Vec::new(), Vec::new());
    for port in containers.flat_map(|container| container.ports.unwrap_or_default()) {
        if !is_tcp(port.protocol.as_deref()) {
            continue;
        }
        host_ports.extend(port.host_port.and_then(number).filter(|_| !host_network));
        if let (Some(name), Some(number)) = (port.name, number(port.container_port)) {
            ports.push((name, number));
        }
    }
    // A pod from a file of the node: its kubelet knows it by another name than the API server.
    let annotations = pod.metadata.annotations.unwrap_or_default();
    let uid = annotations.get(FILE_POD).cloned().or(pod.metadata.uid).unwrap_or_default();
    Some(Pod {
        uid,
        labels: pod.metadata.labels.unwrap_or_default(),
        addresses,
        host_network,
        ports,
        host_ports,
        ending: pod.metadata.deletion_timestamp.is_some(),
        created: pod.metadata.creation_timestamp.map_or(0, |time| time.0.as_second()),
    })
}

/// The servers in an EndpointSlice that no other node has.
fn slice_backends(slice: &EndpointSlice, node: &str) -> Option<Vec<Backends>> {
    let name = slice.labels().get(SERVICE_LABEL)?.clone();
    let service = ServiceName { namespace: slice.namespace().unwrap_or_default(), name };
    let here =
        slice.endpoints.iter().filter(|endpoint| endpoint.node_name.as_deref().is_none_or(|on| on == node));
    let addresses = parsed(here.flat_map(|endpoint| endpoint.addresses.iter().cloned()));
    let ports = slice.ports.iter().flatten().filter(|port| is_tcp(port.protocol.as_deref()));
    let ports = ports.filter_map(|port| port.port.and_then(number)).collect();
    Some(vec![Backends { service, addresses, ports, only_without_selector: false }])
}

/// The servers in an Endpoints object that no other node has. Most of these objects were made from a selector, and say
/// nothing about that.
fn endpoints_backends(endpoints: &Endpoints, node: &str) -> Option<Vec<Backends>> {
    let (namespace, name) = object_name(endpoints);
    let service = ServiceName { namespace, name };
    let subsets = endpoints.subsets.iter().flatten().map(|subset| {
        let all = subset.addresses.iter().flatten().chain(subset.not_ready_addresses.iter().flatten());
        let here = all.filter(|address| address.node_name.as_deref().is_none_or(|on| on == node));
        let ports = subset.ports.iter().flatten().filter(|port| is_tcp(port.protocol.as_deref()));
        Backends {
            service: service.clone(),
            addresses: parsed(here.map(|address| address.ip.clone())),
            ports: ports.filter_map(|port| number(port.port)).collect(),
            only_without_selector: true,
        }
    });
    Some(subsets.collect())
}

/// A ready server: the name of its pod, or its address, and its node.
type Ready = (String, String);

/// The ready servers of an EndpointSlice; what it does not say about being ready means yes.
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

/// The same of an Endpoints object.
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

/// The nodes of these, each at the place of its first.
fn in_order(ready: impl Iterator<Item = Ready>) -> Vec<String> {
    let mut ready: Vec<_> = ready.collect();
    ready.sort_unstable();
    let mut nodes: Vec<String> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for (_, node) in ready {
        if seen.insert(node.clone()) {
            nodes.push(node);
        }
    }
    nodes
}

fn is_tcp(protocol: Option<&str>) -> bool {
    protocol.is_none_or(|protocol| protocol == "TCP")
}

fn number(port: i32) -> Option<u16> {
    u16::try_from(port).ok().filter(|port| *port != 0)
}

/// The addresses among these texts: `None`, host names and empty ones are not.
fn parsed(texts: impl Iterator<Item = String>) -> Vec<IpAddr> {
    texts.filter_map(|text| text.parse().ok()).collect()
}
