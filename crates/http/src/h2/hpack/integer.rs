//! Integers of HPACK (RFC 7541, section 5.1).

/// Larger ones are refused: no index, length or table size that can be right comes near.
const MAX: u32 = 1 << 28;

/// Reads an integer whose first byte has `prefix` bits of it (1 to 8). Gives the value and the bytes after it; none
/// when it is cut off or too large.
pub(super) fn read(bytes: &[u8], prefix: u32) -> Option<(u32, &[u8])> {
    let (&first, mut rest) = bytes.split_first()?;
    let full = (1_u32 << prefix) - 1;
    let mut value = u32::from(first) & full;
    if value < full {
        return Some((value, rest));
    }
    // Four more bytes are enough for every value up to MAX.
    for shift in [0, 7, 14, 21] {
        let (&byte, after) = rest.split_first()?;
        rest = after;
        value += u32::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return (value <= MAX).then_some((value, rest));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_rfc_7541_c_1() {
        assert_eq!(read(&[0b1110_1010, 7], 5), Some((10, &[7][..])));
        assert_eq!(read(&[0b0001_1111, 0b1001_1010, 0b0000_1010], 5), Some((1337, &[][..])));
        assert_eq!(read(&[42], 8), Some((42, &[][..])));
    }

    #[test]
    fn what_is_cut_off_or_too_large_is_none() {
        assert_eq!(read(&[], 7), None);
        assert_eq!(read(&[0x7f, 0x80], 7), None);
        assert_eq!(read(&[0x7f, 0xff, 0xff, 0xff, 0x7f], 7), None);
        assert_eq!(read(&[0xff, 0x80, 0x80, 0x80, 0x80, 0x00], 8), None);
    }
}
