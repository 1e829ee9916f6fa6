//! E-mail addresses.

use super::super::bytes::{from, until};

/// The longest local part of an e-mail address and the longest domain (RFC 5321, section 4.5.3.1).
const MAX_LOCAL: usize = 64;
const MAX_DOMAIN: usize = 255;

/// Domains without a dot that networks of companies and homes have.
const INNER: [&[u8]; 8] =
    [b"localhost", b"localdomain", b"local", b"intranet", b"internal", b"corp", b"lan", b"home"];

/// Returns whether this is a byte of the local part of an e-mail address. Rarer marks are left out: they stand around addresses.
pub(crate) fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._+-'".contains(&byte) || byte >= 0x80
}

/// Returns where the e-mail address that begins at `start` ends. The domain needs a dot and letters at its end, or is an
/// address in brackets, or one of those that need none.
pub(crate) fn email_at(text: &[u8], start: usize) -> Option<usize> {
    let rest = from(text, start);
    let local = match rest.first()? {
        b'"' => quoted(rest)?,
        b'\'' => return None,
        _ => rest.iter().take(MAX_LOCAL + 1).take_while(|byte| is_local(**byte)).count(),
    };
    if local == 0 || local > MAX_LOCAL || rest.get(local) != Some(&b'@') {
        return None;
    }
    let end = domain(from(rest, local + 1))?;
    Some(start + local + 1 + end)
}

/// Returns the length of a local part in quotes.
fn quoted(rest: &[u8]) -> Option<usize> {
    let inner = from(rest, 1);
    let length = until(inner, MAX_LOCAL).iter().position(|byte| *byte == b'"')?;
    let local = until(inner, length);
    let such = local
        .strip_suffix(b"\\")
        .unwrap_or(local)
        .iter()
        .all(|byte| *byte >= 0x20 && !b"{}[]<>=\\".contains(byte));
    (such && length > 0 && from(inner, length).starts_with(b"\"@")).then_some(length + 2)
}

/// Returns where a domain at the beginning of a text ends.
fn domain(text: &[u8]) -> Option<usize> {
    if text.first() == Some(&b'[') {
        let length = until(text, 48).iter().position(|byte| *byte == b']')?;
        let such = from(until(text, length), 1)
            .iter()
            .all(|byte| byte.is_ascii_hexdigit() || b".:IPv".contains(byte));
        return (such && length > 7).then_some(length + 1);
    }
    let is_domain = |byte: &u8| byte.is_ascii_alphanumeric() || b".-".contains(byte) || *byte >= 0x80;
    let domain = until(text, text.iter().take(MAX_DOMAIN).take_while(|byte| is_domain(byte)).count());
    let end = domain.iter().rposition(|byte| !b".-".contains(byte))? + 1;
    let domain = until(domain, end);
    if INNER.iter().any(|inner| domain.eq_ignore_ascii_case(inner)) {
        return Some(end);
    }
    let dot = domain.iter().rposition(|byte| *byte == b'.')?;
    let top = from(domain, dot + 1);
    let named = top.len() >= 2 && top.iter().all(|byte| !byte.is_ascii_digit()) || top.starts_with(b"xn--");
    (dot > 0 && named).then_some(end)
}

/// Returns whether the whole text is an e-mail address.
pub(crate) fn is_email(text: &[u8]) -> bool {
    !text.is_empty() && email_at(text, 0) == Some(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emails() {
        for text in [
            "john@example.com",
            "j.d+x@a-b.co.uk",
            "jörg@bücher.example",
            "a_b@x.io",
            "o'neil@x.org",
            "\"John Doe\"@x.org",
            "ann@[192.168.2.1]",
            "ann@localhost",
        ] {
            assert!(is_email(text.as_bytes()), "{text}");
        }
        for text in [
            "",
            "@",
            "a@b",
            "@a.b",
            "a@1.2.3.4",
            "user@host.",
            "a@.com",
            "john@example.c0m",
            "a b@c.de",
            "\"a\"b@c.de",
            "a@[b]",
            "pkg@latest",
        ] {
            assert!(!is_email(text.as_bytes()), "{text}");
        }
        assert_eq!(email_at(b"a@b.cd, e", 0), Some(6));
        assert_eq!(email_at(b"a@b.cd.", 0), Some(6));
    }
}
