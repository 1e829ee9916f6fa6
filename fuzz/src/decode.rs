//! Any frame is a segment or has a reason why it is none.

use ::decode::{Frame, LinkType, Skipped, Timestamp, Tunnels, fragment, is_tunnelled, segment};

/// The first byte chooses the link type, the next two the length on the wire; the rest is the frame.
pub fn decode(data: &[u8]) {
    let Some((&[link, high, low], bytes)) = data.split_first_chunk() else { return };
    let link = match link % 12 {
        0 => LinkType::Ethernet,
        1 => LinkType::LinuxCooked,
        2 => LinkType::LinuxCooked2,
        3 => LinkType::RawIp,
        4 => LinkType::Null,
        5 => LinkType::Loop,
        6 => LinkType::EtherType(0x0800),
        7 => LinkType::EtherType(0x86dd),
        8 => LinkType::Socket,
        9 => LinkType::EtherType(0x8100),
        10 => LinkType::Nflog,
        _ => LinkType::Pktap,
    };
    // Up to 4 MiB: lengths that no packet has are among them.
    let wire_len = u32::from(u16::from_be_bytes([high, low])) * 64;
    let frame = Frame { time: Timestamp::from_nanos(1), link, bytes, wire_len, interface: 1 };
    for tunnels in [Tunnels::Closed, Tunnels::Open { vxlan_ports: &[8473] }] {
        if segment(&frame, tunnels).err() == Some(Skipped::Fragment) {
            let part = fragment(&frame, tunnels).expect("what is a fragment can be read as one");
            assert!(part.bytes.len() <= bytes.len() && part.bytes.len() <= part.len as usize);
            assert!(part.offset > 0 || part.more);
        }
        if let Ok(segment) = segment(&frame, tunnels) {
            assert!(bytes.as_ptr_range().contains(&segment.payload.as_ptr()) || segment.payload.is_empty());
            assert!(segment.payload.len() <= bytes.len());
            assert!(segment.payload.len() <= segment.payload_len as usize);
            if link == LinkType::Socket {
                continue;
            }
            // 512 KiB and the headers around it.
            assert!(segment.payload_len < 600_000);
            assert!(tunnels != Tunnels::Closed || !is_tunnelled(segment.interface));
        }
    }
}
