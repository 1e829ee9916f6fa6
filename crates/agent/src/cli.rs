//! The command line.

use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use decode::Tunnels;
use serde::{Deserialize, Serialize};

use crate::config::ConfigArgs;
use crate::setup::name::parse_mapping;
use crate::version::version;

/// Finds the API endpoints of the services on this node and keeps the APISec platform in step with them.
///
/// Watches HTTP traffic passively: nothing is redirected, delayed or changed. Start with `traffic-monitor demo`, which
/// needs no cluster and no account.
#[derive(Debug, Parser)]
#[command(name = "traffic-monitor", version = version(), max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands that can ask all agents of a cluster.
const OF_CLUSTER: [&str; 5] = ["status", "explain", "export", "drift", "view"];

/// Returns the arguments as they are meant: a plugin of kubectl (a link `kubectl-traffic_monitor` to this program) asks the whole
/// cluster.
pub(crate) fn arguments(mut given: Vec<OsString>) -> Vec<OsString> {
    let is_plugin = given
        .first()
        .and_then(|path| Path::new(path).file_name()?.to_str())
        .is_some_and(|name| name.starts_with("kubectl-"));
    let is_of_cluster =
        given.get(1).and_then(|name| name.to_str()).is_some_and(|name| OF_CLUSTER.contains(&name));
    if is_plugin && is_of_cluster && !given.iter().any(|argument| argument == "--cluster") {
        given.insert(2, "--cluster".into());
    }
    given
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the agent: capture, find endpoints, push them
    Run(RunArgs),
    /// Read capture files through the same pipeline as the agent
    Replay(ReplayArgs),
    /// Show everything on this machine: sample services, traffic, the agent, a stand-in platform
    Demo(DemoArgs),
    /// Run only the stand-in platform, to try the agent against
    #[command(name = "platform")]
    StandIn(StandInArgs),
    /// Ask for key and Services, and write the configmap.yaml that kubectl applies
    ///
    /// Asks on a terminal; with --yes all comes from flags. In a pipe nothing is asked, and these lines are read: the key
    /// (unless there is --key-file); for each Service its name, application ID and instance ID; an empty line; y.
    Setup(SetupArgs),
    /// Say what this machine and this configuration allow, and what is wrong; change nothing
    ///
    /// For a node, the pod, or a desk: configuration, key, platform, cluster, capture, disk. Each finding is ok, a warning
    /// or an error, with what to do about it. The exit status is 1 when there is an error.
    Check(CheckArgs),
    /// Ask the running agent how it is doing
    Status(StatusArgs),
    /// Ask the running agent why something is, or is not, on the platform; the exit status is 1 when it knows nothing of it
    Explain(ExplainArgs),
    /// Write what was found as OpenAPI documents: of the running agent, or of its store where none runs
    Export(ExportArgs),
    /// Show what is found on a page of this machine: of the running agent, of its store where none runs, or of captures
    ///
    /// The page listens on loopback alone, only reads, and is redacted as all output is. Its address has a token in it that other
    /// users of this machine do not know.
    View(ViewArgs),
    /// Say how traffic differs from the teams' OpenAPI documents; the exit status is 3 when it does
    ///
    /// The traffic is that of capture files, or where none are named what the running agent knows, or its store. The documents are
    /// the one of --spec, or those of monitor.specs in the configuration. shadow: asked for, and not documented. zombie: deprecated,
    /// and still asked for. orphan: documented, and not in these captures, or not seen by this agent. security, parameter, request, response: what of an operation is other than the document says.
    Drift(DriftArgs),
    /// Walk the store's file, which is standard input; the agent starts this before it opens the file
    #[command(hide = true)]
    WalkStore,
    /// Find the TLS libraries of monitored processes for the agent, which starts this
    #[command(hide = true)]
    TakeSecrets,
    /// Find the TLS library in the file that is standard input; started by the process that finds libraries
    #[command(hide = true)]
    FindPlaces,
    /// Print the running agent's answers to questions, in a JSON array; `--cluster` starts this in the pods of the agent
    #[command(hide = true)]
    Ask(AskArgs),
    /// Tell the running agent to try again now what waits after failures, and what the platform could not take
    Retry(RetryArgs),
    /// Write what a shell reads to complete this program's command line
    ///
    /// For bash: traffic-monitor completions bash > /etc/bash_completion.d/traffic-monitor
    Completions {
        /// The shell
        shell: Shell,
    },
}

