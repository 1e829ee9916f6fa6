//! Leaf pages of redb, read from their bytes (its `docs/design.md`, "Leaf page").
//!
//! Any bytes may stand there: nothing is taken for more than it says, and the values have checksums of their own.

/// The size of a page; longer leaves take several, and begin where a page does.
pub(super) const PAGE: usize = 4096;

/// The first byte of a leaf.
const LEAF: u8 = 1;
/// Type, padding and the number of entries.
const HEAD: usize = 4;
/// A place in the page.
const PLACE: usize = 4;
/// The longest leaf that is read: the longest template with the longest record or body has room in it.
pub(super) const LONGEST: usize = 1 << 20;

/// Returns how many entries a page says that it has, if it says that it is a leaf.
fn entries(page: &[u8]) -> Option<usize> {
    let [LEAF, _, low, high, ..] = page else { return None };
    let entries = usize::from(u16::from_le_bytes([*low, *high]));
    (entries > 0).then_some(entries)
}

/// The `n`th of the places that stand behind the head.
fn place(page: &[u8], n: usize) -> Option<usize> {
    let at = HEAD + n * PLACE;
    let bytes = page.get(at..at + PLACE)?.try_into().ok()?;
    usize::try_from(u32::from_le_bytes(bytes)).ok()
}

/// Returns the length of the leaf whose first page this is, if it is one with keys and values of any length.
pub(super) fn length(page: &[u8]) -> Option<usize> {
    let entries = entries(page)?;
    let last = place(page, entries * 2 - 1)?;
    (last <= LONGEST).then_some(last)
}

/// Gives the keys and values of a leaf, each of any length, to `each` with their number, as far as they lie within it.
pub(super) fn for_each(leaf: &[u8], mut each: impl FnMut(usize, &[u8], &[u8])) {
    let Some(entries) = entries(leaf) else { return };
    let mut key_start = HEAD + 2 * entries * PLACE;
    let Some(mut value_start) = place(leaf, entries - 1) else { return };
    for n in 0..entries {
        let (Some(key_end), Some(value_end)) = (place(leaf, n), place(leaf, entries + n)) else { return };
        let (key, value) = (leaf.get(key_start..key_end), leaf.get(value_start..value_end));
        if let (Some(key), Some(value)) = (key, value) {
            each(n, key, value);
        }
        (key_start, value_start) = (key_end, value_end);
    }
}

/// Gives the keys, which are of any length, and the values, which are numbers, of a leaf to `each`.
pub(super) fn for_each_number(leaf: &[u8], mut each: impl FnMut(&[u8], u64)) {
    let Some(entries) = entries(leaf) else { return };
    let mut key_start = HEAD + entries * PLACE;
    let Some(values) = place(leaf, entries - 1) else { return };
    for n in 0..entries {
        let Some(key_end) = place(leaf, n) else { return };
        let at = values.saturating_add(n * size_of::<u64>());
        let value = leaf.get(at..at.saturating_add(size_of::<u64>())).and_then(|bytes| bytes.try_into().ok());
        if let (Some(key), Some(value)) = (leaf.get(key_start..key_end), value) {
            each(key, u64::from_le_bytes(value));
        }
        key_start = key_end;
    }
}
