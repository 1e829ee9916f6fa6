//! Capture files made by hand: packets of link type 101 (raw IP), without checksums.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddrV4};

/// Raw IP, in the registry of link types.
const RAW: u32 = 101;
/// 2025-10-09 08:53:20 UTC, the time of the first packet in seconds since the Unix epoch.
const START: u32 = 1_760_000_000;
/// The most payload in a packet.
const SEGMENT: usize = 1_400;

const FIN: u8 = 1;
const SYN: u8 = 2;
const ACK: u8 = 16;

/// The packets of one connection from 10.0.0.1 to 10.0.0.2:8080, with each request and its response.
pub(crate) fn conversation(client_port: u16, exchanges: &[(&[u8], &[u8])]) -> Vec<Vec<u8>> {
    let client = SocketAddrV4::new(Ipv4Addr::new(10, 0, 0, 1), client_port);
    let server = SocketAddrV4::new(Ipv4Addr::new(10, 0, 0, 2), 8080);
    let (mut ours, mut theirs) = (1_000_u32, 9_000_u32);
    let mut packets = vec![
        packet(client, server, ours, 0, SYN, b""),
        packet(server, client, theirs, ours + 1, SYN | ACK, b""),
    ];
    (ours, theirs) = (ours + 1, theirs + 1);
    for (request, response) in exchanges {
        for piece in request.chunks(SEGMENT) {
            packets.push(packet(client, server, ours, theirs, ACK, piece));
            ours += u32::try_from(piece.len()).unwrap();
        }
        for piece in response.chunks(SEGMENT) {
            packets.push(packet(server, client, theirs, ours, ACK, piece));
            theirs += u32::try_from(piece.len()).unwrap();
        }
    }
    packets.push(packet(client, server, ours, theirs, FIN | ACK, b""));
    packets.push(packet(server, client, theirs, ours + 1, FIN | ACK, b""));
    packets
}

/// An IPv4 packet (RFC 791, section 3.1) with a TCP segment (RFC 9293, section 3.1).
fn packet(from: SocketAddrV4, to: SocketAddrV4, seq: u32, ack: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
    let total = u16::try_from(40 + payload.len()).unwrap();
    let mut packet = vec![0x45, 0];
    packet.extend(total.to_be_bytes());
    packet.extend([0, 0, 0x40, 0, 64, 6, 0, 0]);
    packet.extend(from.ip().octets());
    packet.extend(to.ip().octets());
    packet.extend(from.port().to_be_bytes());
    packet.extend(to.port().to_be_bytes());
    packet.extend(seq.to_be_bytes());
    packet.extend(ack.to_be_bytes());
    packet.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    packet.extend(payload);
    packet
}

/// A pcap file, a millisecond between packets.
pub(crate) fn pcap(packets: &[Vec<u8>]) -> Vec<u8> {
    let mut file = Vec::new();
    for word in [0xa1b2_c3d4, 0x0004_0002, 0, 0, 262_144, RAW] {
        file.extend(word.to_le_bytes());
    }
    for (micros, packet) in (0..).step_by(1_000).zip(packets) {
        let len = u32::try_from(packet.len()).unwrap();
        for word in [START + micros / 1_000_000, micros % 1_000_000, len, len] {
            file.extend(u32::to_le_bytes(word));
        }
        file.extend(packet);
    }
    file
}

/// The same as a pcapng file: a section header, an interface, enhanced packets.
pub(crate) fn pcapng(packets: &[Vec<u8>]) -> Vec<u8> {
    let words = |words: &[u32]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
    let mut file = block(0x0a0d_0d0a, &words(&[0x1a2b_3c4d, 1, u32::MAX, u32::MAX]));
    file.extend(block(1, &words(&[RAW, 262_144])));
    for (micros, packet) in (u64::from(START) * 1_000_000..).step_by(1_000).zip(packets) {
        let len = u32::try_from(packet.len()).unwrap();
        let (high, low) = ((micros >> 32) as u32, (micros & 0xffff_ffff) as u32);
        let mut body = words(&[0, high, low, len, len]);
        body.extend(packet);
        file.extend(block(6, &body));
    }
    file
}

/// A block of pcapng: its type, its length, the body padded to words, its length again.
fn block(kind: u32, body: &[u8]) -> Vec<u8> {
    let padded = body.len().next_multiple_of(4);
    let length = u32::try_from(padded + 12).unwrap().to_le_bytes();
    let mut block = [kind.to_le_bytes(), length].concat();
    block.extend(body);
    block.resize(8 + padded, 0);
    block.extend(length);
    block
}

/// Compressed by gzip.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
