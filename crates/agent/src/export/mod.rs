//! `export`, and `replay --output openapi`: what was found, as documents of OpenAPI.

pub(crate) mod chosen;
mod stored;
mod write;

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use inventory::openapi::Document;
use serde_json::Value;

use crate::cli::{ClusterArgs, DocumentArgs, ExportArgs};
use crate::cluster::{self, Agents};
use crate::failure::Failure;
use crate::run;

pub(crate) use stored::{learned, open as open_store};
pub(crate) use write::{file_name, write};

/// Writes the documents.
pub(crate) fn export(args: &ExportArgs) -> Result<ExitCode, Failure> {
    let documents = if args.cluster.cluster {
        of_cluster(&args.cluster, &args.documents)?
    } else {
        found(&args.state, &args.documents)?
    };
    write(&documents, args.format, &args.documents)
}

/// Asks all agents of the cluster, and says which do not answer.
fn of_cluster(cluster: &ClusterArgs, args: &DocumentArgs) -> Result<Vec<Document>, Failure> {
    let (documents, silent) = cluster::documents(&Agents::of(cluster)?, args)?;
    for why in silent {
        // Nobody may be there to read it.
        let _ = writeln!(io::stderr(), "traffic-monitor: WARN: {why}");
    }
    Ok(documents)
}

/// Asks the running agent, or reads its store where none runs.
fn found(state: &Path, args: &DocumentArgs) -> Result<Vec<Document>, Failure> {
    match run::documents(state, args) {
        Err(failure) if !run::listens(state) => stored::documents(state, args, &failure),
        answer => answer,
    }
}

/// Returns the same as JSON.
pub(crate) fn documents(
    state: &Path,
    cluster: &ClusterArgs,
    args: &DocumentArgs,
) -> Result<Vec<Value>, Failure> {
    let documents = if cluster.cluster { of_cluster(cluster, args)? } else { found(state, args)? };
    let values: Result<Vec<_>, _> = documents.iter().map(serde_json::to_value).collect();
    values.map_err(|error| Failure::new(error.to_string()))
}