#[derive(Args, Debug)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// Where traffic is captured
    #[arg(long, value_enum, default_value_t = CaptureMode::Auto)]
    pub(crate) capture: CaptureMode,
    /// Capture on these interfaces only (default: all, also such as appear later)
    #[arg(long, value_name = "NAME", num_args = 1..)]
    pub(crate) interface: Vec<String>,
    /// Interfaces that receive mirrored traffic: tunnels (VXLAN, Geneve, GRE, IP-in-IP, ERSPAN, TZSP) are opened there
    #[arg(long, value_name = "NAME", num_args = 1..)]
    pub(crate) mirror: Vec<String>,
    #[command(flatten)]
    pub(crate) vxlan: VxlanArgs,
    /// A cgroup (version 2) and the Service whose servers run in it, for capture at sockets without Kubernetes (repeatable)
    #[arg(long, value_name = "PATH=NAMESPACE/SERVICE", value_parser = parse_cgroup)]
    pub(crate) cgroup: Vec<GivenCgroup>,
    /// The node's tree of cgroups (version 2), if it is mounted at an unusual place
    #[arg(long, value_name = "DIR")]
    pub(crate) cgroup_root: Option<PathBuf>,
    /// Names and addresses of services, where there is no Kubernetes (YAML or JSON)
    #[arg(long, value_name = "FILE")]
    pub(crate) services: Option<PathBuf>,
    /// Learn names from Kubernetes by this kubeconfig file (in a pod: by its service account, without this)
    #[arg(long, value_name = "FILE")]
    pub(crate) kubeconfig: Option<PathBuf>,
    /// The name that Kubernetes has for this node
    #[arg(long, value_name = "NAME", env = "NODE_NAME")]
    pub(crate) node: Option<String>,
    /// Where the agent keeps what it learned, and its socket
    #[arg(long, value_name = "DIR", default_value = "/var/lib/traffic-monitor")]
    pub(crate) state: PathBuf,
    /// How log lines are written
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    pub(crate) log_format: LogFormat,
    #[command(flatten)]
    pub(crate) tls: TlsArgs,
    /// Show exactly what would be sent to the platform, and send nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// The number of seconds between two requests by which the agent tests whether it sees
    #[arg(long, value_name = "N", hide = true, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) canary_seconds: u64,
}

/// The operator's wish to read HTTPS, or not.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct TlsArgs {
    /// Read HTTPS: take the secrets of TLS connections from the libraries of monitored processes (docs/https.md)
    #[arg(
        id = "tls",
        long = "tls",
        env = "TRAFFIC_MONITOR_TLS",
        num_args = 0..=1,
        require_equals = true,
        default_value_t = false,
        default_missing_value = "true",
        value_name = "true|false"
    )]
    pub(crate) wanted: bool,
}

/// A cgroup that was named on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GivenCgroup {
    /// Its folder.
    pub(crate) path: PathBuf,
    /// The Service of the servers in it.
    pub(crate) service: identify::ServiceName,
}

/// `PATH=NAMESPACE/SERVICE`; a path may have an equals sign in it, a name has none.
fn parse_cgroup(text: &str) -> Result<GivenCgroup, String> {
    let parts = text.rsplit_once('=').and_then(|(path, name)| Some((path, name.split_once('/')?)));
    match parts {
        Some((path, (namespace, name))) if !path.is_empty() && !namespace.is_empty() && !name.is_empty() => {
            let service = identify::ServiceName { namespace: namespace.into(), name: name.into() };
            Ok(GivenCgroup { path: path.into(), service })
        }
        _ => Err("expected PATH=NAMESPACE/SERVICE, as in /sys/fs/cgroup/shop.slice=shop/cart".into()),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CaptureMode {
    /// The best that this node allows
    Auto,
    /// Packets at the sockets of pods (eBPF on cgroups; needs CAP_BPF and CAP_NET_ADMIN)
    Cgroup,
    /// Packets on network interfaces (AF_PACKET; needs CAP_NET_RAW)
    Packet,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

#[derive(Args, Debug)]
pub(crate) struct ReplayArgs {
    /// Capture files: pcap or pcapng, also compressed by gzip or zstd, or HTTP archives (HAR); - for a capture on standard
    /// input. They are parts of one capture. One that cannot be read is named, and the others are read; the exit status is 1
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Open TLS connections with the secrets of a key log, as programs write it where SSLKEYLOGFILE says (repeatable)
    #[arg(long, value_name = "FILE")]
    pub(crate) keylog: Vec<PathBuf>,
    /// What to print
    #[arg(long, value_enum, default_value_t = Output::Endpoints)]
    pub(crate) output: Output,
    /// How to print it (default: table for endpoints, jsonl for exchanges, yaml for openapi)
    #[arg(long, value_enum)]
    pub(crate) format: Option<Format>,
    /// Print exchanges or an archive as captured, without redaction (for your own files)
    #[arg(long, conflicts_with = "push")]
    pub(crate) raw: bool,
    /// Names and addresses of services (YAML or JSON)
    #[arg(long, value_name = "FILE")]
    pub(crate) services: Option<PathBuf>,
    /// The memory that the replay may take, in MiB (default: memoryMiB of the configuration, else 64)
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u32).range(16..=1 << 20))]
    pub(crate) memory: Option<u32>,
    /// Push the endpoints found, as the agent would
    #[arg(long)]
    pub(crate) push: bool,
    /// With --push: show exactly what would be sent, and send nothing
    #[arg(long, requires = "push")]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) documents: DocumentArgs,
    #[command(flatten)]
    pub(crate) vxlan: VxlanArgs,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
}

