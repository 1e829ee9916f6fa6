//! The push: what is due goes to the platform, and what goes on beside it.

mod doubts;
pub(super) mod key;
mod onboarding;
mod places;
pub(super) mod pusher;
mod suggestions;
mod trial;
mod watch;
