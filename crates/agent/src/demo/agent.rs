//! The demo's agent: this program as a process of its own, as it runs on a node.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStderr, Command};
use tokio::sync::oneshot;

use super::services::{Sample, Services};
use crate::failure::Failure;
use crate::terminal::say;

/// The demo's key for the stand-in platform.
pub(super) const KEY: &str = "demo-key";
/// Its state folder in the demo's folder.
pub(super) const STATE: &str = "state";
/// How long the agent may take to start, and to stop.
const PATIENCE: Duration = Duration::from_secs(10);

/// The running agent.
pub(super) struct Agent {
    child: Child,
    state: PathBuf,
    ready: Option<oneshot::Receiver<()>>,
}

impl Agent {
    /// Starts the agent with a configuration and a services file made for the demo.
    pub(super) fn start(folder: &Path, services: &Services, platform: &str) -> Result<Agent, Failure> {
        let (config, names, state) =
            (folder.join("service_config.json"), folder.join("services.json"), folder.join(STATE));
        std::fs::write(&config, configuration(services.addresses(), platform))?;
        std::fs::write(&names, services_file(services.addresses()))?;
        let mut child = Command::new(std::env::current_exe()?)
            .args(["run", "--capture", "packet", "--interface", "lo", "--allow-http"])
            .arg("--config")
            .arg(&config)
            .arg("--services")
            .arg(&names)
            .arg("--state")
            .arg(&state)
            .env_remove("APISEC_API_KEY")
            .env_remove("ENABLE_APISEC_INTEGRATION")
            .env_remove("ENABLE_DEV_WEBSITE_INTEGRATION")
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let (told, ready) = oneshot::channel();
        if let Some(log) = child.stderr.take() {
            tokio::spawn(show(log, told));
        }
        Ok(Agent { child, state, ready: Some(ready) })
    }

    /// Waits until it captures.
    pub(super) async fn ready(&mut self) -> Result<(), Failure> {
        let Some(ready) = self.ready.take() else { return Ok(()) };
        match tokio::time::timeout(PATIENCE, ready).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(Failure::new("the agent did not start; its lines above say why")),
        }
    }

    /// Returns what it says about itself.
    pub(super) async fn status(&self) -> Option<String> {
        let state = self.state.clone();
        let ask = move || crate::run::status(&state, crate::cli::ReportFormat::Table).ok();
        let text = tokio::task::spawn_blocking(ask).await.ok()??;
        let services: Vec<&str> = text.lines().take_while(|line| !line.starts_with("platform")).collect();
        Some(format!("What the agent's status said:\n\n{}\n", services.join("\n")))
    }

    /// Ends it as Kubernetes does, by SIGTERM.
    pub(super) async fn stop(mut self) -> Result<(), Failure> {
        if let Some(pid) = self.child.id().and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw) {
            // It may have ended by itself: its exit status says so below.
            let _ = kill_process(pid, Signal::TERM);
        }
        match tokio::time::timeout(PATIENCE, self.child.wait()).await {
            Ok(Ok(status)) if status.success() => Ok(()),
            Ok(Ok(status)) => Err(Failure::new(format!("the agent ended with {status}"))),
            Ok(Err(error)) => Err(error.into()),
            Err(_) => Err(Failure::new("the agent did not end within 10 s of SIGTERM")),
        }
    }
}

/// Shows the agent's log without the times, and tells when it has begun to capture.
async fn show(log: ChildStderr, told: oneshot::Sender<()>) {
    let mut told = Some(told);
    let mut lines = BufReader::new(log).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let message = line.splitn(3, ' ').nth(2).unwrap_or(&line).trim_start();
        if message.contains("captures packets")
            && let Some(told) = told.take()
        {
            // The receiver is only gone when the demo is over.
            let _ = told.send(());
        }
        // The demo's own page and platform are servers without a name.
        if !message.starts_with("Skipping unknown service") {
            say(&format!("  {message}"));
        }
    }
}

fn configuration(services: &[(Sample, SocketAddr)], platform: &str) -> String {
    let mappings: serde_json::Map<_, _> = services
        .iter()
        .map(|(sample, _)| {
            (sample.name.into(), json!({"appId": sample.app(), "instanceId": sample.instance()}))
        })
        .collect();
    let monitor = json!({"port": 0, "settleSeconds": 2, "collectSeconds": 5, "callsPerSecond": 50});
    json!({"apiKey": KEY, "apisecUrl": platform, "serviceMappings": mappings, "monitor": monitor}).to_string()
}

fn services_file(services: &[(Sample, SocketAddr)]) -> String {
    let entry = |(sample, address): &(Sample, SocketAddr)| json!({"name": sample.name, "namespace": "demo", "addresses": [address.to_string()]});
    json!({"services": services.iter().map(entry).collect::<Vec<_>>()}).to_string()
}
