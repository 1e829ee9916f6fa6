//! What this agent does not see, for the page.

use crate::report::{AmbiguousLine, NamelessLine, Unseen, left_out};
use crate::run::nameless::{Nameless, both};
use crate::run::shared::Shared;

/// Asks all parts.
pub(super) fn gather(shared: &Shared) -> Unseen {
    let worker = shared.capture.report();
    let (mut nameless, mut of_the_node) = (Vec::new(), 0_u64);
    for (server, requests) in worker.coverage.nameless_servers() {
        match Nameless::of(shared, server) {
            // Nobody looks for endpoints of these.
            Nameless::OfTheNode => of_the_node = of_the_node.saturating_add(requests),
            what => nameless.push(NamelessLine { server: server.to_string(), requests, says: what.says() }),
        }
    }
    let ambiguous = worker.coverage.ambiguous().map(|(services, requests)| AmbiguousLine {
        services: services.iter().map(ToString::to_string).collect(),
        requests,
        says: both(shared, services),
    });
    let directory = shared.names.directory();
    let mut unseen = Unseen::new(&worker.accounts, &worker.coverage).with_nameless(nameless);
    unseen.nameless_requests = unseen.nameless_requests.saturating_sub(of_the_node);
    unseen.ambiguous = ambiguous.collect();
    unseen.unselected_pods = directory.all_unselected().into_iter().map(str::to_owned).collect();
    let remedy = "monitor.memoryMiB and monitor.endpointsPerService give them more";
    unseen.remarks.extend(shared.learned.read(|inventory| left_out(inventory, remedy)));
    if worker.capture.kernel_drops > 0 {
        unseen.remarks.push(format!(
            "The kernel dropped {} frames before the monitor could read them: give it more memory (monitor.memoryMiB).",
            worker.capture.kernel_drops
        ));
    }
    unseen
}
