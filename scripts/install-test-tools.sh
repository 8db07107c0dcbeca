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
root=$(CDPATH='' cd -- "$(dirname "$0")/.." && pwd)
python="$root/target/foreign-python"

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

# What pip needs to install into a folder of its own is a package apart.
has_venv() { /usr/bin/python3 -c 'import ensurepip, venv' 2>/dev/null; }

# The server without the package that would start it.
has_apache() { has apache2 && [ -e /usr/lib/apache2/modules/mod_auth_openidc.so ]; }

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
    has_venv || printf ' python3-venv'
    has_apache || printf ' apache2-bin libapache2-mod-auth-openidc'
    has strace || printf ' strace'
    has_libfaketime || printf ' libfaketime'
    has curl || printf ' curl'
    # For the two C libraries in the build: SQLite and AWS-LC.
    has cc || printf ' gcc libc6-dev'
    has make || printf ' make'
}

# Modules are where npm has put them for this very list of versions.
has_modules() { # of a folder
    [ -e "$1/node_modules/.package-lock.json" ] &&
        [ ! "$1/package-lock.json" -nt "$1/node_modules/.package-lock.json" ]
}

install_modules() { # of a folder
    say "installing the modules of $1"
    (cd "$1" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
}

# Likewise for pip; the copy is the mark of what was installed.
has_python_packages() {
    cmp -s "$root/tests/foreign/python/requirements.txt" "$python/requirements.txt"
}

install_python_packages() {
    say "installing the Python packages of tests/foreign"
    rm -rf "$python"
    /usr/bin/python3 -m venv "$python"
    "$python/bin/pip" install -q --disable-pip-version-check --only-binary :all: --require-hashes \
        -r "$root/tests/foreign/python/requirements.txt"
    cp "$root/tests/foreign/python/requirements.txt" "$python/requirements.txt"
}

check_modules() {
    missing=
    for tests in browser foreign; do
        has_modules "$root/tests/$tests" || missing="$missing tests/$tests (npm)"
    done
    has_python_packages || missing="$missing tests/foreign (pip)"
    [ -z "$missing" ] || say "missing: what these need:$missing"
    [ -z "$missing" ]
}

install_all_modules() {
    for tests in browser foreign; do
        has_modules "$root/tests/$tests" || install_modules "$root/tests/$tests"
    done
    has_python_packages || install_python_packages
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
    complete=0
    check_modules || complete=1
    check_rust && [ -z "$packages" ] && [ "$complete" -eq 0 ]
    ;;
"")
    [ -z "$packages" ] || install_packages
    install_all_modules
    check_rust
    say "everything the tests need is installed"
    ;;
*)
    fail "unknown argument $1; see the head of this file"
    ;;
esac
