//! The Services of the cluster, to choose from.

use std::time::Duration;

use identify::ServiceName;
use kubernetes::ApiServer;
use tokio::time::timeout;

/// How long the cluster may take to answer: a person waits.
const PATIENCE: Duration = Duration::from_secs(15);

/// The Services of the cluster that the kubeconfig names, in the order of their names; none where there is no kubeconfig.
///
/// # Errors
/// There is a kubeconfig, and the cluster cannot be asked: why.
pub(super) async fn services() -> Result<Vec<ServiceName>, String> {
    let Some(server) = ApiServer::from_user().await.map_err(|error| error.to_string())? else {
        return Ok(Vec::new());
    };
    match timeout(PATIENCE, server.services()).await {
        Ok(services) => services.map_err(|error| error.to_string()),
        Err(_) => Err(format!("the API server {} does not answer", server.address())),
    }
}
