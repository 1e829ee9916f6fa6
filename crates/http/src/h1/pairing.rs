//! The requests of a connection that wait, in their order, and which of them a response answers.
//!
//! Responses come in the order of the requests (RFC 9112, section 9.3.2), so as long as nothing is missing the next one
//! answers the first request that waits. Where something is missing, acknowledgments decide. A request says how much of
//! the server had reached its client when it was sent: its response begins there or behind. A response acknowledges the
//! request that it answers. And a client that waits for answers has had them all when it asks again. What these do not
//! decide is not guessed: then requests stay without a response.

use super::habit::Habit;
use super::others::Others;
use super::pending::Pending;
use super::stand::{Before, Stand};
use crate::intake::reaches;
use crate::{MAX_PIPELINED, MAX_WAITING};

/// How many places are kept for a client that pipelines, once they are empty.
const KEPT_PLACES: usize = 16;

/// The requests that wait. The first stands apart, so that its buffer serves one exchange after the other.
#[derive(Debug, Default)]
pub(crate) struct Pairing {
    first: Pending,
    occupied: bool,
    habit: Habit,
    track: Track,
    /// What is known of what the client sent since the last request.
    since: Before,
    /// Requests were handed on of which it is not known whether they have their responses.
    unsure: bool,
    /// How far the server's stream had reached the client when it sent the last request, if it sent one.
    seen: u32,
    asked: bool,
    /// Where the server's stream stands.
    pub(super) heard: u32,
    /// How far the client's stream had reached the server when it sent what came last.
    pub(super) taken: u32,
    /// How many responses come first, of requests that had no room to wait.
    owed: u32,
    /// Those behind the first, if there were any: few clients pipeline.
    others: Option<Box<Others>>,
}

/// Which request the next response answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Track {
    /// The first that waits: there is none between that one and the last response.
    #[default]
    Next,
    /// The same or one behind: bytes came that are no response, or one that cannot be read.
    Junk,
    /// That is open: responses may have been missed, or there were some whose requests were.
    Astray {
        /// The response of the first that waits began in bytes that are missing.
        begun: bool,
    },
}

/// Whom a response answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Placed {
    /// How many of those that wait it passes over: whether they had responses is not known, and never will be.
    pub(crate) over: usize,
    /// Whether it answers the one behind those.
    pub(crate) found: bool,
}

impl Pairing {
    /// Begins inside of a connection. `astray`: responses may have been missed.
    pub(crate) fn joined(before: Before, astray: bool) -> Pairing {
        let track = if astray { Track::Astray { begun: false } } else { Track::Next };
        Pairing { track, since: before, ..Pairing::default() }
    }

    pub(crate) fn len(&self) -> usize {
        usize::from(self.occupied) + self.others.as_ref().map_or(0, |others| others.queue.len())
    }

    pub(crate) fn first(&mut self) -> Option<&mut Pending> {
        self.occupied.then_some(&mut self.first)
    }

    pub(crate) fn last(&mut self) -> Option<&mut Pending> {
        let last = self.others.as_mut().and_then(|others| others.queue.back_mut());
        last.or(self.occupied.then_some(&mut self.first))
    }

    fn all(&self) -> impl Iterator<Item = &Pending> {
        let others = self.others.iter().flat_map(|others| &others.queue);
        self.occupied.then_some(&self.first).into_iter().chain(others)
    }

    /// Takes note that another request comes. Returns whether this shows that all that wait had their responses unseen.
    pub(crate) fn another(&mut self, stand: Stand) -> bool {
        let (moved, known) = (self.has_moved(stand), self.track == Track::Next);
        if self.occupied && moved {
            if known {
                self.habit.asked_ahead(true);
            }
            return !known && self.habit.waits();
        }
        if !moved {
            self.habit.asked_ahead(false);
        } else if known && self.since == Before::Known {
            self.habit.rested();
        }
        false
    }

    /// Returns whether more of the server had reached the client than at its last request.
    fn has_moved(&self, stand: Stand) -> bool {
        !self.asked || self.seen != stand.server
    }

    /// Returns the oldest of those that wait for their response to begin, if there is no room for one more.
    pub(crate) fn crowded(&mut self) -> Option<&mut Pending> {
        let len = self.len();
        if len < MAX_PIPELINED && (len < 2 || self.held() <= MAX_WAITING) {
            None
        } else if self.first.responded() {
            self.others.as_mut()?.queue.front_mut()
        } else {
            self.first()
        }
    }

    /// Removes that one, whose response will be passed over.
    pub(crate) fn make_room(&mut self) {
        self.owed = self.owed.saturating_add(1);
        if self.first.responded() {
            self.others.as_mut().and_then(|others| others.pop_front());
        } else {
            self.pop_first();
        }
    }

    /// Returns a place for one more request, and what is known of what came before it.
    pub(crate) fn push(&mut self, stand: Stand) -> (&mut Pending, Before) {
        let rests = self.has_moved(stand) && self.habit.waits();
        let before = if self.unsure && !rests { Before::Asked } else { self.since };
        (self.since, self.unsure) = (Before::Known, false);
        (self.seen, self.asked) = (stand.server, true);
        if self.occupied {
            (self.others.get_or_insert_default().push(), before)
        } else {
            self.occupied = true;
            (&mut self.first, before)
        }
    }

