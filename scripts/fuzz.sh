#!/bin/sh
# Tests whatever reads what strangers send (fuzz/) with inputs that coverage guides, on stable Rust: each target for so
# many seconds. Ends with an error at a crash, and says which input it was.
#
#   scripts/fuzz.sh SECONDS [TARGET...]
#
# What was found stays in target/fuzz/corpus, where the next run begins; what crashed is in target/fuzz/crashes.
set -eu

root=$(CDPATH='' cd -- "$(dirname "$0")/.." && pwd)
cd "$root"
kept=target/fuzz

say() { printf '%s\n' "$*" >&2; }
fail() {
    say "error: $*"
    exit 1
}

seconds=${1:-}
case "$seconds" in
'' | *[!0-9]* | 0) fail "usage: scripts/fuzz.sh SECONDS [TARGET...]" ;;
esac
shift
known=$(sed -n 's#^path = "targets/\(.*\)\.rs"$#\1#p' fuzz/Cargo.toml)
# The names are plain words.
# shellcheck disable=SC2086
[ $# -gt 0 ] || set -- $known
for target in "$@"; do
    [ -e "fuzz/targets/$target.rs" ] || fail "there is no target $target; there are:" $known
done
# libFuzzer comes as source.
command -v c++ >/dev/null 2>&1 || fail "no C++ compiler; on Debian and Ubuntu: apt-get install g++"

# Of this machine by name: the flags are then for the targets and not for what builds them.
host=$(rustc -vV | sed -n 's/^host: //p')
coverage="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=3"
coverage="$coverage -Cllvm-args=-sanitizer-coverage-inline-8bit-counters"
coverage="$coverage -Cllvm-args=-sanitizer-coverage-pc-table"
coverage="$coverage -Cllvm-args=-sanitizer-coverage-trace-compares"
RUSTFLAGS="$coverage" CARGO_TARGET_DIR="$kept/build" \
    cargo build --release --locked --manifest-path fuzz/Cargo.toml --target "$host"

mkdir -p "$kept/crashes"
crashed=
for target in "$@"; do
    corpus="$kept/corpus/$target"
    log="$kept/$target.log"
    mkdir -p "$corpus"
    if TOKENHOUSE_FUZZ_SEEDS="$corpus" "$kept/build/$host/release/$target" \
        -max_total_time="$seconds" -max_len=9000 -timeout=10 -rss_limit_mb=1024 \
        -dict=fuzz/words.dict -artifact_prefix="$kept/crashes/$target-" "$corpus" >"$log" 2>&1; then
        # How many inputs, how many edges (cov) and features (ft) they reached, how many are kept.
        say "$target: $(grep 'DONE' "$log" | tail -n 1)"
    else
        say "$target: it crashed; $log ends with"
        tail -n 30 "$log" >&2
        crashed="$crashed $target"
    fi
done
[ -z "$crashed" ] || fail "crashed:$crashed"
