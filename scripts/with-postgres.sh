#!/usr/bin/env bash
# Runs a command with a private PostgreSQL: a new instance in a temporary folder on a free port, named by
# TOKENHOUSE_TEST_POSTGRES, stopped and removed afterwards.
#   scripts/with-postgres.sh cargo test …
set -euo pipefail

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
bin=${bin:-$(dirname "$(command -v postgres || true)")}
[ -x "$bin/initdb" ] || { echo "PostgreSQL is missing; run scripts/install-test-tools.sh" >&2; exit 1; }

folder=$(mktemp -d "${TMPDIR:-/tmp}/tokenhouse-pg.XXXXXX")
as_owner=()
if [ "$(id -u)" = 0 ]; then # PostgreSQL refuses to run as root
    chown postgres "$folder"
    as_owner=(runuser -u postgres --)
fi
stop() {
    (cd / && "${as_owner[@]}" "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1) || true
    rm -rf "$folder"
}
trap stop EXIT

(cd / && "${as_owner[@]}" "$bin/initdb" -D "$folder/data" -A trust -U postgres -N >/dev/null)
# A port may be taken; then another one is tried.
for _ in 1 2 3 4 5; do
    port=$((20000 + RANDOM % 12000)) # below the range that systems hand out by themselves
    options="-p $port -k $folder -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off -c max_connections=300"
    if (cd / && "${as_owner[@]}" "$bin/pg_ctl" -D "$folder/data" -w -l "$folder/log" -o "$options" start >/dev/null); then
        export TOKENHOUSE_TEST_POSTGRES="postgres://postgres@127.0.0.1:$port/postgres"
        break
    fi
done
[ -n "${TOKENHOUSE_TEST_POSTGRES:-}" ] || { cat "$folder/log" >&2; exit 1; }
"$@"
