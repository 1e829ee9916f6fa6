//! Frames and header blocks of HTTP/2, written by hand.

pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
pub const END_STREAM: u8 = 1;
pub const END_HEADERS: u8 = 4;

pub fn frame(kind: u8, flags: u8, stream: u32, payload: impl AsRef<[u8]>) -> Vec<u8> {
    let payload = payload.as_ref();
    let [_, length @ ..] = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// Returns what a client sends first.
pub fn preface() -> Vec<u8> {
    [PREFACE, &settings()].concat()
}

/// Returns what a server sends first.
pub fn settings() -> Vec<u8> {
    frame(4, 0, 0, b"\0\x03\0\0\0\x64")
}

/// A field that is inserted into the table.
pub fn insert(name: &str, value: &str) -> Vec<u8> {
    literal(0x40, name, value)
}

/// A field that is not.
pub fn plain(name: &str, value: &str) -> Vec<u8> {
    literal(0, name, value)
}

fn literal(first: u8, name: &str, value: &str) -> Vec<u8> {
    [&[first][..], &string(name), &string(value)].concat()
}

fn string(text: &str) -> Vec<u8> {
    let len = text.len();
    let length = match u8::try_from(len) {
        Ok(len) if len < 127 => vec![len],
        _ => vec![
            127,
            (len - 127) as u8 & 0x7f | 0x80,
            ((len - 127) >> 7) as u8 & 0x7f | 0x80,
            ((len - 127) >> 14) as u8,
        ],
    };
    [&length[..], text.as_bytes()].concat()
}

/// `:method GET`, `:scheme http` and this path, which is inserted.
pub fn get_block(path: &str) -> Vec<u8> {
    [&[0x82, 0x86][..], &insert(":path", path)].concat()
}

/// A request without a body.
pub fn get(stream: u32, path: &str) -> Vec<u8> {
    frame(1, END_HEADERS | END_STREAM, stream, get_block(path))
}

/// A request by `:method POST`, with fields; a body follows.
pub fn post(stream: u32, path: &str, fields: &[(&str, &str)]) -> Vec<u8> {
    let fields: Vec<u8> = fields.iter().flat_map(|(name, value)| plain(name, value)).collect();
    frame(1, END_HEADERS, stream, [&[0x83, 0x86][..], &plain(":path", path), &fields].concat())
}

pub fn data(stream: u32, body: &str, end: bool) -> Vec<u8> {
    frame(0, u8::from(end), stream, body)
}

/// `:status 200` and a body.
pub fn ok(stream: u32, body: &str) -> Vec<u8> {
    [frame(1, END_HEADERS, stream, [0x88]), data(stream, body, true)].concat()
}

/// Trailers.
pub fn trailers(stream: u32, fields: &[(&str, &str)]) -> Vec<u8> {
    let fields: Vec<u8> = fields.iter().flat_map(|(name, value)| plain(name, value)).collect();
    frame(1, END_HEADERS | END_STREAM, stream, fields)
}
