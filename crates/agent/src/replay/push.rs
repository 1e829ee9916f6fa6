//! `replay --push`: what the agent does with its outbox, until it is empty or nothing moves any more.

use std::io::{self, Write};
use std::time::Duration;

use inventory::{Inventory, Verdict};

use super::context::Context;
use super::page::say;
use crate::config;
use crate::failure::Failure;
use crate::platform::{engine, print_plan};
use crate::report::clock;

/// How long what the platform puts off is waited for.
const PATIENCE: Duration = Duration::from_secs(60);
/// Items handed over at once.
const BATCH: usize = 200;

/// Pushes all that is due. Gives whether everything arrived.
#[expect(clippy::disallowed_methods, reason = "waits until something is due")]
pub(super) fn all(context: &Context<'_>, inventory: &mut Inventory) -> Result<bool, Failure> {
    let instance_of = |service: &identify::ServiceName| context.config.mappings.find(service).cloned();
    if context.args.dry_run {
        let url = config::platform_url(context.config, &context.args.config)?;
        for (instance, items) in inventory.due(clock(), instance_of, usize::MAX) {
            let print = |item| print_plan(&mut io::stdout(), &url, &instance, item);
            if !Failure::of_output(items.iter().try_for_each(print))? {
                break;
            }
        }
        return Ok(true);
    }
    let platform = config::platform(context.config, &context.args.config)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut engine = engine(context.config, platform)?;
    let (mut pushed, mut set_aside) = (0, 0);
    let deadline = std::time::Instant::now() + PATIENCE;
    loop {
        let due = inventory.due(clock(), instance_of, BATCH);
        let idle = due.is_empty();
        for (instance, items) in due {
            for outcome in runtime.block_on(engine.push(&instance, items, clock())) {
                match &outcome.verdict {
                    Verdict::Pushed => pushed += 1,
                    Verdict::SetAside { reason } => {
                        set_aside += 1;
                        say(&format!("ERROR: {} set aside: {reason}", outcome.key.template));
                    }
                    Verdict::Later { .. } => {}
                }
                inventory.conclude(outcome, clock());
            }
        }
        let waiting: usize = inventory.owners(clock(), instance_of).iter().map(|owner| owner.waiting).sum();
        let stuck = engine.key_paused().is_some() || std::time::Instant::now() > deadline;
        if waiting == 0 || stuck {
            let _ = writeln!(io::stderr(), "push: {pushed} pushed, {set_aside} set aside, {waiting} waiting");
            let error = engine.shared_status().lock().ok().and_then(|status| status.last_error.clone());
            if let Some(error) = error.filter(|_| waiting > 0) {
                say(&format!("ERROR: {}", error.text));
            }
            return Ok(waiting == 0 && set_aside == 0);
        }
        if idle {
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}
