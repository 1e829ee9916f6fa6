//! Finds where the TLS library in an ELF file hands over the secrets of its connections.
//!
//! Takes the bytes of a program or shared library, which may be stripped, and gives places for probes: the offset in the
//! file, and which registers hold what when the place is reached. A probe in the middle of an instruction would break the
//! program, so a place is given only if it is proved to begin an instruction: it is a symbol, an entry of a table of
//! functions, or the target of a direct call, or lies on the straight code that is decoded from there.
//!
//! x86-64 only. Files are a stranger's: each number is checked, and time and memory grow with the size of the file alone,
//! which is at most [`MAX_FILE`]: libssl takes 1 ms, GnuTLS 2 ms, a Go program 15 ms, Node with 100 MB 0.1 s,
//! and one that is made to be slow 6 s (without optimisation). Does no I/O.
//!
//! The modules from the file up: `elf` is the file, `loads` finds code that names an address, `walk` picks the place in a
//! function, `random` says where a session keeps its client's random. `c` (OpenSSL, BoringSSL, GnuTLS), `go` and `rustls`
//! find the functions, and `absent` says what else is in the file.

#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::unwrap_used))]

mod absent;
mod c;
mod elf;
mod go;
mod loads;
mod place;
mod random;
mod rustls;
mod version;
mod walk;
mod why;

pub use place::{BuildId, Call, Found, Kind, Library, Point, Random, Register, Step};
pub use why::NotFound;

pub use elf::MAX_FILE;

use elf::Image;

/// Returns the TLS library of an ELF file and where to probe it.
///
/// A file with more than one library gives the points of all, and the name of the first.
///
/// # Errors
/// Why there is no place.
pub fn find(file: &[u8]) -> Result<Found, NotFound> {
    let image = Image::read(file)?;
    let mut why = None;
    let mut found: Option<Found> = None;
    for result in [go::find(&image), c::find(&image), rustls::find(&image)] {
        match (result, &mut found) {
            (Ok(part), Some(found)) => found.points.extend(part.points),
            (Ok(part), None) => {
                found =
                    Some(Found { library: part.library, build_id: image.build_id(), points: part.points });
            }
            (Err(NotFound::NoLibrary), _) => {}
            (Err(reason), _) => why = why.or(Some(reason)),
        }
    }
    found.ok_or_else(|| why.unwrap_or_else(|| absent::why(&image)))
}
