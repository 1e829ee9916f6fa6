//! What stands in the place of a value: the same kind and shape, and plainly not real.
//!
//! A surrogate depends on the kind and the shape of the value alone. So it gives nothing away, the same value has the
//! same one everywhere, and what was sent before is sent again after a restart. It is never the value itself.

use crate::classify::{Alphabet, Kind, beginning_of, kind_of_text};

/// The longest surrogate, in characters.
const MAX_SURROGATE: usize = 256;

/// A JSON Web Token that says of itself that it is none: `{"alg":"none","typ":"JWT"}`, `{"sub":"fake"}`, `fake`.
const JWT: &str = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiJmYWtlIn0.ZmFrZQ";
const OTHER_JWT: &str = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiJzaGFtIn0.c2hhbQ";

/// Two surrogates for everything: the second is for values that look like the first.
#[derive(Clone, Copy)]
struct Fakes {
    digit: char,
    lower: char,
    upper: char,
    word: &'static str,
    hex: &'static str,
    uuid: &'static str,
    date: &'static str,
    email: &'static str,
    jwt: &'static str,
    key: &'static str,
}

const FIRST: Fakes = Fakes {
    digit: '1',
    lower: 'x',
    upper: 'X',
    word: "1Fake",
    hex: "fa4e",
    uuid: "fa4e0000-0000-4000-8000-000000000000",
    date: "2000-01-01T00:00:00.000000000",
    email: "user1@example.com",
    jwt: JWT,
    key: "-----BEGIN PRIVATE KEY-----\nZmFrZQ==\n-----END PRIVATE KEY-----",
};

const SECOND: Fakes = Fakes {
    digit: '2',
    lower: 'y',
    upper: 'Y',
    word: "2Sham",
    hex: "5a4e",
    uuid: "5a4e0000-0000-4000-8000-000000000000",
    date: "2002-02-02T02:02:02.020202020",
    email: "user2@example.com",
    jwt: OTHER_JWT,
    key: "-----BEGIN PRIVATE KEY-----\nc2hhbQ==\n-----END PRIVATE KEY-----",
};

/// Returns what stands in the place of a credential: its typed kind and its length stay, nothing else.
pub(crate) fn credential(value: &str) -> String {
    different(value, |fakes| typed(value, fakes).unwrap_or_else(|| word(value, fakes)))
}

/// Returns what stands in the place of any other value: letters stay letters, digits digits, and what is between them stays.
pub(crate) fn value(value: &str) -> String {
    different(value, |fakes| typed(value, fakes).unwrap_or_else(|| each(value, fakes)))
}

/// Returns what stands in the place of a number of JSON: its digits alone change, so that it stays one (`1e10`).
pub(crate) fn number(value: &str) -> String {
    let digits =
        |digit: char| value.chars().map(|one| if one.is_ascii_digit() { digit } else { one }).collect();
    different(value, |fakes| digits(fakes.digit))
}

fn different(value: &str, fake: impl Fn(Fakes) -> String) -> String {
    let first = fake(FIRST);
    if first == value { fake(SECOND) } else { first }
}

/// Returns the surrogate of a value of a typed kind.
fn typed(value: &str, fakes: Fakes) -> Option<String> {
    if value.starts_with("-----BEGIN ") {
        return Some(fakes.key.to_owned());
    }
    let length = value.len().min(MAX_SURROGATE);
    Some(match kind_of_text(value.as_bytes()) {
        Kind::Number => each(value, fakes),
        Kind::Uuid => fakes.uuid.to_owned(),
        Kind::Ulid => format!("01{}", cycle(if fakes.digit == '1' { "FAKE" } else { "SHAM" }, 24)),
        Kind::Hex if value.bytes().any(|byte| byte.is_ascii_uppercase()) => {
            cycle(fakes.hex, length).to_ascii_uppercase()
        }
        Kind::Hex => cycle(fakes.hex, length),
        Kind::Date => date(value, fakes),
        Kind::Email => fakes.email.to_owned(),
        Kind::Token if value.starts_with("eyJ") => fakes.jwt.to_owned(),
        Kind::Token => {
            let Some((prefix, alphabet)) = beginning_of(value) else { return Some(word(value, fakes)) };
            prefix.to_owned() + &tail(alphabet, length.saturating_sub(prefix.len()), fakes)
        }
        Kind::Word | Kind::Unsettled | Kind::Other => return None,
    })
}

/// Returns what follows the beginning of a known token, in its alphabet.
fn tail(alphabet: Alphabet, length: usize, fakes: Fakes) -> String {
    match alphabet {
        Alphabet::Digits => cycle(&fakes.digit.to_string(), length),
        Alphabet::Hex | Alphabet::HexDash => cycle(fakes.hex, length),
        Alphabet::Upper => cycle(fakes.word, length).to_ascii_uppercase(),
        Alphabet::Lower => cycle(fakes.word, length).to_ascii_lowercase(),
        _ => cycle(fakes.word, length),
    }
}

