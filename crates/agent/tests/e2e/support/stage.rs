//! Where a test plays: a folder, the stand-in platform, and a network that nobody else uses.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use rustix::fs::{FileType, Mode};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use serde_json::{Value, json};
use stand_in::{Call, Endpoint, Preset, Recorded, Running, Settings};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

/// The key that the platform lets in. It must appear nowhere but in the `Authorization` header.
pub(crate) const KEY: &str = "stage-key-5d1f0c77e2";
/// The Services that have an application on the platform.
const APPLICATIONS: [&str; 2] = ["cart", "pay"];

/// The application id of a Service.
fn app(service: &str) -> String {
    format!("app-{service}")
}

/// The instance id of a Service.
fn instance(service: &str) -> String {
    format!("inst-{service}")
}

/// A folder and the stand-in platform.
pub(crate) struct Stage {
    pub(crate) folder: TempDir,
    pub(crate) platform: Running,
    /// Runs the platform on a thread of its own, in the network of the thread that made it.
    _runtime: Runtime,
}

impl Stage {
    /// A stage on this machine's own loopback.
    pub(crate) fn new() -> Stage {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let preset = |name: &&str| Preset {
            app_id: app(name),
            name: (*name).into(),
            instance_id: Some(instance(name)),
        };
        let applications = APPLICATIONS.iter().map(preset).collect();
        let settings = Settings { key: Some(KEY.into()), applications, ..Settings::default() };
        let platform = runtime.block_on(stand_in::start(settings)).unwrap();
        Stage { folder: tempfile::tempdir().unwrap(), platform, _runtime: runtime }
    }

    /// A stage in a network namespace of its own: only what the test sends is on its loopback, and no port is taken.
    pub(crate) fn live() -> Stage {
        own_network();
        Stage::new()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A configuration with these Services mapped, quick enough for a test.
    pub(crate) fn config(&self, mapped: &[&str]) -> Value {
        let mappings: serde_json::Map<_, _> = mapped
            .iter()
            .map(|name| ((*name).into(), json!({"appId": app(name), "instanceId": instance(name)})))
            .collect();
        json!({
            "apiKey": KEY,
            "apisecUrl": self.platform.url(),
            "serviceMappings": mappings,
            // Words are words: what is a variable among them is what `paths` tests.
            "monitor": {"settleSeconds": 1, "collectSeconds": 1, "callsPerSecond": 500, "metrics": true, "pathRules": ["/**"]},
        })
    }

    /// Writes a file in one step, as a ConfigMap volume does.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let (new, path) = (self.path(&format!("{name}.new")), self.path(name));
        fs::write(&new, content).unwrap();
        fs::rename(&new, &path).unwrap();
        path
    }

    /// Makes a named pipe that nobody writes to.
    pub(crate) fn fifo(&self, name: &str) {
        rustix::fs::mknodat(rustix::fs::CWD, self.path(name), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0)
            .unwrap();
    }

    /// Writes the configuration that the agent reads.
    pub(crate) fn write_config(&self, mapped: &[&str]) {
        self.write("config.json", self.config(mapped).to_string());
    }

    /// Writes the services file that the agent reads; all are in the namespace `shop`.
    pub(crate) fn write_services(&self, services: &[(&str, SocketAddr)]) {
        let entry = |(name, address): &(&str, SocketAddr)| json!({"name": name, "namespace": "shop", "addresses": [address.to_string()]});
        let services: Vec<_> = services.iter().map(entry).collect();
        self.write("services.json", json!({ "services": services }).to_string());
    }

    /// Returns what the platform lists for a Service.
    pub(crate) fn listing(&self, service: &str) -> Vec<Endpoint> {
        self.platform.listing(&app(service), &instance(service))
    }

    /// The same as `METHOD path`, in order.
    pub(crate) fn listed(&self, service: &str) -> Vec<String> {
        let name = |endpoint: &Endpoint| format!("{} {}", endpoint.method.to_uppercase(), endpoint.path);
        let mut all: Vec<_> = self.listing(service).iter().map(name).collect();
        all.sort();
        all
    }

    /// One endpoint of a Service.
    #[track_caller]
    pub(crate) fn endpoint(&self, service: &str, method: &str, path: &str) -> Endpoint {
        let found = self.listing(service).into_iter().find(|e| e.method == method && e.path == path);
        found.unwrap_or_else(|| panic!("{method} {path} is not among {:?}", self.listed(service)))
    }

    /// The recorded calls of this kind.
    pub(crate) fn calls(&self, call: Call) -> Vec<Recorded> {
        self.platform.recorded().into_iter().filter(|recorded| recorded.call == call).collect()
    }

    /// The recorded calls that change something, or ask about a request.
    pub(crate) fn pushes(&self) -> Vec<String> {
        let pushes = [Call::Preview, Call::Add, Call::Commit].map(|call| self.calls(call));
        let show = |call: Recorded| format!("{} {}", call.path, String::from_utf8_lossy(&call.body));
        pushes.into_iter().flatten().map(show).collect()
    }

    /// # Panics
    /// The client broke the platform's contract.
    #[track_caller]
    pub(crate) fn assert_contract(&self) {
        let violations = self.platform.violations();
        assert!(violations.is_empty(), "{violations:#?}");
    }
}

/// Moves this thread, and what it starts from now on, into a network namespace where only loopback exists. It lives as
/// long as somebody is in it.
fn own_network() {
    assert!(rustix::process::geteuid().is_root(), "this test captures live traffic: run it as root");
    let mut holder = Command::new("unshare")
        .args(["--net", "sh", "-c", "ip link set lo up && echo up && exec sleep 60"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("this test needs unshare (Debian: util-linux)");
    let mut line = String::new();
    BufReader::new(holder.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "up\n", "this test needs a network namespace (CAP_SYS_ADMIN) and ip (Debian: iproute2)");
    let namespace = File::open(format!("/proc/{}/ns/net", holder.id())).unwrap();
    move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network)).unwrap();
    holder.kill().unwrap();
    holder.wait().unwrap();
}
