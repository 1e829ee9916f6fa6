//! What people read: tables, and the accounts of what was seen and what became of it.

mod accounts;
mod auth;
mod endpoints;
mod shapes;
mod table;
mod time;

pub(crate) use accounts::{Account, Accounts};
pub(crate) use endpoints::{Row, explained, table as endpoint_table};
pub(crate) use table::Table;
pub(crate) use time::{ago, clock, span, timestamp};
