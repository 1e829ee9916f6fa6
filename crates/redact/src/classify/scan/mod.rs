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
pub(crate) use sql::inserted;
pub(crate) use unpacked::text_of;

use super::bytes::from;
use super::forms::FORMS;
use super::persons::{email_at, iban_at, is_local, mixed_at, number_at};
use super::tokens::{is_base64, opaque_at, token_at};

/// The first secret of the text, or the first personal data in it.
pub(crate) fn scan(text: &[u8]) -> Option<Hit> {
    scan_from(text, 0, Wanted::ALL)
}

/// The first one at or after `start`, where the last one ended. Takes time linear in the length of the text.
pub(crate) fn scan_from(text: &[u8], start: usize, wanted: Wanted) -> Option<Hit> {
    let forms = &*FORMS;
    let mut before = start.checked_sub(1).and_then(|before| text.get(before)).copied().unwrap_or(b' ');
    // Where the public block ends that was begun last.
    let mut public = 0;
    for (at, &byte) in text.iter().enumerate().skip(start) {
        // In the middle of a word nothing begins but a token that is known anywhere.
        if byte.is_ascii_alphanumeric() && before.is_ascii_alphanumeric() {
            if let Some(length) = forms.find_inside(from(text, at), before) {
                return Some(Hit { range: at..at + length, credential: true });
            }
        } else {
            if byte == b'-' && before != b'-' {
                public = block::public(text, at).unwrap_or(public);
            }
            let found = found(text, at, before, Wanted { guessed: wanted.guessed && at >= public, ..wanted });
            if found.is_some() {
                return found;
            }
        }
        before = byte;
    }
    None
}

/// What begins here, where no word goes on.
fn found(text: &[u8], at: usize, before: u8, wanted: Wanted) -> Option<Hit> {
    let found =
        credential(text, at, before, wanted.guessed).or_else(|| named(text, at, before, wanted.personal));
    found.or_else(|| {
        let person = || person(text, at, before).map(|range| Hit { range, credential: false });
        if wanted.personal && wanted.guessed { person() } else { None }
    })
}

/// What a name before it makes secret or personal.
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
    hit.filter(|hit| hit.credential || personal)
}

/// A credential that says by itself that it is one.
fn credential(text: &[u8], at: usize, before: u8, guessed: bool) -> Option<Hit> {
    let byte = *text.get(at)?;
    let own = match byte {
        b'-' if before != b'-' => block::private_key(text, at),
        b'P' => block::putty(text, at),
        b':' => scheme::userinfo(text, at),
        _ => None,
    };
    let starts = byte.is_ascii_alphanumeric() && !before.is_ascii_alphanumeric();
    let found = own.or_else(|| token_at(text, at).map(|end| at..end));
    let found = found.or_else(|| if starts { scheme::scheme(text, at) } else { None });
    let found = found.or_else(|| {
        let run_starts = is_base64(byte) && !is_base64(before);
        let opaque = || unpacked::pair(text, at).or_else(|| opaque_at(text, at));
        if run_starts && guessed { opaque() } else { None }
    });
    found.map(|range| Hit { range, credential: true })
}

/// Personal data that begins here.
fn person(text: &[u8], at: usize, before: u8) -> Option<Range<usize>> {
    let byte = *text.get(at)?;
    let starts = !before.is_ascii_alphanumeric();
    let end = match byte {
        b'+' | b'(' => number_at(text, at),
        b'0'..=b'9' if starts => number_at(text, at).or_else(|| mixed_at(text, at)),
        b'a'..=b'z' | b'A'..=b'Z' if starts => iban_at(text, at).or_else(|| mixed_at(text, at)),
        _ => None,
    };
    let local = is_local(byte) && byte != b'\'' && (!is_local(before) || before == b'\'') || byte == b'"';
    let email = || if local { email_at(text, at) } else { None };
    end.or_else(email).map(|end| at..end)
}

#[cfg(test)]
mod tests;
