//! The agent as a process.

use std::fs::{self, File};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::node::Net;

use super::{Cgroup, Stage, eventually, monitor, program, text, try_get, within};

/// It must end within this time of SIGTERM.
const STOP: Duration = Duration::from_secs(5);
/// Where it serves health and metrics: in a network of its own the default port is always free.
pub(crate) const HEALTH: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9808);

/// A running agent on the stage's configuration, services and state. It is killed when this is dropped.
pub(crate) struct Agent {
    child: Child,
    log: PathBuf,
    out: PathBuf,
    state: PathBuf,
}

impl Agent {
    /// Starts it and waits for nothing.
    pub(crate) fn spawn(stage: &Stage) -> Agent {
        Agent::spawn_command(Agent::command(program(), stage), stage, "", "state")
    }

    /// Starts another one on the same state.
    #[track_caller]
    pub(crate) fn start_second(stage: &Stage) -> Agent {
        let agent = Agent::spawn_command(Agent::command(program(), stage), stage, "second-", "state");
        agent.wait_for("captures packets");
        agent
    }

    /// Starts it as the child of a program that takes its command line as its last arguments.
    #[track_caller]
    pub(crate) fn start_under(stage: &Stage, outer: &[&str]) -> Agent {
        let mut command = Command::new(outer[0]);
        command.args(&outer[1..]).arg(program().get_program()).env_clear();
        Agent::launch(Agent::command(command, stage), stage, "")
    }

    /// Starts it and waits until it captures.
    #[track_caller]
    pub(crate) fn start(stage: &Stage, extra: &[&str]) -> Agent {
        Agent::start_with(stage, extra, &[])
    }

    /// The same with variables.
    #[track_caller]
    pub(crate) fn start_with(stage: &Stage, extra: &[&str], variables: &[(&str, &str)]) -> Agent {
        let mut command = Agent::command(program(), stage);
        command.args(extra).envs(variables.iter().copied());
        Agent::launch(command, stage, "")
    }

    /// The command line of an agent on loopback.
    fn command(mut command: Command, stage: &Stage) -> Command {
        command
            .args(["run", "--capture", "packet", "--interface", "lo", "--allow-http"])
            .arg("--config")
            .arg(stage.path("config.json"))
            .arg("--services")
            .arg(stage.path("services.json"));
        command
    }

    /// Starts one that captures at the sockets of these cgroups, each `PATH=NAMESPACE/SERVICE`.
    #[track_caller]
    pub(crate) fn start_at_sockets(stage: &Stage, cgroups: &[&str]) -> Agent {
        Agent::start_at_sockets_with(stage, cgroups, &[])
    }

    /// The same, with these arguments more.
    #[track_caller]
    pub(crate) fn start_at_sockets_with(stage: &Stage, cgroups: &[&str], extra: &[&str]) -> Agent {
        let mut command = program();
        command
            .args(["run", "--capture", "cgroup", "--allow-http", "--config"])
            .arg(stage.path("config.json"))
            .args(extra);
        command.args(cgroups.iter().flat_map(|cgroup| ["--cgroup", cgroup]));
        Agent::launch(command, stage, "")
    }

    /// The same for one cgroup, with the agent in a cgroup of its own and more arguments.
    #[track_caller]
    pub(crate) fn start_at_sockets_in(stage: &Stage, own: &Cgroup, cgroup: &str, extra: &[&str]) -> Agent {
        let mut inner = program();
        inner.args(["run", "--capture", "cgroup", "--allow-http", "--cgroup", cgroup, "--config"]);
        inner.arg(stage.path("config.json")).args(extra);
        Agent::launch(own.command(&inner), stage, "")
    }

    /// Starts one with these capabilities only, in the best way that it finds, and waits for nothing.
    pub(crate) fn spawn_with_rights(stage: &Stage, capabilities: &str) -> Agent {
        let mut command = Command::new("setpriv");
        let bounding = format!("--bounding-set=-all{capabilities}");
        command
            .args([&bounding, "--inh-caps=-all", "--no-new-privs"])
            .arg(program().get_program())
            .env_clear();
        command.args(["run", "--allow-http", "--config"]).arg(stage.path("config.json"));
        Agent::spawn_command(command, stage, "", "state")
    }

