//! The APISec Traffic Monitor.
//!
//! Takes: the command line, the configuration, and what the other crates give. Gives: the agent and its subcommands.
//! `pipeline.rs` shows the whole dataflow. Never: holds protocol or platform knowledge.

mod admission;
mod announce;
mod budget;
mod cgroups;
mod check;
mod cli;
mod config;
mod coverage;
mod demo;
mod descriptors;
mod environment;
mod failure;
mod ladder;
mod learn;
mod log;
mod naming;
mod owner;
mod pipeline;
mod platform;
mod queue;
mod regular;
mod replay;
mod report;
mod run;
mod self_test;
mod services;
mod setup;
mod similar;
mod targets;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command, LogFormat};
use failure::Failure;

/// Steady memory under the churn of connections; measured against the system's allocator in `benches/`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
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
        Command::Status(args) => print(&run::status(args)?),
        Command::Explain(args) => print(&run::explain(args)?),
        Command::WalkStore => run::walk_store(),
        Command::Retry(args) => print(&run::retry(args)?),
    }
}

/// Prints an answer; that the reader went away is no failure.
fn print(text: &str) -> Result<ExitCode, Failure> {
    Failure::of_output(io::stdout().write_all(text.as_bytes())).map(|_| ExitCode::SUCCESS)
}
