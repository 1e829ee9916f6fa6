//! What fuzzing has found worth keeping, replayed.

extern crate traffic_monitor_store as store;

#[expect(unreachable_pub, reason = "it is public in the fuzz library")]
#[path = "../../../fuzz/src/records.rs"]
mod records;
#[path = "../../../fuzz/replay.rs"]
mod replay;

#[test]
fn the_corpus_of_records_holds() {
    replay::replay("records", 10, records::records);
}
