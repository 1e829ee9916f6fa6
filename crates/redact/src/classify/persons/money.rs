//! Numbers of cards and of bank accounts.

use super::super::bytes::{from, until};
use super::check::{gs1, luhn, value};
use super::number::Number;

/// The number of a card at the beginning: where it ends.
pub(super) fn card(number: &Number) -> Option<usize> {
    if number.plus {
        return None;
    }
    let sizes = number.sizes();
    let such = |(groups, digits, _): &(usize, &[u8], usize)| {
        let between = until(number.separators(), groups - 1);
        let even = between.windows(2).all(|pair| pair.first() == pair.last());
        let sizes = sizes.get(..*groups).unwrap_or_default();
        is_card(digits)
            && even
            && match between.first() {
                None => true,
                // Numbers with dots are amounts, dates and versions more often.
                Some(b'.') => sizes.iter().rev().skip(1).all(|size| *size == 4),
                Some(byte) => b" -".contains(byte),
            }
    };
    number.beginnings().find(such).map(|(_, _, end)| end)
}

/// Returns whether these digits are the number of a card: what its brand begins with, as long as it has them, and the right check
/// digit (ISO/IEC 7812-1).
fn is_card(digits: &[u8]) -> bool {
    let begin = |many: usize| until(digits, many).iter().fold(0, |sum, digit| sum * 10 + value(*digit));
    let (two, four) = (begin(2), begin(4));
    let brand = match digits.len() {
        // Barcodes have 13 digits, too.
        13 => digits.first() == Some(&b'4') && !gs1(digits),
        14 => (3000..=3059).contains(&four) || four == 3095 || matches!(two, 36 | 38 | 39),
        15 => matches!(two, 34 | 37) || matches!(four, 1800 | 2131),
        16 => {
            matches!(two, 35 | 36 | 40..=49 | 51..=55 | 60..=65 | 67..=69 | 81 | 82)
                || (2200..=2204).contains(&four)
                || (2221..=2720).contains(&four)
                || (5000..=5099).contains(&four)
                || (5600..=5899).contains(&four)
        }
        17..=19 => matches!(two, 40..=49 | 50 | 56..=58 | 60..=69 | 81 | 82),
        _ => false,
    };
    brand && luhn(digits) && !digits.iter().all(|digit| Some(digit) == digits.first())
}

/// Returns where the IBAN (ISO 13616) that begins at `start` ends: compact, or in groups of four; the check digits must
/// be right.
pub(crate) fn iban_at(text: &[u8], start: usize) -> Option<usize> {
    let rest = from(text, start);
    let [a, b, c, d, ..] = rest else { return None };
    if !(a.is_ascii_alphabetic() && b.is_ascii_alphabetic() && c.is_ascii_digit() && d.is_ascii_digit()) {
        return None;
    }
    let (mut compact, mut length, mut found, mut skip) = ([0u8; 34], 0, None, 0);
    for (at, &byte) in rest.iter().enumerate() {
        if skip > 0 {
            skip -= 1;
        } else if byte.is_ascii_alphanumeric() {
            *compact.get_mut(length)? = byte.to_ascii_uppercase();
            length += 1;
            let ends = !rest.get(at + 1).is_some_and(u8::is_ascii_alphanumeric);
            if ends && length >= 15 && is_iban(until(&compact, length)) {
                found = Some(start + at + 1);
            }
        } else if length % 4 == 0 && from(rest, at).starts_with(b"\xc2\xa0") {
            skip = 1;
        } else if !(length % 4 == 0 && (byte == b' ' || byte == b'-')) {
            break;
        }
        if length == compact.len() {
            break;
        }
    }
    found
}

/// The check of ISO 7064, MOD 97-10: the first four characters last, letters as 10 to 35, remainder 1.
fn is_iban(compact: &[u8]) -> bool {
    let (head, tail) = compact.split_at(4);
    let remainder = tail.iter().chain(head).fold(0u32, |sum, &byte| match byte {
        b'0'..=b'9' => (sum * 10 + u32::from(byte - b'0')) % 97,
        _ => (sum * 100 + u32::from(byte - b'A') + 10) % 97,
    });
    remainder == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ibans() {
        let whole = |text: &str| iban_at(text.as_bytes(), 0) == Some(text.len());
        for text in [
            "DE89370400440532013000",
            "GB29 NWBK 6016 1331 9268 19",
            "GB29\u{a0}NWBK\u{a0}6016\u{a0}1331\u{a0}9268\u{a0}19",
            "NO9386011117947",
            "fr1420041010050500013m02606",
        ] {
            assert!(whole(text), "{text}");
        }
        for text in
            ["DE89370400440532013001", "AB12", "DE89 3704", "SE35500000000549100000033", "ORDER123456789012"]
        {
            assert!(!whole(text), "{text}");
        }
        assert_eq!(iban_at(b"GB29 NWBK 6016 1331 9268 19 and more", 0), Some(27));
    }
}
