//! What counts of the API server's objects: from its types to those of [`identify::cluster`].
//!
//! The API server checks its objects, but whoever may write them may write anything that its rules allow. What makes no
//! sense (a port that is none, a text that is no address) is left out.

mod backends;
mod fields;
mod pod;
mod service;

pub(crate) use backends::{SERVICE_LABEL, endpoints_backends, slice_backends};
pub(crate) use fields::object_name;
pub(crate) use pod::pod;
pub(crate) use service::{service, service_name};
