# `make test` is the whole of it: it installs what this machine lacks, then runs everything.

.PHONY: test lint tools

test: tools lint
	cargo build -p tokenhouse
	scripts/with-postgres.sh cargo test --workspace --features tokenhouse-server/real-servers,tokenhouse-store/real-servers,tokenhouse/real-servers,tokenhouse-proof/real-servers

lint: tools
	cargo clippy --workspace --all-targets -- -D warnings

tools:
	scripts/install-test-tools.sh
