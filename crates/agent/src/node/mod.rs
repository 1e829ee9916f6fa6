//! This node: what it and the kernel allow, and where its pods are.

pub(crate) mod capabilities;
pub(crate) mod cgroups;
pub(crate) mod ladder;
pub(crate) mod network;
pub(crate) mod pids;
pub(crate) mod self_test;
