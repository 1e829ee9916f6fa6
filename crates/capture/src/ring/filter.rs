//! The kernel filter: a classic BPF program (`Documentation/networking/filter.rst`) that passes what can be TCP.

use libc::sock_filter;

/// Interfaces that can be named, ordinary and mirror ones each. The program grows with them and may have 4096
/// instructions.
pub(super) const MAX_INTERFACES: usize = 256;
/// UDP ports of VXLAN that can be named: what is left of the program.
pub(super) const MAX_PORTS: usize = 256;

// Ancillary data, at negative offsets from SKF_AD_OFF.
const PROTOCOL: u32 = ancillary(libc::SKF_AD_PROTOCOL);
const PACKET_TYPE: u32 = ancillary(libc::SKF_AD_PKTTYPE);
const INTERFACE: u32 = ancillary(libc::SKF_AD_IFINDEX);
const HARDWARE_TYPE: u32 = ancillary(libc::SKF_AD_HATYPE);

const IPV4: u32 = 0x0800;
const IPV6: u32 = 0x86dd;
const VLAN: [u32; 3] = [0x8100, 0x88a8, 0x9100];

const TCP: u32 = 6;
const UDP: u32 = 17;
/// IPv4, IPv6 and GRE inside of IP.
const IP_TUNNELS: [u32; 3] = [4, 41, 47];
/// VXLAN (of IANA, its extension, and of old Linux), Geneve and TZSP.
const UDP_TUNNELS: [u32; 5] = [4789, 4790, 8472, 6081, 37008];
/// What stands before IP on some links: MPLS to one and to many, PPPoE.
const WRAPPINGS: [u32; 3] = [0x8847, 0x8848, 0x8864];
/// Headers of IPv6 that TCP may follow: hop-by-hop, routing, fragment, authentication, destination options, mobility.
/// What follows is looked at in user space.
const EXTENSION_HEADERS: [u32; 6] = [0, 43, 44, 51, 60, 135];

const fn ancillary(field: i32) -> u32 {
    (libc::SKF_AD_OFF + field).cast_unsigned()
}

/// A place in the program that jumps lead to.
#[derive(Clone, Copy)]
struct Label(usize);

/// What an instruction is before the places of the labels are known.
enum Line {
    Plain(sock_filter),
    /// Goes on at the label.
    Jump(Label),
}

#[derive(Default)]
struct Program {
    lines: Vec<Line>,
    labels: Vec<Option<usize>>,
}

/// Returns the filter for these interfaces: all if `interfaces` is nothing, else those with these numbers, and always the
/// mirrors, where tunnels pass too, VXLAN also on `vxlan_ports`.
pub(super) fn program(interfaces: Option<&[u32]>, mirrors: &[u32], vxlan_ports: &[u16]) -> Vec<sock_filter> {
    let ports: Vec<u32> =
        UDP_TUNNELS.into_iter().chain(vxlan_ports.iter().map(|port| u32::from(*port))).collect();
    let mut program = Program::default();
    let [node, mirror, drop] = [(); 3].map(|()| program.label());

    // Loopback shows each packet twice: as it leaves, and as it arrives.
    let arrives = program.label();
    program.load(libc::BPF_W, PACKET_TYPE);
    program.unless(u32::from(libc::PACKET_OUTGOING), arrives);
    program.load(libc::BPF_H, HARDWARE_TYPE);
    program.when(u32::from(libc::ARPHRD_LOOPBACK), drop);
    program.place(arrives);

    program.load(libc::BPF_W, INTERFACE);
    program.when_any(mirrors, mirror);
    if let Some(interfaces) = interfaces {
        program.when_any(interfaces, node);
        program.jump(drop);
    }
    program.place(node);
    program.network(None, drop);
    if !mirrors.is_empty() {
        program.place(mirror);
        program.network(Some(&ports), drop);
    }
    program.place(drop);
    program.end(false);
    program.assemble()
}

impl Program {
    fn label(&mut self) -> Label {
        self.labels.push(None);
        Label(self.labels.len() - 1)
    }

    fn place(&mut self, label: Label) {
        if let Some(place) = self.labels.get_mut(label.0) {
            *place = Some(self.lines.len());
        }
    }

    fn plain(&mut self, code: u32, k: u32) {
        self.lines.push(Line::Plain(sock_filter { code: code as u16, jt: 0, jf: 0, k }));
    }

    fn jump(&mut self, label: Label) {
        self.lines.push(Line::Jump(label));
    }

    /// Loads a number of `size` at an absolute offset.
    fn load(&mut self, size: u32, offset: u32) {
        self.plain(libc::BPF_LD | size | libc::BPF_ABS, offset);
    }

    /// Loads a number of `size` at an offset from the index register, which points to the IP header.
    fn load_indexed(&mut self, size: u32, offset: u32) {
        self.plain(libc::BPF_LD | size | libc::BPF_IND, offset);
    }

    fn set_index(&mut self, offset: u32) {
        self.plain(libc::BPF_LDX | libc::BPF_IMM, offset);
    }

    fn and(&mut self, mask: u32) {
        self.plain(libc::BPF_ALU | libc::BPF_AND | libc::BPF_K, mask);
    }

