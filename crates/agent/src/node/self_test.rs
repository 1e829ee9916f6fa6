//! A request of our own, which capture at sockets must see: what the kernel allows and what it does are two things.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use capture::{Attacher, Sockets};
use decode::{SocketHeader, SocketKey};

use super::cgroups;

/// How often it is tried.
const ATTEMPTS: u32 = 4;
/// How long a request may take to show; it takes some milliseconds.
const PATIENCE: Duration = Duration::from_millis(500);
/// The number of our own cgroup: the last one, which nothing else gets.
pub(crate) const NUMBER: u32 = SocketKey::TARGETS;
/// Nobody else's: all of 127/8 is this host.
pub(crate) const ADDRESS: Ipv4Addr = Ipv4Addr::new(127, 83, 71, 19);
const REQUEST: &[u8] = b"GET /traffic-monitor-self-test HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// Sends a request over loopback, from this process to itself, and sees whether it is captured by the cgroup of this process.
/// Takes note of nothing.
///
/// # Errors
/// Why it is not, in words.
pub(crate) fn of_cgroups(sockets: &mut Sockets, attacher: &mut Attacher, root: &Path) -> Result<(), String> {
    let own = cgroups::own(root).ok_or_else(|| {
        format!("the cgroup of this process is not below {}: is it the node's tree?", root.display())
    })?;
    let listener = listen()?;
    let attached = attacher.attach(&own, NUMBER).map_err(|error| error.to_string())?;
    let seen = ask_and_look(sockets, &listener);
    attacher.detach(attached);
    seen
}

/// The same by the address of the request, from the root of the tree.
///
/// # Errors
/// Why it is not, in words.
pub(crate) fn of_addresses(
    sockets: &mut Sockets,
    attacher: &mut Attacher,
    root: &Path,
) -> Result<(), String> {
    let listener = listen()?;
    let address = listener.local_addr().map_err(|error| error.to_string())?.ip();
    let attached = attacher.attach_owned(root).map_err(|error| error.to_string())?;
    let seen = match attacher.own(address, NUMBER) {
        Ok(()) => ask_and_look(sockets, &listener),
        Err(error) => Err(format!("the addresses of pods cannot be told to the kernel: {error}")),
    };
    attacher.disown(address);
    attacher.detach(attached);
    seen
}

fn listen() -> Result<TcpListener, String> {
    let places = [SocketAddr::from((ADDRESS, 0)), SocketAddr::from((Ipv6Addr::LOCALHOST, 0))];
    TcpListener::bind(&places[..]).map_err(|error| format!("the self-test has no loopback: {error}"))
}

/// Asks until a request is seen. One may not be: where the cgroup is shared with busy servers, new connections are refused
/// while the ring is filling.
fn ask_and_look(sockets: &mut Sockets, listener: &TcpListener) -> Result<(), String> {
    for _ in 0..ATTEMPTS {
        if ask_once(sockets, listener).map_err(|error| format!("the self-test has no loopback: {error}"))? {
            return Ok(());
        }
    }
    Err("a request of our own was not seen: the kernel does not run the program".into())
}

fn ask_once(sockets: &mut Sockets, listener: &TcpListener) -> io::Result<bool> {
    let address = listener.local_addr()?;
    let mut client = TcpStream::connect(address)?;
    client.write_all(REQUEST)?;
    let (mut server, _) = listener.accept()?;
    server.set_read_timeout(Some(PATIENCE))?;
    server.read_exact(&mut vec![0; REQUEST.len()])?;
    let start = Instant::now();
    let mut seen = false;
    while !seen && start.elapsed() < PATIENCE {
        sockets.poll(PATIENCE, |frame| {
            let Some((header, payload)) = SocketHeader::read(frame.bytes) else { return };
            seen |= header.target == NUMBER && header.local == address && payload == REQUEST;
        })?;
    }
    Ok(seen)
}
