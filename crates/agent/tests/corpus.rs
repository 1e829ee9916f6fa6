//! What fuzzing has found worth keeping, replayed.

extern crate traffic_monitor_agent as agent;

#[expect(unreachable_pub, reason = "it is public in the fuzz library")]
#[path = "../../../fuzz/src/config.rs"]
mod config;
#[expect(unreachable_pub, reason = "it is public in the fuzz library")]
#[path = "../../../fuzz/src/manifest.rs"]
mod manifest;

fn replay(name: &str, target: fn(&[u8])) {
    let corpus = format!("{}/../../fuzz/corpus/{name}", env!("CARGO_MANIFEST_DIR"));
    let mut replayed = 0;
    for entry in std::fs::read_dir(&corpus).unwrap() {
        target(&std::fs::read(entry.unwrap().path()).unwrap());
        replayed += 1;
    }
    assert!(replayed >= 20, "{replayed} files in {corpus}");
}

#[test]
fn the_corpus_of_config_holds() {
    replay("config", config::config);
}

#[test]
fn the_corpus_of_manifest_holds() {
    replay("manifest", manifest::manifest);
}
