//! What descriptor sets say: methods, their messages, the fields of these.

use std::collections::HashMap;

/// The methods and messages of descriptor sets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Descriptors {
    /// By path: the names of the messages of request and response.
    pub(super) methods: HashMap<String, (String, String)>,
    pub(super) messages: HashMap<String, Message>,
    /// By name: the first value.
    pub(super) enums: HashMap<String, String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) fields: Vec<Field>,
    /// It is an entry of a map.
    pub(super) entry: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Field {
    /// As JSON has it.
    pub(super) name: String,
    pub(super) kind: u64,
    pub(super) type_name: String,
    pub(super) repeated: bool,
    /// Of the fields with the same number only one can be there (`oneof`).
    pub(super) choice: Option<u64>,
}
