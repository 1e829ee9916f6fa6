//! What the platform answers, read from the bytes of a body as tolerantly as can be.
//!
//! Any bytes may come. Each function reads what it can use and passes over the rest. Where 'unreadable' must not be taken
//! for 'none', it returns an error. The body has a limit of its own before it gets here (8 MiB at most), and no function
//! takes more memory than a small multiple of it.

mod applications;
mod listing;
mod suggestions;
mod text;

pub use applications::{
    Application, ApplicationInstance, applications, first_instance, new_application, new_instance,
};
pub use listing::{Listed, listing};
pub use suggestions::{Suggestion, suggestions};