    /// Starts one for a cgroup as the child of a program, in the best way that it finds, and waits until it captures.
    #[track_caller]
    pub(crate) fn start_at_best(stage: &Stage, outer: &Command, cgroup: &str) -> Agent {
        Agent::start_at_best_with(stage, outer, cgroup, &[])
    }

    /// The same, with these arguments more.
    #[track_caller]
    pub(crate) fn start_at_best_with(stage: &Stage, outer: &Command, cgroup: &str, extra: &[&str]) -> Agent {
        let mut command = Command::new(outer.get_program());
        command.args(outer.get_args()).arg(program().get_program());
        command.args(["run", "--allow-http", "--cgroup", cgroup, "--config"]).arg(stage.path("config.json"));
        command.arg("--services").arg(stage.path("services.json")).args(extra);
        Agent::launch(command, stage, "")
    }

    /// Starts one that follows the pods of a node, in the best way that it finds.
    #[track_caller]
    pub(crate) fn start_for_pods(stage: &Stage) -> Agent {
        Agent::start_for_pods_with(stage, &[])
    }

    /// The same, with these arguments more.
    #[track_caller]
    pub(crate) fn start_for_pods_with(stage: &Stage, extra: &[&str]) -> Agent {
        let mut command = program();
        command.args(["run", "--allow-http", "--node", "n1", "--kubeconfig"]).arg(stage.path("kubeconfig"));
        command.arg("--config").arg(stage.path("config.json")).args(extra);
        Agent::launch(command, stage, "")
    }

    /// Stops it for a while, or lets it go on.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    /// Starts a command that runs it, with files and state of these names, and waits until it captures.
    #[track_caller]
    fn launch(command: Command, stage: &Stage, prefix: &str) -> Agent {
        let agent = Agent::spawn_command(command, stage, prefix, &format!("{prefix}state"));
        agent.wait_for(" captures ");
        agent
    }

    fn spawn_command(mut command: Command, stage: &Stage, prefix: &str, state: &str) -> Agent {
        let [log, out] = ["log", "out"].map(|name| stage.path(&format!("{prefix}{name}")));
        let state = stage.path(state);
        command
            .arg("--state")
            .arg(&state)
            .stderr(File::create(&log).unwrap())
            .stdout(File::create(&out).unwrap());
        let child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        Agent { child, log, out, state }
    }

    /// Starts the agent of a node of a cluster in the network of this test.
    #[track_caller]
    pub(crate) fn start_as(stage: &Stage, node: &str) -> Agent {
        let mut command = program();
        command
            .args(["run", "--capture", "packet", "--interface", "lo", "--allow-http", "--node", node])
            .arg("--kubeconfig")
            .arg(stage.path("kubeconfig"))
            .arg("--config")
            .arg(stage.path("config.json"))
            .env("TRAFFIC_MONITOR_LOG", "debug");
        Agent::launch(command, stage, &format!("{node}-"))
    }

    /// Starts one in the network of this process, as the agent of a node of a cluster.
    #[track_caller]
    pub(crate) fn start_on_node(stage: &Stage, node: &str, network_of: u32, kubeconfig: &Path) -> Agent {
        let mut command = Command::new("nsenter");
        command
            .args(["-t", &network_of.to_string(), "-n"])
            .arg(program().get_program())
            .args(["run", "--capture", "packet", "--allow-http", "--node", node, "--kubeconfig"])
            .arg(kubeconfig)
            .arg("--config")
            .arg(stage.path("config.json"))
            .env_clear();
        Agent::launch(command, stage, &format!("{node}-"))
    }

    /// Starts one in the network of a node, in a cgroup below `root`, where pods have no cgroups of their own, with the rights
    /// that the DaemonSet gives.
    #[track_caller]
    pub(crate) fn start_by_address(stage: &Stage, node: &str, net: &Net, root: &Path, own: &Cgroup) -> Agent {
        let mut inner = net.command("setpriv");
        inner.args(["--bounding-set=-all,+net_raw,+net_admin,+bpf", "--inh-caps=-all", "--no-new-privs"]);
        inner
            .arg(program().get_program())
            .args(["run", "--allow-http", "--node", node, "--kubeconfig"])
            .arg(stage.path("kubeconfig"));
        inner
            .args(["--canary-seconds", "1", "--cgroup-root"])
            .arg(root)
            .arg("--config")
            .arg(stage.path("config.json"));
        Agent::launch(own.command(&inner), stage, &format!("{node}-"))
    }

