//! What fuzzing has found worth keeping, replayed.

extern crate traffic_monitor_flow as flow;

#[path = "../../../fuzz/replay.rs"]
mod replay;
#[expect(unreachable_pub, reason = "it is public in the fuzz library")]
#[path = "../../../fuzz/src/flow.rs"]
mod target;

#[test]
fn the_corpus_of_flow_holds() {
    replay::replay("flow", 10, target::flow);
}
