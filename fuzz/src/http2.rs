//! Any frames of HTTP/2, in any pieces: they are put together here, and then given to [`crate::http1`], which checks what
//! must hold.

/// The first byte goes to [`crate::http1`]; unless it is odd, the connection begins with its prefaces. Then frames: a byte with the
/// direction, flags and whether it is cut in two, one with the type, one with the stream, one with the length of the payload, the
/// payload. The highest types are gaps and ends.
pub fn http2(data: &[u8]) {
    let Some((&first, mut rest)) = data.split_first() else { return };
    let mut events = vec![first];
    if first & 1 == 0 {
        event(&mut events, 0, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0");
        event(&mut events, 1, b"\0\0\0\x04\0\0\0\0\0");
    }
    while let Some((&[what, kind, stream, len], after)) = rest.split_first_chunk() {
        let (payload, after) = after.split_at(usize::from(len).min(after.len()));
        rest = after;
        let direction = what & 1;
        if kind >= 0xf0 {
            // The numbers of an end and of two kinds of missing bytes there.
            events.extend_from_slice(&[(120 + kind % 3) << 1 | direction, 0, len]);
            continue;
        }
        let flags = what >> 2 & 0x2d;
        let frame = [&[0, 0, payload.len() as u8, kind, flags, 0, 0, 0, stream][..], payload].concat();
        let (one, two) = frame.split_at(if what & 2 == 0 { frame.len() } else { frame.len() / 2 });
        event(&mut events, direction, one);
        event(&mut events, direction, two);
    }
    crate::http1::http1(&events);
}

fn event(events: &mut Vec<u8>, direction: u8, bytes: &[u8]) {
    if let Ok(len) = u16::try_from(bytes.len())
        && len > 0
    {
        events.push(direction);
        events.extend_from_slice(&len.to_be_bytes());
        events.extend_from_slice(bytes);
    }
}
