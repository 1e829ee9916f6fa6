//! What a TLS connection says of itself before it is encrypted (RFC 8446, sections 4.1.2, 4.1.3 and 5.1).

use std::borrow::Cow;

use crate::messages::{CLIENT_HELLO, MAX_HELLO, SERVER_HELLO};
use crate::reader::Reader;
use crate::record::{ContentType, HEADER, Header, header};
use crate::secret::RANDOM_LEN;
use crate::suite::Version;

/// What stands before the body of a ClientHello in one record.
const MESSAGE: usize = HEADER + 4;

const SERVER_NAME: u16 = 0;
const ALPN: u16 = 16;
const ENCRYPT_THEN_MAC: u16 = 22;
const EARLY_DATA: u16 = 42;
const SUPPORTED_VERSIONS: u16 = 43;

/// The random of a ServerHello that is a HelloRetryRequest (RFC 8446, section 4.1.3).
const RETRY: [u8; RANDOM_LEN] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2,
    0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// What the first bytes of a direction are.
#[derive(Debug, PartialEq, Eq)]
pub enum Beginning<'a> {
    /// The body of a whole ClientHello.
    Hello(Cow<'a, [u8]>),
    /// A ClientHello in the form of SSL 2.0, which old clients send to offer SSL 3.0 or TLS 1.0.
    Old,
    /// Another record, and where it ends.
    Record(usize),
    /// The beginning of one.
    More,
    /// Not TLS.
    No,
}

/// Looks at the first bytes of a direction.
#[must_use]
pub fn read(bytes: &[u8]) -> Beginning<'_> {
    match header(bytes) {
        Header::Whole(ContentType::Handshake, len)
            if bytes.get(5).is_none_or(|&kind| kind == CLIENT_HELLO) =>
        {
            hello(bytes, len)
        }
        Header::Whole(_, len) => Beginning::Record(HEADER + len),
        Header::More => Beginning::More,
        Header::No if is_ssl2_hello(bytes) => Beginning::Old,
        Header::No => Beginning::No,
    }
}

/// Returns whether these bytes begin a ClientHello: record and message agree about it.
#[must_use]
pub fn is_hello_start(bytes: &[u8]) -> bool {
    matches!(bytes, [22, 3, 0..=4, _, _, CLIENT_HELLO, 0, ..])
}

/// Returns whether these bytes begin a ServerHello: record and message agree about it.
#[must_use]
pub fn is_server_hello_start(bytes: &[u8]) -> bool {
    matches!(bytes, [22, 3, 0..=4, _, _, SERVER_HELLO, 0, ..])
}

/// A ClientHello that begins with `bytes`, whose first record holds `len` bytes.
fn hello(bytes: &[u8], len: usize) -> Beginning<'_> {
    let Some(&[high, middle, low]) = bytes.get(6..9).and_then(|length| length.first_chunk()) else {
        return Beginning::More;
    };
    let wanted = u32::from_be_bytes([0, high, middle, low]) as usize;
    if !(38..=MAX_HELLO).contains(&wanted) {
        return Beginning::Record(HEADER + len);
    }
    if len >= 4 + wanted {
        let body = bytes.get(MESSAGE..MESSAGE + wanted);
        return body.map_or(Beginning::More, |body| Beginning::Hello(Cow::Borrowed(body)));
    }
    match joined(bytes, 4 + wanted) {
        Joined::Whole(message) => Beginning::Hello(Cow::Owned(message.get(4..).unwrap_or_default().to_vec())),
        Joined::More => Beginning::More,
        Joined::No => Beginning::Record(HEADER + len),
    }
}

enum Joined {
    Whole(Vec<u8>),
    More,
    No,
}

/// The first `wanted` bytes of a handshake message that several records hold. Nothing is copied before all are there.
fn joined(bytes: &[u8], wanted: usize) -> Joined {
    let (mut at, mut have) = (0, 0);
    while have < wanted {
        match header(bytes.get(at..).unwrap_or_default()) {
            Header::Whole(ContentType::Handshake, len) => {
                at += HEADER + len;
                have += len;
            }
            Header::More => return Joined::More,
            Header::Whole(..) | Header::No => return Joined::No,
        }
    }
    if bytes.len() < at {
        return Joined::More;
    }
    let (mut message, mut at) = (Vec::with_capacity(have), 0);
    while let (Header::Whole(_, len), true) =
        (header(bytes.get(at..).unwrap_or_default()), message.len() < wanted)
    {
        message.extend_from_slice(bytes.get(at + HEADER..at + HEADER + len).unwrap_or_default());
        at += HEADER + len;
    }
    message.truncate(wanted);
    Joined::Whole(message)
}

