//! Check digits.

/// The value of a digit.
pub(super) fn value(digit: u8) -> u32 {
    u32::from(digit.wrapping_sub(b'0') & 15)
}

/// Returns whether digits pass the check of Luhn (ISO/IEC 7812-1).
pub(super) fn luhn(digits: &[u8]) -> bool {
    let doubled = digits.iter().rev().enumerate().map(|(at, digit)| {
        let value = value(*digit) * if at % 2 == 1 { 2 } else { 1 };
        value / 10 + value % 10
    });
    doubled.sum::<u32>() % 10 == 0
}

/// Returns whether digits pass the check of GS1, which barcodes have.
pub(super) fn gs1(digits: &[u8]) -> bool {
    let weighted =
        digits.iter().rev().enumerate().map(|(at, digit)| value(*digit) * if at % 2 == 1 { 3 } else { 1 });
    weighted.sum::<u32>() % 10 == 0
}

/// The sum of digits with weights.
pub(super) fn weighted(digits: &[u8], weights: impl IntoIterator<Item = u32>) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| value(*digit) * weight).sum()
}

/// The remainder of a decimal number.
pub(super) fn remainder(digits: &[u8], by: u32) -> u32 {
    digits.iter().fold(0, |sum, digit| (sum * 10 + value(*digit)) % by)
}

/// Returns whether digits pass the check of Verhoeff: sums in the group of the symmetries of a pentagon, of digits moved by a
/// permutation as often as their place says.
pub(super) fn verhoeff(digits: &[u8]) -> bool {
    const MOVED: [u32; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let moved = |digit: u32, often: usize| {
        (0..often).fold(digit, |digit, _| MOVED.get(digit as usize).copied().unwrap_or(0))
    };
    let sum = digits
        .iter()
        .rev()
        .enumerate()
        .fold(0, |sum, (at, digit)| pentagon(sum, moved(value(*digit), at % 8)));
    sum == 0
}

/// The product of two symmetries of a pentagon: 0 to 4 turn it, 5 to 9 turn it over.
fn pentagon(first: u32, second: u32) -> u32 {
    match (first < 5, second < 5) {
        (true, true) => (first + second) % 5,
        (true, false) => 5 + (first + second - 5) % 5,
        (false, true) => 5 + (first + 5 - second) % 5,
        (false, false) => (first + 5 - second) % 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_numbers() {
        assert!(luhn(b"4111111111111111") && !luhn(b"4111111111111112"));
        assert!(gs1(b"4006381333931") && !gs1(b"4006381333932"));
        assert!(verhoeff(b"2363") && !verhoeff(b"2364"));
        assert_eq!(remainder(b"1234567890", 97), 1_234_567_890 % 97);
    }
}
