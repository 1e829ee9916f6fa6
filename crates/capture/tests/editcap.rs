//! The same frames in every format that Wireshark's `editcap` writes, and `tshark` as the judge of their times.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use traffic_monitor_capture::{CaptureFile, Poll};

/// Time in microseconds, captured length, length on the wire, first and last byte.
type Line = (u64, usize, u32, u8, u8);

fn lines(path: &Path) -> Vec<Line> {
    let mut file = CaptureFile::open(path).unwrap();
    let mut lines = Vec::new();
    while file
        .poll(|frame| {
            let ends = (*frame.bytes.first().unwrap(), *frame.bytes.last().unwrap());
            lines.push((frame.time.as_nanos() / 1000, frame.bytes.len(), frame.wire_len, ends.0, ends.1));
        })
        .unwrap()
        != Poll::End
    {}
    lines
}

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).stderr(Stdio::inherit()).output();
    let output = output.unwrap_or_else(|error| panic!("this test needs {program} (Debian: tshark): {error}"));
    assert!(output.status.success(), "{program} {arguments:?} failed");
    String::from_utf8(output.stdout).unwrap()
}

/// A pcap of frames of many lengths at uneven times, some of them cut.
fn original(directory: &Path) -> PathBuf {
    let words = |numbers: [u32; 4]| numbers.into_iter().flat_map(u32::to_le_bytes);
    let mut file = Vec::new();
    file.extend(words([0xa1b2_c3d4, 0x0004_0002, 0, 0]));
    file.extend(262_144_u32.to_le_bytes());
    file.extend(1_u32.to_le_bytes());
    for n in 0..500_u32 {
        let len = 60 + n * 7 % 1400;
        let cut = if n % 10 == 0 { len / 2 } else { len };
        file.extend(words([1_760_000_000 + n / 3, n * 1999, cut, len]));
        file.extend((0..cut).map(|i| (i + n) as u8));
    }
    let path = directory.join("original.pcap");
    fs::write(&path, file).unwrap();
    path
}

#[test]
fn every_format_gives_the_same_frames() {
    let directory = tempfile::tempdir().unwrap();
    let original = original(directory.path());
    let expected = lines(&original);
    assert_eq!(expected.len(), 500);
    for format in ["pcap", "nsecpcap", "pcapng"] {
        let converted = directory.path().join(format);
        run("editcap", &["-F", format, original.to_str().unwrap(), converted.to_str().unwrap()]);
        assert_eq!(lines(&converted), expected, "{format}");

        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&fs::read(&converted).unwrap()).unwrap();
        fs::write(&converted, gzip.finish().unwrap()).unwrap();
        assert_eq!(lines(&converted), expected, "{format} in gzip");
    }
}

#[test]
fn tshark_sees_the_same_times_and_lengths() {
    let directory = tempfile::tempdir().unwrap();
    let original = original(directory.path());
    let fields = ["-e", "frame.time_epoch", "-e", "frame.cap_len", "-e", "frame.len"];
    let arguments = [["-n", "-r", original.to_str().unwrap(), "-T", "fields"].as_slice(), &fields].concat();
    let mut ours = String::new();
    for (time, captured, wire_len, ..) in lines(&original) {
        let (seconds, micros) = (time / 1_000_000, time % 1_000_000);
        writeln!(ours, "{seconds}.{micros:06}000\t{captured}\t{wire_len}").unwrap();
    }
    assert_eq!(run("tshark", &arguments), ours);
}

#[test]
fn a_fifo_is_read_as_it_comes() {
    let directory = tempfile::tempdir().unwrap();
    let original = original(directory.path());
    let fifo = directory.path().join("fifo");
    run("mkfifo", &[fifo.to_str().unwrap()]);
    let mut writer = Command::new("cp").args([&original, &fifo]).spawn().unwrap();
    assert_eq!(lines(&fifo), lines(&original));
    assert!(writer.wait().unwrap().success());
}
