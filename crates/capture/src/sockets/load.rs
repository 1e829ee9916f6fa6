//! Loading the kernel's side.

use std::io;
use std::os::fd::AsFd;

use aya::maps::{Map, RingBuf};
use aya::programs::{CgroupSkb, ProgramError};
use aya::{Ebpf, EbpfError, EbpfLoader};

use super::attach::Attacher;
use super::counts::Counts;
use super::early::Early;
use super::owners::{OwnedBy, Owners};
use super::targets::Targets;
use super::verdict::Verdicts;
use super::wait::Call;
use super::{SocketError, Sockets};

/// The program, unless this was built without clang.
#[cfg(has_program)]
const PROGRAM: Option<&[u8]> = Some(aya::include_bytes_aligned!(concat!(env!("OUT_DIR"), "/sockets.o")));
#[cfg(not(has_program))]
const PROGRAM: Option<&[u8]> = None;

/// The shortest ring that is of use: some hundred records of the largest class.
const MIN_RING_BYTES: u32 = 1 << 20;
/// The longest one: half of what the kernel's 32-bit number can say, a power of two.
const MAX_RING_BYTES: u32 = 1 << 30;

/// The smallest table of verdicts: the kernel hands its places out to CPUs by the hundred.
const MIN_SOCKETS: u32 = 1024;
/// What the kernel takes for a verdict: its element and a bucket, 88 bytes in Linux 6.18.
const VERDICT_BYTES: usize = 96;
/// The counts, and the numbers of cgroups, addresses and network namespaces.
const SMALL_MAPS: usize = 256 << 10;

/// How much memory to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SocketOptions {
    /// The length of the ring in bytes, rounded up to a power of two, at least a MiB.
    pub ring_bytes: u32,
    /// The number of sockets of which the kernel remembers that nothing, or not everything, is wanted; at least 1024.
    pub sockets: u32,
}

impl Default for SocketOptions {
    /// 8 MiB: what 10 Gbit/s bring in 6 ms, and half of the ring for packets, whose frames are held longer. 65,536 sockets.
    fn default() -> SocketOptions {
        SocketOptions { ring_bytes: 8 << 20, sockets: 64 << 10 }
    }
}

impl SocketOptions {
    /// Returns the memory of the kernel that is used, in bytes, as it is charged to the process. The entries of the table are
    /// made in advance.
    #[must_use]
    pub fn memory(&self) -> usize {
        // The ring has a list of its pages, each twice, for it is mapped so.
        const PAGES: usize = 128;
        let ring = self.ring() as usize;
        ring + ring / PAGES + self.entries() as usize * VERDICT_BYTES + SMALL_MAPS
    }

    fn ring(&self) -> u32 {
        self.ring_bytes.clamp(MIN_RING_BYTES, MAX_RING_BYTES).next_power_of_two()
    }

    fn entries(&self) -> u32 {
        self.sockets.max(MIN_SOCKETS)
    }
}

/// Loads the programs for this way to tell whose a socket is. Nothing is captured until a cgroup is attached.
///
/// # Errors
/// [`SocketError`]: this build or this kernel cannot, a capability is missing (`CAP_BPF`; `CAP_NET_ADMIN` is needed to
/// attach), the kernel refuses the program.
pub fn open_sockets(options: &SocketOptions, owned_by: OwnedBy) -> Result<(Sockets, Attacher), SocketError> {
    let program = PROGRAM.ok_or(SocketError::NotBuilt)?;
    let mut loaded = EbpfLoader::new()
        .btf(None)
        .map_max_entries("records", options.ring())
        .map_max_entries("verdicts", options.entries())
        .load(program)
        .map_err(|error| told(&error))?;
    for name in owned_by.programs() {
        let program: &mut CgroupSkb = loaded
            .program_mut(name)
            .and_then(|program| program.try_into().ok())
            .ok_or_else(|| strange(name))?;
        program.load().map_err(|error| refused(&error))?;
    }
    let failed = |step| move |error| SocketError::System { step, source: io::Error::other(error) };
    let ring = RingBuf::try_from(map(&mut loaded, "records")?).map_err(failed("mapping the ring"))?;
    let call = Call::of(ring.as_fd())
        .map_err(|source| SocketError::System { step: "waiting for the ring", source })?;
    let sockets = Sockets {
        ring,
        call,
        verdicts: Verdicts::new(map(&mut loaded, "verdicts")?).map_err(failed("opening the verdicts"))?,
        counts: Counts::new(map(&mut loaded, "counts")?).map_err(failed("opening the counts"))?,
        early: Early::default(),
        delivered: 0,
    };
    let targets = Targets::new(map(&mut loaded, "targets")?).map_err(failed("opening the targets"))?;
    let owners = Owners::new(map(&mut loaded, "owners")?).map_err(failed("opening the owners"))?;
    Ok((sockets, Attacher::new(loaded, owned_by, targets, owners)))
}

