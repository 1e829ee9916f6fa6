//! Ranges whose ends are powers of ten, so that they tell the size of values and no value.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The largest power of ten that is told: doubles end at 10^308.
const MAX_POWER: i16 = 308;

/// A range of numbers or lengths, from a power of ten to a power of ten, or zero. Empty by default.
///
/// An end is written as a code: 0 is 0, `k` is 10^(k-1), `-k` is -10^(k-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Span(i16, i16);

impl Default for Span {
    fn default() -> Span {
        Span(i16::MAX, i16::MIN)
    }
}

impl Span {
    /// All numbers: its ends are further away than any that is told.
    pub(crate) const ANY: Span = Span(-(MAX_POWER + 2), MAX_POWER + 2);

    /// Returns the range of a length.
    pub(crate) fn of_length(length: usize) -> Span {
        let Some(power) = length.checked_ilog10() else { return Span(0, 0) };
        let power = i16::try_from(power + 1).unwrap_or(MAX_POWER);
        let exact = 10_usize.checked_pow(length.ilog10()) == Some(length);
        Span(power, power + i16::from(!exact))
    }

    /// Returns the range of a number as JSON writes it; none where it is none.
    pub(crate) fn of_number(text: &str) -> Option<Span> {
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        if !digits.starts_with(|first: char| first.is_ascii_digit()) {
            return None;
        }
        let span = match digits.bytes().any(|byte| !byte.is_ascii_digit() && byte != b'.') {
            true => Span::of_float(digits.parse().ok()?)?,
            false => Span::of_decimal(digits)?,
        };
        Some(if negative { Span(-span.1, -span.0) } else { span })
    }

    /// The range of a number that is not negative, written without an exponent.
    fn of_decimal(text: &str) -> Option<Span> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        if fraction.contains('.') {
            return None;
        }
        let whole = whole.trim_start_matches('0');
        let only_zeros = |digits: &str| digits.bytes().all(|byte| byte == b'0');
        let power = i16::try_from(whole.len()).unwrap_or(MAX_POWER + 2).min(MAX_POWER + 2);
        let exact = if power == 0 { true } else { whole.strip_prefix('1').is_some_and(only_zeros) };
        Some(Span(power, power + i16::from(!(exact && only_zeros(fraction)))))
    }

    /// The range of a number that is not negative.
    fn of_float(number: f64) -> Option<Span> {
        if !number.is_finite() {
            return Some(Span(MAX_POWER + 2, MAX_POWER + 2));
        }
        let written = format!("{number:e}");
        let (mantissa, power) = written.split_once('e')?;
        let power: i16 = power.parse().ok()?;
        Some(match power {
            _ if number == 0.0 => Span(0, 0),
            ..0 => Span(0, 1),
            _ => Span(power + 1, power + 1 + i16::from(mantissa != "1")),
        })
    }

    /// Returns the smallest range that has both in it.
    pub(crate) fn join(self, other: Span) -> Span {
        Span(self.0.min(other.0), self.1.max(other.1))
    }

    /// Returns its lower end, unless it is empty or there is no such number.
    pub(super) fn low(self) -> Option<Value> {
        (self.0 <= self.1).then(|| power(self.0)).flatten()
    }

    /// Returns its upper end, unless it is empty or there is no such number.
    pub(super) fn high(self) -> Option<Value> {
        (self.0 <= self.1).then(|| power(self.1)).flatten()
    }

    /// Returns whether zero is its lower end.
    pub(super) fn begins_at_zero(self) -> bool {
        self.0 == 0
    }

    /// Returns whether nothing is in it.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
    pub(crate) fn is_empty(&self) -> bool {
        self.0 > self.1
    }
}

/// The number that a code stands for.
fn power(code: i16) -> Option<Value> {
    let power = u32::from(code.unsigned_abs().saturating_sub(1));
    let sign = if code < 0 { -1 } else { 1 };
    match code {
        0 => Some(0.into()),
        _ if power > MAX_POWER.unsigned_abs().into() => None,
        _ => match 10_i64.checked_pow(power) {
            Some(number) => Some((sign * number).into()),
            None => serde_json::from_str(&format!("{}1e{power}", if code < 0 { "-" } else { "" })).ok(),
        },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ends(text: &str) -> (Option<f64>, Option<f64>) {
        let span = Span::of_number(text).unwrap();
        (span.low().and_then(|low| low.as_f64()), span.high().and_then(|high| high.as_f64()))
    }

    #[test]
    fn numbers_lie_between_powers_of_ten() {
        for (text, low, high) in [
            ("0", 0.0, 0.0),
            ("-0", 0.0, 0.0),
            ("1", 1.0, 1.0),
            ("7", 1.0, 10.0),
            ("10", 10.0, 10.0),
            ("4711", 1000.0, 10_000.0),
            ("0.5", 0.0, 1.0),
            ("0.0", 0.0, 0.0),
            ("1.0", 1.0, 1.0),
            ("10.5", 10.0, 100.0),
            ("12.5", 10.0, 100.0),
            ("1e3", 1000.0, 1000.0),
            ("-7", -10.0, -1.0),
            ("-0.5", -1.0, 0.0),
            ("18446744073709551616", 1e19, 1e20),
        ] {
            assert_eq!(ends(text), (Some(low), Some(high)), "{text}");
        }
        assert_eq!(ends("1e400"), (None, None));
        assert_eq!(ends(&"9".repeat(400)), (None, None));
        assert_eq!((Span::of_number("x"), Span::of_number("1.2.3"), Span::of_number("")), (None, None, None));
        assert_eq!(
            [0, 1, 9, 10, 11].map(Span::of_length),
            [Span(0, 0), Span(1, 1), Span(1, 2), Span(2, 2), Span(2, 3)]
        );
    }

    proptest! {
        #[test]
        fn every_number_lies_in_its_range(number in prop::num::f64::NORMAL, whole: i64) {
            for text in [number.to_string(), format!("{number:e}"), whole.to_string()] {
                let (low, high) = ends(&text);
                let value: f64 = text.parse().unwrap();
                prop_assert!(low.is_none_or(|low| low <= value) && high.is_none_or(|high| value <= high), "{}", text);
            }
        }
    }
}
