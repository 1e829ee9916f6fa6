//! The field lines of a message: names and values out of the captured block (RFC 9112, section 5).

use memchr::memchr;

use crate::exchange::Head;

impl<'a> Head<'a> {
    /// A head of these field lines: each ended by LF or CRLF, without a start line and without the empty line.
    #[must_use]
    pub fn new(lines: &'a [u8]) -> Head<'a> {
        Head { lines }
    }

    /// The fields in their order. Lines without a colon are passed over.
    #[must_use]
    pub fn iter(&self) -> Fields<'a> {
        Fields { rest: self.lines }
    }

    /// The value of the first field of this name, whatever its case.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'a [u8]> {
        let [value] = self.pick([name]);
        value
    }

    /// The values of the first fields of these names, whatever their case, in one pass: what is asked for every message.
    #[must_use]
    pub fn pick<const N: usize>(&self, names: [&str; N]) -> [Option<&'a [u8]>; N] {
        let (mut values, mut rest, mut left) = ([None; N], self.lines, N);
        while left > 0 && !rest.is_empty() {
            let (line, after) = split_line(rest);
            rest = after;
            for (value, name) in values.iter_mut().zip(names) {
                if may_be(line, name.as_bytes())
                    && let Some(field) = split_field(line)
                    && value.is_none()
                    && field.0.eq_ignore_ascii_case(name.as_bytes())
                {
                    *value = Some(field.1);
                    left -= 1;
                }
            }
        }
        values
    }

    /// Whether the comma-separated list that all fields of this name make (RFC 9110, section 5.6.1) holds this
    /// member; parameters and case do not matter.
    pub(crate) fn lists(&self, name: &str, member: &str) -> bool {
        let fields = self.iter().filter(|field| field.0.eq_ignore_ascii_case(name.as_bytes()));
        fields.flat_map(|field| field.1.split(|&byte| byte == b',')).any(|element| {
            let token = element.split(|&byte| byte == b';').next().unwrap_or_default();
            token.trim_ascii().eq_ignore_ascii_case(member.as_bytes())
        })
    }
}

impl<'a> IntoIterator for Head<'a> {
    type Item = (&'a [u8], &'a [u8]);
    type IntoIter = Fields<'a>;

    fn into_iter(self) -> Fields<'a> {
        self.iter()
    }
}

/// Iterates over the fields of a [`Head`]: name and value, white space around both removed.
#[derive(Clone)]
pub struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Fields<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        while !self.rest.is_empty() {
            let (line, rest) = split_line(self.rest);
            self.rest = rest;
            if let Some(field) = split_field(line) {
                return Some(field);
            }
        }
        None
    }
}

/// The first line, without its LF but with a CR before it, and what comes after it.
fn split_line(bytes: &[u8]) -> (&[u8], &[u8]) {
    match memchr(b'\n', bytes) {
        Some(end) => (&bytes[..end], &bytes[end + 1..]),
        None => (bytes, &[]),
    }
}

/// Whether a line can be a field of this name, by two bytes of it: most lines are told apart without being read.
fn may_be(line: &[u8], name: &[u8]) -> bool {
    let first = |bytes: &[u8]| bytes.first().map(|byte| byte | 0x20);
    let ends = |byte: &u8| matches!(byte, b':' | b' ' | b'\t');
    // A line that begins with white space is rare enough to be read.
    (first(line) == first(name) && line.get(name.len()).is_some_and(ends))
        || line.first().is_some_and(|byte| b" \t".contains(byte))
}

/// Name and value of a field line, none when it has no name.
pub(crate) fn split_field(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = line.iter().position(|&byte| byte == b':')?;
    let name = line[..colon].trim_ascii();
    (!name.is_empty()).then(|| (name, line[colon + 1..].trim_ascii()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_come_in_order_and_trimmed() {
        let head = Head::new(b"Host: a\r\nX-Empty:\r\nno colon\r\nx-b :  c d \t\n: nameless\nY: 1:2");
        let fields: Vec<_> = head.iter().collect();
        let expected: [(&[u8], &[u8]); 4] =
            [(b"Host", b"a"), (b"X-Empty", b""), (b"x-b", b"c d"), (b"Y", b"1:2")];
        assert_eq!(fields, expected);
    }

    #[test]
    fn get_gives_the_first_whatever_its_case() {
        let head = Head::new(b"ACCEPT: a\r\naccept: b\r\n");
        assert_eq!(head.get("Accept"), Some(&b"a"[..]));
        assert_eq!(head.get("accep"), None);
    }

    #[test]
    fn pick_gives_the_first_of_each_in_one_pass() {
        let head = Head::new(b"Host : a\r\nHosting: x\r\n\tAccept: b\r\nhost: c\r\nAccept: d\r\n");
        assert_eq!(head.pick(["host", "accept", "x"]), [Some(&b"a"[..]), Some(&b"b"[..]), None]);
    }

    #[test]
    fn lists_look_at_every_member_of_every_field() {
        let head = Head::new(b"Connection: keep-alive, Upgrade\r\nconnection: x;q=1\r\n");
        assert!(head.lists("connection", "upgrade"));
        assert!(head.lists("connection", "x"));
        assert!(!head.lists("connection", "keep"));
    }
}
