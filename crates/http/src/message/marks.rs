//! Where in a head the fields stand that are asked for of every message: noted while it is read, not searched again.

use crate::MAX_HEAD;

/// Where the value of a field stands, as offsets into the field lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    start: u16,
    end: u16,
}

// No line of a head that is read begins at the largest offset, which stands for 'nowhere'.
const _: () = assert!(MAX_HEAD <= 1 << 16);

impl Default for Mark {
    fn default() -> Mark {
        Mark { start: u16::MAX, end: 0 }
    }
}

impl Mark {
    /// The value in these field lines, if the field was among them.
    pub(crate) fn value(self, lines: &[u8]) -> Option<&[u8]> {
        lines.get(usize::from(self.start)..usize::from(self.end))
    }

    /// Notes a value, which begins at `at`, if it is the first of its name.
    pub(crate) fn note(&mut self, value: &[u8], at: usize) {
        let trimmed = value.trim_ascii_end();
        let (start, end) = (trimmed.len() - trimmed.trim_ascii_start().len(), trimmed.len());
        if *self == Mark::default()
            && let (Ok(start), Ok(end)) = (u16::try_from(at + start), u16::try_from(at + end))
        {
            *self = Mark { start, end };
        }
    }
}

/// The marks of a head.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    pub(crate) host: Mark,
    pub(crate) content_type: Mark,
    pub(crate) user_agent: Mark,
}

impl Marks {
    /// Notes the value of a field if it is asked for often; it begins at this offset of the field lines.
    pub(crate) fn note(&mut self, name: &[u8], value: &[u8], at: usize) {
        if is_name(name, b"host") {
            self.host.note(value, at);
        } else if is_name(name, b"user-agent") {
            self.user_agent.note(value, at);
        } else if is_name(name, b"content-type") {
            self.content_type.note(value, at);
        }
    }
}

/// Returns whether this is the name, given in lower case, of a field. Its bytes are compared all at once, not one after
/// the other until one differs: of names of this length most are right.
#[inline]
pub(crate) fn is_name<const N: usize>(name: &[u8], lower: &[u8; N]) -> bool {
    let Some(name) = name.first_chunk::<N>().filter(|_| name.len() == N) else { return false };
    name.iter().zip(lower).fold(0, |differs, (byte, lower)| differs | (byte.to_ascii_lowercase() ^ lower))
        == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_any_case() {
        for name in ["host", "HOST", "hOsT"] {
            assert!(is_name(name.as_bytes(), b"host"), "{name}");
        }
        for name in ["", "hos", "hosts", "h\x0fst", "xost", "host "] {
            assert!(!is_name(name.as_bytes(), b"host"), "{name}");
        }
        assert!(
            is_name(b"Content-Length", b"content-length")
                && !is_name(b"Content\x0dLength", b"content-length")
        );
    }
}
