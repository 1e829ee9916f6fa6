"""What the kernel's own probe sees at a place while a program makes handshakes (tracefs, `uprobe_events`)."""
import contextlib
import hashlib
import hmac
import os
import re
from pathlib import Path

TRACING = Path("/sys/kernel/tracing")
BYTES = 48  # the longest secret
LABELS = {"CLIENT_RANDOM", "CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET",
          "CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0"}
# What the traffic secrets are derived as (RFC 8446, section 7.1).
DERIVED = {b"c hs traffic": "CLIENT_HANDSHAKE_TRAFFIC_SECRET", b"s hs traffic": "SERVER_HANDSHAKE_TRAFFIC_SECRET",
           b"c ap traffic": "CLIENT_TRAFFIC_SECRET_0", b"s ap traffic": "SERVER_TRAFFIC_SECRET_0"}


def why_not():
    """Why no probe can be made here, if none can."""
    if os.geteuid() != 0:
        return "needs root"
    if not (TRACING / "uprobe_events").exists():
        return f"needs {TRACING}/uprobe_events (CONFIG_UPROBE_EVENTS, and tracefs mounted)"
    return None


def register(name):
    return "%" + (name if name[1:].isdigit() else name[1:])


def fetches(call):
    """The arguments of the trace event for a call, as the finder says it."""
    kind, *words = call.split()
    is_in = dict(word.split("=") for word in words)
    first = {name: value.split(",")[0] for name, value in is_in.items()}
    if kind == "log":
        *between, offset = is_in["random"].split(",")
        session = register(is_in["session"])
        session = f"+{between[0]}({session})" if between else session
        return (f"label=+0({register(is_in['label'])}):string random=+{offset}({session}):x8[32] "
                f"secret=+0({register(is_in['secret'])}):x8[{BYTES}] length={register(is_in['length'])}:u32")
    lengths = {name: value.split(",")[1] for name, value in is_in.items()}
    if kind == "go":
        return (f"label=+0({register(first['label'])}):x8[{BYTES}] label_length={register(lengths['label'])}:u32 "
                f"random=+0({register(first['random'])}):x8[32] random_length={register(lengths['random'])}:u32 "
                f"secret=+0({register(first['secret'])}):x8[{BYTES}] length={register(lengths['secret'])}:u32")
    at = int((lengths.get("info") or lengths["label"]).removeprefix("sp+"))
    if kind == "hkdf":
        return (f"secret=+0({register(first['prk'])}):x8[{BYTES}] length={register(lengths['prk'])}:u32 "
                f"info=+0({register(first['info'])}):x8[64] rest=+64({register(first['info'])}):x8[16] info_length=+{at}(%sp):u32")
    return (f"secret=+0({register(first['secret'])}):x8[{BYTES}] length={register(lengths['secret'])}:u32 "
            f"label=+0({register(first['label'])}):x8[{BYTES}] label_length=+{at}(%sp):u32 "
            f"random=+32(+{at + 8}(%sp)):x8[32]")


def secrets(call, line):
    """(label, random or None, secret) of a line of the trace; none of what is no secret of a connection."""
    values = dict(re.findall(r'(\w+)=("[^"]*"|\{[^}]*\}|\S+)', line))

    def array(name, length=None):
        value = bytes(int(one, 16) for one in values[name].strip("{}").split(","))
        return value if length is None else value[:int(values[length])]

    kind = call.split()[0]
    if kind == "log":
        return values["label"].strip('"'), array("random"), array("secret", "length")
    if kind == "go":
        assert values["random_length"] == "32", line
        return array("label", "label_length").decode(), array("random"), array("secret", "length")
    if kind == "hkdf":
        # An array has 64 elements at most.
        info = (array("info") + array("rest"))[:int(values["info_length"])]
        return derived(array("secret", "length"), info)
    if array("label", "label_length") == b"key expansion":
        return "CLIENT_RANDOM", array("random"), array("secret", "length")
    return None


def derived(secret, info):
    """The traffic secret that HKDF-Expand gives (RFC 5869), if it is one."""
    name = info[3:3 + info[2]].removeprefix(b"tls13 ") if len(info) > 3 else b""
    if name not in DERIVED:
        return None
    length = int.from_bytes(info[:2], "big")
    expanded = hmac.new(secret, info + b"\1", hashlib.sha256 if length == 32 else hashlib.sha384).digest()
    return DERIVED[name], None, expanded[:length]


@contextlib.contextmanager
def probing(path, points):
    """Gives a function that returns the secrets which passed at these places of a file so far: (offset, call) each."""
    group, instance = f"finder{os.getpid()}", TRACING / f"instances/finder{os.getpid()}"
    events = TRACING / "uprobe_events"
    names = [f"at{number}" for number in range(len(points))]

    def tell(line):
        # Not `open`, which seeks, as these files cannot.
        file = os.open(events, os.O_WRONLY | os.O_APPEND)
        try:
            os.write(file, line.encode() + b"\n")
        finally:
            os.close(file)

    instance.mkdir()
    try:
        for name, (offset, call) in zip(names, points):
            tell(f"p:{group}/{name} {path}:{offset} {fetches(call)}")
            (instance / "events" / group / name / "enable").write_text("1")

        def seen():
            found = set()
            for line in (instance / "trace").read_text().splitlines():
                for name, (_, call) in zip(names, points):
                    if f" {name}: (" in line and (secret := secrets(call, line)) and secret[0] in LABELS:
                        found.add(secret)
            return found

        yield seen
    finally:
        for name in names:
            enable = instance / "events" / group / name / "enable"
            if enable.exists():
                enable.write_text("0")
                tell(f"-:{group}/{name}")
        instance.rmdir()
