//! Personal data by its form: e-mail addresses, card, account, social security and phone numbers.

use super::bytes::{from, until};

/// The longest local part of an e-mail address and the longest domain (RFC 5321, section 4.5.3.1).
const MAX_LOCAL: usize = 64;
const MAX_DOMAIN: usize = 255;

/// The most digits of one number that are looked at: cards have 19, and a verification value may follow.
const MAX_DIGITS: usize = 24;

/// The most groups of one number.
const MAX_GROUPS: usize = 8;

/// A byte of the local part of an e-mail address. Quotes and rarer marks are left out: they stand around addresses.
pub(super) fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._+-".contains(&byte) || byte >= 0x80
}

/// Returns where the e-mail address that begins at `start` ends. The domain needs a dot, and letters at its end.
pub(super) fn email_at(text: &[u8], start: usize) -> Option<usize> {
    let local = from(text, start).iter().take(MAX_LOCAL + 1).take_while(|byte| is_local(**byte)).count();
    let at = start + local;
    if local == 0 || local > MAX_LOCAL || text.get(at) != Some(&b'@') {
        return None;
    }
    let is_domain = |byte: &u8| byte.is_ascii_alphanumeric() || b".-".contains(byte) || *byte >= 0x80;
    let domain = from(text, at + 1);
    let domain = until(domain, domain.iter().take(MAX_DOMAIN).take_while(|byte| is_domain(byte)).count());
    let end = domain.iter().rposition(|byte| !b".-".contains(byte))? + 1;
    let domain = until(domain, end);
    let dot = domain.iter().rposition(|byte| *byte == b'.')?;
    let top = from(domain, dot + 1);
    let named = top.len() >= 2 && top.iter().all(|byte| !byte.is_ascii_digit()) || top.starts_with(b"xn--");
    (dot > 0 && named).then_some(at + 1 + end)
}

/// Returns whether the whole text is an e-mail address.
pub(crate) fn is_email(text: &[u8]) -> bool {
    !text.is_empty() && email_at(text, 0) == Some(text.len())
}

