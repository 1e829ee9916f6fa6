//! Where lines end. They are short, so that a vectorised search costs more to begin than eight bytes at once.

use memchr::memchr;

/// So many bytes of a line are searched a word at a time.
const SHORT: usize = 96;

/// The length of the first line, without its LF, and where its first colon is.
pub(crate) fn first_line(bytes: &[u8]) -> Option<(usize, Option<usize>)> {
    let (words, _) = bytes.get(..SHORT).unwrap_or(bytes).as_chunks();
    for (at, word) in words.iter().enumerate() {
        let (colon, end) = (first(word, b':'), first(word, b'\n'));
        if colon < end {
            let next = at * 8 + 8;
            let end = if end < NONE { at * 8 + end } else { next + line_end(bytes.get(next..)?)? };
            return Some((end, Some(at * 8 + colon)));
        }
        if end < NONE {
            return Some((at * 8 + end, None));
        }
    }
    let seen = words.len() * 8;
    let rest = bytes.get(seen..)?;
    let end = memchr(b'\n', rest)?;
    Some((seen + end, memchr(b':', rest.get(..end)?).map(|colon| seen + colon)))
}

/// Where the first LF is.
fn line_end(bytes: &[u8]) -> Option<usize> {
    let (words, _) = bytes.get(..SHORT).unwrap_or(bytes).as_chunks();
    for (at, word) in words.iter().enumerate() {
        let end = first(word, b'\n');
        if end < NONE {
            return Some(at * 8 + end);
        }
    }
    let seen = words.len() * 8;
    memchr(b'\n', bytes.get(seen..)?).map(|end| seen + end)
}

/// What [`first`] gives for a word without the byte.
const NONE: usize = 8;

/// Where in a word a byte is first: the zero byte after an exclusive or, found by its borrow.
fn first(word: &[u8; 8], byte: u8) -> usize {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    let zero = u64::from_le_bytes(*word) ^ (ONES * u64::from(byte));
    let found = zero.wrapping_sub(ONES) & !zero & (ONES << 7);
    found.trailing_zeros() as usize / 8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_any_length() {
        for len in 0..2 * SHORT + 20 {
            for colon in 0..=len {
                let mut line = vec![b'9'; len];
                let has = line.get_mut(colon).map(|byte| *byte = b':').map(|()| colon);
                let bytes = [&line[..], b"\n:\n;;;;;;;;"].concat();
                assert_eq!(first_line(&bytes), Some((len, has)), "{len} {colon}");
                assert_eq!(first_line(&line), None);
            }
        }
        assert_eq!(first_line(b":a:\n:"), Some((3, Some(0))));
        assert_eq!(first_line(b"\n:aaaaaaa\n"), Some((0, None)));
    }
}
