"""Odd but legal conversations, each written down message by message, and a player that speaks both sides of them.

A step is (who, bytes): the other side reads them before the next step, so what stands on the wire, and in which order,
is always the same. Targets are unique, so that a request can be told from any other.
"""
import gzip
import socket
import struct

C, S = "client", "server"
CLOSE, RESET, SHUT = "close", "reset", "shut"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
LOOKALIKE = b"GET /invented HTTP/1.1\r\nHost: nobody\r\n\r\nHTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"


def get(path, *fields, method=b"GET", version=b"1.1"):
    return b"%s %s HTTP/%s\r\nHost: odd\r\n%s\r\n" % (method, path, version, b"".join(f + b"\r\n" for f in fields))


def post(path, body, *fields, method=b"POST"):
    return get(path, b"Content-Length: %d" % len(body), *fields, method=method) + body


def chunks(*parts, trailers=b"", extension=b""):
    return b"".join(b"%x%s\r\n%s\r\n" % (len(part), extension, part) for part in parts) + b"0\r\n" + trailers + b"\r\n"


def response(status, body=b"", *fields):
    head = b"HTTP/1.1 %s\r\nContent-Length: %d\r\n%s\r\n" % (status, len(body), b"".join(f + b"\r\n" for f in fields))
    return head + body


def bytewise(who, data):
    return [(who, data[at:at + 1]) for at in range(len(data))]


