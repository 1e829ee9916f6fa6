//! Which values of a document belong to a credential because of where they stand: below one, or beside its name.

use std::ops::{ControlFlow, Range};

use crate::classify::{holds_credentials, is_credential_name, is_value_name};
use crate::document::{Container, Document, Kind, Observer, Scalar};

/// Members that name what another member of the same object holds: `{"name": "password", "value": "x"}`.
const PAIR_NAMES: [&str; 7] = ["name", "key", "field", "id", "property", "variable", "label"];

/// Members that hold what is named so.
const PAIR_VALUES: [&str; 5] = ["value", "val", "content", "text", "data"];

/// What is known about a value from where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Nothing but its name.
    Open,
    /// It belongs to a credential.
    Credential,
}

impl Place {
    /// Returns whether the value under this name, in this place, is a credential.
    pub(crate) fn is_credential(self, name: &str) -> bool {
        self == Place::Credential || is_credential_name(name.as_bytes())
    }
}

/// Where a walk through a document is: the name and the place of what comes next.
#[derive(Default)]
pub(crate) struct Places {
    /// The containers with names that are open.
    open: Vec<Fields>,
}

struct Fields {
    /// They stand below a credential.
    credential: bool,
    /// All of them belong to it, and not only those that are named like values.
    holder: bool,
    /// One of them says that the value beside it is a credential.
    pair: bool,
    name: String,
    place: Place,
}

impl Places {
    /// Returns the name and the place of the next value. The items of a list have those of the list.
    pub(crate) fn current(&self) -> (&str, Place) {
        self.open.last().map_or(("", Place::Open), |fields| (&fields.name, fields.place))
    }

    /// Enters a container with names. `pair` says that it is one of [`Pairs`].
    pub(crate) fn enter(&mut self, pair: bool) {
        let (name, place) = self.current();
        let credential = place.is_credential(name);
        let holder = credential && (place == Place::Credential || holds_credentials(name.as_bytes()));
        self.open.push(Fields { credential, holder, pair, name: String::new(), place: Place::Open });
    }

    /// What comes next has this name.
    pub(crate) fn name(&mut self, name: &str) {
        let Some(fields) = self.open.last_mut() else { return };
        let below = fields.credential && (fields.holder || is_value_name(name.as_bytes()))
            || fields.pair && is_one_of(name, &PAIR_VALUES);
        fields.place = if below { Place::Credential } else { Place::Open };
        name.clone_into(&mut fields.name);
    }

    /// Leaves the container with names that was entered last.
    pub(crate) fn leave(&mut self) {
        self.open.pop();
    }
}

/// The objects of a document of which one member names another: `{"name": "password", "value": "x"}`. The value may
/// come first, so a walk of its own finds them.
#[derive(Default)]
pub(crate) struct Pairs {
    /// Where such objects begin, in ascending order.
    found: Vec<usize>,
    /// Where the open containers begin, and whether the next value names another one.
    open: Vec<(usize, bool)>,
}

impl Pairs {
    /// Finds those of the first value of a document.
    pub(crate) fn of(document: Document<'_>) -> Pairs {
        let mut pairs = Pairs::default();
        document.walk(&mut pairs);
        pairs.found.sort_unstable();
        pairs
    }

    /// Returns whether the object that begins here is one.
    pub(crate) fn has(&self, at: usize) -> bool {
        self.found.binary_search(&at).is_ok()
    }

    fn unless_done(&self) -> ControlFlow<()> {
        if self.open.is_empty() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

impl Observer for Pairs {
    fn enter(&mut self, _: Container, at: usize) -> ControlFlow<()> {
        self.open.push((at, false));
        ControlFlow::Continue(())
    }

    fn name(&mut self, name: &str, _: Range<usize>) -> ControlFlow<()> {
        if let Some((_, names)) = self.open.last_mut() {
            *names = is_one_of(name, &PAIR_NAMES);
        }
        ControlFlow::Continue(())
    }

    fn value(&mut self, value: &Scalar<'_>) -> ControlFlow<()> {
        if let Some((at, true)) = self.open.last()
            && value.kind == Kind::Text
            && is_credential_name(value.text.as_bytes())
        {
            self.found.push(*at);
        }
        self.unless_done()
    }

    fn leave(&mut self, _: Range<usize>) -> ControlFlow<()> {
        self.open.pop();
        self.unless_done()
    }
}

fn is_one_of(name: &str, list: &[&str]) -> bool {
    list.iter().any(|one| one.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Syntax;

    fn pairs(text: &str) -> Vec<usize> {
        Pairs::of(Document { syntax: Syntax::Json, bytes: text.as_bytes(), whole: true }).found
    }

    #[test]
    fn objects_that_name_what_they_hold() {
        assert_eq!(
            pairs(r#"[{"value": 1, "Name": "password"}, {"name": "colour"}, {"key": "token"}]"#),
            [1, 55]
        );
        assert_eq!(pairs(r#"{"name": {"name": "pin"}, "names": "pin", "key": ["pin"], "id": 1}"#), [9]);
        assert_eq!(pairs(r#"{"a": 1} {"name": "pin"}"#), [0; 0]);
    }

    #[test]
    fn what_stands_below_a_credential_belongs_to_it() {
        let mut places = Places::default();
        assert_eq!(places.current(), ("", Place::Open));
        places.enter(false);
        places.name("clientSecret");
        places.enter(false);
        places.name("note");
        assert_eq!(places.current(), ("note", Place::Credential));
        places.leave();
        places.name("session");
        places.enter(false);
        places.name("title");
        assert_eq!(places.current(), ("title", Place::Open));
        places.name("id");
        assert_eq!(places.current(), ("id", Place::Credential));
        places.enter(true);
        places.leave();
        places.leave();
        places.enter(true);
        places.name("Value");
        assert_eq!(places.current(), ("Value", Place::Credential));
    }
}
