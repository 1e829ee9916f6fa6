//! Finds secrets and personal data in text, wherever they stand.

use std::ops::Range;

use super::bytes::{from, until};
use super::names::is_credential_name;
use super::personal::{email_at, iban_at, is_local, number_at};
use super::tokens::{is_base64, is_base64url, opaque_at, run, token_at};

/// How far back from `=` or `:` the name of a field is looked for, in bytes.
const MAX_FIELD_NAME: usize = 64;
/// How far back from `>` the beginning of a tag is looked for, in bytes.
const MAX_TAG: usize = 128;

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    /// Where in the text. Both ends lie at ASCII bytes, or at the ends of runs of other bytes.
    pub(crate) range: Range<usize>,
    /// Whether it is a credential; else personal data.
    pub(crate) credential: bool,
}

/// The first secret of the text; personal data too, if wanted.
pub(crate) fn scan(text: &[u8], personal: bool) -> Option<Hit> {
    scan_from(text, 0, personal)
}

/// The first one at or after `from`, where the last one ended. Takes time linear in the length of the text.
pub(crate) fn scan_from(text: &[u8], from: usize, personal: bool) -> Option<Hit> {
    (from..text.len()).find_map(|at| {
        let before = at.checked_sub(1).and_then(|before| text.get(before)).copied().unwrap_or(b' ');
        let byte = *text.get(at)?;
        let credential = match byte {
            b'-' if before != b'-' => private_key(text, at).or_else(|| run_start(text, at, before)),
            b':' => userinfo(text, at).or_else(|| field(text, at)),
            b'=' => field(text, at),
            b'>' => element(text, at),
            _ if byte.is_ascii_alphanumeric() && !before.is_ascii_alphanumeric() => word(text, at, before),
            _ => run_start(text, at, before),
        };
        if let Some(range) = credential {
            return Some(Hit { range, credential: true });
        }
        let range = if personal { person(text, at, before)? } else { return None };
        Some(Hit { range, credential: false })
    })
}

/// A credential that begins with a word.
fn word(text: &[u8], at: usize, before: u8) -> Option<Range<usize>> {
    let end = token_at(text, at).map(|end| at..end);
    end.or_else(|| scheme(text, at)).or_else(|| run_start(text, at, before))
}

/// An opaque secret, where a run of base64 begins.
fn run_start(text: &[u8], at: usize, before: u8) -> Option<Range<usize>> {
    let byte = *text.get(at)?;
    if is_base64(byte) && !is_base64(before) { opaque_at(text, at) } else { None }
}

/// Personal data that begins here.
fn person(text: &[u8], at: usize, before: u8) -> Option<Range<usize>> {
    let byte = *text.get(at)?;
    let starts = !before.is_ascii_alphanumeric();
    let end = match byte {
        b'+' | b'(' => number_at(text, at),
        b'0'..=b'9' if starts => number_at(text, at),
        b'a'..=b'z' | b'A'..=b'Z' if starts => iban_at(text, at),
        _ => None,
    };
    let email = || if is_local(byte) && !is_local(before) { email_at(text, at) } else { None };
    end.or_else(email).map(|end| at..end)
}

/// The credentials after `Bearer` or `Basic` (RFC 9110, section 11.4), where they look like some.
fn scheme(text: &[u8], at: usize) -> Option<Range<usize>> {
    let rest = from(text, at);
    let name = run(rest, |byte| byte.is_ascii_alphabetic());
    let basic = match until(rest, name) {
        name if name.eq_ignore_ascii_case(b"bearer") => false,
        name if name.eq_ignore_ascii_case(b"basic") => true,
        _ => return None,
    };
    let blanks = run(from(text, at + name), |byte| byte == b' ');
    let start = at + name + blanks;
    let length = run(from(text, start), |byte| is_base64(byte) || b".~=".contains(&byte));
    let value = until(from(text, start), length);
    let such = if basic {
        is_user_and_password(value)
    } else {
        length >= 16 || value.iter().any(u8::is_ascii_digit)
    };
    (blanks > 0 && length > 0 && such).then_some(start..start + length)
}

fn is_user_and_password(value: &[u8]) -> bool {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD_NO_PAD;
    let body = value.split(|byte| *byte == b'=').next().unwrap_or_default();
    value.len() >= 4 && STANDARD_NO_PAD.decode(body).is_ok_and(|plain| plain.contains(&b':'))
}

/// A private key in PEM (RFC 7468), to its end line or to the end of the text.
fn private_key(text: &[u8], at: usize) -> Option<Range<usize>> {
    let rest = from(text, at).strip_prefix(b"-----BEGIN ")?;
    let label = until(rest, 64);
    memchr::memmem::find(label, b"PRIVATE KEY")?;
    let end = memchr::memmem::find(rest, b"-----END").map_or(text.len(), |end| {
        let tail = from(rest, end + 8);
        let dashes = memchr::memmem::find(until(tail, 64), b"-----").map_or(0, |dashes| dashes + 5);
        text.len() - tail.len() + dashes
    });
    Some(at..end)
}

