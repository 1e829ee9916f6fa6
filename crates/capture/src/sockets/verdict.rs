//! What the kernel is told about sockets: nothing of this one is wanted, or not before that byte.
#![expect(unsafe_code, reason = "the kernel's types are declared to be plain numbers")]

use aya::Pod;
use aya::maps::{HashMap, Map, MapData, MapError};

const NOT_WANTED: u32 = 1;
const SKIP_IN: u32 = 2;
const SKIP_OUT: u32 = 4;
const TLS: u32 = 32;

/// Why nothing of a socket is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unwanted {
    /// It is encrypted. Counted apart ([`super::SocketCounts::tls`]): that is traffic which somebody may miss.
    Tls,
    /// It is no HTTP, or of no use for another reason.
    NoHttp,
}

/// `struct verdict`.
#[derive(Clone, Copy, Default)]
#[repr(C)]
struct Verdict {
    what: u32,
    skip_in: u32,
    skip_out: u32,
}

// SAFETY: three numbers without padding; any bytes are a value.
unsafe impl Pod for Verdict {}

/// The kernel's table of verdicts.
pub(super) struct Verdicts(HashMap<MapData, u64, Verdict>);

impl Verdicts {
    pub(super) fn new(map: Map) -> Result<Verdicts, MapError> {
        HashMap::try_from(map).map(Verdicts)
    }

    /// Nothing of this socket is wanted. That the table cannot take it costs only time: it is told again.
    ///
    /// It is told again for each packet that was under way, and written once.
    pub(super) fn refuse(&mut self, cookie: u64, why: Unwanted) {
        if self.0.get(&cookie, 0).is_ok_and(|verdict| verdict.what & NOT_WANTED != 0) {
            return;
        }
        let what = match why {
            Unwanted::Tls => NOT_WANTED | TLS,
            Unwanted::NoHttp => NOT_WANTED,
        };
        let _ = self.0.insert(cookie, Verdict { what, ..Verdict::default() }, 0);
    }

    /// Bytes of one direction before this sequence number need not be copied.
    pub(super) fn skip(&mut self, cookie: u64, outgoing: bool, to: u32) {
        let mut verdict = self.0.get(&cookie, 0).unwrap_or_default();
        if outgoing {
            verdict.what |= SKIP_OUT;
            verdict.skip_out = to;
        } else {
            verdict.what |= SKIP_IN;
            verdict.skip_in = to;
        }
        let _ = self.0.insert(cookie, verdict, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_those_of_the_kernels_side() {
        let text = include_str!("../../../../bpf/record.h");
        let words = [("NOT_WANTED", NOT_WANTED), ("SKIP_IN", SKIP_IN), ("SKIP_OUT", SKIP_OUT), ("TLS", TLS)];
        for (name, word) in words {
            let line = text.lines().find_map(|line| line.strip_prefix(&format!("#define {name} "))).unwrap();
            assert_eq!(line.split_whitespace().next(), Some(word.to_string().as_str()), "{name}");
        }
    }
}
