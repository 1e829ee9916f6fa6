//! Any bytes are a key log, whose bad lines are counted; how it is cut makes no difference.

use ::tls::{KeyLog, Store};

/// The first byte says how long the pieces are, the rest is the file.
pub fn keylog(data: &[u8]) {
    let Some((&size, file)) = data.split_first() else { return };
    let (whole, cut) = (read(file, file.len().max(1)), read(file, usize::from(size).max(1)));
    assert_eq!(whole, cut);
    let lines = file.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() as u64 + 1;
    let (secrets, bad, kept) = whole;
    assert!(secrets + bad <= lines && kept as u64 <= secrets);
}

fn read(file: &[u8], size: usize) -> (u64, u64, usize) {
    let (mut store, mut log) = (Store::default(), KeyLog::default());
    file.chunks(size).for_each(|piece| log.read(piece, &mut store));
    log.end(&mut store);
    assert!(log.first_bad().len() as u64 <= log.bad());
    (log.secrets(), log.bad(), store.len())
}
