//! Numbers of phones.

use super::check::weighted;
use super::number::Number;

/// A phone number: international with `+` or `00` (ITU-T E.123: at most 15 digits), or national in the groups that people of
/// some country write. Digits in a row are ids and times more often, but for those that few ids begin with.
pub(super) fn phone(number: &Number) -> Option<usize> {
    let digits = number.digits();
    let such = match digits {
        _ if number.plus => (8..=15).contains(&digits.len()),
        [b'0', b'0', b'1'..=b'9', ..] => {
            (12..=17).contains(&digits.len())
                && number.separators().iter().all(|byte| b" -/()".contains(byte))
        }
        _ if number.group_count == 1 => is_plain(digits),
        _ => is_national(number, digits),
    };
    such.then_some(number.end())
}

/// Ten or eleven digits in a row: with a zero for the country and no second one, as a mobile of China, or with the 8 of Russia.
fn is_plain(digits: &[u8]) -> bool {
    match digits {
        [b'0', b'1'..=b'9', ..] => matches!(digits.len(), 10 | 11) && !is_book(digits),
        [b'1', b'3'..=b'9', ..] | [b'8', b'9', ..] => digits.len() == 11,
        _ => false,
    }
}

/// Returns whether this is the number of a book (ISBN-10), by its check digit.
fn is_book(digits: &[u8]) -> bool {
    digits.len() == 10 && weighted(digits, (1..=10).rev()).is_multiple_of(11)
}

fn is_national(number: &Number, digits: &[u8]) -> bool {
    let blank = number.is_split_by(b" -/()");
    let trunk = matches!(digits, [b'0', b'1'..=b'9', ..]);
    let next = digits.get(1).copied().unwrap_or(0);
    match (digits.first().copied().unwrap_or(0), number.sizes()) {
        // North America: 415-555-2671, 1-415-555-2671.
        (b'2'..=b'9', [3, 3, 4, 0, ..]) | (b'1', [1, 3, 3, 4, 0, ..]) => true,
        // France: 01 47 98 56 29.
        (b'0', [2, 2, 2, 2, 2, 0, ..]) => trunk && number.is_split_by(b" .-"),
        // India: 98765 43210.
        (b'6'..=b'9', [5, 5, 0, ..]) => number.is_split_by(b" -"),
        // Brazil: (11) 91234-5678.
        (b'1'..=b'9', [2, 4..=5, 4, 0, ..]) => number.bracket || number.separators() == b" -",
        // China: 138 0013 8000.
        (b'1', [3, 4, 4, 0, ..]) => (b'3'..=b'9').contains(&next) && blank,
        // Spain: 612 345 678, 612 34 56 78.
        (b'6'..=b'9', [3, 3, 3, 0, ..] | [3, 2, 2, 2, 0, ..]) => number.is_split_by(b" "),
        // Russia: 8 (912) 345-67-89.
        (b'7' | b'8', [1, 3, 3, 2, 2, 0, ..]) => blank,
        // Japan, Australia, Germany, Italy, the UK and others: a zero, the area, one to three groups.
        (b'0', [2, second, 0, ..]) => trunk && blank && second >= 6 && (9..=12).contains(&digits.len()),
        (b'0', [2, second, third, 0, ..]) => {
            trunk && blank && second.min(third) >= 3 && (9..=12).contains(&digits.len())
        }
        (b'0', [3..=5, ..]) => trunk && blank && (9..=12).contains(&digits.len()),
        _ => false,
    }
}
