//! Names that stand twice in an object of JSON. RFC 8259, section 4, leaves open what that means; here the last one counts, and
//! whoever wrote the first should know.

use std::collections::HashSet;
use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};

/// The names that stand more than once, each once with all names above it; the first `most`. Text that is no JSON has those
/// before the place where it is wrong.
pub(super) fn find(text: &str, most: usize) -> Vec<Vec<String>> {
    let (mut path, mut found) = (Vec::new(), Vec::new());
    let look = Look { path: &mut path, found: &mut found, most };
    // What is wrong was said when it was parsed.
    let _ = look.deserialize(&mut serde_json::Deserializer::from_str(text));
    found
}

struct Look<'a> {
    /// Where it is.
    path: &'a mut Vec<String>,
    found: &'a mut Vec<Vec<String>>,
    most: usize,
}

impl Look<'_> {
    fn again(&mut self) -> Look<'_> {
        Look { path: &mut *self.path, found: &mut *self.found, most: self.most }
    }

    fn note(&mut self) {
        if self.found.len() < self.most && !self.found.contains(self.path) {
            self.found.push(self.path.clone());
        }
    }
}

impl<'de> DeserializeSeed<'de> for Look<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Look<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(self.again())?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            self.path.push(name.clone());
            if !names.insert(name) {
                self.note();
            }
            map.next_value_seed(self.again())?;
            self.path.pop();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_wherever_they_stand_twice() {
        let text = r#"{"a": 1, "m": {"x": {"i": null}, "y": [true, {"z": 1.5, "z": -2}], "x": {"i": "s"}, "x": 3}, "\u0061": {"m": 1}}"#;
        let found: Vec<String> = find(text, 10).iter().map(|path| path.join(".")).collect();
        assert_eq!(found, ["m.y.z", "m.x", "a"]);
        assert_eq!(find(text, 1).len(), 1);
        assert!(find(r#"{"a": {"a": {"a": 1}}, "b": {"a": 2}}"#, 10).is_empty());
    }
}
