//! Driving the pipeline over files.

use std::path::{Path, PathBuf};

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

/// Reads the files in the order given, as parts of one capture, and gives each batch of frames' end to `each_batch`.
/// A damaged file ends where the damage is; the rest is read.
pub(super) fn run<F: Findings>(
    files: &[PathBuf],
    pipeline: &mut Pipeline<F>,
    mut keys: Keys,
    mut governor: Governor,
    mut each_batch: impl FnMut(&mut Pipeline<F>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut now = Timestamp::EPOCH;
    for path in files {
        if is_archive(path) {
            archive::read(path, pipeline)?;
            each_batch(pipeline)?;
            continue;
        }
        let mut file = CaptureFile::open(path)?;
        loop {
            let polled = file.poll_items(|item| match item {
                Item::Frame(frame) => {
                    now = frame.time;
                    pipeline.frame(&frame, Tunnels::Open, &Admission::All);
                }
                Item::KeyLog(key_log) => keys.inside(path, key_log, pipeline.secrets()),
            });
            let frames = match polled {
                Ok(Poll::End) => break,
                Ok(Poll::Frames(frames)) => frames,
                Ok(Poll::Idle) => 0,
                Err(error) => return Err(Failure::new(format!("{}: {error}", path.display()))),
            };
            pipeline.after_batch(frames, &mut governor, now);
            each_batch(pipeline)?;
        }
        keys.left_out(path, file.statistics().long_key_logs);
        if file.truncated() {
            say(&format!(
                "traffic-monitor: {}: ends inside a record; what is whole was read",
                path.display()
            ));
        }
    }
    pipeline.finish(now);
    each_batch(pipeline)
}

/// Returns whether a file is an HTTP archive. What cannot be read is no capture either, which says why.
fn is_archive(path: &Path) -> bool {
    path != Path::new("-") && archive::is_archive(path).unwrap_or(false)
}
