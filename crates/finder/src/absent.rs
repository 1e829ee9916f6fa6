//! What is in a file that gives no place.

use crate::elf::Image;
use crate::why::NotFound;

/// Returns why a file without a known library gives no place.
pub(crate) fn why(image: &Image<'_>) -> NotFound {
    // The paths of sources stay in stripped programs, in the texts of panics.
    if image.has(b"/rustls-0.") && image.has(b"/ring-0.") {
        return NotFound::Ring;
    }
    if image.symbols().any(|symbol| symbol.name() == Some(b"JNI_CreateJavaVM")) {
        return NotFound::Jsse;
    }
    NotFound::NoLibrary
}
