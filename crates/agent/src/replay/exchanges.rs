//! `--output exchanges`: every request with its response, as they end.

use std::process::ExitCode;

use decode::Timestamp;
use http::{Exchange, Keep, RequestHead, Unreadable};
use redact::{Redactor, may_carry_operations};

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
    let findings = Printer {
        redactor: Redactor::new(context.config.monitor.examples),
        raw: context.args.raw,
        body_bytes: context.config.monitor.body_bytes,
        output: Output::new(format),
        printed: 0,
        coverage: Coverage::default(),
    };
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
    redactor: Redactor,
    /// Whether exchanges are printed as captured.
    raw: bool,
    /// How much of a body is read for what it asks for.
    body_bytes: usize,
    output: Output,
    printed: u64,
    coverage: Coverage,
}

impl Printer {
    /// Returns how much of the body of a request, or of its answer, is kept.
    fn keep(&self, request: &RequestHead<'_>) -> Keep {
        Keep(if may_carry_operations(request) { self.body_bytes } else { 0 })
    }
}

impl Findings for Printer {
    fn request(&mut self, _: &Asked<'_>, request: &RequestHead<'_>) -> Keep {
        self.keep(request)
    }

    fn wants_answer(&mut self, _: Timestamp) -> bool {
        true
    }

    fn answer(&mut self, _: &Asked<'_>, request: &RequestHead<'_>, _: u16) -> Keep {
        self.keep(request)
    }

    fn exchange(&mut self, asked: &Asked<'_>, exchange: &Exchange<'_>) {
        self.printed += 1;
        let operations = match exchange.request.is_known() {
            true => self.redactor.operations_of(owner::any(asked.answer, asked.server), exchange),
            false => Vec::new(),
        };
        let line = match self.raw {
            true => Line::raw(asked, exchange),
            false => Line::redacted(&self.redactor, asked, exchange),
        };
        self.output.write(&line.with_operations(&operations));
    }

    fn unreadable(&mut self, asked: &Asked<'_>, why: Unreadable<'_>) {
        self.coverage.unreadable(owner::any(asked.answer, asked.server), why);
    }
}
