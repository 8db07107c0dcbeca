# `make test` is the whole of it: it installs what this machine lacks, then runs everything.

# What needs real servers is behind a feature of each crate.
FEATURES = tokenhouse-server/real-servers,tokenhouse-store/real-servers,tokenhouse/real-servers,tokenhouse-proof/real-servers,tokenhouse-proof/planted-bugs

.PHONY: test browser foreign fuzz pictures lint tools bench bench-short bench-growth prove prove-quick release

test: tools lint
	scripts/build-planted.sh
	scripts/with-postgres.sh cargo test --workspace --features $(FEATURES)
	$(MAKE) browser
	$(MAKE) foreign
	$(MAKE) bench-short
	$(MAKE) prove-quick

# The pages in a real browser: every flow, with processes that are killed and without scripts; axe; Lighthouse.
# ONLY=flows.test.mjs for one file.
browser: tools release
	cd tests/browser && ../../scripts/with-postgres.sh node --test $(or $(ONLY),*.test.mjs)

# Sign-in through the libraries that applications use, and through Apache; the programs of docs/applications.
# ONLY=apache.test.mjs for one file.
foreign: tools release
	cd tests/foreign && ../../scripts/with-postgres.sh node --test $(or $(ONLY),*.test.mjs)

# Inputs that coverage guides, for whatever reads what strangers send: each target of fuzz/ for TIME seconds. No part of
# `make test`, where random inputs take this place. ONLY=jwt for one target.
fuzz:
	scripts/fuzz.sh $(or $(TIME),60) $(ONLY)

# The pictures of docs/pages.md, made anew.
pictures: tools release
	cd tests/browser && node pictures.mjs

lint: tools
	cargo clippy --workspace --all-targets --features $(FEATURES) -- -D warnings
	cargo clippy -p tokenhouse -p tokenhouse-server -p tokenhouse-store --features tokenhouse/planted-bugs -- -D warnings

tools:
	scripts/install-test-tools.sh

# The figures of docs/performance.md on this machine: about twelve minutes after the build, or ROW=5 for
# one row. The programs are built in release mode first, which takes minutes too.
bench: tools release
	target/release/tokenhouse-bench $(if $(ROW),row $(ROW))

# What has to hold on any machine: exact figures, and ratios that are not far off.
bench-short: tools release
	target/release/tokenhouse-bench short

# How the cost of a read grows; MAX=10000000 for more users than a million.
bench-growth: tools release
	target/release/tokenhouse-bench growth $(if $(MAX),--max $(MAX))

# Everything that can be broken is, under load, for up to an hour (docs/proof.md); SEED=7 for another
# load, ONLY=F5,F6 for some scenarios. The report is a page and a JSON file in target/proof.
prove: tools release
	scripts/build-planted.sh
	target/release/tokenhouse-proof prove --report target/proof $(PROVE)

# The same for minutes: fewer rounds, a modest load.
prove-quick: tools release
	target/release/tokenhouse-proof prove --quick --report target/proof-quick $(PROVE)

PROVE = $(if $(SEED),--seed $(SEED)) $(if $(ONLY),--only $(ONLY))

release:
	cargo build --release -p tokenhouse -p tokenhouse-bench -p tokenhouse-proof
