"""An independent reader of complete captures of HTTP/2: PyPI's hyperframe and hpack over bytes put in order here.

It knows of each field which packet inserted the entry of the table that it refers to.
"""
import struct
import sys
from dataclasses import dataclass, field
from pathlib import Path

import hpack
import hpack.hpack
from hyperframe import frame as frames

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import pcap  # noqa: E402

PORT = 18090
# By itself it hands out copies, which lose the tag.
hpack.hpack._unicode_if_needed = lambda header, raw: header
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


@dataclass
class Exchange:
    client: str
    packet: int  # the one in which the request's header block was complete
    begins: int  # the one in which it began
    stream: int
    method: str = None
    path: str = None
    status: int = None
    grpc: int = None
    request_headers: list = field(default_factory=list)
    request_body: int = 0
    response_body: int = 0
    ended: set = field(default_factory=set)
    sources: dict = field(default_factory=dict)  # pseudo-header field: the packet that inserted it; None without a table

    @property
    def complete(self):
        return self.status is not None and self.ended == {"request", "response"}


class Tagged(bytes):
    """Bytes in a dynamic table, with the packet that inserted them."""
    packet = None


class Decoder(hpack.Decoder):
    """hpack's decoder, which allows any table and list, and tags what is inserted."""

    def __init__(self):
        super().__init__(max_header_list_size=1 << 30)
        self.max_allowed_table_size = 1 << 30
        self.packet = None
        add = self.header_table.add
        self.header_table.add = lambda name, value: add(self.tagged(name), self.tagged(value))

    def tagged(self, value):
        tagged = Tagged(value)
        # A name that refers to another entry is known only where that one is.
        tagged.packet = min(self.packet, getattr(value, "packet", None) or self.packet)
        return tagged


def segments(path):
    """(packet number from 1, source, destination, sequence, SYN, payload) of each TCP segment in IPv4."""
    for number, one in enumerate(pcap.read(path), 1):
        data = one.data[14:]
        if len(data) < 20 or data[0] >> 4 != 4 or data[9] != 6:
            continue
        start, total = (data[0] & 15) * 4, int.from_bytes(data[2:4]) or len(data)
        ports = struct.unpack_from("!HHI", data, start)
        head = (data[start + 12] >> 4) * 4
        ends = [".".join(map(str, data[at:at + 4])) + f":{port}" for at, port in ((12, ports[0]), (16, ports[1]))]
        yield number, *ends, ports[2], bool(data[start + 13] & 2), data[start + head:total]


class Side:
    """One direction of a connection: bytes in order, frames, header lists."""

    def __init__(self):
        self.next, self.buffer, self.started, self.block = None, b"", False, None
        self.packets = []  # (length, packet) of the pieces of the buffer
        self.decoder = Decoder()

    def add(self, number, sequence, syn, payload):
        if syn:
            self.next = (sequence + 1) & 0xFFFFFFFF
        if self.next is None:
            return
        behind = (self.next - sequence) & 0xFFFFFFFF
        if payload and behind < len(payload):  # loopback: nothing is out of order, but something may be sent again
            self.buffer += payload[behind:]
            self.packets.append((len(payload) - behind, number))
            self.next = (sequence + len(payload)) & 0xFFFFFFFF

    def frames(self):
        while len(self.buffer) >= 9:
            length = int.from_bytes(self.buffer[:3])
            if len(self.buffer) < 9 + length:
                return
            one, _ = frames.Frame.parse_frame_header(memoryview(self.buffer[:9]))
            one.parse_body(memoryview(self.buffer[9:9 + length]))
            one.packet = self.packet()
            self.buffer = self.buffer[9 + length:]
            yield one

    def packet(self):
        """The packet of the first byte of the buffer."""
        behind = sum(length for length, _ in self.packets) - len(self.buffer)
        while behind >= self.packets[0][0]:
            behind -= self.packets.pop(0)[0]
        self.packets[0] = (self.packets[0][0] - behind, self.packets[0][1])
        return self.packets[0][1]