    /// Starts one as the DaemonSet does: its arguments, the rights that it has, the folders that a kubelet mounts.
    #[track_caller]
    pub(crate) fn start_in_pod(stage: &Stage) -> Agent {
        let mut command = Command::new("setpriv");
        command
            .args(["--bounding-set=-all,+net_raw", "--inh-caps=-all", "--no-new-privs"])
            .arg(program().get_program())
            .args(["run", "--allow-http", "--kubeconfig"])
            .arg(stage.path("kubeconfig"))
            .arg("--config")
            .arg(stage.path("configmaps/service_config.json"))
            .arg("--secret")
            .arg(stage.path("secrets"))
            .env_clear()
            .env("NODE_NAME", "n1");
        let agent = Agent::launch(command, stage, "");
        agent.wait_for("Capabilities: NET_RAW to open capture, none from here on");
        agent
    }

    /// All that it logged so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).expect("the log is UTF-8")
    }

    /// All that it printed so far.
    pub(crate) fn out(&self) -> String {
        fs::read_to_string(&self.out).expect("output is UTF-8")
    }

    /// The messages logged so far, without time and level.
    pub(crate) fn messages(&self) -> Vec<String> {
        self.log().lines().filter_map(message).map(str::to_owned).collect()
    }

    /// Waits until the log has this text.
    #[track_caller]
    pub(crate) fn wait_for(&self, part: &str) {
        eventually(&format!("a log line with {part:?}"), || self.log().contains(part), || self.log());
    }

    /// Waits until something holds; shows the log if it does not.
    #[track_caller]
    pub(crate) fn until(&self, what: &str, condition: impl FnMut() -> bool) {
        eventually(what, condition, || self.log());
    }

    /// Waits until the platform lists this endpoint, and the agent knows.
    #[track_caller]
    pub(crate) fn wait_for_push(&self, stage: &Stage, service: &str, endpoint: &str) {
        self.until(&format!("{endpoint} of {service} on the platform"), || {
            stage.listed(service).iter().any(|listed| listed == endpoint)
        });
        self.wait_for(&format!("Pushed endpoint to dev website: {endpoint} "));
    }

    /// `/healthz`, `/readyz` or `/metrics`: the status and the body, once it is served: capture is open a moment earlier.
    pub(crate) fn health(&self, path: &str) -> (u16, String) {
        let mut answer = None;
        self.until("health is served", || {
            answer = try_get(HEALTH, path);
            answer.is_some()
        });
        answer.expect("it is served")
    }

    /// Returns a metric by its name and labels, without the prefix that all have. None where it is not served: the accounts
    /// are not from the first moment on.
    pub(crate) fn metric(&self, name: &str) -> Option<u64> {
        let metrics = self.health("/metrics").1;
        let begin = format!("traffic_monitor_{name} ");
        let value = metrics.lines().find_map(|line| line.strip_prefix(&begin))?;
        Some(value.parse().expect("metrics of the agent are whole numbers"))
    }

    /// Runs a subcommand that asks this agent, once that can be asked.
    #[track_caller]
    pub(crate) fn ask(&self, args: &[&str]) -> String {
        let socket = self.state.join("agent.sock");
        self.until("it can be asked", || UnixStream::connect(&socket).is_ok());
        let Output { status, stdout, stderr } =
            monitor(args.iter().map(Path::new).chain([Path::new("--state"), &self.state]));
        // What it has not heard of yet is no failure.
        let unknown = args.first() == Some(&"explain") && status.code() == Some(1) && stderr.is_empty();
        assert!(status.success() || unknown, "{args:?}: {}\n{}", text(&stderr), self.log());
        text(&stdout).to_owned()
    }

    /// All that it says about itself.
    #[track_caller]
    pub(crate) fn status(&self) -> Value {
        serde_json::from_str(&self.ask(&["status", "--format", "json"])).unwrap()
    }

    /// Waits until it has taken in so many requests to a Service and nothing of what they taught is left to be pushed.
    #[track_caller]
    pub(crate) fn wait_for_rest(&self, service: &str, requests: u64) {
        self.until(&format!("{requests} requests to {service}, and nothing to push"), || {
            let line = self.service(service);
            line["requests"] == requests && line["waiting"] == 0
        });
    }

    /// Waits until all that it knows is on disk.
    #[track_caller]
    pub(crate) fn wait_for_disk(&self) {
        self.until("all is on disk", || {
            let store = self.status()["store"].as_str().unwrap().to_owned();
            store.starts_with("open, ") && store.contains("; 0 endpoints with changes")
        });
    }

    /// Waits until each of its parts works under all that is in force: what is asked from now on is treated so.
    #[track_caller]
    pub(crate) fn settle(&self) {
        self.until("all parts have taken in what is in force", || is_settled(&self.status()["generation"]));
    }

    /// Writes its configuration, and waits until each of its parts works under that.
    #[track_caller]
    pub(crate) fn reconfigure(&self, stage: &Stage, config: &Value) {
        let number = |generation: &Value| generation["configuration"].as_u64().unwrap();
        let before = number(&self.status()["generation"]);
        stage.write("config.json", config.to_string());
        self.until("the new configuration is in force", || {
            let generation = &self.status()["generation"];
            number(generation) > before && is_settled(generation)
        });
    }

    /// Returns what it says about a Service.
    #[track_caller]
    pub(crate) fn service(&self, name: &str) -> Value {
        let status: Value = serde_json::from_str(&self.ask(&["status", "--format", "json"])).unwrap();
        let all = status["services"].as_array().unwrap();
        all.iter().find(|line| line["service"] == name).cloned().unwrap_or_default()
    }

    /// Ends it by SIGTERM, and sees to it that it ends as it should. Gives what it logged.
    #[track_caller]
    pub(crate) fn stop(self) -> String {
        self.stop_by(Signal::TERM)
    }

    /// The same by another signal.
    #[track_caller]
    pub(crate) fn stop_by(mut self, signal: Signal) -> String {
        self.signal(signal);
        let ended = within(STOP, || self.child.try_wait().unwrap().is_some());
        let log = self.log();
        assert!(ended, "it did not end within {STOP:?} of {signal:?}\n{log}");
        let status = self.child.wait().unwrap();
        assert_eq!(status.code(), Some(0), "{log}");
        assert!(log.contains("exchanges ") && !log.contains("does not add up"), "{log}");
        log
    }

    /// Returns whether it ignores a signal (proc_pid_status(5)).
    pub(crate) fn ignores(&self, signal: Signal) -> bool {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap().trim();
        u64::from_str_radix(mask, 16).unwrap() >> (signal.as_raw() - 1) & 1 == 1
    }

    /// Asks it to end.
    pub(crate) fn terminate(&self) {
        kill_process(self.pid(), Signal::TERM).unwrap();
    }

    /// Ends it by SIGKILL.
    pub(crate) fn kill(mut self) -> ExitStatus {
        self.child.kill().unwrap();
        let status = self.child.wait().unwrap();
        assert_eq!(status.signal(), Some(9));
        status
    }

    /// Its largest resident memory so far, in MiB.
    pub(crate) fn peak_memory_mib(&self) -> u64 {
        self.memory_mib("VmHWM:")
    }

    /// The same without the pages of its program's file, of which the one for tests has three times as many as a release.
    pub(crate) fn peak_of_its_own_mib(&self) -> u64 {
        self.peak_memory_mib() - self.memory_mib("RssFile:")
    }

    fn memory_mib(&self, kind: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let kib = status.lines().find_map(|line| line.strip_prefix(kind)).unwrap();
        kib.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
    }

    /// The number of its process.
    pub(crate) fn number(&self) -> u32 {
        self.child.id()
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns whether each part has taken in the newest change.
fn is_settled(generation: &Value) -> bool {
    let parts = ["capture", "keeper", "pusher", "pods"].map(|part| &generation[part]);
    // Pods are not always followed.
    parts.iter().all(|part| part.is_null() || **part == generation["in_force"])
}

/// A log line without its time and level.
fn message(line: &str) -> Option<&str> {
    let (time, rest) = line.split_once(' ')?;
    let (level, message) = rest.trim_start().split_once(' ')?;
    let known = ["ERROR", "WARN", "INFO", "DEBUG", "TRACE"].contains(&level);
    (time.ends_with('Z') && known).then_some(message)
}
