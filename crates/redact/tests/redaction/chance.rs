//! Chance that is the same in every run.

/// Lower-case letters, capitals, digits and what is made of them.
pub(crate) const DIGITS: &str = "0123456789";
pub(crate) const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
pub(crate) const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
pub(crate) const HEX: &str = "0123456789abcdef";
pub(crate) const LOWER_ALNUM: &str = "abcdefghijklmnopqrstuvwxyz0123456789";
pub(crate) const UPPER_ALNUM: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
pub(crate) const ALNUM: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
pub(crate) const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
pub(crate) const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
pub(crate) const BASE64URL: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
pub(crate) const BASE32: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
pub(crate) const BASE58: &str = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// SplitMix64 (public domain algorithm of Steele, Lea and Flood).
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Chance {
        Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5851_F42D_4C95_7F2D)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from `low` to `high`, both inside.
    pub(crate) fn number(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low + 1)
    }

    /// One of a list.
    pub(crate) fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.next() as usize % list.len()]
    }

    /// So many characters of an alphabet.
    pub(crate) fn text(&mut self, alphabet: &str, length: usize) -> String {
        let letters: Vec<char> = alphabet.chars().collect();
        (0..length).map(|_| self.pick(&letters)).collect()
    }

    /// So many characters, from `low` to `high`.
    pub(crate) fn some(&mut self, alphabet: &str, low: usize, high: usize) -> String {
        let length = self.number(low as u64, high as u64) as usize;
        self.text(alphabet, length)
    }

    /// Text in which `#` is a digit, `@` a capital, `?` a lower-case letter and `*` a capital or a digit.
    pub(crate) fn like(&mut self, pattern: &str) -> String {
        let one = |one| match one {
            '#' => self.text(DIGITS, 1),
            '@' => self.text(UPPER, 1),
            '?' => self.text(LOWER, 1),
            '*' => self.text(UPPER_ALNUM, 1),
            other => other.to_string(),
        };
        pattern.chars().map(one).collect()
    }
}
