//! What a file has in it, as the process that reads it says: the pure finder, behind a pipe.

use std::fmt;

use capture::{Call, Point};
use finder::{Found, NotFound, Random, Register, Step};
use serde::{Deserialize, Serialize};

/// The most places of one file: a program with three libraries has six.
const MAX_PLACES: usize = 16;

/// What a file has in it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) enum Finding {
    /// A library, by its name and version, whose secrets can be taken.
    Library(String),
    /// A library whose secrets cannot be taken, or a file that cannot be read; and why.
    Unread(String),
    /// No TLS library that is known.
    None,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Finding::Library(name) => write!(f, "{name}: can be read"),
            Finding::Unread(why) => write!(f, "cannot be read: {why}"),
            Finding::None => f.write_str("no TLS library that is known"),
        }
    }
}

/// What is found in a file, and where to probe it.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
pub(super) struct Report {
    pub(super) finding: Finding,
    /// None without a library.
    places: Vec<Place>,
}

/// A place, in the form of `capture::Point`.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
struct Place {
    offset: u64,
    secret: u8,
    secret_len: u8,
    given: Given,
}

/// What is done with the secret there, in the form of `capture::Call`.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
enum Given {
    Logged { label: u8, label_len: Option<u8>, session: u8, through: Option<u32>, random: u32 },
    Expanded { info: u8, info_len_at: u32 },
}

impl Given {
    /// Returns the numbers of the registers that are read.
    fn registers(self) -> impl Iterator<Item = u8> {
        let (one, two, three) = match self {
            Given::Logged { label, label_len, session, .. } => (label, Some(session), label_len),
            Given::Expanded { info, .. } => (info, None, None),
        };
        std::iter::once(one).chain(two).chain(three)
    }

    fn call(self) -> Call {
        match self {
            Given::Logged { label, label_len, session, through, random } => {
                Call::Log { label, label_len, session, through, random }
            }
            Given::Expanded { info, info_len_at } => Call::Expand { info, info_len_at },
        }
    }
}

impl Report {
    /// Returns what the finder says, as far as the kernel's side can do something with it.
    pub(super) fn of(result: Result<Found, NotFound>) -> Report {
        let found = match result {
            Ok(found) => found,
            Err(NotFound::NotElf | NotFound::NoLibrary | NotFound::GoWithoutTls) => {
                return Report { finding: Finding::None, places: Vec::new() };
            }
            Err(why) => return Report { finding: Finding::Unread(why.to_string()), places: Vec::new() },
        };
        let places: Vec<_> =
            found.points.iter().filter_map(|point| place(point.offset, &point.call)).collect();
        let library = found.library.to_string();
        let finding = if places.is_empty() {
            Finding::Unread(format!("{library}, but where it keeps what names a connection is not known"))
        } else if found.points.iter().any(|point| point.step == Step::SingleStepped) {
            Finding::Library(format!("{library}, single-stepped"))
        } else {
            Finding::Library(library)
        };
        Report { finding, places }
    }

    /// Returns a report of a file that could not be read.
    pub(super) fn unread(why: impl fmt::Display) -> Report {
        Report { finding: Finding::Unread(why.to_string()), places: Vec::new() }
    }

    /// Returns the places to probe. Whoever read a stranger's file may say anything.
    pub(super) fn points(&self) -> Vec<Point> {
        let is_register = |number: u8| usize::from(number) < Register::ALL.len();
        let sound =
            |place: &&Place| place.given.registers().chain([place.secret, place.secret_len]).all(is_register);
        let point = |place: &Place| Point {
            offset: place.offset,
            secret: place.secret,
            secret_len: place.secret_len,
            call: place.given.call(),
        };
        self.places.iter().filter(sound).take(MAX_PLACES).map(point).collect()
    }
}

/// Returns a place whose connection can be told; of the others the kernel's side can make nothing yet.
fn place(offset: u64, call: &finder::Call) -> Option<Place> {
    let place = |secret: Register, secret_len: Register, given: Given| {
        Some(Place { offset, secret: secret as u8, secret_len: secret_len as u8, given })
    };
    match *call {
        finder::Call::Log { session, label, secret, length, random: Random::At { pointer, offset } } => {
            let (label, session) = (label as u8, session as u8);
            let given = Given::Logged { label, label_len: None, session, through: pointer, random: offset };
            place(secret, length, given)
        }
        finder::Call::Go { label, label_length, random, secret, secret_length, .. } => {
            let (label, label_len, session) = (label as u8, Some(label_length as u8), random as u8);
            place(
                secret,
                secret_length,
                Given::Logged { label, label_len, session, through: None, random: 0 },
            )
        }
        finder::Call::Hkdf { prk, prk_length, info, info_length_at } => {
            place(prk, prk_length, Given::Expanded { info: info as u8, info_len_at: info_length_at })
        }
        finder::Call::Log { random: Random::Unknown, .. } | finder::Call::Prf { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_no_register_is_left_out_and_many_places_are_cut() {
        let logged = Given::Logged { label: 2, label_len: None, session: 7, through: Some(48), random: 48 };
        let place = Place { offset: 1, secret: 1, secret_len: 8, given: logged };
        let expanded = |info| Place { given: Given::Expanded { info, info_len_at: 8 }, ..place };
        let labelled = |label, label_len| Place {
            given: Given::Logged { label, label_len, session: 7, through: None, random: 0 },
            ..place
        };
        let report = |places| Report { finding: Finding::Library("OpenSSL".into()), places };
        assert_eq!(report(vec![place, expanded(9), labelled(2, Some(3))]).points().len(), 3);
        let wrong = [labelled(16, None), labelled(2, Some(255)), expanded(16), Place { secret: 16, ..place }];
        for wrong in wrong {
            assert!(report(vec![wrong]).points().is_empty());
        }
        assert_eq!(report(vec![place; 100]).points().len(), MAX_PLACES);
    }

    #[test]
    fn what_has_no_library_differs_from_what_cannot_be_read() {
        assert_eq!(Report::of(Err(NotFound::NoLibrary)).finding, Finding::None);
        let finding = Report::of(Err(NotFound::Jsse)).finding.to_string();
        assert!(finding.starts_with("cannot be read: Java's JSSE"), "{finding}");
    }
}
