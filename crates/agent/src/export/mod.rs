//! `export`, and `replay --output openapi`: what was found, as documents of OpenAPI.

mod stored;
mod write;

use std::process::ExitCode;

use decode::Timestamp;
use identify::ServiceName;
use inventory::openapi::{Document, documents, is_shown};
use inventory::{Instance, Inventory};

use crate::cli::{DocumentArgs, ExportArgs};
use crate::failure::Failure;
use crate::run;

pub(crate) use write::{Form, write};

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

/// The documents of an inventory that were asked for.
pub(crate) fn of(
    inventory: &Inventory,
    now: Timestamp,
    instance_of: impl Fn(&ServiceName) -> Option<Instance>,
    args: &DocumentArgs,
) -> Vec<Document> {
    let named = |owner: &redact::Owner| {
        let name = owner.to_string();
        args.service.as_ref().is_none_or(|service| {
            name == *service || owner.service().is_some_and(|owner| owner.name == *service)
        })
    };
    let endpoints = inventory.endpoints().filter(|endpoint| named(&endpoint.key.owner));
    let with_state = endpoints.map(|endpoint| (endpoint, inventory.state(endpoint, now, &instance_of)));
    documents(with_state.filter(|(_, state)| args.all || is_shown(state)))
}
