//! Names of properties and parameters: which of them are names at all, and which hold names of people and things.

use crate::classify::{Kind, Words, is_value, is_word, kind_of_text};
use crate::document::Syntax;
use crate::redactor::parameter_name;

/// The longest name, in bytes.
const MAX_NAME: usize = 128;

/// Last words of names whose values are names, of people as of things: few and repeated as they may be, they are no enumeration.
const NAMES: [&str; 58] = [
    "name",
    "names",
    "title",
    "titles",
    "user",
    "users",
    "owner",
    "owners",
    "author",
    "authors",
    "assignee",
    "assignees",
    "login",
    "logins",
    "by",
    "creator",
    "creators",
    "editor",
    "reviewer",
    "reviewers",
    "approver",
    "requester",
    "reporter",
    "member",
    "members",
    "customer",
    "customers",
    "client",
    "clients",
    "tenant",
    "tenants",
    "account",
    "accounts",
    "person",
    "people",
    "contact",
    "contacts",
    "employee",
    "manager",
    "doctor",
    "patient",
    "guest",
    "nick",
    "nickname",
    "alias",
    "handle",
    "sender",
    "recipient",
    "from",
    "to",
    "id",
    "ids",
    "key",
    "keys",
    "slug",
    "host",
    "hostname",
    "company",
];

/// Returns whether this is a name, and not a value in the place of one.
pub(super) fn is_name(name: &str, syntax: Syntax<'_>) -> bool {
    if is_word(name.as_bytes()) {
        return (1..=MAX_NAME).contains(&name.len());
    }
    let number = kind_of_text(name.as_bytes()) == Kind::Number && syntax == Syntax::Json;
    (1..=MAX_NAME).contains(&name.len())
        && !number
        && !is_value(name.as_bytes())
        && !name.chars().any(|one| one.is_control() || is_invisible(one))
        && parameter_name(name.as_bytes(), &mut Vec::new()).is_some()
}

/// Returns whether a character says how others are shown: it has no place in a name that is printed.
fn is_invisible(one: char) -> bool {
    matches!(one, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Returns whether what has this name is a name itself.
pub(super) fn holds_names(name: &str) -> bool {
    let words = Words::of(name.as_bytes());
    NAMES.iter().any(|one| words.last() == one.as_bytes())
}
