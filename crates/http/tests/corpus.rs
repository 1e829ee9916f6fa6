//! What fuzzing has found worth keeping, replayed.

extern crate traffic_monitor_http as http;

#[expect(unreachable_pub, reason = "it is public in the fuzz library")]
#[path = "../../../fuzz/src/http1.rs"]
mod target;

#[test]
fn the_corpus_of_http1_holds() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/http1");
    let mut replayed = 0;
    for entry in std::fs::read_dir(corpus).unwrap() {
        target::http1(&std::fs::read(entry.unwrap().path()).unwrap());
        replayed += 1;
    }
    assert!(replayed >= 20, "{replayed} files in {corpus}");
}