    /// Jumps if the accumulator is `value`. Conditional jumps reach 255 instructions only, so they lead over a jump.
    fn when(&mut self, value: u32, label: Label) {
        self.conditional(value, 0, 1);
        self.jump(label);
    }

    fn unless(&mut self, value: u32, label: Label) {
        self.conditional(value, 1, 0);
        self.jump(label);
    }

    fn when_any(&mut self, values: &[u32], label: Label) {
        for value in values {
            self.when(*value, label);
        }
    }

    fn conditional(&mut self, value: u32, jt: u8, jf: u8) {
        let code = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
        self.lines.push(Line::Plain(sock_filter { code, jt, jf, k: value }));
    }

    /// Passes all bytes of the packet, or none.
    fn end(&mut self, pass: bool) {
        self.plain(libc::BPF_RET | libc::BPF_K, if pass { u32::MAX } else { 0 });
    }

    /// Looks at the packet. With `SOCK_DGRAM` it begins at its network header, or at a VLAN tag that the kernel has
    /// left there, and kernels differ in which protocol they name then (see `decode`, `link.rs`).
    /// `tunnels` are the UDP ports of those that pass.
    fn network(&mut self, tunnels: Option<&[u32]>, drop: Label) {
        let [ipv4, ipv6, tagged, other, pass] = [(); 5].map(|()| self.label());
        self.set_index(0);
        self.load(libc::BPF_H, PROTOCOL);
        self.unless(IPV4, other);
        self.when_version(0, 4, ipv4);
        self.jump(tagged);

        self.place(other);
        self.when_any(&VLAN, tagged);
        if tunnels.is_some() {
            self.when_any(&WRAPPINGS, pass);
        }
        self.unless(IPV6, drop);
        self.when_version(0, 6, ipv6);

        self.place(tagged);
        for tag in [0, 4] {
            let [next, not_ipv4] = [(); 2].map(|()| self.label());
            self.set_index(tag + 4);
            self.load(libc::BPF_H, tag + 2);
            self.unless(IPV4, not_ipv4);
            self.when_version(tag + 4, 4, ipv4);
            self.jump(next);
            self.place(not_ipv4);
            if tunnels.is_some() {
                self.when_any(&WRAPPINGS, pass);
            }
            self.unless(IPV6, next);
            self.when_version(tag + 4, 6, ipv6);
            self.place(next);
        }
        self.set_index(0);
        self.when_version(0, 4, ipv4);
        self.when_version(0, 6, ipv6);
        self.jump(drop);

        self.place(ipv4);
        self.ipv4(tunnels, drop);
        self.place(ipv6);
        self.ipv6(tunnels, drop);
        self.place(pass);
        self.end(true);
    }

    /// Jumps if the byte at `offset` begins with the IP version.
    fn when_version(&mut self, offset: u32, version: u32, label: Label) {
        self.load(libc::BPF_B, offset);
        self.and(0xf0);
        self.when(version << 4, label);
    }

    /// Fragments pass too: they are put together in user space.
    fn ipv4(&mut self, tunnels: Option<&[u32]>, drop: Label) {
        let pass = self.label();
        self.load_indexed(libc::BPF_B, 9);
        self.when(TCP, pass);
        if let Some(ports) = tunnels {
            self.when_any(&IP_TUNNELS, pass);
            self.unless(UDP, drop);
            // Only the first fragment has the ports: the others may be of a tunnel.
            let first = self.label();
            self.load_indexed(libc::BPF_H, 6);
            self.and(0x1fff);
            self.when(0, first);
            self.jump(pass);
            self.place(first);
            self.load_indexed(libc::BPF_B, 0);
            self.and(0x0f);
            self.plain(libc::BPF_ALU | libc::BPF_LSH | libc::BPF_K, 2);
            self.plain(libc::BPF_ALU | libc::BPF_ADD | libc::BPF_X, 0);
            self.plain(libc::BPF_MISC | libc::BPF_TAX, 0);
            self.load_indexed(libc::BPF_H, 2);
            self.when_any(ports, pass);
        }
        self.jump(drop);
        self.place(pass);
        self.end(true);
    }

    fn ipv6(&mut self, tunnels: Option<&[u32]>, drop: Label) {
        let pass = self.label();
        self.load_indexed(libc::BPF_B, 6);
        self.when(TCP, pass);
        self.when_any(&EXTENSION_HEADERS, pass);
        if let Some(ports) = tunnels {
            self.when_any(&IP_TUNNELS, pass);
            self.unless(UDP, drop);
            self.load_indexed(libc::BPF_H, 42);
            self.when_any(ports, pass);
        }
        self.jump(drop);
        self.place(pass);
        self.end(true);
    }

    /// Every label was placed, and behind all jumps to it: the kernel's filters jump forward only.
    fn assemble(&self) -> Vec<sock_filter> {
        let instruction = |(at, line): (usize, &Line)| match line {
            Line::Plain(instruction) => *instruction,
            Line::Jump(label) => {
                let place = self.labels.get(label.0).copied().flatten();
                let distance = place.map_or(0, |place| place - at - 1);
                sock_filter { code: (libc::BPF_JMP | libc::BPF_JA) as u16, jt: 0, jf: 0, k: distance as u32 }
            }
        };
        self.lines.iter().enumerate().map(instruction).collect()
    }
}
