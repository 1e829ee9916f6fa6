//! Times for people.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Returns the time now, in nanoseconds since the Unix epoch: the time of live frames.
pub(crate) fn clock() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

/// Returns how long ago `then` was, in one unit: `5 s ago`, `never` for 0.
pub(crate) fn ago(then: u64, now: u64) -> String {
    if then == 0 {
        return "never".into();
    }
    let seconds = Duration::from_nanos(now.saturating_sub(then)).as_secs();
    match seconds {
        0..120 => format!("{seconds} s ago"),
        _ => format!("{} ago", span(Duration::from_secs(seconds))),
    }
}

/// Returns a length of time in one unit: `59 min`, `2 h`, `3 days`.
pub(crate) fn span(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..7_200 => format!("{} min", seconds / 60),
        seconds @ 7_200..172_800 => format!("{} h", seconds / 3_600),
        seconds => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_times_in_one_unit() {
        let second = 1_000_000_000;
        assert_eq!(ago(0, second), "never");
        assert_eq!(ago(5 * second, 5 * second), "0 s ago");
        assert_eq!(ago(second, 121 * second), "2 min ago");
        assert_eq!(ago(second, 7_201 * second), "2 h ago");
        assert_eq!(ago(9 * second, second), "0 s ago", "a clock that went back");
    }
}
