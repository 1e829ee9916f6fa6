//! The terminal: a line that is not shown, and its state whatever ends the program.

use std::io::{self, Write};
use std::process;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use tokio::signal::unix::{SignalKind, signal};

/// The longest hidden line in bytes; the longest session tokens have a few KiB.
const MAX_HIDDEN: usize = 64 << 10;

/// How the terminal was before its echo was switched off. Who holds the lock cannot be interrupted by a signal.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

/// Keeps signals from ending the program until the guard is dropped.
pub(super) fn hold() -> MutexGuard<'static, Option<Termios>> {
    BEFORE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// On SIGINT (Ctrl-C), SIGTERM, SIGHUP or SIGQUIT: puts the terminal back and ends the program with the status that shells
/// give to such an end.
///
/// # Errors
/// The signals cannot be watched.
pub(super) fn watch_signals() -> io::Result<()> {
    let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup(), SignalKind::quit()];
    for kind in kinds {
        let mut signals = signal(kind)?;
        tokio::spawn(async move {
            signals.recv().await;
            restore(&mut hold());
            let _ = writeln!(io::stdout(), "\nStopped by a signal.");
            process::exit(128 + kind.as_raw_value());
        });
    }
    Ok(())
}

/// Reads a line from the terminal without showing it. Backspace and Ctrl-U work. What was pasted behind the line's end is
/// thrown away: it would be shown as the answer to the next question.
///
/// The kernel's own line editing is off, for it cuts lines at 4,095 bytes, and keys may be longer.
///
/// # Errors
/// The terminal fails, the line is too long, or it ended (Ctrl-D).
pub(super) fn read_hidden() -> io::Result<String> {
    let _shown_again = Hidden::begin()?;
    let mut line = Vec::new();
    loop {
        let mut byte = [0];
        if rustix::io::read(io::stdin(), &mut byte)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        match byte {
            [b'\n' | b'\r'] => break,
            [END] if line.is_empty() => return Err(io::ErrorKind::UnexpectedEof.into()),
            [END] => break,
            [BACKSPACE | DELETE] => drop(line.pop()),
            [KILL] => line.clear(),
            [byte] => line.push(byte),
        }
        if line.len() > MAX_HIDDEN {
            return Err(io::Error::other("the key is longer than 64 KiB"));
        }
    }
    String::from_utf8(line).map_err(|_| io::Error::other("the key is not UTF-8 text"))
}

/// Ctrl-D, Ctrl-H, Delete and Ctrl-U, as terminals send them.
const END: u8 = 4;
const BACKSPACE: u8 = 8;
const DELETE: u8 = 127;
const KILL: u8 = 21;

/// While it lives, the terminal shows nothing of what is typed.
struct Hidden;

impl Hidden {
    fn begin() -> io::Result<Hidden> {
        let mut before = hold();
        let termios = tcgetattr(io::stdin())?;
        let mut hidden = termios.clone();
        hidden.local_modes.remove(LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON);
        hidden.special_codes[SpecialCodeIndex::VMIN] = 1;
        hidden.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(io::stdin(), OptionalActions::Now, &hidden)?;
        *before = Some(termios);
        Ok(Hidden)
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        restore(&mut hold());
    }
}

fn restore(before: &mut Option<Termios>) {
    if let Some(termios) = before.take() {
        // A terminal that is gone needs nothing.
        let _ = tcsetattr(io::stdin(), OptionalActions::Flush, &termios);
    }
}
