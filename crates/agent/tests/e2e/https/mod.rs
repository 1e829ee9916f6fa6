//! HTTPS, read by the secrets that the servers' own libraries hand over: real servers in cgroups of their own, real clients.

mod containers;
mod ending;
mod pods;
mod reading;
mod rights;
mod server;
