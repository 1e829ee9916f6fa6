#!/bin/sh
# Writes configmap.yaml: the key, and which Service belongs to which application. What asks and writes is the program's own
# `setup` (`./setup-config.sh --help`): the program itself where it is there, else that in the image.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
for program in "$(command -v traffic-monitor || true)" "$here"/target/release/traffic-monitor "$here"/target/debug/traffic-monitor; do
    [ -x "$program" ] && exec "$program" setup "$@"
done
engine=$(command -v docker || command -v podman) || {
    echo "setup-config: there is no traffic-monitor, docker or podman. Install docker and build the image, or run: make build" >&2
    exit 1
}
set -- traffic-monitor:latest setup "$@"
[ -t 0 ] && set -- --tty "$@"
kubeconfig=${KUBECONFIG:-$HOME/.kube/config}
[ -f "$kubeconfig" ] && set -- --volume "$kubeconfig:/kubeconfig:ro" --env KUBECONFIG=/kubeconfig "$@"
# In rootless podman the container's root is you already; SELinux labels of your folder stay as they are.
case $engine in *docker) set -- --user "$(id -u):$(id -g)" "$@" ;; esac
exec "$engine" run --rm --interactive --network host --security-opt label=disable --env HTTPS_PROXY --env NO_PROXY --env APISEC_API_KEY \
    --volume "$PWD:/work" --workdir /work "$@"
