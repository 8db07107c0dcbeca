#!/bin/sh
# Makes the secrets of compose.yaml under deploy/secrets, once. What exists is kept: a new database
# password would not fit the existing database, a new root secret would end every session.
set -eu

cd "$(dirname "$0")"
umask 077
mkdir -p secrets
chmod 0700 secrets
cd secrets

# 32 random bytes as base64url: safe in a URL, and a key of the root secret.
random() {
    openssl rand -base64 32 | tr '+/' '-_' | tr -d '=\n'
}

# Written beside its place and renamed, so that an interrupted run leaves nothing half-made.
keep() {
    if [ -s "$1" ]; then
        echo "kept $1" >&2
        return
    fi
    value=$(cat)
    [ -n "$value" ] || { echo "nothing to write to $1" >&2; exit 1; }
    printf '%s' "$value" >"$1.new"
    # Containers run as another user and see the file alone; on this machine the directory, mode
    # 0700, keeps everybody else out.
    chmod 0444 "$1.new"
    mv "$1.new" "$1"
    echo "made $1" >&2
}

random | keep database_password
printf 'postgres://tokenhouse:%s@postgres:5432/tokenhouse' "$(cat database_password)" |
    keep database_url
key=$(random)
printf '%s:%s' "$(date +%Y%m%d)" "$key" | keep tokenhouse_secret