/// `user:password` of a URL (RFC 3986, section 3.2.1), seen from its `://`.
fn userinfo(text: &[u8], at: usize) -> Option<Range<usize>> {
    let authority = from(text, at).strip_prefix(b"://")?;
    let authority = until(authority, run(authority, |byte| !b"/?# \t\r\n\"'<>".contains(&byte)));
    let length = authority.iter().rposition(|byte| *byte == b'@')?;
    let start = at + 3;
    (until(authority, length).contains(&b':') && length > 1).then_some(start..start + length)
}

/// The value after `=` or `:` where the word before it names a credential: `password=x`, `"token": "x"`.
fn field(text: &[u8], at: usize) -> Option<Range<usize>> {
    let head = from(until(text, at), at.saturating_sub(MAX_FIELD_NAME));
    let head = trim_end(head, b" \t\"'\\");
    let is_name = |byte: u8| is_base64url(byte) || b".[]".contains(&byte);
    let name = from(head, head.len() - run_back(head, is_name));
    if name.is_empty() || !is_credential_name(name) {
        return None;
    }
    let start = at + 1 + run(from(text, at + 1), |byte| b" \t\\".contains(&byte));
    let quote = text.get(start).copied().filter(|byte| b"\"'".contains(byte));
    let start = start + usize::from(quote.is_some());
    let ends = |byte: u8| match quote {
        Some(quote) => byte == quote || byte == b'\\',
        None => byte.is_ascii_whitespace() || b"&;,\"'<>(){}[]|\\".contains(&byte),
    };
    let mut end = start + run(text.get(start..)?, |byte| !ends(byte));
    let scheme = [&b"bearer"[..], b"basic", b"token", b"digest", b"apikey"];
    if quote.is_none()
        && scheme.iter().any(|one| from(until(text, end), start).eq_ignore_ascii_case(one))
        && text.get(end) == Some(&b' ')
    {
        end += 1 + run(from(text, end + 1), |byte| !ends(byte));
    }
    (end > start).then_some(start..end)
}

/// The text of an element of XML that is named as a credential, where XML stands in other text: seen from the end of its tag.
fn element(text: &[u8], at: usize) -> Option<Range<usize>> {
    let head = from(until(text, at), at.saturating_sub(MAX_TAG));
    let tag = from(head, head.len() - run_back(head, |byte| byte != b'<'));
    if tag.len() == head.len() || tag.starts_with(b"/") || tag.ends_with(b"/") || tag.contains(&b'>') {
        return None;
    }
    let name = until(tag, run(tag, |byte| !byte.is_ascii_whitespace()));
    let local = from(name, name.len() - run_back(name, |byte| byte != b':'));
    if local.is_empty() || !is_credential_name(local) {
        return None;
    }
    let start = at + 1 + run(from(text, at + 1), |byte| byte.is_ascii_whitespace());
    let content = text.get(start..)?;
    let content = until(content, run(content, |byte| byte != b'<'));
    let content = trim_end(content, b" \t\r\n");
    (!content.is_empty()).then_some(start..start + content.len())
}

fn trim_end<'a>(text: &'a [u8], what: &[u8]) -> &'a [u8] {
    until(text, text.len() - run_back(text, |byte| what.contains(&byte)))
}

