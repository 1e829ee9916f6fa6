//! Secrets and personal data out, surrogates in.

mod cover;
mod covers;
mod exchange;
mod fields;
mod pairs;
#[cfg(test)]
mod planted;
mod rewrite;
mod shown;
mod surrogate;
#[cfg(test)]
mod tests;
mod text;
mod values;

pub(crate) use cover::Cover;
pub(crate) use covers::Covers;
pub use exchange::media_type;
pub(crate) use fields::{MAX_FIELDS, header_cover, is_parameter_header, parameter_name};
pub(crate) use rewrite::Rewrite;
pub use shown::Shown;
pub use values::{Examples, Redactor};
