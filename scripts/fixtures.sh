#!/usr/bin/env bash
# Makes the test data that others publish in their source archives, with the scripts of Conformance/fido/fixtures. Nothing of it is
# committed; without it the tests that need it say that they were skipped.
set -uo pipefail
cd "$(dirname "$0")/.."
folder=.venv/fixtures
mkdir -p "$folder"
python=.venv/bin/python

# make NAME SCRIPT PACKAGE VERSION: unpacks the source archive and runs the script over it.
make() {
    [ -s "$folder/$1" ] && return 0
    local work
    work=$(mktemp -d)
    if $python -m pip download --quiet --disable-pip-version-check --no-deps --no-binary :all: \
        -d "$work" "$3==$4" >/dev/null 2>&1 && tar xzf "$work/$3-$4.tar.gz" -C "$work" &&
        $python "Conformance/fido/fixtures/$2" "$work/$3-$4" > "$folder/$1.part"; then
        mv "$folder/$1.part" "$folder/$1"
    else
        echo "could not make $1: the tests that need it will be skipped"
        rm -f "$folder/$1.part"
    fi
    rm -rf "$work"
}

make real-answers.json real_answers.py webauthn 3.0.1
make mds-example.json mds_example.py fido2 2.2.1
