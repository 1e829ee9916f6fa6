//! Pods by their labels, and programs that are started in them: for people who have the rights, never for the agent.

use std::time::Duration;

use k8s_openapi::api::core::v1::Pod;
use kube::api::{Api, AttachParams, AttachedProcess, ListParams};
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::server::PAGE;
use crate::{ApiServer, KubernetesError};

/// The most that is kept of what a program writes to its standard error.
const MAX_WORDS: u64 = 4 << 10;

/// A pod.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PodName {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The node that runs it, or is to run it; empty before that is decided.
    pub node: String,
    /// Its phase, if that is not `Running`.
    pub not_running: Option<String>,
}

/// A program, and where it runs.
#[derive(Clone, Copy, Debug)]
pub struct Program<'a> {
    /// The container of the pod.
    pub container: &'a str,
    /// The program and its arguments.
    pub command: &'a [&'a str],
    /// The most bytes that it may write to standard output.
    pub limit: u64,
    /// The longest that it may take.
    pub timeout: Duration,
}

impl ApiServer {
    /// Asks for the pods of a namespace that have these labels (`app=traffic-monitor`), in the order of their nodes.
    ///
    /// # Errors
    /// The API server does not answer, or refuses.
    pub async fn pods(&self, namespace: &str, labels: &str) -> Result<Vec<PodName>, KubernetesError> {
        let api: Api<Pod> = Api::namespaced(self.client.clone(), namespace);
        let (mut pods, mut page) = (Vec::new(), ListParams::default().labels(labels).limit(PAGE));
        loop {
            let list = api.list(&page).await.map_err(|error| self.explain_user("pods", &error))?;
            pods.extend(list.items.into_iter().map(named));
            match list.metadata.continue_.filter(|token| !token.is_empty()) {
                Some(token) => page = page.continue_token(&token),
                None => break,
            }
        }
        pods.sort_by(|a: &PodName, b| (&a.node, &a.name).cmp(&(&b.node, &b.name)));
        Ok(pods)
    }

    /// Starts a program in a pod, and returns what it writes to standard output.
    ///
    /// # Errors
    /// The API server or the node does not answer, or refuses; the program cannot be started, fails (what it wrote to standard
    /// error is the reason), writes more than its limit, or takes longer than its time.
    pub async fn start_in(&self, pod: &PodName, program: Program<'_>) -> Result<Vec<u8>, KubernetesError> {
        let answer = tokio::time::timeout(program.timeout, self.output_of(pod, program)).await;
        answer.unwrap_or_else(|_| {
            Err(KubernetesError::new(format!("no answer within {} s", program.timeout.as_secs())))
        })
    }

    async fn output_of(&self, pod: &PodName, program: Program<'_>) -> Result<Vec<u8>, KubernetesError> {
        let api: Api<Pod> = Api::namespaced(self.client.clone(), &pod.namespace);
        let how = AttachParams::default()
            .container(program.container)
            .stdin(false)
            .stdout(true)
            .stderr(true)
            .max_stdout_buf_size(64 << 10);
        let started = api.exec(&pod.name, program.command.iter().copied(), &how).await;
        let mut process = started.map_err(|error| self.explain_user("pods/exec", &error))?;
        let (out, words) = (process.stdout(), process.stderr());
        let is_too_long = |out: &[u8]| out.len() as u64 > program.limit;
        let out = async {
            let out = beginning(out, program.limit + 1).await;
            if is_too_long(&out) {
                // Otherwise its standard error goes on.
                process.abort();
            }
            out
        };
        let (out, words) = tokio::join!(out, beginning_and_end(words, MAX_WORDS));
        if is_too_long(&out) {
            return Err(KubernetesError::new(format!(
                "its answer has more than {} MiB",
                program.limit >> 20
            )));
        }
        match failed(&mut process).await {
            None => Ok(out),
            Some(why) => {
                let words = String::from_utf8_lossy(&words);
                let words = words.trim();
                Err(KubernetesError::new(if words.is_empty() { why } else { words.to_owned() }))
            }
        }
    }
}

fn named(pod: Pod) -> PodName {
    let spec = pod.spec.unwrap_or_default();
    let phase = pod.status.and_then(|status| status.phase).unwrap_or_default();
    PodName {
        namespace: pod.metadata.namespace.unwrap_or_default(),
        name: pod.metadata.name.unwrap_or_default(),
        node: spec.node_name.unwrap_or_default(),
        not_running: (phase != "Running").then_some(phase),
    }
}

/// Reads at most so many bytes.
async fn beginning(from: Option<impl AsyncRead + Unpin>, most: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(from) = from {
        // A connection that broke ends the stream; the status is missing then.
        let _ = from.take(most).read_to_end(&mut bytes).await;
    }
    bytes
}

/// Reads to the end, and returns at most so many bytes: what nobody reads would hold up all other streams.
async fn beginning_and_end(from: Option<impl AsyncRead + Unpin>, most: u64) -> Vec<u8> {
    let Some(mut from) = from else { return Vec::new() };
    let bytes = beginning(Some(&mut from), most).await;
    let _ = tokio::io::copy(&mut from, &mut tokio::io::sink()).await;
    bytes
}

/// Returns why the program failed, if it did.
async fn failed(process: &mut AttachedProcess) -> Option<String> {
    let Some(status) = process.take_status() else { return Some("no status".into()) };
    match status.await {
        Some(status) if status.status.as_deref() == Some("Success") => None,
        Some(status) => Some(status.message.unwrap_or_default()),
        None => Some("the connection ended before the program did".into()),
    }
}
