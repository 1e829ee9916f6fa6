//! What became of everything that came in: each segment and each payload byte has one way out, and it is counted.

use decode::Segment;

use crate::event::End;
use crate::rival::Rival;

/// The counts of a [`crate::Table`] since it was made. All only grow, except [`Segments::held`], [`Bytes::waiting`] and
/// [`Connections::open`], which say how it stands now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Segments by what became of them.
    pub segments: Segments,
    /// Payload bytes by what became of them.
    pub bytes: Bytes,
    /// What was missing.
    pub missing: Missed,
    /// Connections by how they began and ended.
    pub connections: Connections,
}

/// Segments: `seen` is the sum of all others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Segments {
    /// All that came in.
    pub seen: u64,
    /// Those that moved a connection on, were told to its peer, or wait.
    pub used: u64,
    /// Held now: they may begin another connection with the same addresses, once the other side acknowledges them.
    pub held: u64,
    /// Those that carried only what was there before: retransmissions, keep-alive probes.
    pub retransmitted: u64,
    /// Those of connections that the caller did not admit.
    pub not_admitted: u64,
    /// Those seen on another interface than the one where their direction advances.
    pub other_interface: u64,
    /// Those whose sequence number cannot belong to the connection as it stands, and RST that are not at the number that comes
    /// next.
    pub outside_window: u64,
    /// Those of connections that had ended.
    pub after_end: u64,
    /// RST that belong to no known connection.
    pub no_connection: u64,
    /// Those of connections that nobody wants ([`crate::Verdict::Nothing`]).
    pub ignored: u64,
}

/// Captured payload bytes: `seen` is the sum of all others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bytes {
    /// All that came in.
    pub seen: u64,
    /// Delivered to [`crate::Sink::data`].
    pub delivered: u64,
    /// Held now, until what comes before them is there.
    pub waiting: u64,
    /// Delivered before, or skipped as a gap before.
    pub retransmitted: u64,
    /// Waiting already, with the same content or one that was not copied.
    pub overlapped_same: u64,
    /// Waiting already, with other content: the first one counts.
    pub overlapped_different: u64,
    /// See [`Segments::not_admitted`].
    pub not_admitted: u64,
    /// See [`Segments::other_interface`].
    pub other_interface: u64,
    /// See [`Segments::outside_window`].
    pub outside_window: u64,
    /// Behind a FIN or RST.
    pub after_end: u64,
    /// See [`Segments::no_connection`].
    pub no_connection: u64,
    /// See [`Segments::ignored`].
    pub ignored: u64,
}

/// What was missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Missed {
    /// How often something was waited for and did not come.
    pub gaps: u64,
    /// The bytes that did not come.
    pub gap_bytes: u64,
    /// How many segments had bytes that the capture did not copy.
    pub not_copied: u64,
    /// The bytes that the capture did not copy.
    pub not_copied_bytes: u64,
}

/// Connections: `opened + joined` is the sum of all others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Connections {
    /// Begun with a SYN or SYN-ACK.
    pub opened: u64,
    /// Begun in the middle, or gone on after they were forgotten.
    pub joined: u64,
    /// There now.
    pub open: u64,
    /// Ended by a FIN from both sides.
    pub finished: u64,
    /// Ended by RST.
    pub reset: u64,
    /// Ended because nothing came any more.
    pub idle: u64,
    /// Ended to keep a limit.
    pub evicted: u64,
    /// Those of them that were at rest, and of which a later segment finds what it needs: nothing is lost with them.
    pub parked: u64,
    /// Ended because a new connection took over the addresses and ports.
    pub replaced: u64,
    /// Were another one, with other addresses.
    pub merged: u64,
    /// Ended with the source.
    pub stopped: u64,
}

/// Why a whole segment was not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    Retransmitted,
    NotAdmitted,
    OtherInterface,
    OutsideWindow,
    AfterEnd,
    NoConnection,
    Ignored,
}

