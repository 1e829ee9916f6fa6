//! The objects and their history.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// A kind of objects that is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Resource {
    /// The API group, empty for the core.
    pub(crate) group: &'static str,
    /// The resource, in plural.
    pub(crate) plural: &'static str,
    /// The kind of its objects.
    pub(crate) kind: &'static str,
    /// Whether its objects are in namespaces.
    pub(crate) namespaced: bool,
}

const fn resource(
    group: &'static str,
    plural: &'static str,
    kind: &'static str,
    namespaced: bool,
) -> Resource {
    Resource { group, plural, kind, namespaced }
}

impl Resource {
    /// All that are served, each in version v1.
    pub(crate) const ALL: [Resource; 12] = [
        resource("", "namespaces", "Namespace", false),
        resource("", "services", "Service", true),
        resource("", "pods", "Pod", true),
        resource("", "endpoints", "Endpoints", true),
        resource("", "configmaps", "ConfigMap", true),
        resource("", "secrets", "Secret", true),
        resource("", "serviceaccounts", "ServiceAccount", true),
        resource("apps", "daemonsets", "DaemonSet", true),
        resource("discovery.k8s.io", "endpointslices", "EndpointSlice", true),
        resource("rbac.authorization.k8s.io", "clusterroles", "ClusterRole", false),
        resource("rbac.authorization.k8s.io", "clusterrolebindings", "ClusterRoleBinding", false),
        resource("authorization.k8s.io", "selfsubjectaccessreviews", "SelfSubjectAccessReview", false),
    ];

    pub(crate) fn of_object(object: &Value) -> Option<Resource> {
        let kind = object["kind"].as_str()?;
        Resource::ALL.into_iter().find(|resource| resource.kind == kind)
    }

    pub(crate) fn of_plural(plural: &str) -> Option<Resource> {
        Resource::ALL.into_iter().find(|resource| resource.plural == plural)
    }

    pub(crate) fn api_version(self) -> String {
        if self.group.is_empty() { "v1".into() } else { format!("{}/v1", self.group) }
    }
}

/// One change: an object before and after.
#[derive(Clone)]
pub(crate) struct Event {
    pub(crate) version: u64,
    pub(crate) resource: Resource,
    pub(crate) before: Option<Value>,
    pub(crate) after: Option<Value>,
}

/// All objects, and all changes since the last compaction.
#[derive(Default)]
pub(crate) struct Store {
    objects: BTreeMap<(Resource, String, String), Value>,
    pub(crate) history: Vec<Event>,
    pub(crate) version: u64,
    /// The version up to which the history is forgotten.
    pub(crate) compacted: u64,
    /// Watches of an older generation end.
    pub(crate) generation: u64,
}

impl Store {
    pub(crate) fn put(&mut self, resource: Resource, mut object: Value) -> Value {
        self.version += 1;
        let namespace = if resource.namespaced {
            object["metadata"]["namespace"].as_str().unwrap_or("default").to_owned()
        } else {
            String::new()
        };
        let name = object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
        object["apiVersion"] = json!(resource.api_version());
        object["kind"] = json!(resource.kind);
        if resource.namespaced {
            object["metadata"]["namespace"] = json!(namespace);
        }
        object["metadata"]["resourceVersion"] = json!(self.version.to_string());
        if object["metadata"]["uid"].is_null() {
            object["metadata"]["uid"] = json!(format!("00000000-0000-0000-0000-{:012}", self.version));
        }
        let before = self.objects.insert((resource, namespace, name), object.clone());
        self.history.push(Event { version: self.version, resource, before, after: Some(object.clone()) });
        object
    }

    pub(crate) fn delete(&mut self, resource: Resource, namespace: &str, name: &str) -> Option<Value> {
        let object = self.objects.remove(&(resource, namespace.to_owned(), name.to_owned()))?;
        self.version += 1;
        self.history.push(Event {
            version: self.version,
            resource,
            before: Some(object.clone()),
            after: None,
        });
        Some(object)
    }

    pub(crate) fn get(&self, resource: Resource, namespace: &str, name: &str) -> Option<&Value> {
        self.objects.get(&(resource, namespace.to_owned(), name.to_owned()))
    }

    pub(crate) fn list(&self, resource: Resource) -> impl Iterator<Item = &Value> {
        self.objects.iter().filter(move |(key, _)| key.0 == resource).map(|(_, object)| object)
    }

    pub(crate) fn compact(&mut self) {
        self.compacted = self.version;
        self.history.clear();
    }
}
