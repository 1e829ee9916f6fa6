//! Where the answers come from: a person at a terminal, or lines in a pipe.

use std::io::{self, BufRead, IsTerminal, Read};

use super::page::{ask, warn};
use super::terminal;
use crate::failure::Failure;

/// The longest line in bytes, line end included; the longest session tokens have a few KiB.
const MAX_LINE: u64 = 64 << 10;

/// The source of answers.
pub(super) enum Input {
    /// A person, who is asked, and asked again when an answer cannot be used.
    Terminal,
    /// Lines; the count of those read. Nothing is asked, and an answer that cannot be used is the end.
    Pipe { line: usize },
}

impl Input {
    /// Standard input, as what it is.
    pub(super) fn standard() -> Input {
        if io::stdin().is_terminal() { Input::Terminal } else { Input::Pipe { line: 0 } }
    }

    pub(super) fn is_terminal(&self) -> bool {
        matches!(self, Input::Terminal)
    }

    /// An answer that is not shown; `what` names it in errors.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn hidden(&mut self, prompt: &str, what: &str) -> Result<String, Failure> {
        match self {
            Input::Pipe { .. } => self.line(prompt, what),
            Input::Terminal => {
                ask(prompt);
                let line = terminal::read_hidden();
                ask("\n");
                line.map_err(|error| match error.kind() {
                    io::ErrorKind::UnexpectedEof => ended(),
                    _ => Failure::new(format!("the terminal: {error}")),
                })
            }
        }
    }

    /// An answer, without the white space around it; `what` names it in errors.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn line(&mut self, prompt: &str, what: &str) -> Result<String, Failure> {
        if self.is_terminal() {
            ask(prompt);
        }
        let mut bytes = Vec::new();
        io::stdin().lock().take(MAX_LINE).read_until(b'\n', &mut bytes)?;
        match self {
            Input::Terminal if bytes.is_empty() => {
                ask("\n");
                return Err(ended());
            }
            Input::Terminal => {}
            Input::Pipe { line } => {
                *line += 1;
                let problem = match bytes.len() as u64 {
                    0 => "standard input ends here",
                    MAX_LINE => "the line is longer than 64 KiB",
                    _ => "",
                };
                if !problem.is_empty() {
                    return Err(Failure::new(format!(
                        "line {line} ({what}): {problem}; nothing was written"
                    )));
                }
            }
        }
        // Windows PowerShell begins a pipe with a byte order mark. What is not UTF-8 is refused where the answer is used.
        Ok(String::from_utf8_lossy(&bytes).trim_start_matches('\u{feff}').trim().to_owned())
    }

    /// Says why the last answer cannot be used; a person is asked again then.
    ///
    /// # Errors
    /// In a pipe, always.
    pub(super) fn refuse(&self, what: &str, why: &str) -> Result<(), Failure> {
        match self {
            Input::Terminal => {
                warn(why);
                Ok(())
            }
            Input::Pipe { line } => {
                Err(Failure::new(format!("line {line} ({what}): {why}; nothing was written")))
            }
        }
    }
}

fn ended() -> Failure {
    Failure::new("the input ended; nothing was written")
}
