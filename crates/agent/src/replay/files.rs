//! Driving the pipeline over files.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use capture::{CaptureFile, Item, Poll};
use decode::{Timestamp, Tunnels};

use super::archive;
use super::keys::Keys;
use super::page::say;
use crate::budget::Governor;
use crate::failure::Failure;
use crate::pipeline::Pipeline;
use crate::pipeline::admission::Admission;
use crate::pipeline::naming::Findings;

/// What became of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Outcome {
    /// All were read to their end.
    Whole,
    /// One could not be read, or not to its end; it was said which one, and why.
    Partly,
}

impl Outcome {
    /// Returns the exit status that says so.
    pub(super) fn status(self) -> ExitCode {
        match self {
            Outcome::Whole => ExitCode::SUCCESS,
            Outcome::Partly => ExitCode::FAILURE,
        }
    }
}

/// Reads the files in the order given, as parts of one capture, and gives each batch of frames' end to `each_batch`.
/// What is wrong with a file is said, and the others are read; a damaged one is read up to the damage.
pub(super) fn run<F: Findings>(
    files: &[PathBuf],
    tunnels: Tunnels<'_>,
    pipeline: &mut Pipeline<F>,
    mut keys: Keys,
    mut governor: Governor,
    mut each_batch: impl FnMut(&mut Pipeline<F>),
) -> Outcome {
    let (mut now, mut outcome) = (Timestamp::EPOCH, Outcome::Whole);
    for path in files {
        if let Err(why) = read(path, tunnels, pipeline, &mut keys, &mut governor, &mut now, &mut each_batch) {
            say(&format!("traffic-monitor: ERROR: {why}"));
            outcome = Outcome::Partly;
        }
    }
    pipeline.finish(now);
    each_batch(pipeline);
    outcome
}

/// Reads one file.
fn read<F: Findings>(
    path: &Path,
    tunnels: Tunnels<'_>,
    pipeline: &mut Pipeline<F>,
    keys: &mut Keys,
    governor: &mut Governor,
    now: &mut Timestamp,
    each_batch: &mut impl FnMut(&mut Pipeline<F>),
) -> Result<(), Failure> {
    if is_archive(path) {
        archive::read(path, pipeline)?;
        each_batch(pipeline);
        return Ok(());
    }
    let mut file = CaptureFile::open(path)?;
    loop {
        let polled = file.poll_items(|item| match item {
            Item::Frame(frame) => {
                *now = frame.time;
                pipeline.frame(&frame, tunnels, &Admission::All);
            }
            Item::KeyLog(key_log) => keys.inside(path, key_log, pipeline.secrets()),
        });
        let frames = match polled? {
            Poll::End => break,
            Poll::Frames(frames) => frames,
            Poll::Idle => 0,
        };
        pipeline.after_batch(frames, governor, *now);
        each_batch(pipeline);
    }
    keys.left_out(path, file.statistics().long_key_logs);
    if file.truncated() {
        say(&format!("traffic-monitor: {}: ends inside a record; what is whole was read", path.display()));
    }
    if let Some((number, count)) = file.unsupported() {
        say(&format!(
            "traffic-monitor: {}: {count} frames were not read, of link type {number}; \
             the others were",
            path.display()
        ));
    }
    Ok(())
}

/// Returns whether a file is an HTTP archive. What cannot be read is no capture either, which says why.
fn is_archive(path: &Path) -> bool {
    path != Path::new("-") && archive::is_archive(path).unwrap_or(false)
}
