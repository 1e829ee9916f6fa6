//! What fuzzing has found worth keeping, replayed.

extern crate traffic_monitor_store as store;

#[expect(unreachable_pub, reason = "it is public in the fuzz library")]
#[path = "../../../fuzz/src/records.rs"]
mod records;

#[test]
fn the_corpus_of_records_holds() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/records");
    let mut replayed = 0;
    for entry in std::fs::read_dir(corpus).unwrap() {
        records::records(&std::fs::read(entry.unwrap().path()).unwrap());
        replayed += 1;
    }
    assert!(replayed >= 10, "{replayed} files in {corpus}");
}
