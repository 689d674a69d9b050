"""Two nodes on one PostgreSQL behind one address, restarted in turn under login load: not one flow may fail.

RUMDUL_FLOWS says how many flows (default 10,000).
"""

import base64
import collections
import hashlib
import itertools
import json
import os
import secrets
import threading
import time
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from support.browser import Browser
from support.front import FrontProcess
from support.login import Citizen, Client
from support.officer import Officer
from support.ports import free_port
from support.program import Demo, Program, run
from support.wait import until
from support.wire import Wire

FLOWS = int(os.environ.get("RUMDUL_FLOWS", 10_000))
WORKERS = 8
OFFLINE = "openid profile offline_access"
CREDENTIALS = "client_credentials"
PURPOSE = {
    "code": "rolling", "text": {"km": "ការវិនិច្ឆ័យ", "en": "Judging"}, "essential": ["name_km", "birthdate"], "optional": [],
    "valid_days": 30,
}


def registration(name, **members):
    return {
        "client_id": name, "client_name": {"km": "អ្នកវិនិច្ឆ័យ", "en": f"Judge {name}"},
        "redirect_uris": [f"https://{name}.example/callback"], "purposes": [PURPOSE],
        "grant_types": ["authorization_code", "refresh_token"],
    } | members


class Book:
    """What the workers saw."""

    def __init__(self, wanted):
        self.lock, self.wanted = threading.Lock(), wanted
        self.done, self.failed = collections.Counter(), []
        self.finished = threading.Event()

    def note(self, kind, failure=None):
        with self.lock:
            self.done[kind] += 1
            if failure:
                self.failed.append(failure)

    @property
    def enough(self):
        return sum(self.done.values()) >= self.wanted or len(self.failed) > 50


class Worker(threading.Thread):
    """One browser in a session, and the relying parties behind it; flow after flow."""

    def __init__(self, port, book, citizen, confidential, public):
        super().__init__(daemon=True)
        self.book, self.confidential, self.public = book, confidential, public
        self.browser, self.backend = Wire(port), Wire(port)
        session = Browser(citizen.base)
        self.kept = self.approved(citizen, session, confidential, "basic")
        self.rotating = self.approved(citizen, session, public, "none")
        self.cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in session.session.cookies)
        pair = f"{confidential.id}:{confidential.secret}".encode()
        self.basic = {"Authorization": "Basic " + base64.b64encode(pair).decode()}

    def approved(self, citizen, session, client, auth):
        """One login with the device, which leaves a session and a consent; the refresh token."""
        changes = {} if auth == "basic" else {"client_id": client.id}
        back = citizen.log_in(client, session, choose={"offline_access": True}, scope=OFFLINE, prompt="consent")
        answer = client.token(back["code"], auth=auth, **changes)
        assert answer.status_code == 200 and "refresh_token" in answer.json(), answer.text
        return answer.json()["refresh_token"]

    def run(self):
        kinds = itertools.cycle([self.code_flow, self.refresh, self.code_flow, self.rotate, self.code_flow, self.client_credentials])
        while not self.book.finished.is_set():
            flow = next(kinds)
            try:
                flow()
                self.book.note(flow.__name__)
            except Exception as trouble:
                self.book.note(flow.__name__, f"{time.strftime('%X')} {flow.__name__}: {type(trouble).__name__} {trouble}")

    def post(self, **form):
        client = form.pop("client", None)
        headers = {} if client is self.public else self.basic
        answer = self.backend.request("POST", "/token", headers, urlencode(form))
        assert answer.status == 200, answer
        return json.loads(answer.body)

    def code_flow(self):
        """The silent authorization, the tokens, the attributes."""
        verifier = secrets.token_urlsafe(32)
        hashed = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code", "client_id": self.confidential.id, "redirect_uri": self.confidential.redirect,
            "scope": "openid profile", "state": secrets.token_urlsafe(8), "nonce": secrets.token_urlsafe(8), "prompt": "none",
            "code_challenge": hashed, "code_challenge_method": "S256",
        }
        back = self.browser.request("GET", "/authorize?" + urlencode(query), {"Cookie": self.cookies})
        assert back.status == 302, back
        values = parse_qs(urlsplit(back.headers["location"]).query)
        assert "code" in values, values
        tokens = self.post(
            grant_type="authorization_code", code=values["code"][0], code_verifier=verifier, redirect_uri=self.confidential.redirect)
        claims = self.backend.request("GET", "/userinfo", {"Authorization": "Bearer " + tokens["access_token"]})
        assert claims.status == 200 and b"name_km" in claims.body, claims

    def refresh(self):
        self.post(grant_type="refresh_token", refresh_token=self.kept)

    def rotate(self):
        answer = self.post(
            client=self.public, grant_type="refresh_token", refresh_token=self.rotating, client_id=self.public.id)
        self.rotating = answer["refresh_token"]

    def client_credentials(self):
        self.post(grant_type=CREDENTIALS)


