//! Files that are no capture of a kind that is read: what they are, by how they begin, and what to do.

/// A kind of file.
struct Kind {
    begins: &'static [u8],
    name: &'static str,
    remedy: &'static str,
}

/// For formats that Wireshark reads.
const CONVERT: &str = "convert it: `editcap -F pcapng FILE NEW`";

const KINDS: [Kind; 18] = [
    Kind { begins: b"\x34\xcd\xb2\xa1", name: "pcap in the form of Kuznetzov's patch", remedy: CONVERT },
    Kind { begins: b"\xa1\xb2\xcd\x34", name: "pcap in the form of Kuznetzov's patch", remedy: CONVERT },
    Kind { begins: b"snoop\0\0\0", name: "snoop", remedy: CONVERT },
    Kind { begins: b"RTSS", name: "Microsoft Network Monitor 1", remedy: CONVERT },
    Kind { begins: b"GMBU", name: "Microsoft Network Monitor 2", remedy: CONVERT },
    Kind { begins: b"TRSNIFF data", name: "Sniffer", remedy: CONVERT },
    Kind { begins: b"XCP\0", name: "NetXRay or Sniffer for Windows", remedy: CONVERT },
    Kind { begins: b"btsnoop\0", name: "Bluetooth snoop", remedy: "no HTTP is in it" },
    Kind { begins: b"BZh", name: "compressed by bzip2", remedy: "undo that: `bunzip2 FILE`" },
    Kind { begins: b"\xfd7zXZ\0", name: "compressed by xz", remedy: "undo that: `unxz FILE`" },
    Kind { begins: b"]\0\0", name: "compressed by lzma", remedy: "undo that: `unlzma FILE`" },
    Kind { begins: b"\x04\x22\x4d\x18", name: "compressed by lz4", remedy: "undo that: `unlz4 FILE`" },
    Kind { begins: b"\xff\x06\0\0sNaPpY", name: "compressed by snappy", remedy: "undo that first" },
    Kind { begins: b"\x1f\x9d", name: "compressed by compress", remedy: "undo that: `uncompress FILE`" },
    Kind { begins: b"PK\x03\x04", name: "a ZIP archive", remedy: "unpack it, and name the captures inside" },
    Kind {
        begins: b"7z\xbc\xaf\x27\x1c",
        name: "a 7z archive",
        remedy: "unpack it, and name the captures inside",
    },
    Kind {
        begins: b"Rar!\x1a\x07",
        name: "a RAR archive",
        remedy: "unpack it, and name the captures inside",
    },
    Kind {
        begins: b"version https://git-lfs",
        name: "a pointer of Git LFS",
        remedy: "fetch the file: `git lfs pull`",
    },
];

/// How many bytes at the beginning tell what a file is.
pub(super) const BYTES: usize = 512;

/// Returns what a file is that begins so, and what to do; nothing if that is not known.
pub(super) fn kind(start: &[u8]) -> Option<(&'static str, &'static str)> {
    if start.get(257..262) == Some(b"ustar") {
        return Some(("a tar archive", "unpack it, and name the captures inside"));
    }
    let kind = KINDS.iter().find(|kind| start.starts_with(kind.begins))?;
    Some((kind.name, kind.remedy))
}

/// Returns the name of a link type in the tcpdump group's registry, of those that are seen and not read.
pub(super) fn link_name(number: u16) -> Option<&'static str> {
    let name = match number {
        6 => "Token Ring",
        8 => "SLIP",
        9 | 50 | 166 => "PPP",
        51 => "PPPoE",
        105 => "802.11",
        119 => "802.11 with a Prism header",
        127 => "802.11 with a radiotap header",
        163 => "802.11 with an AVS header",
        104 => "Cisco HDLC",
        107 => "frame relay",
        109 => "OpenBSD encapsulation",
        117 => "OpenBSD packet filter",
        122 => "IP over Fibre Channel",
        144 => "CAN",
        187 | 201 => "Bluetooth",
        189 | 220 => "USB of Linux",
        249 => "USB of Windows",
        192 => "PPI",
        195 | 230 => "IEEE 802.15.4",
        197 => "ERF",
        227 => "CAN",
        240 => "netANALYZER",
        247 => "InfiniBand",
        251 => "Bluetooth LE",
        252 => "Wireshark's exported data",
        253 => "netlink",
        271 => "vsock",
        _ => return None,
    };
    Some(name)
}
