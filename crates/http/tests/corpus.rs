//! What fuzzing has found worth keeping, replayed.

extern crate traffic_monitor_http as http;

#[expect(unreachable_pub, reason = "it is public in the fuzz library")]
#[path = "../../../fuzz/src/hpack.rs"]
mod hpack;
#[expect(unreachable_pub, reason = "it is public in the fuzz library")]
#[path = "../../../fuzz/src/http1.rs"]
mod http1;
#[expect(unreachable_pub, reason = "it is public in the fuzz library")]
#[path = "../../../fuzz/src/http2.rs"]
mod http2;
#[path = "../../../fuzz/replay.rs"]
mod replay;
#[expect(unreachable_pub, reason = "it is public in the fuzz library")]
#[path = "../../../fuzz/src/rpc.rs"]
mod rpc;

#[test]
fn the_corpus_of_hpack_holds() {
    replay::replay("hpack", 20, hpack::hpack);
}

#[test]
fn the_corpus_of_rpc_holds() {
    replay::replay("rpc", 20, rpc::rpc);
}

#[test]
fn the_corpus_of_http1_holds() {
    replay::replay("http1", 20, http1::http1);
}

#[test]
fn the_corpus_of_http2_holds() {
    replay::replay("http2", 20, http2::http2);
}
