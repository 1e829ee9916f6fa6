//! Serves connections within limits that hold under attack: of their number, of the size of a head, and of time.
//!
//! Takes: a listener, limits, and what is to be done with a connection. Gives: answers to whoever keeps to the limits.
//! Never: holds more connections than its places, waits longer than its times, or refuses a newcomer while another
//! connection has not even sent its request.
//!
//! A newcomer always gets a place. When all are taken, the connection that has waited longest for its request goes; when
//! none waits, the one whose answer takes longest. Connections from loopback have places of their own, so that whoever
//! comes by the network cannot push out the probes of the node.
//!
//! ```
//! use std::time::Duration;
//! use axum::{Router, routing::get};
//! use traffic_monitor_listener::{Limits, serve_http};
//!
//! # async fn start() -> std::io::Result<()> {
//! let second = Duration::from_secs(1);
//! let limits = Limits { connections: 64, head: 2 * second, idle: 30 * second, answer: 10 * second };
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:9808").await?;
//! serve_http(listener, limits, Router::new().route("/healthz", get(async || "ok"))).await;
//! # Ok(())
//! # }
//! ```

mod http;
mod limits;
mod noticed;
mod peer;
mod place;
mod room;
mod serve;

pub use http::{MAX_HEAD, connection, serve_http};
pub use limits::Limits;
pub use noticed::Noticed;
pub use peer::Peer;
pub use place::Visit;
pub use serve::serve;
