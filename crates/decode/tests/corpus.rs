//! What fuzzing has found worth keeping, replayed.

extern crate traffic_monitor_decode as decode;

#[path = "../../../fuzz/replay.rs"]
mod replay;
#[expect(unreachable_pub, reason = "it is public in the fuzz library")]
#[path = "../../../fuzz/src/decode.rs"]
mod target;

#[test]
fn the_corpus_of_decode_holds() {
    replay::replay("decode", 10, target::decode);
}
