#!/bin/sh
# Builds the program with bugs that can be turned on, as target/debug/tokenhouse-planted, for the proof
# harness to find them (docs/proof-planted.md). The sound program beside it is as it was afterwards.
set -eu

cd "$(dirname "$0")/.."
debug="${CARGO_TARGET_DIR:-target}/debug"
cargo build --package tokenhouse --features planted-bugs
# Cargo links a fresh file at each build, so this one stays.
cp -f "$debug/tokenhouse" "$debug/tokenhouse-planted"
cargo build --package tokenhouse
