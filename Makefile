# `make test` is the whole of it: it installs what this machine lacks, then runs everything.

# What needs real servers is behind a feature of each crate.
FEATURES = tokenhouse-server/real-servers,tokenhouse-store/real-servers,tokenhouse/real-servers,tokenhouse-proof/real-servers

.PHONY: test lint tools bench

test: tools lint
	cargo build -p tokenhouse
	scripts/with-postgres.sh cargo test --workspace --features $(FEATURES)

lint: tools
	cargo clippy --workspace --all-targets --features $(FEATURES) -- -D warnings

tools:
	scripts/install-test-tools.sh

# The figures of the README, on this machine: about three minutes after the build.
bench: tools
	cargo build --release -p tokenhouse -p tokenhouse-bench
	target/release/tokenhouse-bench
