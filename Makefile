# Each target does its own set-up on a fresh Debian with cargo.

# How long the demo runs, in seconds; 0: until Ctrl-C.
SECONDS ?= 30
# What each fuzz target gets, in seconds.
FUZZ_SECONDS ?= 60

# Where `make install` puts things, below DESTDIR; with UNIT=1 systemd's unit too.
PREFIX ?= /usr/local
DESTDIR ?=
UNIT ?=
PROGRAM ?= $(or $(CARGO_TARGET_DIR),target)/release/traffic-monitor

CARGO_FLAGS := --locked --workspace

.DEFAULT_GOAL := help
.PHONY: help demo build install test test-long bench fuzz deny

help:            ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

demo:            ## sample services, the agent, its page and a stand-in platform on this machine (SECONDS=30; 0: until Ctrl-C)
	@scripts/setup demo
	cargo run --locked --package traffic-monitor-agent -- demo --seconds $(SECONDS)

build:           ## the release binary, target/release/traffic-monitor, with its line tables in a file beside it
	@scripts/setup demo
	TRAFFIC_MONITOR_COMMIT=$$(git rev-parse --short=12 HEAD 2>/dev/null) cargo build --locked --release --package traffic-monitor-agent
	scripts/split-debug $(or $(CARGO_TARGET_DIR),target)/release/traffic-monitor

# It builds nothing: as root it would leave files that you cannot write.
install:         ## what `make build` built, and completions for bash, zsh and fish (PREFIX=/usr/local, DESTDIR=; UNIT=1: systemd's unit too)
	@test -x $(PROGRAM) || { echo "$(PROGRAM) is missing. Run: make build" >&2; exit 1; }
	install -D -m 755 $(PROGRAM) $(DESTDIR)$(PREFIX)/bin/traffic-monitor
	install -d $(addprefix $(DESTDIR)$(PREFIX)/share/,bash-completion/completions zsh/site-functions fish/vendor_completions.d)
	$(PROGRAM) completions bash >$(DESTDIR)$(PREFIX)/share/bash-completion/completions/traffic-monitor
	$(PROGRAM) completions zsh >$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_traffic-monitor
	$(PROGRAM) completions fish >$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/traffic-monitor.fish
	$(if $(UNIT),install -d $(DESTDIR)$(PREFIX)/lib/systemd/system)
	$(if $(UNIT),sed 's|/usr/local/bin/|$(PREFIX)/bin/|' deploy/systemd/traffic-monitor.service >$(DESTDIR)$(PREFIX)/lib/systemd/system/traffic-monitor.service)

test:            ## format, lints, docs, tests, manifests, schemas, the page, and comparisons with tshark and binutils; what CI runs
	@scripts/setup test
	cargo fmt --all --check
	cargo clippy $(CARGO_FLAGS) --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --quiet $(CARGO_FLAGS) --no-deps --document-private-items
	cargo test --quiet $(CARGO_FLAGS) --doc
	PROPTEST_RNG_SEED=1 cargo nextest run $(CARGO_FLAGS)
	tests/manifests/run
	tests/workflows/run
	cargo build --quiet --locked --package traffic-monitor-agent
	tests/shapes/run
	tests/alerts/run
	tests/systemd/run
	tests/install/run
	tests/openapi/run small
	page/tests/run small
	tests/oracle/run small
	tests/oracle/http2/run small
	tests/oracle/tls/run small
	tests/finder/run small

test-long:       ## the full numbers: ignored tests too, many more cases for properties, the large comparison, the image
	@scripts/setup image
	PROPTEST_CASES=20000 cargo nextest run $(CARGO_FLAGS) --profile long --run-ignored all
	tests/templates/run --binary $(or $(CARGO_TARGET_DIR),target)/debug/traffic-monitor --requests 5,20,100 --split all
	tests/openapi/run full
	page/tests/run long
	tests/operations/run
	tests/oracle/run full
	tests/oracle/http2/run full
	tests/oracle/tls/run full
	tests/finder/run full
	tests/image/run

bench: build     ## the benchmarks, see benches/README.md
	@scripts/setup bench
	benches/run

# Without sanitizers, which take longer to build and to run: targets reach no unsafe code of this repository, only safe code, in
# which whatever is wrong panics.
fuzz:            ## every fuzz target for FUZZ_SECONDS=60 (nightly toolchain and cargo-fuzz)
	@cargo fuzz --version >/dev/null || { echo "Run: cargo install --locked cargo-fuzz" >&2; exit 1; }
	@set -e; for target in $$(cargo +nightly fuzz list); do \
	    cargo +nightly fuzz run --all-features --sanitizer none $$target -- -max_total_time=$(FUZZ_SECONDS) -timeout=10; \
	done

deny:            ## licences, bans and advisories of the dependencies (needs cargo-deny)
	@cargo deny --version >/dev/null || { echo "Run: cargo install --locked cargo-deny" >&2; exit 1; }
	cargo deny --locked check
