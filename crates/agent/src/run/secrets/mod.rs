//! The secrets of TLS connections, from the processes that serve them.
//!
//! A child of the agent ([`child`]) finds the libraries of monitored processes and has them probed; what it attaches it hands
//! over, so that nothing ends with it. Files are read by a process of their own without any right ([`reader`]). Secrets come out
//! of the kernel's ring on the capture thread (`pipeline/secrets.rs`). [`follow`] is the agent's side of the child.

pub(super) mod child;
mod doubt;
mod files;
mod finding;
pub(super) mod follow;
mod messages;
mod opening;
pub(super) mod reader;
pub(super) mod start;

pub(super) use doubt::Doubt;
pub(super) use finding::Finding;
pub(super) use messages::Process;
