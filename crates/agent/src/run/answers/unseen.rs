//! What this agent does not see, for the page.

use crate::report::{AmbiguousLine, NamelessLine, Unseen};
use crate::run::nameless::{Nameless, both};
use crate::run::shared::Shared;

/// Asks all parts.
pub(super) fn gather(shared: &Shared) -> Unseen {
    let worker = shared.capture.report();
    let nameless = worker.coverage.nameless_servers().filter_map(|(server, requests)| {
        let what = Nameless::of(shared, server);
        let line = || NamelessLine { server: server.to_string(), requests, says: what.says() };
        (what != Nameless::OfTheNode).then(line)
    });
    let ambiguous = worker.coverage.ambiguous().map(|(services, requests)| AmbiguousLine {
        services: services.iter().map(ToString::to_string).collect(),
        requests,
        says: both(shared, services),
    });
    let directory = shared.names.directory();
    let mut unseen = Unseen::new(&worker.accounts, &worker.coverage).with_nameless(nameless.collect());
    unseen.ambiguous = ambiguous.collect();
    unseen.unselected_pods = directory.all_unselected().into_iter().map(str::to_owned).collect();
    if worker.capture.kernel_drops > 0 {
        unseen.remarks.push(format!(
            "The kernel dropped {} frames before the monitor could read them: give it more memory (monitor.memoryMiB).",
            worker.capture.kernel_drops
        ));
    }
    unseen
}