    /// Says whom the final response that begins answers.
    #[inline]
    pub(crate) fn place(&mut self, stand: Stand) -> Placed {
        let next = self.track == Track::Next && self.owed == 0 && self.waits();
        let placed = if next && self.first.before == Before::Known {
            Placed { over: 0, found: true }
        } else {
            self.search(stand)
        };
        if placed.found && self.habit == Habit::Waits && placed.over + 1 == self.len() {
            // What came behind the request was sent before its client had this: it is of that request.
            self.since = Before::Known;
        }
        placed
    }

    /// Returns whether the first request waits for a response, of which nothing came yet.
    fn waits(&self) -> bool {
        self.occupied && !self.first.responded() && self.first.unpaired.is_none()
    }

    fn search(&mut self, stand: Stand) -> Placed {
        let nobody = Placed { over: 0, found: false };
        if self.track == Track::Next && self.owed > 0 {
            self.owed -= 1;
            return nobody;
        }
        if !self.waits() {
            self.track = Track::Astray { begun: false };
            return nobody;
        }
        if self.meets(stand) {
            return Placed { over: 0, found: true };
        }
        let asked = self.all().take_while(|request| stand.can_answer(request.stand)).count();
        // Where the server's bytes are all there, junk of the client has no response.
        let most = if self.track == Track::Junk { Before::Junk } else { Before::Known };
        let lost = self.all().take(asked + 1).any(|request| request.before > most)
            || asked == self.len() && self.since > most;
        let found = !lost
            && match self.track {
                Track::Next => false,
                Track::Junk => asked == 1,
                Track::Astray { .. } if self.first.expects() => asked == 1,
                Track::Astray { begun } => begun && asked == 2,
            };
        if found {
            self.track = Track::Next;
            return Placed { over: asked - 1, found };
        }
        self.give_up(asked);
        Placed { over: asked, found }
    }

    /// Finds the first request by where a response begins, which brings order again. Returns whether that succeeds.
    pub(crate) fn meets(&mut self, stand: Stand) -> bool {
        let begins =
            stand.server == self.first.stand.server && reaches(stand.client, self.first.stand.client);
        let meets = begins
            && self.waits()
            && match self.first.before {
                Before::Known => true,
                Before::Junk => self.habit.waits(),
                // Had nothing been answered since, this would be the answer to what is missing.
                Before::Lost => self.habit == Habit::Waits && self.track != Track::Next,
                Before::Asked => false,
            };
        if meets {
            self.track = Track::Next;
            self.first.before = Before::Known;
        }
        meets
    }

    /// Takes note that it will not be known which of the first requests had responses.
    fn give_up(&mut self, requests: usize) {
        self.track = Track::Astray { begun: false };
        if requests == 0 {
            return;
        }
        match self.others.as_mut().and_then(|others| others.queue.get_mut(requests - 1)) {
            Some(next) => next.before = Before::Asked,
            None => self.unsure = true,
        }
    }

    /// Removes the first request, which is done.
    pub(crate) fn pop_first(&mut self) {
        if let Track::Astray { begun } = &mut self.track {
            *begun = false;
        }
        let Some(others) = &mut self.others else {
            self.occupied = false;
            return self.first.recycle();
        };
        if let Some(next) = others.pop_front() {
            self.first = next;
        } else {
            self.occupied = false;
            self.first.recycle();
            if others.queue.capacity() > KEPT_PLACES {
                self.others = None;
            }
        }
    }

    /// Removes the last request, which is done before those ahead of it.
    pub(crate) fn pop_last(&mut self) {
        if self.others.as_mut().is_none_or(|others| !others.pop_back()) {
            self.pop_first();
        }
    }

    /// Takes note that what the client sends has no request that can be read.
    pub(crate) fn requests_lost(&mut self, what: Before) {
        self.since = self.since.max(what);
    }

    /// Takes note that bytes of the server are no response.
    pub(crate) fn responses_unread(&mut self) {
        if self.track == Track::Next {
            self.track = Track::Junk;
        }
    }

    /// Takes note that responses may have been missed from this place on. `between`: none was being read there.
    pub(crate) fn responses_lost(&mut self, at: u32, between: bool) {
        if self.owed > 0 {
            self.owed = 0;
            self.first.before = Before::Asked;
            self.unsure |= !self.occupied;
        }
        let begun = match self.track {
            Track::Next => between,
            Track::Junk => false,
            Track::Astray { begun } => begun || at == self.first.stand.server,
        };
        self.track = Track::Astray { begun: begun && self.waits() };
    }

    /// Returns whether a response can begin here in the place of bytes of one before it: the client had all that comes
    /// before when it sent a request.
    pub(crate) fn awaits(&self, at: u32) -> bool {
        let next = if self.first.responded() {
            self.others.as_ref().and_then(|others| others.queue.front())
        } else {
            Some(&self.first)
        };
        self.occupied && next.is_some_and(|next| next.stand.server == at) && self.habit.waits()
    }

    /// Returns whether it is as one that begins: nothing waits, and all is known.
    pub(crate) fn rests(&self) -> bool {
        let known =
            self.track == Track::Next && self.since == Before::Known && !self.unsure && self.owed == 0;
        known && !self.occupied && self.habit == Habit::Waits
    }

    /// Returns how many of those that wait a server took that had the client's stream up to there.
    pub(crate) fn taken(&self, taken: u32) -> usize {
        self.all().take_while(|request| request.is_taken(taken)).count()
    }

    /// Returns the bytes of memory behind it.
    pub(crate) fn held(&self) -> usize {
        self.first.held() + self.others.as_ref().map_or(0, |others| others.held())
    }
}
