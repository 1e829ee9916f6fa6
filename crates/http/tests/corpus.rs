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
#[expect(unreachable_pub, reason = "it is public in the fuzz library")]
#[path = "../../../fuzz/src/rpc.rs"]
mod rpc;

fn replay(name: &str, target: fn(&[u8])) {
    let corpus = format!("{}/../../fuzz/corpus/{name}", env!("CARGO_MANIFEST_DIR"));
    let mut replayed = 0;
    for entry in std::fs::read_dir(&corpus).unwrap() {
        target(&std::fs::read(entry.unwrap().path()).unwrap());
        replayed += 1;
    }
    assert!(replayed >= 20, "{replayed} files in {corpus}");
}

#[test]
fn the_corpus_of_hpack_holds() {
    replay("hpack", hpack::hpack);
}

#[test]
fn the_corpus_of_rpc_holds() {
    replay("rpc", rpc::rpc);
}

#[test]
fn the_corpus_of_http1_holds() {
    replay("http1", http1::http1);
}

#[test]
fn the_corpus_of_http2_holds() {
    replay("http2", http2::http2);
}
