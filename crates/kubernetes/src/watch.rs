//! The watches: what names servers on a node, from the first lists on, for ever.

use std::fmt;
use std::time::Duration;

use futures_util::future::ready;
use futures_util::stream::{Stream, StreamExt, select};
use identify::cluster::{Change, ObjectName, Update};
use kube::Resource;
use kube::api::Api;
use kube::runtime::WatchStreamExt;
use kube::runtime::utils::Backoff;
use kube::runtime::watcher::{Config, DefaultBackoff, Error, Event, watcher};
use serde::de::DeserializeOwned;

use crate::error::is_not_found;
use crate::objects::{endpoints_backends, object_name, pod, service, slice_backends};
use crate::server::PAGE;
use crate::{ApiServer, Kind, KubernetesError};

/// The EndpointSlices that nobody derived from a selector: what the controller of EndpointSlices made is known from the
/// selectors. What others made (mirrored Endpoints, operators, people) has another label, or none.
const NOT_SELECTED: &str = "endpointslice.kubernetes.io/managed-by!=endpointslice-controller.k8s.io";

/// What the watches report: a change of the cluster, or why one of them waits before it tries again.
#[derive(Debug)]
pub struct News {
    /// The kind of objects that it is about.
    pub kind: Kind,
    /// The change, or the error.
    pub what: Result<Change, KubernetesError>,
}

impl ApiServer {
    /// Watches what names servers on `node`, for ever. After an error each watch is tried again with growing pauses (0.8
    /// to 30 s, with jitter); after a pause all objects are listed anew. Must be polled on a tokio runtime.
    pub fn watch(&self, node: &str) -> impl Stream<Item = News> + Send + use<> {
        let config = || Config::default().page_size(PAGE);
        let services = self.follow(Kind::Services, config(), service).map(|news| news.with(Change::Services));
        let on_node = config().fields(&format!("spec.nodeName={node}"));
        let pods = self.follow(Kind::Pods, on_node, pod).map(|news| news.with(Change::Pods));
        let not_selected = config().labels(NOT_SELECTED);
        let this = node.to_owned();
        let slices =
            self.follow(Kind::EndpointSlices, not_selected, move |slice| slice_backends(&slice, &this));
        let this = node.to_owned();
        let endpoints = self
            .follow(Kind::Endpoints, config(), move |endpoints| Some(endpoints_backends(&endpoints, &this)));
        // Kubernetes before 1.21 has no discovery.k8s.io/v1 and says 404.
        let slices = slices.take_while(|news| ready(!news.is_missing())).chain(endpoints);
        let backends = slices.map(|news| news.with(Change::Backends));
        select(services, select(pods, backends))
    }

    /// Follows one kind. `read` returns what counts of an object, or none when nothing does.
    fn follow<K, T, F>(
        &self,
        kind: Kind,
        config: Config,
        read: F,
    ) -> impl Stream<Item = Found<T>> + Send + use<K, T, F>
    where
        K: Resource<DynamicType = ()> + Clone + fmt::Debug + DeserializeOwned + Send + 'static,
        T: Send + 'static,
        F: Fn(K) -> Option<T> + Send + 'static,
    {
        let server = self.clone();
        let events = watcher(Api::<K>::all(self.client.clone()), config).backoff(Patient::default());
        let updates = events.scan(Vec::new(), move |all, event| ready(Some(update(all, event, &read))));
        updates.filter_map(move |update| {
            let what = match update {
                Ok(update) => update.map(Ok),
                Err(error) => Some(Err(Failure {
                    is_missing: is_missing(&error),
                    error: server.explain(kind.resource(), &error),
                })),
            };
            ready(what.map(|what| Found { kind, what }))
        })
    }
}

/// News of one kind, before they become [`News`].
struct Found<T> {
    kind: Kind,
    what: Result<Update<T>, Failure>,
}

/// Why a watch waits.
struct Failure {
    /// Whether the API server does not know the kind at all.
    is_missing: bool,
    error: KubernetesError,
}

impl<T> Found<T> {
    fn is_missing(&self) -> bool {
        self.what.as_ref().is_err_and(|failure| failure.is_missing)
    }

    fn with(self, change: impl Fn(Update<T>) -> Change) -> News {
        News { kind: self.kind, what: self.what.map(change).map_err(|failure| failure.error) }
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

/// Returns whether the API server does not know the kind at all.
fn is_missing(error: &Error) -> bool {
    matches!(error, Error::InitialListFailed(_)) && is_not_found(error)
}

/// Makes an update of an event, if it is one. `all` collects a list until it is complete.
fn update<K: Resource, T>(
    all: &mut Vec<(ObjectName, T)>,
    event: Result<Event<K>, Error>,
    read: &impl Fn(K) -> Option<T>,
) -> Result<Option<Update<T>>, Error> {
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
