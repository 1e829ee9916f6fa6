//! Content codings undone, up to a cap (RFC 9110, section 8.4).

use std::io::Read;

use crate::redacted::Unopened;

/// The most bytes that a decoded body has, whatever it would unpack to: four times the default of what is kept.
pub(crate) const MAX_DECODED: usize = 256 * 1024;

/// The most codings in a row. Two are a mistake of a proxy already.
const MAX_CODINGS: usize = 4;

/// The largest window of zstd, as a power of two: 8 MiB, what RFC 9659 lets a content coding ask for.
const ZSTD_WINDOW_LOG: u32 = 23;

/// The largest window of brotli, as a power of two: 4 MiB, what encoders use by default. Decoders allocate it whole.
const BROTLI_WINDOW_LOG: u32 = 22;

/// A decoded body.
pub(crate) struct Decoded {
    pub(crate) bytes: Vec<u8>,
    /// Whether this is all of it.
    pub(crate) whole: bool,
}

/// Undoes the codings that a `Content-Encoding` lists. What is cut or broken gives what could be read of it.
pub(crate) fn decode(bytes: Vec<u8>, whole: bool, codings: &str) -> Result<Decoded, Unopened> {
    let names = codings.split(',').map(|name| name.trim().to_ascii_lowercase());
    let names: Vec<_> = names.filter(|name| !name.is_empty() && name != "identity").collect();
    if names.len() > MAX_CODINGS {
        return Err(Unopened::TooManyCodings);
    }
    let mut body = Decoded { bytes, whole };
    // They are listed in the order in which they were applied.
    for name in names.iter().rev() {
        let decoded = undo(name, &body.bytes)?;
        if decoded.bytes.is_empty() && !body.bytes.is_empty() && !decoded.whole {
            return Err(Unopened::CodingBroken);
        }
        body = Decoded { whole: body.whole && decoded.whole, ..decoded };
    }
    Ok(body)
}

fn undo(coding: &str, bytes: &[u8]) -> Result<Decoded, Unopened> {
    match coding {
        "gzip" | "x-gzip" => Ok(read(flate2::read::MultiGzDecoder::new(bytes))),
        "deflate" if is_zlib(bytes) => Ok(read(flate2::read::ZlibDecoder::new(bytes))),
        "deflate" => Ok(read(flate2::read::DeflateDecoder::new(bytes))),
        "br" if brotli_window(bytes).is_some_and(|log| log <= BROTLI_WINDOW_LOG) => {
            Ok(read(brotli_decompressor::Decompressor::new(bytes, 16 * 1024)))
        }
        "br" => Err(Unopened::CodingTooLarge),
        "zstd" => zstandard(bytes),
        _ => Err(Unopened::CodingUnknown),
    }
}

fn zstandard(bytes: &[u8]) -> Result<Decoded, Unopened> {
    let mut decoder = zstd::stream::read::Decoder::with_buffer(bytes).map_err(|_| Unopened::CodingBroken)?;
    decoder.window_log_max(ZSTD_WINDOW_LOG).map_err(|_| Unopened::CodingBroken)?;
    Ok(read(decoder))
}

/// Reads to the end, the cap, or the first fault.
fn read(mut decoder: impl Read) -> Decoded {
    let mut bytes = Vec::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        let room = buffer.len().min(MAX_DECODED - bytes.len());
        match decoder.read(buffer.get_mut(..room).unwrap_or_default()) {
            Ok(0) => return Decoded { whole: room > 0, bytes },
            Ok(read) => bytes.extend_from_slice(buffer.get(..read).unwrap_or_default()),
            Err(_) => return Decoded { bytes, whole: false },
        }
    }
}

/// Returns whether this begins as zlib does (RFC 1950, section 2.2). Some send raw deflate under the same name.
fn is_zlib(bytes: &[u8]) -> bool {
    matches!(bytes, [method, flags, ..] if method & 15 == 8 && (u16::from(*method) << 8 | u16::from(*flags)) % 31 == 0)
}

/// The power of two of a brotli stream's window, read from its beginning (RFC 7932, section 9.1).
fn brotli_window(bytes: &[u8]) -> Option<u32> {
    let first = u32::from(*bytes.first()?);
    match (first & 1, first >> 1 & 7, first >> 4 & 7) {
        (0, ..) => Some(16),
        (_, 0, 0) => Some(17),
        (_, 0, 1) => None, // the large windows that no standard knows
        (_, 0, low) => Some(8 + low),
        (_, high, _) => Some(17 + high),
    }
}

