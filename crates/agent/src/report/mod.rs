//! What people read: tables, what the page shows, and the accounts of what was seen and what became of it.

mod accounts;
mod auth;
mod endpoints;
mod example;
mod listed;
mod operations;
mod service;
mod shapes;
mod table;
mod time;
mod unseen;

pub(crate) use accounts::{Account, Accounts};
pub(crate) use endpoints::{Row, explained, table as endpoint_table};
pub(crate) use listed::{Listed, Listing, MAX_LISTED, with_id};
pub(crate) use service::ServiceLine;
pub(crate) use table::Table;
pub(crate) use time::{ago, clock, plural, span, timestamp};
pub(crate) use unseen::{AmbiguousLine, NamelessLine, Unseen, left_out};
