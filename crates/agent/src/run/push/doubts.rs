//! What this node cannot decide about paths, other nodes may have: their templates are in the platform's listing.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use decode::Timestamp;
use inventory::Instance;
use push::Engine;

use super::watch::up_to;
use crate::report::clock;
use crate::run::shared::Shared;

/// The time between two looks for something in doubt.
const LOOK: Duration = Duration::from_secs(60);
/// A listing is read for that at most so often, and a random part of this later: many nodes have the same doubts.
const READ: Duration = Duration::from_secs(3600);

/// The listings that were looked at.
pub(super) struct Doubts {
    looked: Instant,
    /// For each instance when the listing was read that was last used, and when the next one may be read for this.
    instances: HashMap<Instance, (Option<Timestamp>, Instant)>,
}

impl Doubts {
    pub(super) fn new() -> Doubts {
        Doubts { looked: Instant::now(), instances: HashMap::new() }
    }

    /// Hands the inventory what listings have for paths in doubt, if it is time.
    pub(super) async fn round(&mut self, shared: &Shared, engine: &mut Engine) {
        if self.looked.elapsed() < LOOK {
            return;
        }
        self.looked = Instant::now();
        let instances = shared.learned.read(|inventory| inventory.in_doubt());
        self.instances.retain(|instance, _| instances.contains(instance));
        for instance in instances {
            let (used, next) = self
                .instances
                .entry(instance.clone())
                .or_insert_with(|| (None, Instant::now() + up_to(LOOK)));
            if engine.templates(&instance, *used).is_none() && Instant::now() >= *next {
                *next = Instant::now() + READ + up_to(READ);
                engine.verify(&instance, Vec::new(), clock()).await;
            }
            if let Some((read_at, templates)) = engine.templates(&instance, *used) {
                *used = Some(read_at);
                shared.learned.change(|inventory| inventory.hint(&instance, &templates));
            }
        }
    }
}
