#!/bin/sh
# Installs what `make test` starts and what the build needs, on Debian and Ubuntu: only what is
# missing, and without starting any service. Says what is wrong and fails where it cannot.
#
#   scripts/install-test-tools.sh            install
#   scripts/install-test-tools.sh --check    only say what is missing (status 1 if something is)
set -eu

# Debian has haproxy, nginx and pgbouncer here, outside a user's PATH.
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
export PATH
browser=$(CDPATH='' cd -- "$(dirname "$0")/../tests/browser" && pwd)

say() { printf '%s\n' "$*" >&2; }
fail() {
    say "error: $*"
    exit 1
}
has() { command -v "$1" >/dev/null 2>&1; }

has_postgres() {
    for folder in /usr/lib/postgresql/*/bin; do
        if [ -x "$folder/postgres" ] && [ -x "$folder/initdb" ] && [ -x "$folder/psql" ]; then
            return 0
        fi
    done
    has postgres && has initdb && has psql
}

has_statement_statistics() {
    for file in /usr/share/postgresql/*/extension/pg_stat_statements.control; do
        if [ -e "$file" ]; then return 0; fi
    done
    has pg_config && [ -e "$(pg_config --sharedir)/extension/pg_stat_statements.control" ]
}

has_libfaketime() {
    for file in /usr/lib/*/faketime/libfaketime.so.1; do
        if [ -e "$file" ]; then return 0; fi
    done
    return 1
}

# By the distribution's own Python: another one in the PATH does not see its packages.
has_aiosmtpd() { /usr/bin/python3 -c 'import aiosmtpd' 2>/dev/null; }

has_chromium() { has chromium || has chromium-browser || has google-chrome; }

# Ubuntu has it under another name.
chromium_package() {
    if grep -qs '^ID=ubuntu' /etc/os-release; then echo chromium-browser; else echo chromium; fi
}

# The packages for what is missing, one per word.
missing_packages() {
    # Debian and Ubuntu ship the contributed modules with the server itself.
    if ! has_postgres || ! has_statement_statistics; then printf ' postgresql'; fi
    has haproxy || printf ' haproxy'
    # The proxies of the examples in deploy/.
    has nginx || printf ' nginx'
    has caddy || printf ' caddy'
    has pgbouncer || printf ' pgbouncer'
    has_chromium || printf ' %s' "$(chromium_package)"
    # Networks of their own for processes that may reach nothing but the database.
    has ip || printf ' iproute2'
    # 18 or newer, as in Debian 12.
    has node || printf ' nodejs'
    has npm || printf ' npm'
    has_aiosmtpd || printf ' python3-aiosmtpd'
    has strace || printf ' strace'
    has_libfaketime || printf ' libfaketime'
    has curl || printf ' curl'
    # For the two C libraries in the build: SQLite and AWS-LC.
    has cc || printf ' gcc libc6-dev'
    has make || printf ' make'
}

# What drives the browser is where npm has put it for this very list of versions.
has_browser_modules() {
    [ -e "$browser/node_modules/.package-lock.json" ] &&
        [ ! "$browser/package-lock.json" -nt "$browser/node_modules/.package-lock.json" ]
}

install_browser_modules() {
    say "installing the modules of tests/browser"
    (cd "$browser" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
}

# The packages make and start a cluster, a balancer and a pooler of their own. The tests start
# theirs; anything else would only take their ports and memory.
prevent_services() {
    for package in $packages; do
        case "$package" in
        postgresql)
            # A file that is there was written by the operator, or belongs to an installed package.
            if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
                as_root mkdir -p /etc/postgresql-common
                printf 'create_main_cluster = false\n' |
                    as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
            fi
            ;;
        esac
    done
    # invoke-rc.d asks this program whether a service may start: 101 is "no" for all. An existing
    # one is another's decision, and stays.
    if [ ! -e /usr/sbin/policy-rc.d ]; then
        printf '#!/bin/sh\nexit 101\n' | as_root tee /usr/sbin/policy-rc.d >/dev/null
        as_root chmod 755 /usr/sbin/policy-rc.d
        trap 'as_root rm -f /usr/sbin/policy-rc.d' EXIT
        trap 'exit 130' INT TERM HUP
    fi
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

check_rust() {
    if has cargo; then return 0; fi
    say "Rust is not installed, and the distribution's is too old. Install it with rustup:"
    say "    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh"
    say "then open a new shell, or run: . \"\$HOME/.cargo/env\""
    return 1
}

install_packages() {
    has apt-get || fail "this script knows only apt-get; install by your own means:$packages"
    if [ "$(id -u)" -ne 0 ] && ! has sudo; then
        fail "needs root or sudo to install:$packages"
    fi
    say "installing:$packages"
    prevent_services
    as_root apt-get update -q
    # The list is made of plain words above.
    # shellcheck disable=SC2086
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends --no-upgrade $packages
    still=$(missing_packages)
    [ -z "$still" ] || fail "apt-get succeeded, but this is still missing:$still"
}

packages=$(missing_packages)
case "${1:-}" in
--check)
    [ -z "$packages" ] || say "missing:$packages"
    has_browser_modules || say "missing: the modules of tests/browser"
    check_rust && [ -z "$packages" ] && has_browser_modules
    ;;
"")
    [ -z "$packages" ] || install_packages
    has_browser_modules || install_browser_modules
    check_rust
    say "everything the tests need is installed"
    ;;
*)
    fail "unknown argument $1; see the head of this file"
    ;;
esac
