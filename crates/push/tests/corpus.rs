//! What fuzzing has found worth keeping, replayed.

extern crate traffic_monitor_push as push;

#[expect(unreachable_pub, reason = "it is public in the fuzz library")]
#[path = "../../../fuzz/src/answers.rs"]
mod answers;
#[path = "../../../fuzz/replay.rs"]
mod replay;

#[test]
fn the_corpus_of_answers_holds() {
    replay::replay("answers", 20, answers::answers);
}
