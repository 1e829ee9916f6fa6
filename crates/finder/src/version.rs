//! Which library it is, by the texts in it.

use crate::elf::Image;
use crate::place::Kind;

/// The longest version, in bytes.
const LONGEST: usize = 32;

/// Returns which of the libraries with key logs it is.
pub(crate) fn kind(image: &Image<'_>) -> Kind {
    if image.has(b"compatible; BoringSSL") || image.has(b"boringssl") {
        Kind::BoringSsl
    } else if image.has(b"Enabled GnuTLS ") {
        Kind::GnuTls
    } else {
        Kind::OpenSsl
    }
}

/// Returns the version of a library, where its file says it.
pub(crate) fn of(image: &Image<'_>, kind: Kind) -> Option<String> {
    match kind {
        Kind::OpenSsl => behind(image, b"OpenSSL "),
        Kind::GnuTls => behind(image, b"Enabled GnuTLS "),
        Kind::AwsLc => behind(image, b"/aws-lc-sys-"),
        Kind::BoringSsl | Kind::Go => None,
    }
}

/// Returns the version of three parts that stands behind a text.
fn behind(image: &Image<'_>, text: &[u8]) -> Option<String> {
    image.segments().iter().find_map(|segment| {
        let found = memchr::memmem::find_iter(segment.bytes, text).take(1000);
        let mut versions = found.filter_map(|at| version(segment.bytes.get(at + text.len()..)?));
        versions.find(|version| version.split('.').count() == 3)
    })
}

/// Returns the version at the beginning of these bytes: digits, a point, and so on.
pub(crate) fn version(bytes: &[u8]) -> Option<String> {
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'+');
    let version: String =
        bytes.iter().take(LONGEST).take_while(is_part).map(|byte| char::from(*byte)).collect();
    let dotted = version.split_once('.').is_some_and(|(major, minor)| {
        !major.is_empty()
            && major.bytes().all(|byte| byte.is_ascii_digit())
            && minor.starts_with(|first: char| first.is_ascii_digit())
    });
    dotted.then_some(version)
}
