//! A request of our own, which capture at sockets must see: what the kernel allows and what it does are two things.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use capture::{Attacher, FrameSource, SocketHeader, Sockets};
use decode::SocketKey;

use crate::cgroups;

/// How long the request may take to show; it takes some milliseconds.
const PATIENCE: Duration = Duration::from_secs(2);
/// The number of our own cgroup meanwhile: the last one, which nothing else gets.
const NUMBER: u32 = SocketKey::TARGETS;
const REQUEST: &[u8] = b"GET /traffic-monitor-self-test HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// Sends a request over loopback, from this process to itself, and sees whether it is captured. Takes note of nothing.
///
/// # Errors
/// Why it is not, in words.
pub(crate) fn run(sockets: &mut Sockets, attacher: &mut Attacher, root: &Path) -> Result<(), String> {
    let own = cgroups::own(root).ok_or_else(|| {
        format!("the cgroup of this process is not below {}: is it the node's tree?", root.display())
    })?;
    let attached = attacher.attach(&own, NUMBER).map_err(|error| error.to_string())?;
    let seen = ask_and_look(sockets);
    attacher.detach(attached);
    // Whatever else came in meanwhile is nobody's.
    while matches!(sockets.poll(Duration::ZERO, |_| {}), Ok(capture::Poll::Frames(_))) {}
    seen
}

fn ask_and_look(sockets: &mut Sockets) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("the self-test has no loopback: {error}");
    let places = [SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), SocketAddr::from((Ipv6Addr::LOCALHOST, 0))];
    let listener = TcpListener::bind(&places[..]).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let mut client = TcpStream::connect(address).map_err(failed)?;
    client.write_all(REQUEST).map_err(failed)?;
    let (mut server, _) = listener.accept().map_err(failed)?;
    server.set_read_timeout(Some(PATIENCE)).map_err(failed)?;
    server.read_exact(&mut vec![0; REQUEST.len()]).map_err(failed)?;
    let start = Instant::now();
    let mut seen = false;
    while !seen && start.elapsed() < PATIENCE {
        let polled = sockets.poll(PATIENCE, |frame| {
            let Some((header, payload)) = SocketHeader::read(frame.bytes) else { return };
            seen |= header.target == NUMBER && header.local == address && payload == REQUEST;
        });
        polled.map_err(|error| error.to_string())?;
    }
    if seen {
        Ok(())
    } else {
        Err("a request of our own was not seen: the kernel does not run the program".into())
    }
}
