# make run    the demo country, ready to click through
# make test   everything: unit tests, property tests, outside judges; ends with "N passed, N failed"
# make lint   formatting; warnings are errors in every build
# make screens  pictures of every page that a citizen meets, into docs/screens
# make bench  every figure of docs/performance.md
# A house of many small rooms gains a seventh of its speed when the optimiser may look through the walls.
RELEASE = -c release -Xswiftc -cross-module-optimization --static-swift-stdlib

PRODUCT = rumdul

.PHONY: run test unit conformance screens lint format bench build release setup setup-test clean

run: setup release
	.build/release/rumdul demo --host localhost

release:
	swift build $(RELEASE) --product $(PRODUCT)

build: setup
	swift build --product rumdul

setup:
	@bash scripts/setup.sh run

setup-test:
	@bash scripts/setup.sh test

test: setup-test
	@bash scripts/test.sh

unit: setup-test
	@bash scripts/test.sh unit

conformance: setup-test
	@bash scripts/test.sh conformance

screens: setup-test build
	RUMDUL_SCREENSHOTS=docs/screens .venv/bin/python -m pytest Conformance/test_screens.py -q

lint: setup
	swift format lint --strict --recursive --parallel Package.swift Sources Tests Benchmarks
	swift build --build-tests

format:
	swift format --in-place --recursive --parallel Package.swift Sources Tests Benchmarks

bench: setup-test
	swift build $(RELEASE) --product rumdul
	swift build $(RELEASE) --product rumdul-bench
	.build/release/rumdul-bench all --server .build/release/rumdul

clean:
	rm -rf .build .venv
