//! `--output exchanges`: every request with its response, as they end.

use std::process::ExitCode;

use http::{Exchange, Unreadable};
use redact::Redactor;

use super::context::Context;
use super::files;
use super::keys::{self, Keys};
use super::line::Line;
use super::output::Output;
use super::page::say;
use crate::cli::Format;
use crate::failure::Failure;
use crate::learn::coverage::Coverage;
use crate::learn::owner;
use crate::pipeline::Pipeline;
use crate::pipeline::naming::{Asked, Findings};
use crate::report::{Account, Accounts};

pub(super) fn print(context: &Context<'_>) -> Result<ExitCode, Failure> {
    let format = context.args.format.unwrap_or(Format::Jsonl);
    let redactor = (!context.args.raw).then(|| Redactor::new(context.config.monitor.examples));
    let findings =
        Printer { redactor, output: Output::new(format), printed: 0, coverage: Coverage::default() };
    let (limits, governor) = context.of_connections();
    let mut pipeline = Pipeline::new(limits, context.directory.clone(), findings);
    let keys = Keys::read(&context.args.keylog, &mut pipeline)?;
    let tunnels = context.args.vxlan.open();
    let outcome = files::run(&context.args.files, tunnels, &mut pipeline, keys, governor, |_| ());
    let counters = pipeline.counters();
    let Printer { output, printed, coverage, .. } = pipeline.into_findings();
    let exchanges = Account::new("exchanges", printed, [("printed", printed)]);
    let accounts = Accounts::new(&counters, exchanges, &coverage);
    if !Failure::of_output(output.finish())? {
        return Ok(ExitCode::SUCCESS);
    }
    say(&accounts.to_string());
    keys::say_opened(&counters.http);
    context.lost(&counters).iter().for_each(|lost| say(lost));
    Ok(outcome.status())
}

/// Prints exchanges as they end.
struct Printer {
    /// None where exchanges are printed as captured.
    redactor: Option<Redactor>,
    output: Output,
    printed: u64,
    coverage: Coverage,
}

impl Findings for Printer {
    fn exchange(&mut self, asked: &Asked<'_>, exchange: &Exchange<'_>) {
        self.printed += 1;
        self.output.write(&match &self.redactor {
            None => Line::raw(asked, exchange),
            Some(redactor) => Line::redacted(redactor, asked, exchange),
        });
    }

    fn unreadable(&mut self, asked: &Asked<'_>, why: Unreadable<'_>) {
        self.coverage.unreadable(owner::any(asked.answer, asked.server), why);
    }
}
