#!/usr/bin/env bash
# Installs what a bare Debian 12 with Swift lacks: quick and silent when nothing is missing, asks for nothing.
# usage: setup.sh run|test
set -euo pipefail
cd "$(dirname "$0")/.."

packages="libsqlite3-dev libpq-dev libqrencode-dev libjemalloc-dev libpango1.0-dev libicu-dev fonts-khmeros fonts-noto-core fonts-dejavu-core pkg-config"
if [ "${1:-run}" = test ]; then
    packages="$packages postgresql chromium chromium-driver poppler-utils qpdf python3-venv openssl curl zbar-tools apache2-bin libapache2-mod-auth-openidc"
fi

missing=""
for package in $packages; do
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -q '^installed$' || missing="$missing $package"
done
if [ -n "$missing" ]; then
    echo "installing system packages:$missing"
    as_root=""
    [ "$(id -u)" = 0 ] || as_root="sudo -n"
    export DEBIAN_FRONTEND=noninteractive
    # A PostgreSQL cluster of the distribution's own is not wanted: the tests start theirs.
    $as_root mkdir -p /etc/postgresql-common
    [ -e /etc/postgresql-common/createcluster.conf ] || echo "create_main_cluster = false" | $as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
    $as_root apt-get -qq update
    # shellcheck disable=SC2086
    $as_root apt-get -qq install -y --no-install-recommends $missing >/dev/null
fi

command -v swift >/dev/null || { echo "Swift 6.3 is needed: https://www.swift.org/install"; exit 1; }

if [ "${1:-run}" = test ]; then
    stamp=.venv/.requirements
    if [ ! -e "$stamp" ] || ! cmp -s Conformance/requirements.txt "$stamp"; then
        echo "installing Python packages of the outside judges into .venv"
        [ -x .venv/bin/python ] || python3 -m venv .venv
        .venv/bin/python -m pip install --quiet --disable-pip-version-check -r Conformance/requirements.txt
        cp Conformance/requirements.txt "$stamp"
    fi
    bash scripts/fixtures.sh
fi