/// A brotli stream of uncompressed meta-blocks (RFC 7932, section 9.2): a window of 16, then, for each block, 0 for
/// not the last, 0 for 4 nibbles, 16 bits of length less one, 1 for uncompressed.
#[cfg(test)]
pub(crate) fn stored_brotli(bytes: &[u8]) -> Vec<u8> {
    let mut stream = Vec::new();
    for (at, block) in bytes.chunks(1 << 12).enumerate() {
        let shift = if at == 0 { 1 } else { 0 };
        let head = ((block.len() as u32 - 1) << 3 | 1 << 19) << shift;
        stream.extend_from_slice(&head.to_le_bytes()[..3]);
        stream.extend_from_slice(block);
    }
    stream.push(3); // the last one, empty
    stream
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn raw_deflate(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zst(bytes: &[u8]) -> Vec<u8> {
        zstd::encode_all(bytes, 3).unwrap()
    }

    #[track_caller]
    fn gives(codings: &str, bytes: Vec<u8>, expected: &[u8]) {
        let decoded = decode(bytes, true, codings).unwrap();
        assert_eq!((&decoded.bytes[..], decoded.whole), (expected, true));
    }

    #[test]
    fn every_coding_alone_and_in_a_row() {
        let text = b"{\"a\": 1}".repeat(100);
        gives("", text.clone(), &text);
        gives("identity", text.clone(), &text);
        gives("gzip", gzip(&text), &text);
        gives(" X-GZip ", gzip(&text), &text);
        gives("deflate", zlib(&text), &text);
        gives("deflate", raw_deflate(&text), &text);
        gives("zstd", zst(&text), &text);
        gives("gzip, zstd", zst(&gzip(&text)), &text);
        gives("br", stored_brotli(&text), &text);
        gives("br", BROTLI_HELLO.to_vec(), b"hello hello hello hello");
        gives("gzip, br", stored_brotli(&gzip(&text)), &text);
    }

    /// As the reference encoder writes it.
    const BROTLI_HELLO: [u8; 20] =
        *b"\x1b\x16\0\xf8\x8d\x94\x6e\xde\x44\x55\x86\x96\x6c\x20\x6f\x21\x4f\x1c\xe0\x38";

    /// 4 MiB of zeros, as the reference encoder writes them.
    const BROTLI_BOMB: [u8; 14] = *b"\x9b\xff\xff\x3f\xf8\x27\0\xe2\xb1\x40\x20\xf7\xfe\x07";

    #[test]
    fn cut_bodies_give_their_beginning() {
        let text: Vec<u8> = (0..60_000u32).flat_map(|n| n.to_string().into_bytes()).collect();
        for (coding, bytes) in [
            ("gzip", gzip(&text)),
            ("deflate", zlib(&text)),
            ("zstd", zst(&text)),
            ("br", stored_brotli(&text)),
        ] {
            let decoded = decode(bytes[..bytes.len() / 2].to_vec(), false, coding)
                .unwrap_or_else(|reason| panic!("{coding}: {reason:?}"));
            assert!(
                !decoded.whole && decoded.bytes.len() > 1000 && text.starts_with(&decoded.bytes),
                "{coding}"
            );
        }
    }

    #[test]
    fn bombs_cost_the_cap() {
        let zeros = vec![0; 64 << 20];
        for (coding, bytes) in [
            ("gzip", gzip(&zeros)),
            ("zstd", zst(&zeros)),
            ("gzip, gzip", gzip(&gzip(&zeros))),
            ("br", BROTLI_BOMB.to_vec()),
        ] {
            let decoded = decode(bytes, true, coding).unwrap();
            assert_eq!(
                (decoded.bytes.len(), decoded.bytes.capacity() <= 2 * MAX_DECODED),
                (MAX_DECODED, true),
                "{coding}"
            );
            assert!(!decoded.whole);
        }
    }

    #[test]
    fn windows_are_limited() {
        let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
        encoder.window_log(27).unwrap();
        encoder.write_all(&[7; 1000]).unwrap();
        let refused = decode(encoder.finish().unwrap(), true, "zstd");
        assert_eq!(refused.err(), Some(Unopened::CodingBroken));
        assert_eq!(brotli_window(&[0b1111]), Some(24));
        assert_eq!(brotli_window(&[0b001_0001]), None);
        let refused = decode(vec![0b1111, 0, 0, 0], true, "br");
        assert_eq!(refused.err(), Some(Unopened::CodingTooLarge));
    }

    #[test]
    fn nonsense_is_an_error() {
        for (coding, wrong) in [
            ("gzip", Unopened::CodingBroken),
            ("deflate", Unopened::CodingBroken),
            ("br", Unopened::CodingBroken),
            ("zstd", Unopened::CodingBroken),
            ("compress", Unopened::CodingUnknown),
            ("gzip,gzip,gzip,gzip,gzip", Unopened::TooManyCodings),
        ] {
            let decoded = decode(b"no such thing, never".to_vec(), true, coding);
            assert_eq!(decoded.err(), Some(wrong), "{coding}");
        }
    }
}
