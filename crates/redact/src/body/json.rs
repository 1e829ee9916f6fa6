//! JSON as an example: the shape stays, secret values go.
//!
//! The copy is compact, its members are sorted, and of long arrays, objects and texts it has the beginning.

use std::ops::{ControlFlow, Range};

use serde_json::{Map, Number, Value};

use crate::classify::is_value;
use crate::document::{Container, Document, End, Kind, Observer, Scalar, Syntax};
use crate::redactor::{Covers, Redactor};

/// The most elements of an array that an example shows: they teach the same.
const MAX_ELEMENTS: usize = 8;

/// The most members of an object that an example shows.
const MAX_MEMBERS: usize = 256;

/// The longest text, in characters, that an example shows in one value.
const MAX_TEXT: usize = 1024;

/// Returns a redacted copy of the first value of a text that is JSON; of one that was cut, as much as is there.
pub(super) fn redacted(redactor: &Redactor, text: &[u8], whole: bool) -> Option<Value> {
    let document = Document { syntax: Syntax::Json, bytes: text, whole };
    let covers = Covers::of_first(document);
    let mut copy = Copy { redactor, covers, open: Vec::new(), passed: 0, root: None, refused: false };
    match document.walk_first(&mut copy) {
        End::Malformed { .. } | End::TooDeep { .. } => None,
        End::Whole | End::Cut { .. } | End::Stopped => copy.root.filter(|_| !copy.refused),
    }
}

/// Returns whether this is JSON, as far as its first value goes.
pub(super) fn is_json(text: &[u8]) -> bool {
    let end = Document { syntax: Syntax::Json, bytes: text, whole: true }.walk_first(&mut Nobody);
    !matches!(end, End::Malformed { .. } | End::TooDeep { .. })
}

/// Reads, and keeps nothing.
struct Nobody;

impl Observer for Nobody {}

/// Returns the names of the members of an object, or of the objects in an array.
pub(super) fn fields(value: &Value) -> Vec<&String> {
    match value {
        Value::Object(members) => members.keys().collect(),
        Value::Array(elements) => {
            let mut names: Vec<_> =
                elements.iter().filter_map(Value::as_object).flat_map(Map::keys).collect();
            names.sort_unstable();
            names.dedup();
            names
        }
        _ => Vec::new(),
    }
}

/// Makes the copy.
struct Copy<'a> {
    redactor: &'a Redactor,
    covers: Covers,
    /// The open containers.
    open: Vec<Node>,
    /// How many containers are open that are not copied, with what is in them.
    passed: usize,
    root: Option<Value>,
    /// Whether a number is there that no type of JSON's readers holds.
    refused: bool,
}

enum Node {
    /// The members so far, and the name of the next one unless it is left out.
    Object(Map<String, Value>, Option<String>),
    Array(Vec<Value>),
}

impl Copy<'_> {
    /// Returns whether what comes next is copied.
    fn is_wanted(&self) -> bool {
        self.passed == 0
            && match self.open.last() {
                Some(Node::Object(_, name)) => name.is_some(),
                Some(Node::Array(elements)) => elements.len() < MAX_ELEMENTS,
                None => true,
            }
    }

    /// Puts a value where it belongs.
    fn put(&mut self, value: Value) -> ControlFlow<()> {
        match self.open.last_mut() {
            Some(Node::Object(members, name)) => {
                if let Some(name) = name.take() {
                    members.insert(name, value);
                }
            }
            Some(Node::Array(elements)) => elements.push(value),
            None => self.root = Some(value),
        }
        ControlFlow::Continue(())
    }

    fn text(&self, text: &str) -> String {
        let (name, cover) = self.covers.current();
        let shown = self.redactor.value(name, text, cover);
        shown.chars().take(MAX_TEXT).collect()
    }

    fn number(&self, number: Number) -> Value {
        let (name, cover) = self.covers.current();
        match self.redactor.number(name, &number.to_string(), cover) {
            Some(fake) => serde_json::from_str(&fake).unwrap_or(Value::from(1)),
            None => Value::Number(number),
        }
    }
}

