//! What tells a flood from traffic: requests that are taken back at once, and frames that cannot be, more of them than answers.

/// The most requests given up without an answer beyond those that were answered. From there on they are counted, and are no
/// exchanges (rapid reset, CVE-2023-44487). Servers end such a connection after some hundred.
pub const MAX_UNANSWERED: u32 = 1000;

/// The most wrong frames beyond the answers. With more, it is not HTTP/2 after all. A receiver ends a connection at the first one (RFC 9113,
/// section 5.4.1), but of a joined one a place may have been taken for a frame that was none.
const MAX_WRONG: u32 = 16;

/// The most bytes behind wrong frames that are searched for frames place by place. In more, frames are looked for only where
/// segments begin.
const MAX_SEARCHED: usize = 16 * 1024;

/// What one connection did that looks like a flood.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Flood {
    unanswered: u32,
    wrong: u32,
    searched: usize,
}

impl Flood {
    /// Notes that a request was answered.
    pub(super) fn answered(&mut self) {
        self.unanswered = self.unanswered.saturating_sub(1);
        self.wrong = self.wrong.saturating_sub(1);
        self.searched = 0;
    }

    /// Notes that a request was given up without an answer. Returns whether it is one of a flood.
    pub(super) fn given_up(&mut self) -> bool {
        self.unanswered = (self.unanswered + 1).min(MAX_UNANSWERED + 1);
        self.is_on()
    }

    /// Returns whether requests without an answer are a flood.
    pub(super) fn is_on(self) -> bool {
        self.unanswered > MAX_UNANSWERED
    }

    /// Notes that so many bytes behind a wrong frame are to be searched. Returns whether to look at each place of them.
    pub(super) fn searches(&mut self, bytes: usize) -> bool {
        self.searched = self.searched.saturating_add(bytes);
        self.searched <= MAX_SEARCHED
    }

    /// Notes that a frame cannot be right. Returns whether there were too many of them.
    pub(super) fn wrong(&mut self) -> bool {
        self.wrong = self.wrong.saturating_add(1);
        self.wrong > MAX_WRONG
    }
}
