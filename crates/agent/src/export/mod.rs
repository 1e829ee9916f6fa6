//! `export`, and `replay --output openapi`: what was found, as documents of OpenAPI.

pub(crate) mod chosen;
mod stored;
mod write;

use std::path::Path;
use std::process::ExitCode;

use inventory::openapi::Document;
use serde_json::Value;

use crate::cli::{DocumentArgs, ExportArgs};
use crate::failure::Failure;
use crate::run;

pub(crate) use stored::{learned, open as open_store};
pub(crate) use write::{file_name, write};

/// Writes the documents.
pub(crate) fn export(args: &ExportArgs) -> Result<ExitCode, Failure> {
    write(&found(&args.state, &args.documents)?, args.format, &args.documents)
}

/// Asks the running agent, or reads its store where none runs.
fn found(state: &Path, args: &DocumentArgs) -> Result<Vec<Document>, Failure> {
    match run::documents(state, args) {
        Err(failure) if !run::listens(state) => stored::documents(state, args, &failure),
        answer => answer,
    }
}

/// Returns the same as JSON.
pub(crate) fn documents(state: &Path, args: &DocumentArgs) -> Result<Vec<Value>, Failure> {
    let values: Result<Vec<_>, _> = found(state, args)?.iter().map(serde_json::to_value).collect();
    values.map_err(|error| Failure::new(error.to_string()))
}
