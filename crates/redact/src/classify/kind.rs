//! What a segment is: a word of the path, or a value, by typed rules.

use super::bytes::{DIGIT, HEX, HEX_LOWER, JOIN, LETTER, LOWER, MARK, ODD, kinds_of, only};
use super::ids::{is_date, is_ulid, is_uuid};
use super::persons::is_email;
use super::random::is_opaque;
use super::scan::scan;
use super::tokens::is_token;

/// The longest text that is classified, in bytes. A longer one is a value, whatever it holds.
pub(crate) const MAX_TEXT: usize = 384;

/// The shortest run of hexadecimal digits that is a value.
const MIN_HEX: usize = 16;

/// The shortest text in which the scan for secrets and personal data can find anything without a name: phone numbers have eight
/// digits. Behind a name everything is long enough: `pin=471`.
const MIN_SCAN: usize = 8;

/// The kind of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A word of the path.
    Word,
    /// A word that could be an id: it mixes letters with digits otherwise than `v1` does.
    Unsettled,
    /// Digits, perhaps with a minus sign before them.
    Number,
    /// A UUID with its dashes (RFC 9562).
    Uuid,
    /// A ULID: 26 characters of Crockford's base 32.
    Ulid,
    /// 16 or more hexadecimal digits: hashes, ObjectIds (24), trace ids.
    Hex,
    /// A date, a month, or a date with a time (ISO 8601, extended format).
    Date,
    /// An e-mail address.
    Email,
    /// A token: base64url of 20 characters or more that no one wrote by hand, or a well-known form.
    Token,
    /// A variable already written as one (`{id}`), something with a secret or personal data in it, or too long to be a
    /// word.
    Other,
}

/// What the variable of a kind is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// After the noun before it.
    Id,
    /// `{date}`.
    Date,
    /// `{email}`.
    Email,
}

impl Kind {
    /// The class of a variable, none for words.
    pub(crate) fn class(self) -> Option<Class> {
        match self {
            Kind::Word | Kind::Unsettled => None,
            Kind::Date => Some(Class::Date),
            Kind::Email => Some(Class::Email),
            _ => Some(Class::Id),
        }
    }
}

/// The kind of a text by itself, without any encoding; `kinds` are its kinds of bytes.
pub(crate) fn of(text: &[u8], kinds: u8) -> Kind {
    // Most segments are a plain word, a version or a number.
    if is_plain(text, kinds) || matches!(text, [b'v', b'0'..=b'9']) {
        return Kind::Word;
    }
    if kinds == DIGIT && text.len() <= MAX_TEXT {
        return Kind::Number;
    }
    if text.len() > MAX_TEXT {
        return Kind::Other;
    }
    match text {
        [] => Kind::Word,
        [b'-', rest @ ..] | rest if !rest.is_empty() && rest.iter().all(u8::is_ascii_digit) => Kind::Number,
        [b'{', .., b'}'] => Kind::Other,
        _ if is_uuid(text) => Kind::Uuid,
        _ if is_ulid(text) => Kind::Ulid,
        _ if text.len() >= MIN_HEX && only(kinds, HEX) => Kind::Hex,
        _ if is_date(text) => Kind::Date,
        _ if kinds & (MARK | ODD) != 0 && is_email(text) => Kind::Email,
        _ if is_opaque(text) || is_token(text) => Kind::Token,
        _ if is_scanned(text, kinds) && scan(text).is_some() => Kind::Other,
        _ if mixes(text, kinds) => Kind::Unsettled,
        _ => Kind::Word,
    }
}

/// Returns whether no rule can apply: most words of most paths.
fn is_plain(text: &[u8], kinds: u8) -> bool {
    let short = kinds & (DIGIT | MARK | ODD) == 0 && text.len() < MIN_HEX;
    short || only(kinds, HEX_LOWER | LOWER | JOIN) && kinds & LOWER != 0 && text.len() <= MAX_TEXT
}

/// Returns whether the scan for secrets and personal data may find something.
fn is_scanned(text: &[u8], kinds: u8) -> bool {
    let named = || kinds & MARK != 0 && memchr::memchr2(b'=', b':', text).is_some();
    kinds & (DIGIT | MARK | ODD) != 0 && (text.len() >= MIN_SCAN || named())
}

/// Letters and digits, but not the version of an API: `v1`, `V2`, `v1.1`, `v1beta2`.
fn mixes(text: &[u8], kinds: u8) -> bool {
    kinds & DIGIT != 0 && kinds & (LETTER | ODD) != 0 && !is_version(text)
}

/// `v1`, `v1.1`, `v2beta1`, `v1alpha1`, `v1rc1`: only this mixture of letters and digits is certain to be a word.
pub(crate) fn is_version(text: &[u8]) -> bool {
    let [b'v' | b'V', rest @ ..] = text else { return false };
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
    let major = digits(rest);
    let (number, stage) = rest.split_at(major);
    if !(1..=5).contains(&major) || number.first() == Some(&b'.') {
        return false;
    }
    let names: [&[u8]; 4] = [b"", b"alpha", b"beta", b"rc"];
    names.iter().any(|name| {
        stage.strip_prefix(*name).is_some_and(|number| number.len() <= 2 && digits(number) == number.len())
    })
}

