//! What became of every frame.

use crate::{Segment, Skipped, Unread};

/// Frames by what became of them: `seen` is the sum of all others, but for `unread`, which says more about two of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// All that came in.
    pub seen: u64,
    /// Those that were TCP segments, or completed one.
    pub segments: u64,
    /// Fragments that became a part of a whole packet, which another one completed.
    pub joined_fragments: u64,
    /// See [`Skipped::NotIp`].
    pub not_ip: u64,
    /// See [`Skipped::NotTcp`].
    pub not_tcp: u64,
    /// See [`Skipped::Fragment`]: those of packets that are not whole, so far or for good.
    pub fragment: u64,
    /// See [`Skipped::Truncated`].
    pub truncated: u64,
    /// See [`Skipped::Malformed`].
    pub malformed: u64,
    /// See [`Skipped::TunnelDepth`].
    pub tunnel_depth: u64,
    /// What those of `not_ip` and `not_tcp` carried.
    pub unread: Unread,
}

impl Counters {
    /// Counts a frame by what [`crate::segment()`] made of it.
    #[inline]
    pub fn count(&mut self, decoded: &Result<Segment<'_>, Skipped>) {
        self.seen += 1;
        match decoded {
            Ok(_) => self.segments += 1,
            Err(skipped) => self.skip(*skipped),
        }
    }

    #[inline(never)]
    fn skip(&mut self, skipped: Skipped) {
        *match skipped {
            Skipped::NotIp(carried) => {
                self.unread.count(carried);
                &mut self.not_ip
            }
            Skipped::NotTcp(carried) => {
                self.unread.count(carried);
                &mut self.not_tcp
            }
            Skipped::Fragment => &mut self.fragment,
            Skipped::Truncated => &mut self.truncated,
            Skipped::Malformed => &mut self.malformed,
            Skipped::TunnelDepth => &mut self.tunnel_depth,
        } += 1;
    }

    /// Counts the packet that so many fragments, which were counted, became: the last of them by what the packet is.
    pub fn join(&mut self, fragments: u64, decoded: &Result<Segment<'_>, Skipped>) {
        self.fragment = self.fragment.saturating_sub(fragments);
        self.joined_fragments += fragments.saturating_sub(1);
        match decoded {
            Ok(_) => self.segments += 1,
            Err(skipped) => self.skip(*skipped),
        }
    }

    /// Returns every way of a frame: its metric label and its count.
    #[must_use]
    pub fn ways(&self) -> [(&'static str, u64); 8] {
        [
            ("tcp_segments", self.segments),
            ("joined_fragments", self.joined_fragments),
            ("not_ip", self.not_ip),
            ("not_tcp", self.not_tcp),
            ("fragment", self.fragment),
            ("truncated", self.truncated),
            ("malformed", self.malformed),
            ("tunnel_depth", self.tunnel_depth),
        ]
    }
}
