//! What fuzzing has found worth keeping, replayed.

extern crate traffic_monitor_push as push;

#[expect(unreachable_pub, reason = "it is public in the fuzz library")]
#[path = "../../../fuzz/src/answers.rs"]
mod answers;

#[test]
fn the_corpus_of_answers_holds() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/answers");
    let mut replayed = 0;
    for entry in std::fs::read_dir(corpus).unwrap() {
        answers::answers(&std::fs::read(entry.unwrap().path()).unwrap());
        replayed += 1;
    }
    assert!(replayed >= 20, "{replayed} files in {corpus}");
}
