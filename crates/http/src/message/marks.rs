//! Where in a head the fields stand that are asked for of every message: noted while it is read, not searched again.

use super::everyday::is_everyday;
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

/// Which lines have names that are not everyday ones: a bit for each line, the last for all from there on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Unusual(u32);

impl Unusual {
    /// The number of the first line that has no bit of its own. Few requests have as many.
    const LAST: usize = 31;

    /// Notes the line of this number, from 0 on.
    #[inline]
    pub(crate) fn note(&mut self, line: usize) {
        self.0 |= 1 << line.min(Self::LAST);
    }

    /// Returns whether the line of this number is noted, or may be.
    pub(crate) fn has(self, line: usize) -> bool {
        self.0 >> line.min(Self::LAST) & 1 != 0
    }

    /// Returns whether none is noted from the line of this number on.
    pub(crate) fn ends_before(self, line: usize) -> bool {
        self.0 >> line.min(Self::LAST) == 0
    }
}

/// The marks of a head.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    pub(crate) host: Mark,
    pub(crate) content_type: Mark,
    pub(crate) user_agent: Mark,
    pub(crate) unusual: Unusual,
}

impl Marks {
    /// Notes the value of a field if it is asked for often: its line is the one of this number, and it begins at this offset
    /// of the field lines.
    pub(crate) fn note(&mut self, name: &[u8], value: &[u8], line: usize, at: usize) {
        if is_name(name, b"host") {
            self.host.note(value, at);
        } else if is_name(name, b"user-agent") {
            self.user_agent.note(value, at);
        } else if is_name(name, b"content-type") {
            self.content_type.note(value, at);
        } else if !is_everyday(name) {
            self.unusual.note(line);
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
