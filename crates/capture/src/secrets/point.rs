//! The places that are probed, as the kernel's side has them.
#![expect(unsafe_code, reason = "the kernel's types are declared to be plain numbers")]

use aya::Pod;

/// How many places can be probed at a time. Their numbers begin with 0.
pub const MOST_POINTS: u32 = 1024;

/// Stands for no register.
const NO_REGISTER: u8 = 16;

/// A place of a file at which a library has a secret in its registers. Registers have the numbers that the processor gives
/// them (x86-64: 0 is `rax`, 1 `rcx`, 2 `rdx`, 3 `rbx`, 4 `rsp`, 5 `rbp`, 6 `rsi`, 7 `rdi`, then `r8` to `r15`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// Where it is in the file, in bytes.
    pub offset: u64,
    /// The register with the address of the secret.
    pub secret: u8,
    /// That with its length.
    pub secret_len: u8,
    /// What is done with the secret there.
    pub call: Call,
}

/// What a library does with a secret where it is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// It hands the secret to its key log.
    Log {
        /// The register with the address of the label.
        label: u8,
        /// That with its length; none if the label ends with a zero.
        label_len: Option<u8>,
        /// That with the address of the session.
        session: u8,
        /// Where in the session the address stands of that which has the client's random; none if the session has it.
        through: Option<u32>,
        /// Where the random stands there.
        random: u32,
    },
    /// It expands the secret (HKDF-Expand), among others to the traffic secrets of TLS 1.3: these expansions are taken.
    Expand {
        /// The register with the address of the info.
        info: u8,
        /// Where its length stands, in bytes from the stack pointer.
        info_len_at: u32,
    },
}

/// `struct point`.
#[derive(Clone, Copy, Default)]
#[repr(C)]
pub(super) struct Raw {
    pub(super) hits: u64,
    through: u32,
    offset: u32,
    label: u8,
    label_len: u8,
    session: u8,
    secret: u8,
    secret_len: u8,
    expands: u8,
    reserved: [u8; 2],
}

// SAFETY: numbers without padding; any bytes are a value.
unsafe impl Pod for Raw {}

impl From<&Point> for Raw {
    fn from(point: &Point) -> Raw {
        let raw = Raw { secret: point.secret, secret_len: point.secret_len, ..Raw::default() };
        match point.call {
            Call::Log { label, label_len, session, through, random } => Raw {
                through: through.map_or(0, |through| through.saturating_add(1)),
                offset: random,
                label,
                label_len: label_len.unwrap_or(NO_REGISTER),
                session,
                ..raw
            },
            Call::Expand { info, info_len_at } => Raw { offset: info_len_at, label: info, expands: 1, ..raw },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::header::number;
    use super::*;

    #[test]
    fn the_layout_is_that_of_the_kernels_side() {
        assert_eq!(size_of::<Raw>(), number("POINT_BYTES"));
        assert_eq!(MOST_POINTS as usize, number("MOST_POINTS"));
        assert_eq!(usize::from(NO_REGISTER), number("NO_REGISTER"));
    }
}
