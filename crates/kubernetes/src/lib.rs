//! The client of the Kubernetes API server: the objects of a cluster, as far as they name servers.
//!
//! Takes: a service account or a kubeconfig, and the name of this node. Gives: the changes of a
//! [`Cluster`](identify::cluster::Cluster), as a stream that never ends ([`ApiServer::watch`]), and answers to single
//! questions: names of Services, nodes of a Service, rights; for people also pods, and what a program in them says.
//! Never: decides what an object means for names; that is `identify`, which links no client.
//!
//! Three watches run at a time: all Services, the pods of this node, and the EndpointSlices that the controller of
//! EndpointSlices did not make from a selector (or all Endpoints, where the API server is too old for
//! `discovery.k8s.io/v1`). Of each object only what names need is kept.
//!
//! ```no_run
//! use futures_util::StreamExt;
//! use identify::cluster::Cluster;
//! use traffic_monitor_kubernetes::ApiServer;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let server = ApiServer::from_kubeconfig("kubeconfig".as_ref()).await?;
//! let mut cluster = Cluster::default();
//! let mut news = std::pin::pin!(server.watch("node-1"));
//! while let Some(news) = news.next().await {
//!     match news.what.map(|change| cluster.apply(change)) {
//!         Ok(true) => println!("{} have changed", news.kind),
//!         Ok(false) => {}
//!         Err(error) => println!("{} are tried again: {error}", news.kind),
//!     }
//! }
//! # Ok(())
//! # }
//! ```

#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::unwrap_used))]

mod error;
mod kind;
mod nodes;
mod objects;
mod pods;
mod server;
mod watch;

pub use error::KubernetesError;
pub use kind::{Kind, VERBS};
pub use pods::{PodName, Program};
pub use server::ApiServer;
pub use watch::News;
