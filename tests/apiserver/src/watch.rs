//! Watches: changes from a version on, as lines of JSON.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use futures_util::stream;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout_at};

use crate::selection::Selection;
use crate::shared::{Shared, lock};
use crate::store::{Event, Resource};

/// How often a bookmark says that nothing has changed.
const BOOKMARK: Duration = Duration::from_secs(1);

struct Watch {
    shared: Arc<Shared>,
    selection: Selection,
    version: u64,
    generation: u64,
    until: Instant,
    bookmarks: bool,
}

/// The body of a watch from this version on.
pub(crate) fn body(
    shared: Arc<Shared>,
    selection: Selection,
    version: u64,
    seconds: u64,
    bookmarks: bool,
) -> Body {
    let generation = lock(&shared.store).generation;
    let until = Instant::now() + Duration::from_secs(seconds);
    let watch = Watch { shared, selection, version, generation, until, bookmarks };
    Body::from_stream(stream::unfold(watch, |mut watch| async move {
        let lines = watch.next().await?;
        Some((Ok::<_, std::convert::Infallible>(lines), watch))
    }))
}

impl Watch {
    /// The next lines; none when the watch ends.
    async fn next(&mut self) -> Option<String> {
        loop {
            let shared = Arc::clone(&self.shared);
            let changed = shared.changed.notified();
            let mut changed = std::pin::pin!(changed);
            changed.as_mut().enable();
            let now = Instant::now();
            let lines = self.changes()?;
            if !lines.is_empty() {
                return Some(lines);
            }
            if now >= self.until {
                return None;
            }
            if timeout_at((now + BOOKMARK).min(self.until), changed).await.is_err() && self.bookmarks {
                return Some(line("BOOKMARK", &bookmark(self.selection.resource, self.version)));
            }
        }
    }

    /// The changes since, as lines; none when the watch was disconnected.
    fn changes(&mut self) -> Option<String> {
        let store = lock(&self.shared.store);
        if store.generation != self.generation {
            return None;
        }
        if self.version < store.compacted {
            let gone = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
                "message": "too old resource version", "reason": "Expired", "code": 410});
            self.version = u64::MAX;
            return Some(line("ERROR", &gone));
        }
        let new = store.history.partition_point(|event| event.version <= self.version);
        let lines = store.history[new..].iter().filter_map(|event| self.selection.event(event)).collect();
        self.version = self.version.max(store.version);
        Some(lines)
    }
}

impl Selection {
    /// A change as this selection sees it: what comes into it is added, what leaves it is deleted.
    fn event(&self, event: &Event) -> Option<String> {
        if event.resource != self.resource {
            return None;
        }
        let [before, after] =
            [&event.before, &event.after].map(|object| object.as_ref().filter(|o| self.has(o)));
        match (before, after) {
            (None, Some(object)) => Some(line("ADDED", object)),
            (Some(_), Some(object)) => Some(line("MODIFIED", object)),
            (Some(object), None) => {
                let mut object = object.clone();
                object["metadata"]["resourceVersion"] = json!(event.version.to_string());
                Some(line("DELETED", &object))
            }
            (None, None) => None,
        }
    }
}

fn bookmark(resource: Resource, version: u64) -> Value {
    json!({"kind": resource.kind, "apiVersion": resource.api_version(),
        "metadata": {"resourceVersion": version.to_string(), "creationTimestamp": null}})
}

fn line(kind: &str, object: &Value) -> String {
    format!("{}\n", json!({"type": kind, "object": object}))
}
