//! A look at the whole file before it is opened, in a child process.
//!
//! On a damaged file redb may panic, which can be caught. It may also abort, ask for memory without end, or never come
//! back, which cannot. So a child does it first, under limits. If it does not end well, the file is damaged.

use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::ops::ControlFlow;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};

use crate::changes::Kind;
use crate::database::{self, Check, guarded};
use crate::trouble::Trouble;

/// What the child says at most about what it found, in bytes.
const REASON_BYTES: u64 = 512;

/// The exit status of a child that found the file damaged.
const DAMAGED: i32 = 10;
/// The same: it could not be read.
const AWAY: i32 = 11;
/// The same: a later version wrote it.
const REFUSED: i32 = 12;

/// The signals that a child brings upon itself.
const FAULTS: [i32; 6] =
    [libc::SIGABRT, libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGFPE, libc::SIGXCPU];

/// Who looks at the whole file before it is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Walk {
    /// This process, while it opens the file.
    Here,
    /// A child: this program with these arguments, which calls [`walk_store`] with its standard input.
    Child {
        /// The program.
        program: PathBuf,
        /// Its arguments.
        arguments: Vec<OsString>,
    },
}

/// Walks a store's file: its pages and their checksums, and each value of it. Gives what is wrong, and the exit status
/// that tells the parent so.
///
/// # Errors
/// What is wrong with the file.
pub fn walk_store(file: File) -> Result<(), (String, i32)> {
    let walked = database::open(file, u64::MAX, Check::Whole).and_then(|(database, _)| {
        let walked =
            guarded(|| database::read(&database, &Kind::ALL, &mut |_, _, _| ControlFlow::Continue(())));
        let closed = database::close(database);
        walked.and(closed)
    });
    walked.map_err(|trouble| {
        let status = match &trouble {
            Trouble::Damaged(_) => DAMAGED,
            Trouble::Held | Trouble::Away(_) => AWAY,
            Trouble::Refused(_) => REFUSED,
        };
        (trouble.to_string(), status)
    })
}

/// Has the file walked. Returns how much is left to check when it is opened.
pub(super) fn walk(how: &Walk, file: &File) -> Result<Check, Trouble> {
    let Walk::Child { program, arguments } = how else { return Ok(Check::Whole) };
    let context = |error: std::io::Error| Trouble::Away(format!("the store's file: {error}"));
    if file.metadata().map_err(context)?.len() == 0 {
        return Ok(Check::Nothing);
    }
    let child = Command::new(program)
        .args(arguments)
        .env_clear()
        .stdin(Stdio::from(file.try_clone().map_err(context)?))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    // Where no child can be started, the next best is to look here.
    let Ok(mut child) = child else { return Ok(Check::Whole) };
    let mut reason = String::new();
    if let Some(out) = child.stdout.take() {
        // What it says is for people only.
        let _ = out.take(REASON_BYTES).read_to_string(&mut reason);
    }
    judge(child.wait().map_err(context)?, reason.trim())
}

fn judge(status: ExitStatus, reason: &str) -> Result<Check, Trouble> {
    match status.code() {
        Some(0) => Ok(Check::Nothing),
        Some(DAMAGED) => Err(Trouble::Damaged(reason.into())),
        Some(AWAY) => Err(Trouble::Away(reason.into())),
        Some(REFUSED) => Err(Trouble::Refused(reason.into())),
        Some(code) => Err(Trouble::Damaged(format!("reading it as a whole ended with status {code}"))),
        None => {
            let signal = status.signal().unwrap_or_default();
            let reason = format!("reading it as a whole ended by signal {signal}");
            // Signals from outside, as of one who runs out of memory, say nothing about the file.
            Err(if FAULTS.contains(&signal) { Trouble::Damaged(reason) } else { Trouble::Away(reason) })
        }
    }
}
