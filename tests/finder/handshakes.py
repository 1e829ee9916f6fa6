"""Programs that make handshakes, and the key logs of these, which the finder has no part in."""
import contextlib
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

CLIENTS = Path(__file__).parent / "clients"


def certificate(directory):
    """A certificate of localhost and its key."""
    cert, key = directory / "cert.pem", directory / "key.pem"
    if not key.exists():
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                        "-keyout", key, "-out", cert, "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
                       check=True, stderr=subprocess.DEVNULL)
    return cert, key


@contextlib.contextmanager
def server(directory, *options):
    """`openssl s_server`, which writes a key log: gives its port and the log."""
    cert, key = certificate(directory)
    log = directory / "keys.log"
    log.unlink(missing_ok=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", cert, "-key", key, "-keylogfile", log, "-www", *options]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        for line in process.stdout:
            if line.startswith("ACCEPT"):
                break
        else:
            sys.exit("openssl s_server does not start")
        yield port, log
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def read(text):
    """(label, random, secret) of the lines of a key log."""
    words = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    return {(label, bytes.fromhex(random), bytes.fromhex(secret)) for label, random, secret in words}


def call(command, *, may_fail=False, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=120, **options)
    if done.returncode and not may_fail:
        sys.exit(f"{' '.join(map(str, command))}: {done.stdout}{done.stderr}")
    return done.stdout


def in_memory(libssl, libcrypto, directory):
    """One libssl with itself. It gives its key log by its own callback."""
    return read(call([sys.executable, "-B", CLIENTS / "openssl.py", libssl, libcrypto, *certificate(directory)]))


def with_server(command, directory, agrees, *options, may_fail=False, env=None):
    """Runs a client, whose command is given the port. Returns whether what the server's key log says agrees, in the end."""
    with server(directory, *options) as (port, log):
        words = [str(word).replace("PORT", str(port)).replace("CERT", str(certificate(directory)[0])) for word in command]
        call(words, may_fail=may_fail, env={**os.environ, **(env or {})})
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            # The client may be through before the server has written its last line.
            if log.exists() and agrees(read(log.read_text().rpartition("\n")[0])):
                return True
            time.sleep(0.01)
    return False
