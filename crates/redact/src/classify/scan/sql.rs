//! Secrets in statements and sentences: `IDENTIFIED BY 'x'`, `INSERT INTO users (password) VALUES ('x')`, `the password is x1`.

use std::sync::LazyLock;

use memchr::memmem;

use super::super::bytes::{from, until};
use super::super::label::Label;
use super::super::names::{Meaning, is_credential_name, meaning};
use super::super::tokens::run;
use super::hit::{Hit, last_word, run_back, trim_end, under, value_at};

/// How far back the columns of a statement are looked for, in bytes.
const MAX_COLUMNS: usize = 512;

/// The shortest statement that has a value in a column with a name: `t(pin)VALUES(1`.
const MIN_STATEMENT: usize = 15;

/// Finds where the values of a statement begin.
static VALUES: LazyLock<[memmem::Finder<'_>; 2]> =
    LazyLock::new(|| [memmem::Finder::new("VALUES"), memmem::Finder::new("values")]);

/// Returns text in quotes behind a word that names a credential, or behind `IDENTIFIED BY`.
pub(super) fn quoted(text: &[u8], at: usize) -> Option<Hit> {
    let head = until(text, at);
    let trimmed = trim_end(head, b" ");
    let word = last_word(trimmed);
    if sets_password(trimmed) {
        let range = value_at(text, at);
        return (!range.is_empty()).then_some(Hit { range, label: Label::Credential });
    }
    if trimmed.len() == head.len() || word.is_empty() {
        return None;
    }
    let identified = || {
        let before = last_word(trim_end(until(trimmed, trimmed.len() - word.len()), b" "));
        before.eq_ignore_ascii_case(b"identified")
    };
    let by = word.eq_ignore_ascii_case(b"by") && identified();
    if by || is_credential_name(word) { under(Meaning::Credential, text, value_at(text, at)) } else { None }
}

/// Returns whether a text ends in `SET PASSWORD FOR a =`.
fn sets_password(head: &[u8]) -> bool {
    let Some(head) = head.strip_suffix(b"=").or_else(|| head.strip_suffix(b"(")) else { return false };
    let head = from(head, head.len().saturating_sub(MAX_COLUMNS));
    let statement = head.rsplit(|byte| b";\n".contains(byte)).next().unwrap_or_default();
    memmem::find(&statement.to_ascii_lowercase(), b"set password").is_some()
}

/// Returns the password of a line of `.netrc`: `login a password x`.
pub(super) fn login(text: &[u8], at: usize) -> Option<Hit> {
    from(text, at).strip_prefix(b"password ")?;
    let name = trim_end(until(text, at), b" \t\n");
    let name = from(name, name.len() - run_back(name, |byte| !byte.is_ascii_whitespace()));
    let before = trim_end(until(text, at), b" \t\n");
    let word = last_word(trim_end(until(before, before.len() - name.len()), b" \t\n"));
    let range = value_at(text, at + 9);
    (word == b"login" && !range.is_empty()).then_some(Hit { range, label: Label::Credential })
}

/// Returns the word behind `is`, behind a word that names a credential: it has a digit or a mark in it, or quotes around it.
pub(super) fn is(text: &[u8], at: usize) -> Option<Hit> {
    let rest = from(text, at);
    let begins = until(rest, 3).eq_ignore_ascii_case(b"is ") || until(rest, 3).eq_ignore_ascii_case(b"is:");
    let word = last_word(trim_end(until(text, at), b" "));
    if !begins || word.is_empty() || !is_credential_name(word) {
        return None;
    }
    let blanks = run(from(rest, 3), |byte| byte == b' ');
    let range = value_at(text, at + 3 + blanks);
    let value = from(until(text, range.end), range.start);
    let value = trim_end(value, b".!?:");
    let marked = value.iter().any(|byte| !byte.is_ascii_alphabetic()) || range.start > at + 3 + blanks;
    (marked && value.len() > 2)
        .then_some(Hit { range: range.start..range.start + value.len(), label: Label::Credential })
}

/// Returns the values of the statements of a text that belong to columns of sensitive names, in the order of the text.
pub(crate) fn inserted(text: &[u8]) -> Vec<Hit> {
    let (mut hits, mut end) = (Vec::new(), 0);
    if text.len() < MIN_STATEMENT {
        return hits;
    }
    for word in &*VALUES {
        for at in word.find_iter(text) {
            if at >= end {
                end = rows(text, at, &mut hits);
            }
        }
        end = 0;
    }
    hits.sort_unstable_by_key(|hit| hit.range.start);
    hits.dedup_by_key(|hit| hit.range.start);
    hits
}

/// Reads the rows behind `VALUES`, which stands here. Returns where they end.
fn rows(text: &[u8], at: usize, hits: &mut Vec<Hit>) -> usize {
    let head = trim_end(from(until(text, at), at.saturating_sub(MAX_COLUMNS)), b" \t\r\n");
    let columns = head
        .strip_suffix(b")")
        .and_then(|head| Some(from(head, head.iter().rposition(|byte| *byte == b'(')? + 1)));
    let Some(columns) = columns else { return at };
    let columns: Vec<Meaning> =
        columns.split(|byte| *byte == b',').map(|name| meaning(name.trim_ascii())).collect();
    let (mut place, mut column) = (at + 6, 0);
    while let Some(byte) = text.get(place) {
        match byte {
            b'(' => column = 0,
            b',' => column += 1,
            b')' => {}
            byte if byte.is_ascii_whitespace() => {}
            b';' => break,
            _ => {
                let range = value_at(text, place);
                let (end, quoted) = (range.end, range.start > place);
                hits.extend(columns.get(column).and_then(|meaning| under(*meaning, text, range)));
                // Behind the quote that ends it, or over what begins no value.
                place = end + usize::from(quoted || end == place);
                continue;
            }
        }
        place += 1;
    }
    place
}