/// Returns where the IBAN (ISO 13616) that begins at `start` ends: compact, or in groups of four; the check digits must
/// be right.
pub(super) fn iban_at(text: &[u8], start: usize) -> Option<usize> {
    let rest = from(text, start);
    let [a, b, c, d, ..] = rest else { return None };
    if !(a.is_ascii_alphabetic() && b.is_ascii_alphabetic() && c.is_ascii_digit() && d.is_ascii_digit()) {
        return None;
    }
    let (mut compact, mut length, mut found) = ([0u8; 34], 0, None);
    for (at, &byte) in rest.iter().enumerate() {
        if byte.is_ascii_alphanumeric() {
            *compact.get_mut(length)? = byte.to_ascii_uppercase();
            length += 1;
            let ends = !rest.get(at + 1).is_some_and(u8::is_ascii_alphanumeric);
            if ends && length >= 15 && is_iban(until(&compact, length)) {
                found = Some(start + at + 1);
            }
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

/// Digits in groups, as people write long numbers.
struct Number {
    digits: [u8; MAX_DIGITS],
    count: usize,
    /// For each group: how many digits there are up to its end, and where it ends in the text.
    groups: [(usize, usize); MAX_GROUPS],
    group_count: usize,
    plus: bool,
    /// Bytes between groups, in order.
    separators: [u8; MAX_GROUPS],
}

impl Number {
    /// Reads `+49 (30) 123-456`: an optional plus, groups, between them one separator or a bracket with one.
    fn read(text: &[u8], start: usize) -> Option<Number> {
        let mut number = Number {
            digits: [0; MAX_DIGITS],
            count: 0,
            groups: [(0, 0); MAX_GROUPS],
            group_count: 0,
            plus: text.get(start) == Some(&b'+'),
            separators: [0; MAX_GROUPS],
        };
        let mut at = start + usize::from(number.plus);
        while number.group_count < MAX_GROUPS {
            let separator = at;
            at += text.get(at..)?.iter().take(3).take_while(|byte| b" -.()/".contains(byte)).count();
            if let Some(before) = number.group_count.checked_sub(1) {
                *number.separators.get_mut(before)? = *text.get(separator)?;
            }
            let group =
                text.get(at..)?.iter().take(MAX_DIGITS + 1).take_while(|byte| byte.is_ascii_digit()).count();
            let Some(room) = number.digits.get_mut(number.count..number.count + group) else { break };
            if group == 0 || number.group_count > 0 && separator == at {
                break;
            }
            room.copy_from_slice(text.get(at..at + group)?);
            at += group;
            number.count += group;
            *number.groups.get_mut(number.group_count)? = (number.count, at);
            number.group_count += 1;
            if at >= text.len() {
                break;
            }
        }
        (number.group_count > 0).then_some(number)
    }

    /// The digits up to the end of each group, and where it ends in the text.
    fn prefixes(&self) -> impl DoubleEndedIterator<Item = (&[u8], usize, &[u8])> {
        self.groups
            .iter()
            .take(self.group_count)
            .enumerate()
            .map(|(at, (count, end))| (until(&self.digits, *count), *end, until(&self.separators, at)))
    }

    fn sizes(&self) -> [usize; MAX_GROUPS] {
        let mut sizes = [0; MAX_GROUPS];
        let mut before = 0;
        for (size, (count, _)) in sizes.iter_mut().zip(self.groups.iter().take(self.group_count)) {
            *size = count - before;
            before = *count;
        }
        sizes
    }
}

/// Returns where the number of a card, a person or a phone that begins at `start` ends.
pub(super) fn number_at(text: &[u8], start: usize) -> Option<usize> {
    // `x1`, `0.4111...` and `v-1` do not begin a number.
    let before = start.checked_sub(1).and_then(|at| text.get(at)).copied().unwrap_or(b' ');
    if before.is_ascii_alphanumeric()
        || before == b'.' && until(text, start - 1).last().is_some_and(u8::is_ascii_digit)
    {
        return None;
    }
    let number = Number::read(text, start)?;
    let end = card(&number).or_else(|| social(&number)).or_else(|| phone(&number))?;
    let after = text.get(end).copied().unwrap_or(b' ');
    (!after.is_ascii_alphanumeric()).then_some(end)
}

/// 13 to 19 digits that begin with 2 to 6 and pass Luhn's check (ISO/IEC 7812-1), whole or in groups. Milliseconds and
/// nanoseconds since 1970 begin with 1.
fn card(number: &Number) -> Option<usize> {
    let such = |(digits, _, separators): &(&[u8], usize, &[u8])| {
        is_card(digits) && separators.iter().all(|byte| b" -".contains(byte)) && !number.plus
    };
    number.prefixes().rev().find(such).map(|(_, end, _)| end)
}

/// Returns whether these digits are the number of a card.
pub(super) fn is_card(digits: &[u8]) -> bool {
    let luhn = digits.iter().rev().enumerate().map(|(at, digit)| {
        let value = u32::from(digit - b'0') * if at % 2 == 1 { 2 } else { 1 };
        value / 10 + value % 10
    });
    (13..=19).contains(&digits.len())
        && matches!(digits.first(), Some(b'2'..=b'6'))
        && luhn.sum::<u32>() % 10 == 0
}

/// A US social security number: 3-2-4 digits, the area not 000, 666 or from 900 on.
fn social(number: &Number) -> Option<usize> {
    let [3, 2, 4, 0, ..] = number.sizes() else { return None };
    let area = until(&number.digits, 3);
    let valid = area != b"000" && area != b"666" && !area.starts_with(b"9") && !number.plus;
    let (_, end, separators) = number.prefixes().next_back()?;
    (valid && separators == b"--").then_some(end)
}

/// A phone number: international with `+` or `00` (ITU-T E.123: at most 15 digits), North American in groups of 3, 3 and
/// 4, or national with a leading 0 in groups. Plain digits are none: they are ids and times more often.
fn phone(number: &Number) -> Option<usize> {
    let (digits, last, separators) = number.prefixes().next_back()?;
    if number.plus {
        return (8..=15).contains(&digits.len()).then_some(last);
    }
    let sizes = number.sizes();
    let grouped = !separators.is_empty();
    let blank = separators.iter().all(|byte| b" -/()".contains(byte));
    match digits {
        [b'0', b'0', b'1'..=b'9', ..] if (12..=17).contains(&digits.len()) && blank => Some(last),
        [b'0', b'1'..=b'9', ..]
            if grouped
                && blank
                && (9..=12).contains(&digits.len())
                && sizes.first().is_some_and(|first| (3..=5).contains(first)) =>
        {
            Some(last)
        }
        [b'2'..=b'9', ..] if matches!(sizes, [3, 3, 4, 0, ..]) => Some(last),
        [b'1', b'2'..=b'9', ..] if matches!(sizes, [1, 3, 3, 4, 0, ..]) => Some(last),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emails() {
        for text in ["john@example.com", "j.d+x@a-b.co.uk", "jörg@bücher.example", "a_b@x.io"] {
            assert!(is_email(text.as_bytes()), "{text}");
        }
        for text in
            ["", "@", "a@b", "@a.b", "a@1.2.3.4", "user@host.", "a@.com", "john@example.c0m", "a b@c.de"]
        {
            assert!(!is_email(text.as_bytes()), "{text}");
        }
        assert_eq!(email_at(b"a@b.cd, e", 0), Some(6));
        assert_eq!(email_at(b"a@b.cd.", 0), Some(6));
    }

    #[test]
    fn ibans() {
        let whole = |text: &str| iban_at(text.as_bytes(), 0) == Some(text.len());
        for text in [
            "DE89370400440532013000",
            "GB29 NWBK 6016 1331 9268 19",
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

    #[track_caller]
    fn number(text: &str, expected: bool) {
        assert_eq!(number_at(text.as_bytes(), 0) == Some(text.len()), expected, "{text}");
    }

    #[test]
    fn cards() {
        for text in [
            "4111111111111111",
            "4111 1111 1111 1111",
            "5500-0000-0000-0004",
            "378282246310005",
            "6011000990139424",
            "30569309025904",
        ] {
            number(text, true);
        }
        for text in [
            "4111111111111112",
            "1700000000123",
            "1700000000123456789",
            "0000000000000000",
            "1111111111111111",
        ] {
            number(text, false);
        }
        assert_eq!(number_at(b"4111 1111 1111 1111 123", 0), Some(19));
        assert_eq!(number_at(b"0.4111111111111111", 2), None);
    }

    #[test]
    fn phones_and_social_security() {
        for text in [
            "+14155552671",
            "+49 30 1234567",
            "+44 (0)20 7946 0958",
            "415-555-2671",
            "(415) 555-2671",
            "1-415-555-2671",
            "415.555.2671",
            "0044 20 7946 0958",
            "030 12345678",
            "0171-1234567",
            "078-05-1120",
            "+4915112345678",
            "020 7946 0958",
        ] {
            number(text, true);
        }
        for text in [
            "3",
            "77",
            "2024-01-31",
            "2024-01-31 10:00",
            "01-02-2024",
            "192.168.1.10",
            "10.20.30.40",
            "1700000000",
            "1.234.567",
            "12 345 678",
            "1,234.50",
            "00012",
            "000123456789",
            "555-2671",
            "2024",
            "+100",
            "0.30",
            "100-200-300",
            "978-3-16-148410-0",
            "666-12-1234",
        ] {
            number(text, false);
        }
    }

    #[test]
    fn no_input_panics() {
        for text in [
            "+",
            "(",
            "1 ",
            "1(",
            "1)))",
            "+-",
            "1-2-3-4-5-6-7-8-9-0-1-2",
            &"1".repeat(100),
            &"1 ".repeat(100),
        ] {
            for start in 0..text.len() {
                let _ = (
                    number_at(text.as_bytes(), start),
                    iban_at(text.as_bytes(), start),
                    email_at(text.as_bytes(), start),
                );
            }
        }
    }
}
