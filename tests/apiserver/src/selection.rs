//! Selections: the objects that a path and its selectors name.

use std::collections::HashMap;

use serde_json::Value;

use crate::store::Resource;

/// The objects that a request is about.
#[derive(Clone)]
pub(crate) struct Selection {
    pub(crate) resource: Resource,
    pub(crate) namespace: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) labels: String,
    pub(crate) fields: String,
}

impl Selection {
    /// Reads `/api/v1/...` or `/apis/GROUP/v1/...`.
    pub(crate) fn of(path: &str, query: &HashMap<String, String>) -> Option<Selection> {
        let parts: Vec<_> = path.trim_matches('/').split('/').collect();
        let (group, rest) = match parts[..] {
            ["api", "v1", ref rest @ ..] => ("", rest),
            ["apis", group, "v1", ref rest @ ..] => (group, rest),
            _ => return None,
        };
        let (namespace, rest) = match rest {
            ["namespaces", namespace, rest @ ..] if !rest.is_empty() => (Some((*namespace).to_owned()), rest),
            rest => (None, rest),
        };
        let resource = Resource::of_plural(rest.first()?).filter(|resource| resource.group == group)?;
        let text = |key: &str| query.get(key).cloned().unwrap_or_default();
        let name = rest.get(1).map(|name| (*name).to_owned());
        Some(Selection {
            resource,
            namespace,
            name,
            labels: text("labelSelector"),
            fields: text("fieldSelector"),
        })
    }

    /// Returns whether an object is selected. Selectors are lists of `key=value` and `key!=value`.
    pub(crate) fn has(&self, object: &Value) -> bool {
        let meta = &object["metadata"];
        let in_namespace = self.namespace.as_deref().is_none_or(|namespace| meta["namespace"] == namespace);
        let field =
            |key: &str| object.pointer(&format!("/{}", key.replace('.', "/"))).and_then(Value::as_str);
        let label = |key: &str| meta["labels"].get(key).and_then(Value::as_str);
        in_namespace && selects(&self.fields, field) && selects(&self.labels, label)
    }
}

fn selects<'o>(selector: &str, value: impl Fn(&str) -> Option<&'o str>) -> bool {
    selector.split(',').filter(|term| !term.is_empty()).all(|term| match term.split_once("!=") {
        Some((key, unwanted)) => value(key) != Some(unwanted),
        None => term
            .split_once('=')
            .is_some_and(|(key, wanted)| value(key) == Some(wanted.trim_start_matches('='))),
    })
}