/// A ClientHello in the form of SSL 2.0 (RFC 5246, appendix E.2).
fn is_ssl2_hello(bytes: &[u8]) -> bool {
    let [
        high @ 0x80..=0xff,
        low,
        CLIENT_HELLO,
        3,
        0..=3,
        ciphers_high,
        ciphers_low,
        0,
        0,
        challenge_high,
        challenge_low,
        ..,
    ] = bytes
    else {
        return false;
    };
    let length = usize::from(u16::from_be_bytes([high & 0x7f, *low]));
    let ciphers = usize::from(u16::from_be_bytes([*ciphers_high, *ciphers_low]));
    let challenge = usize::from(u16::from_be_bytes([*challenge_high, *challenge_low]));
    ciphers > 0 && ciphers.is_multiple_of(3) && length == 9 + ciphers + challenge
}

/// Returns the server name, and the list of ALPN as on the wire, of the body of a ClientHello; empty where it has none.
#[must_use]
pub fn names(hello: &[u8]) -> (&[u8], &[u8]) {
    let (mut server_name, mut alpn): (&[u8], &[u8]) = (&[], &[]);
    if let Some(hello) = ClientHello::read(hello) {
        for (kind, body) in hello.extensions {
            match kind {
                SERVER_NAME => server_name = first_host_name(body).unwrap_or_default(),
                ALPN => alpn = Reader(body).vector16().unwrap_or_default(),
                _ => {}
            }
        }
    }
    (server_name, alpn)
}

/// The first name of type `host_name` (RFC 6066, section 3).
fn first_host_name(extension: &[u8]) -> Option<&[u8]> {
    let mut names = Reader(Reader(extension).vector16()?);
    match names.u8()? {
        0 => names.vector16(),
        _ => None,
    }
}

/// The extensions of a message: type and content.
struct Extensions<'a>(Reader<'a>);

impl<'a> Iterator for Extensions<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<(u16, &'a [u8])> {
        self.0.u16().zip(self.0.vector16())
    }
}

/// A ClientHello (RFC 8446, section 4.1.2).
pub(crate) struct ClientHello<'a> {
    pub(crate) random: [u8; RANDOM_LEN],
    extensions: Extensions<'a>,
}

impl<'a> ClientHello<'a> {
    /// Reads the body of one.
    pub(crate) fn read(body: &'a [u8]) -> Option<ClientHello<'a>> {
        let mut reader = Reader(body);
        reader.u16()?;
        let random = reader.array()?;
        // Session, cipher suites, compression methods.
        reader.vector8()?;
        reader.vector16()?;
        reader.vector8()?;
        let extensions = Extensions(Reader(reader.vector16().unwrap_or_default()));
        Some(ClientHello { random, extensions })
    }

    /// Returns whether it announces data before the handshake has ended.
    pub(crate) fn has_early_data(self) -> bool {
        let mut extensions = self.extensions;
        extensions.any(|(kind, _)| kind == EARLY_DATA)
    }
}

/// What a connection is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Chosen {
    /// None where it is not read, or the content of records is compressed.
    pub(crate) version: Option<Version>,
    /// The number of a cipher suite.
    pub(crate) suite: u16,
    pub(crate) random: [u8; RANDOM_LEN],
    /// Whether a MAC is over what is sealed (RFC 7366).
    pub(crate) encrypt_then_mac: bool,
}

/// What a server answers to a ClientHello.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ServerHello {
    Chosen(Chosen),
    /// The client is to send another ClientHello, and the cipher suite will be that of this number.
    Retry(u16),
}

impl ServerHello {
    /// Reads the body of one (RFC 8446, section 4.1.3; RFC 5246, section 7.4.1.3).
    pub(crate) fn read(body: &[u8]) -> Option<ServerHello> {
        let mut reader = Reader(body);
        let legacy = reader.u16()?;
        let random = reader.array()?;
        reader.vector8()?;
        let suite = reader.u16()?;
        let compression = reader.u8()?;
        if random == RETRY {
            return Some(ServerHello::Retry(suite));
        }
        let extensions = Extensions(Reader(reader.vector16().unwrap_or_default()));
        let (mut selected, mut encrypt_then_mac) = (None, false);
        for (kind, content) in extensions {
            match kind {
                SUPPORTED_VERSIONS => selected = Some(content),
                ENCRYPT_THEN_MAC => encrypt_then_mac = true,
                _ => {}
            }
        }
        let version = match (selected, legacy) {
            (Some([3, 4]), _) => Some(Version::Tls13),
            (None, 0x0303) if compression == 0 => Some(Version::Tls12),
            _ => None,
        };
        Some(ServerHello::Chosen(Chosen { version, suite, random, encrypt_then_mac }))
    }
}

