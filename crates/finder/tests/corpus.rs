//! What fuzzing has found worth keeping, replayed.

extern crate traffic_monitor_finder as finder;

#[path = "../../../fuzz/replay.rs"]
mod replay;
#[expect(unreachable_pub, reason = "it is public in the fuzz library")]
#[path = "../../../fuzz/src/elf.rs"]
mod target;

#[test]
fn the_corpus_of_elf_holds() {
    replay::replay("elf", 60, target::elf);
}
