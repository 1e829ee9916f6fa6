//! Options of commands: `--password x`, `-u user:x`.

use super::super::bytes::{from, until};
use super::super::flags::is_flag;
use super::super::names::{Meaning, meaning};
use super::super::persons::fits;
use super::super::tokens::{is_base64url, run};
use super::hit::{Hit, value_at};

/// The longest name of an option, in bytes.
const MAX_NAME: usize = 64;

/// A byte of the name of an option.
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

/// The password right behind `-p`.
fn attached(text: &[u8], at: usize) -> Option<Hit> {
    let rest = from(text, at).strip_prefix(b"-p")?;
    let range = value_at(text, at + 2);
    let such = rest.first().is_some_and(|byte| !byte.is_ascii_whitespace() && !b"=-".contains(byte))
        && !range.is_empty();
    (such && ATTACHED.iter().any(|program| is_behind(text, at, program)))
        .then_some(Hit { range, credential: true })
}

/// The value of the option that begins here, if its name makes it secret or personal.
pub(super) fn option(text: &[u8], at: usize) -> Option<Hit> {
    let name = until(from(text, at), run(until(from(text, at), MAX_NAME), is_name));
    if let Some(hit) = attached(text, at) {
        return Some(hit);
    }
    let blanks = run(from(text, at + name.len()), |byte| byte == b' ' || byte == b'=');
    if name.len() < 2 || blanks == 0 {
        return None;
    }
    let range = value_at(text, at + name.len() + blanks);
    let value = String::from_utf8_lossy(from(until(text, range.end), range.start)).into_owned();
    let other = value.starts_with('-') && !value.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
    if value.is_empty() || other || is_flag(&value) {
        return None;
    }
    if matches!(name, b"-u" | b"--user" | b"-U" | b"--proxy-user") {
        let (user, password) = value.split_once(':')?;
        return (!password.is_empty())
            .then_some(Hit { range: range.start + user.len() + 1..range.end, credential: true });
    }
    match meaning(name) {
        Meaning::Credential => Some(Hit { range, credential: true }),
        Meaning::Personal(shape) if fits(shape, &value) => Some(Hit { range, credential: false }),
        _ if is_of_program(text, at, name) => Some(Hit { range, credential: true }),
        _ => None,
    }
}
