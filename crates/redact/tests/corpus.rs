//! What fuzzing has found worth keeping, replayed.

extern crate traffic_monitor_redact as redact;

#[expect(unreachable_pub, reason = "it is public in the fuzz library")]
#[path = "../../../fuzz/src/body.rs"]
mod body;
#[expect(unreachable_pub, reason = "it is public in the fuzz library")]
#[path = "../../../fuzz/src/redaction.rs"]
mod redaction;

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
fn the_corpus_of_body_holds() {
    replay("body", body::body);
}

#[test]
fn the_corpus_of_redaction_holds() {
    replay("redaction", redaction::redaction);
}