class Connection:
    def __init__(self, client):
        self.client, self.sides, self.streams, self.done, self.upgraded = client, (Side(), Side()), {}, [], False

    def segment(self, number, from_client, sequence, syn, payload):
        side = self.sides[0 if from_client else 1]
        side.add(number, sequence, syn, payload)
        if not side.started and not self.start(side, from_client):
            return
        for one in side.frames():
            self.frame(number, side, from_client, one)

    def start(self, side, from_client):
        """The preface, or HTTP/1.1 up to and with the upgrade."""
        if from_client:
            if side.buffer.startswith(PREFACE):
                side.buffer, side.started = side.buffer[len(PREFACE):], True
            elif not PREFACE.startswith(side.buffer):
                if b"\r\n\r\n" in side.buffer:
                    self.upgraded, side.buffer = True, side.buffer.split(b"\r\n\r\n", 1)[1]
                    return self.start(side, from_client)
        elif not self.upgraded:
            side.started = bool(side.buffer)
        elif b"\r\n\r\n" in side.buffer:
            head, rest = side.buffer.split(b"\r\n\r\n", 1)
            if head.startswith(b"HTTP/1.1 101"):
                side.buffer, side.started = rest, True
        return side.started

    def frame(self, number, side, from_client, one):
        if isinstance(one, (frames.HeadersFrame, frames.PushPromiseFrame, frames.ContinuationFrame)):
            if not isinstance(one, frames.ContinuationFrame):
                side.block = (one, b"")
            first, data = side.block
            side.block = (first, data + one.data)
            if "END_HEADERS" in one.flags:
                side.decoder.packet = number
                headers = side.decoder.decode(side.block[1], raw=True)
                if isinstance(first, frames.HeadersFrame):
                    self.headers(number, from_client, first, headers)
        exchange = self.streams.get(one.stream_id)
        if exchange is None:
            return
        name = "request" if from_client else "response"
        if isinstance(one, frames.DataFrame):
            setattr(exchange, f"{name}_body", getattr(exchange, f"{name}_body") + len(one.data))
            if "END_STREAM" in one.flags:
                exchange.ended.add(name)
        if isinstance(one, frames.RstStreamFrame) and not exchange.complete:
            exchange.ended.add("reset")

    def headers(self, number, from_client, frame, headers):
        stream, name = frame.stream_id, "request" if from_client else "response"
        exchange = self.streams.get(stream)
        if exchange is None and from_client:
            exchange = self.streams[stream] = Exchange(self.client, number, frame.packet, stream)
            self.done.append(exchange)
            for key, value in ((one[0], one[1]) for one in headers):
                text = bytes(value).decode("latin-1")
                if key.startswith(b":"):
                    exchange.sources[bytes(key).decode()] = getattr(value, "packet", None)
                if key == b":method":
                    exchange.method = text
                elif key == b":path":
                    exchange.path = text
                elif not key.startswith(b":"):
                    exchange.request_headers.append((bytes(key).decode("latin-1"), text.strip()))
        elif exchange is not None and not from_client:
            for key, value in ((bytes(one[0]), bytes(one[1])) for one in headers):
                if key == b":status" and exchange.status is None and not value.startswith(b"1"):
                    exchange.status = int(value)
                elif key == b"grpc-status":
                    exchange.grpc = int(value)
        if exchange is not None and "END_STREAM" in frame.flags:
            exchange.ended.add(name)


def exchanges(path):
    """All requests of the file that came over HTTP/2 itself, in their order on each connection."""
    connections = {}
    for number, source, destination, sequence, syn, payload in segments(path):
        from_client = destination.endswith(f":{PORT}")
        client = source if from_client else destination
        if from_client and syn:
            connections[client] = Connection(client)
        if client in connections:
            connections[client].segment(number, from_client, sequence, syn, payload)
    return [one for connection in connections.values() for one in connection.done]