/// Loads the programs that tell whose a socket is by its address: [`OwnedBy::Network`] if the kernel knows the helper for
/// it, else [`OwnedBy::Address`].
///
/// # Errors
/// Those of [`open_sockets`], for the way that was tried last.
pub fn open_sockets_by_address(options: &SocketOptions) -> Result<(Sockets, Attacher, OwnedBy), SocketError> {
    let open = |way| open_sockets(options, way).map(|(sockets, attacher)| (sockets, attacher, way));
    match open(OwnedBy::Network) {
        Err(SocketError::Refused { .. }) => open(OwnedBy::Address),
        opened => opened,
    }
}

fn map(loaded: &mut Ebpf, name: &'static str) -> Result<Map, SocketError> {
    loaded.take_map(name).ok_or_else(|| strange(name))
}

/// How lines of the verifier begin that do not say why it refused.
const STATISTICS: [&str; 3] = ["verification time", "stack depth", "processed"];

/// The program is ours: what is missing in it is a defect of this build.
fn strange(name: &'static str) -> SocketError {
    SocketError::System { step: name, source: io::Error::new(io::ErrorKind::NotFound, "not in the program") }
}

fn told(error: &EbpfError) -> SocketError {
    classify(system_error(error), error.to_string())
}

fn refused(error: &ProgramError) -> SocketError {
    match error {
        ProgramError::LoadError { io_error, verifier_log } => {
            let log = verifier_log.to_string();
            let says =
                |line: &&str| !line.trim().is_empty() && !STATISTICS.iter().any(|of| line.starts_with(of));
            let lines: Vec<_> = log.lines().rev().filter(says).take(3).collect();
            if lines.is_empty() {
                return classify(Some(copy(io_error)), io_error.to_string());
            }
            // The verifier has looked at it: it was permitted to load programs, and this one was not liked.
            let why = lines.into_iter().rev().collect::<Vec<_>>().join("; ");
            SocketError::Refused { why: format!("{io_error}: {why}") }
        }
        error => classify(system_error(error), error.to_string()),
    }
}

/// The error of the system call behind an error of the loader.
fn system_error(error: &(dyn std::error::Error + 'static)) -> Option<io::Error> {
    let mut at = Some(error);
    while let Some(error) = at {
        if let Some(found) = error.downcast_ref::<io::Error>().filter(|error| error.raw_os_error().is_some())
        {
            return Some(copy(found));
        }
        at = error.source();
    }
    None
}

fn copy(error: &io::Error) -> io::Error {
    error.raw_os_error().map_or_else(|| io::Error::other(error.to_string()), io::Error::from_raw_os_error)
}

fn classify(source: Option<io::Error>, why: String) -> SocketError {
    match source {
        Some(source) => match source.raw_os_error() {
            Some(libc::EPERM | libc::EACCES) => SocketError::NotPermitted(source),
            Some(libc::ENOSYS | libc::EOPNOTSUPP) => SocketError::NotSupported(source),
            _ if why.contains(&source.to_string()) => SocketError::Refused { why },
            _ => SocketError::Refused { why: format!("{why}: {source}") },
        },
        None => SocketError::Refused { why },
    }
}
