"""What binutils says of a file: its symbols, and where its instructions begin."""
import bisect
import re
import subprocess

FUNCTIONS = {
    "log": r"ssl_log_secret|_gnutls_call_keylog_func|_ZN4bssl14ssl_log_secret[^.]*",
    "go": r"crypto/tls\.\(\*Config\)\.writeKeyLog",
    "hkdf": r"aws_lc_\w+_HKDF_expand",
    "prf": r"aws_lc_\w+_CRYPTO_tls1_prf|tls1_P_hash",
}
# What Linux emulates (arch/x86/kernel/uprobes.c): relative jumps and calls, `push`, `nop`.
EMULATED = re.compile(r"^(j\w+|call|push|nop)\b")
LABELS = [b"CLIENT_RANDOM\0", b"EXPORTER_SECRET\0", b"EARLY_EXPORTER_SECRET\0", b"CLIENT_EARLY_TRAFFIC_SECRET\0",
          b"CLIENT_HANDSHAKE_TRAFFIC_SECRET\0", b"SERVER_HANDSHAKE_TRAFFIC_SECRET\0", b"CLIENT_TRAFFIC_SECRET_0\0",
          b"SERVER_TRAFFIC_SECRET_0\0"]
# How far behind a function's start a place may be.
NEAR = 128


def run(*command):
    return subprocess.run(command, capture_output=True, text=True).stdout


def segments(path):
    """(offset, address, size) of what is mapped."""
    rows = re.findall(r"^\s+LOAD\s+(\S+)\s+(\S+)\s+\S+\s+(\S+)", run("readelf", "-lW", path), re.M)
    return [tuple(int(value, 16) for value in row) for row in rows]


def address(path, offset):
    return next(at + offset - begin for begin, at, size in segments(path) if begin <= offset < begin + size)


def named(path, kind):
    """The addresses of the functions of a kind, by the symbols."""
    lines = run("nm", path) + run("nm", "-D", "--defined-only", path)
    return sorted({int(at, 16) for at, name in re.findall(r"^(\w+) [TtWw] (.+)$", lines, re.M) if re.fullmatch(FUNCTIONS[kind], name)})


def called(path, kind):
    """The functions that direct calls lead to; for `log` those only that follow at least two labels. Takes long."""
    content, texts = path.read_bytes(), {}
    for begin, at, size in segments(path):
        for label in LABELS:
            found = content.find(label, begin, begin + size)
            while found >= 0:
                texts[at + found - begin] = label
                found = content.find(label, found + 1, begin + size)
    process = subprocess.Popen(["objdump", "-d", "--no-show-raw-insn", "-w", path], stdout=subprocess.PIPE, text=True)
    functions, label, since = {}, None, 0
    for line in process.stdout:
        since += 1
        if "lea " in line and "# " in line:
            target = int(line.split("# ")[1].split()[0], 16)
            if target in texts:
                label, since = texts[target], 0
        elif "mov " in line and (constant := re.search(r"\$0x(\w+),%", line)) and int(constant[1], 16) in texts:
            label, since = texts[int(constant[1], 16)], 0
        elif "call " in line and (target := re.search(r"call\s+([0-9a-f]+)\b", line)):
            functions.setdefault(int(target[1], 16), set())
            if label is not None and since < 30:
                functions[int(target[1], 16)].add(label)
            label = None
    process.wait()
    return sorted(function for function, labels in functions.items() if kind != "log" or len(labels) > 1)


def wrong(path, offset, step, functions):
    """What is wrong with a place, by objdump from the start of the function before it; nothing if it is right."""
    place = address(path, int(offset, 16))
    before = bisect.bisect_right(functions, place)
    if before == 0 or place - functions[before - 1] >= NEAR:
        return "no function begins shortly before it"
    function = functions[before - 1]
    text = run("objdump", "-d", "--no-show-raw-insn", f"--start-address={function:#x}", f"--stop-address={place + 16:#x}", path)
    code = {int(at, 16): instruction for at, instruction in re.findall(r"^\s*([0-9a-f]+):\t(.*)$", text, re.M)}
    if place not in code:
        return "no instruction begins there"
    if step == "Emulated" and not EMULATED.match(code[place]):
        return f"not emulated: {code[place]}"
    earlier = [instruction for at, instruction in code.items() if function <= at < place and EMULATED.match(instruction)]
    if step == "SingleStepped" and (place != function or any(not one.startswith("j") for one in earlier)):
        return "single-stepped, and not the start"
    return None
