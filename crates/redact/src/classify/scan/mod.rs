//! Finds secrets and personal data in text, wherever they stand.

mod block;
mod code;
mod command;
mod field;
mod hit;
mod scheme;
mod sql;
mod unpacked;

use std::ops::Range;

pub(crate) use block::block;
pub(crate) use hit::{Hit, Wanted};
pub(crate) use scheme::is_scheme;
pub(crate) use sql::inserted;
pub(crate) use unpacked::text_of;

use super::bytes::from;
use super::forms::FORMS;
use super::label::Label;
use super::persons::{email_at, iban_at, is_local, mixed_at, number_at};
use super::tokens::{base64_at, is_base64, opaque_in, run, token_at};

/// The shortest run of base64 that holds anything: a user and a password, without the padding.
const MIN_RUN: usize = unpacked::MIN_PAIR - 2;

/// Returns the first secret of the text, or the first personal data in it.
pub(crate) fn scan(text: &[u8]) -> Option<Hit> {
    Scan::of(text, Wanted::ALL).next()
}

/// What is found in a text, from its beginning to its end. What is read for one place of it is bounded, so all of it takes time
/// linear in its length.
pub(crate) struct Scan<'a> {
    text: &'a [u8],
    wanted: Wanted,
    /// Where it goes on.
    at: usize,
    /// Where base64 is judged although it began before: behind a hit, and behind what was judged of a long run.
    anew: usize,
    /// Where the public block ends that was begun last.
    public: usize,
}

impl<'a> Scan<'a> {
    /// Begins at the beginning of a text.
    pub(crate) fn of(text: &'a [u8], wanted: Wanted) -> Scan<'a> {
        Scan { text, wanted, at: 0, anew: 0, public: 0 }
    }

    /// Returns what begins here, where no word goes on.
    fn found(&mut self, at: usize, before: u8) -> Option<Hit> {
        let text = self.text;
        if at >= self.public && before != b'-' && text.get(at) == Some(&b'-') {
            self.public = block::public(text, at).unwrap_or(self.public);
        }
        let guessed = self.wanted.guessed && at >= self.public;
        let secret =
            credential(text, at, before).or_else(|| if guessed { self.opaque(at, before) } else { None });
        let found = secret.map(|range| Hit { range, label: Label::Credential });
        found.or_else(|| named(text, at, before, self.wanted.personal)).or_else(|| {
            let person = || person(text, at, before);
            if self.wanted.personal && guessed { person() } else { None }
        })
    }

    /// Returns the secret that nothing but its letters tells, where base64 begins.
    fn opaque(&mut self, at: usize, before: u8) -> Option<Range<usize>> {
        let begins =
            self.text.get(at).is_some_and(|byte| is_base64(*byte)) && (!is_base64(before) || at == self.anew);
        if !begins {
            return None;
        }
        let run = base64_at(self.text, at);
        self.anew = at + run.len();
        // Most words are short.
        if run.len() < MIN_RUN {
            return None;
        }
        unpacked::pair(self.text, at).or_else(|| opaque_in(self.text, at, run))
    }

    /// Goes on behind a hit, which ends where a character does.
    fn passed(&mut self, mut hit: Hit) -> Hit {
        let inside = |byte: u8| byte & 0xc0 == 0x80;
        hit.range.end += run(from(self.text, hit.range.end), inside);
        (self.at, self.anew) = (hit.range.end, hit.range.end);
        hit
    }
}

impl Iterator for Scan<'_> {
    type Item = Hit;

    fn next(&mut self) -> Option<Hit> {
        let forms = &*FORMS;
        let text = self.text;
        let mut before = self.at.checked_sub(1).and_then(|before| text.get(before)).copied().unwrap_or(b' ');
        for (at, &byte) in text.iter().enumerate().skip(self.at) {
            // In the middle of a word nothing begins but a token that is known anywhere.
            let inside = byte.is_ascii_alphanumeric() && before.is_ascii_alphanumeric() && at != self.anew;
            let found = if inside {
                let length = forms.find_inside(from(text, at), before);
                length.map(|length| Hit { range: at..at + length, label: Label::Credential })
            } else {
                self.found(at, before)
            };
            if let Some(hit) = found {
                return Some(self.passed(hit));
            }
            before = byte;
        }
        self.at = text.len();
        None
    }
}

/// Returns what a name before it makes secret or personal.
fn named(text: &[u8], at: usize, before: u8, personal: bool) -> Option<Hit> {
    let hit = match *text.get(at)? {
        b':' | b'=' => field::field(text, at),
        b'>' => field::element(text, at),
        b'-' if !before.is_ascii_alphanumeric() && before != b'-' => command::option(text, at),
        b'"' | b'\'' => sql::quoted(text, at),
        b'i' | b'I' if before == b' ' => sql::is(text, at),
        b'p' if before.is_ascii_whitespace() => sql::login(text, at),
        b'0'..=b'9' if !before.is_ascii_alphanumeric() => code::code(text, at),
        _ => None,
    };
    hit.filter(|hit| hit.is_credential() || personal)
}

/// Returns a credential that says by itself that it is one.
fn credential(text: &[u8], at: usize, before: u8) -> Option<Range<usize>> {
    let byte = *text.get(at)?;
    let own = match byte {
        b'-' if before != b'-' => block::private_key(text, at),
        b'P' => block::putty(text, at),
        b':' => scheme::userinfo(text, at),
        _ => None,
    };
    let starts = byte.is_ascii_alphanumeric() && !before.is_ascii_alphanumeric();
    let found = own.or_else(|| token_at(text, at).map(|end| at..end));
    found.or_else(|| if starts { scheme::scheme(text, at) } else { None })
}

/// Returns personal data that begins here.
fn person(text: &[u8], at: usize, before: u8) -> Option<Hit> {
    let byte = *text.get(at)?;
    let starts = !before.is_ascii_alphanumeric();
    let iban = || iban_at(text, at).map(|end| (end, Label::Iban));
    let found = match byte {
        b'+' | b'(' => number_at(text, at),
        b'0'..=b'9' if starts => number_at(text, at).or_else(|| mixed_at(text, at)),
        b'a'..=b'z' | b'A'..=b'Z' if starts => iban().or_else(|| mixed_at(text, at)),
        _ => None,
    };
    let local = is_local(byte) && byte != b'\'' && (!is_local(before) || before == b'\'') || byte == b'"';
    let email = || if local { email_at(text, at).map(|end| (end, Label::Email)) } else { None };
    found.or_else(email).map(|(end, label)| Hit { range: at..end, label })
}

#[cfg(test)]
mod tests;