fn run_back(text: &[u8], such: impl Fn(u8) -> bool) -> usize {
    text.iter().rev().take_while(|byte| such(**byte)).count()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    fn found(text: &str) -> Vec<&str> {
        let (mut hits, mut from) = (Vec::new(), 0);
        while let Some(hit) = scan_from(text.as_bytes(), from, true) {
            from = hit.range.end;
            hits.push(&text[hit.range]);
        }
        hits
    }

    #[test]
    fn secrets_in_the_middle_of_text() {
        let cases: [(&str, &[&str]); 27] = [
            ("{\"xml\":\"<a><password>hun ter2</password></a>\"}", &["hun ter2"]),
            ("<x:Token type='a'>\n abc \n</x:Token><n>3</n>", &["abc"]),
            ("<token/>abc</a> a > b <!-- x -->y", &[]),
            ("<name>ann</name> </password>rest", &[]),
            ("if token>3 then", &[]),
            ("write to john@example.com, or call +1 415 555 2671.", &["john@example.com", "+1 415 555 2671"]),
            ("see https://user:s3cret@host/x?y", &["user:s3cret"]),
            ("Authorization: Bearer abc123def", &["Bearer abc123def"]),
            ("got Bearer abc123def here", &["abc123def"]),
            ("the bearer of news", &[]),
            ("Basic dXNlcjpwYXNz", &["dXNlcjpwYXNz"]),
            ("Basic plan", &[]),
            ("password=hunter2&x=1", &["hunter2"]),
            ("{\"a\":1,\"password\": \"hun ter2\"}", &["hun ter2"]),
            ("{\\\"api_key\\\":\\\"k-1\\\"}", &["k-1"]),
            ("token: abc; x", &["abc"]),
            ("a ghp_16C7e42F292c6912E7710c838347Ae178B4a.", &["ghp_16C7e42F292c6912E7710c838347Ae178B4a."]),
            ("x-AKIAIOSFODNN7EXAMPLE-y", &["AKIAIOSFODNN7EXAMPLE-y"]),
            ("card 4111 1111 1111 1111 123", &["4111 1111 1111 1111"]),
            ("IBAN DE89 3704 0044 0532 0130 00!", &["DE89 3704 0044 0532 0130 00"]),
            ("ssn 078-05-1120", &["078-05-1120"]),
            ("id=550e8400-e29b-41d4-a716-446655440000", &[]),
            ("W/\"d41d8cd98f00b204e9800998ecf8427e\"", &["d41d8cd98f00b204e9800998ecf8427e"]),
            ("mailto:a@b.cd?subject=x", &["a@b.cd"]),
            ("tel:+4915112345678", &["+4915112345678"]),
            ("jörg.müller@bücher.example", &["jörg.müller@bücher.example"]),
            ("sig=a/b+c==", &["a/b+c=="]),
        ];
        for (text, expected) in cases {
            assert_eq!(found(text), expected, "{text}");
        }
    }

    #[test]
    fn private_keys_whole() {
        let key = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----";
        assert_eq!(found(&format!("x {key} y")), [key]);
        assert_eq!(found("-----BEGIN PRIVATE KEY-----\ncut"), ["-----BEGIN PRIVATE KEY-----\ncut"]);
        assert!(found("-----BEGIN CERTIFICATE-----\n").is_empty());
    }

    #[test]
    fn ordinary_business_text_stays() {
        for text in [
            "3",
            "19.99",
            "1,234.50 EUR",
            "2024-01-31",
            "2024-01-31T10:00:00+02:00",
            "2024-01-31 10:00:00.123456",
            "1700000000",
            "1700000000123",
            "v1.2.3-beta.4",
            "2.0.1",
            "IN_PROGRESS",
            "Widget 2000 XL",
            "SKU-12345",
            "A1-B2",
            "en-US,en;q=0.9",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
            "application/vnd.api+json; charset=utf-8",
            "192.168.1.10:8080",
            "10.0.0.0/8",
            "::1",
            "52.5200065999999,13.404954",
            "https://shop.example.com/products/summer-2024?page=2&sort=price",
            "12:30-14:00",
            "1-2 days",
            "ISBN 978-3-16-148410-0",
            "#ff8800",
            "100%",
            "iPhone 15 Pro Max 256GB",
            "size: XL, colour: blue",
            "a=b&c=d",
            "gzip, deflate, br",
            "no-cache",
            "Mon, 01 Jan 2024 00:00:00 GMT",
            "order 20240131-0001",
            "text with_underscores and-dashes",
            "C:\\Users\\x\\file.txt",
            "5 out of 10 (50 %)",
            "tokenType: bearer",
            "550e8400-e29b-41d4-a716-446655440000",
            "507f1f77bcf86cd799439011",
            "the quick brown fox",
            "Straße 12, 10115 Berlin",
            "+5",
            "-273.15",
            "1e10",
            "EUR 5.00",
            "key=value",
            "00:00:00",
        ] {
            assert_eq!(found(text), Vec::<&str>::new(), "{text}");
        }
    }

    #[test]
    fn long_hostile_text_takes_linear_time() {
        // Of this thread alone: what else the machine does is not in it.
        let spent = || {
            let times = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
            Duration::from_nanos(times.split(' ').next().unwrap().parse().unwrap())
        };
        let begin = spent();
        for unit in [
            "a-",
            "1 ",
            "://",
            "=",
            "password=",
            "eyJ.",
            "-----BEGIN ",
            "(",
            "+1",
            "a@",
            "x:",
            "AB12 ",
            "sk-",
            "a/",
            "é",
            "Basic ",
        ] {
            let text = unit.repeat((64 << 10) / unit.len());
            found(&text);
        }
        let took = spent() - begin;
        assert!(took < Duration::from_secs(5), "{took:?}");
    }

    proptest! {
        #[test]
        fn ranges_are_ahead_and_between_characters(text in "\\PC{0,80}|[a-f0-9@.:=/+ é-]{0,80}") {
            let mut from = 0;
            while let Some(hit) = scan_from(text.as_bytes(), from, true) {
                prop_assert!(hit.range.start >= from && hit.range.end > hit.range.start);
                prop_assert!(text.get(hit.range.clone()).is_some());
                from = hit.range.end;
            }
        }
    }
}
