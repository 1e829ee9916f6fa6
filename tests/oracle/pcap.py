"""Capture files and frames: as much as the oracle comparison needs."""
import ipaddress
import struct
from dataclasses import dataclass

ETHERNET, NULL, RAW, SLL, SLL2 = 1, 0, 101, 113, 276
SYN, RST, ACK = 0x02, 0x04, 0x10


@dataclass
class Frame:
    time: int  # nanoseconds since the Unix epoch
    data: bytes
    wire: int  # length on the wire

    @classmethod
    def of(cls, time, data):
        return cls(time, data, len(data))


def read(path):
    """The frames of a little-endian pcap file with Ethernet frames, as dumpcap writes it here."""
    data = path.read_bytes()
    magic, linktype = struct.unpack_from("<I16xI", data)
    scale = {0xA1B2C3D4: 1000, 0xA1B23C4D: 1}[magic]
    if linktype != ETHERNET:
        raise ValueError(f"{path}: link type {linktype}")
    frames, at = [], 24
    while at + 16 <= len(data):
        seconds, fraction, captured, wire = struct.unpack_from("<IIII", data, at)
        frames.append(Frame(seconds * 10**9 + fraction * scale, data[at + 16:at + 16 + captured], wire))
        at += 16 + captured
    return frames


def write(path, frames, linktype=ETHERNET, order="<", nanoseconds=False):
    scale = 1 if nanoseconds else 1000
    with open(path, "wb") as file:
        magic = 0xA1B23C4D if nanoseconds else 0xA1B2C3D4
        file.write(struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 262144, linktype))
        for frame in frames:
            seconds, rest = divmod(frame.time, 10**9)
            file.write(struct.pack(order + "IIII", seconds, rest // scale, len(frame.data), frame.wire) + frame.data)


def write_pcapng(path, frames, linktype=ETHERNET):
    """One section, two interfaces: frames come on both in turn, with times in nanoseconds on the second."""
    def block(kind, body):
        body += bytes(-len(body) % 4)
        return struct.pack("<II", kind, 12 + len(body)) + body + struct.pack("<I", 12 + len(body))

    with open(path, "wb") as file:
        file.write(block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
        file.write(block(1, struct.pack("<HHI", linktype, 0, 0)))
        file.write(block(1, struct.pack("<HHI", linktype, 0, 0) + struct.pack("<HHBxxxI", 9, 1, 9, 0)))
        for number, frame in enumerate(frames):
            time = frame.time // 1000 if number % 2 == 0 else frame.time
            head = struct.pack("<IIIII", number % 2, time >> 32, time & 0xFFFFFFFF, len(frame.data), frame.wire)
            file.write(block(6, head + frame.data))


@dataclass
class Tcp:
    """Where TCP is in an Ethernet frame without tags or tunnels."""
    source: str  # address:port, as Rust and the monitor print it
    destination: str
    at: int  # offset of the TCP header in the frame
    sequence: int
    acknowledged: int
    flags: int
    payload: bytes


def tcp(frame):
    """The TCP segment of a frame, or None."""
    data = frame.data
    kind = int.from_bytes(data[12:14], "big")
    if kind == 0x0800 and data[23] == 6:
        source, destination = data[26:30], data[30:34]
        at = 14 + (data[14] & 15) * 4
        end = 14 + int.from_bytes(data[16:18], "big")
    elif kind == 0x86DD and data[20] == 6:
        source, destination = data[22:38], data[38:54]
        at, end = 54, 54 + int.from_bytes(data[18:20], "big")
    else:
        return None
    if end <= at:  # a length of 0 stands for a packet over 64 KiB
        end = len(data)
    source_port, destination_port, sequence, acknowledged, offset, flags = struct.unpack_from("!HHIIBB", data, at)
    return Tcp(name(source, source_port), name(destination, destination_port), at, sequence, acknowledged, flags,
               data[at + (offset >> 4) * 4:end])


def name(address, port):
    address = ipaddress.ip_address(address)
    return f"{address}:{port}" if address.version == 4 else f"[{address}]:{port}"
