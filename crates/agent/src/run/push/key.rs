//! What is known about the key in use.

use std::time::{Duration, SystemTime};

use crate::report::{ago, clock, timestamp};
use crate::run::shared::Shared;

/// What to do about a key that expires.
pub(in crate::run) const RENEW: &str = "run `traffic-monitor setup` (or the setup script) with a new one, then `kubectl apply -f configmap.yaml`";

/// Says for people how long the key in use lasts.
pub(in crate::run) fn shown(shared: &Shared) -> String {
    let Some(at) = shared.push.key_expiry() else {
        return if shared.push.problem().is_some() { "none in use" } else { "says nothing about its expiry" }
            .into();
    };
    match at.duration_since(SystemTime::now()) {
        Ok(left) if left >= Duration::from_secs(7_200) => format!("expires in {} h", left.as_secs() / 3_600),
        Ok(left) if !left.is_zero() => format!("expires in {} min", left.as_secs() / 60),
        Ok(_) | Err(_) => format!("expired {}", ago(Some(timestamp(at)), clock())),
    }
}
