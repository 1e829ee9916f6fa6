//! What fuzzing has found worth keeping, replayed.

extern crate traffic_monitor_decode as decode;

#[expect(unreachable_pub, reason = "it is public in the fuzz library")]
#[path = "../../../fuzz/src/decode.rs"]
mod target;

#[test]
fn the_corpus_of_decode_holds() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/decode");
    let mut replayed = 0;
    for entry in std::fs::read_dir(corpus).unwrap() {
        target::decode(&std::fs::read(entry.unwrap().path()).unwrap());
        replayed += 1;
    }
    assert!(replayed >= 10, "{replayed} files in {corpus}");
}
