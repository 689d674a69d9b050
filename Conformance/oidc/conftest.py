"""Fixtures of the row suites, and the book of results by row."""

import itertools
import json
import os
import re
import subprocess
import time
from pathlib import Path

import pytest

from oidc.rows import ROWS, row_of
from support.listener import Listener
from support.login import Citizen
from support.officer import Officer
from support.program import BINARY, Demo, environment
from support.provider import Provider
from support.registrations import Registrar
from support.relying_party import Person
from support.tls import Authority

# Settings that some rows need; one that this program does not know is left out.
PROXY = "127.0.0.9"
SETTINGS = {"outbound_allow": "127.0.0.1:*", "trusted_proxies": PROXY, "client_certificate_header": "X-Client-Cert"}

_results = {}


def known_settings():
    text = subprocess.run([str(BINARY), "serve", "--help"], capture_output=True, text=True, env=environment()).stdout
    return set(re.findall(r"[a-z_]+", text.split("Known settings:")[-1].split("Example")[0]))


def start(folder, authority=None, name="demo", **extra):
    """A demonstration with the settings of these suites."""
    known = known_settings()
    wanted = SETTINGS | (authority.settings() | {"outbound_roots": str(authority.certificate_file)} if authority else {})
    chosen = {f"RUMDUL_{key.upper()}": value for key, value in wanted.items() if key in known}
    return Demo(folder / name, people=100, **(chosen | extra))


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def demo(tmp_path_factory, authority):
    program = start(tmp_path_factory.mktemp("rows"), authority)
    yield program
    if program.alive:
        program.stop()


@pytest.fixture(scope="module")
def provider(demo, authority):
    return Provider(demo.url, verify=str(authority.certificate_file))


@pytest.fixture(scope="module")
def metadata(provider):
    return provider.metadata


@pytest.fixture(scope="module")
def registrar(demo, provider, tmp_path_factory):
    return Registrar(demo, provider, tmp_path_factory.mktemp("clients"))


@pytest.fixture(scope="module")
def officer(demo):
    return Officer(demo.url, demo.officer())


@pytest.fixture(scope="module")
def make_person(demo, officer):
    """A person with a device, never used before."""
    records = iter(demo.record["persons"][1:])

    def make():
        record = next(records)
        return Person(Citizen(demo.url, record, officer.enrol(record["kidc"])))

    return make


@pytest.fixture(scope="module")
def pool(make_person):
    """Six people in turn, so that budgets per person do not mix the tests."""
    made = []

    def pick():
        for number in itertools.cycle(range(6)):
            if number == len(made):
                made.append(make_person())
            yield made[number]

    return pick()


@pytest.fixture
def person(pool):
    return next(pool)


@pytest.fixture(scope="module")
def once():
    """Makes something by name once in a file; a failure to make it is remembered, so that it costs once."""
    kept = {}

    def get(name, make):
        if name not in kept:
            try:
                kept[name] = (make(), None)
            except Exception as trouble:
                kept[name] = (None, f"{type(trouble).__name__}: {trouble}")
        value, trouble = kept[name]
        if trouble:
            pytest.fail(f"{name}: {trouble}", pytrace=False)
        return value

    return get


@pytest.fixture(scope="module")
def listener(authority):
    """Relying parties' own server: key sets, notifications."""
    made = Listener(authority.issue("Listener", server=True))
    yield made
    made.stop()


# Results by row


def pytest_runtest_logreport(report):
    """Seen in the process that leads, so also when the files are spread over several (pytest-xdist)."""
    path, _, name = report.nodeid.partition("::")
    file, row = path.rpartition("/")[2], row_of(name)
    if row is None or (report.when != "call" and report.passed):
        return
    outcome = "skipped" if report.skipped else "passed" if report.passed else "failed"
    reason = ""
    if report.skipped and isinstance(report.longrepr, tuple):
        reason = report.longrepr[2].removeprefix("Skipped: ")
    elif report.failed:
        crash = getattr(report.longrepr, "reprcrash", None)
        reason = (crash.message if crash else str(report.longrepr)).strip().split("\n")[0][:300]
    variant = re.search(r"\[(.*)\]$", name)
    _results.setdefault(row.id, []).append({
        "test": f"{file}::{name}", "variant": variant[1] if variant else "", "outcome": outcome, "reason": reason,
    })


def pytest_sessionfinish(session):
    target = os.environ.get("RUMDUL_ROWS")
    if not target or not _results or hasattr(session.config, "workerinput"):
        return
    rows = []
    for row in ROWS.values():
        runs = _results.get(row.id, [])
        states = {run["outcome"] for run in runs}
        state = "failed" if "failed" in states else "passed" if "passed" in states else "skipped" if runs else "not run"
        rows.append(row._asdict() | {"outcome": state, "runs": runs})
    written = {"made": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "rows": rows}
    Path(target).write_text(json.dumps(written, ensure_ascii=False, indent=1) + "\n")


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: waits because a row demands it")
