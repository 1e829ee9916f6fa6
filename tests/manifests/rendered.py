"""Manifests as kubectl renders them, and what the schemas of several versions of Kubernetes say of them."""
import functools
import json
import subprocess
import tempfile
from pathlib import Path

import yaml
from kubernetes_validate import ValidationError, utils

ROOT = Path(__file__).resolve().parent.parent.parent
# The oldest that the validator has, two that many clusters run, and the newest.
VERSIONS = sorted({utils.all_versions()[0], "1.25.0", "1.30.0", utils.latest_version()})
# It reads some MB of schemas for every document otherwise.
utils.schema_contents = functools.cache(utils.schema_contents)


def fail(text):
    raise SystemExit(f"manifests: {text}")


def expect(condition, otherwise):
    if not condition:
        fail(otherwise)


def documents(text):
    return [document for document in yaml.safe_load_all(text) if document]


def misfits(docs):
    """What the schemas do not allow, a line each."""
    for version in VERSIONS:
        for document in docs:
            try:
                utils.validate(document, version, strict=True)
            except ValidationError as error:
                path = ".".join(str(part) for part in error.path)
                yield f"{document['kind']}, Kubernetes {version}: {path}: {error.message}"


def kustomize(folder):
    done = subprocess.run(["kubectl", "kustomize", str(folder)], capture_output=True, text=True)
    expect(done.returncode == 0, f"kubectl kustomize {folder}: {done.stderr.strip()}")
    return documents(done.stdout)


def variant(kustomization):
    """What a kustomization gives in a folder beside this tree, with a configmap.yaml beside it, as the guide says."""
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / "own"
        folder.mkdir()
        (Path(parent) / "traffic-monitor").symlink_to(ROOT)
        (folder / "configmap.yaml").write_text((ROOT / "configmap.example.yaml").read_text())
        (folder / "kustomization.yaml").write_text(kustomization)
        return kustomize(folder)


def with_components(*names):
    return variant(yaml.safe_dump({
        "apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization",
        "resources": ["../traffic-monitor", "configmap.yaml"], "components": [f"../traffic-monitor/deploy/{name}" for name in names]}))


def same(some, others):
    return sorted(json.dumps(one, sort_keys=True) for one in some) == sorted(json.dumps(one, sort_keys=True) for one in others)
