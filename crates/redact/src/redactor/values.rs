//! Values and texts: what of them is secret is found and replaced.

use std::borrow::Cow;
use std::cell::Cell;

use serde::{Deserialize, Serialize};

use super::cover::{Cover, without_encoding};
use super::surrogate;
use crate::classify::{is_plain_name, scan};

/// What examples of values show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Examples {
    /// Credentials and personal data are replaced by surrogates.
    #[default]
    Redacted,
    /// Every value is a surrogate.
    Synthetic,
    /// Only credentials are replaced.
    Real,
}

/// Makes redacted exchanges and opens bodies. One per worker, and one behind the queue.
#[derive(Debug, Default)]
pub struct Redactor {
    examples: Examples,
    /// The names that were left out of what is being made.
    pub(crate) left_out: Cell<u32>,
}

impl Redactor {
    /// A redactor that shows as much as `examples` says.
    #[must_use]
    pub fn new(examples: Examples) -> Redactor {
        Redactor { examples, left_out: Cell::new(0) }
    }

    /// Shows as much as `examples` says from here on.
    pub fn set_examples(&mut self, examples: Examples) {
        self.examples = examples;
    }

    pub(crate) fn is_synthetic(&self) -> bool {
        self.examples == Examples::Synthetic
    }

    /// Returns whether personal data are replaced.
    pub(crate) fn hides_persons(&self) -> bool {
        self.examples != Examples::Real
    }

    /// Returns a value under its name.
    pub(crate) fn value<'a>(&self, name: &str, value: &'a str, cover: Cover) -> Cow<'a, str> {
        let shown = self.inner((name, cover), value, true, 0, true);
        // Most values stay: of few it has to be asked whether their name says that they are public.
        if matches!(shown, Cow::Owned(_)) && is_plain_name(name.as_bytes()) {
            return self.inner((name, cover), value, false, 0, true);
        }
        shown
    }

    /// Returns what stands in the place of a value because of names, or because every value goes.
    pub(super) fn covered(&self, name: &str, value: &str, cover: Cover) -> Option<String> {
        // Its kind decides about its surrogate.
        let plain = without_encoding(value);
        let hidden = cover.hides(name, &plain);
        match cover {
            Cover::Personal(_) if hidden && self.hides_persons() => Some(surrogate::value(&plain)),
            Cover::Open | Cover::Credential if hidden => Some(surrogate::credential(&plain)),
            _ => self.is_synthetic().then(|| surrogate::value(&plain)),
        }
    }

    /// Returns what stands in the place of a number under its name, if it may not be shown.
    pub(crate) fn number(&self, name: &str, number: &str, cover: Cover) -> Option<String> {
        let hidden = cover != Cover::Open && cover.hides(name, number);
        let personal = || {
            matches!(cover, Cover::Personal(_)) && hidden
                || scan(number.as_bytes()).is_some() && !is_plain_name(name.as_bytes())
        };
        let hidden =
            cover == Cover::Credential && hidden || self.is_synthetic() || self.hides_persons() && personal();
        hidden.then(|| surrogate::number(number))
    }
}
