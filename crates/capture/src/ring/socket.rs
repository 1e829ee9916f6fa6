//! The system calls of packet sockets, of the news about interfaces, and of waiting for both.
#![expect(unsafe_code, reason = "system calls that have no safe form")]

use std::ffi::{CStr, CString, c_int, c_void};
use std::io;
use std::mem::{size_of, zeroed};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::ptr;
use std::time::Duration;

use super::OpenError;

/// `tp_frame_size` says nothing in version 3, but must divide the block and be longer than a header.
const FRAME_BYTES: usize = 2048;
/// News about interfaces are thrown away unread: only that there were some counts.
const NEWS_BYTES: usize = 8192;

/// A packet socket of type `SOCK_DGRAM`: frames begin at their network header, whatever the link.
#[derive(Debug)]
pub(super) struct PacketSocket(OwnedFd);

impl PacketSocket {
    /// Opens a socket that receives nothing until it is bound.
    pub(super) fn open() -> Result<PacketSocket, OpenError> {
        socket(libc::AF_PACKET, libc::SOCK_DGRAM, 0).map(PacketSocket).map_err(|source| {
            match source.raw_os_error() {
                Some(libc::EPERM | libc::EACCES) => OpenError::NotPermitted,
                Some(libc::EAFNOSUPPORT | libc::EPROTONOSUPPORT | libc::ESOCKTNOSUPPORT) => {
                    OpenError::NotSupported(source)
                }
                _ => OpenError::System { step: "opening a packet socket", source },
            }
        })
    }

    /// Gives the socket a kernel filter, in place of the one before without a gap.
    pub(super) fn attach_filter(&self, program: &[libc::sock_filter]) -> Result<(), OpenError> {
        let program = libc::sock_fprog { len: program.len() as u16, filter: program.as_ptr().cast_mut() };
        self.set(libc::SOL_SOCKET, libc::SO_ATTACH_FILTER, &program)
            .map_err(|source| OpenError::System { step: "attaching the kernel filter", source })
    }

    /// Lets an interface receive frames that are addressed to others, as long as this socket is open.
    pub(super) fn make_promiscuous(&self, interface: u32) -> Result<(), OpenError> {
        let membership = libc::packet_mreq {
            mr_ifindex: interface.cast_signed(),
            mr_type: libc::PACKET_MR_PROMISC as u16,
            mr_alen: 0,
            mr_address: [0; 8],
        };
        match self.set(libc::SOL_PACKET, libc::PACKET_ADD_MEMBERSHIP, &membership) {
            // Gone again already: the next news will say so.
            Err(source) if source.raw_os_error() == Some(libc::ENODEV) => Ok(()),
            Err(source) => Err(OpenError::System { step: "making a mirror interface promiscuous", source }),
            Ok(()) => Ok(()),
        }
    }

    /// Makes the ring, to be mapped afterwards.
    pub(super) fn make_ring(
        &self,
        block_bytes: usize,
        blocks: usize,
        retire_milliseconds: u32,
    ) -> io::Result<()> {
        let version = libc::tpacket_versions::TPACKET_V3 as c_int;
        self.set(libc::SOL_PACKET, libc::PACKET_VERSION, &version)?;
        let request = libc::tpacket_req3 {
            tp_block_size: block_bytes as u32,
            tp_block_nr: blocks as u32,
            tp_frame_size: FRAME_BYTES as u32,
            tp_frame_nr: (block_bytes / FRAME_BYTES * blocks) as u32,
            tp_retire_blk_tov: retire_milliseconds,
            tp_sizeof_priv: 0,
            tp_feature_req_word: 0,
        };
        self.set(libc::SOL_PACKET, libc::PACKET_RX_RING, &request)
    }

    /// Begins to receive, on all interfaces, packets that come and packets that leave.
    pub(super) fn bind_to_all(&self) -> Result<(), OpenError> {
        // SAFETY: a struct of numbers, for which zero is valid.
        let mut address: libc::sockaddr_ll = unsafe { zeroed() };
        address.sll_family = libc::AF_PACKET as u16;
        address.sll_protocol = (libc::ETH_P_ALL as u16).to_be();
        bind(&self.0, &address).map_err(|source| OpenError::System {
            step: "binding the packet socket to all interfaces",
            source,
        })
    }

    /// Returns how many frames the kernel dropped since the last call (`PACKET_STATISTICS` starts again when read).
    pub(super) fn drops_since_asked(&self) -> u64 {
        // SAFETY: a struct of numbers, for which zero is valid.
        let mut statistics: libc::tpacket_stats_v3 = unsafe { zeroed() };
        let mut len = size_of::<libc::tpacket_stats_v3>() as libc::socklen_t;
        let into = ptr::from_mut(&mut statistics).cast::<c_void>();
        // SAFETY: `into` has room for `len` bytes. When the call fails, the counts stay 0.
        unsafe {
            libc::getsockopt(self.0.as_raw_fd(), libc::SOL_PACKET, libc::PACKET_STATISTICS, into, &mut len)
        };
        u64::from(statistics.tp_drops)
    }

