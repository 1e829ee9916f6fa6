//! Lines of exchanges to standard output: a table, one JSON array, or one JSON object a line.

use std::io::{self, BufWriter, StdoutLock, Write};

use super::line::Line;
use crate::cli::Format;

/// Standard output, written as it fills. The first error stops all further writing and is given at the end.
pub(super) struct Output {
    out: BufWriter<StdoutLock<'static>>,
    format: Format,
    written: u64,
    error: Option<io::Error>,
}

impl Output {
    pub(super) fn new(format: Format) -> Output {
        let out = BufWriter::with_capacity(64 << 10, io::stdout().lock());
        Output { out, format, written: 0, error: None }
    }

    pub(super) fn write(&mut self, line: &Line<'_>) {
        if self.error.is_none() {
            self.error = self.try_write(line).err();
        }
    }

    fn try_write(&mut self, line: &Line<'_>) -> io::Result<()> {
        let first = self.written == 0;
        self.written += 1;
        match self.format {
            Format::Jsonl | Format::Yaml => {
                serde_json::to_writer(&mut self.out, line)?;
                self.out.write_all(b"\n")
            }
            Format::Json => {
                self.out.write_all(if first { b"[\n" } else { b",\n" })?;
                Ok(serde_json::to_writer(&mut self.out, line)?)
            }
            Format::Table => {
                if first {
                    writeln!(self.out, "{}", Line::HEADS)?;
                }
                writeln!(self.out, "{line}")
            }
        }
    }

    /// Writes what is left.
    pub(super) fn finish(mut self) -> io::Result<()> {
        if let Some(error) = self.error {
            return Err(error);
        }
        if self.format == Format::Json {
            self.out.write_all(if self.written == 0 { b"[]\n" } else { b"\n]\n" })?;
        }
        self.out.flush()
    }
}