/// Returns whether the body of EncryptedExtensions says that early data is taken (RFC 8446, section 4.2.10).
pub(crate) fn accepts_early_data(body: &[u8]) -> bool {
    let mut extensions = Extensions(Reader(Reader(body).vector16().unwrap_or_default()));
    extensions.any(|(kind, _)| kind == EARLY_DATA)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ClientHello of TLS 1.2 with these extensions, without record and message headers.
    fn body(extensions: &[u8]) -> Vec<u8> {
        let start = [&[3, 3][..], &[7; 32], &[0], &[0, 2, 0x13, 1], &[1, 0]].concat();
        [&start[..], &u16::try_from(extensions.len()).unwrap().to_be_bytes(), extensions].concat()
    }

    /// The message in records of at most `size` bytes.
    fn records(body: &[u8], size: usize) -> Vec<u8> {
        let [_, length @ ..] = u32::try_from(body.len()).unwrap().to_be_bytes();
        let message = [&[1][..], &length, body].concat();
        let record =
            |part: &[u8]| [&[22, 3, 1][..], &u16::try_from(part.len()).unwrap().to_be_bytes(), part].concat();
        message.chunks(size).flat_map(record).collect()
    }

    const EXTENSIONS: &[u8] = b"\x00\x17\x00\x00\x00\x00\x00\x0c\x00
\x00\x00\x07a.b.com\x00\x10\x00\x05\x00\x03\x02h2";

    #[test]
    fn names_of_a_client_hello_in_any_records() {
        let body = body(EXTENSIONS);
        for size in [5, 6, 20, 1000] {
            let bytes = records(&body, size);
            let Beginning::Hello(hello) = read(&bytes) else { panic!("{size}") };
            assert_eq!(names(&hello), (&b"a.b.com"[..], &b"\x02h2"[..]), "{size}");
            for cut in 1..bytes.len() {
                assert_eq!(read(&bytes[..cut]), Beginning::More, "{cut} of {size}");
            }
        }
    }

    #[test]
    fn hellos_without_names_and_broken_ones_have_none() {
        assert_eq!(names(&body(b"")), (&b""[..], &b""[..]));
        let whole = body(EXTENSIONS);
        for cut in 0..whole.len() {
            let _ = names(&whole[..cut]);
        }
        assert_eq!(names(&whole[..10]), (&b""[..], &b""[..]));
    }

    #[test]
    fn early_data_is_announced_and_taken() {
        let hello = |extensions: &[u8]| ClientHello::read(&body(extensions)).unwrap().has_early_data();
        assert!(hello(b"\x00\x17\x00\x00\x00\x2a\x00\x00") && !hello(EXTENSIONS));
        assert!(accepts_early_data(b"\x00\x04\x00\x2a\x00\x00") && !accepts_early_data(b"\x00\x00"));
        assert!(!accepts_early_data(b"\x00\x09\x00"));
    }

    #[test]
    fn other_records_and_other_bytes() {
        assert_eq!(read(b"\x17\x03\x03\x00\x02ab"), Beginning::Record(7));
        assert_eq!(read(b"\x17\x03\x03\x00"), Beginning::More);
        for bytes in [
            &b"\x17\x03\x03\xff\xff"[..],
            b"\x18\x03\x03\x00\x02",
            b"\x16\x02\x00\x00\x02",
            b"\x16\x03\x03\x00\x00",
            b"GET",
        ] {
            assert_eq!(read(bytes), Beginning::No);
        }
        let old = b"\x80\x1c\x01\x03\x01\x00\x03\x00\x00\x00\x10\x00\x00/0123456789abcdef";
        assert_eq!(read(old), Beginning::Old);
    }

    #[test]
    fn a_server_says_version_and_suite() {
        let hello = |version: [u8; 2], random: [u8; 32], compression: u8, extensions: &[u8]| {
            let length = u16::try_from(extensions.len()).unwrap().to_be_bytes();
            let start = [&version[..], &random, &[1, 9, 0x13, 2, compression]].concat();
            ServerHello::read(&[&start[..], &length, extensions].concat()).unwrap()
        };
        let chosen = |version| {
            ServerHello::Chosen(Chosen { version, suite: 0x1302, random: [5; 32], encrypt_then_mac: false })
        };
        let thirteen = b"\x00\x33\x00\x01a\x00\x2b\x00\x02\x03\x04";
        assert_eq!(hello([3, 3], [5; 32], 0, thirteen), chosen(Some(Version::Tls13)));
        assert_eq!(hello([3, 3], [5; 32], 0, b""), chosen(Some(Version::Tls12)));
        assert_eq!(hello([3, 3], [5; 32], 1, b""), chosen(None));
        assert_eq!(hello([3, 2], [5; 32], 0, b""), chosen(None));
        let first = hello([3, 3], [5; 32], 0, b"\x00\x16\x00\x00");
        assert!(matches!(first, ServerHello::Chosen(Chosen { encrypt_then_mac: true, .. })));
        assert_eq!(hello([3, 3], RETRY, 0, thirteen), ServerHello::Retry(0x1302));
    }
}
