//! nginx in a cgroup and a network, and what asks it.

use std::path::Path;
use std::process::Command;

use crate::node::Net;
use crate::support::{Agent, Cgroup, eventually};

/// nginx in a network and a cgroup; counts what it is asked.
pub(super) struct Nginx {
    inner: crate::support::Nginx,
    /// Dropped last.
    pub(super) cgroup: Cgroup,
}

impl Nginx {
    /// Serves `listen` (lines of the configuration), with more of a server's configuration in `more`.
    pub(super) fn start(net: &Net, folder: &Path, listen: &str, more: &str) -> Nginx {
        Nginx::start_in(Cgroup::new("nginx"), net, folder, listen, more)
    }

    pub(super) fn start_in(cgroup: Cgroup, net: &Net, folder: &Path, listen: &str, more: &str) -> Nginx {
        let server = format!(
            "{listen} default_type application/json; {more}
             location /api/ {{ return 200 '{{\"items\": []}}'; }}
             location = /large {{ root {}; }}",
            folder.display()
        );
        let command = crate::support::Nginx::serving(net.command("nginx"), folder, &server);
        let inner = crate::support::Nginx::run(cgroup.command(&command), folder);
        Nginx { inner, cgroup }
    }

    pub(super) fn asked(&self) -> u64 {
        self.inner.asked()
    }

    pub(super) fn folder(&self) -> &Path {
        &self.inner.folder
    }

    pub(super) fn target(&self, service: &str) -> String {
        format!("{}=shop/{service}", self.cgroup.path().display())
    }
}

#[track_caller]
pub(super) fn run(mut command: Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[track_caller]
pub(super) fn curl(net: &Net, arguments: &[&str]) {
    let mut command = net.command("curl");
    command.args(["-sS", "--noproxy", "*", "--max-time", "10", "--output", "/dev/null"]).args(arguments);
    run(command);
}

/// Waits until the agent has counted what the server was asked, then ends it: nothing may be left over or incomplete.
#[track_caller]
pub(super) fn every_request_is_there(agent: Agent, services: &[(&str, &Nginx)]) -> String {
    for (service, nginx) in services {
        let asked = nginx.asked();
        let what = format!("{asked} requests of {service}");
        let enough = || agent.service(service)["requests"] == asked;
        // What was lost, if something was, is counted.
        eventually(&what, enough, || format!("{}\n{}", agent.log(), agent.ask(&["status"])));
    }
    let log = agent.stop();
    let line =
        |name: &str| log.lines().find(|line| line.contains(&format!("INFO {name}"))).unwrap().to_owned();
    let asked: u64 = services.iter().map(|(_, nginx)| nginx.asked()).sum();
    assert!(line("requests ").ends_with(&format!("{asked} seen = {asked} answered")), "{log}");
    assert!(line("exchanges ").contains(&format!("{asked} seen")), "{log}");
    assert!(!line("also:").contains("incomplete"), "{log}");
    log
}

/// A count from the last line that begins with `also:`; 0 where it does not stand there.
pub(super) fn note(log: &str, name: &str) -> u64 {
    let line = log.lines().rfind(|line| line.contains("INFO also: ")).unwrap();
    let notes = line.split("also: ").nth(1).unwrap_or_default().split(", ");
    notes
        .filter_map(|note| note.split_once(' '))
        .find(|(label, _)| *label == name)
        .map_or(0, |(_, count)| count.parse().unwrap())
}
