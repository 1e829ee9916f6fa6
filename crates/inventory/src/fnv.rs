//! Names that stay: the same text has the same number in every run and every version.

/// A number for a text, the same in every version (FNV-1a, <https://www.ietf.org/archive/id/draft-eastlake-fnv-21.html>).
pub(crate) fn fnv(text: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, step)
}
