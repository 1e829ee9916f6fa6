//! Values and texts: what of them is secret is found and replaced.

use std::borrow::Cow;
use std::cell::Cell;

use serde::{Deserialize, Serialize};

use super::cover::{Cover, without_encoding};
use super::surrogate;
use crate::classify::{Label, Labels, is_plain_name, scan};
use crate::operations::KnownTexts;

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
    /// The kinds of what was replaced since this was last taken.
    found: Cell<Labels>,
    /// What persisted texts of GraphQL ask for.
    pub(crate) texts: KnownTexts,
}

impl Redactor {
    /// A redactor that shows as much as `examples` says.
    #[must_use]
    pub fn new(examples: Examples) -> Redactor {
        Redactor { examples, ..Redactor::default() }
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
        let found = self.found.get();
        let shown = self.inner((name, cover), value, true, 0, true);
        // Most values stay: of few it has to be asked whether their name says that they are public.
        if matches!(shown, Cow::Owned(_)) && is_plain_name(name.as_bytes()) {
            self.found.set(found);
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
            Cover::Personal(label, _) if hidden && self.hides_persons() => {
                self.find(label);
                Some(surrogate::value(&plain))
            }
            Cover::Open | Cover::Credential if hidden => {
                self.find(Label::Credential);
                Some(surrogate::credential(&plain))
            }
            _ => self.is_synthetic().then(|| surrogate::value(&plain)),
        }
    }

    /// Returns what stands in the place of a number under its name, if it may not be shown.
    pub(crate) fn number(&self, name: &str, number: &str, cover: Cover) -> Option<String> {
        let label = match cover {
            _ if cover != Cover::Open && cover.hides(name, number) => Some(cover.label()),
            _ => scan(number.as_bytes())
                .filter(|_| self.hides_persons() && !is_plain_name(name.as_bytes()))
                .map(|hit| hit.label),
        };
        let label = label.filter(|label| *label == Label::Credential || self.hides_persons());
        label.into_iter().for_each(|label| self.find(label));
        (label.is_some() || self.is_synthetic()).then(|| surrogate::number(number))
    }

    /// Returns the kinds of what some work of the redactor finds.
    pub(crate) fn finds(&self, work: impl FnOnce(&Redactor)) -> Labels {
        self.found.set(Labels::default());
        work(self);
        self.found.take()
    }

    /// Takes note that something of this kind was found.
    pub(super) fn find(&self, label: Label) {
        self.found.set(self.found.get().with(label.into()));
    }
}
