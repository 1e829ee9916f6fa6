//! What became of every frame.

use crate::{Segment, Skipped};

/// Frames by what became of them: `seen` is the sum of all others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// All that came in.
    pub seen: u64,
    /// Those that were TCP segments.
    pub segments: u64,
    /// See [`Skipped::NotIp`].
    pub not_ip: u64,
    /// See [`Skipped::NotTcp`].
    pub not_tcp: u64,
    /// See [`Skipped::Fragment`].
    pub fragment: u64,
    /// See [`Skipped::Truncated`].
    pub truncated: u64,
    /// See [`Skipped::Malformed`].
    pub malformed: u64,
    /// See [`Skipped::TunnelDepth`].
    pub tunnel_depth: u64,
}

impl Counters {
    /// Counts a frame by what [`crate::segment()`] made of it.
    #[inline]
    pub fn count(&mut self, decoded: &Result<Segment<'_>, Skipped>) {
        self.seen += 1;
        *match decoded {
            Ok(_) => &mut self.segments,
            Err(Skipped::NotIp) => &mut self.not_ip,
            Err(Skipped::NotTcp) => &mut self.not_tcp,
            Err(Skipped::Fragment) => &mut self.fragment,
            Err(Skipped::Truncated) => &mut self.truncated,
            Err(Skipped::Malformed) => &mut self.malformed,
            Err(Skipped::TunnelDepth) => &mut self.tunnel_depth,
        } += 1;
    }

    /// Returns every way of a frame: its metric label and its count.
    #[must_use]
    pub fn ways(&self) -> [(&'static str, u64); 7] {
        [
            ("tcp_segments", self.segments),
            ("not_ip", self.not_ip),
            ("not_tcp", self.not_tcp),
            ("fragment", self.fragment),
            ("truncated", self.truncated),
            ("malformed", self.malformed),
            ("tunnel_depth", self.tunnel_depth),
        ]
    }
}
