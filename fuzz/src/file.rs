//! Any file is read to its end or to a reason why it cannot be.

use std::io::Cursor;
use std::path::Path;

use ::capture::{CaptureFile, MAX_FRAME_BYTES, Poll};

/// The bytes are a file.
pub fn file(data: &[u8]) {
    let Ok(mut file) = CaptureFile::from_reader(Path::new("fuzz"), Cursor::new(data.to_vec())) else {
        return;
    };
    let mut frames = 0_u64;
    loop {
        let mut now = 0;
        let poll = file.poll(|frame| {
            assert!(frame.bytes.len() <= MAX_FRAME_BYTES + 64 * 1024);
            assert!(frame.bytes.len() <= frame.wire_len as usize);
            now += 1;
        });
        frames += now as u64;
        assert_eq!(file.statistics().frames, frames);
        match poll {
            Ok(Poll::Frames(delivered)) => assert!(delivered == now && now > 0),
            Ok(Poll::End) | Err(_) => break,
            Ok(Poll::Idle) => panic!("a file never waits"),
        }
    }
}
