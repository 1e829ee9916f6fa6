//! Capture files of every form, whole, cut and hostile, made here byte by byte.

use std::io::{Cursor, Write as _};
use std::path::Path;

use decode::LinkType;
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use traffic_monitor_capture::{CaptureFile, FileError, Item, MAX_FRAME_BYTES, Poll};

/// What a test compares of a frame.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    time: u64,
    link: LinkType,
    bytes: Vec<u8>,
    wire_len: u32,
    interface: u32,
}

fn seen(time: u64, bytes: &[u8]) -> Seen {
    Seen { time, link: LinkType::Ethernet, bytes: bytes.to_vec(), wire_len: bytes.len() as u32, interface: 0 }
}

fn drain(file: &mut CaptureFile) -> std::io::Result<Vec<Seen>> {
    let mut frames = Vec::new();
    loop {
        let poll = file.poll(|frame| {
            frames.push(Seen {
                time: frame.time.as_nanos(),
                link: frame.link,
                bytes: frame.bytes.to_vec(),
                wire_len: frame.wire_len,
                interface: frame.interface,
            });
        })?;
        if poll == Poll::End {
            assert_eq!(file.statistics().frames, frames.len() as u64);
            return Ok(frames);
        }
    }
}

fn read(bytes: &[u8]) -> Vec<Seen> {
    let mut file = open(bytes).unwrap();
    let frames = drain(&mut file).unwrap();
    assert!(!file.truncated());
    frames
}

fn open(bytes: &[u8]) -> Result<CaptureFile, FileError> {
    CaptureFile::from_reader(Path::new("made.pcap"), Cursor::new(bytes.to_vec()))
}

/// Through the file system, so through the mapping.
fn on_disk(bytes: &[u8]) -> (tempfile::NamedTempFile, Result<CaptureFile, FileError>) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let opened = CaptureFile::open(file.path());
    (file, opened)
}

fn message(bytes: &[u8]) -> String {
    let mut file = match open(bytes) {
        Ok(file) => file,
        Err(error) => return error.to_string(),
    };
    drain(&mut file).expect_err("the file must not be read to its end").to_string()
}

/// Writes numbers in one of the byte orders.
#[derive(Clone, Copy)]
struct Order(bool);
const LITTLE: Order = Order(false);
const BIG: Order = Order(true);

impl Order {
    fn u16(self, number: u16) -> [u8; 2] {
        if self.0 { number.to_be_bytes() } else { number.to_le_bytes() }
    }
    fn u32(self, number: u32) -> [u8; 4] {
        if self.0 { number.to_be_bytes() } else { number.to_le_bytes() }
    }
    fn words(self, numbers: &[u32]) -> Vec<u8> {
        numbers.iter().flat_map(|number| self.u32(*number)).collect()
    }

    fn pcap(self, magic: u32, link: u32) -> Vec<u8> {
        [
            self.u32(magic).to_vec(),
            self.u16(2).to_vec(),
            self.u16(4).to_vec(),
            self.words(&[0, 0, 65_535, link]),
        ]
        .concat()
    }
    fn record(self, seconds: u32, fraction: u32, bytes: &[u8]) -> Vec<u8> {
        let len = bytes.len() as u32;
        [self.words(&[seconds, fraction, len, len]), bytes.to_vec()].concat()
    }

    fn block(self, kind: u32, body: &[u8]) -> Vec<u8> {
        let padding = vec![0; body.len().next_multiple_of(4) - body.len()];
        let len = (12 + body.len() + padding.len()) as u32;
        [self.words(&[kind, len]), body.to_vec(), padding, self.words(&[len])].concat()
    }
    fn section(self) -> Vec<u8> {
        let version = [self.u16(1), self.u16(0)].concat();
        self.block(0x0a0d_0d0a, &[self.words(&[0x1a2b_3c4d]), version, vec![0xff; 8]].concat())
    }
    fn option(self, code: u16, value: &[u8]) -> Vec<u8> {
        let padding = vec![0; value.len().next_multiple_of(4) - value.len()];
        [self.u16(code).to_vec(), self.u16(value.len() as u16).to_vec(), value.to_vec(), padding].concat()
    }
    fn interface(self, link: u16, snap_len: u32, options: &[u8]) -> Vec<u8> {
        self.block(
            1,
            &[self.u16(link).to_vec(), vec![0; 2], self.words(&[snap_len]), options.to_vec()].concat(),
        )
    }
    fn packet(self, interface: u32, time: u64, bytes: &[u8]) -> Vec<u8> {
        let len = bytes.len() as u32;
        let head = self.words(&[interface, (time >> 32) as u32, time as u32, len, len]);
        self.block(6, &[head, bytes.to_vec()].concat())
    }
}

