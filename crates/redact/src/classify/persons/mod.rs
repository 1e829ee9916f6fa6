//! Personal data by its form: e-mail addresses, numbers of cards, accounts, phones and people, addresses on networks.

mod check;
mod email;
mod money;
mod network;
mod number;
mod papers;
mod phone;
mod shapes;

pub(crate) use email::{email_at, is_email, is_local};
pub(crate) use money::iban_at;
pub(crate) use shapes::fits;

use super::bytes::until;
use super::label::Label;
use number::Number;

/// Returns where the number of a card, a person or a phone that begins at `start` ends, and which of them it is.
pub(crate) fn number_at(text: &[u8], start: usize) -> Option<(usize, Label)> {
    // `x1`, `0.4111...` and `v-1` do not begin a number.
    let before = start.checked_sub(1).and_then(|at| text.get(at)).copied().unwrap_or(b' ');
    if before.is_ascii_alphanumeric()
        || b".,".contains(&before) && until(text, start - 1).last().is_some_and(u8::is_ascii_digit)
    {
        return None;
    }
    let number = Number::read(text, start)?;
    let such = |end: Option<usize>, label| end.map(|end| (end, label));
    let (end, label) = such(money::card(&number), Label::Card)
        .or_else(|| such(papers::digits(&number), Label::NationalId))
        .or_else(|| such(phone::phone(&number), Label::Phone))?;
    let after = text.get(end).copied().unwrap_or(b' ');
    // An extension may follow: `x12`.
    let extension = after == b'x' && text.get(end + 1).is_some_and(u8::is_ascii_digit);
    (!after.is_ascii_alphanumeric() || extension).then_some((end, label))
}

/// Returns where the number with letters, or the address of a machine, that begins at `start`, where a word begins, ends, and
/// which of them it is.
pub(crate) fn mixed_at(text: &[u8], start: usize) -> Option<(usize, Label)> {
    let address = network::address_at(text, start).map(|end| (end, Label::NetworkAddress));
    let number = || papers::lettered(text, start).or_else(|| papers::zone(text, start));
    address.or_else(|| number().map(|end| (end, Label::NationalId)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(found: Option<(usize, Label)>) -> Option<usize> {
        found.map(|(end, _)| end)
    }

    #[track_caller]
    fn number(text: &str, expected: bool) {
        assert_eq!(end(number_at(text.as_bytes(), 0)) == Some(text.len()), expected, "{text}");
    }

    #[test]
    fn cards() {
        for text in [
            "4111111111111111",
            "4111 1111 1111 1111",
            "4111.1111.1111.1111",
            "4111\u{a0}1111\u{a0}1111\u{a0}1111",
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
            "4006381333931",
        ] {
            number(text, false);
        }
        assert_eq!(number_at(b"4111 1111 1111 1111 123", 0), Some((19, Label::Card)));
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
            "078 05 1120",
            "912-70-1234",
            "+4915112345678",
            "020 7946 0958",
            "01 47 98 56 29",
            "06.12.34.56.78",
            "98765 43210",
            "(11) 91234-5678",
            "090-1234-5678",
            "03-3123-4567",
            "138 0013 8000",
            "612 345 678",
            "8 (912) 345-67-89",
            "(02) 9876 5432",
            "0412 345 678",
            "111.444.777-35",
            "11.222.333/0001-81",
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
            "0306406152",
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
        assert_eq!(number_at(b"415-555-2671x12", 0), Some((12, Label::Phone)));
    }

    #[test]
    fn numbers_with_letters() {
        let whole = |text: &str| end(mixed_at(text.as_bytes(), 0)) == Some(text.len());
        for text in [
            "12345678Z",
            "X1234567L",
            "ABCPE1234F",
            "AB123456C",
            "AB 12 34 56 C",
            "RSSMRA85T10A562S",
            "1M8GDM9AXKP042788",
            "WVWZZZ1JZXW000001",
            "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
            "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
        ] {
            assert!(whole(text), "{text}");
        }
        for text in ["12345678A", "ABCDE1234F", "DF123456C", "RSSMRA85T10A562T", "ABCDEFGHIJKLMNOPQ"] {
            assert!(!whole(text), "{text}");
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
            "AB",
            "AB 1",
            "\"@",
            "a@[",
            "::",
            "1.1.1.",
            "P<",
            &"1".repeat(100),
            &"1 ".repeat(100),
        ] {
            for start in 0..text.len() {
                let text = text.as_bytes();
                let _ = (
                    number_at(text, start),
                    iban_at(text, start),
                    email_at(text, start),
                    mixed_at(text, start),
                );
            }
        }
    }
}
