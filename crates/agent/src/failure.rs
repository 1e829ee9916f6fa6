//! How a command fails: with one message that says what, where, and what to do next.

use std::fmt;
use std::io;

/// Why a command cannot go on.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(text: impl Into<String>) -> Failure {
        Failure(text.into())
    }

    /// Returns what came of writing to standard output: whether someone reads it. That the reader went away (`| head`)
    /// is no failure.
    pub(crate) fn of_output(result: io::Result<()>) -> Result<bool, Failure> {
        match result {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
            Err(error) => Err(Failure(format!("the output cannot be written: {error}"))),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<crate::config::Problem> for Failure {
    fn from(problem: crate::config::Problem) -> Failure {
        Failure(problem.to_string())
    }
}

impl From<capture::FileError> for Failure {
    fn from(error: capture::FileError) -> Failure {
        Failure(error.to_string())
    }
}

impl From<capture::OpenError> for Failure {
    fn from(error: capture::OpenError) -> Failure {
        Failure(error.to_string())
    }
}

impl From<capture::SocketError> for Failure {
    fn from(error: capture::SocketError) -> Failure {
        Failure(error.to_string())
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure(error.to_string())
    }
}
