//! A key is tried when it is set: one that the platform does not take shows at once, and not with the first push hours later.

use std::time::{Duration, Instant};

use decode::Timestamp;
use push::{ApiKey, BaseUrl, Engine};

use super::watch::up_to;
use crate::config::Platform;
use crate::report::clock;
use crate::run::shared::Shared;

/// Over so long the nodes spread it.
const SPREAD: Duration = Duration::from_secs(30);

/// The trial of the key that is in force.
pub(super) struct Trial {
    of: Option<(BaseUrl, ApiKey)>,
    /// When it is due; none when it was made.
    at: Option<Instant>,
    /// When the key was set.
    set: Timestamp,
}

impl Trial {
    pub(super) fn new() -> Trial {
        Trial { of: None, at: None, set: Timestamp::EPOCH }
    }

    /// Takes the platform and key that are in force now.
    pub(super) fn set(&mut self, platform: &Platform, many_nodes: bool) {
        let of = Some((platform.url.clone(), platform.key.clone()));
        if self.of != of {
            self.of = of;
            self.set = clock();
            self.at = Some(Instant::now() + if many_nodes { up_to(SPREAD) } else { Duration::ZERO });
        }
    }

    /// Reads the listing of one mapped instance when it is time and there is one: that changes nothing there.
    pub(super) async fn round(&mut self, shared: &Shared, engine: &mut Engine) {
        if self.at.is_none_or(|at| Instant::now() < at) {
            return;
        }
        if shared.push.status().last_success >= Some(self.set) {
            // A push was sooner.
            self.at = None;
            return;
        }
        let instance = shared.names.mappings().iter().next().map(|(_, instance)| instance.clone());
        if let Some(instance) = instance {
            self.at = None;
            engine.try_key(&instance, clock()).await;
        }
    }
}
