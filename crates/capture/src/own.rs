//! The TCP connections of this process.
#![expect(unsafe_code, reason = "descriptors are asked by number, which has no safe form")]

use std::ffi::c_int;
use std::fs;
use std::io;
use std::mem::{MaybeUninit, size_of};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Returns both ends of the TCP connections of this process, its own first.
///
/// # Errors
/// `/proc/self/fd` cannot be read.
pub fn own_connections() -> io::Result<Vec<(SocketAddr, SocketAddr)>> {
    let mut all = Vec::new();
    for entry in fs::read_dir("/proc/self/fd")? {
        let name = entry?.file_name();
        let number = name.to_str().and_then(|name| name.parse().ok());
        all.extend(number.filter(|number| is_stream(*number)).and_then(ends));
    }
    Ok(all)
}

/// Returns whether this descriptor is a stream socket. It may be closed, or be another one by now: then the answer is that
/// of what it is.
fn is_stream(number: c_int) -> bool {
    let mut kind: c_int = 0;
    let mut length = size_of::<c_int>() as libc::socklen_t;
    // SAFETY: the kernel writes at most `length` bytes into `kind`; a number that is no socket is an error.
    let asked = unsafe {
        libc::getsockopt(number, libc::SOL_SOCKET, libc::SO_TYPE, (&raw mut kind).cast(), &raw mut length)
    };
    asked == 0 && kind == libc::SOCK_STREAM
}

/// Returns the own end of a connection and the other one.
fn ends(number: c_int) -> Option<(SocketAddr, SocketAddr)> {
    Some((address(number, libc::getsockname)?, address(number, libc::getpeername)?))
}

/// `getsockname(2)` or `getpeername(2)`.
type Ask = unsafe extern "C" fn(c_int, *mut libc::sockaddr, *mut libc::socklen_t) -> c_int;

/// Returns what `ask` says of this descriptor, if that is an address of the internet.
fn address(number: c_int, ask: Ask) -> Option<SocketAddr> {
    let mut place = MaybeUninit::<libc::sockaddr_storage>::zeroed();
    let mut length = size_of::<libc::sockaddr_storage>() as libc::socklen_t;
    // SAFETY: the kernel writes at most `length` bytes into `place`; a number that is no socket is an error.
    if unsafe { ask(number, place.as_mut_ptr().cast(), &raw mut length) } != 0 {
        return None;
    }
    // SAFETY: all-zero is valid, and what the kernel wrote is an address.
    let storage = unsafe { place.assume_init() };
    match c_int::from(storage.ss_family) {
        libc::AF_INET => {
            // SAFETY: an address of this family is a `sockaddr_in`, for which there is room.
            let v4 = unsafe { (&raw const storage).cast::<libc::sockaddr_in>().read() };
            let ip = Ipv4Addr::from_bits(u32::from_be(v4.sin_addr.s_addr));
            Some(SocketAddr::new(ip.into(), u16::from_be(v4.sin_port)))
        }
        libc::AF_INET6 => {
            // SAFETY: an address of this family is a `sockaddr_in6`, for which there is room.
            let v6 = unsafe { (&raw const storage).cast::<libc::sockaddr_in6>().read() };
            let ip = IpAddr::from(Ipv6Addr::from_octets(v6.sin6_addr.s6_addr)).to_canonical();
            Some(SocketAddr::new(ip, u16::from_be(v6.sin6_port)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream, UdpSocket};

    use super::*;

    #[test]
    fn connections_are_found_as_long_as_they_stand_and_nothing_else_is() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let six = TcpListener::bind("[::]:0").unwrap();
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        udp.connect("127.0.0.1:9").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let ends = |stream: &TcpStream| (stream.local_addr().unwrap(), stream.peer_addr().unwrap());
        let first = ends(&client);
        // By an address of the other family, as the client of a socket for both has it.
        let mapped = TcpStream::connect(("127.0.0.1", six.local_addr().unwrap().port())).unwrap();
        let (accepted, _) = six.accept().unwrap();
        let all = own_connections().unwrap();
        for connection in [first, ends(&mapped)] {
            assert!(all.contains(&connection), "{connection:?} in {all:?}");
        }
        let served = SocketAddr::new([127, 0, 0, 1].into(), accepted.local_addr().unwrap().port());
        assert!(all.contains(&(served, mapped.local_addr().unwrap())), "{served} in {all:?}");
        for other in [listener.local_addr().unwrap(), udp.local_addr().unwrap()] {
            assert!(all.iter().all(|(local, _)| *local != other), "{other} in {all:?}");
        }
        drop(client);
        assert!(!own_connections().unwrap().contains(&first));
    }
}
