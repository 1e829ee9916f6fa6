"""The API documents of the corpus: which they are, where they are kept, and what operations they tell of."""
import hashlib
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

FOLDER = Path(__file__).resolve().parent
METHODS = ("get", "post", "put", "patch", "delete", "head")


def cache():
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "traffic-monitor-templates"


@dataclass
class Entry:
    """A line of documents.tsv."""
    package: str
    version: str
    registry: str  # pypi or npm
    path: str  # inside the package
    sha256: str  # of the file in the package
    name: str
    split: str  # work or apart

    @property
    def file(self):
        return cache() / "documents" / f"{self.name}.json"


def manifest(split="all"):
    lines = (FOLDER / "documents.tsv").read_text().splitlines()[1:]
    entries = [Entry(*line.split("\t")) for line in lines]
    return [entry for entry in entries if split in ("all", entry.split)]


def split_of(names):
    """name -> work or apart: every third in the order of their hashes is kept apart."""
    order = sorted(names, key=lambda name: hashlib.sha256(name.encode()).hexdigest())
    return {name: "apart" if at % 3 == 2 else "work" for at, name in enumerate(order)}


@dataclass
class Operation:
    method: str
    path: str  # of the document, behind the base path
    parameters: list  # of the document, resolved
    raw: dict


class Document:
    def __init__(self, raw):
        self.raw = raw
        self.host, self.base = place_of(raw)
        self.operations = list(self._operations())

    def resolve(self, node, depth=0):
        """Follows `$ref` inside the document; what is not there is empty."""
        while isinstance(node, dict) and isinstance(node.get("$ref"), str):
            depth += 1
            if depth > 20 or not node["$ref"].startswith("#/"):
                return {}
            found = self.raw
            for part in node["$ref"][2:].split("/"):
                part = part.replace("~1", "/").replace("~0", "~").replace("%7B", "{").replace("%7D", "}")
                if isinstance(found, list) and part.isdigit() and int(part) < len(found):
                    found = found[int(part)]
                elif isinstance(found, dict):
                    found = found.get(part)
                else:
                    found = None
            node = found
        return node if isinstance(node, dict) else {}

    def _operations(self):
        for path, item in (self.raw.get("paths") or {}).items():
            item = self.resolve(item)
            path = re.split(r"[?#]", path)[0]
            for method in METHODS:
                if not isinstance(raw := item.get(method), dict):
                    continue
                found = {}
                for parameter in [*(item.get("parameters") or []), *(raw.get("parameters") or [])]:
                    parameter = self.resolve(parameter)
                    if "name" in parameter:
                        found[parameter["name"], parameter.get("in")] = parameter
                yield Operation(method.upper(), path, list(found.values()), raw)

    def schema_of(self, parameter):
        schema = self.resolve(parameter.get("schema") or parameter)
        for many in ("allOf", "anyOf", "oneOf"):
            choices = [self.resolve(choice) for choice in schema.get(many) or []]
            choices = [choice for choice in choices if choice.get("type") != "null"]
            if choices and "type" not in schema:
                merged = {}
                for choice in choices if many == "allOf" else choices[:1]:
                    merged.update(choice)
                schema = {**merged, **{key: value for key, value in schema.items() if key != many}}
        if isinstance(schema.get("type"), list):
            kinds = [kind for kind in schema["type"] if kind != "null"]
            schema = {**schema, "type": kinds[0] if kinds else "string"}
        return schema


def place_of(raw):
    """Host and base path of the server."""
    if "swagger" in raw:
        host, base = str(raw.get("host") or "api.example"), str(raw.get("basePath") or "")
    else:
        servers = raw.get("servers") or [{}]
        server = servers[0] if isinstance(servers, list) and isinstance(servers[0], dict) else {}
        url = str(server.get("url") or "")
        for name, variable in (server.get("variables") or {}).items():
            url = url.replace("{%s}" % name, str((variable or {}).get("default") or "main"))
        url = re.sub(r"\{[^}/]*\}", "main", url)
        try:
            parts = urlsplit(url if "://" in url or url.startswith("/") else "/" + url)
            host, base = parts.netloc or "api.example", parts.path
        except ValueError:
            host, base = "api.example", ""
    host = re.sub(r"[^A-Za-z0-9.:-]", "", host) or "api.example"
    base = re.sub(r"/+", "/", "/" + re.sub(r"[{}<> ]", "", base)).rstrip("/")
    return host, base


def load(entry):
    return Document(json.loads(entry.file.read_bytes()))
