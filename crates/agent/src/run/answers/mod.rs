//! What the agent answers: at its local socket, and over HTTP for probes and metrics.

pub(super) mod control;
pub(super) mod errors;
pub(super) mod explain;
pub(super) mod health;
mod listing;
mod mappings;
mod metrics;
pub(super) mod retry;
pub(super) mod status;
pub(super) mod tls;
mod unseen;
