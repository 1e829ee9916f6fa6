//! What the bodies and parameters of an endpoint look like, without any value of them.
//!
//! A [`Shape`] is learned from one document, and joined with those of others. It is made by the redactor behind the queue, from
//! the bytes as captured; the values stay there. What a shape has is: types, formats, lengths and numbers to the next power of
//! ten, names of properties, what of them is optional, the kinds of sensitive data that the redactor found, and the values of
//! enumerations.

mod described;
mod join;
mod learn;
mod looks;
mod names;
mod node;
mod parameters;
mod schema;
mod shapes;
mod span;
#[cfg(test)]
mod tests;
mod tree;
mod values;

pub(crate) use described::Described;
pub(crate) use learn::Teacher;
pub use node::Shape;
pub use shapes::{Location, Parameter, Sampled, Shapes};