/// The kind of a text by itself, for callers that do not know its kinds of bytes.
pub(crate) fn of_text(text: &[u8]) -> Kind {
    of(text, kinds_of(text))
}

/// Returns whether a text is so plainly a word that no rule applies.
pub(crate) fn is_word(text: &[u8]) -> bool {
    is_plain(text, kinds_of(text))
}

/// Returns whether a name that a stranger chose (of a parameter, header or cookie) is a value in truth:
/// `?eyJhbGciOi...`. Small numbers are names of array elements.
pub(crate) fn is_value(name: &[u8]) -> bool {
    if is_word(name) {
        return false;
    }
    let kinds = kinds_of(name);
    match of(name, kinds) {
        Kind::Word | Kind::Unsettled => false,
        Kind::Number => name.len() > 4,
        Kind::Other => name.len() > MAX_TEXT || scan(name).is_some(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn all(expected: Kind, texts: &[&str]) {
        for text in texts {
            assert_eq!(of_text(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn words() {
        all(
            Kind::Word,
            &[
                "users",
                "API",
                "v1",
                "V2",
                "v1.1",
                "v10",
                "v2beta1",
                "v1alpha1",
                "terms-and-conditions-of-use",
                "a",
                "notificationPreferencesForOrganisations",
                "list_all_of_the_things_that_we_have",
                "index.html",
                "-",
                "@me",
                ":search",
                "users:batchGet",
                "robots.txt",
                "cafe~",
                "favicon.ico",
                "_next",
                "deadbeef",
                "accessibility",
                "listUserOrdersByDate",
                "HTTPServerErrorDocument",
                "characteristics-of-decaffeinated-beef",
            ],
        );
    }

    #[test]
    fn short_values_behind_a_name() {
        all(Kind::Other, &["pin=471", "pw=ab1", "pin:471"]);
        all(Kind::Word, &["a=b", "a:b"]);
    }

    #[test]
    fn words_that_could_be_ids() {
        all(
            Kind::Unsettled,
            &[
                "ab12cd",
                "iphone15",
                "oauth2",
                "s3",
                "v1x",
                "v123456",
                "user-12",
                "10-best-places-to-visit-in-2024",
                "1a",
                "covid-19",
                "step_2",
                "77.json",
                "cus_NffrFeUfNV2",
                "v.1",
                "order-2024-01-01",
            ],
        );
    }

    #[test]
    fn numbers() {
        all(Kind::Number, &["0", "77", "-1", "1700000000123", "20240101", "00012"]);
        all(Kind::Word, &["1.5", "-", "--1", "1,2"]);
    }

    #[test]
    fn ids_by_form() {
        all(
            Kind::Uuid,
            &[
                "550e8400-e29b-41d4-a716-446655440000",
                "550E8400-E29B-41D4-A716-446655440000",
                "00000000-0000-0000-0000-000000000000",
            ],
        );
        all(Kind::Ulid, &["01ARZ3NDEKTSV4RRFFQ69G5FAV", "01arz3ndektsv4rrffq69g5fav"]);
        all(
            Kind::Hex,
            &[
                "507f1f77bcf86cd799439011",
                "d41d8cd98f00b204e9800998ecf8427e",
                "00f067aa0ba902b7",
                "ABCDEF0123456789",
            ],
        );
        all(
            Kind::Date,
            &[
                "2024-05-31",
                "2024-05",
                "2024-05-31T08:00:00Z",
                "2024-05-31T08:00:00.123+02:00",
                "2024-05-31T08",
            ],
        );
        all(Kind::Unsettled, &["2024-05-31x", "507f1f77bcf86cg"]);
        all(Kind::Word, &["2024-13-01", "2024-05-32", "0024-05-01"]);
    }

    #[test]
    fn personal_data_and_tokens() {
        all(Kind::Email, &["john@example.com", "a.b+c@d-e.co.uk"]);
        all(
            Kind::Token,
            &[
                "dGhpcyBpcyBhIHRva2VuIQ",
                "V1StGXR8_Z5jdHi6B-myT",
                "cjld2cjxh0000qzrmn831i7rn",
                "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
                "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
                "AKIAIOSFODNN7EXAMPLE",
                "pi_3MtwBwLkdIwHu7ix28a3tqPa",
                "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
            ],
        );
        all(
            Kind::Other,
            &[
                "{id}",
                "+14155552671",
                "file of john@example.com",
                "078-05-1120",
                "NO9386011117947",
                "x=AKIAIOSFODNN7EXAMPLE",
            ],
        );
    }

    #[test]
    fn names_that_are_values() {
        for name in [
            "page",
            "filter[name]",
            "0",
            "12",
            "q2",
            "utm_source",
            "X-Request-ID",
            "$top",
            "ids[]",
            "user.name",
        ] {
            assert!(!is_value(name.as_bytes()), "{name}");
        }
        for name in [
            "1700000000123",
            "john@example.com",
            "AKIAIOSFODNN7EXAMPLE",
            "550e8400-e29b-41d4-a716-446655440000",
        ] {
            assert!(is_value(name.as_bytes()), "{name}");
        }
    }
}
