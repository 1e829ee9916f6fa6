//! Keys of several lines.

use std::ops::Range;

use memchr::memmem;

use super::super::bytes::{from, until};

/// How a block of PEM begins (RFC 7468).
const BEGIN: &[u8] = b"-----BEGIN ";

/// How a file of `PuTTY` begins.
const PUTTY: &[u8] = b"PuTTY-User-Key-File-";

/// The longest block that is read, in bytes: a chain of certificates has a tenth of that.
const MAX_BLOCK: usize = 64 * 1024;

/// Returns a private key in PEM, to its end line or to the end of the text.
pub(super) fn private_key(text: &[u8], at: usize) -> Option<Range<usize>> {
    let rest = from(text, at).strip_prefix(BEGIN)?;
    memmem::find(until(rest, 64), b"PRIVATE KEY")?;
    Some(at..end(text, rest).unwrap_or(text.len()))
}

/// Returns where the block that begins here ends if it is public: a certificate, a public key.
pub(super) fn public(text: &[u8], at: usize) -> Option<usize> {
    let rest = from(text, at).strip_prefix(BEGIN)?;
    let label = until(rest, 64);
    let such = memmem::find(label, b"PRIVATE KEY").is_none()
        && [&b"CERTIFICATE"[..], b"PUBLIC KEY", b"X509 CRL", b"PGP SIGNATURE"]
            .iter()
            .any(|name| memmem::find(label, name).is_some());
    if such { end(text, rest) } else { None }
}

/// Returns where a block ends, behind the dashes of its end line; `rest` is what follows its beginning.
fn end(text: &[u8], rest: &[u8]) -> Option<usize> {
    let end = memmem::find(until(rest, MAX_BLOCK), b"-----END")?;
    let tail = from(rest, end + 8);
    let dashes = memmem::find(until(tail, 64), b"-----").map_or(0, |dashes| dashes + 5);
    Some(text.len() - tail.len() + dashes)
}

/// Returns a key of `PuTTY`, to the end of the text.
pub(super) fn putty(text: &[u8], at: usize) -> Option<Range<usize>> {
    from(text, at).starts_with(PUTTY).then_some(at..text.len())
}

/// Returns the first block that is a key or a certificate, and whether it is private. Other blocks may stand before it: tools write
/// the parameters of a key so.
pub(crate) fn block(text: &[u8]) -> Option<(Range<usize>, bool)> {
    let putty_at = memmem::find(text, PUTTY);
    let mut begins = memmem::find_iter(text, BEGIN).take_while(|at| putty_at.is_none_or(|putty| *at < putty));
    let pem = begins.find_map(|at| {
        let private = private_key(text, at).map(|range| (range, true));
        private.or_else(|| public(text, at).map(|end| (at..end, false)))
    });
    pem.or_else(|| putty_at.map(|at| (at..text.len(), true)))
}
