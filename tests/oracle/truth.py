"""What a complete capture holds, read independently of tshark and of the monitor: a reader for perfect streams only.

It is also what says, for a capture with frames left out, which requests are still there in full.
"""
import bisect
import re
from dataclasses import dataclass, field

import pcap

REQUEST_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) (\S+) HTTP/1\.[01]\Z")
STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-5]\d\d)(?: .*)?\Z")


@dataclass
class Side:
    """One direction of a connection."""
    first: int = 0  # sequence number of its first byte
    data: bytearray = field(default_factory=bytearray)
    pieces: list = field(default_factory=list)  # (offset, length, frame number from 0, bytes before them in the frame)
    acknowledged: list = field(default_factory=list)  # (bytes from its first, frame number from 0) in segments of its receiver
    ended: bool = False

    def acknowledge(self, segment, number):
        if segment.flags & pcap.ACK:
            self.acknowledged.append(((segment.acknowledged - self.first) & 0xFFFFFFFF, number))

    def add(self, segment, number, frame):
        if segment.payload:
            at = (segment.sequence - self.first) & 0xFFFFFFFF
            self.data.extend(bytes(max(0, at - len(self.data))))  # what comes before may come later
            self.data[at:at + len(segment.payload)] = segment.payload
            self.pieces.append((at, len(segment.payload), number, len(frame.data) - len(segment.payload)))
        self.ended |= bool(segment.flags & 0x05)


@dataclass
class Connection:
    client: str
    server: str
    up: Side
    down: Side


@dataclass
class Request:
    client: str
    server: str
    method: str
    target: str
    number: int  # of its first frame, from 0
    head: tuple  # (begin, end) of head and of the whole message in the client's stream
    whole: tuple
    side: Side
    status: int | None = None
    request_body: int = 0
    response_body: int = 0
    complete: bool = False
    answer: tuple | None = None  # (begin, end) of the response's head in the server's stream
    answers: Side | None = None


def connections(frames):
    """Connections that begin with a SYN, in that order."""
    known, result = {}, []
    for number, frame in enumerate(frames):
        segment = pcap.tcp(frame)
        if segment is None:
            continue
        ends = (segment.source, segment.destination)
        if segment.flags & pcap.SYN:
            if not segment.flags & pcap.ACK:
                if ends in known and known[ends].up.first == (segment.sequence + 1) & 0xFFFFFFFF:
                    continue  # the SYN again
                known[ends] = Connection(*ends, Side((segment.sequence + 1) & 0xFFFFFFFF), Side())
                result.append(known[ends])
            elif ends[::-1] in known:
                known[ends[::-1]].down.first = (segment.sequence + 1) & 0xFFFFFFFF
        elif ends in known:
            known[ends].up.add(segment, number, frame)
            known[ends].down.acknowledge(segment, number)
        elif ends[::-1] in known:
            known[ends[::-1]].down.add(segment, number, frame)
            known[ends[::-1]].up.acknowledge(segment, number)
    return result


def requests(frames):
    return [request for connection in connections(frames) for request in exchanges(connection)]


def exchanges(connection):
    up, down = connection.up, connection.down
    at, answer_at = 0, 0
    while (head := read_head(up.data, at, REQUEST_LINE)) is not None:
        begin, body_at, line, fields = head
        method = line[1].decode()
        size, end = body(up, body_at, fields, 0)
        whole_is_there = end is not None
        end = len(up.data) if end is None else end
        first = next(number for offset, length, number, _ in up.pieces if offset <= begin < offset + length)
        request = Request(connection.client, connection.server, method, printable(line[2]), first,
                          (begin, body_at), (begin, end), up, request_body=size, answers=down)
        yield request
        while (head := read_head(down.data, answer_at, STATUS_LINE)) is not None:
            begin, answer_at, line, fields = head
            status = int(line[1])
            if status >= 200 or status == 101:
                request.status, request.answer = status, (begin, answer_at)
                break
        if request.status is None or request.status == 101 or (method == "CONNECT" and request.status < 300):
            request.complete = request.status is not None and whole_is_there
            return
        none = method == "HEAD" or request.status in (204, 304)
        request.response_body, ended = (0, answer_at) if none else body(down, answer_at, fields, None)
        request.complete = whole_is_there and ended is not None
        if ended is None or not whole_is_there:
            return
        at, answer_at = end, ended


def read_head(data, at, form):
    """(begin, end, match of the start line, fields) of a message, or None where none begins."""
    while data[at:at + 2] == b"\r\n" or data[at:at + 1] == b"\n":
        at += 2 if data[at:at + 1] == b"\r" else 1
    end = re.compile(rb"\n\r?\n").search(data, at)
    if end is None:
        return None
    lines = re.sub(rb"\r?\n[ \t]+", b" ", bytes(data[at:end.start()])).split(b"\n")
    line = form.match(lines[0].rstrip(b"\r"))
    if line is None:
        return None
    fields = {}
    for text in lines[1:]:
        key, _, value = text.partition(b":")
        fields[key.strip().lower()] = value.strip()
    return at, end.end(), line, fields


def body(side, at, fields, without_length):
    """(size, end) of a body; end is None when it is not there to its end. `without_length` None: until close."""
    data = side.data
    if b"chunked" in fields.get(b"transfer-encoding", b"").lower():
        return chunked(data, at)
    if b"content-length" in fields:
        size = int(fields[b"content-length"])
        return (size, at + size) if at + size <= len(data) else (len(data) - at, None)
    if without_length is not None:
        return 0, at
    return len(data) - at, len(data) if side.ended else None


def chunked(data, at):
    total = 0
    while (line := data.find(b"\n", at)) >= 0:
        size = int(data[at:line].split(b";")[0].strip(), 16)
        at = line + 1
        if size == 0:
            trailers = re.compile(rb"(?:[^\r\n]+\r?\n)*\r?\n").match(data, at)
            return (total, trailers.end()) if trailers else (total, None)
        if at + size > len(data):
            return total + len(data) - at, None
        total += size
        at = data.find(b"\n", at + size) + 1
    return total, None


def printable(target):
    """As the monitor prints it: bytes that are not printable ASCII percent-encoded."""
    return "".join(chr(byte) if 0x21 <= byte <= 0x7E else f"%{byte:02X}" for byte in target)


class Left:
    """The bytes of streams that are still in a file: in the frames that are left (None: all), cut to `snaplen` (None: whole)."""

    def __init__(self, frames, snaplen):
        self.frames, self.snaplen, self.spans, self.taken = frames, snaplen, {}, {}

    def has(self, side, span):
        spans = self.spans.get(id(side))
        if spans is None:
            spans = self.spans[id(side)] = self.merge(side)
        at = bisect.bisect_right(spans, span[0], key=lambda one: one[0]) - 1
        return at >= 0 and spans[at][1] >= span[1]

    def shows_taken(self, side, end):
        """Whether the receiver acknowledges the bytes up to `end` in what is left, or is not in it at all."""
        if id(side) not in self.taken:
            left = [to for to, number in side.acknowledged if self.frames is None or number in self.frames]
            self.taken[id(side)] = max((to for to in left if to < 2**31), default=2**31)
        return end <= self.taken[id(side)]

    def merge(self, side):
        spans = []
        for begin, length, number, header in sorted(side.pieces):
            if self.frames is not None and number not in self.frames:
                continue
            end = begin + (length if self.snaplen is None else min(length, max(0, self.snaplen - header)))
            if spans and begin <= spans[-1][1]:
                spans[-1][1] = max(spans[-1][1], end)
            else:
                spans.append([begin, end])
        return spans
