"""What must hold for a set of manifests beside the schemas of Kubernetes, and faults that must be noticed."""
import json

PORT = 9808
# What the monitor asks of the API server. Nothing else may be granted, and nothing written.
RIGHTS = {(group, resource, verb) for verb in ("list", "watch") for group, resource in (
    ("", "services"), ("", "pods"), ("", "endpoints"), ("discovery.k8s.io", "endpointslices"))}
# Folder: where it comes from, and whether the pod starts without it.
MOUNTS = {
    "/etc/traffic-monitor": ("configMap", "traffic-monitor-config", True),
    "/etc/traffic-monitor-key": ("secret", "traffic-monitor-api-key", True),
    "/var/lib/traffic-monitor": ("hostPath", "/var/lib/traffic-monitor", False),
}
# The tree of cgroups, where traffic is captured at sockets.
CGROUP = {"/host/sys/fs/cgroup": ("hostPath", "/sys/fs/cgroup", False)}
# The way to capture: the capabilities, the arguments, the mounts. The first is that of daemonset.yaml, the others are components.
WAYS = {
    "both": (["BPF", "NET_ADMIN", "NET_RAW"], ["run"], MOUNTS | CGROUP),
    "packets": (["NET_RAW"], ["run", "--capture", "packet"], MOUNTS),
    "sockets": (["BPF", "NET_ADMIN"], ["run", "--capture", "cgroup"], MOUNTS | CGROUP),
}
# What the component tls adds to any way but packets.
TLS_CAPABILITIES = ["PERFMON", "SYS_PTRACE"]
TLS_VARIABLE = {"name": "TRAFFIC_MONITOR_TLS", "value": "true"}
SECURITY = {
    "runAsUser": 0, "privileged": False, "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
}
POD = {
    "serviceAccountName": "traffic-monitor", "hostNetwork": True, "dnsPolicy": "ClusterFirstWithHostNet",
    "nodeSelector": {"kubernetes.io/os": "linux"}, "tolerations": [{"operator": "Exists"}],
    "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
}
# How long the monitor takes to stop, at most: 5 s to end its threads and 2 s for the last push.
STOP_SECONDS = 7


KINDS = {"ServiceAccount", "ClusterRole", "ClusterRoleBinding", "DaemonSet", "ConfigMap", "Secret"}


def namespace(docs):
    """Where the monitor runs."""
    return next(document["metadata"]["namespace"] for document in docs if document["kind"] == "DaemonSet")


def check(docs, way="both", tls=False):
    """Gives what is wrong, a line each, when traffic is captured in one of WAYS, and perhaps TLS is read."""
    kinds = sorted(document["kind"] for document in docs if document["kind"] != "Namespace")
    if kinds != sorted(KINDS):
        yield f"the kinds are {kinds}, not one each of {sorted(KINDS)}"
        return
    one = {document["kind"]: document for document in docs}
    yield from rights(one)
    yield from names(one)
    yield from pod(one["DaemonSet"]["spec"], tls, *WAYS[way])
    yield from configuration(one)


def rights(one):
    granted = set()
    for rule in one["ClusterRole"]["rules"]:
        if set(rule) != {"apiGroups", "resources", "verbs"}:
            yield f"a rule of another form: {rule}"
        granted |= {(group, resource, verb) for group in rule.get("apiGroups", [])
                    for resource in rule.get("resources", []) for verb in rule["verbs"]}
    if granted != RIGHTS:
        yield f"rights: too many {sorted(granted - RIGHTS)}, missing {sorted(RIGHTS - granted)}"


def names(one):
    """The documents belong together."""
    expected = {"ServiceAccount": "traffic-monitor", "DaemonSet": "traffic-monitor", "ClusterRole": "traffic-monitor",
                "ClusterRoleBinding": "traffic-monitor", "ConfigMap": "traffic-monitor-config", "Secret": "traffic-monitor-api-key"}
    for kind, name in expected.items():
        if one[kind]["metadata"]["name"] != name:
            yield f"{kind} is not named {name}"
    namespace = one["DaemonSet"]["metadata"]["namespace"]
    for kind in ("ServiceAccount", "ConfigMap", "Secret"):
        if one[kind]["metadata"].get("namespace") != namespace:
            yield f"{kind} is not in the namespace {namespace}"
    binding = one["ClusterRoleBinding"]
    if binding["roleRef"] != {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "traffic-monitor"}:
        yield f"the binding refers to {binding['roleRef']}"
    if binding["subjects"] != [{"kind": "ServiceAccount", "name": "traffic-monitor", "namespace": namespace}]:
        yield f"the binding is for {binding['subjects']}"


