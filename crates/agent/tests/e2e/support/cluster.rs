//! An API server of Kubernetes that runs beside a test.

use std::net::Ipv4Addr;

use apiserver::ApiServer;
use tokio::runtime::{Builder, Runtime};

use super::Stage;

/// A cluster, as far as its API server goes.
pub(crate) struct Cluster {
    pub(crate) server: ApiServer,
    _runtime: Runtime,
}

impl Cluster {
    /// On this thread's loopback; its kubeconfig becomes a file of the stage.
    pub(crate) fn start(stage: &Stage) -> Cluster {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let server = runtime.block_on(ApiServer::start((Ipv4Addr::LOCALHOST, 0).into())).unwrap();
        stage.write("kubeconfig", server.kubeconfig());
        Cluster { server, _runtime: runtime }
    }
}
