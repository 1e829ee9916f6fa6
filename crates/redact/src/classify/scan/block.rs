//! Keys of several lines.

use std::ops::Range;

use super::super::bytes::{from, until};

/// How a block of PEM begins (RFC 7468).
const BEGIN: &[u8] = b"-----BEGIN ";

/// The longest block that is read, in bytes: a chain of certificates has a tenth of that.
const MAX_BLOCK: usize = 64 * 1024;

/// A private key in PEM, to its end line or to the end of the text.
pub(super) fn private_key(text: &[u8], at: usize) -> Option<Range<usize>> {
    let rest = from(text, at).strip_prefix(BEGIN)?;
    memchr::memmem::find(until(rest, 64), b"PRIVATE KEY")?;
    Some(at..end(text, rest).unwrap_or(text.len()))
}

/// Returns where the block that begins here ends if it is public: a certificate, a public key.
pub(super) fn public(text: &[u8], at: usize) -> Option<usize> {
    let rest = from(text, at).strip_prefix(BEGIN)?;
    let label = until(rest, 64);
    let such = memchr::memmem::find(label, b"PRIVATE KEY").is_none()
        && [&b"CERTIFICATE"[..], b"PUBLIC KEY", b"X509 CRL", b"PGP SIGNATURE"]
            .iter()
            .any(|name| memchr::memmem::find(label, name).is_some());
    if such { end(text, rest) } else { None }
}

/// Where a block ends, behind the dashes of its end line; `rest` is what follows its beginning.
fn end(text: &[u8], rest: &[u8]) -> Option<usize> {
    let end = memchr::memmem::find(until(rest, MAX_BLOCK), b"-----END")?;
    let tail = from(rest, end + 8);
    let dashes = memchr::memmem::find(until(tail, 64), b"-----").map_or(0, |dashes| dashes + 5);
    Some(text.len() - tail.len() + dashes)
}

/// A key of `PuTTY`, to the end of the text.
pub(super) fn putty(text: &[u8], at: usize) -> Option<Range<usize>> {
    from(text, at).starts_with(b"PuTTY-User-Key-File-").then_some(at..text.len())
}

/// The first block of several lines, and whether it is private.
pub(crate) fn block(text: &[u8]) -> Option<(Range<usize>, bool)> {
    let first = |needle: &[u8]| memchr::memmem::find(text, needle);
    let at = match (first(BEGIN), first(b"PuTTY-User-Key-File-")) {
        (Some(pem), Some(putty)) => pem.min(putty),
        (pem, putty) => pem.or(putty)?,
    };
    let private = private_key(text, at).or_else(|| putty(text, at));
    private.map(|range| (range, true)).or_else(|| public(text, at).map(|end| (at..end, false)))
}
