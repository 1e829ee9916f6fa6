//! Errors of the API server, in words that say what to do.

use std::error::Error;
use std::fmt;

use kube::core::Status;
use kube::runtime::watcher;

/// Why the API server cannot be asked, or what it answered, with a remedy where one is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KubernetesError(String);

impl KubernetesError {
    /// An error in these words.
    pub(crate) fn new(words: String) -> KubernetesError {
        KubernetesError(words)
    }

    /// The error of asking the API server at `address` for `what`.
    pub(crate) fn from_request(what: &str, address: &str, error: &(dyn Error + 'static)) -> KubernetesError {
        let (why, code) = words(error);
        let remedy = match code {
            Some(401) => "; the token of the service account is refused: delete the pod to get a new one",
            Some(403) => "; apply daemonset.yaml, which has the ClusterRole with list and watch for it",
            _ => "",
        };
        KubernetesError(format!("{what} of the API server {address}: {why}{remedy}"))
    }

    /// The error of asking the API server at `address` for `what` with the rights of a person.
    pub(crate) fn from_person(what: &str, address: &str, error: &(dyn Error + 'static)) -> KubernetesError {
        let (why, code) = words(error);
        let remedy = match code {
            Some(401) => "; log in to the cluster again",
            Some(403) => "; it takes the right to list pods and to create pods/exec in the agent's namespace",
            _ => "",
        };
        KubernetesError(format!("{what} of the API server {address}: {why}{remedy}"))
    }
}

impl fmt::Display for KubernetesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for KubernetesError {}

/// Returns what an error says, and its status if the API server answered.
fn words(error: &(dyn Error + 'static)) -> (String, Option<u16>) {
    match status(error) {
        Some(status) => (format!("{} (status {})", status.message, status.code), Some(status.code)),
        None => (chain(error), None),
    }
}

/// Returns whether the API server answered with status 404: it knows no such object, or no such kind.
pub(crate) fn is_not_found(error: &(dyn Error + 'static)) -> bool {
    status(error).is_some_and(|status| status.code == 404)
}

/// Returns the answer of the API server, if the error is an answer.
fn status<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Status> {
    causes(error).find_map(|cause| {
        if let Some(kube::Error::Api(status)) = cause.downcast_ref::<kube::Error>() {
            return Some(&**status);
        }
        match cause.downcast_ref::<watcher::Error>() {
            Some(watcher::Error::WatchError(status)) => Some(&**status),
            _ => None,
        }
    })
}

/// Joins the words of an error and of its causes, each once.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut all: Vec<String> = Vec::new();
    for cause in causes(error) {
        let words = cause.to_string();
        if !all.iter().any(|known| known.contains(&words)) {
            all.push(words);
        }
    }
    all.join(": ")
}

/// Returns an error and what caused it, from the outside to the inside.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}
