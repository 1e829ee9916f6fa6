//! Opening capture: which way, and what it takes.

use std::path::Path;

use capture::{Monitored, OwnedBy, Ring, RingOptions, SocketOptions, open_sockets, open_sockets_by_address};

use super::place::{self, Place};
use super::pods::{Attaching, Given, Pods};
use super::source::Source;
use crate::budget;
use crate::cli::{CaptureMode, GivenCgroup, RunArgs};
use crate::failure::Failure;
use crate::node::cgroups;
use crate::node::ladder::{self, Rung};
use crate::run::cluster::Access;

/// Capture that is open.
pub(in crate::run) struct Opened {
    pub(in crate::run) source: Source,
    /// With capture at sockets.
    pub(in crate::run) sockets: Option<Attaching>,
    /// What is captured, for people: follows on the program's name.
    pub(in crate::run) how: String,
    /// Where the agent's own requests pass it.
    pub(in crate::run) place: Place,
    /// Whether secrets of TLS connections are taken where it captures, if that was wanted.
    pub(in crate::run) takes_secrets: bool,
}

/// Opens capture as the command line says, with a share of this much memory (the whole budget, in bytes). Says what each way
/// needs, and what of that is there. Cgroups that are captured are monitored for secrets, if that is wanted.
///
/// # Errors
/// It cannot be opened: the reason, with what to do.
pub(in crate::run) fn open(
    args: &RunArgs,
    memory: usize,
    monitored: Option<Monitored>,
) -> Result<Opened, Failure> {
    let packets_need = ladder::of_packets(args.node.as_deref());
    packets_need.iter().for_each(say);
    let root = cgroups::root(args.cgroup_root.as_deref());
    wrong(args, root.as_deref()).map_or(Ok(()), |why| Err(Failure::new(why)))?;
    // Who asks for packets may have a reason to keep away from bpf(2): nothing is tried there then.
    if args.capture == CaptureMode::Packet {
        return packets(args, memory);
    }
    let needs = ladder::of_sockets(root.as_deref(), Access::find(args).is_some());
    needs.rungs.iter().for_each(say);
    let sockets = || sockets(args, root.as_deref(), needs.way, memory, monitored);
    match args.capture {
        CaptureMode::Auto => best(args, sockets, memory),
        CaptureMode::Cgroup | CaptureMode::Packet => sockets(),
    }
}

/// Returns what is wrong with what was asked for. To do something else instead would not be what is wanted.
fn wrong(args: &RunArgs, root: Option<&Path>) -> Option<String> {
    if let Some(given) = args.cgroup.first().filter(|_| args.capture == CaptureMode::Packet) {
        return Some(format!(
            "--cgroup {} is for capture at sockets: leave it out, or --capture packet",
            given.path.display()
        ));
    }
    if let Some(given) = args.cgroup_root.as_deref().filter(|_| root.is_none()) {
        let given = given.display();
        return Some(format!(
            "--cgroup-root {given}: no tree of cgroups (version 2) is mounted there: `stat -f -c %T {given}` must say cgroup2fs"
        ));
    }
    if let Some(given) = args.cgroup.iter().find(|given| !given.path.join("cgroup.procs").exists()) {
        return Some(absent(&given.path, root));
    }
    nested(&args.cgroup).map(|(inner, outer)| {
        let (inner, outer) = (inner.display(), outer.display());
        format!("--cgroup {inner} is the same as {outer}, or below it: its packets would count twice; name one of them")
    })
}

fn say(rung: &Rung) {
    tracing::info!("Capture: {rung}");
}

