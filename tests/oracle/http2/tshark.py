"""What tshark shows of HTTP/2: who asked for what, with which answer."""
import subprocess
import xml.etree.ElementTree as tree

PORT = 18090


def requests(path):
    """(client, stream, method, path, status or None) of every request."""
    command = ["tshark", "-n", "-r", path, "-d", f"tcp.port=={PORT},http2", "-Y", "http2.type == 1 or http2.type == 9", "-T", "pdml"]
    # Where it lost its way in a table, tshark writes bytes that are no UTF-8.
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8", errors="replace")
    asked, answered = {}, {}
    for client, from_client, stream, headers in read(process.stdout):
        key = (client, stream)
        if from_client and key not in asked and ":method" in headers:
            asked[key] = (headers[":method"], headers.get(":path"))
        elif not from_client and not headers.get(":status", "1").startswith("1"):
            answered.setdefault(key, int(headers[":status"]))
    if process.wait() != 0:
        raise SystemExit(f"tshark cannot read {path}")
    return [(*key, *request, answered.get(key)) for key, request in asked.items() if request[1] is not None]


def read(stream):
    """Each header list: client, whether it is the client's, stream, fields."""
    for _, packet in tree.iterparse(stream):
        if packet.tag != "packet":
            continue
        values = {one.get("name"): one.get("show") for one in packet.iter("field")}
        source, destination = (f"{values[f'ip.{side}']}:{values[f'tcp.{side}port']}" for side in ("src", "dst"))
        from_client = destination.endswith(f":{PORT}")
        for one in packet.iter("field"):
            if one.get("name") == "http2.stream" and one.find("field[@name='http2.streamid']") is not None:
                stream_id = int(one.find("field[@name='http2.streamid']").get("show"))
                headers = [{part.get("name"): part.get("show") for part in header.iter("field")}
                           for header in one.iter("field") if header.get("name") == "http2.header"]
                lists = {header.get("http2.header.name"): header.get("http2.header.value") for header in headers}
                yield source if from_client else destination, from_client, stream_id, lists
        packet.clear()
