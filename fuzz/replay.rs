//! The replay of a corpus by the ordinary tests of a crate, which include this file and the modules of their targets.

/// Gives each file of `fuzz/corpus/NAME` to its target.
///
/// # Panics
/// The target panics, or the corpus has fewer than `least` files: an empty one would prove nothing.
pub(crate) fn replay(name: &str, least: usize, target: fn(&[u8])) {
    let corpus = format!("{}/../../fuzz/corpus/{name}", env!("CARGO_MANIFEST_DIR"));
    let mut replayed = 0;
    for entry in std::fs::read_dir(&corpus).unwrap() {
        target(&std::fs::read(entry.unwrap().path()).unwrap());
        replayed += 1;
    }
    assert!(replayed >= least, "{replayed} files in {corpus}");
}
