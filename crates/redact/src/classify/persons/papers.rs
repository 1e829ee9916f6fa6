//! Numbers of papers, people and things that belong to them, by their check digits where they have some.

use super::super::bytes::{from, until};
use super::check::{luhn, remainder, value, verhoeff, weighted};
use super::number::Number;

/// The letters of Spain's check.
const SPAIN: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";

/// The number of a person, in digits alone: where it ends.
pub(super) fn digits(number: &Number) -> Option<usize> {
    if number.plus || number.bracket {
        return None;
    }
    let (digits, between) = (number.digits(), number.separators());
    let such = match number.sizes() {
        [3, 2, 4, 0, ..] => {
            number.is_split_by(b"- ") && between.first() == between.last() && is_social(digits)
        }
        [3, 3, 3, 2, 0, ..] => between == b"..-" && is_cpf(digits),
        [11, 0, ..] => is_cpf(digits),
        [2, 3, 3, 4, 2, 0, ..] => between == b"../-" && is_cnpj(digits),
        [4, 4, 4, 0, ..] => {
            number.is_split_by(b" -") && matches!(digits.first(), Some(b'2'..=b'9')) && verhoeff(digits)
        }
        [6, 4, 0, ..] => between == b"-" && is_birth(digits) && luhn(digits),
        [8, 4, 0, ..] => between == b"-" && is_birth(from(digits, 2)) && luhn(from(digits, 2)),
        [12, 0, ..] => digits.starts_with(b"19") && is_birth(from(digits, 2)) && luhn(from(digits, 2)),
        [15, 0, ..] => is_insee(digits) || is_imei(digits),
        [1, 2, 2, 2, 3, 3, 2, 0, ..] => number.is_split_by(b" ") && is_insee(digits),
        [2, 6, 6, 1, 0, ..] => number.is_split_by(b"- ") && is_imei(digits),
        _ => false,
    };
    such.then_some(number.end())
}

/// Social security numbers of the US (no area 000 or 666, no group 00), and those that its tax office gives, from 900 on.
fn is_social(digits: &[u8]) -> bool {
    let (area, group, serial) = (until(digits, 3), until(from(digits, 3), 2), from(digits, 5));
    let group = remainder(group, 100);
    let taxes = !area.starts_with(b"9") || matches!(group, 50..=65 | 70..=88 | 90..=92 | 94..=99);
    area != b"000" && area != b"666" && group != 0 && serial != b"0000" && taxes
}

/// The numbers of people in Brazil.
fn is_cpf(digits: &[u8]) -> bool {
    let check = |many: usize| weighted(until(digits, many), (2..=many as u32 + 1).rev()) * 10 % 11 % 10;
    let is = |at: usize| digits.get(at).is_some_and(|digit| value(*digit) == check(at));
    digits.len() == 11 && is(9) && is(10) && !digits.iter().all(|digit| Some(digit) == digits.first())
}

/// The numbers of companies in Brazil.
fn is_cnpj(digits: &[u8]) -> bool {
    let check = |many: usize| {
        let weights = (2..=9).cycle().take(many).collect::<Vec<u32>>();
        let rest = weighted(until(digits, many), weights.into_iter().rev()) % 11;
        if rest < 2 { 0 } else { 11 - rest }
    };
    let is = |at: usize| digits.get(at).is_some_and(|digit| value(*digit) == check(at));
    digits.len() == 14 && is(12) && is(13)
}

/// Year, month and day in two digits each, as personnummer begin.
fn is_birth(digits: &[u8]) -> bool {
    let two = |at: usize| remainder(until(from(digits, at), 2), 100);
    // From 60 on for numbers of people who have none yet.
    (1..=12).contains(&two(2)) && matches!(two(4), 1..=31 | 61..=91)
}

/// The numbers of people in France.
fn is_insee(digits: &[u8]) -> bool {
    let month = remainder(until(from(digits, 3), 2), 100);
    let check = remainder(from(digits, 13), 100);
    matches!(digits.first(), Some(b'1' | b'2'))
        && matches!(month, 1..=12 | 20..=42)
        && check + remainder(until(digits, 13), 97) == 97
}

/// The numbers of phones as things: most begin with 35 or 86, the country that let them in.
fn is_imei(digits: &[u8]) -> bool {
    digits.len() == 15
        && (digits.starts_with(b"35") || digits.starts_with(b"86") || digits.starts_with(b"01"))
        && luhn(digits)
}

/// Returns where the number with letters that begins at `start` ends.
pub(super) fn lettered(text: &[u8], start: usize) -> Option<usize> {
    let rest = from(text, start);
    if let Some(length) = insurance(rest) {
        return Some(start + length);
    }
    let run = rest.iter().take(18).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let word = until(rest, run);
    let such = match run {
        9 => is_spanish(word),
        10 => is_indian(word),
        16 => is_codice(word),
        17 => is_vehicle(word),
        _ => false,
    };
    such.then_some(start + run)
}

/// The numbers of people (DNI) and of foreigners (NIE) in Spain.
fn is_spanish(word: &[u8]) -> bool {
    let Some((check, body)) = word.split_last() else { return false };
    let (first, digits) = match body {
        [letter @ (b'X' | b'Y' | b'Z' | b'x' | b'y' | b'z'), rest @ ..] => {
            (u32::from(letter.to_ascii_uppercase() - b'X'), rest)
        }
        _ => (0, body),
    };
    let number = digits.iter().fold(first, |sum, digit| (sum * 10 + value(*digit)) % 23);
    digits.iter().all(u8::is_ascii_digit) && SPAIN.get(number as usize) == Some(&check.to_ascii_uppercase())
}

