//! The Huffman code of HPACK (RFC 7541, section 5.2 and appendix B).
//!
//! The code is canonical: codes of one length follow each other in the order of their symbols, so the lengths say it all.

/// How many bits the code of each byte has.
const LENGTHS: [u8; 256] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28,
    28, 28, 28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6,
    6, 6, 7, 8, 15, 6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7,
    8, 13, 19, 13, 14, 6, 15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7,
    15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24,
    23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23,
    23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26,
    26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20,
    21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27,
    27, 27, 26,
];

/// The longest code.
const MAX_LENGTH: usize = 30;

/// What is made of the lengths, once, by the compiler.
struct Code {
    /// By the next eight bits: the symbol, and its length in the high byte; 0 where the code is longer.
    short: [u16; 256],
    /// The symbols in the order of their codes.
    symbols: [u8; 256],
    /// By length: the first code that is longer, at the left of 32 bits.
    limits: [u32; MAX_LENGTH + 1],
    /// By length: what to add to a code of this length to get its place in `symbols`.
    places: [u32; MAX_LENGTH + 1],
}

#[expect(clippy::indexing_slicing, reason = "computed by the compiler, which would say so")]
const CODE: Code = {
    let mut code =
        Code { short: [0; 256], symbols: [0; 256], limits: [0; MAX_LENGTH + 1], places: [0; MAX_LENGTH + 1] };
    let (mut next, mut place, mut length) = (0_u32, 0_usize, 1_usize);
    while length <= MAX_LENGTH {
        code.places[length] = (place as u32).wrapping_sub(next);
        let mut symbol = 0;
        while symbol < 256 {
            if LENGTHS[symbol] as usize == length {
                code.symbols[place] = symbol as u8;
                place += 1;
                if length <= 8 {
                    let (mut at, end) = (next << (8 - length), (next + 1) << (8 - length));
                    while at < end {
                        code.short[at as usize] = (length << 8) as u16 | symbol as u16;
                        at += 1;
                    }
                }
                next += 1;
            }
            symbol += 1;
        }
        code.limits[length] = next << (32 - length);
        next <<= 1;
        length += 1;
    }
    code
};

/// A table for the running program, not a constant copied at each use.
static TABLE: Code = CODE;

/// Adds what is coded in `bytes` to `out`. Whether it is right: no end-of-string symbol, and less than a byte of ones
/// as padding.
pub(super) fn decode(bytes: &[u8], out: &mut Vec<u8>) -> bool {
    out.reserve(bytes.len() * 8 / 5);
    let mut input = bytes.iter();
    // The next bits, at the left, and how many there are.
    let (mut bits, mut count) = (0_u64, 0_u32);
    loop {
        while count <= 56
            && let Some(&byte) = input.next()
        {
            bits |= u64::from(byte) << (56 - count);
            count += 8;
        }
        #[expect(clippy::indexing_slicing, reason = "eight bits of an index into 256 places")]
        let short = TABLE.short[(bits >> 56) as usize];
        let (symbol, length) =
            if short == 0 { long((bits >> 32) as u32) } else { (short as u8, u32::from(short >> 8)) };
        if length > count {
            return count < 8 && bits.leading_ones() >= count;
        }
        out.push(symbol);
        bits <<= length;
        count -= length;
    }
}

/// The symbol at the left of these bits, and its length, if that is more than eight; more than there can be for the end of the
/// string.
fn long(bits: u32) -> (u8, u32) {
    let lengths = TABLE.limits.iter().zip(&TABLE.places).enumerate().skip(9);
    for (length, (limit, first)) in lengths {
        if bits < *limit {
            let place = (bits >> (32 - length)).wrapping_add(*first);
            return (TABLE.symbols.get(place as usize).copied().unwrap_or(0), length as u32);
        }
    }
    (0, u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8]) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        decode(bytes, &mut out).then_some(out)
    }

    #[test]
    fn words_of_rfc_7541_c_4() {
        assert_eq!(decoded(b"\xf1\xe3\xc2\xe5\xf2\x3a\x6b\xa0\xab\x90\xf4\xff").unwrap(), b"www.example.com");
        assert_eq!(decoded(b"\xa8\xeb\x10\x64\x9c\xbf").unwrap(), b"no-cache");
        assert_eq!(decoded(b"").unwrap(), b"");
    }

    #[test]
    fn codes_of_appendix_b() {
        // 0x00 has 13 bits, 0x0a has 30, 0xff has 26.
        assert_eq!(decoded(b"\xff\xc7").unwrap(), [0]);
        assert_eq!(decoded(b"\xff\xff\xff\xf3").unwrap(), [10]);
        assert_eq!(decoded(b"\xff\xff\xfb\xbf").unwrap(), [255]);
    }

    #[test]
    fn wrong_padding_and_the_end_of_string_are_refused() {
        assert_eq!(decoded(b"\xff"), None);
        assert_eq!(decoded(b"\x1f\xff"), None);
        assert_eq!(decoded(b"\x18"), None);
        assert_eq!(decoded(b"\xff\xff\xff\xff"), None);
    }
}
