//! What fuzzing has found worth keeping, replayed.

extern crate traffic_monitor_tls as tls;

#[expect(unreachable_pub, reason = "it is public in the fuzz library")]
#[path = "../../../fuzz/src/keylog.rs"]
mod keylog;
#[path = "../../../fuzz/replay.rs"]
mod replay;
#[expect(unreachable_pub, reason = "it is public in the fuzz library")]
#[path = "../../../fuzz/src/sealed.rs"]
mod sealed;

#[test]
fn the_corpus_of_keylog_holds() {
    replay::replay("keylog", 6, keylog::keylog);
}

#[test]
fn the_corpus_of_sealed_holds() {
    replay::replay("sealed", 20, sealed::sealed);
}
