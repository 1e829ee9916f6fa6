//! A number of places for connections.

use tokio::time::Instant;

use crate::limits::Limits;
use crate::place::Place;

/// The places of a listener.
#[derive(Default)]
pub(crate) struct Room {
    places: Vec<Place>,
}

impl Room {
    /// Frees a place if all of them are taken, at the cost of the connection that is worth least.
    pub(crate) fn make_way(&mut self, limits: &Limits) {
        if self.places.len() < limits.connections {
            return;
        }
        self.places.retain(|place| !place.is_free());
        while self.places.len() >= limits.connections.max(1) {
            let least = self.places.iter().enumerate().min_by_key(|(_, place)| place.worth());
            let Some(at) = least.map(|(at, _)| at) else { return };
            drop(self.places.swap_remove(at));
        }
    }

    pub(crate) fn take(&mut self, place: Place) {
        self.places.push(place);
    }

    /// Closes connections that have had their time, and forgets those that have ended.
    pub(crate) fn sweep(&mut self, now: Instant, limits: &Limits) {
        self.places.retain(|place| !place.is_free() && !place.is_late(now, limits));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }
}
