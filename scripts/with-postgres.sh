#!/usr/bin/env bash
# Runs a command with a private PostgreSQL: a new instance in a temporary folder on a free port, named by
# TOKENHOUSE_TEST_POSTGRES, stopped and removed afterwards. Where pgbouncer is installed, one in
# transaction mode stands before it, named by TOKENHOUSE_TEST_PGBOUNCER.
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
    stop_pgbouncer
    (cd / && "${as_owner[@]}" "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1) || true
    rm -rf "$folder"
}
trap stop EXIT

(cd / && "${as_owner[@]}" "$bin/initdb" -D "$folder/data" -A trust -U postgres -N >/dev/null)
# A port may be taken; then another one is tried.
for _ in 1 2 3 4 5; do
    port=$((20000 + RANDOM % 6000)) # below the range that systems hand out by themselves
    options="-p $port -k $folder -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off -c max_connections=300"
    if (cd / && "${as_owner[@]}" "$bin/pg_ctl" -D "$folder/data" -w -l "$folder/log" -o "$options" start >/dev/null); then
        export TOKENHOUSE_TEST_POSTGRES="postgres://postgres@127.0.0.1:$port/postgres"
        break
    fi
done
[ -n "${TOKENHOUSE_TEST_POSTGRES:-}" ] || { cat "$folder/log" >&2; exit 1; }

start_pgbouncer() { # at a port
    cat >"$folder/pgbouncer.ini" <<INI
[databases]
* = host=127.0.0.1 port=$port user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $1
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 4
server_idle_timeout = 2
server_login_retry = 1
max_client_conn = 1000
pidfile = $folder/pgbouncer.pid
logfile = $folder/pgbouncer.log
INI
    (cd / && "${as_owner[@]}" "$pgbouncer" -q -d "$folder/pgbouncer.ini" 2>/dev/null) || return 1
    for _ in $(seq 100); do
        if "$bin/psql" -XAtq "postgres://postgres@127.0.0.1:$1/postgres" -c 'SELECT' 2>/dev/null; then return 0; fi
        sleep 0.1
    done
    stop_pgbouncer
    return 1
}

stop_pgbouncer() {
    if [ -f "$folder/pgbouncer.pid" ]; then
        kill "$(cat "$folder/pgbouncer.pid")" 2>/dev/null || true
        rm -f "$folder/pgbouncer.pid"
    fi
}

if pgbouncer=$(PATH="$PATH:/usr/sbin" command -v pgbouncer); then
    for _ in 1 2 3 4 5; do
        pooler=$((26000 + RANDOM % 6000))
        if start_pgbouncer "$pooler"; then
            export TOKENHOUSE_TEST_PGBOUNCER="postgres://postgres@127.0.0.1:$pooler/postgres"
            break
        fi
    done
    [ -n "${TOKENHOUSE_TEST_PGBOUNCER:-}" ] || { cat "$folder/pgbouncer.log" >&2; exit 1; }
fi
"$@"
