//! How long something takes.

use std::time::Duration;

/// Returns how long this thread works at something: what else the machine does is not in it.
pub(crate) fn spent(work: impl FnOnce()) -> Duration {
    let now = || {
        let times = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
        Duration::from_nanos(times.split(' ').next().unwrap().parse().unwrap())
    };
    let begin = now();
    work();
    now() - begin
}