impl Observer for Copy<'_> {
    fn enter(&mut self, container: Container, at: usize) -> ControlFlow<()> {
        if !self.is_wanted() {
            self.passed += 1;
            return ControlFlow::Continue(());
        }
        self.covers.enter(container, at);
        self.open.push(match container {
            Container::Fields => Node::Object(Map::new(), None),
            _ => Node::Array(Vec::new()),
        });
        ControlFlow::Continue(())
    }

    /// A name may be a value in truth, in maps from tokens, addresses or numbers to something. Such members are left out.
    fn name(&mut self, text: &str, _: Range<usize>) -> ControlFlow<()> {
        if self.passed > 0 {
            return ControlFlow::Continue(());
        }
        let is_name = !is_value(text.as_bytes()) && !text.chars().any(char::is_control);
        if is_name {
            self.covers.name(text);
        } else {
            self.redactor.leave_out();
        }
        if let Some(Node::Object(_, name)) = self.open.last_mut() {
            *name = is_name.then(|| text.to_owned());
        }
        ControlFlow::Continue(())
    }

    fn value(&mut self, value: &Scalar<'_>) -> ControlFlow<()> {
        let wanted = self.is_wanted();
        let copied = match value.kind {
            Kind::Number => match serde_json::from_str(value.text) {
                Ok(number) if wanted => self.number(number),
                Ok(_) => return ControlFlow::Continue(()),
                Err(_) => {
                    self.refused = true;
                    return ControlFlow::Break(());
                }
            },
            _ if !wanted => return ControlFlow::Continue(()),
            Kind::Bool => Value::Bool(value.text == "true" || self.redactor.is_synthetic()),
            Kind::Text => Value::String(self.text(value.text)),
            Kind::Null | Kind::File | Kind::Binary => Value::Null,
        };
        self.covers.passed(value.text);
        self.put(copied)
    }

    fn leave(&mut self, _: Range<usize>) -> ControlFlow<()> {
        if self.passed > 0 {
            self.passed -= 1;
            return ControlFlow::Continue(());
        }
        self.covers.leave();
        match self.open.pop() {
            Some(Node::Object(members, _)) => {
                self.put(Value::Object(members.into_iter().take(MAX_MEMBERS).collect()))
            }
            Some(Node::Array(elements)) => self.put(Value::Array(elements)),
            None => ControlFlow::Continue(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Examples;

    fn shown(examples: Examples, value: &Value) -> Value {
        redacted(&Redactor::new(examples), value.to_string().as_bytes(), true).unwrap()
    }

    /// A copy in which nothing is to be replaced.
    fn parse(text: &[u8], whole: bool) -> Option<Value> {
        redacted(&Redactor::new(Examples::Redacted), text, whole)
    }

    #[test]
    fn ordinary_values_stay() {
        let value = json!({
            "id": 3, "price": 19.99, "qty": 2, "at": "2024-01-31T10:00:00Z", "ms": 1700000000123u64, "name": "Widget 2000",
            "status": "IN_PROGRESS", "version": "1.2.3", "tags": ["a", "b"], "ok": true, "none": null, "max_tokens": 4096,
            "tokens": 512, "tokenType": "bearer", "author": "Ann", "uuid": "550e8400-e29b-41d4-a716-446655440000",
            "tile": {"x": 17, "y": 11}, "accountId": 77, "cardType": "visa", "emailVerified": true,
            "sessionTitle": "Keynote", "token": {"type": "bearer", "expires_in": 3600}, "nested": "{\"a\":[1,2]}",
        });
        assert_eq!(shown(Examples::Redacted, &value), value);
    }

    #[test]
    fn values_beside_the_name_of_a_credential_go() {
        let value = json!([{"name": "password", "value": "hunter22"}, {"key": "DB_PASSWORD", "Value": "s3cretdb"},
            {"name": "colour", "value": "blue"}]);
        let shown = shown(Examples::Redacted, &value).to_string();
        assert!(
            !shown.contains("hunter22") && !shown.contains("s3cretdb") && shown.contains("blue"),
            "{shown}"
        );
    }

    #[test]
    fn secrets_and_personal_data_go() {
        let value = json!({
            "password": "hunter2", "pin": 4711, "email": "john@x.com", "card": 4111111111111111u64, "n": 5500000000000004u64,
            "deep": [{"access_token": "abc", "note": "call +14155552671"}], "secret": {"user": "bob", "x": ["y"]},
            "session": {"id": "s-1", "ttl": 60}, "phone": 4915112345678u64, "payload": "{\"password\":\"hunter2\"}",
        });
        let expected = json!({
            "password": "1Fake1F", "pin": 1111, "email": "user1@example.com", "card": 1111111111111111u64,
            "n": 1111111111111111u64, "deep": [{"access_token": "1Fa", "note": "call +11111111111"}],
            "secret": {"user": "1Fa", "x": ["1"]}, "session": {"id": "1Fa", "ttl": 60}, "phone": 1111111111111u64,
            "payload": "{\"password\":\"1Fake1F\"}",
        });
        assert_eq!(shown(Examples::Redacted, &value), expected);
    }

    #[test]
    fn the_other_settings() {
        let value = json!({"a": "Bob 7", "n": -12.5, "b": false, "email": "j@x.com", "token": "abc"});
        let synthetic =
            json!({"a": "Xxx 1", "n": -11.1, "b": true, "email": "user1@example.com", "token": "1Fa"});
        assert_eq!(shown(Examples::Synthetic, &value), synthetic);
        assert_eq!(
            shown(Examples::Real, &value),
            json!({"a": "Bob 7", "n": -12.5, "b": false, "email": "j@x.com", "token": "1Fa"})
        );
    }

    #[test]
    fn names_that_are_values_are_left_out() {
        let value = json!({"john@x.com": 1, "AKIAIOSFODNN7EXAMPLE": 2, "ok": 3, "1700000000123": 4});
        assert_eq!(shown(Examples::Redacted, &value), json!({"ok": 3}));
    }

    #[test]
    fn cut_json_is_closed() {
        let cases = [
            (r#"{"a": 1, "b": [1, 2, {"c": "x, y"#, Some(json!({"a": 1, "b": [1, 2, {}]}))),
            (r#"{"a": "\"]", "b": tr"#, Some(json!({"a": "\"]"}))),
            (r#"[1, 2, 3"#, Some(json!([1, 2]))),
            (r#"{"a"#, Some(json!({}))),
            (r#""abc"#, None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text.as_bytes(), false), expected, "{text}");
        }
    }

    #[test]
    fn several_values_and_marks() {
        assert_eq!(parse(b"{\"a\":1}\n{\"b\":2}\n", true), Some(json!({"a": 1})));
        assert_eq!(parse(b"\xef\xbb\xbf [1]", true), Some(json!([1])));
        assert_eq!(parse(b"\x1e{\"a\":1}\n\x1e{}", true), Some(json!({"a": 1})));
        assert_eq!(parse(b"{'a': 1}", true), None);
    }

    #[test]
    fn deep_nesting_is_refused() {
        assert!(parse("[".repeat(100_000).as_bytes(), false).is_none());
        assert!(parse(("[".repeat(60) + &"]".repeat(60)).as_bytes(), true).is_some());
    }
}