/// Where VXLAN is beside its usual ports.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct VxlanArgs {
    /// A UDP port of VXLAN beside 4789, 4790 and 8472 (repeatable)
    #[arg(long = "vxlan-port", value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) ports: Vec<u16>,
}

impl VxlanArgs {
    /// Returns how tunnels are opened.
    pub(crate) fn open(&self) -> Tunnels<'_> {
        Tunnels::Open { vxlan_ports: &self.ports }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// The endpoints found, by service
    Endpoints,
    /// Every request with its response, as they end
    Exchanges,
    /// The same as an HTTP archive (HAR 1.2)
    Har,
    /// The endpoints found, as documents of OpenAPI 3.1
    Openapi,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Table,
    Json,
    Jsonl,
    Yaml,
}

#[derive(Args, Debug)]
pub(crate) struct DemoArgs {
    /// Seconds that the demo runs; 0: until Ctrl-C
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u64).range(..=86_400))]
    pub(crate) seconds: u64,
    /// The port of the page at 127.0.0.1 (default: any free one)
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub(crate) page_port: u16,
    /// The port of the stand-in platform (default: any free one)
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub(crate) port: u16,
}

#[derive(Args, Debug)]
pub(crate) struct StandInArgs {
    /// The address to listen on
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub(crate) listen: IpAddr,
    /// The port to listen on (0: any free one)
    #[arg(long, value_name = "PORT", default_value_t = 8900)]
    pub(crate) port: u16,
    /// An application with one instance, `NAME:APP_ID:INSTANCE_ID` (repeatable)
    #[arg(long, value_name = "NAME:APP_ID:INSTANCE_ID")]
    pub(crate) application: Vec<String>,
    /// Accept only the key in this file (default: any key)
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct SetupArgs {
    /// The file to write; what it holds already is kept and changed
    #[arg(long, value_name = "FILE", default_value = "configmap.yaml")]
    pub(crate) output: PathBuf,
    /// Map a Service (`service`, `namespace/service` or `service.namespace`) to an instance (repeatable)
    #[arg(long, value_name = "SERVICE=APP_ID:INSTANCE_ID", value_parser = parse_mapping)]
    pub(crate) map: Vec<(String, inventory::Instance)>,
    /// Remove the mapping of a Service (repeatable)
    #[arg(long, value_name = "SERVICE")]
    pub(crate) remove: Vec<String>,
    /// The platform [default: as in the file, else production]
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// Whether the agent makes applications for Services that are not mapped
    #[arg(long, value_name = "true|false", num_args = 0..=1, default_missing_value = "true")]
    pub(crate) auto_onboard: Option<bool>,
    /// Write one ConfigMap with the key in it, instead of a Secret and a ConfigMap
    #[arg(long)]
    pub(crate) one_document: bool,
    /// Read the API key from this file instead of asking (the variable APISEC_API_KEY works too, but not in a pipe)
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,
    /// Ask nothing: write what the flags say
    #[arg(long)]
    pub(crate) yes: bool,
    /// Ask neither the platform nor the cluster
    #[arg(long)]
    pub(crate) offline: bool,
    /// Trust also the certificate authorities in this file (PEM), as `run` does
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_file: Option<PathBuf>,
    /// Allow plain HTTP to a platform on loopback, for tests
    #[arg(long)]
    pub(crate) allow_http: bool,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// Ask the cluster of this kubeconfig file [default: in a pod by its service account, else as kubectl does]
    #[arg(long, value_name = "FILE")]
    pub(crate) kubeconfig: Option<PathBuf>,
    /// The name that Kubernetes has for this node
    #[arg(long, value_name = "NAME", env = "NODE_NAME")]
    pub(crate) node: Option<String>,
    /// Where the agent is to keep what it learned
    #[arg(long, value_name = "DIR", default_value = "/var/lib/traffic-monitor")]
    pub(crate) state: PathBuf,
    #[command(flatten)]
    pub(crate) tls: TlsArgs,
    /// How to print it
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    pub(crate) format: ReportFormat,
}

#[derive(Args, Debug)]
pub(crate) struct StatusArgs {
    /// The state folder of the running agent
    #[arg(long, value_name = "DIR", default_value = "/var/lib/traffic-monitor")]
    pub(crate) state: PathBuf,
    /// How to print it
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    pub(crate) format: ReportFormat,
    #[command(flatten)]
    pub(crate) cluster: ClusterArgs,
}

/// The agents of a whole cluster, in the place of the one of this machine.
#[derive(Args, Clone, Debug)]
pub(crate) struct ClusterArgs {
    /// Ask all agents of the cluster, through its API server; takes the rights to list pods and to create pods/exec
    #[arg(long)]
    pub(crate) cluster: bool,
    /// The kubeconfig of the cluster [default: that of kubectl]
    #[arg(long, value_name = "FILE", requires = "cluster")]
    pub(crate) kubeconfig: Option<PathBuf>,
    /// The namespace of the agents
    #[arg(long, value_name = "NAME", default_value = "kube-system", requires = "cluster")]
    pub(crate) namespace: String,
    /// The labels of the agents' pods
    #[arg(long, value_name = "LABELS", default_value = "app=traffic-monitor", requires = "cluster")]
    pub(crate) selector: String,
}

#[derive(Args, Debug)]
pub(crate) struct AskArgs {
    /// Questions, each as JSON
    #[arg(value_name = "QUESTION", required = true)]
    pub(crate) questions: Vec<String>,
    /// The state folder of the running agent
    #[arg(long, value_name = "DIR", default_value = "/var/lib/traffic-monitor")]
    pub(crate) state: PathBuf,
}

#[derive(Args, Debug)]
pub(crate) struct ExplainArgs {
    /// A path (/api/v1/users, or the beginning of one) or an address (10.0.0.2:8080)
    #[arg(value_name = "PATH|ADDRESS")]
    pub(crate) subject: String,
    /// The state folder of the running agent
    #[arg(long, value_name = "DIR", default_value = "/var/lib/traffic-monitor")]
    pub(crate) state: PathBuf,
    /// How to print it
    #[arg(long, value_enum, default_value_t = ReportFormat::Table)]
    pub(crate) format: ReportFormat,
    #[command(flatten)]
    pub(crate) cluster: ClusterArgs,
}

/// The syntax of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    Yaml,
    Json,
}

