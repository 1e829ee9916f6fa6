//! Frames, made byte by byte from the inside to the outside, and what must come of them.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::net::SocketAddr;

use traffic_monitor_decode::{
    Carried, Flags, Frame, LinkType, Segment, Skipped, Timestamp, Tunnels, segment,
};

pub(crate) const TIME: Timestamp = Timestamp::from_nanos(1_760_000_000_123_456_789);

pub(crate) fn frame(link: LinkType, bytes: &[u8]) -> Frame<'_> {
    Frame { time: TIME, link, bytes, wire_len: bytes.len() as u32, interface: 3 }
}

pub(crate) fn opened(bytes: &[u8]) -> Result<Segment<'_>, Skipped> {
    segment(&frame(LinkType::Ethernet, bytes), Tunnels::OPEN)
}

pub(crate) fn closed(bytes: &[u8]) -> Result<Segment<'_>, Skipped> {
    segment(&frame(LinkType::Ethernet, bytes), Tunnels::Closed)
}

pub(crate) fn skipped(bytes: &[u8]) -> Skipped {
    opened(bytes).expect_err("it must be skipped")
}

pub(crate) fn not_tcp(protocol: u8) -> Skipped {
    Skipped::NotTcp(Carried::Protocol(protocol))
}

/// It must be the segment of [`tcp`] from 10.0.0.1 to 10.0.0.2, outside of any tunnel.
#[track_caller]
pub(crate) fn check(segment: &Segment<'_>, payload: &[u8]) {
    assert_eq!(segment.interface, 3);
    check_inside(segment, payload);
}

/// The same, wherever it was.
#[track_caller]
pub(crate) fn check_inside(segment: &Segment<'_>, payload: &[u8]) {
    let address = |text: &str| text.parse::<SocketAddr>().unwrap();
    let v6 = segment.source.is_ipv6();
    let [from, to] =
        if v6 { ["[fd00::1]:40000", "[fd00::2]:8080"] } else { ["10.0.0.1:40000", "10.0.0.2:8080"] }
            .map(address);
    assert_eq!((segment.source, segment.destination), (from, to));
    assert_eq!(segment.time, TIME);
    assert_eq!((segment.sequence, segment.acknowledgment), (0x0102_0304, 0x0506_0708));
    assert_eq!(segment.flags, Flags(0x18));
    assert_eq!(segment.payload, payload);
    assert_eq!(segment.payload_len as usize, payload.len());
}

pub(crate) fn tcp(options: usize, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x9c, 0x40, 0x1f, 0x90, 1, 2, 3, 4, 5, 6, 7, 8];
    bytes.extend([0x50 + (options as u8) * 16, 0x18, 1, 0, 0xba, 0xad, 0, 0]);
    bytes.extend(vec![1; options * 4]);
    bytes.extend(payload);
    bytes
}

pub(crate) fn ipv4(protocol: u8, options: usize, payload: &[u8]) -> Vec<u8> {
    let header_len = 20 + options * 4;
    let total = u16::try_from(header_len + payload.len()).unwrap_or(0);
    let mut bytes = vec![0x40 + (5 + options as u8), 0];
    bytes.extend(total.to_be_bytes());
    bytes.extend([0, 1, 0x40, 0, 64, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
    bytes.extend(vec![1; options * 4]);
    bytes.extend(payload);
    bytes
}

pub(crate) fn ipv6(next: u8, payload: &[u8]) -> Vec<u8> {
    let len = u16::try_from(payload.len()).unwrap_or(0);
    let mut bytes = vec![0x60, 0, 0, 0];
    bytes.extend(len.to_be_bytes());
    bytes.extend([next, 64]);
    for last in [1, 2] {
        bytes.extend([0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last]);
    }
    bytes.extend(payload);
    bytes
}

/// An extension header that is made of units of 8 bytes.
pub(crate) fn extension(next: u8, units: u8, payload: &[u8]) -> Vec<u8> {
    [&[next, units, 1, 4, 0, 0, 0, 0], vec![0; usize::from(units) * 8].as_slice(), payload].concat()
}

pub(crate) fn ethernet(ether_type: u16, payload: &[u8]) -> Vec<u8> {
    [&[2; 12], ether_type.to_be_bytes().as_slice(), payload].concat()
}

pub(crate) fn tag(vlan: u8, ether_type: u16, payload: &[u8]) -> Vec<u8> {
    [&[0x20, vlan], ether_type.to_be_bytes().as_slice(), payload].concat()
}

pub(crate) fn udp(port: u16, payload: &[u8]) -> Vec<u8> {
    let len = u16::try_from(8 + payload.len()).unwrap_or(0);
    [&[0xc0, 0, (port >> 8) as u8, port as u8], len.to_be_bytes().as_slice(), &[0, 0], payload].concat()
}

pub(crate) fn vxlan(port: u16, vni: u8, inner: &[u8]) -> Vec<u8> {
    ipv4(17, 0, &udp(port, &[&[8, 0, 0, 0, 0, 0, vni, 0], inner].concat()))
}

pub(crate) fn gre(flags: u16, ether_type: u16, optional: &[u8], inner: &[u8]) -> Vec<u8> {
    ipv4(47, 0, &[&flags.to_be_bytes(), ether_type.to_be_bytes().as_slice(), optional, inner].concat())
}

pub(crate) fn plain() -> Vec<u8> {
    ipv4(6, 0, &tcp(0, b"hello"))
}