def pod(spec, tls, capabilities, args, expected_mounts):
    template = spec["template"]
    labels = {"app": "traffic-monitor"}
    if spec["selector"] != {"matchLabels": labels} or template["metadata"]["labels"] != labels:
        yield "the label is not app: traffic-monitor"
    update = spec["updateStrategy"]
    if update["type"] != "RollingUpdate" or "maxUnavailable" not in update["rollingUpdate"]:
        yield "not a rolling update with maxUnavailable"
    pod = template["spec"]
    yield from differences("the pod", pod, POD)
    if pod.get("terminationGracePeriodSeconds", 0) <= STOP_SECONDS:
        yield "the grace period is shorter than the monitor takes to stop"
    if pod.get("hostPID", False) != tls:
        yield "the processes of the node are seen without reading TLS, or not seen for it"
    for field in ("hostIPC", "initContainers"):
        if field in pod:
            yield f"the pod has {field}"
    if len(pod["containers"]) != 1:
        yield "not one container"
    container = pod["containers"][0]
    yield from differences("the container", container, {
        "securityContext": SECURITY | {"capabilities": {"drop": ["ALL"], "add": capabilities + TLS_CAPABILITIES * tls}}, "args": args,
        "imagePullPolicy": "IfNotPresent"})
    if "command" in container or "ports" in container:
        yield "the container has a command of its own, or claims ports of the node"
    variables = [{"name": "NODE_NAME", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}] + [TLS_VARIABLE] * tls
    if container.get("env") != variables:
        yield f"the variables are {container.get('env')}"
    resources = container["resources"]
    if set(resources.get("requests", {})) != {"cpu", "memory"} or set(resources.get("limits", {})) != {"memory"}:
        yield "not requests of both, and a limit of memory only"
    for probe, path in (("startupProbe", "/healthz"), ("livenessProbe", "/healthz"), ("readinessProbe", "/readyz")):
        if container.get(probe, {}).get("httpGet") != {"host": "127.0.0.1", "port": PORT, "path": path}:
            yield f"{probe} does not ask for {path} on port {PORT}"
    yield from mounts(pod, container, expected_mounts)


def mounts(pod, container, expected):
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    found = {}
    for mount in container["volumeMounts"]:
        volume = volumes.pop(mount["name"], {})
        kind = next((kind for kind in volume if kind != "name"), None)
        source = volume.get(kind, {})
        name = source.get("name") or source.get("secretName") or source.get("path")
        found[mount["mountPath"]] = (kind, name, source.get("optional", False))
        writable = mount["mountPath"] == "/var/lib/traffic-monitor"
        if "subPath" in mount or not (writable or mount.get("readOnly")):
            yield f"{mount['mountPath']} is writable, or by subPath, where changes do not arrive"
    if found != expected or volumes:
        yield f"volumes: {found}, unused: {sorted(volumes)}"


def differences(what, found, expected):
    for field, value in expected.items():
        if found.get(field) != value:
            yield f"{what}: {field} is {found.get(field)}, not {value}"


def configuration(one):
    """The example is what the monitor reads."""
    data = one["ConfigMap"]["data"]
    if set(data) != {"service_config.json"}:
        yield f"the ConfigMap has {sorted(data)}"
        return
    config = json.loads(data["service_config.json"])
    if "apiKey" in config:
        yield "the example holds a key in the ConfigMap"
    if not all(set(ids) == {"appId", "instanceId"} for ids in config["serviceMappings"].values()):
        yield "a mapping lacks an id"
    if "apiKey" not in one["Secret"]["stringData"] or "data" in one["Secret"]:
        yield "the Secret has no apiKey, or one in base64"


def _container(kinds):
    return kinds["DaemonSet"]["spec"]["template"]["spec"]["containers"][0]


def _pod(kinds):
    return kinds["DaemonSet"]["spec"]["template"]["spec"]


# Name: what to do to the documents, by kind. Each must be noticed.
FAULTS = {
    "a field that does not exist": lambda kinds: _pod(kinds).update(hostNetworks=True),
    "a value of the wrong type": lambda kinds: _container(kinds).update(args="run"),
    "a misplaced field": lambda kinds: _container(kinds).update(nodeSelector={}),
    "privileged": lambda kinds: _container(kinds)["securityContext"].update(privileged=True),
    "another capability": lambda kinds: _container(kinds)["securityContext"]["capabilities"]["add"].append("SYS_ADMIN"),
    "nothing dropped": lambda kinds: _container(kinds)["securityContext"]["capabilities"].pop("drop"),
    "no seccomp": lambda kinds: _pod(kinds).pop("securityContext"),
    "a verb that writes": lambda kinds: kinds["ClusterRole"]["rules"][0]["verbs"].append("patch"),
    "secrets": lambda kinds: kinds["ClusterRole"]["rules"][0]["resources"].append("secrets"),
    "a right less": lambda kinds: kinds["ClusterRole"]["rules"].pop(),
    "another account": lambda kinds: kinds["ClusterRoleBinding"]["subjects"][0].update(name="default"),
    "a required ConfigMap": lambda kinds: _pod(kinds)["volumes"][0]["configMap"].pop("optional"),
    "another Secret": lambda kinds: kinds["Secret"]["metadata"].update(name="traffic-monitor-key"),
    "tainted nodes left out": lambda kinds: _pod(kinds)["tolerations"].pop(),
    "no liveness probe": lambda kinds: _container(kinds).pop("livenessProbe"),
    "readiness by the wrong path": lambda kinds: _container(kinds)["readinessProbe"]["httpGet"].update(path="/healthz"),
    "a CPU limit": lambda kinds: _container(kinds)["resources"]["limits"].update(cpu="1"),
    "too little time to stop": lambda kinds: _pod(kinds).update(terminationGracePeriodSeconds=5),
    "another label": lambda kinds: kinds["DaemonSet"]["spec"]["template"]["metadata"]["labels"].update(app="monitor"),
    "a writable tree of cgroups": lambda kinds: _container(kinds)["volumeMounts"][3].pop("readOnly"),
    "no tree of cgroups": lambda kinds: _container(kinds)["volumeMounts"].pop(),
    "a configuration by subPath": lambda kinds: _container(kinds)["volumeMounts"][0].update(subPath="service_config.json"),
}