/// The documents of OpenAPI to write, and where.
#[derive(Args, Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct DocumentArgs {
    /// Only this Service (shop/cart or cart)
    #[arg(long, value_name = "NAME")]
    pub(crate) service: Option<String>,
    /// Write a file for each Service into this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) directory: Option<PathBuf>,
    /// Add endpoints that are not pushed: noise, unconfirmed, undecided, behind a wall (x-state says which)
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Args, Debug)]
pub(crate) struct DriftArgs {
    /// Capture files, as for replay (default: what the running agent knows)
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// The team's document: OpenAPI 2.0, 3.0 or 3.1, YAML or JSON. References to other files are not followed (default: those of
    /// monitor.specs)
    #[arg(long, value_name = "FILE")]
    pub(crate) spec: Option<PathBuf>,
    /// What stands before the document's paths, beside the paths of its servers (repeatable)
    #[arg(long, value_name = "PATH")]
    pub(crate) base_path: Vec<String>,
    /// The Service that the document is of, where there are several (shop/cart or cart)
    #[arg(long, value_name = "NAME")]
    pub(crate) service: Option<String>,
    /// How to print it (default: table)
    #[arg(long, value_parser = clap::builder::PossibleValuesParser::new(["table", "json"]))]
    pub(crate) format: Option<String>,
    /// Names and addresses of services (YAML or JSON)
    #[arg(long, value_name = "FILE")]
    pub(crate) services: Option<PathBuf>,
    /// The state folder of the agent
    #[arg(long, value_name = "DIR", default_value = "/var/lib/traffic-monitor")]
    pub(crate) state: PathBuf,
    #[command(flatten)]
    pub(crate) vxlan: VxlanArgs,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    #[command(flatten)]
    pub(crate) cluster: ClusterArgs,
}

