"""The running program and the people around it. Every fixture ends what it started, and nothing else."""

import itertools
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from support.chrome import Chrome
from support.clients import register_all
from support.login import Citizen, Client
from support.officer import Officer
from support.postgres import Cluster
from support.program import BINARY, Demo
from support.push_service import PushService

REDIRECT = "http://127.0.0.1:9/callback"


def pytest_sessionstart(session):
    if not BINARY.exists():
        pytest.exit(f"no program at {BINARY}: build it, or set RUMDUL_BINARY", returncode=4)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """`rumdul demo` with 300 people, on free ports; each file of tests has its own, so that limits do not mix."""
    program = Demo(tmp_path_factory.mktemp("rumdul") / "demo", redirect=REDIRECT)
    yield program
    if program.alive:
        program.stop()


@pytest.fixture(scope="module")
def base(demo):
    return demo.url


@pytest.fixture(autouse=True)
def server_survives(request):
    """Whatever a test did, the server must still be there."""
    yield
    if "demo" in request.fixturenames:
        program = request.getfixturevalue("demo")
        assert program.alive, "the server died:\n" + program.log.read_text(errors="replace")[-3000:]


@pytest.fixture(scope="module")
def officer(demo):
    return Officer(demo.url, demo.officer())


@pytest.fixture(scope="module")
def people(demo):
    """People one after the other, so that one test's limits do not touch the next."""
    return itertools.cycle(demo.record["persons"][1:])


@pytest.fixture(scope="module")
def enrol(base, officer, people):
    """Makes a citizen with an active device."""

    def make(**options):
        person = next(people)
        return Citizen(base, person, officer.enrol(person["kidc"], **options))

    return make


@pytest.fixture
def citizen(enrol):
    return enrol()


@pytest.fixture(scope="module")
def clients(demo, tmp_path_factory):
    """By identifier: the demo's clients and those registered by `rumdul admin relying-party add`."""
    records = dict(demo.record["clients"]) | register_all(demo, tmp_path_factory.mktemp("clients"))
    return {name: Client(demo.url, record) for name, record in records.items()}


@pytest.fixture(scope="module")
def client(clients):
    return clients["test-client"]


@pytest.fixture(scope="module")
def metadata(base):
    import requests

    return requests.get(f"{base}/.well-known/openid-configuration", timeout=10).json()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory):
    cluster = Cluster()
    yield cluster
    cluster.stop()


@pytest.fixture
def chrome():
    """Starts Chromium; what a test started ends with it."""
    made = []

    def start(**options):
        made.append(Chrome(**options))
        return made[-1]

    yield start
    for browser in made:
        browser.quit()


@pytest.fixture(scope="module")
def push_service():
    """A loopback push service, and the browsers behind it."""
    made = PushService()
    yield made
    made.stop()
