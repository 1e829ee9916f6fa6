//! The few calls of bpf(2) that `aya` has no form of: programs for many places of a file (`uprobe_multi`), and iterators
//! beside them in one object. The structs are parts of `union bpf_attr` (linux/bpf.h).
#![expect(unsafe_code, reason = "bpf(2) takes numbers and addresses")]

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

use aya_obj::generated::bpf_insn;

const PROG_LOAD: i64 = 5;
const LINK_CREATE: i64 = 28;
const ITER_CREATE: i64 = 33;

/// What a program is (`enum bpf_prog_type`), and where it is attached (`enum bpf_attach_type`).
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// For many places of a file, since Linux 6.6.
    Uprobes,
    /// An iterator over what this type of the kernel says.
    Iterator {
        /// The number of the type in the kernel's BTF.
        btf: u32,
    },
}

impl Kind {
    fn program_type(self) -> u32 {
        match self {
            Kind::Uprobes => 2,
            Kind::Iterator { .. } => 26,
        }
    }

    fn attach_type(self) -> u32 {
        match self {
            Kind::Uprobes => 48,
            Kind::Iterator { .. } => 28,
        }
    }
}

#[repr(C)]
#[derive(Default)]
struct Load {
    program_type: u32,
    instructions_len: u32,
    instructions: u64,
    license: u64,
    log_level: u32,
    log_size: u32,
    log: u64,
    kernel_version: u32,
    flags: u32,
    name: [u8; 16],
    interface: u32,
    expected_attach_type: u32,
    /// Of debugging, which is not used.
    unused: [u32; 9],
    attach_btf_id: u32,
    attach_program: u32,
    reserved: u32,
}

#[repr(C)]
#[derive(Default)]
struct Link {
    program: u32,
    target: u32,
    attach_type: u32,
    flags: u32,
    /// For uprobes: the path of the file, arrays of offsets, of counters (none), and of cookies.
    path: u64,
    offsets: u64,
    counters: u64,
    cookies: u64,
    len: u32,
    link_flags: u32,
    process: u32,
    reserved: u32,
}

/// Loads a program. What the verifier says of it goes to `log`, if that has room.
pub(super) fn load(
    kind: Kind,
    instructions: &[bpf_insn],
    license: &CStr,
    log: &mut [u8],
) -> io::Result<OwnedFd> {
    let load = Load {
        program_type: kind.program_type(),
        instructions_len: u32::try_from(instructions.len()).map_err(io::Error::other)?,
        instructions: instructions.as_ptr() as u64,
        license: license.as_ptr() as u64,
        log_level: u32::from(!log.is_empty()),
        log_size: u32::try_from(log.len()).map_err(io::Error::other)?,
        log: if log.is_empty() { 0 } else { log.as_mut_ptr() as u64 },
        expected_attach_type: kind.attach_type(),
        attach_btf_id: if let Kind::Iterator { btf } = kind { btf } else { 0 },
        ..Load::default()
    };
    // SAFETY: the instructions, the license and the log live during the call, with the lengths that are given.
    unsafe { call(PROG_LOAD, &load) }
}

/// Attaches a program to places of the file at a path, each with its cookie. They are detached when the link is closed, by
/// whoever has it last.
pub(super) fn attach(
    program: BorrowedFd<'_>,
    path: &CStr,
    places: &[u64],
    cookies: &[u64],
) -> io::Result<OwnedFd> {
    if places.len() != cookies.len() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let link = Link {
        program: number(program.as_raw_fd()),
        attach_type: Kind::Uprobes.attach_type(),
        path: path.as_ptr() as u64,
        offsets: places.as_ptr() as u64,
        cookies: cookies.as_ptr() as u64,
        len: u32::try_from(places.len()).map_err(io::Error::other)?,
        ..Link::default()
    };
    // SAFETY: the path ends with a zero, both arrays have the length that is given, and all live during the call.
    unsafe { call(LINK_CREATE, &link) }
}

/// Makes a link of an iterator, of which [`iterate`] makes readers.
pub(super) fn link_iterator(program: BorrowedFd<'_>) -> io::Result<OwnedFd> {
    let attach_type = Kind::Iterator { btf: 0 }.attach_type();
    let link = Link { program: number(program.as_raw_fd()), attach_type, ..Link::default() };
    // SAFETY: there are no addresses in it.
    unsafe { call(LINK_CREATE, &link) }
}

/// Begins to read an iterator: what is read from the descriptor is what its program writes.
pub(super) fn iterate(link: BorrowedFd<'_>) -> io::Result<OwnedFd> {
    // SAFETY: there are no addresses in it.
    unsafe { call(ITER_CREATE, &[number(link.as_raw_fd()), 0]) }
}

/// # Safety
/// What the struct has addresses of must be there during the call, with the lengths that it says.
unsafe fn call<T>(command: i64, attributes: &T) -> io::Result<OwnedFd> {
    // SAFETY: the struct lives during the call and has the size that is given; for the rest the caller answers.
    let result =
        unsafe { libc::syscall(libc::SYS_bpf, command, std::ptr::from_ref(attributes), size_of::<T>()) };
    match RawFd::try_from(result) {
        // SAFETY: a new descriptor that nothing else owns.
        Ok(fd) if fd >= 0 => Ok(unsafe { OwnedFd::from_raw_fd(fd) }),
        _ => Err(io::Error::last_os_error()),
    }
}

/// An open descriptor, which is never negative.
fn number(fd: RawFd) -> u32 {
    fd.unsigned_abs()
}
