//! `drift`: what traffic shows, held against the team's own OpenAPI document.
//!
//! Both sides are documents: the team's, of OpenAPI 2.0, 3.0 or 3.1, and the one that `replay --output openapi` makes. `spec`
//! reads either into operations, `compare` says how they differ, `schema` compares what bodies have.

mod compare;
mod references;
mod report;
mod schema;
mod spec;

use std::path::Path;
use std::process::ExitCode;

use serde_json::Value;

use crate::cli::{DocumentArgs, DriftArgs, Output, ReplayArgs};
use crate::failure::Failure;
use crate::{regular, replay};
use compare::compare;
use spec::Spec;

/// The largest document that is read, in bytes: the largest published ones have some 12 MiB.
const MAX_SIZE: u64 = 32 << 20;

/// The status of a run that found a difference: 1 says that something failed, and 2 that the command line is wrong.
const DIFFERS: u8 = 3;

/// Replays the files and prints how what they show differs from the document.
pub(crate) fn drift(args: &DriftArgs) -> Result<ExitCode, Failure> {
    let team = Spec::read(&load(&args.spec)?, &args.base_path)
        .map_err(|why| Failure::new(format!("{}: {why}", args.spec.display())))?;
    let documents = replay::documents(&ReplayArgs {
        files: args.files.clone(),
        keylog: Vec::new(),
        output: Output::Openapi,
        format: None,
        raw: false,
        services: args.services.clone(),
        push: false,
        dry_run: false,
        documents: DocumentArgs { service: args.service.clone(), ..DocumentArgs::default() },
        config: args.config.clone(),
    })?;
    let seen = match documents.as_slice() {
        [one] => Spec::read(one, &[]).map_err(Failure::new)?,
        [] => return Err(Failure::new("the captures show no endpoint of this service")),
        several => {
            let names: Vec<&str> = several.iter().filter_map(title).collect();
            return Err(Failure::new(format!(
                "the captures show {} services; choose one by --service: {}",
                several.len(),
                names.join(", ")
            )));
        }
    };
    let found = compare(&team, &seen);
    Failure::of_output(report::write(&found, args.format.as_deref() == Some("json")))?;
    Ok(if found.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(DIFFERS) })
}

fn title(document: &Value) -> Option<&str> {
    document.get("info")?.get("title")?.as_str()
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
