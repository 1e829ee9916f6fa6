//! Which endpoints of an inventory are written.

use decode::Timestamp;
use identify::ServiceName;
use inventory::openapi::{Document, documents, is_shown};
use inventory::{Instance, Inventory};

use crate::cli::DocumentArgs;

/// The documents of an inventory that were asked for.
pub(crate) fn of(
    inventory: &Inventory,
    now: Timestamp,
    instance_of: impl Fn(&ServiceName) -> Option<Instance>,
    args: &DocumentArgs,
) -> Vec<Document> {
    let named = |owner: &redact::Owner| {
        let name = owner.to_string();
        args.service.as_ref().is_none_or(|service| {
            name == *service || owner.service().is_some_and(|owner| owner.name == *service)
        })
    };
    let endpoints = inventory.endpoints().filter(|endpoint| named(&endpoint.key.owner));
    let with_state = endpoints.map(|endpoint| (endpoint, inventory.state(endpoint, now, &instance_of)));
    documents(with_state.filter(|(_, state)| args.all || is_shown(state)))
}
