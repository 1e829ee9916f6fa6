//! What a text is: a word or a value, a secret, personal data. The template of a path and the redactor go by the same
//! rules, which are here.
//!
//! Two rules find secrets: the name of a field ([`names`]), and the form of a value wherever it stands ([`mod@scan`]).

mod bigrams;
mod bytes;
mod flags;
mod forms;
mod ids;
mod kind;
mod label;
mod names;
mod persons;
mod random;
mod scan;
mod tokens;
mod words;

pub(crate) use bytes::{DIGIT, JOIN, LETTER, MARK, ODD, from, kind_of, kinds_of, only, until};
pub(crate) use flags::is_flag;
pub(crate) use forms::Alphabet;
pub(crate) use ids::{is_date, is_uuid};
pub(crate) use kind::{
    Class, Kind, MAX_TEXT, is_value, is_version, is_word, of as kind_of_bytes, of_text as kind_of_text,
};
pub use label::{Label, Labels};
pub(crate) use names::{
    KINDS, Meaning, NAMING, Shape, is_aside_name, is_bare_key_name, is_certificate_name, is_counted_name,
    is_credential_name, is_page_or_form_name, is_plain_name, is_session_name, is_signature_name, meaning,
};
pub(crate) use persons::{fits, is_email};
pub(crate) use scan::{Hit, Scan, Wanted, block, inserted, is_scheme, scan, text_of};
pub(crate) use tokens::beginning_of;
pub(crate) use words::{Words, longest};
