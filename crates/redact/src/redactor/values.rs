//! Values and texts: what of them is secret is found and replaced.

use std::borrow::Cow;
use std::cell::Cell;

use serde::{Deserialize, Serialize};

use super::places::Place;
use super::surrogate;
use crate::classify::{is_credential_number, is_email_name, personal_digits, scan, scan_from};
use crate::document::unescaped;
use crate::template::{decode, decode_once};

/// So many encodings inside each other are undone in search of secrets.
const MAX_ENCODINGS: usize = 3;

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

    /// A value under its name.
    pub(crate) fn value<'a>(&self, name: &str, value: &'a str, place: Place) -> Cow<'a, str> {
        if value.is_empty() {
            return Cow::Borrowed(value);
        }
        if place.is_credential(name) {
            return Cow::Owned(surrogate::credential(&without_encoding(value)));
        }
        if self.is_synthetic() || self.hides_persons() && is_personal(name, value) {
            return Cow::Owned(surrogate::value(&without_encoding(value)));
        }
        self.text(value)
    }

    /// Text in which secrets may stand anywhere, under up to [`MAX_ENCODINGS`] percent-encodings and character references of XML.
    pub(crate) fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut shown = self.plain(text);
        let mut decoded = shown.as_bytes().to_vec();
        for _ in 0..MAX_ENCODINGS {
            let percent = decoded.contains(&b'%') && decode_once(&mut decoded);
            if !(percent | unescape(&mut decoded)) {
                break;
            }
            let inner = String::from_utf8_lossy(&decoded).into_owned();
            if let Cow::Owned(redacted) = self.plain(&inner) {
                decoded = redacted.clone().into_bytes();
                shown = Cow::Owned(redacted);
            }
        }
        shown
    }

    /// Text with every hit replaced, as it stands.
    fn plain<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let (mut out, mut from) = (String::new(), 0);
        while let Some(hit) = scan_from(text.as_bytes(), from, self.hides_persons()) {
            let (Some(before), Some(found)) = (text.get(from..hit.range.start), text.get(hit.range.clone()))
            else {
                break;
            };
            out.push_str(before);
            out.push_str(&if hit.credential {
                surrogate::credential(found)
            } else {
                surrogate::value(found)
            });
            from = hit.range.end;
        }
        if from == 0 {
            return Cow::Borrowed(text);
        }
        out.push_str(&text[from..]);
        Cow::Owned(out)
    }

    /// Returns what stands in the place of a number under its name, if it may not be shown.
    pub(crate) fn number(&self, name: &str, number: &str, place: Place) -> Option<String> {
        let digits = number.bytes().filter(u8::is_ascii_digit).count();
        let credential = is_credential_number(name.as_bytes()) || place == Place::Credential && digits > 3;
        let personal = || {
            personal_digits(name.as_bytes()).is_some_and(|least| digits >= least)
                || scan(number.as_bytes(), true).is_some()
        };
        let hidden = credential || self.is_synthetic() || self.hides_persons() && personal();
        hidden.then(|| surrogate::value(number))
    }
}

/// Undoes character references of XML. Gives whether there were any.
fn unescape(text: &mut Vec<u8>) -> bool {
    if !(text.contains(&b'&') && text.contains(&b';')) {
        return false;
    }
    let plain = unescaped(&String::from_utf8_lossy(text)).into_owned();
    let changed = plain.as_bytes() != text.as_slice();
    *text = plain.into_bytes();
    changed
}

/// Returns what a value stands for under percent-encodings inside each other: its kind decides about its surrogate.
fn without_encoding(value: &str) -> Cow<'_, str> {
    if !value.contains('%') {
        return Cow::Borrowed(value);
    }
    let mut plain = value.as_bytes().to_vec();
    decode(&mut plain);
    Cow::Owned(String::from_utf8_lossy(&plain).into_owned())
}

/// Returns whether the value under this name is about a person.
fn is_personal(name: &str, value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    personal_digits(name.as_bytes()).is_some_and(|least| digits >= least)
        || is_email_name(name.as_bytes()) && value.len() > 2 && !value.contains(' ')
}
