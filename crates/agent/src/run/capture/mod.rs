//! Capture: which way it is opened, the thread that reads, and the pods that are followed.

pub(super) mod open;
mod place;
pub(super) mod pods;
pub(super) mod rights;
mod source;
pub(super) mod worker;
