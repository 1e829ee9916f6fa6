"""Downloads packages, takes documents out of them, and keeps each as OpenAPI in JSON. Started by `fetch`."""
import argparse
import gzip
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections import defaultdict
from pathlib import Path

import yaml

import documents


def download(entry, folder):
    """The file of the package."""
    if entry.registry == "npm":
        command = ["npm", "pack", "--silent", f"{entry.package}@{entry.version}"]
    else:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--ignore-requires-python",
                   f"{entry.package}=={entry.version}"]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return next(path for path in Path(folder).iterdir() if path.is_file())


def take(archive, paths):
    """path -> bytes of what is wanted of the archive."""
    if archive.suffix in (".whl", ".zip"):
        with zipfile.ZipFile(archive) as file:
            return {path: file.read(path) for path in paths}
    with tarfile.open(archive) as file:
        return {member.name: file.extractfile(member).read() for member in file if member.name in paths}


def parse(data, path):
    if path.endswith(".gz"):
        data = gzip.decompress(data)
    raw = json.loads(data) if data.lstrip()[:1] == b"{" else yaml.load(data, Loader=yaml.CSafeLoader)
    if "discoveryVersion" in raw:
        return from_discovery(raw)
    if "metadata" in raw and "operations" in raw and "shapes" in raw:
        return from_botocore(raw)
    return raw


def moved(node):
    """Schemas whose references are bare names."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str) and "/" not in node["$ref"]:
            return {"$ref": "#/components/schemas/" + node["$ref"]}
        return {key: moved(value) for key, value in node.items()}
    return [moved(value) for value in node] if isinstance(node, list) else node


def from_discovery(raw):
    """Google's discovery documents."""
    paths = {}

    def add(node):
        for method in (node.get("methods") or {}).values():
            path = "/" + (method.get("flatPath") or method["path"])
            if "{+" in path:
                continue
            names = re.findall(r"\{(\w+)\}", path)
            parameters = [{"name": name, "in": "path", "schema": moved((method.get("parameters") or {}).get(name) or {"type": "string"})} for name in names]
            for parameter in parameters:  # a pattern of the whole name says nothing of one of its parts
                parameter["schema"].pop("pattern", None)
            parameters += [{"name": name, "in": "query", "required": value.get("required", False), "schema": moved(value)}
                           for name, value in (method.get("parameters") or {}).items() if value.get("location") == "query"]
            operation = {"parameters": parameters, "responses": {"200": {"description": "", "content": {"application/json": {"schema": moved(method.get("response") or {})}}}}}
            if "request" in method:
                operation["requestBody"] = {"content": {"application/json": {"schema": moved({"$ref": method["request"]["$ref"]})}}}
            paths.setdefault(path, {})[method["httpMethod"].lower()] = operation
        for inner in (node.get("resources") or {}).values():
            add(inner)
    add(raw)
    schemas = {name: moved(schema) for name, schema in (raw.get("schemas") or {}).items()}
    return {"openapi": "3.0.0", "info": {"title": raw.get("title"), "version": raw.get("version")}, "servers": [{"url": raw["rootUrl"] + raw["servicePath"]}],
            "paths": paths, "components": {"schemas": schemas, "securitySchemes": {"oauth": {"type": "oauth2"}}}}


def from_botocore(raw):
    """Service models of AWS."""
    simple = {"string": "string", "character": "string", "blob": "string", "integer": "integer", "long": "integer", "boolean": "boolean",
              "double": "number", "float": "number", "bigdecimal": "number"}
    shapes = raw["shapes"]

    def schema(name):
        shape = shapes[name]
        kind = shape["type"]
        if kind == "structure":
            return {"type": "object", "required": shape.get("required", []),
                    "properties": {member.get("locationName") or key: {"$ref": "#/components/schemas/" + member["shape"]}
                                   for key, member in shape["members"].items() if member.get("location") not in ("uri", "querystring", "header", "statusCode")}}
        if kind == "list":
            return {"type": "array", "items": {"$ref": "#/components/schemas/" + shape["member"]["shape"]}}
        if kind == "map":
            return {"type": "object"}
        if kind == "timestamp":
            return {"type": "string", "format": "date-time"}
        return {"type": simple.get(kind, "string"), **({"enum": shape["enum"]} if "enum" in shape else {})}

    paths = {}
    for operation in raw["operations"].values():
        http = operation["http"]
        path = re.sub(r"\+\}", "}", http["requestUri"].split("?")[0])
        members = shapes[operation["input"]["shape"]]["members"] if "input" in operation else {}
        parameters = []
        for key, member in members.items():
            place = {"uri": "path", "querystring": "query"}.get(member.get("location"))
            if place:
                parameters.append({"name": member.get("locationName") or key, "in": place, "schema": schema(member["shape"])})
        made = {"parameters": parameters, "responses": {str(http.get("responseCode", 200)): {"description": ""}}}
        if "output" in operation:
            made["responses"][str(http.get("responseCode", 200))]["content"] = {"application/json": {"schema": {"$ref": "#/components/schemas/" + operation["output"]["shape"]}}}
        if any("location" not in member for member in members.values()) and http["method"] != "GET":
            made["requestBody"] = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/" + operation["input"]["shape"]}}}}
        paths.setdefault(path, {})[http["method"].lower()] = made
    return {"openapi": "3.0.0", "info": {"title": raw["metadata"].get("serviceFullName"), "version": raw["metadata"]["apiVersion"]},
            "servers": [{"url": f"https://{raw['metadata']['endpointPrefix']}.example"}], "paths": paths,
            "components": {"schemas": {name: schema(name) for name in shapes}, "securitySchemes": {"hmac": {"type": "apiKey", "in": "header", "name": "Authorization"}}}}


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--fill", action="store_true", help="write the sums and splits of documents.tsv anew")
    fill = options.parse_args().fill
    entries = documents.manifest()
    folder = documents.cache() / "documents"
    folder.mkdir(parents=True, exist_ok=True)
    wanted = defaultdict(list)
    for entry in entries:
        if fill and not entry.sha256 or not entry.file.exists() or kept_sum(entry) != entry.sha256:
            wanted[entry.registry, entry.package, entry.version].append(entry)
    for (_, package, version), group in wanted.items():
        print(f"fetch: {package} {version}: {len(group)} documents")
        with tempfile.TemporaryDirectory() as temporary:
            data = take(download(group[0], temporary), {entry.path for entry in group})
        for entry in group:
            if entry.path not in data:
                sys.exit(f"fetch: {package} has no {entry.path}")
            found = hashlib.sha256(data[entry.path]).hexdigest()
            if fill:
                entry.sha256 = found
            elif found != entry.sha256:
                sys.exit(f"fetch: {entry.name}: {entry.path} of {package} {version} is not what it was: {found}")
            part = entry.file.with_suffix(".part")
            part.write_text(json.dumps(parse(data[entry.path], entry.path), default=str))
            part.replace(entry.file)
            entry.file.with_suffix(".sha256").write_text(found)
    if fill:
        splits = documents.split_of([entry.name for entry in entries])
        lines = ["\t".join((entry.package, entry.version, entry.registry, entry.path, entry.sha256, entry.name, splits[entry.name]))
                 for entry in sorted(entries, key=lambda entry: entry.name)]
        (documents.FOLDER / "documents.tsv").write_text("package\tversion\tregistry\tpath\tsha256\tname\tsplit\n" + "\n".join(lines) + "\n")
    print(f"fetch: {len(entries)} documents in {folder}")


def kept_sum(entry):
    path = entry.file.with_suffix(".sha256")
    return path.read_text() if path.exists() else None


if __name__ == "__main__":
    main()
