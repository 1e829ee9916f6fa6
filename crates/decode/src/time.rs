//! Points in time.

use std::fmt;
use std::ops::{Add, AddAssign};
use std::time::Duration;

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// A point in time: nanoseconds since the Unix epoch, until the year 2554.
///
/// It comes in with each frame, so arithmetic on it never fails: a sum that is too late becomes the latest time, and a
/// difference that would be negative becomes zero.
///
/// ```
/// use std::time::Duration;
/// use traffic_monitor_decode::Timestamp;
///
/// let captured = Timestamp::from_nanos(1_760_000_000_000_000_000);
/// let later = captured + Duration::from_millis(200);
/// assert_eq!(later.saturating_since(captured), Duration::from_millis(200));
/// assert_eq!(captured.saturating_since(later), Duration::ZERO);
/// assert_eq!(format!("{later:?}"), "1760000000.200000000s");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The Unix epoch, before everything that is seen: what was to wait until then waits no longer.
    pub const EPOCH: Timestamp = Timestamp(0);

    /// Returns the point in time that is so many nanoseconds after the Unix epoch.
    #[inline]
    #[must_use]
    pub const fn from_nanos(nanos: u64) -> Timestamp {
        Timestamp(nanos)
    }

    /// Returns the nanoseconds since the Unix epoch.
    #[inline]
    #[must_use]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Returns the point in time that is so many seconds after the Unix epoch.
    #[inline]
    #[must_use]
    pub const fn from_secs(seconds: u64) -> Timestamp {
        Timestamp(seconds.saturating_mul(NANOS_PER_SECOND))
    }

    /// Returns the whole seconds since the Unix epoch.
    #[inline]
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.0 / NANOS_PER_SECOND
    }

    /// Returns the point in time that lies so long before this one, or the epoch if that is later.
    #[inline]
    #[must_use]
    pub fn saturating_sub(self, time: Duration) -> Timestamp {
        Timestamp(self.0.saturating_sub(nanos(time)))
    }

    /// Returns the first point in time, this one or a later one, that lies a multiple of `step` after the epoch; the latest
    /// of all times if there is none.
    #[must_use]
    pub fn next_multiple_of(self, step: Duration) -> Timestamp {
        Timestamp(self.0.checked_next_multiple_of(nanos(step)).unwrap_or(u64::MAX))
    }

    /// Returns the time that passed since `earlier`, or zero if that is later.
    #[inline]
    #[must_use]
    pub const fn saturating_since(self, earlier: Timestamp) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }

    /// Returns the time between both, whichever is earlier.
    #[inline]
    #[must_use]
    pub const fn abs_diff(self, other: Timestamp) -> Duration {
        Duration::from_nanos(self.0.abs_diff(other.0))
    }
}

impl Add<Duration> for Timestamp {
    type Output = Timestamp;

    #[inline]
    fn add(self, time: Duration) -> Timestamp {
        Timestamp(self.0.saturating_add(nanos(time)))
    }
}

impl AddAssign<Duration> for Timestamp {
    #[inline]
    fn add_assign(&mut self, time: Duration) {
        *self = *self + time;
    }
}

/// Returns a length of time in nanoseconds; one that is too long is as long as all of time.
#[inline]
fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// Seconds since the Unix epoch, with all digits.
impl fmt::Debug for Timestamp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{:09}s", self.0 / NANOS_PER_SECOND, self.0 % NANOS_PER_SECOND)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_saturates() {
        let [first, last] = [0, u64::MAX].map(Timestamp::from_nanos);
        assert_eq!(last + Duration::from_nanos(1), last);
        assert_eq!(first + Duration::MAX, last);
        assert_eq!(first.saturating_since(last), Duration::ZERO);
        assert_eq!(
            (first.saturating_sub(Duration::from_nanos(1)), last.saturating_sub(Duration::MAX)),
            (first, first)
        );
        assert_eq!(Timestamp::from_secs(u64::MAX), last);
        assert_eq!(
            (first.abs_diff(last), last.abs_diff(first)),
            (Duration::from_nanos(u64::MAX), last.saturating_since(first))
        );
    }

    #[test]
    fn multiples_are_counted_from_the_epoch() {
        let step = Duration::from_secs(5);
        let [five, ten] = [5, 10].map(Timestamp::from_secs);
        assert_eq!(
            (Timestamp::EPOCH.next_multiple_of(step), five.next_multiple_of(step)),
            (Timestamp::EPOCH, five)
        );
        assert_eq!((five + Duration::from_nanos(1)).next_multiple_of(step), ten);
        assert_eq!((ten + Duration::from_millis(999)).as_secs(), 10);
        let last = Timestamp::from_nanos(u64::MAX);
        assert_eq!((last.next_multiple_of(step), ten.next_multiple_of(Duration::ZERO)), (last, last));
    }
}