def conversations():
    """name -> steps"""
    big = bytes(range(256)) * 1500
    te = b"Transfer-Encoding: chunked"
    te_response = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    yield "pipelined", [(C, get(b"/pipe/1") + get(b"/pipe/2", method=b"HEAD") + post(b"/pipe/3", b"x=1") + get(b"/pipe/4")),
                        (S, OK + b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + response(b"201 Created") + OK)]
    yield "byte by byte", bytewise(C, get(b"/bytes/1")) + bytewise(S, OK) + bytewise(C, post(b"/bytes/2", b"abc")) + [(S, OK)]
    yield "folded fields", [(C, get(b"/fold/1", b"X-Long: one\r\n two\r\n\tthree")),
                            (S, b"HTTP/1.1 200 OK\r\nX-Long: a\r\n  b\r\nContent-Length: 1\r\n\r\n!"), (C, get(b"/fold/2")), (S, OK)]
    yield "bare line feeds", [(C, b"GET /lf/1 HTTP/1.1\nHost: odd\n\n"), (S, b"HTTP/1.1 200 OK\nContent-Length: 3\n\nabc"),
                              (C, b"POST /lf/2 HTTP/1.1\nHost: odd\nContent-Length: 3\n\nabc"), (S, OK)]
    yield "chunked both ways", [
        (C, get(b"/chunked/1", te, method=b"PUT") + chunks(b"abc", b"defg", trailers=b"X-Sum: 7\r\n", extension=b";a=\"b\"")),
        (S, te_response + chunks(b"hello ", big, b"!", trailers=b"X-A: 1\r\nX-B: 2\r\n")),
        (C, get(b"/chunked/2", te, method=b"PATCH")), (C, b"3"), (C, b"\r\nab"), (C, b"c\r\n0"), (C, b"\r\n\r\n"), (S, OK)]
    yield "blank lines first", [(C, b"\r\n" + get(b"/blank/1")), (S, OK), (C, b"\r\n\r\n" + get(b"/blank/2")), (S, OK)]
    for method in (b"PROPFIND", b"REPORT", b"M-SEARCH", b"PURGE", b"LINK", b"QUERY", b"X-OWN!", b"BASELINE-CONTROL"):
        yield "method " + method.decode(), [(C, get(b"/method/" + method, method=method)), (S, OK), (C, get(b"/after/" + method)), (S, OK)]
    yield "until close", [(C, get(b"/close/1", version=b"1.0")), (S, b"HTTP/1.0 200 OK\r\n\r\nsome"), (S, b" more" * 100), (S, CLOSE)]
    yield "until close, 1.1", [(C, get(b"/close/2")), (S, b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + LOOKALIKE), (S, CLOSE)]
    yield "keep-alive, 1.0", [(C, get(b"/old/1", b"Connection: keep-alive", version=b"1.0")),
                              (S, b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok"),
                              (C, get(b"/old/2", version=b"1.0")), (S, b"HTTP/1.0 200 OK\r\n\r\nok"), (S, CLOSE)]
    yield "no bodies", [(C, get(b"/none/head", method=b"HEAD")), (S, b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"),
                        (C, get(b"/none/204", method=b"DELETE")), (S, b"HTTP/1.1 204 No Content\r\n\r\n"),
                        (C, get(b"/none/304")), (S, b"HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\n\r\n"),
                        (C, get(b"/none/head-chunked", method=b"HEAD")), (S, te_response), (C, get(b"/none/last")), (S, OK)]
    yield "interim answers", [
        (C, get(b"/interim/1", b"Content-Length: 4", b"Expect: 100-continue", method=b"PUT")),
        (S, b"HTTP/1.1 100 Continue\r\n\r\n"), (C, b"body"), (S, b"HTTP/1.1 102 Processing\r\n\r\n"),
        (S, b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" + response(b"201 Created", b"done")), (C, get(b"/interim/2")), (S, OK)]
    yield "websocket", [(C, get(b"/ws", b"Connection: Upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Version: 13",
                                b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")),
                        (S, b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                            b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"),
                        (S, b"\x81\x05hello"), (C, b"\x81\x85\0\0\0\0world"), (S, b"\x82\x7e" + struct.pack("!H", len(LOOKALIKE)) + LOOKALIKE)]
    yield "refused upgrade", [(C, get(b"/upgrade/1", b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABk")),
                              (S, OK), (C, get(b"/upgrade/2")), (S, OK)]
    yield "tunnel", [(C, b"CONNECT shop.example:443 HTTP/1.1\r\nHost: shop.example:443\r\n\r\n"),
                     (S, b"HTTP/1.1 200 Connection established\r\n\r\n"), (C, b"\x16\x03\x01\x00\x05abcde"), (S, b"\x15\x03\x03\x00\x02\x02\x28")]
    yield "refused tunnel", [(C, b"CONNECT other.example:443 HTTP/1.1\r\nHost: other.example:443\r\n\r\n"),
                             (S, response(b"403 Forbidden", b"no")), (C, get(b"/tunnel/after")), (S, OK)]
    yield "forms of target", [(C, get(b"http://shop.example/absolute?x=1")), (S, OK), (C, get(b"*", method=b"OPTIONS")), (S, OK),
                              (C, get(b"/form/%7Euser/a%20b?q=%C3%BC&&=;x")), (S, OK), (C, get(b"/" + b"long/" * 800)), (S, OK)]
    yield "raw UTF-8 target", [(C, get("/utf8/grün?q=é".encode())), (S, OK)]
    yield "both lengths", [(C, get(b"/both/1", te, b"Content-Length: 3", method=b"POST") + chunks(b"twelve bytes")), (S, OK),
                           (C, get(b"/both/2")), (S, OK)]
    yield "large heads", [(C, get(b"/head/1", *(b"X-Field-%d: %s" % (n, b"v" * 1000) for n in range(58)))),
                          (S, response(b"200 OK", b"ok", *(b"X-Field-%d: %s" % (n, b"v" * 500) for n in range(40)))), (C, get(b"/head/2")), (S, OK)]
    yield "requests in bodies", [(C, post(b"/inside/1", LOOKALIKE)), (S, response(b"200 OK", LOOKALIKE)),
                                 (C, get(b"/inside/2", te, method=b"POST") + chunks(LOOKALIKE, LOOKALIKE)), (S, te_response + chunks(LOOKALIKE)),
                                 (C, post(b"/inside/3", b"\r\n\r\n" + LOOKALIKE)), (S, OK), (C, get(b"/inside/4")), (S, OK)]
    yield "early answer", [(C, get(b"/early/1", b"Content-Length: 6", method=b"PUT") + b"abc"), (S, response(b"413 Too Large")),
                           (C, b"def"), (C, get(b"/early/2")), (S, OK)]
    yield "reset", [(C, get(b"/reset/1")), (S, b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf"), (S, RESET)]
    yield "half closed", [(C, get(b"/shut/1")), (C, SHUT), (S, OK), (S, CLOSE)]
    yield "never answered", [(C, get(b"/silence/1")), (S, CLOSE)]
    yield "never finished", [(C, b"POST /unfinished HTTP/1.1\r\nHost: odd\r\nContent-Length: 100\r\n\r\nhalf"), (C, CLOSE)]
    yield "no reason", [(C, get(b"/reason/1")), (S, b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n"), (C, get(b"/reason/2")), (S, b"HTTP/1.1 599 \r\nContent-Length: 0\r\n\r\n")]
    yield "not ASCII", [(C, post(b"/bytes/utf8", "{\"name\": \"Grüße, 世界\"}".encode(), b"X-Name: \xff\xfe")), (S, response(b"200 OK", "ä".encode() * 50))]
    packed = gzip.compress(b"{\"a\": 1}" * 500, mtime=0)
    yield "gzip", [(C, post(b"/gzip/1", packed, b"Content-Encoding: gzip")), (S, response(b"200 OK", packed, b"Content-Encoding: gzip"))]
    yield "large bodies", [(C, post(b"/large/1", big)), (S, response(b"200 OK", big)), (C, get(b"/large/2")), (S, OK)]
    yield "many", [step for n in range(100) for step in ((C, get(b"/many/%d" % n)), (S, OK))]
    # What is not HTTP/1: nothing may be found in it.
    yield "redis", [(C, b"*1\r\n$4\r\nPING\r\n"), (S, b"+PONG\r\n"), (C, b"*2\r\n$3\r\nGET\r\n$1\r\na\r\n"), (S, b"$-1\r\n")]
    yield "server first", [(S, b"220 mail.example ESMTP\r\n"), (C, b"EHLO odd\r\n"), (S, b"250 mail.example\r\n"), (C, b"QUIT\r\n")]
    yield "noise", [(C, bytes(n * 37 % 256 for n in range(5000))), (S, bytes(n * 91 % 256 for n in range(5000)))]
    yield "tls", [(C, bytes.fromhex("160301002f0100002b0303") + bytes(32) + bytes.fromhex("0000041301c02f0100")), (S, b"\x15\x03\x03\x00\x02\x02\x28")]


def play(address, reuse_port):
    """Speaks all conversations over real sockets at `address`; the last two connections use one client port."""
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen()
        for _, steps in conversations():
            converse(listener, steps)
        for turn in (1, 2):
            converse(listener, [(C, get(b"/port/%d" % turn)), (S, OK), (S, RESET)], reuse_port)


def converse(listener, steps, port=0):
    with socket.socket(listener.family) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        client.bind((listener.getsockname()[0], port))
        client.connect(listener.getsockname())
        server, _ = listener.accept()
        sides = {C: client, S: server}
        for side in sides.values():
            side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            side.settimeout(10)
        with server:
            for who, what in steps:
                step(sides[who], sides[S if who == C else C], what)


def step(sender, receiver, what):
    if what == RESET:
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if what in (CLOSE, RESET):
        sender.close()
    elif what == SHUT:
        sender.shutdown(socket.SHUT_WR)
    else:
        sent = memoryview(what)
        while sent:
            size = sender.send(sent[:60000])
            receive(receiver, size)
            sent = sent[size:]


def receive(sock, size):
    while size:
        got = len(sock.recv(size))
        if not got:
            raise ConnectionError("closed early")
        size -= got