    fn set<T>(&self, level: c_int, option: c_int, value: &T) -> io::Result<()> {
        let len = size_of::<T>() as libc::socklen_t;
        // SAFETY: the value lives during the call, and `len` is its length.
        let result = unsafe {
            libc::setsockopt(self.0.as_raw_fd(), level, option, ptr::from_ref(value).cast::<c_void>(), len)
        };
        succeeded(result)
    }
}

impl AsFd for PacketSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// A netlink socket that hears when interfaces come, go or are renamed (`rtnetlink(7)`).
#[derive(Debug)]
pub(super) struct LinkChanges(OwnedFd);

impl LinkChanges {
    pub(super) fn open() -> Result<LinkChanges, OpenError> {
        let failed = |source| OpenError::System { step: "listening for new interfaces", source };
        let socket = socket(libc::AF_NETLINK, libc::SOCK_RAW, libc::NETLINK_ROUTE).map_err(failed)?;
        // SAFETY: a struct of numbers, for which zero is valid.
        let mut address: libc::sockaddr_nl = unsafe { zeroed() };
        address.nl_family = libc::AF_NETLINK as u16;
        address.nl_groups = libc::RTMGRP_LINK as u32;
        bind(&socket, &address).map_err(failed)?;
        Ok(LinkChanges(socket))
    }

    /// Throws the news away and returns whether there were any. News that were lost (`ENOBUFS`) are news too.
    pub(super) fn drain(&self) -> bool {
        let mut news = [0_u8; NEWS_BYTES];
        let mut any = false;
        loop {
            // SAFETY: the buffer has room for the length given.
            let read = unsafe { libc::recv(self.0.as_raw_fd(), news.as_mut_ptr().cast(), NEWS_BYTES, 0) };
            if read < 0 && io::Error::last_os_error().raw_os_error() != Some(libc::ENOBUFS) {
                return any;
            }
            any = true;
        }
    }

    pub(super) fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Waits until a block is ready, interfaces change, or the time is over.
pub(super) fn wait(
    packets: &PacketSocket,
    changes: Option<BorrowedFd<'_>>,
    timeout: Duration,
) -> io::Result<()> {
    let watch = |fd: c_int| libc::pollfd { fd, events: libc::POLLIN, revents: 0 };
    // A negative descriptor is passed over.
    let mut watched = [watch(packets.0.as_raw_fd()), watch(changes.map_or(-1, |fd| fd.as_raw_fd()))];
    // Rounded up: a short wait must not become none at all.
    let milliseconds = c_int::try_from(timeout.as_micros().div_ceil(1000)).unwrap_or(c_int::MAX);
    // SAFETY: the array lives during the call and has the length given.
    let ready = unsafe { libc::poll(watched.as_mut_ptr(), watched.len() as libc::nfds_t, milliseconds) };
    if ready < 0 {
        let error = io::Error::last_os_error();
        return if error.kind() == io::ErrorKind::Interrupted { Ok(()) } else { Err(error) };
    }
    if watched[0].revents & libc::POLLERR != 0 { Err(pending_error(&packets.0)) } else { Ok(()) }
}

/// Returns the number of the interface with this name, if there is one.
pub(super) fn index_of(name: &str) -> Option<u32> {
    let name = CString::new(name).ok()?;
    // SAFETY: a string that ends with a zero and lives during the call.
    Some(unsafe { libc::if_nametoindex(name.as_ptr()) }).filter(|index| *index != 0)
}

/// Returns the names of all interfaces.
pub(super) fn names() -> Vec<String> {
    let mut names = Vec::new();
    // SAFETY: the list that the call gives ends with a zero index, and is freed once, after its last use.
    unsafe {
        let list = libc::if_nameindex();
        let mut entry = list;
        while !entry.is_null() && (*entry).if_index != 0 {
            names.push(CStr::from_ptr((*entry).if_name).to_string_lossy().into_owned());
            entry = entry.add(1);
        }
        if !list.is_null() {
            libc::if_freenameindex(list);
        }
    }
    names
}

fn socket(family: c_int, kind: c_int, protocol: c_int) -> io::Result<OwnedFd> {
    // SAFETY: the call has no arguments in memory.
    let descriptor =
        unsafe { libc::socket(family, kind | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK, protocol) };
    succeeded(descriptor)?;
    // SAFETY: the descriptor is new and nobody else's.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor) })
}

fn bind<T>(socket: &OwnedFd, address: &T) -> io::Result<()> {
    let len = size_of::<T>() as libc::socklen_t;
    // SAFETY: the address lives during the call, and `len` is its length.
    succeeded(unsafe { libc::bind(socket.as_raw_fd(), ptr::from_ref(address).cast(), len) })
}

fn pending_error(socket: &OwnedFd) -> io::Error {
    let mut number: c_int = 0;
    let mut len = size_of::<c_int>() as libc::socklen_t;
    let into = ptr::from_mut(&mut number).cast::<c_void>();
    // SAFETY: `into` has room for `len` bytes.
    let result =
        unsafe { libc::getsockopt(socket.as_raw_fd(), libc::SOL_SOCKET, libc::SO_ERROR, into, &mut len) };
    succeeded(result).err().unwrap_or_else(|| io::Error::from_raw_os_error(number))
}

fn succeeded(result: c_int) -> io::Result<()> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
