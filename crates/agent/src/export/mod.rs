//! `export`, and `replay --output openapi`: what was found, as documents of OpenAPI.

pub(crate) mod chosen;
mod stored;
mod write;

use std::process::ExitCode;

use crate::cli::ExportArgs;
use crate::failure::Failure;
use crate::run;

pub(crate) use write::write;

/// Asks the running agent, or reads its store where none runs, and writes the documents.
pub(crate) fn export(args: &ExportArgs) -> Result<ExitCode, Failure> {
    let documents = match run::documents(&args.state, &args.documents) {
        Err(failure) if !run::listens(&args.state) => {
            stored::documents(&args.state, &args.documents, &failure)?
        }
        answer => answer?,
    };
    write(&documents, args.format, &args.documents)
}
