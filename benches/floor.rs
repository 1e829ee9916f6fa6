//! What the work costs at least: a bare loop over a pcap file, a flow table, and a search for the ends of heads.
//!
//! No reordering, no bodies, no pairing, nothing printed but counts: a floor for the figures, not a program.
//! Built by `benches/run` with `rustc -O`; reads Ethernet, IPv4 and TCP without options.

use std::collections::HashMap;
use std::io::{self, Read};

const CHUNK: usize = 1 << 20;

#[derive(Default)]
struct Flow {
    segments: u64,
    requests: u64,
}

fn main() -> io::Result<()> {
    let path = std::env::args().nth(1).ok_or(io::ErrorKind::InvalidInput)?;
    let mut file = std::fs::File::open(path)?;
    let mut buffer = vec![0; CHUNK];
    let (mut start, mut end) = (0, 0);
    let mut flows: HashMap<(u32, u16, u16), Flow> = HashMap::new();
    let mut skip = 24; // the file's header
    loop {
        buffer.copy_within(start..end, 0);
        end -= start;
        start = 0;
        let read = file.read(&mut buffer[end..])?;
        if read == 0 {
            break;
        }
        end += read;
        start += skip;
        skip = 0;
        while let Some(header) = buffer[..end].get(start..start + 16) {
            let length = u32::from_le_bytes([header[8], header[9], header[10], header[11]]) as usize;
            let Some(frame) = buffer[..end].get(start + 16..start + 16 + length) else { break };
            segment(frame, &mut flows);
            start += 16 + length;
        }
    }
    let requests: u64 = flows.values().map(|flow| flow.requests).sum();
    let segments: u64 = flows.values().map(|flow| flow.segments).sum();
    println!("{requests} requests, {segments} segments, {} connections", flows.len());
    Ok(())
}

fn segment(frame: &[u8], flows: &mut HashMap<(u32, u16, u16), Flow>) {
    let [source, destination] = [26, 30].map(|at| u32::from_be_bytes([0, 1, 2, 3].map(|i| frame[at + i])));
    let [from, to] = [34, 36].map(|at| u16::from_be_bytes([frame[at], frame[at + 1]]));
    let upward = to == 8080;
    let key = if upward { (source, from, to) } else { (destination, to, from) };
    let flow = flows.entry(key).or_default();
    flow.segments += 1;
    let payload = &frame[54..];
    // A head is looked for where a message may begin; a body's later segments are passed over.
    let starts = matches!(payload.first(), Some(b'G' | b'P' | b'D' | b'H'));
    if starts && payload.windows(4).any(|bytes| bytes == b"\r\n\r\n") && upward {
        flow.requests += 1;
    }
}
