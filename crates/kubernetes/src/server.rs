//! The API server: how it is found, and the single questions that it answers.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use identify::ServiceName;
use k8s_openapi::api::authorization::v1::{
    ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec,
};
use k8s_openapi::api::core::v1::Service;
use kube::api::{Api, ListParams, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};

use crate::objects::service_name;
use crate::{Kind, KubernetesError};

/// How long connecting to the API server may take.
const CONNECT: Duration = Duration::from_secs(10);
/// How long the API server may send nothing: longer than a quiet watch lasts, which the server ends after 290 s.
const SILENCE: Duration = Duration::from_secs(300);
/// The number of objects in one page of a list: a few MiB at most.
pub(crate) const PAGE: u32 = 500;

/// A client of the API server.
#[derive(Clone)]
pub struct ApiServer {
    pub(crate) client: Client,
    address: String,
}

impl ApiServer {
    /// Makes a client from the service account of this pod.
    ///
    /// # Errors
    /// The variables or files of the service account are missing or cannot be used.
    pub fn from_service_account() -> Result<ApiServer, KubernetesError> {
        let config = Config::incluster().map_err(|error| {
            KubernetesError::new(format!(
                "the service account of this pod cannot be used: {error}; daemonset.yaml mounts it (automountServiceAccountToken)"
            ))
        })?;
        ApiServer::new(config)
    }

    /// Makes a client from a kubeconfig file and its current context.
    ///
    /// # Errors
    /// The file cannot be read, or has no usable context.
    pub async fn from_kubeconfig(path: &Path) -> Result<ApiServer, KubernetesError> {
        let place = path.display().to_string();
        let file = Kubeconfig::read_from(path).map_err(|error| unusable(&place, &error))?;
        ApiServer::from_file(file, &place).await
    }

    /// Makes a client from the kubeconfig that `kubectl` would take: that of the variable KUBECONFIG, else
    /// `~/.kube/config`. Returns none when neither is there.
    ///
    /// # Errors
    /// As [`ApiServer::from_kubeconfig`].
    pub async fn from_user() -> Result<Option<ApiServer>, KubernetesError> {
        const PLACE: &str = "kubeconfig";
        if let Some(file) = Kubeconfig::from_env().map_err(|error| unusable(PLACE, &error))? {
            return ApiServer::from_file(file, PLACE).await.map(Some);
        }
        let path = std::env::home_dir().map(|home| home.join(".kube/config"));
        match path.filter(|path| path.exists()) {
            Some(path) => ApiServer::from_kubeconfig(&path).await.map(Some),
            None => Ok(None),
        }
    }

    async fn from_file(file: Kubeconfig, place: &str) -> Result<ApiServer, KubernetesError> {
        let config = Config::from_custom_kubeconfig(file, &KubeConfigOptions::default()).await;
        ApiServer::new(config.map_err(|error| unusable(place, &error))?)
    }

    fn new(mut config: Config) -> Result<ApiServer, KubernetesError> {
        config.connect_timeout = Some(CONNECT);
        // The watches try again by themselves, and say what is wrong the first time.
        config.default_retry = false;
        config.read_timeout = Some(SILENCE);
        let address = config.cluster_url.to_string();
        let client = Client::try_from(config)
            .map_err(|error| KubernetesError::new(format!("no client for {address}: {error}")))?;
        Ok(ApiServer { client, address })
    }

    /// Returns its URL.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Asks for the version of Kubernetes, as `1.30`.
    ///
    /// # Errors
    /// The API server does not answer, or refuses.
    pub async fn version(&self) -> Result<String, KubernetesError> {
        let version =
            self.client.apiserver_version().await.map_err(|error| self.explain("the version", &error))?;
        Ok(format!("{}.{}", version.major, version.minor))
    }

    /// Asks for the names of all Services. They come sorted.
    ///
    /// # Errors
    /// The API server does not answer, or refuses.
    pub async fn services(&self) -> Result<Vec<ServiceName>, KubernetesError> {
        let api: Api<Service> = Api::all(self.client.clone());
        let (mut names, mut page) = (Vec::new(), ListParams::default().limit(PAGE));
        loop {
            let list = api.list(&page).await.map_err(|error| self.explain("services", &error))?;
            names.extend(list.items.iter().map(service_name));
            match list.metadata.continue_.filter(|token| !token.is_empty()) {
                Some(token) => page = page.continue_token(&token),
                None => break,
            }
        }
        names.sort();
        Ok(names)
    }

    /// Asks whether this client may do `verb` (one of [`VERBS`](crate::VERBS)) with all objects of a kind, in all
    /// namespaces.
    ///
    /// # Errors
    /// The API server does not answer, or refuses to say.
    pub async fn may(&self, verb: &str, kind: Kind) -> Result<bool, KubernetesError> {
        let attributes = ResourceAttributes {
            verb: Some(verb.into()),
            group: Some(kind.group().into()),
            resource: Some(kind.resource().into()),
            ..ResourceAttributes::default()
        };
        let spec = SelfSubjectAccessReviewSpec {
            resource_attributes: Some(attributes),
            ..SelfSubjectAccessReviewSpec::default()
        };
        let review = SelfSubjectAccessReview { spec, ..SelfSubjectAccessReview::default() };
        let api: Api<SelfSubjectAccessReview> = Api::all(self.client.clone());
        let answer = api.create(&PostParams::default(), &review).await;
        let answer = answer.map_err(|error| self.explain("a review of rights", &error))?;
        Ok(answer.status.is_some_and(|status| status.allowed))
    }

    /// Returns the error of asking for `what`, in words that say what to do.
    pub(crate) fn explain(&self, what: &str, error: &(dyn std::error::Error + 'static)) -> KubernetesError {
        KubernetesError::from_request(what, &self.address, error)
    }

    /// The same for what people ask.
    pub(crate) fn explain_user(
        &self,
        what: &str,
        error: &(dyn std::error::Error + 'static),
    ) -> KubernetesError {
        KubernetesError::from_person(what, &self.address, error)
    }
}

impl fmt::Debug for ApiServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiServer").field("address", &self.address).finish_non_exhaustive()
    }
}

fn unusable(place: &str, error: &dyn fmt::Display) -> KubernetesError {
    KubernetesError::new(format!("{place}: {error}"))
}
