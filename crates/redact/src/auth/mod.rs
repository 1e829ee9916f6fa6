//! How a request says who asks: which kinds of credentials it carries, and where. Never their values.
//!
//! The capture thread classifies each request (`carriers`) into one byte ([`Credentials`]), which is part of what makes
//! a request news. Names and claims are read behind the queue, of news alone (`read`, `claims`).

pub(crate) mod authorization;
pub(crate) mod carriers;
pub(crate) mod claims;
mod credentials;
pub(crate) mod read;

pub use claims::Claims;
pub use credentials::{Credentials, Place, Scheme};
pub use read::{Carrier, is_session_name};
