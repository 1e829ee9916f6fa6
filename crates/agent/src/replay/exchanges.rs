//! `--output exchanges`: every request with its response, as they end.

use std::process::ExitCode;

use http::Keep;
use redact::Redactor;

use super::context::Context;
use super::files;
use super::line::Line;
use super::output::Output;
use super::page::say;
use crate::budget;
use crate::cli::Format;
use crate::coverage::Coverage;
use crate::failure::Failure;
use crate::owner;
use crate::pipeline::{Found, Pipeline, What};
use crate::report::Accounts;

pub(super) fn print(context: &Context<'_>) -> Result<ExitCode, Failure> {
    let format = context.args.format.unwrap_or(Format::Jsonl);
    let redactor = (!context.args.raw).then(|| Redactor::new(context.config.monitor.examples));
    let mut output = Output::new(format);
    let (mut printed, mut coverage) = (0, Coverage::default());
    let limits = flow::Limits { memory: budget::of_connections(context.memory()), ..flow::Limits::default() };
    let mut pipeline = Pipeline::new(limits, context.directory.clone(), |found: Found<'_>| {
        match found.what {
            What::Exchange(exchange) => {
                printed += 1;
                output.write(&match &redactor {
                    None => Line::raw(&found, exchange),
                    Some(redactor) => Line::redacted(redactor, &found, exchange),
                });
            }
            What::Unreadable(why) => coverage.unreadable(owner::any(found.answer, found.server), why),
            What::Request(_) | What::Older => {}
        }
        Keep(0)
    });
    let result = files::run(&context.args.files, &mut pipeline, |_| Ok(()));
    let counters = pipeline.counters();
    drop(pipeline);
    let accounts = Accounts::new(&counters, (printed, &[("printed", printed)]), &coverage);
    if !Failure::of_output(output.finish())? {
        return Ok(ExitCode::SUCCESS);
    }
    say(&accounts.to_string());
    result.map(|()| ExitCode::SUCCESS)
}
