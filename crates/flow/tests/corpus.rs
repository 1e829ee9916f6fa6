//! What fuzzing has found worth keeping, replayed.

extern crate traffic_monitor_flow as flow;

#[expect(unreachable_pub, reason = "it is public in the fuzz library")]
#[path = "../../../fuzz/src/flow.rs"]
mod target;

#[test]
fn the_corpus_of_flow_holds() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/flow");
    let mut replayed = 0;
    for entry in std::fs::read_dir(corpus).unwrap() {
        target::flow(&std::fs::read(entry.unwrap().path()).unwrap());
        replayed += 1;
    }
    assert!(replayed >= 10, "{replayed} files in {corpus}");
}
