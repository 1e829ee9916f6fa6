//! Variables that Kubernetes and existing deployments set.

use std::env;

/// False: capture, push nothing, and show what would be sent. The second name is the older one.
const INTEGRATION: [&str; 2] = ["ENABLE_APISEC_INTEGRATION", "ENABLE_DEV_WEBSITE_INTEGRATION"];
/// Accepted, and without effect.
const IGNORED: [&str; 2] = ["OUTPUT_FILE", "CLEAR_SAVED_MAPPINGS"];

/// Returns whether this runs in a pod: the kubelet gives every container the address of the API server.
pub(crate) fn in_pod() -> bool {
    env::var_os("KUBERNETES_SERVICE_HOST").is_some()
}

/// The variable that switches the integration off, if one does. The newer name wins.
pub(crate) fn shows_only() -> Option<&'static str> {
    let (name, value) = INTEGRATION.iter().find_map(|name| Some((*name, env::var(name).ok()?)))?;
    ["false", "0", "no", "off"].contains(&value.trim().to_ascii_lowercase().as_str()).then_some(name)
}

/// Says once which variables have no effect.
pub(crate) fn mention_ignored() {
    for name in IGNORED.iter().filter(|name| env::var_os(name).is_some()) {
        tracing::warn!(
            "The variable {name} has no effect in this program; it can be removed from the DaemonSet"
        );
    }
}
