//! What fuzzing has found worth keeping, replayed.

extern crate traffic_monitor_agent as agent;

#[expect(unreachable_pub, reason = "it is public in the fuzz library")]
#[path = "../../../fuzz/src/config.rs"]
mod config;
#[expect(unreachable_pub, reason = "it is public in the fuzz library")]
#[path = "../../../fuzz/src/manifest.rs"]
mod manifest;
#[path = "../../../fuzz/replay.rs"]
mod replay;

#[test]
fn the_corpus_of_config_holds() {
    replay::replay("config", 20, config::config);
}

#[test]
fn the_corpus_of_manifest_holds() {
    replay::replay("manifest", 20, manifest::manifest);
}
