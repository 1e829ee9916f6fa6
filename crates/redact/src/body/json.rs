//! JSON: the shape stays, secret values go.

use serde_json::{Map, Value};

use crate::classify::{
    holds_credentials, is_credential_name, is_credential_number, is_value, is_value_name, personal_digits,
    scan,
};
use crate::redactor::{Place, Redactor};

/// The deepest nesting that is read: serde_json's own limit is 128, and bodies of services have under ten.
const MAX_DEPTH: usize = 64;

/// The most elements of an array that an example shows: they teach the same.
const MAX_ELEMENTS: usize = 8;

/// The most members of an object that an example shows.
const MAX_MEMBERS: usize = 256;

/// The longest text, in characters, that an example shows in one value.
const MAX_TEXT: usize = 1024;

/// JSON in a string in JSON is read so often: events in messages in envelopes.
const MAX_INNER: usize = 2;

/// The first value of a text that is JSON (RFC 8259), or several values in a row (NDJSON, `application/json-seq`). Of a
/// text that was cut, as much as is whole.
pub(super) fn parse(text: &[u8], whole: bool) -> Option<Value> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text).trim_ascii_start();
    let text = text.strip_prefix(b"\x1e").unwrap_or(text);
    if !within_depth(text) {
        return None;
    }
    match serde_json::Deserializer::from_slice(text).into_iter::<Value>().next()? {
        Ok(value) => Some(value),
        Err(error) if error.is_eof() || !whole => serde_json::from_slice(&closed(text)?).ok(),
        Err(_) => None,
    }
}

/// Where JSON opens and closes.
#[derive(Default)]
struct Brackets {
    open: Vec<u8>,
    in_string: bool,
    escaped: bool,
}

impl Brackets {
    /// Takes the next byte; gives whether it stands outside of strings.
    fn take(&mut self, byte: u8) -> bool {
        if self.in_string {
            self.in_string = self.escaped || byte != b'"';
            self.escaped = !self.escaped && byte == b'\\';
            return false;
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' => self.open.push(b'}'),
            b'[' => self.open.push(b']'),
            b'}' | b']' => drop(self.open.pop()),
            _ => {}
        }
        !self.in_string
    }
}

fn within_depth(text: &[u8]) -> bool {
    let mut brackets = Brackets::default();
    text.iter().all(|byte| {
        brackets.take(*byte);
        brackets.open.len() <= MAX_DEPTH
    })
}

/// The text up to the last value that is whole, with all that is open closed.
fn closed(text: &[u8]) -> Option<Vec<u8>> {
    let mut brackets = Brackets::default();
    let mut end = None;
    for (at, &byte) in text.iter().enumerate() {
        match (brackets.take(byte), byte) {
            (true, b',') => end = Some((at, brackets.open.clone())),
            (true, b'{' | b'[' | b'}' | b']') => end = Some((at + 1, brackets.open.clone())),
            _ => {}
        }
    }
    let (end, open) = end?;
    Some(text[..end].iter().copied().chain(open.into_iter().rev()).collect())
}

/// The names of the members of an object, or of the objects in an array.
pub(super) fn fields(value: &Value) -> Vec<&String> {
    match value {
        Value::Object(members) => members.keys().collect(),
        Value::Array(elements) => {
            let objects = elements.iter().take(MAX_ELEMENTS).filter_map(Value::as_object);
            let mut names: Vec<_> = objects.flat_map(Map::keys).collect();
            names.sort_unstable();
            names.dedup();
            names
        }
        _ => Vec::new(),
    }
}

/// A redacted copy, with examples of long arrays and texts.
pub(super) fn redacted(redactor: &Redactor, value: &Value) -> Value {
    Walk { redactor, inner: 0 }.value("", value, Place::Open)
}

/// Members that name what another member of the same object holds: `{"name": "password", "value": "x"}`.
const PAIR_NAMES: [&str; 7] = ["name", "key", "field", "id", "property", "variable", "label"];
/// Members that hold what is named so.
const PAIR_VALUES: [&str; 5] = ["value", "val", "content", "text", "data"];

/// Whether one member says that the value beside it is a credential.
fn names_a_credential(members: &Map<String, Value>) -> bool {
    members.iter().any(|(name, value)| {
        PAIR_NAMES.contains(&name.to_ascii_lowercase().as_str())
            && value.as_str().is_some_and(|named| is_credential_name(named.as_bytes()))
    })
}

