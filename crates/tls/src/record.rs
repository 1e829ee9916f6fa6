//! The record layer (RFC 8446, section 5.1).

/// The bytes of a record before its content.
pub(crate) const HEADER: usize = 5;

/// The longest content: 2^14 bytes and what TLS 1.2 may add to them (RFC 5246, section 6.2.3).
pub(crate) const MAX_CONTENT: usize = (1 << 14) + 2048;

/// What a record holds, as its header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ContentType {
    ChangeCipherSpec,
    Alert,
    Handshake,
    Data,
}

impl ContentType {
    pub(crate) fn of(byte: u8) -> Option<ContentType> {
        match byte {
            20 => Some(ContentType::ChangeCipherSpec),
            21 => Some(ContentType::Alert),
            22 => Some(ContentType::Handshake),
            23 => Some(ContentType::Data),
            _ => None,
        }
    }
}

/// What bytes are that may begin a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Header {
    /// A header: of a record of this type, with so many bytes of content.
    Whole(ContentType, usize),
    /// The beginning of one.
    More,
    /// No record.
    No,
}

/// Reads the header of a record.
pub(crate) fn header(bytes: &[u8]) -> Header {
    let Some(kind) = bytes.first().map_or(Some(ContentType::Data), |&byte| ContentType::of(byte)) else {
        return Header::No;
    };
    let version = bytes.get(1..bytes.len().min(3)).unwrap_or_default();
    if !matches!(version, [] | [3] | [3, 0..=4]) {
        return Header::No;
    }
    match bytes {
        [_, _, _, high, low, ..] => match usize::from(u16::from_be_bytes([*high, *low])) {
            len @ 1..=MAX_CONTENT => Header::Whole(kind, len),
            _ => Header::No,
        },
        _ => Header::More,
    }
}

/// Returns whether a segment is whole records, or at least one and the beginning of another: a header alone may be
/// chance.
#[must_use]
pub fn is_records(segment: &[u8]) -> bool {
    let (mut at, mut whole) = (0, 0);
    while let Header::Whole(_, len) = header(segment.get(at..).unwrap_or_default()) {
        at += HEADER + len;
        if at >= segment.len() {
            return whole > 0 || at == segment.len();
        }
        whole += 1;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_records_and_other_bytes() {
        assert_eq!(header(b"\x17\x03\x03\x00\x02ab"), Header::Whole(ContentType::Data, 2));
        assert_eq!(
            header(b"\x14\x03\x01\x48\x00"),
            Header::Whole(ContentType::ChangeCipherSpec, MAX_CONTENT)
        );
        for len in 0..5 {
            assert_eq!(header(&b"\x17\x03\x03\x00\x02"[..len]), Header::More, "{len}");
        }
        let others: [&[u8]; 6] = [
            b"\x17\x03\x03\xff\xff",
            b"\x18\x03\x03\0\x02",
            b"\x16\x02",
            b"\x16\x03\x05",
            b"\x16\x03\0\0\0",
            b"GET",
        ];
        for bytes in others {
            assert_eq!(header(bytes), Header::No, "{bytes:?}");
        }
    }

    #[test]
    fn records_that_fill_a_segment_are_certain() {
        assert!(is_records(b"\x17\x03\x03\x00\x02ab"));
        assert!(is_records(b"\x17\x03\x03\x00\x02ab\x17\x03\x03\x00\x09ab"));
        assert!(!is_records(b"\x17\x03\x03\x00\x09ab"));
        assert!(!is_records(b"\x17\x03\x03\x00\x02abc"));
    }
}
