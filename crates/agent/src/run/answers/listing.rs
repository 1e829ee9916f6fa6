//! All endpoints for the page, and one of them in full.

use std::sync::Arc;

use inventory::EndpointKey;

use crate::report::{Listed, Listing, MAX_LISTED, Row, clock, with_id};
use crate::run::shared::Shared;

/// So many endpoints are looked at while nobody changes the inventory.
const BATCH: usize = 64;

/// Lists all endpoints. Between batches of them others get at the inventory.
pub(super) fn all(shared: &Shared) -> Listing {
    let now = clock();
    let instance_of = shared.names.instance_of();
    let (keys, total): (Vec<Arc<EndpointKey>>, usize) = shared.learned.read(|inventory| {
        let keys = inventory.endpoints().map(|endpoint| Arc::clone(&endpoint.key));
        (keys.take(MAX_LISTED).collect(), inventory.len())
    });
    let mut endpoints = Vec::with_capacity(keys.len());
    for batch in keys.chunks(BATCH) {
        shared.learned.read(|inventory| {
            // What is gone meanwhile is gone.
            let found = batch.iter().filter_map(|key| inventory.get(key));
            endpoints.extend(
                found.map(|endpoint| Listed::new(endpoint, &inventory.state(endpoint, now, &instance_of))),
            );
        });
    }
    Listing { endpoints, left_out: total.saturating_sub(keys.len()) }
}

/// Returns the endpoint with this id, with all that is known of it.
pub(super) fn one(shared: &Shared, asked: &str) -> Option<Row> {
    shared.learned.read(|inventory| {
        let endpoint = with_id(inventory, asked)?;
        let row = Row::explained(inventory, endpoint, clock(), shared.names.instance_of());
        Some(row.with_shapes(endpoint).with_example(endpoint))
    })
}
