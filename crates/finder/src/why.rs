//! Why there is no place.

use std::fmt;

use crate::place::Kind;

/// Why a file gives no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotFound {
    /// It is no ELF file.
    NotElf,
    /// It is larger than [`crate::MAX_FILE`].
    TooLarge,
    /// It is an ELF file that contradicts itself.
    Malformed,
    /// It is for 64-bit ARM.
    Aarch64,
    /// It is for another processor (`e_machine`), or for 32 bits, or big-endian.
    Machine(u16),
    /// There is no TLS library that is known.
    NoLibrary,
    /// It is a Go program without `crypto/tls`, or with a form of it that never writes key logs.
    GoWithoutTls,
    /// It is a Go program of a version that is not known.
    GoVersion,
    /// rustls with ring: no function in it takes the secrets.
    Ring,
    /// It is Java's virtual machine, whose TLS is code that it makes while it runs.
    Jsse,
    /// There is a library, but no place in it that is proved.
    Unproved(Kind),
}

impl fmt::Display for NotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotFound::NotElf => f.write_str("not an ELF file"),
            NotFound::TooLarge => f.write_str("larger than 512 MiB"),
            NotFound::Malformed => f.write_str("a malformed ELF file"),
            NotFound::Aarch64 => f.write_str("for 64-bit ARM, which is not read yet"),
            NotFound::Machine(machine) => write!(f, "for another processor (e_machine {machine})"),
            NotFound::NoLibrary => f.write_str("no TLS library in it"),
            NotFound::GoWithoutTls => f.write_str("Go without crypto/tls"),
            NotFound::GoVersion => f.write_str("Go of an unknown version"),
            NotFound::Ring => f.write_str("rustls with ring, which hands its secrets to no function"),
            NotFound::Jsse => f.write_str("Java's JSSE, which is compiled while it runs"),
            NotFound::Unproved(kind) => write!(f, "{}, but no place that is proved", kind.name()),
        }
    }
}

impl std::error::Error for NotFound {}
