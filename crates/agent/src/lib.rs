//! The APISec Traffic Monitor: the agent and its subcommands.
//!
//! Takes: the command line, the configuration, and what the other crates give. `pipeline/mod.rs` shows the whole dataflow.
//! Never: holds protocol or platform knowledge.
//!
//! The binary is a few lines around [`main`]. What else is public reads files that people write, and is tested and fuzzed
//! from outside:
//!
//! ```
//! use traffic_monitor_agent::{config, setup::Manifest};
//!
//! let manifest = Manifest::parse(include_str!("../../../configmap.example.yaml"))?;
//! let text = manifest.config().ok_or("no service_config.json")?;
//! let wrong = config::parse(b"[]", "service_config.json").unwrap_err();
//! assert!(config::parse(text.as_bytes(), "service_config.json").is_ok());
//! assert!(wrong.to_string().starts_with("service_config.json: must hold one JSON object"));
//! # Ok::<(), String>(())
//! ```

mod budget;
mod check;
mod cli;
mod cluster;
pub mod config;
mod demo;
mod drift;
mod environment;
mod export;
mod failure;
mod learn;
mod log;
mod node;
mod pipeline;
mod platform;
mod regular;
mod replay;
mod report;
mod run;
mod services;
pub mod setup;
mod similar;
mod terminal;
mod version;
mod view;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use cli::{Cli, Command, LogFormat};
use failure::Failure;

/// Does what the command line asks for, and returns the exit status. An error is said on standard error.
pub fn main() -> ExitCode {
    let cli = Cli::parse_from(cli::arguments(std::env::args_os().collect()));
    match dispatch(&cli.command) {
        Ok(code) => code,
        Err(failure) => {
            // Nobody may be there to read it; the exit status says it too.
            let _ = writeln!(io::stderr(), "traffic-monitor: ERROR: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: &Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Run(args) => {
            log::start(args.log_format, false);
            environment::mention_ignored();
            run::run(args)
        }
        Command::Replay(args) => {
            log::start(LogFormat::Text, true);
            replay::replay(args)
        }
        Command::Demo(args) => demo::demo(args),
        Command::StandIn(args) => demo::stand_in_alone(args),
        Command::Setup(args) => setup::setup(args),
        Command::Check(args) => {
            let (text, wrong) = check::check(args)?;
            let printed = print(&text)?;
            Ok(if wrong { ExitCode::FAILURE } else { printed })
        }
        Command::Status(args) if args.cluster.cluster => print(&cluster::status(args)?),
        Command::Status(args) => print(&run::status(&args.state, args.format)?),
        Command::Explain(args) => {
            let (text, found) =
                if args.cluster.cluster { cluster::explain(args)? } else { run::explain(args)? };
            print(&text).map(|status| if found { status } else { ExitCode::FAILURE })
        }
        Command::Export(args) => export::export(args),
        Command::View(args) => view::view(args),
        Command::Drift(args) => drift::drift(args),
        Command::WalkStore => run::walk_store(),
        Command::TakeSecrets => run::take_secrets(),
        Command::FindPlaces => run::find_places(),
        Command::Ask(args) => run::answer(args),
        Command::Retry(args) => print(&run::retry(args)?),
        Command::Completions { shell } => {
            // Without what only the agent starts.
            let shown = Cli::command()
                .get_subcommands()
                .filter(|one| !one.is_hide_set())
                .cloned()
                .collect::<Vec<_>>();
            let mut command =
                clap::Command::new("traffic-monitor").version(version::version()).subcommands(shown);
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut command, "traffic-monitor", &mut script);
            print(&String::from_utf8_lossy(&script))
        }
    }
}

/// Prints an answer; that the reader went away is no failure.
fn print(text: &str) -> Result<ExitCode, Failure> {
    Failure::of_output(io::stdout().write_all(text.as_bytes())).map(|_| ExitCode::SUCCESS)
}
