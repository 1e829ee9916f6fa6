//! The accept loop.

use std::time::Duration;

use axum::serve::Listener;
use tokio::task::yield_now;
use tokio::time::{Instant, timeout};

use crate::limits::Limits;
use crate::peer::Peer;
use crate::place::{Place, Visit};
use crate::room::Room;

/// How often connections are looked at that may have had their time: they get up to this much more.
const LOOK: Duration = Duration::from_millis(250);

/// Serves connections for ever, each in a task of its own, which says by its [`Visit`] what it is doing. When this is
/// dropped, all connections are closed.
pub async fn serve<L, F>(mut listener: L, limits: Limits, answer: impl Fn(L::Io, L::Addr, Visit) -> F)
where
    L: Listener<Addr: Peer>,
    F: Future<Output = ()> + Send + 'static,
{
    let (mut local, mut remote) = (Room::default(), Room::default());
    let mut looked = Instant::now();
    loop {
        let came = if local.is_empty() && remote.is_empty() {
            Some(listener.accept().await)
        } else {
            timeout(LOOK, listener.accept()).await.ok()
        };
        let now = Instant::now();
        if now.saturating_duration_since(looked) >= LOOK {
            looked = now;
            local.sweep(now, &limits);
            remote.sweep(now, &limits);
        }
        let Some((stream, peer)) = came else { continue };
        let room = if peer.is_local() { &mut local } else { &mut remote };
        room.make_way(&limits);
        let visit = Visit::begin();
        let task = tokio::spawn(answer(stream, peer, visit.clone()));
        room.take(Place::new(task.abort_handle(), visit));
        // A request that is here already is read before the next connection is accepted, which may need its place.
        yield_now().await;
    }
}
