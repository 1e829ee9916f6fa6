//! What fuzzing has found worth keeping, replayed.

extern crate traffic_monitor_redact as redact;

#[expect(unreachable_pub, reason = "it is public in the fuzz library")]
#[path = "../../../fuzz/src/body.rs"]
mod body;
#[expect(unreachable_pub, reason = "it is public in the fuzz library")]
#[path = "../../../fuzz/src/operations.rs"]
mod operations;
#[expect(unreachable_pub, reason = "it is public in the fuzz library")]
#[path = "../../../fuzz/src/posted.rs"]
mod posted;
#[expect(unreachable_pub, reason = "it is public in the fuzz library")]
#[path = "../../../fuzz/src/redaction.rs"]
mod redaction;
#[path = "../../../fuzz/replay.rs"]
mod replay;

#[test]
fn the_corpus_of_body_holds() {
    replay::replay("body", 20, body::body);
}

#[test]
fn the_corpus_of_operations_holds() {
    replay::replay("operations", 20, operations::operations);
}

#[test]
fn the_corpus_of_redaction_holds() {
    replay::replay("redaction", 20, redaction::redaction);
}
