//! The values of a field, as long as they may turn out to be an enumeration.
//!
//! Values are counted in memory. They are shown, and written to a store, only once they are an enumeration.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::classify::{Kind, kind_of_text};

/// An enumeration has no more values.
const MAX_VALUES: usize = 16;
/// It is one when so many documents had a value,
const MIN_SAMPLES: u32 = 20;
/// and each value was in so many of them.
const MIN_EACH: u32 = 3;
/// The longest value, in bytes.
const MAX_LENGTH: usize = 40;
/// The most digits of a value: `SHA-256` has three, and what has more is a number of something.
const MAX_DIGITS: usize = 3;

/// What is known about the values of a field.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Values {
    /// These, in ascending order, each with the number of documents that had it.
    Few {
        /// The number of documents that had any.
        samples: u32,
        /// The values.
        values: Vec<(Box<str>, u32)>,
    },
    /// Too many, or such as are none of an enumeration.
    Many,
}

impl Default for Values {
    fn default() -> Values {
        Values::Few { samples: 0, values: Vec::new() }
    }
}

impl Values {
    /// Takes in a value of a document.
    pub(crate) fn add(&mut self, text: &str) {
        let Values::Few { samples, values } = self else { return };
        *samples = 1;
        match values.binary_search_by(|(known, _)| (**known).cmp(text)) {
            Ok(_) => {}
            Err(_) if values.len() == MAX_VALUES || !is_identifier(text) => *self = Values::Many,
            Err(at) => values.insert(at, (text.into(), 1)),
        }
    }

    /// Gives up on an enumeration.
    pub(crate) fn set_many(&mut self) {
        *self = Values::Many;
    }

    /// Returns whether it was given up.
    pub(crate) fn is_many(&self) -> bool {
        *self == Values::Many
    }

    /// Returns whether this value was taken in before, so that nothing new is to be found out about it.
    pub(crate) fn has(&self, text: &str) -> bool {
        match self {
            Values::Few { values, .. } => values.binary_search_by(|(known, _)| (**known).cmp(text)).is_ok(),
            Values::Many => false,
        }
    }

    /// Takes in the values of other documents. Counts add up.
    pub(crate) fn join(&mut self, other: Values) {
        let (Values::Few { samples, values }, Values::Few { samples: more, values: others }) =
            (&mut *self, other)
        else {
            *self = Values::Many;
            return;
        };
        *samples = samples.saturating_add(more);
        for (text, count) in others {
            match values.binary_search_by(|(known, _)| known.cmp(&text)) {
                Ok(at) => {
                    if let Some((_, known)) = values.get_mut(at) {
                        *known = known.saturating_add(count);
                    }
                }
                Err(at) => values.insert(at, (text, count)),
            }
        }
        if values.len() > MAX_VALUES {
            *self = Values::Many;
        }
    }

    /// Returns the values, if they are an enumeration.
    pub(crate) fn enumerated(&self) -> Option<impl Iterator<Item = &str>> {
        let Values::Few { samples, values } = self else { return None };
        let such = *samples >= MIN_SAMPLES
            && !values.is_empty()
            && values.iter().all(|(_, count)| *count >= MIN_EACH);
        such.then(|| values.iter().map(|(text, _)| &**text))
    }

    /// Returns what they occupy beside themselves, in bytes.
    pub(crate) fn heap_bytes(&self) -> usize {
        match self {
            Values::Few { values, .. } => {
                values.capacity() * size_of::<(Box<str>, u32)>()
                    + values.iter().map(|(text, _)| text.len() + 16).sum::<usize>()
            }
            Values::Many => 0,
        }
    }

    /// Returns whether there is nothing to write.
    pub(crate) fn is_unknown(&self) -> bool {
        matches!(self, Values::Few { .. }) && self.enumerated().is_none()
    }
}

/// Returns whether this may be a value of an enumeration: a word, perhaps of several, as programs write them.
fn is_identifier(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    text.len() <= MAX_LENGTH
        && digits <= MAX_DIGITS
        && text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.:/".contains(&byte))
        && matches!(kind_of_text(text.as_bytes()), Kind::Word | Kind::Unsettled)
}

/// How many values there are, and none of them.
impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Values::Few { samples, values } => write!(f, "{} values in {samples} samples", values.len()),
            Values::Many => f.write_str("many values"),
        }
    }
}

/// An enumeration with its counts, `"many"`, or nothing.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Stored {
    Few(u32, Vec<(Box<str>, u32)>),
    Many(String),
}

impl Serialize for Values {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Values::Many => Stored::Many("many".to_owned()).serialize(to),
            Values::Few { samples, values } if self.enumerated().is_some() => {
                Stored::Few(*samples, values.clone()).serialize(to)
            }
            Values::Few { .. } => Stored::Few(0, Vec::new()).serialize(to),
        }
    }
}

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Values, D::Error> {
        Ok(match Stored::deserialize(from)? {
            Stored::Few(samples, mut values) if values.len() <= MAX_VALUES => {
                values.sort_unstable();
                Values::Few { samples, values }
            }
            Stored::Few(..) | Stored::Many(_) => Values::Many,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(documents: &[(&str, usize)]) -> Values {
        let mut all = Values::default();
        for (text, count) in documents {
            for _ in 0..*count {
                let mut one = Values::default();
                one.add(text);
                one.add(text);
                all.join(one);
            }
        }
        all
    }

    fn shown(values: &Values) -> Option<Vec<&str>> {
        values.enumerated().map(Iterator::collect)
    }

    #[test]
    fn few_values_that_come_again_are_an_enumeration() {
        assert_eq!(shown(&of(&[("open", 10), ("SHUT_DOWN", 10)])), Some(vec!["SHUT_DOWN", "open"]));
        assert_eq!(shown(&of(&[("open", 10), ("closed", 9)])), None, "nineteen samples");
        assert_eq!(shown(&of(&[("open", 20), ("closed", 2)])), None, "one came only twice");
        assert_eq!(shown(&Values::default()), None);
    }

    #[test]
    fn what_is_no_identifier_is_never_one() {
        for text in ["two words", "4711", "a4711", "\u{e9}t\u{e9}", "", "ann@shop.test", "-", &"x".repeat(41)]
        {
            assert_eq!(of(&[(text, 30)]), Values::Many, "{text}");
        }
        let many: Vec<String> = (b'a'..=b'q').map(|letter| char::from(letter).to_string()).collect();
        let many: Vec<(&str, usize)> = many.iter().map(|text| (text.as_str(), 5)).collect();
        assert_eq!(of(&many), Values::Many);
        assert!(shown(&of(&many[1..])).is_some());
    }

    #[test]
    fn only_an_enumeration_is_written() {
        let written = |values: &Values| serde_json::to_string(values).unwrap();
        let (yes, no) = (of(&[("open", 20)]), of(&[("secretive", 19)]));
        assert_eq!(written(&no), "[0,[]]");
        assert_eq!(serde_json::from_str::<Values>(&written(&yes)).unwrap(), yes);
        assert_eq!(serde_json::from_str::<Values>(&written(&Values::Many)).unwrap(), Values::Many);
        assert!(!format!("{no:?}").contains("secretive"));
    }
}