#[derive(Args, Debug)]
pub(crate) struct ViewArgs {
    /// Captures or HTTP archives, as for replay (default: what the running agent knows, or its store)
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Print the address, and open no browser
    #[arg(long)]
    pub(crate) no_open: bool,
    /// The port to listen on, at 127.0.0.1 (default: any free one)
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub(crate) port: u16,
    /// The state folder of the agent
    #[arg(long, value_name = "DIR", default_value = "/var/lib/traffic-monitor")]
    pub(crate) state: PathBuf,
    /// Of captures: names and addresses of services (YAML or JSON)
    #[arg(long, value_name = "FILE")]
    pub(crate) services: Option<PathBuf>,
    /// Of captures: open TLS connections with the secrets of a key log (repeatable)
    #[arg(long, value_name = "FILE")]
    pub(crate) keylog: Vec<PathBuf>,
    /// Of captures: the memory that reading them may take, in MiB
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u32).range(16..=1 << 20))]
    pub(crate) memory: Option<u32>,
    #[command(flatten)]
    pub(crate) vxlan: VxlanArgs,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    #[command(flatten)]
    pub(crate) cluster: ClusterArgs,
}

#[derive(Args, Debug)]
pub(crate) struct ExportArgs {
    /// What to write
    #[arg(long, value_enum, default_value_t = ExportOutput::Openapi)]
    pub(crate) output: ExportOutput,
    /// How to write it
    #[arg(long, value_enum, default_value_t = Form::Yaml)]
    pub(crate) format: Form,
    #[command(flatten)]
    pub(crate) documents: DocumentArgs,
    /// The state folder of the agent
    #[arg(long, value_name = "DIR", default_value = "/var/lib/traffic-monitor")]
    pub(crate) state: PathBuf,
    #[command(flatten)]
    pub(crate) cluster: ClusterArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportOutput {
    /// Documents of OpenAPI 3.1
    Openapi,
}

#[derive(Args, Debug)]
pub(crate) struct RetryArgs {
    /// Only what was set aside of a Service (shop/cart) or below a path (/api/v1) [default: everything]
    #[arg(value_name = "PATH|SERVICE")]
    pub(crate) subject: Option<String>,
    /// The state folder of the running agent
    #[arg(long, value_name = "DIR", default_value = "/var/lib/traffic-monitor")]
    pub(crate) state: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    Table,
    Json,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn a_plugin_of_kubectl_asks_the_whole_cluster() {
        let meant = |given: &[&str]| {
            let given = arguments(given.iter().map(Into::into).collect());
            given.iter().map(|one| one.to_str().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            meant(&["/x/kubectl-traffic_monitor", "explain", "/a"]),
            "/x/kubectl-traffic_monitor explain --cluster /a"
        );
        assert_eq!(
            meant(&["kubectl-traffic_monitor", "view", "--cluster"]),
            "kubectl-traffic_monitor view --cluster"
        );
        assert_eq!(meant(&["kubectl-traffic_monitor", "setup"]), "kubectl-traffic_monitor setup");
        assert_eq!(meant(&["traffic-monitor", "status"]), "traffic-monitor status");
        assert_eq!(meant(&["kubectl-traffic_monitor"]), "kubectl-traffic_monitor");
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_bare_auto_onboard_means_true() {
        let onboard = |args: &[&str]| {
            let args = [&["traffic-monitor", "setup"], args].concat();
            let Command::Setup(setup) = Cli::try_parse_from(args).unwrap().command else { panic!("setup") };
            assert!(setup.yes);
            setup.auto_onboard
        };
        assert_eq!(onboard(&["--yes"]), None);
        assert_eq!(onboard(&["--auto-onboard", "--yes"]), Some(true));
        assert_eq!(onboard(&["--yes", "--auto-onboard"]), Some(true));
        assert_eq!(onboard(&["--auto-onboard=true", "--yes"]), Some(true));
        assert_eq!(onboard(&["--auto-onboard=false", "--yes"]), Some(false));
        assert_eq!(onboard(&["--auto-onboard", "false", "--yes"]), Some(false));
    }
}
