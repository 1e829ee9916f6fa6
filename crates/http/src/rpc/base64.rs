//! Decodes base64 (RFC 4648, section 4) in pieces of any size. Each part of a body may be padded by itself.
//!
//! The crate `base64` decodes whole texts: with it, bytes would be gathered in groups of four and decoded one group at a
//! time, which costs several times as much.

/// What of a group is there.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Base64 {
    bits: u32,
    count: u8,
    padding: u8,
    lost: bool,
}

impl Base64 {
    /// Decodes more of it into `take`. After a byte that is none of base64, nothing comes any more.
    pub(super) fn decode(&mut self, text: &[u8], mut take: impl FnMut(&[u8])) {
        if self.lost {
            return;
        }
        for &byte in text {
            let value = match byte {
                b'A'..=b'Z' => byte - b'A',
                b'a'..=b'z' => byte - b'a' + 26,
                b'0'..=b'9' => byte - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                b'=' if self.count >= 2 => {
                    self.padding += 1;
                    0
                }
                _ => return self.lose(),
            };
            self.bits = self.bits << 6 | u32::from(value);
            self.count += 1;
            if self.count == 4 {
                let [_, bytes @ ..] = self.bits.to_be_bytes();
                take(bytes.get(..bytes.len() - usize::from(self.padding)).unwrap_or_default());
                *self = Base64::default();
            }
        }
    }

    /// Gives up: bytes are missing, or are none of base64.
    pub(super) fn lose(&mut self) {
        self.lost = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str, step: usize) -> Vec<u8> {
        let (mut base64, mut out) = (Base64::default(), Vec::new());
        text.as_bytes().chunks(step).for_each(|piece| base64.decode(piece, |bytes| out.extend(bytes)));
        out
    }

    #[test]
    fn examples_of_rfc_4648_in_any_cut() {
        for step in 1..5 {
            assert_eq!(decoded("Zm9vYmFy", step), b"foobar");
            assert_eq!(decoded("Zm9vYg==Zm9vYmE=", step), b"foobfooba");
            assert_eq!(decoded("+/+/", step), [0xfb, 0xff, 0xbf]);
            assert_eq!(decoded("Zm9v-mFyZm9v", step), b"foo");
        }
    }

    #[test]
    fn padding_without_end_counts_nothing() {
        for step in 1..5 {
            assert_eq!(decoded(&format!("Zm!{}", "=".repeat(2000)), step), b"");
        }
    }
}
