//! What a text is: a word or a value, a secret, personal data. The template of a path and the redactor go by the same
//! rules, which are here.
//!
//! Two rules find secrets: the name of a field ([`names`]), and the form of a value wherever it stands ([`mod@scan`]).

mod bytes;
mod ids;
mod kind;
mod names;
mod personal;
mod scan;
mod tokens;
mod words;

pub(crate) use bytes::{DIGIT, JOIN, LETTER, MARK, ODD, from, kind_of, kinds_of, only, until};
pub(crate) use kind::{
    Class, Kind, MAX_TEXT, is_value, is_version, is_word, of as kind_of_bytes, of_text as kind_of_text,
};
pub(crate) use names::{
    holds_credentials, is_credential_name, is_credential_number, is_email_name, is_value_name,
    personal_digits,
};
pub(crate) use scan::{scan, scan_from};
pub(crate) use tokens::prefix_of;
