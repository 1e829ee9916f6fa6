//! A tree of YAML or JSON that keeps the order of its keys: what a person wrote stays as it stood.

use std::fmt;

use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Number;

/// A value. It may hold the key, so it has no `Debug`.
#[derive(Clone, PartialEq)]
pub(super) enum Node {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    Map(Map),
}

/// Names and values in their order; each name once.
#[derive(Clone, Default, PartialEq)]
pub(super) struct Map(Vec<(String, Node)>);

impl Node {
    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Node::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn as_map(&self) -> Option<&Map> {
        match self {
            Node::Map(map) => Some(map),
            _ => None,
        }
    }
}

impl From<&str> for Node {
    fn from(text: &str) -> Node {
        Node::Text(text.to_owned())
    }
}

impl Map {
    pub(super) fn get(&self, name: &str) -> Option<&Node> {
        self.0.iter().find_map(|(known, value)| (known == name).then_some(value))
    }

    /// The text under a path of names.
    pub(super) fn text(&self, path: &[&str]) -> Option<&str> {
        match path {
            [] => None,
            [name] => self.get(name)?.as_text(),
            [name, rest @ ..] => self.get(name)?.as_map()?.text(rest),
        }
    }

    /// Sets a value where the name stands, or at the end.
    pub(super) fn set(&mut self, name: &str, value: Node) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    /// Sets a value where the name stands, or before all others.
    pub(super) fn set_first(&mut self, name: &str, value: Node) {
        if self.get(name).is_none() {
            self.0.insert(0, (name.to_owned(), Node::Null));
        }
        self.set(name, value);
    }

    pub(super) fn remove(&mut self, name: &str) -> Option<Node> {
        let at = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.remove(at).1)
    }

    /// Changes the map under a name. It is made where there is none; anything else there is replaced.
    pub(super) fn edit(&mut self, name: &str, change: impl FnOnce(&mut Map)) {
        let mut inner = self.get(name).and_then(Node::as_map).cloned().unwrap_or_default();
        change(&mut inner);
        self.set(name, Node::Map(inner));
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Node)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<const N: usize> From<[(&str, Node); N]> for Map {
    fn from(pairs: [(&str, Node); N]) -> Map {
        Map(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Node::Null => serializer.serialize_unit(),
            Node::Bool(flag) => serializer.serialize_bool(*flag),
            Node::Number(number) => number.serialize(serializer),
            // kubectl's YAML does not read a block that begins with a tab. In JSON the wrapper is not seen.
            Node::Text(text) if text.trim_start_matches('\n').starts_with('\t') => {
                serde_saphyr::DoubleQuoted(text).serialize(serializer)
            }
            Node::Text(text) => serializer.serialize_str(text),
            Node::List(list) => {
                let mut out = serializer.serialize_seq(Some(list.len()))?;
                list.iter().try_for_each(|value| out.serialize_element(value))?;
                out.end()
            }
            Node::Map(map) => map.serialize(serializer),
        }
    }
}

impl Serialize for Map {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_map(Some(self.0.len()))?;
        self.iter().try_for_each(|(name, value)| out.serialize_entry(name, value))?;
        out.end()
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(AnyNode)
    }
}

struct AnyNode;

impl<'de> Visitor<'de> for AnyNode {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Node, E> {
        Ok(Node::Bool(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Node, E> {
        Ok(Node::Number(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Node, E> {
        Ok(Node::Number(number.into()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Node, E> {
        let number = Number::from_f64(number);
        number.map(Node::Number).ok_or_else(|| E::custom("a number that is not finite"))
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
        let mut all = Vec::new();
        while let Some(value) = list.next_element()? {
            all.push(value);
        }
        Ok(Node::List(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut all = Map::default();
        while let Some((name, value)) = map.next_entry::<String, Node>()? {
            // As elsewhere in JSON: of a name that stands twice the last value counts.
            all.set(&name, value);
        }
        Ok(Node::Map(all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_values_survive_json_and_yaml() {
        let json = r#"{"z":1,"a":[true,null,-2.5,18446744073709551615,"x"],"m":{"b":{},"a":[]},"":"é","t":"\n\ta\nb"}"#;
        let node: Node = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&node).unwrap(), json);
        let yaml = serde_saphyr::to_string(&node).unwrap();
        assert!(serde_saphyr::from_str::<Node>(&yaml).unwrap() == node, "{yaml}");
        assert!(yaml.contains(r#"t: "\n\ta\nb""#), "{yaml}");
    }

    #[test]
    fn values_are_set_where_they_stand() {
        let mut map = Map::from([("b", Node::Null), ("c", "3".into())]);
        map.set("b", "2".into());
        map.set_first("a", "1".into());
        map.edit("d", |inner| inner.set("e", Node::Bool(true)));
        map.set_first("c", "4".into());
        assert_eq!(serde_json::to_string(&map).unwrap(), r#"{"a":"1","b":"2","c":"4","d":{"e":true}}"#);
        assert!(map.remove("a").is_some() && map.remove("a").is_none());
        assert_eq!(map.text(&["c"]), Some("4"));
        assert_eq!(map.text(&["d", "e"]), None);
    }
}
