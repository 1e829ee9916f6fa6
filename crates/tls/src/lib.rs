//! Opens TLS connections with the secrets that one of their ends gave away.
//!
//! Takes the bytes of both directions of a connection, from its ClientHello on, and asks for its secrets when it needs
//! them. Gives the bytes inside, or why it cannot. Each record is proved by its tag: what does not fit is given up, never
//! guessed. Does no I/O and reads no clock.
//!
//! TLS 1.2 and 1.3 with AES-GCM and ChaCha20-Poly1305 (RFC 5246, 5288, 7905, 8446), and TLS 1.2 with AES-CBC (RFC 5246,
//! 7366).
//!
//! The modules in the order in which they deal with bytes: `record` and `messages` take the layers apart, `hello` reads what
//! is said in clear, `schedule` makes keys of secrets, `opener` and `cbc` open a record with them, and `session` is the connection.
//! `transcript` hashes its handshake, by which the secrets are known that a key log does not have.
//! `ahead` reads the hellos of what waits. `search` finds the way back after a loss. Secrets come out of `keylog` into a `store`; those that come while connections are
//! made are kept for a while by `recent`.

#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::unwrap_used))]

mod ahead;
mod cbc;
mod epoch;
mod half;
mod hello;
mod keylog;
mod messages;
mod opener;
mod reader;
mod recent;
mod record;
mod schedule;
mod search;
mod secret;
mod session;
mod step;
mod store;
mod suite;
mod transcript;

pub use ahead::Ahead;
pub use hello::{Beginning, is_hello_start, is_server_hello_start, names, read};
pub use keylog::{BadLine, KeyLog, MAX_LINE};
pub use messages::MAX_HELLO;
pub use recent::Recent;
pub use record::is_records;
pub use secret::{Label, RANDOM_LEN, Secret};
pub use session::Session;
pub use step::{GivenUp, Sender, Step};
pub use store::{MAX_SECRETS, Secrets, Store};
