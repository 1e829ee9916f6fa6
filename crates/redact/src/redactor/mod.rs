//! Secrets and personal data out, surrogates in.

mod exchange;
mod fields;
mod places;
#[cfg(test)]
mod planted;
mod shown;
mod surrogate;
mod values;

pub(crate) use fields::{MAX_FIELDS, parameter_name};
pub(crate) use places::{Pairs, Place, Places};
pub use shown::Shown;
pub use values::{Examples, Redactor};
