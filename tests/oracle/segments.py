"""Two ends of a TCP connection, which make packets in Ethernet frames with running numbers."""
import socket
import struct

SIZE = 1448  # the bytes of a segment
SYN, PSH, ACK = 0x02, 0x08, 0x10


class End:
    def __init__(self, address, port, number):
        self.address, self.port, self.next, self.got = address, port, number, 0
        self.name = f"{address}:{port}"

    def packet(self, to, payload, flags=ACK):
        """The next packet to the other end, which gets it at once: its own packets acknowledge it from then on."""
        tcp = struct.pack("!HHIIBBHHH", self.port, to.port, self.next, self.got if flags & ACK else 0, 5 << 4,
                          flags | (PSH if payload else 0), 65535, 0, 0)
        ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40 + len(payload), 0, 0x4000, 64, 6, 0, socket.inet_aton(self.address),
                         socket.inet_aton(to.address))
        self.next = (self.next + len(payload) + bool(flags & SYN)) % 2**32
        to.got = self.next
        return bytes(6) + bytes(6) + b"\x08\x00" + ip + tcp + payload


def handshake(client, server):
    return [client.packet(server, b"", SYN), server.packet(client, b"", SYN | ACK), client.packet(server, b"")]


def has_data(frame):
    return int.from_bytes(frame[16:18], "big") > 40
