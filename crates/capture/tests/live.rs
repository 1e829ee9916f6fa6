//! The ring on real interfaces, in network namespaces that each test makes for itself. Needs root.
#![expect(unsafe_code, reason = "namespaces, uids of a thread and raw frames have no safe form")]

use std::ffi::CString;
use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket};
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use decode::{Frame, LinkType};
use traffic_monitor_capture::{OpenError, Poll, Ring, RingOptions};

/// Runs on a thread that has a network namespace of its own, in which loopback is up.
fn in_namespace<T: Send>(run: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let inside = scope.spawn(|| {
            // SAFETY: a system call without memory.
            let result = unsafe { libc::unshare(libc::CLONE_NEWNET) };
            assert_eq!(result, 0, "this test makes network namespaces: run it as root");
            ip("link set lo up");
            // On interfaces to come: the kernel sends nothing of its own.
            fs::write("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1").unwrap();
            run()
        });
        inside.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// Runs `near` in one namespace and `far` in another; they are to be connected by [`veth`].
fn in_two_namespaces(near: impl FnOnce(i32, mpsc::Sender<()>) + Send, far: impl FnOnce() + Send) {
    let (tell_thread, far_thread) = mpsc::channel();
    let (go, wait) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| {
            in_namespace(move || {
                // SAFETY: a system call without memory.
                tell_thread.send(unsafe { libc::gettid() }).unwrap();
                // An error means that the near side failed.
                if wait.recv().is_ok() {
                    far();
                }
            });
        });
        in_namespace(move || near(far_thread.recv().unwrap(), go));
    });
}

fn ip(arguments: &str) {
    let status = Command::new("ip").args(arguments.split(' ')).status();
    let status = status.unwrap_or_else(|error| panic!("this test needs ip (Debian: iproute2): {error}"));
    assert!(status.success(), "ip {arguments}");
}

/// Connects this namespace, at 10.9.0.1, with that of the thread, at 10.9.0.2.
fn veth(name: &str, far_thread: i32) {
    ip(&format!("link add {name} type veth peer name far0 netns {far_thread}"));
    ip(&format!("addr add 10.9.0.1/24 dev {name}"));
    ip(&format!("link set {name} up"));
}

fn open(options: &RingOptions) -> Ring {
    Ring::open(options).unwrap_or_else(|error| panic!("this test captures live, run it as root: {error}"))
}

fn options(interfaces: &[&str], mirrors: &[&str]) -> RingOptions {
    let names = |names: &[&str]| names.iter().copied().map(str::to_owned).collect();
    let vxlan_ports = vec![9999, 8473];
    RingOptions {
        interfaces: names(interfaces),
        mirrors: names(mirrors),
        vxlan_ports,
        ..RingOptions::default()
    }
}

/// A frame that was captured.
#[derive(Clone, Debug)]
struct Seen {
    time: u64,
    link: LinkType,
    bytes: Vec<u8>,
    wire_len: u32,
    interface: u32,
}

/// All frames until none has come for a while (several block time-outs).
fn drain(ring: &mut Ring) -> Vec<Seen> {
    let mut frames = Vec::new();
    let mut each = |frame: Frame<'_>| {
        let Frame { time, link, bytes, wire_len, interface } = frame;
        frames.push(Seen { time: time.as_nanos(), link, bytes: bytes.to_vec(), wire_len, interface });
    };
    while ring.poll(Duration::from_millis(400), &mut each).unwrap() != Poll::Idle {}
    frames
}

impl Seen {
    /// The protocol and the payload length of a TCP packet without extension headers.
    fn protocol_and_payload(&self) -> (u8, usize) {
        let (protocol, header) = match self.bytes[0] >> 4 {
            4 => (self.bytes[9], usize::from(self.bytes[0] & 15) * 4),
            _ => (self.bytes[6], 40),
        };
        (protocol, self.bytes.len() - header - usize::from(self.bytes[header + 12] >> 4) * 4)
    }
}

