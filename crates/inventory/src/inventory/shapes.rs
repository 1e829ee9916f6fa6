//! The shapes of what endpoints take and give. When memory is short, they go first: they are learned again.

use redact::{OpenedBody, RedactedExchange, Says, Shapes, renamed};

use super::Inventory;
use super::room::goal;
use crate::copied::Copied;
use crate::{Endpoint, EndpointKey};

/// Shapes may take a quarter of the memory.
const SHAPE_SHARE: usize = 4;

impl Inventory {
    /// Takes in what an exchange says of the shapes of its endpoint.
    ///
    /// What a scanner puts into a request must not become a parameter of an endpoint: of a request that is answered as a guess is,
    /// only the response counts, and only where there is such an endpoint.
    pub(super) fn learn_shapes(&mut self, id: u32, exchange: &RedactedExchange, body: &OpenedBody) {
        let absent = exchange.status().map(Says::of) == Some(Says::Absent);
        let confirmed = self.endpoints.get(&id).is_some_and(|one| one.record.delivery.confirmed);
        if exchange.noise().is_some() || absent && !confirmed || self.is_full() {
            return;
        }
        let mut shapes = body.shapes().clone();
        if absent {
            shapes = shapes.into_responses();
        } else {
            shapes.add_path(exchange.path_shape().clone());
        }
        if !shapes.is_empty() {
            self.change(id, |endpoint| {
                endpoint.add_shapes(shapes);
                false
            });
        }
    }

    /// Takes over the shapes of an endpoint from disk. Where some were learned since, the two become one; where there is no such
    /// endpoint, they go.
    pub fn restore_shapes(&mut self, key: EndpointKey, mut shapes: Shapes) {
        let Some(id) = self.ids.get(&key).copied() else {
            self.gone.insert(key.into());
            return;
        };
        shapes.trim();
        let known = self.endpoints.get(&id).is_some_and(|endpoint| endpoint.shapes.is_some());
        self.change(id, |endpoint| {
            endpoint.add_shapes(shapes);
            false
        });
        if !known {
            if let Some(endpoint) = self.endpoints.get_mut(&id) {
                endpoint.transient.shapes_copied = Copied::Same;
            }
            self.counted.remove(&id);
        }
    }

    /// Makes room where shapes take more memory than they may.
    pub(super) fn relieve_of_shapes(&mut self) {
        let budget = self.settings.memory / SHAPE_SHARE;
        if self.shape_bytes > budget {
            self.drop_shapes(|inventory| inventory.shape_bytes <= goal(budget));
        }
    }

    /// Gives up the shapes of endpoints until it is enough, those first that were not seen for the longest time.
    pub(super) fn drop_shapes(&mut self, enough: impl Fn(&Inventory) -> bool) {
        let with = self.endpoints.iter().filter(|(_, endpoint)| endpoint.shapes.is_some());
        let mut found: Vec<_> = with.map(|(id, endpoint)| (endpoint.record.counts.last, *id)).collect();
        found.sort_unstable();
        for (_, id) in found {
            if enough(self) {
                return;
            }
            self.totals.shapes_dropped += 1;
            self.change(id, |endpoint| {
                endpoint.shapes = None;
                endpoint.shapes_changed();
                false
            });
        }
    }
}

impl Endpoint {
    /// What is known of the shapes of its parameters, requests and responses; none where nothing is, or where it had to go to
    /// make room.
    #[must_use]
    pub fn shapes(&self) -> Option<&Shapes> {
        self.shapes.as_deref()
    }

    /// Takes in further shapes.
    pub(super) fn add_shapes(&mut self, shapes: Shapes) {
        self.shapes.get_or_insert_default().join(shapes);
        self.shapes_changed();
    }

    /// Takes in the shapes of an endpoint that turned out to be the same, which was known as `template`.
    pub(super) fn unite_shapes(&mut self, template: &str, shapes: Option<Box<Shapes>>) {
        if let Some(mut shapes) = shapes {
            shapes.rename(&renamed(template, &self.key.template));
            self.add_shapes(*shapes);
        }
    }

    /// Its template was `old` before.
    pub(super) fn rename_shapes(&mut self, old: &str) {
        if let Some(shapes) = &mut self.shapes {
            shapes.rename(&renamed(old, &self.key.template));
            self.shapes_changed();
        }
    }

    /// Takes note of what its shapes occupy now, and that a store is behind.
    pub(super) fn shapes_changed(&mut self) {
        let bytes = self.shapes.as_ref().map_or(0, |shapes| size_of::<Shapes>() + shapes.heap_bytes());
        self.transient.shapes_now = bytes;
        self.transient.shapes_copied = Copied::Behind;
    }
}
