//! `--output endpoints` and `--output openapi`: what was found, and where it would go.

use std::cell::RefCell;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use inventory::openapi::Document;
use inventory::{Inventory, Settings};
use redact::{RedactedExchange, Redactor};
use serde::Serializer as _;

use super::context::Context;
use super::files::Outcome;
use super::keys::{self, Keys};
use super::page::say;
use super::{files, push};
use crate::budget;
use crate::cli::{Form, Format, Output};
use crate::config::descriptors::DescriptorSets;
use crate::export::{self, chosen};
use crate::failure::Failure;
use crate::learn::coverage::Coverage;
use crate::learn::{Learner, Nameless};
use crate::pipeline::Pipeline;
use crate::pipeline::admission::Admission;
use crate::report::{Accounts, Row, clock, endpoint_table, left_out};

pub(super) fn print(context: &Context<'_>) -> Result<ExitCode, Failure> {
    let (mut inventory, Beside { outcome, accounts, .. }) = shown(context)?;
    // What only a part of the captures shows is not pushed.
    let pushed = match outcome {
        Outcome::Whole if context.args.push => push::all(context, &mut inventory)?,
        _ => true,
    };
    match context.args.output {
        Output::Openapi => drop(write_documents(context, &inventory)?),
        _ => drop(Failure::of_output(write(context, &inventory, accounts.not_read().as_deref()))?),
    }
    Ok(if pushed { outcome.status() } else { ExitCode::FAILURE })
}

/// What the files show, as documents.
pub(super) fn documents(context: &Context<'_>) -> Result<Vec<Document>, Failure> {
    let (inventory, beside) = shown(context)?;
    match beside.outcome {
        Outcome::Whole => Ok(documents_of(context, &inventory)),
        Outcome::Partly => Err(Failure::new("not all captures could be read: what they lack says nothing")),
    }
}

/// What the files show.
pub(super) fn shown(context: &Context<'_>) -> Result<(Inventory, Beside), Failure> {
    let mut inventory = Inventory::new(inventory_settings(context));
    let beside = read(context, &mut inventory)?;
    inventory.judge_at_end();
    say_full(context, &inventory);
    Ok((inventory, beside))
}

/// What gives the endpoints of files more room.
pub(crate) const MORE_MEMORY: &str = "--memory and monitor.endpointsPerService give them more";

/// Says whose room was full.
fn say_full(context: &Context<'_>, inventory: &Inventory) {
    if let Some(left_out) = left_out(inventory, MORE_MEMORY) {
        say(&format!("traffic-monitor: {left_out}"));
    }
    let mappings = &context.config.mappings;
    let room = context.config.monitor.endpoints_per_service;
    for full in inventory.owners(clock(), |service| mappings.find(service).cloned()) {
        if full.overflow > 0 {
            say(&format!(
                "traffic-monitor: {}: there is room for {room} endpoints of a Service (monitor.endpointsPerService); {} \
                 requests of others were left out",
                full.owner, full.overflow
            ));
        }
    }
}

fn documents_of(context: &Context<'_>, inventory: &Inventory) -> Vec<Document> {
    let mappings = &context.config.mappings;
    chosen::of(inventory, clock(), |service| mappings.find(service).cloned(), &context.args.documents)
}

fn inventory_settings(context: &Context<'_>) -> Settings {
    let monitor = &context.config.monitor;
    Settings {
        endpoints_per_service: monitor.endpoints_per_service,
        settle: Duration::from_secs(monitor.settle_seconds),
        collect: Duration::from_secs(monitor.collect_seconds),
        memory: budget::of_endpoints(context.memory()),
        path_rules: Arc::clone(&monitor.path_rules),
        judges_at_end: true,
        // How long ago a capture was made says nothing about its endpoints.
        unseen: Duration::ZERO,
        ..Settings::default()
    }
}

/// What files show beside endpoints.
pub(super) struct Beside {
    /// What became of the files.
    pub(super) outcome: Outcome,
    pub(super) accounts: Accounts,
    pub(super) coverage: Coverage,
}