/// Returns how many bytes of TCP payload there were in all; nothing but TCP may be among the frames.
fn payload(frames: &[Seen]) -> usize {
    let one = |seen: &Seen| match seen.protocol_and_payload() {
        (6, payload) => payload,
        (other, _) => panic!("protocol {other} was delivered"),
    };
    frames.iter().map(one).sum()
}

/// Sends so many bytes over a connection to this address, and gives the interface's side back.
fn send(address: &str, bytes: usize) {
    let listener = TcpListener::bind(address).unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (mut server, _) = listener.accept().unwrap();
    thread::scope(|scope| {
        scope.spawn(|| client.write_all(&vec![7; bytes]).unwrap());
        server.read_exact(&mut vec![0; bytes]).unwrap();
    });
}

#[test]
fn loopback_is_seen_once_and_only_its_tcp() {
    in_namespace(|| {
        let mut ring = open(&RingOptions::default());
        send("127.0.0.1:0", 300_000);
        send("[::1]:0", 200_000);
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        udp.send_to(b"no tcp", udp.local_addr().unwrap()).unwrap();
        let frames = drain(&mut ring);
        assert_eq!(payload(&frames), 500_000);
        assert_eq!(ring.statistics().frames, frames.len() as u64);
        assert_eq!(ring.statistics().kernel_drops, 0);
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos() as u64;
        for seen in frames {
            assert!(now.abs_diff(seen.time) < 10_000_000_000, "{} is not now", seen.time);
            assert_eq!(seen.wire_len as usize, seen.bytes.len());
            assert_eq!(seen.interface, 1);
            assert!(matches!(seen.link, LinkType::EtherType(0x0800 | 0x86dd)));
        }
    });
}

#[test]
fn an_interface_that_appears_later_is_seen() {
    in_two_namespaces(
        |far, go| {
            let mut all = open(&RingOptions::default());
            let mut named = open(&options(&["lo", "later0"], &[]));
            let mut other = open(&options(&["lo"], &[]));
            assert_eq!(named.missing_interfaces(), ["later0"]);
            assert_eq!(drain(&mut named).len(), 0);
            veth("later0", far);
            // The ring hears of the interface while it is polled.
            assert_eq!(drain(&mut named).len(), 0);
            assert_eq!(named.missing_interfaces(), [""; 0]);

            let listener = TcpListener::bind("10.9.0.1:8080").unwrap();
            go.send(()).unwrap();
            let (mut server, _) = listener.accept().unwrap();
            server.read_exact(&mut vec![0; 100_000]).unwrap();
            send("127.0.0.1:0", 1000);

            assert_eq!(payload(&drain(&mut all)), 101_000);
            assert_eq!(payload(&drain(&mut named)), 101_000);
            assert_eq!(payload(&drain(&mut other)), 1000);

            // The far namespace ends, and the pair with it.
            drop(server);
            let end = Instant::now() + Duration::from_secs(5);
            while named.missing_interfaces().is_empty() {
                assert!(Instant::now() < end, "the end of an interface was not heard of");
                drain(&mut named);
            }
            assert_eq!(named.missing_interfaces(), ["later0"]);
        },
        || {
            ip("addr add 10.9.0.2/24 dev far0");
            ip("link set far0 up");
            let mut client = connect_patiently("10.9.0.1:8080");
            client.write_all(&vec![7; 100_000]).unwrap();
            let _ = client.read(&mut [0]);
        },
    );
}

