//! Whether a value under a personal name looks like what the name says.

use super::super::flags::is_flag;
use super::super::names::Shape;
use super::network::has_address;

/// Returns whether a value has the shape.
pub(crate) fn fits(shape: Shape, value: &str) -> bool {
    let value = value.trim();
    // More words may follow in text.
    let first = value.split_whitespace().next().unwrap_or_default();
    match shape {
        Shape::Any => value.chars().any(char::is_alphanumeric) && !is_flag(value),
        Shape::Digits(least) => value.bytes().filter(u8::is_ascii_digit).count() >= usize::from(least),
        Shape::Email => value.len() > 2 && !value.contains(' ') && !is_flag(value),
        Shape::Ip => has_address(value),
        Shape::Fraction => {
            value.contains(['.', ',', '\u{b0}']) && value.bytes().any(|byte| byte.is_ascii_digit())
        }
        Shape::Month => is_month(value) || is_month(first),
        Shape::Bic => is_bic(first),
    }
}

/// `12/27`, `12-2027`, `2027-12`, `1227`, or a day in full: `2027-12-31`, `31.12.2027`.
fn is_month(value: &str) -> bool {
    if value.len() == 10 && is_day(value) {
        return true;
    }
    let digits: Vec<u8> = value.bytes().filter(u8::is_ascii_digit).collect();
    let marks = value.bytes().filter(|byte| !byte.is_ascii_digit() && *byte != b' ').count();
    let month = |text: &[u8]| matches!(text, [b'0', b'1'..=b'9'] | [b'1', b'0'..=b'2'] | [b'1'..=b'9']);
    let first = value.bytes().take_while(u8::is_ascii_digit).count();
    let parts = digits.split_at_checked(if marks == 0 { 2 } else { first });
    parts.is_some_and(|(one, other)| {
        marks <= 1
            && (month(one) && matches!(other.len(), 2 | 4) || one.len() == 4 && marks == 1 && month(other))
    })
}

/// Three numbers, one of four digits at an end and two of two.
fn is_day(value: &str) -> bool {
    let parts: Vec<&str> = value.split(['-', '/', '.']).collect();
    let digits = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit());
    let sizes: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    parts.iter().all(digits) && (sizes == [4, 2, 2] || sizes == [2, 2, 4])
}

/// Four letters of a bank, two of a country, two of a place, perhaps three of a branch (ISO 9362).
fn is_bic(value: &str) -> bool {
    let alphanumeric = value.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let letters = value.bytes().take(6).all(|byte| byte.is_ascii_alphabetic());
    matches!(value.len(), 8 | 11) && alphanumeric && letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_of_values() {
        for value in ["12/27", "1/2027", "12-27", "2027-12", "0127", "2027-12-31", "31.12.2027"] {
            assert!(fits(Shape::Month, value), "{value}");
        }
        for value in ["13/27", "2024-12-31T00:00:00Z", "3600", "12", "", "1700000000"] {
            assert!(!fits(Shape::Month, value), "{value}");
        }
        assert!(fits(Shape::Bic, "DEUTDEFF") && fits(Shape::Bic, "DEUTDEFF500") && !fits(Shape::Bic, "5.9"));
        assert!(fits(Shape::Fraction, "52.5") && !fits(Shape::Fraction, "52"));
        assert!(fits(Shape::Any, "Berlin") && !fits(Shape::Any, "none") && !fits(Shape::Any, "-"));
    }
}