impl Counters {
    /// Counts a segment that was not used, and its payload bytes.
    pub(crate) fn refuse(&mut self, reason: Reason, segment: &Segment<'_>) {
        let (segments, bytes) = (&mut self.segments, &mut self.bytes);
        let (count, sum) = match reason {
            Reason::Retransmitted => (&mut segments.retransmitted, &mut bytes.retransmitted),
            Reason::NotAdmitted => (&mut segments.not_admitted, &mut bytes.not_admitted),
            Reason::OtherInterface => (&mut segments.other_interface, &mut bytes.other_interface),
            Reason::OutsideWindow => (&mut segments.outside_window, &mut bytes.outside_window),
            Reason::AfterEnd => (&mut segments.after_end, &mut bytes.after_end),
            Reason::NoConnection => (&mut segments.no_connection, &mut bytes.no_connection),
            Reason::Ignored => (&mut segments.ignored, &mut bytes.ignored),
        };
        *count += 1;
        *sum += segment.payload.len() as u64;
    }

    /// Takes back that these segments are held.
    pub(crate) fn release(&mut self, rival: &Rival) {
        self.segments.held -= rival.len() as u64;
        self.bytes.waiting -= rival.bytes() as u64;
    }

    /// Counts a connection that ended.
    pub(crate) fn ended(&mut self, end: End) {
        let connections = &mut self.connections;
        connections.open -= 1;
        *match end {
            End::Fin => &mut connections.finished,
            End::Reset => &mut connections.reset,
            End::Idle => &mut connections.idle,
            End::Evicted => &mut connections.evicted,
            End::Replaced => &mut connections.replaced,
            End::Merged => &mut connections.merged,
            End::Stopped => &mut connections.stopped,
        } += 1;
    }

    /// Returns whether all identities hold: `seen` is the sum of the ways out, for segments, bytes and connections.
    #[must_use]
    pub fn balanced(&self) -> bool {
        let sum = |pairs: &[(&str, u64)]| pairs.iter().map(|pair| pair.1).sum::<u64>();
        let connections = &self.connections;
        self.segments.seen == sum(&self.segments.ways())
            && self.bytes.seen == sum(&self.bytes.ways())
            && connections.opened + connections.joined == sum(&connections.ways())
    }
}

impl Segments {
    /// Returns every way out of a segment: its metric label and its count.
    #[must_use]
    pub fn ways(&self) -> [(&'static str, u64); 9] {
        [
            ("used", self.used),
            ("held", self.held),
            ("retransmitted", self.retransmitted),
            ("not_admitted", self.not_admitted),
            ("other_interface", self.other_interface),
            ("outside_window", self.outside_window),
            ("after_end", self.after_end),
            ("no_connection", self.no_connection),
            ("ignored", self.ignored),
        ]
    }
}

impl Bytes {
    /// Returns every way out of a payload byte, and those that wait: the metric label and the count.
    #[must_use]
    pub fn ways(&self) -> [(&'static str, u64); 11] {
        [
            ("delivered", self.delivered),
            ("waiting", self.waiting),
            ("retransmitted", self.retransmitted),
            ("overlapped_same", self.overlapped_same),
            ("overlapped_different", self.overlapped_different),
            ("not_admitted", self.not_admitted),
            ("other_interface", self.other_interface),
            ("outside_window", self.outside_window),
            ("after_end", self.after_end),
            ("no_connection", self.no_connection),
            ("ignored", self.ignored),
        ]
    }
}

impl Missed {
    /// Returns the metric labels and counts.
    #[must_use]
    pub fn pairs(&self) -> [(&'static str, u64); 4] {
        [
            ("gaps", self.gaps),
            ("gap_bytes", self.gap_bytes),
            ("not_copied", self.not_copied),
            ("not_copied_bytes", self.not_copied_bytes),
        ]
    }
}

impl Connections {
    /// Returns every way in which connections ended, and those that are open: the metric label and the count.
    #[must_use]
    pub fn ways(&self) -> [(&'static str, u64); 8] {
        [
            ("open", self.open),
            ("finished", self.finished),
            ("reset", self.reset),
            ("idle", self.idle),
            ("evicted", self.evicted),
            ("replaced", self.replaced),
            ("merged", self.merged),
            ("stopped", self.stopped),
        ]
    }
}
