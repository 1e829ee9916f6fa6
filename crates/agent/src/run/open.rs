//! Opening capture: which way, and what it takes.

use std::sync::Arc;

use capture::{Attached, Attacher, Ring, RingOptions, SocketOptions, open_sockets};

use super::source::Source;
use crate::cli::{CaptureMode, RunArgs};
use crate::failure::Failure;
use crate::targets::{Target, Targets};

/// Capture that is open.
pub(super) struct Opened {
    pub(super) source: Source,
    /// With capture at sockets.
    pub(super) sockets: Option<Attaching>,
    /// What is captured, for people: follows on the program's name.
    pub(super) how: String,
}

/// What attaches cgroups, and what is attached.
pub(super) struct Attaching {
    attacher: Attacher,
    attached: Vec<Attached>,
    pub(super) targets: Arc<Targets>,
}

/// Opens capture as the command line says.
///
/// # Errors
/// It cannot be opened: the reason, with what to do.
pub(super) fn open(args: &RunArgs) -> Result<Opened, Failure> {
    match args.capture {
        CaptureMode::Auto | CaptureMode::Packet => packets(args),
        CaptureMode::Cgroup => sockets(args),
    }
}

fn packets(args: &RunArgs) -> Result<Opened, Failure> {
    let options = RingOptions {
        interfaces: args.interface.clone(),
        mirrors: args.mirror.clone(),
        ..RingOptions::default()
    };
    let ring = Ring::open(&options)?;
    let interfaces =
        if args.interface.is_empty() { "all interfaces".into() } else { args.interface.join(", ") };
    Ok(Opened {
        source: Source::Packets(ring),
        sockets: None,
        how: format!("captures packets on {interfaces}"),
    })
}

fn sockets(args: &RunArgs) -> Result<Opened, Failure> {
    let (sockets, attacher) = open_sockets(&SocketOptions::default())?;
    let mut attaching = Attaching { attacher, attached: Vec::new(), targets: Arc::default() };
    let mut targets = Targets::default();
    for (number, given) in (1..).zip(&args.cgroup) {
        attaching.attached.push(attaching.attacher.attach(&given.path, number)?);
        targets.0.insert(number, Target::Service(Arc::new(given.service.clone())));
    }
    attaching.targets = Arc::new(targets);
    let paths: Vec<_> = args.cgroup.iter().map(|given| given.path.display().to_string()).collect();
    Ok(Opened {
        source: Source::Sockets(sockets),
        sockets: Some(attaching),
        how: format!("captures at the sockets of {}", paths.join(", ")),
    })
}