/// Returns a made-up word of as many characters, in upper case if the value has no other letters.
fn word(value: &str, fakes: Fakes) -> String {
    let fake = cycle(fakes.word, value.chars().take(MAX_SURROGATE).count());
    let upper = value.bytes().any(|byte| byte.is_ascii_uppercase())
        && !value.bytes().any(|byte| byte.is_ascii_lowercase());
    if upper { fake.to_ascii_uppercase() } else { fake }
}

fn cycle(word: &str, length: usize) -> String {
    word.chars().cycle().take(length).collect()
}

/// Returns a date with the digits of a made-up one at each place; those of a time zone are zeros.
fn date(value: &str, fakes: Fakes) -> String {
    let fake = fakes.date.as_bytes();
    let zone = value.get(11..).and_then(|time| time.find(['+', '-'])).map_or(value.len(), |at| at + 11);
    let digit = |(at, one): (usize, char)| match fake.get(at) {
        _ if !one.is_ascii_digit() => one,
        Some(digit) if digit.is_ascii_digit() && at < zone => char::from(*digit),
        _ => '0',
    };
    value.char_indices().map(digit).collect()
}

fn each(value: &str, fakes: Fakes) -> String {
    let fake = |one: char| match one {
        _ if one.is_numeric() => fakes.digit,
        _ if one.is_uppercase() => fakes.upper,
        _ if one.is_alphabetic() => fakes.lower,
        _ => one,
    };
    value.chars().take(MAX_SURROGATE).map(fake).collect()
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn kinds_and_shapes_stay() {
        let cases = [
            ("77", "11"),
            ("-5", "-1"),
            ("11", "22"),
            ("4111111111111111", "1111111111111111"),
            ("4111 1111 1111 1111", "1111 1111 1111 1111"),
            ("+49 (30) 123-456", "+11 (11) 111-111"),
            ("550e8400-e29b-41d4-a716-446655440000", FIRST.uuid),
            (FIRST.uuid, SECOND.uuid),
            ("01ARZ3NDEKTSV4RRFFQ69G5FAV", "01FAKEFAKEFAKEFAKEFAKEFAKE"),
            ("507f1f77bcf86cd799439011", "fa4efa4efa4efa4efa4efa4e"),
            ("2024-05-31", "2000-01-01"),
            ("2024-05-31T08:09:10.123+02:00", "2000-01-01T00:00:00.000+00:00"),
            ("john@example.com", "user1@example.com"),
            ("user1@example.com", "user2@example.com"),
            ("ghp_16C7e42F292c6912E7710c838347Ae178B4a", "ghp_1Fake1Fake1Fake1Fake1Fake1Fake1Fake1"),
            ("AKIAIOSFODNN7EXAMPLE", "AKIA1FAKE1FAKE1FAKE1"),
            ("DE89 3704", "XX11 1111"),
        ];
        for (real, fake) in cases {
            assert_eq!(value(real), fake, "{real}");
        }
        assert_eq!(credential("hunter2!"), "1Fake1Fa");
        assert_eq!(credential("737"), "111");
        assert_eq!(value("Widget ä2"), "Xxxxxx x1");
        assert_eq!((number("1e10").as_str(), number("-1.1E-1").as_str()), ("1e11", "-2.2E-2"));
    }

    #[test]
    fn jwts_decode() {
        for jwt in [JWT, OTHER_JWT] {
            assert_eq!(kind_of_text(jwt.as_bytes()), Kind::Token);
            let parts: Vec<_> = jwt.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap()).collect();
            assert_eq!(serde_json::from_slice::<serde_json::Value>(&parts[0]).unwrap()["alg"], "none");
            assert!(serde_json::from_slice::<serde_json::Value>(&parts[1]).unwrap()["sub"].is_string());
        }
    }

    fn typed_values() -> impl Strategy<Value = String> {
        prop_oneof![
            "-?[0-9]{1,25}",
            "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
            "[0-9a-f]{15}[a-f]{1,30}",
            "[0-9A-F]{15}[A-F]{1,30}",
            "[0-7][0-9A-HJKMNP-TV-Z]{24}[A-H]",
            "20[0-9]{2}-0[1-9]-1[0-9](T1[0-9]:[0-5][0-9]:00(Z|[+-]0[0-9]:00))?",
            "[a-z]{1,9}@[a-z]{1,9}\\.com",
            "[A-Za-z0-9_-]{20,60}",
            "eyJ[A-Za-z0-9_-]{20,60}\\.[A-Za-z0-9_-]{4,9}",
        ]
    }

    proptest! {
        #[test]
        fn a_surrogate_has_the_class_of_its_value(real in typed_values()) {
            let kind = kind_of_text(real.as_bytes());
            prop_assume!(kind.class().is_some());
            for fake in [credential(&real), value(&real)] {
                prop_assert_eq!(kind_of_text(fake.as_bytes()).class(), kind.class(), "{}", fake);
                prop_assert_ne!(&fake, &real);
            }
        }

        #[test]
        fn any_text_has_another_of_bounded_length(real in "\\PC{1,600}") {
            prop_assert_ne!(credential(&real), real.clone());
            prop_assert!(value(&real).chars().count() <= MAX_SURROGATE);
        }
    }
}
