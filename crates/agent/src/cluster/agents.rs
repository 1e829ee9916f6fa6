//! The agents, and how they are asked.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use futures_util::StreamExt;
use kubernetes::{ApiServer, PodName, Program};
use redact::printable;
use serde::de::DeserializeOwned;
use tokio::runtime::{Builder, Runtime};

use crate::cli::ClusterArgs;
use crate::failure::Failure;
use crate::run::Question;

/// The container of the agent in its pod.
const CONTAINER: &str = "traffic-monitor";
/// The most agents that are asked at a time: the API server passes all streams through.
const AT_ONCE: usize = 16;
/// The most bytes of one agent's answers: 100,000 endpoints are about 40 MiB.
const MAX_ANSWER: u64 = 64 << 20;
/// The longest that an agent takes to answer.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The agents of a cluster.
pub(crate) struct Agents {
    server: ApiServer,
    args: ClusterArgs,
    /// None once it ends.
    runtime: Option<Runtime>,
}

impl Drop for Agents {
    fn drop(&mut self) {
        // It may be that another runtime drops it, which must not wait.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Agents {
    /// Finds the cluster.
    ///
    /// # Errors
    /// No cluster is known, or how to reach it.
    pub(crate) fn of(args: &ClusterArgs) -> Result<Agents, Failure> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let server = runtime.block_on(async {
            match &args.kubeconfig {
                Some(path) => ApiServer::from_kubeconfig(path).await.map(Some),
                None => ApiServer::from_user().await,
            }
        });
        let server = server.map_err(|error| Failure::new(error.to_string()))?.ok_or_else(|| {
            Failure::new(
                "no kubeconfig: neither KUBECONFIG nor ~/.kube/config is there; --kubeconfig FILE names one",
            )
        })?;
        Ok(Agents { server, args: args.clone(), runtime: Some(runtime) })
    }

    /// Returns the API server's URL.
    pub(crate) fn address(&self) -> &str {
        self.server.address()
    }

    /// Asks all of them the same, and gives each answer as it comes; one that does not answer gives the reason.
    ///
    /// # Errors
    /// The API server does not answer or refuses, or there is no agent.
    pub(crate) fn ask<T: DeserializeOwned>(
        &self,
        questions: &[Question],
        mut each: impl FnMut(&PodName, Result<T, String>),
    ) -> Result<(), Failure> {
        let questions: Result<Vec<String>, _> = questions.iter().map(serde_json::to_string).collect();
        let questions = questions.map_err(|error| Failure::new(error.to_string()))?;
        let command: Vec<&str> =
            ["traffic-monitor", "ask"].into_iter().chain(questions.iter().map(String::as_str)).collect();
        let program =
            Program { container: CONTAINER, command: &command, limit: MAX_ANSWER, timeout: TIMEOUT };
        let Some(runtime) = &self.runtime else { return Ok(()) };
        runtime.block_on(async {
            let pods = self.pods().await?;
            let asked = pods.iter().map(|pod| async move { (pod, self.ask_one(pod, program).await) });
            let mut answers = futures_util::stream::iter(asked).buffer_unordered(AT_ONCE);
            let mut progress = Progress::new(pods.len());
            while let Some((pod, answer)) = answers.next().await {
                each(pod, answer);
                progress.step();
            }
            Ok(())
        })
    }

    /// Returns the pods of the agent.
    async fn pods(&self) -> Result<Vec<PodName>, Failure> {
        let ClusterArgs { namespace, selector, .. } = &self.args;
        let pods = self.server.pods(namespace, selector).await;
        let pods = pods.map_err(|error| Failure::new(error.to_string()))?;
        if pods.is_empty() {
            return Err(Failure::new(format!(
                "no pod in namespace {namespace} has the labels {selector} at {}; --namespace and --selector say where the agents are",
                self.address()
            )));
        }
        Ok(pods)
    }

    async fn ask_one<T: DeserializeOwned>(&self, pod: &PodName, program: Program<'_>) -> Result<T, String> {
        if let Some(phase) = &pod.not_running {
            return Err(format!("its pod is {}", if phase.is_empty() { "not running" } else { phase }));
        }
        let answer = self.server.start_in(pod, program).await.map_err(|error| shown(&error.to_string()))?;
        serde_json::from_slice(&answer).map_err(|error| {
            format!("its answer cannot be read, it may be of another version than this program: {error}")
        })
    }
}

/// Returns the words of an agent's program that failed, on one line.
fn shown(words: &str) -> String {
    if words.contains("unrecognized subcommand") {
        return "its version cannot be asked from outside (before 0.2)".into();
    }
    let line = words.lines().next().unwrap_or_default();
    printable(line.trim_start_matches("traffic-monitor: ERROR: ").as_bytes()).into_owned()
}

/// The number of agents that answered, shown where somebody watches.
struct Progress {
    all: usize,
    done: usize,
    shows: bool,
}

impl Progress {
    fn new(all: usize) -> Progress {
        Progress { all, done: 0, shows: io::stderr().is_terminal() }
    }

    fn step(&mut self) {
        self.done += 1;
        if self.shows {
            // Nobody has to see it.
            let _ = write!(io::stderr(), "\r{} of {} agents", self.done, self.all);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shows && self.done > 0 {
            let _ = write!(io::stderr(), "\r{:width$}\r", "", width = 40);
        }
    }
}