const MICRO: u32 = 0xa1b2_c3d4;
const NANO: u32 = 0xa1b2_3c4d;
const SECOND: u64 = 1_000_000_000;

#[test]
fn pcap_in_both_byte_orders_and_both_units() {
    for order in [LITTLE, BIG] {
        for (magic, nanoseconds) in [(MICRO, 654_321_000), (NANO, 654_321)] {
            let file =
                [order.pcap(magic, 1), order.record(1_760_000_000, 654_321, b"abc"), order.record(1, 0, b"")];
            let time = 1_760_000_000 * SECOND + nanoseconds;
            assert_eq!(read(&file.concat()), [seen(time, b"abc"), seen(SECOND, b"")]);
        }
    }
}

#[test]
fn link_types_have_their_numbers() {
    let links = [
        (0, LinkType::Null),
        (1, LinkType::Ethernet),
        (12, LinkType::RawIp),
        (14, LinkType::RawIp),
        (101, LinkType::RawIp),
        (228, LinkType::RawIp),
        (229, LinkType::RawIp),
        (108, LinkType::Loop),
        (113, LinkType::LinuxCooked),
        (276, LinkType::LinuxCooked2),
        (239, LinkType::Nflog),
        (258, LinkType::Pktap),
        // With the length of a frame check sequence in the upper bits.
        (0x2400_0001, LinkType::Ethernet),
    ];
    for (number, link) in links {
        let frames = read(&[LITTLE.pcap(MICRO, number), LITTLE.record(1, 0, b"abc")].concat());
        assert_eq!(frames, [Seen { link, ..seen(SECOND, b"abc") }]);
    }
}

#[test]
fn a_frame_that_the_capture_cut_keeps_its_length_on_the_wire() {
    let record = [LITTLE.words(&[1, 0, 3, 1500]), b"abc".to_vec()].concat();
    let frames = read(&[LITTLE.pcap(MICRO, 1), record].concat());
    assert_eq!(frames, [Seen { wire_len: 1500, ..seen(SECOND, b"abc") }]);
}

#[test]
fn pcapng_in_both_byte_orders_with_every_kind_of_block() {
    for order in [LITTLE, BIG] {
        let offset = [order.u32(100), order.u32(0)];
        let offset = if order.0 { [offset[1], offset[0]] } else { offset }.concat();
        let options = [
            order.option(2, b"eth0"),
            order.option(9, &[9]),
            order.option(14, &offset),
            order.option(0, b""),
        ];
        let obsolete =
            [order.u16(1).to_vec(), order.u16(0).to_vec(), order.words(&[0, 77, 2, 2]), b"ob".to_vec()];
        let file = [
            order.section(),
            order.interface(1, 0, b""),
            order.interface(101, 0, &options.concat()),
            order.packet(0, 1_760_000_000_123_456, b"micro"),
            // Unknown, and longer than what is at hand at once.
            order.block(0x0bad, &vec![0; 3 * 1024 * 1024]),
            order.packet(1, 5, b"nano"),
            order.block(2, &obsolete.concat()),
            order.block(3, &[order.words(&[6]), b"simple".to_vec()].concat()),
            order.section(),
            order.interface(276, 4, b""),
            order.packet(0, 1, b"next"),
            order.block(3, &[order.words(&[9]), b"shor".to_vec()].concat()),
        ];
        let raw = |time, bytes| Seen { link: LinkType::RawIp, interface: 1, ..seen(time, bytes) };
        let next = |wire_len, bytes| Seen {
            link: LinkType::LinuxCooked2,
            interface: 2,
            wire_len,
            ..seen(1000, bytes)
        };
        let expected = [
            seen(1_760_000_000_123_456_000, b"micro"),
            raw(100 * SECOND + 5, b"nano"),
            raw(100 * SECOND + 77, b"ob"),
            seen(100 * SECOND + 77, b"simple"),
            next(4, b"next"),
            next(9, b"shor"),
        ];
        assert_eq!(read(&file.concat()), expected);
        let (_kept, opened) = on_disk(&file.concat());
        assert_eq!(drain(&mut opened.unwrap()).unwrap(), expected);
    }
}