/// The tax numbers of India: five letters, of which the fourth is the kind of holder, four digits, a letter.
fn is_indian(word: &[u8]) -> bool {
    let [a, b, c, kind, e, digits @ .., last] = word else { return false };
    let letters = [a, b, c, e, last].into_iter().all(u8::is_ascii_uppercase);
    letters && b"PCHFATBLJG".contains(kind) && digits.iter().all(u8::is_ascii_digit)
}

/// Codici fiscali of Italy, with their check letter.
fn is_codice(word: &[u8]) -> bool {
    const ODD: [u32; 26] =
        [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    let letter = |at: usize| word.get(at).is_some_and(u8::is_ascii_alphabetic);
    // In the place of digits letters may stand, so only some are asked for.
    if !((0..6).all(letter) && letter(8) && letter(11) && letter(15) && word.iter().any(u8::is_ascii_digit)) {
        return false;
    }
    let place = |byte: u8| {
        if byte.is_ascii_digit() {
            value(byte)
        } else {
            u32::from(byte.to_ascii_uppercase().wrapping_sub(b'A'))
        }
    };
    let sum: u32 = until(word, 15)
        .iter()
        .enumerate()
        .map(|(at, byte)| {
            let place = place(*byte);
            if at % 2 == 0 { ODD.get(place as usize).copied().unwrap_or(0) } else { place }
        })
        .sum();
    word.last().is_some_and(|last| place(*last) == sum % 26)
}

/// Numbers of vehicles (ISO 3779): with the check digit of North America and others, or of the form that Europe's have.
fn is_vehicle(word: &[u8]) -> bool {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let value = |byte: u8| match byte {
        b'0'..=b'9' => Some(value(byte)),
        b'A'..=b'H' => Some(u32::from(byte - b'A') + 1),
        b'J'..=b'N' | b'P' | b'R' => Some(u32::from(byte - b'J') + 1),
        b'S'..=b'Z' => Some(u32::from(byte - b'S') + 2),
        _ => None,
    };
    let sum = word.iter().zip(WEIGHTS).try_fold(0, |sum, (byte, weight)| Some(sum + value(*byte)? * weight));
    let check = match word.get(8) {
        Some(b'X') => Some(10),
        Some(digit @ b'0'..=b'9') => Some(u32::from(digit - b'0')),
        _ => None,
    };
    let letters = word.iter().filter(|byte| byte.is_ascii_uppercase()).count();
    // Europe's have no check digit, but a maker in letters and a number at the end.
    let maker = until(word, 3).iter().filter(|byte| byte.is_ascii_uppercase()).count() > 1;
    let numbered = from(word, 13).iter().all(u8::is_ascii_digit) && maker && letters > 3 && letters < 13;
    let mixed = letters > 0 && letters < 17;
    sum.is_some_and(|sum| mixed && (check == Some(sum % 11) || numbered))
}

/// The length of a national insurance number of the UK: two letters, six digits, a letter; with blanks or without.
fn insurance(rest: &[u8]) -> Option<usize> {
    let [first, second, ..] = rest else { return None };
    let letters = |byte: &u8, without: &[u8]| byte.is_ascii_uppercase() && !without.contains(byte);
    if !(letters(first, b"DFIQUV") && letters(second, b"DFIQUVO")) {
        return None;
    }
    let mut at = 2;
    for _ in 0..3 {
        at += usize::from(rest.get(at) == Some(&b' '));
        let pair = until(from(rest, at), 2);
        if pair.len() < 2 || !pair.iter().all(u8::is_ascii_digit) {
            return None;
        }
        at += 2;
    }
    at += usize::from(rest.get(at) == Some(&b' '));
    let ends = !rest.get(at + 1).is_some_and(u8::is_ascii_alphanumeric);
    (matches!(rest.get(at), Some(b'A'..=b'D')) && ends).then_some(at + 1)
}

/// Returns where the line of a machine-readable zone (ICAO 9303) that begins at `start` ends.
pub(super) fn zone(text: &[u8], start: usize) -> Option<usize> {
    let rest = from(text, start);
    let is_zone = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'<';
    let run = rest.iter().take(45).take_while(|byte| is_zone(byte)).count();
    let line = until(rest, run);
    if !matches!(run, 30 | 36 | 44) || !line.contains(&b'<') {
        return None;
    }
    let names = matches!(line.first(), Some(b'P' | b'I' | b'A' | b'C' | b'V'))
        && memchr::memmem::find(line, b"<<").is_some();
    (names || is_checked(line)).then_some(start + run)
}

/// Returns whether the number at the beginning of a line of a zone has its check digit.
fn is_checked(line: &[u8]) -> bool {
    let value = |byte: u8| match byte {
        b'0'..=b'9' => value(byte),
        b'A'..=b'Z' => u32::from(byte - b'A') + 10,
        _ => 0,
    };
    let number =
        until(line, 9).iter().zip([7, 3, 1].iter().cycle()).map(|(byte, weight)| value(*byte) * weight);
    line.get(9).is_some_and(|check| value(*check) == number.sum::<u32>() % 10)
}
