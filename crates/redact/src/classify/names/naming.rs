//! Names of members and parameters whose value names what stands beside them: `name=password&value=x`.

/// Members that name what is beside them.
pub(crate) const NAMING: [&str; 22] = [
    "name",
    "key",
    "field",
    "property",
    "variable",
    "param",
    "parameter",
    "attribute",
    "attr",
    "header",
    "system",
    "claim",
    "path",
    "setting",
    "option",
    "column",
    "k",
    "var",
    "fieldname",
    "keyname",
    "question",
    "envvar",
];

/// Members that say what kind of thing is beside them.
pub(crate) const KINDS: [&str; 6] = ["type", "kind", "id", "label", "title", "use"];

/// Returns whether what has this name says what `value` beside it is.
pub(crate) fn is_naming(name: &[u8]) -> bool {
    NAMING.iter().chain(&KINDS).any(|one| name.eq_ignore_ascii_case(one.as_bytes()))
}
