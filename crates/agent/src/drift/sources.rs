//! What is compared: the teams' documents, and those of what was seen.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::cli::{DocumentArgs, DriftArgs, Output, ReplayArgs};
use crate::config::{self, Config};
use crate::failure::Failure;
use crate::{export, regular, replay};

/// The largest document that is read, in bytes: the largest published ones have some 12 MiB.
const MAX_SIZE: u64 = 32 << 20;

/// A team's document.
pub(super) struct Team {
    /// The Service that it is of, where that was said.
    pub(super) service: Option<String>,
    pub(super) path: PathBuf,
    pub(super) document: Value,
}

/// Returns the documents that are to be compared: the one of the command line, or those of the configuration.
pub(super) fn teams(args: &DriftArgs) -> Result<Vec<Team>, Failure> {
    let read = |service: Option<String>, path: &Path| -> Result<Team, Failure> {
        Ok(Team { service, document: load(path)?, path: path.to_owned() })
    };
    if let Some(path) = &args.spec {
        return Ok(vec![read(args.service.clone(), path)?]);
    }
    let config = configuration(args)?;
    let specs = config.monitor.specs;
    let wanted = |name: &String| args.service.as_ref().is_none_or(|service| is_same(name, service));
    let chosen: Vec<_> = specs.into_iter().filter(|(name, _)| wanted(name)).collect();
    if chosen.is_empty() {
        let whose = args.service.as_ref().map(|name| format!(" of service '{name}'")).unwrap_or_default();
        let why = config.problems.iter().find(|problem| problem.error).map(|problem| format!("{problem}; "));
        let why = why.unwrap_or_default();
        return Err(Failure::new(format!(
            "{why}no document{whose} to compare with: name it by --spec FILE, or in the configuration by monitor.specs"
        )));
    }
    chosen.into_iter().map(|(name, path)| read(Some(name), &path)).collect()
}

/// Returns whether two names may be of one Service: a bare one stands for any namespace.
fn is_same(one: &str, other: &str) -> bool {
    let bare = |name: &str| name.rsplit('/').next().map(str::to_owned);
    one == other || (!one.contains('/') || !other.contains('/')) && bare(one) == bare(other)
}

fn configuration(args: &DriftArgs) -> Result<Config, Failure> {
    if args.config.config.is_none() && !args.config.path().exists() {
        return Ok(Config::default());
    }
    Ok(config::load(&args.config)?)
}

/// Returns the document of what was seen of a Service: in the files, or where there are none by the running agent or in its store.
pub(super) fn seen(args: &DriftArgs, service: Option<&String>) -> Result<Value, Failure> {
    let documents = DocumentArgs { service: service.cloned(), ..DocumentArgs::default() };
    let (mut found, what) = match args.files.is_empty() {
        true if args.cluster.cluster => {
            (export::documents(&args.state, &args.cluster, &documents)?, "the agents know")
        }
        true => (export::documents(&args.state, &args.cluster, &documents)?, "the agent knows"),
        false => (replay::documents(&replayed(args, documents))?, "the captures show"),
    };
    match found.len() {
        0 => {
            let whose = service.map_or_else(|| "this service".to_owned(), |name| format!("service '{name}'"));
            Err(Failure::new(format!("{what} no endpoint of {whose}")))
        }
        1 => Ok(found.remove(0)),
        several => {
            let names: Vec<&str> = found.iter().filter_map(title).collect();
            let names = names.join(", ");
            Err(Failure::new(format!("{what} {several} services; choose one by --service: {names}")))
        }
    }
}

fn replayed(args: &DriftArgs, documents: DocumentArgs) -> ReplayArgs {
    ReplayArgs {
        files: args.files.clone(),
        output: Output::Openapi,
        format: None,
        raw: false,
        services: args.services.clone(),
        memory: None,
        push: false,
        dry_run: false,
        documents,
        vxlan: args.vxlan.clone(),
        keylog: Vec::new(),
        config: args.config.clone(),
    }
}

/// Returns the Service that a document of ours is of.
pub(super) fn title(document: &Value) -> Option<&str> {
    document.get("info")?.get("title")?.as_str()
}

/// Returns when the first endpoint of a document of ours was first seen.
pub(super) fn first_seen(document: &Value) -> Option<&str> {
    let items = document.get("paths")?.as_object()?.values().filter_map(Value::as_object);
    items.flat_map(|item| item.values()).filter_map(|operation| operation.get("x-first-seen")?.as_str()).min()
}

/// Reads a document as YAML, of which JSON is a part.
fn load(path: &Path) -> Result<Value, Failure> {
    let failure = |what: &dyn std::fmt::Display| Failure::new(format!("{}: {what}", path.display()));
    let bytes = regular::read(path, MAX_SIZE).map_err(|error| failure(&error))?;
    if let Ok(value) = serde_json::from_slice(&bytes) {
        return Ok(value);
    }
    let text = String::from_utf8(bytes).map_err(|_| failure(&"is not UTF-8"))?;
    serde_saphyr::from_str(&text).map_err(|error| failure(&format!("is no YAML or JSON: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_name_stands_for_any_namespace() {
        assert!(is_same("shop/cart", "cart") && is_same("cart", "shop/cart") && is_same("a/b", "a/b"));
        assert!(!is_same("shop/cart", "bank/cart") && !is_same("cart", "carts"));
    }
}
