//! `view`: a page over a running agent, its store, or captures. It listens on loopback, only reads, and asks nothing of
//! anybody else.
//!
//! `source` is where what is shown comes from, and the only part that knows; `book` says what of it is new to a page;
//! `server` answers; the page itself stands in `page/`, and as it was built in `built/`.

mod address;
mod book;
mod browser;
mod built;
mod captured;
mod look;
mod server;
mod source;

use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::ExitCode;

use redact::printable;

use crate::cli::{DocumentArgs, Output, ReplayArgs, ViewArgs};
use crate::cluster::Agents;
use crate::failure::Failure;
use crate::report::plural;
use crate::terminal::say;
use crate::{export, replay, run};
use captured::Captured;
pub(crate) use server::Page;
pub(crate) use source::Source;

/// So many files are named.
const NAMED: usize = 3;

/// Serves the page until SIGINT or SIGTERM.
pub(crate) fn view(args: &ViewArgs) -> Result<ExitCode, Failure> {
    let listener = listen(args.port, "--port")?;
    let source = source(args)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(async {
        let mut end = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        let page = Page::new(listener, source)?;
        say(&format!("The page is at {}\nIt is for this machine alone; Ctrl-C ends it.", page.address()));
        if !args.no_open {
            page.open();
        }
        tokio::select! {
            () = page.serve() => {}
            _ = tokio::signal::ctrl_c() => {}
            _ = end.recv() => {}
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// Listens on loopback; at any free port where it is 0. `option` is the one that chose it.
///
/// # Errors
/// The port is in use.
pub(crate) fn listen(port: u16, option: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| {
        Failure::new(format!("the page cannot listen at 127.0.0.1:{port}: {error}; {option} chooses another"))
    })
}

/// What the command line means: captures, else the running agent, else its store.
fn source(args: &ViewArgs) -> Result<Source, Failure> {
    if !args.files.is_empty() {
        let shown = replay::shown(&replayed(args))?;
        return Ok(Source::Captured(Box::new(Captured::files(names(&args.files), shown))));
    }
    if args.cluster.cluster {
        return Ok(Source::Cluster(Box::new(Agents::of(&args.cluster)?)));
    }
    match run::ask::<serde_json::Value>(&args.state, &run::Question::Status) {
        Ok(_) => Ok(Source::Agent(args.state.clone())),
        Err(failure) if !run::listens(&args.state) => {
            let inventory = export::open_store(&args.state, &failure)?;
            Ok(Source::Captured(Box::new(Captured::store(args.state.display().to_string(), inventory))))
        }
        Err(failure) => Err(failure),
    }
}

/// The names of the first files, and how many others there are.
fn names(files: &[PathBuf]) -> String {
    let base = |file: &PathBuf| {
        let name = file.file_name().unwrap_or(file.as_os_str());
        printable(name.as_encoded_bytes()).into_owned()
    };
    let first: Vec<String> = files.iter().take(NAMED).map(base).collect();
    match files.len().saturating_sub(NAMED) {
        0 => first.join(", "),
        others => format!("{} and {}", first.join(", "), plural(others, "other")),
    }
}

fn replayed(args: &ViewArgs) -> ReplayArgs {
    ReplayArgs {
        files: args.files.clone(),
        keylog: args.keylog.clone(),
        output: Output::Endpoints,
        format: None,
        raw: false,
        services: args.services.clone(),
        memory: args.memory,
        push: false,
        dry_run: false,
        documents: DocumentArgs::default(),
        vxlan: args.vxlan.clone(),
        config: args.config.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_files_are_named_and_many_are_counted() {
        let named = |files: &[&str]| names(&files.iter().map(PathBuf::from).collect::<Vec<_>>());
        assert_eq!(named(&["/x/a.pcap", "b\u{1b}.har"]), "a.pcap, b%1B.har");
        assert_eq!(named(&["a", "b", "c", "d"]), "a, b, c and 1 other");
        assert_eq!(named(&["a", "b", "c", "d", "e"]), "a, b, c and 2 others");
    }
}