/// The first attempts fail until the link is up.
#[expect(clippy::disallowed_methods, reason = "the one polling helper of these tests")]
fn connect_patiently(address: &str) -> TcpStream {
    let end = Instant::now() + Duration::from_secs(5);
    loop {
        match TcpStream::connect(address) {
            Ok(stream) => return stream,
            Err(error) => assert!(Instant::now() < end, "no connection: {error}"),
        }
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_full_ring_counts_its_drops() {
    in_namespace(|| {
        let mut ring = open(&RingOptions { ring_bytes: 0, ..RingOptions::default() });
        send("127.0.0.1:0", 16 * 1024 * 1024);
        let drops = ring.statistics().kernel_drops;
        assert!(drops > 0);
        let delivered = payload(&drain(&mut ring));
        assert!(delivered > 0 && delivered <= 2 * 1024 * 1024, "{delivered}");
        // They are added up, and the ring goes on.
        send("127.0.0.1:0", 1000);
        assert_eq!(payload(&drain(&mut ring)), 1000);
        assert!(ring.statistics().kernel_drops >= drops);
    });
}

/// Sends messages of this length to and fro on one connection, a pair of them each `pause`. Returns the bytes sent.
#[expect(clippy::disallowed_methods, reason = "sends at a rate")]
fn converse(pairs: usize, bytes: usize, pause: Duration) -> usize {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (mut server, _) = listener.accept().unwrap();
    let mut message = vec![b'm'; bytes];
    for _ in 0..pairs {
        client.write_all(&message).unwrap();
        server.read_exact(&mut message).unwrap();
        server.write_all(&message).unwrap();
        client.read_exact(&mut message).unwrap();
        thread::sleep(pause);
    }
    pairs * bytes * 2
}

/// While nobody reads the ring, traffic of each kind goes on for as long as it says.
#[test]
fn a_stall_loses_nothing_while_the_ring_has_room() {
    let quiet = || converse(80, 300, Duration::from_millis(50));
    let busy = || converse(10_000, 300, Duration::ZERO);
    for traffic in [quiet, busy] as [fn() -> usize; 2] {
        in_namespace(|| {
            let mut ring = open(&RingOptions::default());
            let sent = traffic();
            let seen = payload(&drain(&mut ring));
            assert_eq!((seen, ring.statistics().kernel_drops), (sent, 0));
        });
    }
}

#[test]
fn what_cannot_be_opened_is_said_with_a_remedy() {
    in_namespace(|| {
        let error = |interfaces: &[&str]| Ring::open(&options(interfaces, &[])).unwrap_err().to_string();
        assert_eq!(
            error(&["nope0"]),
            "none of the named interfaces exists (nope0): choose among lo, or name none to capture on all"
        );
        for bad in ["", "a/b", "a b", "sixteen-bytes-12"] {
            assert!(error(&[bad]).contains("cannot be the name of an interface"), "{bad}");
        }
        assert!(error(&["lo"; 257]).contains("257 interfaces are named, 256 can be"));
        // The longest program that the names can make is one that the kernel takes.
        open(&options(&["lo"; 256], &["lo"; 256]));
    });
}

#[test]
fn a_missing_capability_is_named() {
    thread::scope(|scope| {
        let unprivileged = scope.spawn(|| {
            // SAFETY: a system call without memory. Unlike the function of libc it changes this thread only; the
            // capabilities go with the uid.
            let result = unsafe { libc::syscall(libc::SYS_setresuid, 65_534, 65_534, 65_534) };
            assert_eq!(result, 0, "this test gives root up: run it as root");
            Ring::open(&RingOptions::default()).unwrap_err()
        });
        let error = unprivileged.join().unwrap();
        assert!(matches!(error, OpenError::NotPermitted));
        let message = error.to_string();
        for part in ["CAP_NET_RAW", "setcap cap_net_raw+ep", "securityContext"] {
            assert!(message.contains(part), "{message}");
        }
    });
}

/// What the kernel filter shall do with a frame.
struct Case {
    name: &'static str,
    frame: Vec<u8>,
    node: bool,
    mirror: bool,
}

fn ethernet(tags: &[u16], ether_type: u16, packet: &[u8]) -> Vec<u8> {
    let mut frame = [[0xff; 6], [2; 6]].concat();
    for tag in tags {
        frame.extend(tag.to_be_bytes());
        frame.extend([0, 5]);
    }
    frame.extend(ether_type.to_be_bytes());
    frame.extend(packet);
    frame
}

fn ipv4(protocol: u8, fragment: u16, options: usize, payload: &[u8]) -> Vec<u8> {
    let header_len = 20 + options * 4;
    let mut packet = vec![0x45 + options as u8, 0];
    packet.extend(((header_len + payload.len()) as u16).to_be_bytes());
    packet.extend([0, 1]);
    packet.extend(fragment.to_be_bytes());
    packet.extend([64, protocol, 0, 0]);
    packet.extend(Ipv4Addr::new(10, 1, 1, 1).octets());
    packet.extend(Ipv4Addr::new(10, 1, 1, 2).octets());
    packet.extend(vec![1; options * 4]);
    packet.extend(payload);
    packet
}

fn ipv6(next: u8, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x60, 0, 0, 0];
    packet.extend((payload.len() as u16).to_be_bytes());
    packet.extend([next, 64]);
    packet.extend([0xfd; 32]);
    packet.extend(payload);
    packet
}

fn udp(port: u16) -> Vec<u8> {
    let [high, low] = port.to_be_bytes();
    [[0x9c, 0x40, high, low, 0, 40, 0, 0].as_slice(), &[8; 32]].concat()
}

#[rustfmt::skip]
fn cases() -> Vec<Case> {
    let tcp = [0x55; 40];
    let case = |name, frame, node, mirror| Case { name, frame, node, mirror };
    let v4 = |packet: &[u8]| ethernet(&[], 0x0800, packet);
    let v6 = |packet: &[u8]| ethernet(&[], 0x86dd, packet);
    vec![
        case("TCP over IPv4", v4(&ipv4(6, 0, 0, &tcp)), true, true),
        case("TCP over IPv4 with options", v4(&ipv4(6, 0, 10, &tcp)), true, true),
        case("TCP over IPv6", v6(&ipv6(6, &tcp)), true, true),
        case("a first fragment", v4(&ipv4(6, 0x2000, 0, &tcp)), true, true),
        case("a later fragment", v4(&ipv4(6, 0x2010, 0, &tcp)), true, true),
        case("IPv6 with a hop-by-hop header", v6(&ipv6(0, &tcp)), true, true),
        case("IPv6 with a destination header", v6(&ipv6(60, &tcp)), true, true),
        case("IPv6 with a routing header", v6(&ipv6(43, &tcp)), true, true),
        case("an IPv6 fragment", v6(&ipv6(44, &tcp)), true, true),
        case("a VLAN tag", ethernet(&[0x8100], 0x0800, &ipv4(6, 0, 0, &tcp)), true, true),
        case("a VLAN tag and IPv6", ethernet(&[0x8100], 0x86dd, &ipv6(6, &tcp)), true, true),
        case("two VLAN tags", ethernet(&[0x88a8, 0x8100], 0x0800, &ipv4(6, 0, 0, &tcp)), true, true),
        case("three VLAN tags", ethernet(&[0x88a8, 0x8100, 0x8100], 0x86dd, &ipv6(6, &tcp)), true, true),
        case("UDP behind a VLAN tag", ethernet(&[0x8100], 0x0800, &ipv4(17, 0, 0, &udp(53))), false, false),
        case("UDP behind two VLAN tags", ethernet(&[0x88a8, 0x8100], 0x86dd, &ipv6(17, &udp(53))), false, false),
        case("ARP", ethernet(&[], 0x0806, &[0; 28]), false, false),
        case("ARP behind a VLAN tag", ethernet(&[0x8100], 0x0806, &[0; 28]), false, false),
        case("ICMP", v4(&ipv4(1, 0, 0, &tcp)), false, false),
        case("ICMPv6", v6(&ipv6(58, &tcp)), false, false),
        case("UDP", v4(&ipv4(17, 0, 0, &udp(53))), false, false),
        case("VXLAN", v4(&ipv4(17, 0, 0, &udp(4789))), false, true),
        case("VXLAN on its old port, with IP options", v4(&ipv4(17, 0, 3, &udp(8472))), false, true),
        case("VXLAN over IPv6", v6(&ipv6(17, &udp(4789))), false, true),
        case("VXLAN behind a VLAN tag", ethernet(&[0x8100], 0x0800, &ipv4(17, 0, 0, &udp(4789))), false, true),
        case("Geneve", v4(&ipv4(17, 0, 0, &udp(6081))), false, true),
        case("VXLAN on a port that is named", v4(&ipv4(17, 0, 0, &udp(8473))), false, true),
        case("VXLAN on a port that is not", v4(&ipv4(17, 0, 0, &udp(8474))), false, false),
        case("TZSP", v4(&ipv4(17, 0, 0, &udp(37008))), false, true),
        case("a later fragment of UDP", v4(&ipv4(17, 0x0010, 0, &udp(4789))), false, true),
        case("MPLS", ethernet(&[], 0x8847, &[0x11; 60]), false, true),
        case("MPLS behind a VLAN tag", ethernet(&[0x8100], 0x8847, &[0x12; 60]), false, true),
        case("PPPoE", ethernet(&[], 0x8864, &[0x13; 60]), false, true),
        case("PPPoE behind two VLAN tags", ethernet(&[0x88a8, 0x8100], 0x8864, &[0x14; 60]), false, true),
        case("PPPoE discovery", ethernet(&[], 0x8863, &[0x15; 60]), false, false),
        case("GRE", v4(&ipv4(47, 0, 0, &tcp)), false, true),
        case("IP in IP", v4(&ipv4(4, 0, 0, &tcp)), false, true),
        case("IPv6 in IPv4", v4(&ipv4(41, 0, 0, &tcp)), false, true),
        case("GRE over IPv6", v6(&ipv6(47, &tcp)), false, true),
        case("a cut IPv4 header", v4(&[0x45]), false, false),
    ]
}

fn index(interface: &str) -> u32 {
    let name = CString::new(interface).unwrap();
    // SAFETY: a string that ends with a zero and lives during the call.
    unsafe { libc::if_nametoindex(name.as_ptr()) }
}

/// Sends a frame out of an interface as it is.
fn inject(interface: &str, frame: &[u8]) {
    // SAFETY: plain system calls with memory that lives during them; zero is a valid address to fill in.
    let sent = unsafe {
        let socket = libc::socket(libc::AF_PACKET, libc::SOCK_RAW, 0);
        let mut address: libc::sockaddr_ll = std::mem::zeroed();
        address.sll_family = libc::AF_PACKET as u16;
        address.sll_ifindex = index(interface).cast_signed();
        let len = size_of::<libc::sockaddr_ll>() as u32;
        let sent =
            libc::sendto(socket, frame.as_ptr().cast(), frame.len(), 0, (&raw const address).cast(), len);
        libc::close(socket);
        sent
    };
    assert_eq!(sent, frame.len() as isize, "{}", std::io::Error::last_os_error());
}

/// Names of the cases that a ring delivers when they are sent.
fn delivered(ring: &mut Ring, interface: &str, cases: &[Case]) -> Vec<&'static str> {
    let mut names = Vec::new();
    for case in cases {
        inject(interface, &case.frame);
    }
    for seen in drain(ring) {
        let name = cases.iter().find(|case| case.frame.ends_with(&seen.bytes) && !names.contains(&case.name));
        names.push(name.unwrap_or_else(|| panic!("{seen:x?} was not sent")).name);
    }
    names
}

#[test]
fn the_kernel_filter_passes_tcp_and_on_mirrors_tunnels() {
    in_namespace(|| {
        ip("link add out0 type veth peer name in0");
        ip("link set out0 up");
        ip("link set in0 up");
        let cases = cases();
        // The far end sees the frames arrive, the near one sees them leave.
        for interface in ["in0", "out0"] {
            let mut node = open(&options(&[interface], &[]));
            let passed: Vec<_> = cases.iter().filter(|case| case.node).map(|case| case.name).collect();
            assert_eq!(delivered(&mut node, "out0", &cases), passed, "{interface}");

            let mut mirror = open(&options(&["lo"], &[interface]));
            assert_eq!(mirror.mirrors(), vec![index(interface)]);
            // Where frames leave, kernels say neither the tag nor what is behind it.
            let unseen = ["MPLS behind a VLAN tag", "PPPoE behind two VLAN tags"];
            let is_seen = |case: &&Case| case.mirror && (interface == "in0" || !unseen.contains(&case.name));
            let passed: Vec<_> = cases.iter().filter(is_seen).map(|case| case.name).collect();
            let both: Vec<_> = delivered(&mut mirror, "out0", &cases);
            assert_eq!(both, passed, "{interface}");
        }
    });
}