/// The frames and key logs of a file, in their order, and how many key logs were too long.
fn items(bytes: &[u8]) -> (Vec<String>, u64) {
    let (mut file, mut items) = (open(bytes).unwrap(), Vec::new());
    let text = |kind: &str, bytes: &[u8]| format!("{kind} {}", String::from_utf8_lossy(bytes));
    while file
        .poll_items(|item| match item {
            Item::Frame(frame) => items.push(text("frame", frame.bytes)),
            Item::KeyLog(key_log) => items.push(text("keys", key_log)),
        })
        .unwrap()
        != Poll::End
    {}
    assert!(!file.truncated());
    (items, file.statistics().long_key_logs)
}

#[test]
fn key_logs_come_where_they_stand_between_frames() {
    const TLS: u32 = 0x544c_534b;
    for order in [LITTLE, BIG] {
        let secrets = |kind: u32, bytes: &[u8]| {
            order.block(10, &[order.words(&[kind, bytes.len() as u32]), bytes.to_vec()].concat())
        };
        let file = [
            order.section(),
            secrets(TLS, b"first"),
            order.interface(1, 0, b""),
            order.packet(0, 1, b"one"),
            secrets(TLS, b"second"),
            // Of WireGuard, and longer than what is looked into.
            secrets(0x5747_4b4c, b"other"),
            secrets(0x5747_4b4c, &vec![b'x'; 3 << 20]),
            secrets(TLS, &vec![b'x'; 3 << 20]),
            order.packet(0, 2, b"two"),
        ];
        let expected = ["keys first", "frame one", "keys second", "frame two"].map(str::to_owned).to_vec();
        assert_eq!(items(&file.concat()), (expected, 1));
        assert_eq!(read(&file.concat()).len(), 2, "who wants frames only gets frames");
    }
    for body in [vec![], LITTLE.words(&[TLS]), LITTLE.words(&[TLS, 5, 0])] {
        let file = [LITTLE.section(), LITTLE.block(10, &body), LITTLE.block(0x0bad, &[0; 32])].concat();
        let error = drain(&mut open(&file).unwrap()).unwrap_err();
        assert!(error.to_string().contains("secrets"), "{error}");
    }
}

#[test]
fn times_of_every_resolution_are_right() {
    let at = |resolution: u8, time: u64| {
        let options = LITTLE.option(9, &[resolution]);
        let file = [LITTLE.section(), LITTLE.interface(1, 0, &options), LITTLE.packet(0, time, b"")];
        read(&file.concat())[0].time
    };
    assert_eq!(at(0, 7), 7 * SECOND);
    assert_eq!(at(3, 7), 7_000_000);
    assert_eq!(at(6, 1_760_000_000_000_001), 1_760_000_000_000_001_000);
    assert_eq!(at(12, 7_999), 7);
    assert_eq!(at(0x80, 7), 7 * SECOND);
    assert_eq!(at(0x80 + 32, (7 << 32) + (1 << 31)), 7 * SECOND + SECOND / 2);
    assert_eq!(at(0x80 + 127, u64::MAX), 0);
    assert_eq!(at(127, u64::MAX), 1);
    assert_eq!(at(0, u64::MAX), u64::MAX);
}

#[test]
fn gzip_around_a_file_is_undone() {
    let plain =
        [LITTLE.pcap(MICRO, 1), LITTLE.record(1, 0, b"first"), LITTLE.record(2, 0, &[7; 100_000])].concat();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(&plain).unwrap();
    let gzip = gzip.finish().unwrap();
    assert_eq!(read(&gzip), read(&plain));
    let (_kept, opened) = on_disk(&gzip);
    assert_eq!(drain(&mut opened.unwrap()).unwrap(), read(&plain));

    let mut cut = open(&gzip[..gzip.len() - 40]).unwrap();
    assert_eq!(drain(&mut cut).unwrap(), [seen(SECOND, b"first")]);
    assert!(cut.truncated());
}