/// Fills the inventory from the files, and draws up the accounts.
fn read(context: &Context<'_>, inventory: &mut Inventory) -> Result<Beside, Failure> {
    let config = context.config;
    let mappings = Arc::new(config.mappings.clone());
    let opener = Redactor::new(config.monitor.examples);
    let descriptors = DescriptorSets::read(&config.monitor.descriptor_sets);
    for problem in &descriptors.problems {
        say(&format!("traffic-monitor: {problem}"));
    }
    let inventory = RefCell::new(inventory);
    let to_follow = RefCell::new(Vec::new());
    let take = |mut exchange: RedactedExchange| {
        let body = opener.open(&mut exchange, descriptors.all());
        to_follow.borrow_mut().extend(exchange.to_follow(&body));
        inventory.borrow_mut().take_in(&mut exchange, &body, &opener);
        true
    };
    let learner = Learner::new(&config.monitor, mappings, Admission::All, Nameless::Keep, take);
    let (limits, governor) = context.of_connections();
    let mut pipeline = Pipeline::new(limits, Arc::clone(&context.directory), learner);
    let keys = Keys::read(&context.args.keylog, &mut pipeline)?;
    let tunnels = context.args.vxlan.open();
    let outcome = files::run(&context.args.files, tunnels, &mut pipeline, keys, governor, |pipeline| {
        for repeats in pipeline.findings_mut().take_repeats() {
            inventory.borrow_mut().repeat(repeats);
        }
        pipeline.findings_mut().follow(to_follow.borrow_mut().drain(..));
        pipeline.findings_mut().set_decided(inventory.borrow_mut().decided());
    });
    let learner = pipeline.findings();
    let accounts = Accounts::new(&pipeline.counters(), learner.counters().account(), learner.coverage());
    say(&accounts.to_string());
    keys::say_opened(&pipeline.counters().http);
    for line in learner.coverage().lines().into_iter().chain(context.lost(&pipeline.counters())) {
        say(&line);
    }
    Ok(Beside { outcome, accounts, coverage: (**learner.coverage()).clone() })
}

fn write_documents(context: &Context<'_>, inventory: &Inventory) -> Result<ExitCode, Failure> {
    let (documents, args) = (documents_of(context, inventory), context.args);
    let form = if args.format == Some(Format::Json) { Form::Json } else { Form::Yaml };
    export::write(&documents, form, &args.documents)
}

fn write(context: &Context<'_>, inventory: &Inventory, unread: Option<&str>) -> io::Result<()> {
    let now = clock();
    let mappings = &context.config.mappings;
    let mut endpoints: Vec<_> = inventory.endpoints().collect();
    endpoints.sort_unstable_by(|a, b| {
        let order =
            |key: &inventory::EndpointKey| (key.owner.clone(), key.template.clone(), key.method.clone());
        order(&a.key).cmp(&order(&b.key))
    });
    let row = |endpoint: &&inventory::Endpoint| {
        Row::new(endpoint, &inventory.state(endpoint, now, |service| mappings.find(service).cloned()))
    };
    // One after the other, since schemas are large.
    let mut rows = endpoints.iter().map(|endpoint| row(endpoint).with_shapes(endpoint));
    let mut out = io::stdout().lock();
    match context.args.format.unwrap_or(Format::Table) {
        Format::Table if endpoints.is_empty() => match unread {
            Some(unread) => writeln!(out, "No requests found. Not read: {unread}."),
            None => writeln!(out, "No requests found."),
        },
        Format::Table => write!(out, "{}", endpoint_table(&endpoints.iter().map(row).collect::<Vec<_>>())),
        Format::Json => {
            serde_json::Serializer::pretty(&mut out).collect_seq(rows)?;
            writeln!(out)
        }
        Format::Jsonl | Format::Yaml => rows.try_for_each(|row| {
            serde_json::to_writer(&mut out, &row)?;
            writeln!(out)
        }),
    }
}
