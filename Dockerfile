# The image of the traffic monitor: one static program, and the certificates by which it knows the platform.
#
#   docker build --no-cache -t traffic-monitor:latest .
#
# For every architecture that the base image is there for. Another base (a mirror's, say) needs Rust 1.95 or later, a C compiler,
# clang, the static C library and CA certificates: --build-arg BUILDER=registry.example.com/rust:1.95-slim-bookworm
ARG BUILDER=rust:1.95-slim-bookworm
FROM ${BUILDER} AS build
# The program of bpf/, by which traffic is captured at sockets, takes clang. Where it cannot be had the image captures packets only.
RUN command -v clang-16 || command -v clang || \
    { apt-get update && apt-get install -y --no-install-recommends clang-16 && rm -rf /var/lib/apt/lists/*; } || \
    echo "WARNING: clang is missing and could not be installed: this image will capture packets only, not at sockets" >&2
WORKDIR /src
COPY . .
# What `--version` says beside the version; nothing where it is not given, since git's folder is not here.
ARG COMMIT=
# The target is named so that the flags hold for the program alone: procedural macros cannot be static. Without the tables of
# lines it has a quarter of the size; names of functions stay for backtraces.
RUN set -eu; \
    target=$(rustc -vV | sed -n 's/^host: //p'); \
    TRAFFIC_MONITOR_COMMIT="$COMMIT" RUSTFLAGS='-C target-feature=+crt-static -C strip=debuginfo' \
        cargo build --locked --release --package traffic-monitor-agent --target "$target"; \
    mv "target/$target/release/traffic-monitor" /usr/local/bin/

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /usr/local/bin/traffic-monitor /usr/bin/
# A runtime need not set one, and `kubectl exec` looks the program up.
ENV PATH=/usr/bin
ENTRYPOINT ["/usr/bin/traffic-monitor"]
