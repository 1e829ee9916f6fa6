"""Frames of connections that one server has with several clients."""
import struct
import sys

from documents import FOLDER

sys.path.insert(0, str(FOLDER.parent / "oracle"))
from pcap import ACK, SYN, Frame  # noqa: E402

FIN, PUSH, ROOM = 0x01, 0x08, 1400
ETHERNET = bytes.fromhex("02000000000102000000000208 00".replace(" ", ""))
SERVER = (bytes((192, 0, 2, 22)), 8080)
BEGIN, HOUR = 1_790_000_000 * 10**9, 3600 * 10**9


def checksum(head):
    total = sum(struct.unpack("!10H", head))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF


def frame(time, source, destination, sequence, acknowledged, flags, payload=b""):
    """Without a TCP checksum, as where the network card adds it."""
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40 + len(payload), 0, 0x4000, 64, 6, 0, source[0], destination[0])
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    tcp = struct.pack("!HHIIBBHHH", source[1], destination[1], sequence & 0xFFFFFFFF, acknowledged & 0xFFFFFFFF, 0x50, flags, 64240, 0, 0)
    return Frame.of(time, ETHERNET + head + tcp + payload)


class Connection:
    def __init__(self, frames, client, time):
        self.frames, self.client = frames, client
        self.next = {client: 1000, SERVER: 5000}
        self.left = 25
        self.put(time, client, SERVER, SYN, b"")
        self.put(time + 10**5, SERVER, client, SYN | ACK, b"")
        self.put(time + 2 * 10**5, client, SERVER, ACK, b"")

    def put(self, time, source, destination, flags, payload):
        self.frames.append(frame(time, source, destination, self.next[source], self.next[destination] if flags & ACK else 0, flags, payload))
        self.next[source] += len(payload) + bool(flags & (SYN | FIN))

    def send(self, time, source, destination, data):
        for at in range(0, len(data), ROOM):
            self.put(time, source, destination, ACK | PUSH, data[at:at + ROOM])
            time += 10**4

    def exchange(self, time, asked, answered):
        self.send(time, self.client, SERVER, asked)
        self.send(time + 5 * 10**6, SERVER, self.client, answered)
        self.left -= 1

    def close(self, time):
        self.put(time, self.client, SERVER, ACK | FIN, b"")
        self.put(time + 10**5, SERVER, self.client, ACK | FIN, b"")
        self.put(time + 2 * 10**5, self.client, SERVER, ACK, b"")


def frames_of(exchanges):
    """(client, request, answer) in their order, over an hour; a connection carries 25 of them."""
    exchanges, frames, open_, ports = list(exchanges), [], {}, 30000
    gap = max(HOUR // (len(exchanges) + 1), 10**7)
    time = BEGIN
    for client, asked, answered in exchanges:
        if client not in open_:
            ports += 1
            open_[client] = Connection(frames, (bytes((198, 51, 100, 10 + client)), ports), time)
        open_[client].exchange(time + 10**6, asked, answered)
        if open_[client].left == 0:
            open_.pop(client).close(time + 8 * 10**6)
        time += gap
    for connection in open_.values():
        connection.close(time)
    return frames
