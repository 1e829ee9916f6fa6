//! Options of commands: `--password x`, `-u user:x`.

use super::super::bytes::{from, until};
use super::super::label::Label;
use super::super::names::{Meaning, meaning};
use super::super::tokens::{is_base64url, run};
use super::hit::{Hit, MAX_PERSONAL, under, value_at};

/// The longest name of an option, in bytes.
const MAX_NAME: usize = 64;

/// The longest name of a user, in bytes.
const MAX_USER: usize = 256;

/// Returns whether this is a byte of the name of an option.
fn is_name(byte: u8) -> bool {
    is_base64url(byte) || byte == b'.' || byte >= 0x80
}

/// Programs and their options for a password. What stands right behind the last one is part of it.
const PROGRAMS: [(&[u8], &[u8]); 3] = [(b"sshpass", b"-p"), (b"docker login", b"-p"), (b"redis-cli", b"-a")];

/// Programs whose option `-p` has the password right behind it.
const ATTACHED: [&[u8]; 3] = [b"mysql", b"mariadb", b"mysqldump"];

/// How far back the name of the program is looked for, in bytes.
const MAX_COMMAND: usize = 160;

/// Returns whether the option that begins here is that of a program for a password.
fn is_of_program(text: &[u8], at: usize, name: &[u8]) -> bool {
    PROGRAMS.iter().any(|(program, option)| *option == name && is_behind(text, at, program))
}

/// Returns whether the name of a program stands before this in its line.
fn is_behind(text: &[u8], at: usize, program: &[u8]) -> bool {
    let before = from(until(text, at), at.saturating_sub(MAX_COMMAND));
    let line = before.rsplit(|byte| b"\n;|&".contains(byte)).next().unwrap_or_default();
    memchr::memmem::find(line, program).is_some()
}

/// Returns the password right behind `-p`.
fn attached(text: &[u8], at: usize) -> Option<Hit> {
    let rest = from(text, at).strip_prefix(b"-p")?;
    let such = rest.first().is_some_and(|byte| !byte.is_ascii_whitespace() && !b"=-".contains(byte));
    if !such || !ATTACHED.iter().any(|program| is_behind(text, at, program)) {
        return None;
    }
    let range = value_at(text, at + 2);
    (!range.is_empty()).then_some(Hit { range, label: Label::Credential })
}

/// Returns the value of the option that begins here, if its name makes it secret or personal.
pub(super) fn option(text: &[u8], at: usize) -> Option<Hit> {
    let name = until(from(text, at), run(until(from(text, at), MAX_NAME), is_name));
    if let Some(hit) = attached(text, at) {
        return Some(hit);
    }
    let blanks = run(from(text, at + name.len()), |byte| byte == b' ' || byte == b'=');
    let start = at + name.len() + blanks;
    // Another option is no value; a number below zero is one.
    let other = matches!(from(text, start), [b'-', next, ..] if !next.is_ascii_digit());
    if name.len() < 2 || blanks == 0 || other {
        return None;
    }
    if matches!(name, b"-u" | b"--user" | b"-U" | b"--proxy-user") {
        return password_behind(text, start);
    }
    let mut meaning = meaning(name);
    if meaning == Meaning::Open && is_of_program(text, at, name) {
        meaning = Meaning::Credential;
    }
    match meaning {
        Meaning::Open => None,
        Meaning::Credential => under(meaning, text, value_at(text, start)),
        // What is none is read again for the next option, and so it is judged by its beginning.
        Meaning::Personal(..) => under(meaning, text, value_at(until(text, start + MAX_PERSONAL), start))
            .map(|hit| Hit { range: value_at(text, start), ..hit }),
    }
}

/// Returns the password behind a user that begins here: `ann:x`.
fn password_behind(text: &[u8], start: usize) -> Option<Hit> {
    let near = value_at(until(text, start + MAX_USER), start);
    let colon = memchr::memchr(b':', from(until(text, near.end), near.start))?;
    let range = near.start + colon + 1..value_at(text, start).end;
    (!range.is_empty()).then_some(Hit { range, label: Label::Credential })
}