class Nodes:
    """`rumdul serve`, several times, on one database and one vault."""

    def __init__(self, folder, database, demo_data, base, ports):
        self.folder, self.database, self.base, self.ports = folder, database, base, ports
        self.settings = {
            "RUMDUL_VAULT_FILE": demo_data / "vault.keys", "RUMDUL_VAULT_KEY_FILE": demo_data / "vault.secret",
            "RUMDUL_SYNTHETIC_PEOPLE": "true", "RUMDUL_LOGINS_PER_MINUTE": 1_000_000, "RUMDUL_DRAIN_SECONDS": 1,
        }
        self.programs = {}

    def start(self, port):
        self.programs[port] = Program(
            "serve", "--data", self.folder / f"node-{port}", "--database", self.database, "--port", port, "--base-url", self.base,
            log=self.folder / f"node-{port}.log", **self.settings)

    def stop(self, port):
        """SIGTERM, to the end of the process; its exit code."""
        return self.programs.pop(port).stop()

    def stop_all(self):
        for port in list(self.programs):
            if self.programs[port].alive:
                self.stop(port)


@pytest.fixture
def world(postgres, tmp_path):
    """People with devices, relying parties, and nobody serving yet."""
    port, database = free_port(), postgres.database()
    demo = Demo(tmp_path / "demo", "--database", database, port=port, people=100)
    try:
        records = []
        for record in (
            registration(
                "rolling", scope="accounts:read", profile="oidc-legacy", grant_types=["authorization_code", "refresh_token", CREDENTIALS]),
            registration("rolling-public", token_endpoint_auth_method="none"),
        ):
            path = tmp_path / f"{record['client_id']}.json"
            path.write_text(json.dumps(record))
            done = run("admin", "relying-party", "add", path, "--data", demo.data, "--database", database, "--json")
            assert done.returncode == 0, done.stdout + done.stderr
            records.append(record | json.loads(done.stdout))
        officer = Officer(demo.url, demo.officer())
        people = [person for person in demo.record["persons"][1:5]]
        citizens = [Citizen(demo.url, person, officer.enrol(person["kidc"])) for person in people]
        clients = [Client(demo.url, record) for record in records]
        book = Book(FLOWS)
        workers = [Worker(port, book, citizens[n % len(citizens)], *clients) for n in range(WORKERS)]
    finally:
        demo.stop()
    return port, database, demo, book, workers


def test_no_flow_fails_while_nodes_restart(world, tmp_path):
    port, database, demo, book, workers = world
    ports = [free_port(), free_port()]
    nodes = Nodes(tmp_path, database, demo.data, demo.url, ports)
    restarts = collections.Counter()
    front = FrontProcess(port, ports)
    try:
        for node in ports:
            nodes.start(node)
        until(lambda: all(seen["ready"] for seen in front.nodes().values()), what="two ready nodes")
        start = time.monotonic()
        for worker in workers:
            worker.start()
        for node in itertools.cycle(ports):
            time.sleep(0.5)
            if book.enough and min(restarts[port] for port in ports) >= 2:
                break
            assert nodes.stop(node) == 0, f"the node did not end in an orderly way:\n{nodes.folder}/node-{node}.log"
            nodes.start(node)
            until(lambda: front.nodes()[node]["ready"], pause=0.02, what="the restarted node")
            restarts[node] += 1
        book.finished.set()
        for worker in workers:
            worker.join(60)
            assert not worker.is_alive(), "a request hangs"
        seconds = time.monotonic() - start
        answered = {node: seen["answered"] for node, seen in front.nodes().items()}
    finally:
        book.finished.set()
        nodes.stop_all()
        front.stop()
    total = sum(book.done.values())
    print(f"{total} flows {dict(book.done)} in {seconds:.1f} s, {sum(restarts.values())} restarts, answered {list(answered.values())}")
    assert not book.failed, f"{len(book.failed)} of {total} failed:\n" + "\n".join(book.failed[:10])
    assert total >= FLOWS and min(book.done.values()) > FLOWS / 20
    assert min(answered.values()) > max(answered.values()) / 10, f"one node did nearly all: {answered}"
    verified = run("ledger", "verify", "--data", demo.data, "--database", database, "--json", timeout=300)
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_a_node_that_ends_says_so_first(world, tmp_path):
    """SIGTERM: not ready at once, serving until the drain is over, then gone with code 0."""
    port, database, demo, _, _ = world
    nodes = Nodes(tmp_path, database, demo.data, demo.url, [port])
    nodes.settings["RUMDUL_DRAIN_SECONDS"] = 3
    nodes.start(port)
    program = nodes.programs[port]
    try:
        wire = Wire(port)
        assert wire.request("GET", "/readyz").status == 200
        program.process.terminate()
        until(lambda: wire.request("GET", "/readyz").status == 503, seconds=2, pause=0.02, what="not ready")
        assert wire.request("GET", "/healthz").status == 200
        fresh = Wire(port)
        assert fresh.request("GET", "/jwks").status == 200, "a draining node still takes requests"
        assert program.process.wait(20) == 0
    finally:
        if program.alive:
            program.kill()
