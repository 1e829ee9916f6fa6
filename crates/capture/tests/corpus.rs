//! What fuzzing has found worth keeping, replayed.

extern crate traffic_monitor_capture as capture;

#[path = "../../../fuzz/replay.rs"]
mod replay;
#[expect(unreachable_pub, reason = "it is public in the fuzz library")]
#[path = "../../../fuzz/src/file.rs"]
mod target;

#[test]
fn the_corpus_of_file_holds() {
    replay::replay("file", 10, target::file);
}
