//! `replay`: the pipeline over capture files.

mod archive;
mod context;
mod endpoints;
mod exchanges;
mod files;
mod har;
mod keys;
mod line;
mod output;
mod page;
mod push;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use identify::Directory;
use inventory::Inventory;

use crate::cli::{Format, Output, ReplayArgs};
use crate::config::{self, Config, Mappings};
use crate::failure::Failure;
use crate::learn::coverage::Coverage;
use crate::report::Accounts;
use crate::services;
use context::Context;
pub(crate) use endpoints::MORE_MEMORY;
use files::Outcome;
use page::say;

/// Reads the files and prints what was asked for. The accounts go to standard error.
pub(crate) fn replay(args: &ReplayArgs) -> Result<ExitCode, Failure> {
    let config = configuration(args)?;
    check(args)?;
    let context = Context { args, config: &config, directory: directory(args)? };
    match args.output {
        Output::Exchanges => exchanges::print(&context),
        Output::Har => har::print(&context),
        Output::Endpoints | Output::Openapi => endpoints::print(&context),
    }
}

/// Reads the files, and returns what they show as documents of OpenAPI. The accounts go to standard error.
pub(crate) fn documents(args: &ReplayArgs) -> Result<Vec<serde_json::Value>, Failure> {
    let config = configuration(args)?;
    let context = Context { args, config: &config, directory: directory(args)? };
    let documents = endpoints::documents(&context)?;
    let values: Result<Vec<_>, _> = documents.iter().map(serde_json::to_value).collect();
    values.map_err(|error| Failure::new(error.to_string()))
}

/// What files show.
pub(crate) struct Shown {
    pub(crate) inventory: Inventory,
    pub(crate) mappings: Mappings,
    pub(crate) accounts: Accounts,
    pub(crate) coverage: Coverage,
    /// Whether all of them were read to their end.
    pub(crate) whole: bool,
}

/// Reads the files. The accounts go to standard error.
pub(crate) fn shown(args: &ReplayArgs) -> Result<Shown, Failure> {
    let config = configuration(args)?;
    let context = Context { args, config: &config, directory: directory(args)? };
    let (inventory, beside) = endpoints::shown(&context)?;
    Ok(Shown {
        inventory,
        mappings: config.mappings,
        accounts: beside.accounts,
        coverage: beside.coverage,
        whole: beside.outcome == Outcome::Whole,
    })
}

/// The names of servers that were given.
fn directory(args: &ReplayArgs) -> Result<Arc<Directory>, Failure> {
    let known = args.services.as_ref().map(|path| services::load(path)).transpose()?;
    Ok(Arc::new(known.unwrap_or_default()))
}

/// Refuses what does not go with the output.
fn check(args: &ReplayArgs) -> Result<(), Failure> {
    let documents = args.output == Output::Openapi;
    let form = match args.format {
        Some(Format::Yaml) => !documents,
        Some(Format::Table | Format::Jsonl) => documents,
        Some(Format::Json) | None => false,
    };
    let chosen = &args.documents;
    match () {
        () if form && documents => Err(Failure::new("--output openapi has the formats yaml and json")),
        () if form => Err(Failure::new("--format yaml goes with --output openapi only")),
        () if !documents && (chosen.all || chosen.service.is_some() || chosen.directory.is_some()) => {
            Err(Failure::new("--service, --directory and --all go with --output openapi only"))
        }
        () => Ok(()),
    }
}

/// The configuration, if one was named or is needed; a replay works without.
fn configuration(args: &ReplayArgs) -> Result<Config, Failure> {
    let path = args.config.path();
    if args.config.config.is_none() && !args.push && !Path::exists(&path) {
        return Ok(Config::default());
    }
    let config = config::load(&args.config)?;
    for problem in &config.problems {
        say(&format!("traffic-monitor: {problem}"));
    }
    Ok(config)
}
