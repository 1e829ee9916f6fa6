//! No check hangs, and none takes the others down.

use std::future::Future;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::row::Row;

/// How long an answer may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
/// How long all the answers that one check needs may take together.
const LONGEST: Duration = Duration::from_secs(30);

/// Returns what a task gives, or why it gives nothing within the limit.
pub(super) async fn within<T>(limit: Duration, task: JoinHandle<T>) -> Result<T, &'static str> {
    match timeout(limit, task).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(_)) => Err("could not be checked: the check itself failed"),
        Err(_) => Err("could not be checked: no answer in time"),
    }
}

/// The rows of a task, or one that says that there are none.
pub(super) async fn rows(subject: &'static str, task: JoinHandle<Vec<Row>>) -> Vec<Row> {
    let lost = |why| vec![Row::error(subject, why, "run `traffic-monitor check` again")];
    within(LONGEST, task).await.unwrap_or_else(lost)
}

/// An answer from the network, or that it did not come.
pub(super) async fn answer<T, E: ToString>(asked: impl Future<Output = Result<T, E>>) -> Result<T, String> {
    match timeout(PATIENCE, asked).await {
        Ok(answer) => answer.map_err(|error| error.to_string()),
        Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_check_that_fails_becomes_a_row() {
        let rows = rows("disk", tokio::spawn(async { panic!("on purpose") })).await;
        assert!(rows.len() == 1 && rows[0].finding.contains("could not be checked"), "{rows:?}");
    }

    #[tokio::test]
    async fn a_check_that_hangs_is_left() {
        let task = tokio::spawn(std::future::pending::<()>());
        let left = within(Duration::from_millis(10), task).await;
        assert_eq!(left, Err("could not be checked: no answer in time"));
    }
}
