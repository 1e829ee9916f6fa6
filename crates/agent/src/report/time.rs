//! Times and numbers for people.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use decode::Timestamp;

/// Returns the time now: that of live frames.
pub(crate) fn clock() -> Timestamp {
    timestamp(SystemTime::now())
}

/// Returns a time of the system's clock as the stages have times.
pub(crate) fn timestamp(time: SystemTime) -> Timestamp {
    Timestamp::EPOCH + time.duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// Returns a number with its noun: `1 pod`, `2 pods`.
pub(crate) fn plural(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// Returns how long ago `then` was, in one unit: `5 s ago`, or `never`.
pub(crate) fn ago(then: Option<Timestamp>, now: Timestamp) -> String {
    let Some(then) = then else { return "never".into() };
    let passed = now.saturating_since(then);
    match passed.as_secs() {
        seconds @ 0..120 => format!("{seconds} s ago"),
        _ => format!("{} ago", span(passed)),
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
        let at = Timestamp::from_secs;
        assert_eq!(ago(None, at(1)), "never");
        assert_eq!(ago(Some(at(5)), at(5)), "0 s ago");
        assert_eq!(ago(Some(at(1)), at(121)), "2 min ago");
        assert_eq!(ago(Some(at(1)), at(7_201)), "2 h ago");
        assert_eq!(ago(Some(at(9)), at(1)), "0 s ago", "a clock that went back");
    }
}
