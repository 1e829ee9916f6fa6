//! Digits in groups, as people write long numbers.

use super::super::bytes::{from, until};

/// The most digits of one number that are looked at: cards have 19, and a verification value may follow.
pub(super) const MAX_DIGITS: usize = 24;

/// The most groups of one number.
pub(super) const MAX_GROUPS: usize = 8;

/// The longest separator of groups, in bytes.
const MAX_SEPARATOR: usize = 4;

/// A number in groups.
pub(super) struct Number {
    digits: [u8; MAX_DIGITS],
    count: usize,
    /// For each group: how many digits there are up to its end, and where it ends in the text.
    groups: [(usize, usize); MAX_GROUPS],
    pub(super) group_count: usize,
    pub(super) plus: bool,
    /// Whether a bracket opens before the first digit.
    pub(super) bracket: bool,
    /// The first byte between groups, in order. A space that does not break is a space.
    separators: [u8; MAX_GROUPS],
}

impl Number {
    /// Reads `+49 (30) 123-456`: an optional plus, groups, between them one separator or a bracket with one.
    pub(super) fn read(text: &[u8], start: usize) -> Option<Number> {
        let mut number = Number {
            digits: [0; MAX_DIGITS],
            count: 0,
            groups: [(0, 0); MAX_GROUPS],
            group_count: 0,
            plus: text.get(start) == Some(&b'+'),
            bracket: text.get(start) == Some(&b'('),
            separators: [0; MAX_GROUPS],
        };
        let mut at = start + usize::from(number.plus);
        while number.group_count < MAX_GROUPS {
            let (separator, length) = separator(from(text, at));
            if let Some(before) = number.group_count.checked_sub(1) {
                *number.separators.get_mut(before)? = separator;
            }
            if number.group_count > 0 && length == 0 || !number.group(text, at + length) {
                break;
            }
            at = number.end();
        }
        (number.group_count > 0).then_some(number)
    }

    /// Reads the digits of a group. Returns whether there were some, and not too many.
    fn group(&mut self, text: &[u8], at: usize) -> bool {
        let rest = from(text, at);
        let length = rest.iter().take(MAX_DIGITS + 1).take_while(|byte| byte.is_ascii_digit()).count();
        let Some(room) = self.digits.get_mut(self.count..self.count + length).filter(|room| !room.is_empty())
        else {
            return false;
        };
        room.copy_from_slice(until(rest, length));
        self.count += length;
        if let Some(group) = self.groups.get_mut(self.group_count) {
            *group = (self.count, at + length);
        }
        self.group_count += 1;
        true
    }

    /// Returns where the last group ends in the text.
    pub(super) fn end(&self) -> usize {
        self.group_count.checked_sub(1).and_then(|last| self.groups.get(last)).map_or(0, |group| group.1)
    }

    /// Returns all digits.
    pub(super) fn digits(&self) -> &[u8] {
        until(&self.digits, self.count)
    }

    /// Returns what is between the groups.
    pub(super) fn separators(&self) -> &[u8] {
        until(&self.separators, self.group_count.saturating_sub(1))
    }

    /// Returns whether there is something between groups, and nothing but these.
    pub(super) fn is_split_by(&self, allowed: &[u8]) -> bool {
        self.group_count > 1 && self.separators().iter().all(|byte| allowed.contains(byte))
    }

    /// Returns the beginnings of the number that end with a group, the longest first: how many groups, the digits, where the last
    /// ends.
    pub(super) fn beginnings(&self) -> impl Iterator<Item = (usize, &[u8], usize)> {
        let groups = self.groups.iter().take(self.group_count).enumerate().rev();
        groups.map(|(at, (count, end))| (at + 1, until(&self.digits, *count), *end))
    }

    /// Returns how many digits the groups have.
    pub(super) fn sizes(&self) -> [usize; MAX_GROUPS] {
        let mut sizes = [0; MAX_GROUPS];
        let mut before = 0;
        for (size, (count, _)) in sizes.iter_mut().zip(self.groups.iter().take(self.group_count)) {
            *size = count - before;
            before = *count;
        }
        sizes
    }
}

/// Returns the separator at the beginning of a text: its first byte, and its length.
fn separator(text: &[u8]) -> (u8, usize) {
    let (mut first, mut length) = (0, 0);
    while length < MAX_SEPARATOR {
        let (byte, bytes) = match from(text, length) {
            [0xc2, 0xa0, ..] => (b' ', 2),
            [0xe2, 0x80, 0xaf, ..] => (b' ', 3),
            [byte @ (b' ' | b'-' | b'.' | b'(' | b')' | b'/'), ..] => (*byte, 1),
            _ => break,
        };
        first = if length == 0 { byte } else { first };
        length += bytes;
    }
    (first, length)
}