struct Walk<'a> {
    redactor: &'a Redactor,
    /// How many strings around this are JSON.
    inner: usize,
}

impl Walk<'_> {
    /// Recursion is as deep as the value, see [`MAX_DEPTH`].
    fn value(&self, name: &str, value: &Value, place: Place) -> Value {
        match value {
            Value::Null => Value::Null,
            Value::Bool(value) => Value::Bool(*value || self.redactor.is_synthetic()),
            Value::Number(number) => self.number(name, number, place),
            Value::String(text) => Value::String(self.text(name, text, place)),
            Value::Array(elements) => {
                elements.iter().take(MAX_ELEMENTS).map(|element| self.value(name, element, place)).collect()
            }
            Value::Object(members) => Value::Object(self.members(name, members, place)),
        }
    }

    fn members(&self, name: &str, members: &Map<String, Value>, place: Place) -> Map<String, Value> {
        let credential = place == Place::Credential || is_credential_name(name.as_bytes());
        let holder = credential && (place == Place::Credential || holds_credentials(name.as_bytes()));
        let named = names_a_credential(members);
        let shown = members.iter().filter(|(name, _)| !self.is_left_out(name)).take(MAX_MEMBERS);
        let redacted = shown.map(|(name, value)| {
            let below = credential && (holder || is_value_name(name.as_bytes()))
                || named && PAIR_VALUES.contains(&name.to_ascii_lowercase().as_str());
            (name.clone(), self.value(name, value, if below { Place::Credential } else { Place::Open }))
        });
        redacted.collect()
    }

    /// Whether a name is a value in truth: maps from tokens, addresses or numbers to something.
    fn is_left_out(&self, name: &str) -> bool {
        let such = is_value(name.as_bytes()) || name.chars().any(char::is_control);
        if such {
            self.redactor.leave_out();
        }
        such
    }

    fn text(&self, name: &str, text: &str, place: Place) -> String {
        let inner =
            text.trim_start().starts_with(['{', '[']) && self.inner < MAX_INNER && place == Place::Open;
        if inner
            && !is_credential_name(name.as_bytes())
            && let Some(value) = parse(text.as_bytes(), true)
        {
            return Walk { inner: self.inner + 1, ..*self }.value("", &value, Place::Open).to_string();
        }
        let shown = self.redactor.value(name, text, place);
        shown.chars().take(MAX_TEXT).collect()
    }

    fn number(&self, name: &str, number: &serde_json::Number, place: Place) -> Value {
        let text = number.to_string();
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        let credential = is_credential_number(name.as_bytes()) || place == Place::Credential && digits > 3;
        let personal = || {
            personal_digits(name.as_bytes()).is_some_and(|least| digits >= least)
                || scan(text.as_bytes(), true).is_some()
        };
        if credential || self.redactor.is_synthetic() || self.redactor.hides_persons() && personal() {
            let fake = self.redactor.surrogate(&text);
            return serde_json::from_str(&fake).unwrap_or(Value::from(1));
        }
        Value::Number(number.clone())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Examples;

    fn shown(examples: Examples, value: &Value) -> Value {
        redacted(&Redactor::new(examples), value)
    }

    #[test]
    fn ordinary_values_stay() {
        let value = json!({
            "id": 3, "price": 19.99, "qty": 2, "at": "2024-01-31T10:00:00Z", "ms": 1700000000123u64, "name": "Widget 2000",
            "status": "IN_PROGRESS", "version": "1.2.3", "tags": ["a", "b"], "ok": true, "none": null, "max_tokens": 4096,
            "tokens": 512, "tokenType": "bearer", "author": "Ann", "uuid": "550e8400-e29b-41d4-a716-446655440000",
            "location": {"lat": 52.5200065999, "lon": 13.404954}, "accountId": 77, "cardType": "visa", "emailVerified": true,
            "session": {"title": "Keynote", "room": "A1"}, "nested": "{\"a\":[1,2]}",
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
            "session": {"id": "s-1", "title": "Keynote"}, "phone": 4915112345678u64, "payload": "{\"password\":\"hunter2\"}",
        });
        let expected = json!({
            "password": "1Fake1F", "pin": 1111, "email": "user1@example.com", "card": 1111111111111111u64,
            "n": 1111111111111111u64, "deep": [{"access_token": "1Fa", "note": "call +11111111111"}],
            "secret": {"user": "1Fa", "x": ["1"]}, "session": {"id": "1Fa", "title": "Keynote"}, "phone": 1111111111111u64,
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
