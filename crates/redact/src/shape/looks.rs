//! What texts look like: the formats of JSON Schema that all of them have.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::classify::{is_date, is_email, is_uuid};

/// What texts look like: a set, with an entry for each form that one of them has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Looks(u16);

impl Looks {
    /// It stood in quotes, in a syntax that has numbers too: whatever it looks like, it is a text.
    pub(crate) const QUOTED: Looks = Looks(1);
    /// Nothing that has a name.
    pub(crate) const PLAIN: Looks = Looks(1 << 1);
    pub(crate) const INTEGER: Looks = Looks(1 << 2);
    pub(crate) const NUMBER: Looks = Looks(1 << 3);
    pub(crate) const BOOLEAN: Looks = Looks(1 << 4);
    pub(crate) const UUID: Looks = Looks(1 << 5);
    pub(crate) const DATE: Looks = Looks(1 << 6);
    pub(crate) const DATE_TIME: Looks = Looks(1 << 7);
    pub(crate) const EMAIL: Looks = Looks(1 << 8);
    pub(crate) const IPV4: Looks = Looks(1 << 9);
    pub(crate) const IPV6: Looks = Looks(1 << 10);
    pub(crate) const URI: Looks = Looks(1 << 11);
    /// A file, or bytes that are no text.
    pub(crate) const BINARY: Looks = Looks(1 << 12);
    /// Bytes in base64, as their description says.
    pub(crate) const BASE64: Looks = Looks(1 << 13);

    /// The formats of JSON Schema (2020-12 validation, section 7.3).
    const FORMATS: [(Looks, &'static str); 7] = [
        (Looks::UUID, "uuid"),
        (Looks::DATE, "date"),
        (Looks::DATE_TIME, "date-time"),
        (Looks::EMAIL, "email"),
        (Looks::IPV4, "ipv4"),
        (Looks::IPV6, "ipv6"),
        (Looks::URI, "uri"),
    ];

    /// Returns what a text looks like.
    pub(crate) fn of(text: &str) -> Looks {
        let bytes = text.as_bytes();
        match bytes {
            [b'-' | b'0'..=b'9', ..] if is_integer(text) => Looks::INTEGER,
            [b'-' | b'0'..=b'9', ..] if is_decimal(text) => Looks::NUMBER,
            _ if is_uuid(bytes) => Looks::UUID,
            [b'0'..=b'9', ..] if is_date(bytes) && is_day(text) => Looks::DATE,
            [b'0'..=b'9', ..] if is_date(bytes) && is_instant(text) => Looks::DATE_TIME,
            b"true" | b"false" => Looks::BOOLEAN,
            _ if bytes.contains(&b'@') && is_email(bytes) => Looks::EMAIL,
            [b'0'..=b'9', ..] if text.parse::<Ipv4Addr>().is_ok() => Looks::IPV4,
            _ if bytes.contains(&b':') && text.parse::<Ipv6Addr>().is_ok() => Looks::IPV6,
            _ if is_uri(text) => Looks::URI,
            _ => Looks::PLAIN,
        }
    }

    /// Returns this set with those of another.
    pub(crate) const fn with(self, other: Looks) -> Looks {
        Looks(self.0 | other.0)
    }

    /// Returns whether nothing else is in it than in the other, and something is.
    pub(super) const fn is_within(self, other: Looks) -> bool {
        self.0 != 0 && self.0 & !other.0 == 0
    }

    /// Returns the format that all have.
    pub(super) fn format(self) -> Option<&'static str> {
        let formats = Looks(self.0 & !Looks::QUOTED.0);
        Looks::FORMATS.iter().find(|(format, _)| *format == formats).map(|(_, name)| *name)
    }
}

/// Digits without a zero in front, as JSON writes integers.
fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    (digits == "0" || !digits.starts_with('0'))
        && (1..=18).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Digits with a dot between them.
fn is_decimal(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    text.len() <= 32
        && text
            .split_once('.')
            .is_some_and(|(whole, rest)| is_integer(whole) && digits(whole) && digits(rest))
}

/// `full-date` of RFC 3339, section 5.6.
fn is_day(text: &str) -> bool {
    let number = |range: Range<usize>| text.get(range).and_then(|digits| digits.parse::<u16>().ok());
    let (Some(year), Some(month), Some(day)) = (number(0..4), number(5..7), number(8..10)) else {
        return false;
    };
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    };
    text.len() == 10 && day <= days
}

/// `date-time` of RFC 3339, section 5.6.
fn is_instant(text: &str) -> bool {
    let Some((day, time)) = text.split_once('T') else { return false };
    let (time, zone) = match time.strip_suffix('Z') {
        Some(time) => (time, "+00:00"),
        None => time.split_at_checked(time.len().saturating_sub(6)).unwrap_or_default(),
    };
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let two = |text: Option<&str>, most| {
        let digits = text.filter(|text| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit()));
        digits.and_then(|digits| digits.parse::<u8>().ok()).is_some_and(|number| number <= most)
    };
    let fields = |text: &str, most: &[u8]| {
        let mut parts = text.split(':');
        most.iter().all(|most| two(parts.next(), *most)) && parts.next().is_none()
    };
    is_day(day)
        && fields(time, &[23, 59, 59])
        && (1..=9).contains(&fraction.len())
        && fraction.bytes().all(|byte| byte.is_ascii_digit())
        && zone.strip_prefix(['+', '-']).is_some_and(|zone| fields(zone, &[23, 59]))
}

/// A scheme, `://`, and no byte that RFC 3986 has no place for.
fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let allowed = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}[]%#".contains(&byte);
    (2..=16).contains(&scheme.len())
        && scheme.bytes().all(|byte| byte.is_ascii_lowercase())
        && rest.starts_with(|first: char| first.is_ascii_alphanumeric())
        && rest.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_of_texts() {
        for (text, format) in [
            ("550e8400-e29b-41d4-a716-446655440000", Some("uuid")),
            ("2024-02-29", Some("date")),
            ("2023-02-29", None),
            ("2024-05", None),
            ("2024-05-31T08:00:00Z", Some("date-time")),
            ("2024-05-31T08:00:00.123+02:00", Some("date-time")),
            ("2024-05-31T24:00:00Z", None),
            ("2024-05-31T08:00:00", None),
            ("2024-05-31 08:00:00Z", None),
            ("ann@shop.test", Some("email")),
            ("10.0.0.1", Some("ipv4")),
            ("1.2.3", None),
            ("2001:db8::1", Some("ipv6")),
            ("https://shop.test:8443/a?b=c", Some("uri")),
            ("https://shop.test/a b", None),
            ("://x", None),
            ("", None),
            ("word", None),
        ] {
            assert_eq!(Looks::of(text).format(), format, "{text}");
        }
        let mixed = Looks::of("2024-02-29").with(Looks::of("2024-05-31T08:00:00Z"));
        assert_eq!(mixed.format(), None);
        assert_eq!(Looks::of("ann@shop.test").with(Looks::QUOTED).format(), Some("email"));
    }

    #[test]
    fn numbers_as_text() {
        for text in ["0", "7", "-12", "1700000000123"] {
            assert_eq!(Looks::of(text), Looks::INTEGER, "{text}");
        }
        for text in ["007", "-", "1e5", "+1", "1.", "1,5", "12345678901234567890"] {
            assert_eq!(Looks::of(text), Looks::PLAIN, "{text}");
        }
        assert_eq!((Looks::of("1.5"), Looks::of("-0.25")), (Looks::NUMBER, Looks::NUMBER));
        assert_eq!(Looks::of("false"), Looks::BOOLEAN);
    }
}
