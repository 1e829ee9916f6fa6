//! Secrets and personal data out, surrogates in.

mod exchange;
mod fields;
#[cfg(test)]
mod planted;
mod references;
mod shown;
mod surrogate;
mod values;

pub(crate) use fields::{MAX_FIELDS, decoded, parameter_name};
pub(crate) use references::unescaped;
pub use shown::Shown;
pub(crate) use values::Place;
pub use values::{Examples, Redactor};
