//! What the server says of itself: version, groups, resources.

use axum::response::Response;
use serde_json::{Value, json};

use crate::answer;
use crate::store::Resource;

/// The answer for a path that is no object's.
fn value(path: &str, no_slices: bool) -> Option<Value> {
    let groups = || -> Vec<&str> {
        let mut groups: Vec<_> = Resource::ALL.iter().map(|resource| resource.group).collect();
        groups.retain(|group| !(group.is_empty() || no_slices && *group == "discovery.k8s.io"));
        groups.dedup();
        groups
    };
    let parts: Vec<_> = path.trim_matches('/').split('/').collect();
    Some(match parts[..] {
        ["version"] => {
            json!({"major": "1", "minor": if no_slices { "20" } else { "33" }, "gitVersion": "v1.33.0",
            "gitCommit": "", "gitTreeState": "", "buildDate": "", "goVersion": "", "compiler": "", "platform": ""})
        }
        ["healthz" | "readyz" | "livez"] => json!("ok"),
        ["api"] => json!({"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}),
        ["apis"] => {
            let groups: Vec<_> = groups().into_iter().map(group).collect();
            json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
        }
        ["api", "v1"] => resources(""),
        ["apis", name, "v1"] if groups().contains(&name) => resources(name),
        ["apis", name] if groups().contains(&name) => group(name),
        ["openapi", "v3"] => {
            let group = |resource: &Resource| match resource.group {
                "" => "api/v1".to_owned(),
                group => format!("apis/{group}/v1"),
            };
            let path =
                |group: String| (group.clone(), json!({"serverRelativeURL": format!("/openapi/v3/{group}")}));
            let paths: serde_json::Map<_, _> = Resource::ALL.iter().map(group).map(path).collect();
            json!({ "paths": paths })
        }
        ["openapi", "v3", "api", "v1"] => schema(""),
        ["openapi", "v3", "apis", name, "v1"] => schema(name),
        _ => return None,
    })
}

/// The same as a response.
pub(crate) fn answer(path: &str, no_slices: bool) -> Option<Response> {
    value(path, no_slices).map(|value| answer::answer(200, &value))
}

fn group(name: &str) -> Value {
    let version = json!({"groupVersion": format!("{name}/v1"), "version": "v1"});
    json!({"kind": "APIGroup", "apiVersion": "v1", "name": name, "versions": [version], "preferredVersion": version})
}

fn resources(group: &str) -> Value {
    let resources: Vec<_> = Resource::ALL
        .iter()
        .filter(|resource| resource.group == group)
        .map(|resource| {
            json!({"name": resource.plural, "singularName": resource.kind.to_lowercase(), "kind": resource.kind,
                "namespaced": resource.namespaced,
                "verbs": ["create", "delete", "get", "list", "patch", "update", "watch"]})
        })
        .collect();
    let version = if group.is_empty() { "v1".to_owned() } else { format!("{group}/v1") };
    json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": resources})
}

/// As much of an OpenAPI document as `kubectl` needs to learn that the server validates fields by itself.
fn schema(group: &str) -> Value {
    let operation = |resource: &Resource| {
        let kind = json!({"group": group, "version": "v1", "kind": resource.kind});
        let patch = json!({"x-kubernetes-group-version-kind": kind, "responses": {},
            "parameters": [{"name": "fieldValidation", "in": "query", "schema": {"type": "string"}}]});
        (format!("/{}", resource.plural), json!({ "patch": patch }))
    };
    let paths: serde_json::Map<_, _> =
        Resource::ALL.iter().filter(|resource| resource.group == group).map(operation).collect();
    json!({"openapi": "3.0.0", "info": {"title": "Kubernetes", "version": "v1"}, "paths": paths})
}