#[test]
fn zstd_around_a_file_is_undone() {
    let plain = [LITTLE.pcap(MICRO, 1), LITTLE.record(1, 0, b"first"), LITTLE.record(2, 0, &[7; 100_000])];
    let zstd = |bytes: &[u8], level| zstd::encode_all(bytes, level).unwrap();
    let expected = read(&plain.concat());
    for level in [1, 19] {
        assert_eq!(read(&zstd(&plain.concat(), level)), expected);
    }
    // In several frames, with one in between that is passed over (RFC 8878, section 3.1.2).
    let skipped = [&[0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0], &b"abc"[..]].concat();
    let (head, rest) = (zstd(&plain[0], 3), zstd(&plain[1..].concat(), 3));
    assert_eq!(read(&[&skipped[..], &head, &skipped, &rest].concat()), expected);

    let whole = zstd(&plain.concat(), 3);
    assert!(message(&whole[..whole.len() - 4]).contains("ends inside its file header"));
    // What does not become shorter, in blocks of 128 KiB.
    let noise: Vec<u8> = (0..400_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let long = zstd(
        &[LITTLE.pcap(MICRO, 1), LITTLE.record(1, 0, b"first"), LITTLE.record(2, 0, &noise)].concat(),
        1,
    );
    let mut cut = open(&long[..long.len() - 40]).unwrap();
    assert_eq!(drain(&mut cut).unwrap(), [seen(SECOND, b"first")]);
    assert!(cut.truncated());
    assert!(message(&[&whole[..8], &[0xff; 40]].concat()).contains("cannot be read"));
    // A window that would take a quarter of a GiB.
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(28).unwrap();
    encoder.write_all(&plain.concat()).unwrap();
    assert!(message(&encoder.finish().unwrap()).contains("cannot be read"));
}

#[test]
fn a_file_cut_anywhere_gives_its_whole_frames_and_says_so() {
    let pcap =
        [LITTLE.pcap(MICRO, 1), LITTLE.record(1, 0, b"first"), LITTLE.record(2, 0, b"second")].concat();
    let pcapng = [
        LITTLE.section(),
        LITTLE.interface(1, 0, b""),
        LITTLE.packet(0, 1, b"first"),
        LITTLE.block(99, b"unknown"),
    ];
    let ends = |parts: &[Vec<u8>]| {
        parts
            .iter()
            .scan(0, |end, part| {
                *end += part.len();
                Some(*end)
            })
            .collect::<Vec<_>>()
    };
    let whole_ng = ends(&pcapng);
    for (file, whole) in [(pcap, vec![24, 24 + 21, 24 + 21 + 22]), (pcapng.concat(), whole_ng)] {
        for len in 24..file.len() {
            let (_kept, mapped) = on_disk(&file[..len]);
            for mut opened in [open(&file[..len]).unwrap(), mapped.unwrap()] {
                let frames = drain(&mut opened).unwrap();
                assert!(frames.len() <= 1);
                assert_eq!(opened.truncated(), !whole.contains(&len), "cut at {len}");
            }
        }
    }
}

#[test]
fn records_longer_than_a_window_step_are_whole() {
    // Frames of half a MiB straddle every window; the content tells whether they were put together right.
    let frame =
        |n: u32| (0..MAX_FRAME_BYTES as u32).map(|i| (i.wrapping_mul(31) ^ n) as u8).collect::<Vec<u8>>();
    let mut file = LITTLE.pcap(NANO, 1);
    for n in 0..20 {
        file.extend(LITTLE.record(n, n, &frame(n)));
    }
    let (_kept, opened) = on_disk(&file);
    let frames = drain(&mut opened.unwrap()).unwrap();
    assert_eq!(frames.len(), 20);
    for (n, frame_seen) in (0..).zip(&frames) {
        assert!(frame_seen.bytes == frame(n), "frame {n} differs");
    }
}

#[test]
fn what_is_no_capture_is_said_with_a_remedy() {
    let here = tempfile::tempdir().unwrap();
    let error = |path: &Path| CaptureFile::open(path).unwrap_err().to_string();
    assert!(error(here.path()).contains("is a directory"));
    assert!(error(&here.path().join("none")).contains("does not exist"));
    assert!(message(b"").contains("is empty"));
    assert!(message(b"GET / HTTP/1.1\r\n").contains("not a capture"));
    for (start, name, remedy) in [
        (&b"snoop\0\0\0"[..], "snoop", "editcap"),
        (b"GMBU\0\x02", "Network Monitor 2", "editcap"),
        (b"BZh91AY", "bzip2", "bunzip2"),
        (b"\xfd7zXZ\0\0", "xz", "unxz"),
        (b"PK\x03\x04\x14", "ZIP", "unpack"),
        (&[&[b'a'; 257], &b"ustar\0"[..]].concat(), "tar", "unpack"),
    ] {
        let message = message(start);
        assert!(message.contains(name) && message.contains(remedy), "{message}");
    }
    assert!(message(&LITTLE.pcap(MICRO, 1)[..20]).contains("inside its file header"));
    let unsupported = LITTLE.pcap(MICRO, 147);
    assert!(message(&unsupported).contains("link type 147"));
    assert!(message(&LITTLE.pcap(MICRO, 127)).contains("link type 127 (802.11 with a radiotap header)"));
}

#[test]
fn frames_of_an_unsupported_link_type_are_counted_beside_others() {
    let (section, other, ethernet) =
        (LITTLE.section(), LITTLE.interface(147, 0, b""), LITTLE.interface(1, 0, b""));
    let mixed =
        [section.clone(), other.clone(), ethernet, LITTLE.packet(0, 1, b"no"), LITTLE.packet(1, 1, b"yes")];
    let mut file = open(&mixed.concat()).unwrap();
    assert_eq!(drain(&mut file).unwrap().len(), 1);
    assert_eq!(file.statistics().unsupported_link, 1);
    assert_eq!(file.unsupported(), Some(("147".to_owned(), 1)));

    assert!(message(&[section, other, LITTLE.packet(0, 1, b"no")].concat()).contains("link type 147"));
}

#[test]
fn hostile_lengths_are_damage_and_what_stands_before_is_delivered() {
    let pcap =
        [LITTLE.pcap(MICRO, 1), LITTLE.record(1, 0, b"first"), LITTLE.words(&[1, 0, u32::MAX, 1])].concat();
    assert!(message(&pcap).contains("damaged after 45 bytes: a record claims to be longer than any frame"));
    let mut file = open(&pcap).unwrap();
    let mut frames = 0;
    assert_eq!(file.poll(|_| frames += 1).unwrap(), Poll::Frames(1));
    assert_eq!((frames, file.statistics().frames), (1, 1));

    let ng = |rest: &[u8]| message(&[LITTLE.section(), LITTLE.interface(1, 0, b""), rest.to_vec()].concat());
    assert!(ng(&LITTLE.words(&[6, 0x4000_0000])).contains("longer than any frame"));
    assert!(ng(&LITTLE.words(&[6, 7])).contains("impossible length"));
    assert!(ng(&LITTLE.words(&[99, 0])).contains("impossible length"));
    assert!(ng(&LITTLE.packet(1, 1, b"")).contains("not described"));
    assert!(ng(&LITTLE.block(6, &LITTLE.words(&[0, 0, 0, 100, 100]))).contains("longer than its block"));
    assert!(ng(&LITTLE.block(6, b"")).contains("too short"));
    assert!(ng(&LITTLE.words(&[0x0a0d_0d0a, 28, 0])).contains("without a byte order"));
}

proptest! {
    #[test]
    fn any_bytes_end(bytes in prop::collection::vec(any::<u8>(), 0..300), start in 0..4_usize) {
        let start = match start {
            0 => LITTLE.pcap(MICRO, 1),
            1 => BIG.pcap(NANO, 113),
            2 => [LITTLE.section(), LITTLE.interface(1, 0, b"")].concat(),
            _ => Vec::new(),
        };
        if let Ok(mut file) = open(&[start, bytes].concat()) {
            let _ = drain(&mut file);
        }
    }

    #[test]
    fn a_changed_byte_never_hurts(at in 0..200_usize, to in any::<u8>()) {
        let packets: Vec<u8> = (0..4).flat_map(|time| LITTLE.packet(0, time, b"some bytes")).collect();
        let mut file = [LITTLE.section(), LITTLE.interface(1, 0, b""), packets].concat();
        if let Some(byte) = file.get_mut(at) {
            *byte = to;
        }
        if let Ok(mut file) = open(&file) {
            let _ = drain(&mut file);
        }
    }
}