/// Sockets if they can be captured, else packets.
fn best(
    args: &RunArgs,
    sockets: impl FnOnce() -> Result<Opened, Failure>,
    memory: usize,
) -> Result<Opened, Failure> {
    if !args.interface.is_empty() || !args.mirror.is_empty() {
        // Interfaces were asked for.
        return packets(args, memory);
    }
    if args.cgroup.is_empty() && Access::find(args).is_none() {
        tracing::info!(
            "Capture at sockets needs to know whose they are: by Kubernetes, or by --cgroup; packets are captured"
        );
        return packets(args, memory);
    }
    sockets().or_else(|why| {
        tracing::warn!(
            "Traffic cannot be captured at sockets, and packets are captured instead, which do not show what stays inside of \
             a pod (`kubectl port-forward` among it): {why}"
        );
        packets(args, memory)
    })
}

fn packets(args: &RunArgs, memory: usize) -> Result<Opened, Failure> {
    let options = RingOptions {
        interfaces: args.interface.clone(),
        mirrors: args.mirror.clone(),
        vxlan_ports: args.vxlan.ports.clone(),
        ring_bytes: budget::of_packets(memory),
    };
    let ring = Ring::open(&options)?;
    let interfaces =
        if args.interface.is_empty() { "all interfaces".into() } else { args.interface.join(", ") };
    Ok(Opened {
        source: Source::Packets(ring),
        sockets: None,
        how: format!("captures packets on {interfaces}"),
        place: place::of_packets(&args.interface),
        takes_secrets: false,
    })
}

fn sockets(
    args: &RunArgs,
    root: Option<&Path>,
    way: Result<OwnedBy, String>,
    memory: usize,
    monitored: Option<Monitored>,
) -> Result<Opened, Failure> {
    let options = budget::of_sockets(memory);
    let way = way.map_err(Failure::new)?;
    let pods = root.filter(|_| Access::find(args).is_some());
    match (pods, way) {
        (_, OwnedBy::Cgroup) if !args.cgroup.is_empty() => by_cgroup(args, &options, root, pods, monitored),
        (Some(_), _) if !args.cgroup.is_empty() => {
            tracing::warn!(
                "Only what --cgroup names is captured: no pod has a cgroup to which its sockets belong"
            );
            by_cgroup(args, &options, root, None, monitored)
        }
        (None, _) => Err(Failure::new(whose(root.is_some()))),
        (Some(_), OwnedBy::Cgroup) => by_cgroup(args, &options, root, pods, monitored),
        // Packets show an application behind a side-car there, which this does not.
        (Some(_), OwnedBy::Address) if args.capture == CaptureMode::Auto => Err(Failure::new(
            "no pod has a cgroup of its own, and this kernel does not tell the networks of pods apart (Linux 6.15 does); \
             --capture cgroup captures all but their loopback",
        )),
        (Some(root), OwnedBy::Network | OwnedBy::Address) => by_address(&options, root),
    }
}

/// Returns why nobody's sockets can be captured.
fn whose(has_root: bool) -> &'static str {
    if has_root {
        "whose sockets? Name them by --cgroup, or let Kubernetes do it (--kubeconfig)"
    } else {
        "no tree of cgroups (version 2) is mounted: mount the node's /sys/fs/cgroup, read-only"
    }
}

/// Captures the cgroups that were named, and those of pods, which are below the root if they are to be.
fn by_cgroup(
    args: &RunArgs,
    options: &SocketOptions,
    root: Option<&Path>,
    pods: Option<&Path>,
    monitored: Option<Monitored>,
) -> Result<Opened, Failure> {
    let (sockets, mut attacher) = open_sockets(options, OwnedBy::Cgroup)?;
    let takes_secrets = monitored.is_some();
    if let Some(monitored) = monitored {
        attacher.monitor(monitored);
    }
    let given = Given::attach(&mut attacher, &args.cgroup)?;
    let place = place::of_cgroups(&mut attacher, &args.cgroup, root);
    let paths = args.cgroup.iter().map(|given| given.path.display().to_string()).collect();
    let mut places = first_few(paths);
    places.extend(pods.iter().map(|root| format!("mapped pods (cgroups below {})", root.display())));
    Ok(Opened {
        source: Source::Sockets(Box::new(sockets)),
        sockets: Some(Attaching {
            attacher,
            given,
            pods: pods.map(|root| Pods::Cgroups(root.to_path_buf())),
        }),
        how: format!("captures at the sockets of {}", places.join(", ")),
        place,
        takes_secrets,
    })
}

