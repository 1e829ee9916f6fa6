//! Where the lines of a head end, and where their first colons are: 64 bytes at a time, a bit for each byte.

use wide::u8x16;

/// So many bytes are looked at together: as many as a word has bits.
const BLOCK: usize = 64;

/// Goes over the lines of a head. Looks at each byte once, and at most [`BLOCK`] bytes beyond the last line.
pub(crate) struct Lines<'a> {
    bytes: &'a [u8],
    /// Where the block begins that `colons` and `ends` are of.
    block: usize,
    /// The colons of the block that were not passed yet.
    colons: u64,
    /// The same for line ends.
    ends: u64,
}

impl<'a> Lines<'a> {
    /// The lines of `bytes` from `start` on.
    pub(crate) fn new(bytes: &'a [u8], start: usize) -> Lines<'a> {
        let mut lines = Lines { bytes, block: start, colons: 0, ends: 0 };
        lines.look();
        lines
    }

    /// Returns where the next line ends, and where its first colon is; none when no further line ends.
    #[inline]
    pub(crate) fn next(&mut self) -> Option<(usize, Option<usize>)> {
        let mut colon = None;
        loop {
            // What is before the line end: all of the block when it has none.
            let line = (self.ends & self.ends.wrapping_neg()).wrapping_sub(1);
            let colons = self.colons & line;
            if colon.is_none() && colons != 0 {
                colon = Some(self.block + colons.trailing_zeros() as usize);
            }
            if self.ends != 0 {
                let end = self.block + self.ends.trailing_zeros() as usize;
                self.colons &= !line;
                self.ends &= self.ends - 1;
                return Some((end, colon));
            }
            self.block += BLOCK;
            if self.block >= self.bytes.len() {
                return None;
            }
            self.look();
        }
    }

    fn look(&mut self) {
        let rest = self.bytes.get(self.block..).unwrap_or_default();
        (self.colons, self.ends) = match rest.first_chunk() {
            Some(block) => places(block),
            None => match self.bytes.last_chunk() {
                // Most heads end with their packet: the last block overlaps the one before it.
                Some(block) => {
                    let (colons, ends) = places(block);
                    let seen = (BLOCK - rest.len()) as u32;
                    (colons.unbounded_shr(seen), ends.unbounded_shr(seen))
                }
                None => {
                    let mut block = [0; BLOCK];
                    block.iter_mut().zip(rest).for_each(|(to, byte)| *to = *byte);
                    places(&block)
                }
            },
        };
    }
}

/// Returns where colons and line ends are among these bytes: the lowest bit is the first byte.
#[inline]
fn places(block: &[u8; BLOCK]) -> (u64, u64) {
    let (mut colons, mut ends) = (0, 0);
    for (at, bytes) in block.as_chunks::<16>().0.iter().enumerate() {
        let bytes = u8x16::new(*bytes);
        let mask = |byte| u64::from(bytes.simd_eq(u8x16::splat(byte)).to_bitmask()) << (at * 16);
        colons |= mask(b':');
        ends |= mask(b'\n');
    }
    (colons, ends)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8], start: usize) -> Vec<(usize, Option<usize>)> {
        let mut lines = Lines::new(bytes, start);
        std::iter::from_fn(|| lines.next()).collect()
    }

    /// The same, byte by byte.
    fn slowly(bytes: &[u8], start: usize) -> Vec<(usize, Option<usize>)> {
        let (mut found, mut colon) = (Vec::new(), None);
        for (at, byte) in bytes.iter().enumerate().skip(start) {
            match byte {
                b':' => colon = colon.or(Some(at)),
                b'\n' => found.push((at, std::mem::take(&mut colon))),
                _ => {}
            }
        }
        found
    }

    #[test]
    fn lines_of_any_length() {
        for len in 0..3 * BLOCK {
            for colon in 0..=len {
                let mut line = vec![b'9'; len];
                line.get_mut(colon).into_iter().for_each(|byte| *byte = b':');
                let bytes = [b"ab:\n", &line[..], b"\n:\n;;;;;;;;"].concat();
                for start in [0, 1, 4] {
                    assert_eq!(lines(&bytes, start), slowly(&bytes, start), "{len} {colon} {start}");
                }
                assert_eq!(lines(&line, 0), []);
            }
        }
        assert_eq!(lines(b"", 0), []);
        assert_eq!(lines(b"a\n", 9), []);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes(bytes in proptest::collection::vec(proptest::sample::select(b":\n\r\x8a\xba\0;a9\x0b".to_vec()), 0..300)) {
            assert_eq!(lines(&bytes, 0), slowly(&bytes, 0));
        }
    }
}
