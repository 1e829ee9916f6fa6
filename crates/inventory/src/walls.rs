//! Walls: one answer for many paths says nothing about any of them. A gateway refuses, a login sends elsewhere, a
//! single-page application gives its index.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use redact::{Form, Signature};

/// So many paths that were answered alike, and never otherwise, stand behind a wall.
const PATHS: usize = 8;

/// So many answers of one owner are watched. Those that most paths have stay.
const ANSWERS: usize = 32;

/// An answer, and the paths that have it.
#[derive(Clone, Debug)]
struct Watched {
    form: Form,
    /// Hashes of their templates, until they are enough.
    paths: Vec<u32>,
    /// Whether they were ever enough.
    is_wall: bool,
}

/// The answers of one owner that may be a wall's.
#[derive(Debug, Default)]
pub(crate) struct Walls {
    /// Those heard of last at the end.
    watched: Vec<Watched>,
}

/// Returns the number by which a path is known here.
pub(crate) fn path(template: &str) -> u32 {
    FixedState::with_seed(0).hash_one(template) as u32
}

impl Walls {
    /// Takes note that a path was answered like this for the first time. Returns the forms of answers that are a wall's
    /// from now on.
    pub(crate) fn note(&mut self, answer: &Signature, path: u32) -> Vec<Form> {
        answer.forms().into_iter().filter(|form| self.add(*form, path)).collect()
    }

    /// Takes note that a path was answered otherwise too.
    pub(crate) fn otherwise(&mut self, answer: &Signature, path: u32) {
        let forms = answer.forms();
        for watched in self.watched.iter_mut().filter(|one| forms.contains(&one.form)) {
            watched.paths.retain(|one| *one != path);
        }
    }

    /// Returns whether a wall gives this answer.
    pub(crate) fn has(&self, answer: &Signature) -> bool {
        let forms = answer.forms();
        self.watched.iter().any(|one| one.is_wall && forms.contains(&one.form))
    }

    /// Adds a path to an answer; returns whether this makes it a wall's.
    fn add(&mut self, form: Form, path: u32) -> bool {
        let known = self.watched.iter().position(|one| one.form == form);
        let mut one = match known {
            Some(at) => self.watched.remove(at),
            None => {
                self.make_room();
                Watched { form, paths: Vec::new(), is_wall: false }
            }
        };
        let found = one.add(path);
        self.watched.push(one);
        found
    }

    /// Forgets the answer that the fewest paths have, the longest unheard of them, when there are too many.
    fn make_room(&mut self) {
        if self.watched.len() < ANSWERS {
            return;
        }
        let worth = |one: &Watched| (one.is_wall, one.paths.len());
        let least = self.watched.iter().enumerate().min_by_key(|(_, one)| worth(one)).map(|(at, _)| at);
        if let Some(at) = least {
            self.watched.remove(at);
        }
    }

    /// Returns what they occupy, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.watched.capacity() * (size_of::<Watched>() + PATHS * size_of::<u32>())
    }
}

impl Watched {
    /// Adds a path; returns whether this makes it a wall's answer.
    fn add(&mut self, path: u32) -> bool {
        if self.is_wall || self.paths.contains(&path) {
            return false;
        }
        self.paths.push(path);
        self.is_wall = self.paths.len() >= PATHS;
        self.is_wall
    }
}

#[cfg(test)]
mod tests {
    use redact::RedactedExchange;
    use redact::by_hand::Exchange;

    use super::*;
    use crate::testing::{at, exchange};

    fn answer(length: u32) -> Signature {
        let refused =
            Exchange { status: Some(403), length: Some(length), ..exchange("cart", "GET", "/users", at(1)) };
        RedactedExchange::from(refused).signature().unwrap()
    }

    #[test]
    fn many_different_answers_take_little_and_hide_no_wall() {
        let mut walls = Walls::default();
        let found = (0..8).filter(|path| !walls.note(&answer(7), *path).is_empty()).count();
        assert_eq!(found, 1);
        for length in 100..10_000 {
            walls.note(&answer(length), length);
        }
        assert!(walls.has(&answer(7)) && !walls.has(&answer(9_000)));
        assert!(walls.bytes() < 8 << 10, "{}", walls.bytes());
    }

    #[test]
    fn a_path_counts_once_and_not_when_it_answers_otherwise() {
        let mut walls = Walls::default();
        (0..100).for_each(|n| drop(walls.note(&answer(7), n % 7)));
        walls.otherwise(&answer(7), 3);
        walls.note(&answer(7), 8);
        assert!(!walls.has(&answer(7)));
        walls.note(&answer(7), 9);
        assert!(walls.has(&answer(7)));
    }
}
