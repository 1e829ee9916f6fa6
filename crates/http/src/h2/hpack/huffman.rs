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

/// So many bits are looked up at once: most pairs of letters fit, and the table stays within 16 KiB.
const LOOK: usize = 12;

/// So many symbols are put together before they are added to the text.
const HELD: usize = 64;

/// The symbols whose codes are whole among the bits that are looked up.
#[derive(Clone, Copy)]
struct Looked {
    /// The second is 0 where only one is whole.
    symbols: [u8; 2],
    /// How long the code of the first is; 0 where it is longer than what is looked up.
    first: u8,
    /// How long both are together; as `first` where only one is whole.
    both: u8,
}

impl Looked {
    const NONE: Looked = Looked { symbols: [0; 2], first: 0, both: 0 };
}

/// What is made of the lengths, once, by the compiler.
struct Code {
    /// By the next bits.
    short: [Looked; 1 << LOOK],
    /// The symbols in the order of their codes.
    symbols: [u8; 256],
    /// By length: the first code that is longer, at the left of 32 bits.
    limits: [u32; MAX_LENGTH + 1],
    /// By length: what to add to a code of this length to get its place in `symbols`.
    places: [u32; MAX_LENGTH + 1],
}

#[expect(clippy::indexing_slicing, reason = "computed by the compiler, which would say so")]
const CODE: Code = {
    let mut code = Code {
        short: [Looked::NONE; 1 << LOOK],
        symbols: [0; 256],
        limits: [0; MAX_LENGTH + 1],
        places: [0; MAX_LENGTH + 1],
    };
    let (mut next, mut place, mut length) = (0_u32, 0_usize, 1_usize);
    while length <= MAX_LENGTH {
        code.places[length] = (place as u32).wrapping_sub(next);
        let mut symbol = 0;
        while symbol < 256 {
            if LENGTHS[symbol] as usize == length {
                code.symbols[place] = symbol as u8;
                place += 1;
                if length <= LOOK {
                    let (mut at, end) = (next << (LOOK - length), (next + 1) << (LOOK - length));
                    while at < end {
                        let looked =
                            Looked { symbols: [symbol as u8, 0], first: length as u8, both: length as u8 };
                        code.short[at as usize] = looked;
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
    code.short = pairs(code.short);
    code
};

/// Adds the second symbols.
#[expect(clippy::indexing_slicing, reason = "computed by the compiler, which would say so")]
const fn pairs(singles: [Looked; 1 << LOOK]) -> [Looked; 1 << LOOK] {
    let (mut short, mut at) = (singles, 0);
    while at < singles.len() {
        let one = singles[at];
        // Zeros follow the bits that are here: what they would complete is not whole.
        let two = singles[(at << one.first) % singles.len()];
        if one.first > 0 && two.first > 0 && one.first + two.first <= LOOK as u8 {
            short[at].symbols[1] = two.symbols[0];
            short[at].both = one.first + two.first;
        }
        at += 1;
    }
    short
}

/// A table for the running program, not a constant copied at each use.
static TABLE: Code = CODE;

/// The bits that come next, at the left of a word.
struct Bits<'b> {
    word: u64,
    /// How many of them are there. Behind them are bits that come after them, or zeros.
    count: u32,
    rest: &'b [u8],
}

impl Bits<'_> {
    /// Brings in as many whole bytes as there is room for.
    #[inline]
    fn fill(&mut self) {
        if let Some(next) = self.rest.first_chunk() {
            let bytes = (63 - self.count) / 8;
            self.word |= u64::from_be_bytes(*next) >> self.count;
            self.count += bytes * 8;
            self.rest = self.rest.get(bytes as usize..).unwrap_or_default();
            return;
        }
        while self.count <= 56
            && let [byte, rest @ ..] = self.rest
        {
            self.word |= u64::from(*byte) << (56 - self.count);
            self.count += 8;
            self.rest = rest;
        }
    }

    #[inline]
    fn pass(&mut self, length: u32) {
        self.word <<= length;
        self.count -= length;
    }

    /// Returns whether they are what may stand behind the last symbol: less than a byte of ones.
    fn is_padding(&self) -> bool {
        self.count < 8 && self.word.leading_ones() >= self.count
    }
}

/// Adds what is coded in `bytes` to `out`. Returns whether it is right: no end-of-string symbol, and less than a byte of ones
/// as padding.
pub(super) fn decode(bytes: &[u8], out: &mut Vec<u8>) -> bool {
    out.reserve(bytes.len() * 8 / 5);
    let mut bits = Bits { word: 0, count: 0, rest: bytes };
    let (mut held, mut filled) = ([0; HELD], 0);
    let right = loop {
        bits.fill();
        #[expect(clippy::indexing_slicing, reason = "as many bits of an index as the table has places for")]
        let looked = TABLE.short[(bits.word >> (64 - LOOK)) as usize];
        let (first, both) = (u32::from(looked.first), u32::from(looked.both));
        let (symbols, length, number) = if first == 0 {
            let (symbol, length) = long((bits.word >> 32) as u32);
            ([symbol, 0], length, 1)
        } else if both <= bits.count {
            (looked.symbols, both, 1 + usize::from(both > first))
        } else {
            (looked.symbols, first, 1)
        };
        if length > bits.count {
            break bits.is_padding();
        }
        bits.pass(length);
        if let Some(to) = held.get_mut(filled..).and_then(<[u8]>::first_chunk_mut) {
            *to = symbols;
        }
        filled += number;
        if filled > HELD - 2 {
            out.extend_from_slice(held.get(..filled).unwrap_or_default());
            filled = 0;
        }
    };
    out.extend_from_slice(held.get(..filled).unwrap_or_default());
    right
}

/// Returns the symbol at the left of these bits, and its length, if that is more than what is looked up; more than there can be for
/// the end of the string.
fn long(bits: u32) -> (u8, u32) {
    let lengths = TABLE.limits.iter().zip(&TABLE.places).enumerate().skip(LOOK + 1);
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

    /// The same, bit by bit.
    fn slowly(bytes: &[u8]) -> Option<Vec<u8>> {
        let mut codes: Vec<_> = (0..=255_u8).map(|symbol| (LENGTHS[usize::from(symbol)], symbol)).collect();
        codes.sort_unstable();
        let (mut next, mut length) = (0_u32, 0);
        let codes: std::collections::HashMap<_, _> = codes
            .into_iter()
            .map(|(bits, symbol)| {
                next <<= bits - std::mem::replace(&mut length, bits);
                next += 1;
                ((bits, next - 1), symbol)
            })
            .collect();
        let (mut out, mut code, mut bits) = (Vec::new(), 0_u32, 0_u8);
        for bit in bytes.iter().flat_map(|byte| (0..8).rev().map(move |at| byte >> at & 1)) {
            (code, bits) = (code << 1 | u32::from(bit), bits + 1);
            if let Some(symbol) = codes.get(&(bits, code)) {
                out.push(*symbol);
                (code, bits) = (0, 0);
            } else if bits == 30 {
                return None;
            }
        }
        (bits < 8 && code + 1 == 1 << bits).then_some(out)
    }

    proptest::proptest! {
        #[test]
        fn any_bits(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            assert_eq!(decoded(&bytes), slowly(&bytes));
        }

        /// Random bits soon hold the end-of-string symbol or a long code; these are what texts have.
        #[test]
        fn short_codes(bytes in proptest::collection::vec(0..0xf0_u8, 0..200), end in proptest::num::u8::ANY) {
            let bytes = [&bytes[..], &[end]].concat();
            assert_eq!(decoded(&bytes), slowly(&bytes));
        }
    }
}
