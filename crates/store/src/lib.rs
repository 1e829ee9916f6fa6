//! The inventory on disk: one file of redb, an embedded transactional database.
//!
//! Takes: what an [`inventory::Inventory`] says has changed. Gives: the same inventory after a restart. Never: makes anyone
//! wait for a disk, or follows a link.
//!
//! ```
//! use std::time::Duration;
//!
//! use decode::Timestamp;
//! use inventory::Settings;
//! use traffic_monitor_store::{KeptInventory, Options, StoreStatus};
//!
//! let folder = tempfile::tempdir()?;
//! let (mut kept, found) = KeptInventory::open(folder.path(), Options::default(), Settings::default());
//! assert_eq!((found.endpoints, kept.store_status()), (0, Some(StoreStatus::Open)));
//! assert_eq!(kept.flush(Timestamp::EPOCH, Duration::from_secs(10)).unsaved, 0);
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! There is one table, from the key of an endpoint to everything that is known about it: what was learned, and how far
//! its push has come. Inventory and outbox are one record, so they change in one transaction by construction: after a
//! crash either both show a change or neither does. A second table has the learned mappings, a third one what is known about the paths of each Service, a fourth one the body examples,
//! which are read back when their endpoint is pushed. A commit is on disk when it is reported (one fsync).
//!
//! A store is never a reason to stop or to wait. It has a thread of its own, which alone touches the disk. When the disk
//! is full, read-only, slow or in use, the store is *away*: the inventory goes on in memory, says so, and the file is
//! tried again some seconds later. Before it is opened, a child process walks the whole file. One that is damaged is set
//! aside, and a new one is begun. A file that a later version wrote, or that is not plainly ours, is *refused*: it stays
//! untouched.

#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::unwrap_used))]

mod bodies;
mod bounded;
mod changes;
mod copy;
mod database;
mod disk;
mod due;
mod kept;
mod leaf;
mod place;
#[cfg(test)]
mod power;
mod record;
mod renew;
mod salvage;
mod store;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod thread;
mod trouble;
mod waiting;
mod walk;

pub use copy::read_store;
pub use disk::Options;
pub use kept::{FlushReport, KeptInventory, LoadReport, Losses};
pub use record::{Unreadable, read_body, read_endpoint, read_mapping, read_paths, read_shapes};
pub use store::StoreStatus;
pub use walk::{Walk, walk_store};
