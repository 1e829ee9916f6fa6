//! `replay`: the pipeline over capture files.

mod endpoints;
mod exchanges;
mod files;
mod line;
mod output;
mod push;

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use identify::Directory;

use crate::cli::{Output, ReplayArgs};
use crate::config::{self, Config};
use crate::failure::Failure;
use crate::services;

/// The memory budget of a replay in MiB, unless the configuration says otherwise.
const MEMORY_MIB: usize = 64;

/// Reads the files and prints what was asked for. The accounts go to standard error.
pub(crate) fn replay(args: &ReplayArgs) -> Result<ExitCode, Failure> {
    let config = configuration(args)?;
    let directory = match &args.services {
        Some(path) => services::load(path)?,
        None => Directory::default(),
    };
    let context = Context { args, config: &config, directory: Arc::new(directory) };
    match args.output {
        Output::Exchanges => exchanges::print(&context),
        Output::Endpoints => endpoints::print(&context),
    }
}

/// What every kind of output needs.
struct Context<'a> {
    args: &'a ReplayArgs,
    config: &'a Config,
    directory: Arc<Directory>,
}

impl Context<'_> {
    /// The memory budget in bytes.
    fn memory(&self) -> usize {
        let configured = self.config.monitor.memory_mib;
        (if configured == 0 { MEMORY_MIB } else { configured }) << 20
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
        eprintln_lossy(&format!("traffic-monitor: {problem}"));
    }
    Ok(config)
}

/// Writes a line to standard error; that nobody reads it is no reason to stop.
fn eprintln_lossy(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}
