#!/usr/bin/env bash
# Runs the suites and ends with one line "N passed, N failed" over all of them.
# usage: test.sh [unit|conformance]
set -uo pipefail
cd "$(dirname "$0")/.."
which="${1:-all}"
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
status=0
# The crash backtracer would hold a crashing test for half a minute.
export SWIFT_BACKTRACE=enable=no

if ! swift build --build-tests 2>&1 | grep -vE '^\[[0-9]+/[0-9]+\]'; [ "${PIPESTATUS[0]}" -ne 0 ]; then
    echo "the build failed"
    echo "0 passed, 1 failed"
    exit 1
fi
if [ "$which" != conformance ]; then
    swift test --skip-build --parallel --xunit-output "$results/unit.xml" 2>&1 | grep -vE '^(◇|✔|􀟈)|^\[[0-9]+/[0-9]+\]' || true
    [ "${PIPESTATUS[0]}" -eq 0 ] || status=1
fi
if [ "$which" != unit ]; then
    RUMDUL_BINARY="$PWD/.build/debug/rumdul" .venv/bin/python -m pytest Conformance -q --junitxml "$results/conformance.xml" || status=1
fi
python3 scripts/count.py "$status" "$results"/*.xml
