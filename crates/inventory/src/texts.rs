//! Short strings, packed into one allocation.
//!
//! An endpoint keeps some dozen short strings, and there may be 100,000 endpoints: a vector of `String`s would spend
//! more on headers of allocations than on text.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The most bytes kept of one text. Names and values of headers and parameters are shown and sent as examples: what is
/// longer is a blob, and its beginning says what it is. Must fit the 16-bit length in front of each text.
pub(crate) const TEXT_BYTES: usize = 1024;

/// A list of strings, each cut to 1,024 bytes.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Texts(Box<[u8]>);

impl Texts {
    /// The strings in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let mut rest = &*self.0;
        std::iter::from_fn(move || {
            let (length, tail) = rest.split_first_chunk::<2>()?;
            let (text, tail) = tail.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
            rest = tail;
            std::str::from_utf8(text).ok()
        })
    }

    /// Returns the number of strings.
    #[must_use]
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Returns whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns whether this is one of them (compared as it would be kept).
    #[must_use]
    pub fn contains(&self, text: &str) -> bool {
        let text = cut(text);
        self.iter().any(|one| one == text)
    }

    /// Adds to the end.
    pub(crate) fn extend<'a>(&mut self, texts: impl IntoIterator<Item = &'a str>) {
        let mut bytes = std::mem::take(&mut self.0).into_vec();
        for text in texts {
            let text = cut(text);
            bytes.extend_from_slice(&(text.len() as u16).to_le_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
        self.0 = bytes.into_boxed_slice();
    }

    /// Returns what it occupies beside itself, in bytes.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.0.len()
    }
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl Serialize for Texts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut texts = Texts::default();
        texts.extend(Vec::<String>::deserialize(deserializer)?.iter().map(String::as_str));
        Ok(texts)
    }
}

/// A list of names with a value each.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Pairs(Texts);

impl Pairs {
    /// Names and values in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut texts = self.0.iter();
        std::iter::from_fn(move || Some((texts.next()?, texts.next()?)))
    }

    /// Returns the number of pairs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Returns whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns whether there is a value under this name (compared as it would be kept).
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        let name = cut(name);
        self.iter().any(|(one, _)| one == name)
    }

    /// As owned strings, in the form that an [`crate::Item`] has.
    #[must_use]
    pub fn to_vec(&self) -> Vec<(String, String)> {
        self.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// Adds to the end; the caller sees to it that each name stands once.
    pub(crate) fn extend<'a>(&mut self, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) {
        self.0.extend(pairs.into_iter().flat_map(|(name, value)| [name, value]));
    }

    /// Returns what it occupies beside itself, in bytes.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.0.heap_bytes()
    }
}

impl fmt::Debug for Pairs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl Serialize for Pairs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let pairs = Vec::<(String, String)>::deserialize(deserializer)?;
        let mut packed = Pairs::default();
        packed.extend(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        Ok(packed)
    }
}

/// The beginning of a text, at most [`TEXT_BYTES`] long, cut between characters.
pub(crate) fn cut(text: &str) -> &str {
    text.get(..text.floor_char_boundary(TEXT_BYTES)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_order_and_content() {
        let mut pairs = Pairs::default();
        pairs.extend([("a", "1"), ("", "")]);
        pairs.extend([("ü", "x\ny")]);
        assert_eq!(pairs.iter().collect::<Vec<_>>(), [("a", "1"), ("", ""), ("ü", "x\ny")]);
        assert!(pairs.has("ü") && pairs.has("") && !pairs.has("1"));
        assert_eq!(pairs.len(), 3);
    }

    #[test]
    fn cuts_long_texts_between_characters() {
        let mut texts = Texts::default();
        let long = format!("{}ü", "x".repeat(TEXT_BYTES - 1));
        texts.extend([long.as_str(), "y"]);
        assert_eq!(texts.iter().map(str::len).collect::<Vec<_>>(), [TEXT_BYTES - 1, 1]);
        assert!(texts.contains(&long), "what was cut is found again by its whole");
    }

    #[test]
    fn goes_through_json() {
        let mut pairs = Pairs::default();
        pairs.extend([("page", "1"), ("q", "\u{202e}\"")]);
        let json = serde_json::to_string(&pairs).unwrap();
        assert_eq!(serde_json::from_str::<Pairs>(&json).unwrap(), pairs);
    }
}