/// The most cgroups that a line names.
const NAMED: usize = 3;

/// Returns the first of these, and how many more there are.
fn first_few(mut all: Vec<String>) -> Vec<String> {
    // One more would take no less room than its name.
    if all.len() > NAMED + 1 {
        let more = all.split_off(NAMED).len();
        all.push(format!("{more} more cgroups"));
    }
    all
}

/// Captures the sockets with pods' addresses, from the root of the tree.
fn by_address(options: &SocketOptions, root: &Path) -> Result<Opened, Failure> {
    let (sockets, mut attacher, owned_by) = open_sockets_by_address(options)?;
    attacher.attach_owned(root)?;
    let place = place::of_addresses(&mut attacher);
    let without = match owned_by {
        OwnedBy::Address => "; what stays on a pod's loopback is not seen, which takes Linux 6.15",
        OwnedBy::Network | OwnedBy::Cgroup => "",
    };
    Ok(Opened {
        source: Source::Sockets(Box::new(sockets)),
        sockets: Some(Attaching { attacher, given: Given::default(), pods: Some(Pods::Addresses) }),
        how: format!(
            "captures at the sockets of mapped pods, by their addresses (no pod has a cgroup below {}{without})",
            root.display()
        ),
        place,
        takes_secrets: false,
    })
}

/// That there is no such cgroup, and how to find the right one.
fn absent(path: &Path, root: Option<&Path>) -> String {
    let root = root.unwrap_or(Path::new("/sys/fs/cgroup")).display();
    format!(
        "--cgroup {}: there is no such cgroup of version 2. Give the whole path as cgroups are mounted here: that of a process is {root} and \
         what `cat /proc/PID/cgroup` shows behind `0::`; `systemd-cgls` lists all",
        path.display()
    )
}

/// A cgroup that is below another one, or is the same, and that other one.
fn nested(all: &[GivenCgroup]) -> Option<(&Path, &Path)> {
    let path = |given: &GivenCgroup| given.path.canonicalize().unwrap_or_else(|_| given.path.clone());
    all.iter().enumerate().find_map(|(at, inner)| {
        let mut others = all.iter().enumerate().filter(|(other, _)| *other != at);
        others
            .find(|(_, outer)| path(inner).starts_with(path(outer)))
            .map(|(_, outer)| (&*inner.path, &*outer.path))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cgroup_below_another_is_found() {
        let given = |path: &str| GivenCgroup { path: path.into(), service: identify::ServiceName::default() };
        let all = ["/cg/a", "/cg/b", "/cg/ab"].map(given);
        assert_eq!(nested(&all), None);
        let all = ["/cg/a/x", "/cg/b", "/cg/a"].map(given);
        assert_eq!(nested(&all), Some((Path::new("/cg/a/x"), Path::new("/cg/a"))));
        assert!(nested(&["/cg/a", "/cg/a"].map(given)).is_some());
    }

    #[test]
    fn of_many_cgroups_the_first_few_are_named() {
        let shown = |count: usize| first_few((0..count).map(|n| format!("/cg/{n}")).collect()).join(", ");
        assert_eq!(shown(0), "");
        assert_eq!(shown(4), "/cg/0, /cg/1, /cg/2, /cg/3");
        assert_eq!(shown(500), "/cg/0, /cg/1, /cg/2, 497 more cgroups");
    }

    #[test]
    fn where_cgroups_are_is_said() {
        for (root, place) in
            [(None, "/sys/fs/cgroup"), (Some("/sys/fs/cgroup/unified"), "/sys/fs/cgroup/unified")]
        {
            let said = absent(Path::new("/none"), root.map(Path::new));
            assert!(
                said.starts_with("--cgroup /none: ") && said.contains(&format!("is {place} and what")),
                "{said}"
            );
        }
    }
}
