//! Capture at sockets: real servers in cgroups and networks of their own. Every request is counted once, complete, for the
//! Service whose cgroup it is, whatever the network does with it.

mod addresses;
mod cost;
mod faults;
mod long;
mod network;
pub(crate) mod pods;
mod rights;
mod server;
