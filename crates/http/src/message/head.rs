//! The field lines of a message: names and values out of the captured block (RFC 9112, section 5).

use memchr::memchr;

use super::everyday::is_everyday;
use super::exchange::Head;
use super::marks::Marks;

impl<'a> Head<'a> {
    /// Returns a head of these field lines: each ended by LF or CRLF, without a start line and without the empty line.
    #[must_use]
    pub fn new(lines: &'a [u8]) -> Head<'a> {
        let (mut marks, mut rest, mut number) = (Marks::default(), lines, 0);
        while !rest.is_empty() {
            let (line, after) = split_line(rest);
            if let Some((name, value)) = split_at_first(line, b':') {
                let at = lines.len() - rest.len();
                marks.note(name.trim_ascii_end(), value, number, at + name.len() + 1);
            }
            number += 1;
            rest = after;
        }
        Head { lines, marks }
    }

    /// Returns the fields in their order. Lines without a colon are passed over.
    #[must_use]
    pub fn iter(&self) -> Fields<'a> {
        Fields { rest: self.lines }
    }

    /// Returns the value of the first field of this name, whatever its case. Reads the lines up to it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'a [u8]> {
        self.iter().find(|field| field.0.eq_ignore_ascii_case(name.as_bytes())).map(|field| field.1)
    }

    /// Returns the value of the first `Host` field. It was noted while the head was read, so this is no search.
    #[must_use]
    pub fn host(&self) -> Option<&'a [u8]> {
        self.marks.host.value(self.lines)
    }

    /// Returns the value of the first `Content-Type` field, without a search.
    #[must_use]
    pub fn content_type(&self) -> Option<&'a [u8]> {
        self.marks.content_type.value(self.lines)
    }

    /// Returns the value of the first `User-Agent` field, without a search.
    #[must_use]
    pub fn user_agent(&self) -> Option<&'a [u8]> {
        self.marks.user_agent.value(self.lines)
    }

    /// Returns the fields of a request in their order, without those that clients, browsers and proxies send with almost every
    /// one (`Accept`, `User-Agent`, `X-Forwarded-For`): where the others stand was noted while the head was read.
    pub fn unusual(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        let (unusual, mut rest, mut number) = (self.marks.unusual, self.lines, 0);
        let lines = std::iter::from_fn(move || {
            while !rest.is_empty() && !unusual.ends_before(number) {
                let (line, after) = split_line(rest);
                let noted = unusual.has(number);
                (rest, number) = (after, number + 1);
                if noted {
                    return Some(line);
                }
            }
            None
        });
        lines.filter_map(split_field).filter(|field| !is_everyday(field.0))
    }

    /// Returns whether the comma-separated list that all fields of this name make (RFC 9110, section 5.6.1) holds this
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

/// Returns what stands before and behind the first of these bytes.
fn split_at_first(bytes: &[u8], byte: u8) -> Option<(&[u8], &[u8])> {
    let (before, after) = bytes.split_at_checked(memchr(byte, bytes)?)?;
    Some((before, after.get(1..)?))
}

/// The first line, without its LF but with a CR before it, and what comes after it.
fn split_line(bytes: &[u8]) -> (&[u8], &[u8]) {
    split_at_first(bytes, b'\n').unwrap_or((bytes, &[]))
}

/// Name and value of a field line, none when it has no name.
fn split_field(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let (name, value) = line.split_at_checked(line.iter().position(|&byte| byte == b':')?)?;
    let name = name.trim_ascii();
    (!name.is_empty()).then(|| (name, value.get(1..).unwrap_or_default().trim_ascii()))
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
    fn what_is_often_asked_for_is_noted() {
        let head = Head::new(b"Hosting: x\r\nhost : a\r\nHost: c\r\nUSER-AGENT:\r\ncontent-type: b/c ; d\n");
        assert_eq!(head.host(), Some(&b"a"[..]));
        assert_eq!(head.user_agent(), Some(&b""[..]));
        assert_eq!(head.content_type(), Some(&b"b/c ; d"[..]));
        assert_eq!(Head::new(b"Accept: a\r\n").host(), None);
    }

    #[test]
    fn unusual_fields_are_noted() {
        let of = |count: usize| -> String {
            (0..count).map(|n| format!("Accept: a\r\nX-{n} : {n}\r\nhost: b\r\n")).collect()
        };
        for count in [0, 1, 10, 11, 20] {
            let lines = of(count);
            let head = Head::new(lines.as_bytes());
            let found: Vec<_> = head.unusual().collect();
            let (names, values): (Vec<_>, Vec<_>) =
                (0..count).map(|n| (format!("X-{n}"), n.to_string())).unzip();
            let expected: Vec<_> =
                names.iter().zip(&values).map(|(name, value)| (name.as_bytes(), value.as_bytes())).collect();
            assert_eq!(found, expected, "{count}");
        }
    }

    #[test]
    fn lists_look_at_every_member_of_every_field() {
        let head = Head::new(b"Connection: keep-alive, Upgrade\r\nconnection: x;q=1\r\n");
        assert!(head.lists("connection", "upgrade"));
        assert!(head.lists("connection", "x"));
        assert!(!head.lists("connection", "keep"));
    }
}
