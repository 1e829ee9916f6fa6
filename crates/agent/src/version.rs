//! The version of the program.

use std::sync::LazyLock;

/// Returns what `--version` says: the version, and the commit where whoever built this named one in the variable
/// `TRAFFIC_MONITOR_COMMIT`. Git is not asked: sources may have none, and each commit would build this crate anew.
pub(crate) fn version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| match option_env!("TRAFFIC_MONITOR_COMMIT") {
        None | Some("") => env!("CARGO_PKG_VERSION").into(),
        Some(commit) => format!("{} ({commit})", env!("CARGO_PKG_VERSION")),
    });
    &VERSION
}
