//! What this host is: its addresses, and a private network of its own for the demo.
#![expect(unsafe_code, reason = "system calls that have no safe form")]

use std::fs;
use std::io;
use std::mem::zeroed;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::ptr;

/// Returns the addresses of all interfaces of this network namespace, loopback included (`getifaddrs(3)`).
///
/// # Errors
/// Those of `getifaddrs`.
pub fn local_addresses() -> io::Result<Vec<IpAddr>> {
    let mut first = ptr::null_mut();
    // SAFETY: `first` is a place for one pointer, which the call fills with a list that is freed below.
    if unsafe { libc::getifaddrs(&raw mut first) } != 0 {
        return Err(io::Error::last_os_error());
    }
    let mut addresses = Vec::new();
    let mut entry = first;
    // SAFETY: `entry` is null or one entry of the list, which lives until it is freed.
    while let Some(interface) = unsafe { entry.as_ref() } {
        // SAFETY: the address is null or valid as long as its entry.
        addresses.extend(unsafe { address(interface.ifa_addr) });
        entry = interface.ifa_next;
    }
    // SAFETY: the list came from `getifaddrs`, and nothing borrows from it any more.
    unsafe { libc::freeifaddrs(first) };
    Ok(addresses)
}

/// # Safety
/// `address` must be null, or point to a socket address of the length that its family has.
unsafe fn address(address: *const libc::sockaddr) -> Option<IpAddr> {
    // SAFETY: by the caller's promise; `sa_family` is there in every socket address.
    match i32::from(unsafe { address.as_ref() }?.sa_family) {
        libc::AF_INET => {
            // SAFETY: an address of this family is a `sockaddr_in`.
            let v4 = unsafe { ptr::read_unaligned(address.cast::<libc::sockaddr_in>()) };
            Some(Ipv4Addr::from_bits(u32::from_be(v4.sin_addr.s_addr)).into())
        }
        libc::AF_INET6 => {
            // SAFETY: an address of this family is a `sockaddr_in6`.
            let v6 = unsafe { ptr::read_unaligned(address.cast::<libc::sockaddr_in6>()) };
            Some(Ipv6Addr::from_octets(v6.sin6_addr.s6_addr).into())
        }
        _ => None,
    }
}

/// Moves this process into a user namespace of its own, where it is root, and a network namespace of its own, with
/// nothing but loopback (`user_namespaces(7)`): there it may capture, without any right outside. Must be called while
/// the process has one thread.
///
/// # Errors
/// The system does not let this user make namespaces, or the process has several threads.
pub fn enter_private_network() -> io::Result<()> {
    // SAFETY: plain calls without pointers.
    let (user, group) = unsafe { (libc::geteuid(), libc::getegid()) };
    // SAFETY: as above; it changes only this process.
    if unsafe { libc::unshare(libc::CLONE_NEWUSER | libc::CLONE_NEWNET) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // The order is prescribed: a group can be mapped by an ordinary user only after giving up setgroups(2).
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/uid_map", format!("0 {user} 1"))?;
    fs::write("/proc/self/gid_map", format!("0 {group} 1"))?;
    bring_up_loopback()
}

fn bring_up_loopback() -> io::Result<()> {
    // SAFETY: a plain call; the result is checked before it is owned.
    let socket = match unsafe { libc::socket(libc::AF_INET, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0) } {
        -1 => return Err(io::Error::last_os_error()),
        // SAFETY: a new descriptor that nothing else owns.
        socket => unsafe { OwnedFd::from_raw_fd(socket) },
    };
    // SAFETY: all-zero is a valid value of this C structure.
    let mut request: libc::ifreq = unsafe { zeroed() };
    for (to, from) in request.ifr_name.iter_mut().zip(b"lo") {
        *to = from.cast_signed();
    }
    request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING) as i16;
    // SAFETY: the request is a valid `ifreq` for this call, which only reads it.
    match unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS, &raw const request) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_among_the_addresses() {
        assert!(local_addresses().unwrap().contains(&IpAddr::V4(Ipv4Addr::LOCALHOST)));
    }
}
