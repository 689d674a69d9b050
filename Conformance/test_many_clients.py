"""10,000 relying parties: a page of the list and a search cost what they cost among 100, and the server's memory does not know them."""

import base64
import json
import time
from pathlib import Path
from urllib.parse import quote_plus

import pytest

from support.program import Program, run
from support.wire import Wire

FEW, MANY = 100, 10_000
KHMER = "មន្ទីរពេទ្យកាល់ម៉ែត"


def party(number):
    """Every hundredth is a hospital; each has words of its own."""
    hospital = number % 100 == 42
    return {
        "client_id": f"party-{number:05}",
        "client_name": {
            "km": f"{KHMER} លេខ{number}" if hospital else f"ហាងលក់សៀវភៅលេខ{number}",
            "en": f"Calmette Hospital {number}" if hospital else f"Bookshop unit{number}",
        },
        "profile": "oidc-legacy", "grant_types": ["authorization_code", "client_credentials"], "scope": "accounts:read",
        "redirect_uris": [f"https://party-{number:05}.example/callback"],
        "purposes": [{
            "code": "buying", "text": {"km": "ទិញទំនិញ", "en": "Buying things"}, "essential": ["name_km"],
            "optional": ["birthdate", "phone_number"], "valid_days": 30,
        }],
    }


class World:
    """A data folder with so many relying parties."""

    def __init__(self, folder, count, *database):
        self.data, self.count = folder / f"of-{count}", count
        self.options = ["--data", self.data, *database]
        lines, secrets = folder / f"{count}.jsonl", folder / f"{count}.secrets"
        lines.write_text("".join(json.dumps(party(number), ensure_ascii=False) + "\n" for number in range(count)))
        start = time.monotonic()
        done = run("admin", "relying-party", "import", lines, "--secrets", secrets, *self.options, timeout=300)
        self.seconds = time.monotonic() - start
        assert done.returncode == 0, done.stdout + done.stderr
        assert secrets.stat().st_mode & 0o777 == 0o600
        made = [json.loads(line) for line in secrets.read_text().splitlines()]
        self.secrets = {entry["client_id"]: entry["client_secret"] for entry in made}
        assert len(set(self.secrets.values())) == count and not any(s in done.stdout for s in list(self.secrets.values())[:50])

    def list(self, *arguments):
        """Identifiers that the command lists."""
        done = run("admin", "relying-party", "list", *arguments, *self.options, "--json")
        assert done.returncode == 0, done.stderr
        return [json.loads(line)["client_id"] for line in done.stdout.splitlines()]

    def quickest(self, *arguments, tries=5):
        """The least time of several: what the work takes when nothing else disturbs."""
        best = float("inf")
        for _ in range(tries):
            start = time.monotonic()
            self.list(*arguments)
            best = min(best, time.monotonic() - start)
        return best

    def serve(self, folder):
        return Program("serve", *self.options, "--port", 0, log=folder / f"{self.count}.log")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def worlds(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("many")

    def world(count):
        if request.param == "sqlite":
            return World(folder, count)
        cluster = request.getfixturevalue("postgres")
        url = cluster.database()
        made = World(folder, count, "--database", url)
        cluster.query(url, "ANALYZE")  # what autovacuum does within a minute of the import
        return made

    return world(FEW), world(MANY)


def test_pages_and_searches_find_the_right_ones(worlds):
    _, many = worlds
    print(f"{MANY} registrations in {many.seconds:.1f} s")
    everyone = [f"party-{number:05}" for number in range(MANY)]
    assert [p for p in many.list() if p.startswith("party-")] == everyone
    assert many.list("--search", "party", "--limit", 50) == everyone[:50]
    assert many.list("--search", "party", "--limit", 50, "--after", "party-04999") == everyone[5000:5050]
    assert many.list("--search", "party", "--limit", 50, "--after", "party-09989") == everyone[9990:]
    hospitals = [p for p in everyone if p.endswith("42")]
    assert many.list("--search", "calmette", "--limit", 50) == hospitals[:50]
    assert many.list("--search", "កាល់ម៉ែត", "--limit", 50) == hospitals[:50]
    assert many.list("--search", KHMER, "--limit", 50, "--after", hospitals[49]) == hospitals[50:]
    assert many.list("--search", "bookshop unit7777") == ["party-07777"]
    assert many.list("--search", "party-01234") == ["party-01234"]
    assert many.list("--search", "nobody") == []


@pytest.mark.parametrize("question", [
    ("--limit", "50"), ("--limit", "50", "--after", "party-00050"), ("--search", "calmette", "--limit", "50"),
    ("--search", "កាល់ម៉ែត", "--limit", "50"), ("--search", "bookshop unit77", "--limit", "50"),
], ids=["first page", "next page", "Latin", "Khmer", "two words"])
def test_a_page_costs_the_same_among_ten_thousand(worlds, question):
    """A hundred times as many: reading them all would take a hundred times as long, and would show."""
    few, many = worlds
    everything = many.quickest(tries=2)
    small, large = few.quickest(*question), many.quickest(*question)
    print(f"{question}: {small * 1000:.0f} ms among {FEW}, {large * 1000:.0f} ms among {MANY}; all of them {everything * 1000:.0f} ms")
    assert large - small < (everything - small) / 4, f"{small:.3f} s among {FEW}, {large:.3f} s among {MANY}"


def resident(program):
    """Megabytes."""
    return program.resident_megabytes()


def token(wire, world, number):
    name = f"party-{number:05}"
    pair = base64.b64encode(f"{quote_plus(name)}:{quote_plus(world.secrets[name])}".encode()).decode()
    answer = wire.request("POST", "/token", {"Authorization": f"Basic {pair}"}, "grant_type=client_credentials")
    assert answer.status == 200, answer
    return json.loads(answer.body)["access_token"], pair


def use(world, program):
    """Everything that a relying party can call without a person, for fifty of them."""
    wire = Wire(int(program.url.rsplit(":", 1)[1]))
    for path in ("/.well-known/openid-configuration", "/jwks", "/readyz", "/metrics", "/errors/web.not_found", "/"):
        assert wire.request("GET", path).status in (200, 302, 303), path
    for _ in range(4):
        for number in range(50):
            access, pair = token(wire, world, number)
            basic = {"Authorization": f"Basic {pair}"}
            assert b'"active":true' in wire.request("POST", "/introspect", basic, f"token={access}").body
            assert wire.request("POST", "/revoke", basic, f"token={access}").status == 200
            query = (
                f"response_type=code&client_id=party-{number:05}&scope=openid&state=s&nonce=n&code_challenge={'c' * 43}"
                f"&code_challenge_method=S256&redirect_uri=https%3A%2F%2Fparty-{number:05}.example%2Fcallback")
            assert wire.request("GET", "/authorize?" + query).status == 200
            assert wire.request("GET", "/authorize?prompt=none&" + query).status == 302
            assert wire.request("GET", f"/connect/logout?client_id=party-{number:05}").status in (200, 302, 303)
    wire.close()


def test_memory_does_not_grow_with_registrations(worlds, tmp_path):
    sizes = {}
    for world in worlds:
        program = world.serve(tmp_path)
        try:
            idle = resident(program)
            use(world, program)
            sizes[world.count] = (idle, resident(program))
        finally:
            program.stop()
    print({count: [round(size, 1) for size in pair] for count, pair in sizes.items()})
    assert abs(sizes[MANY][0] - sizes[FEW][0]) < 8, f"idle: {sizes}"
    assert sizes[MANY][1] - sizes[FEW][1] < 12, f"after the same requests: {sizes}"


def test_every_party_at_once_fits_a_bounded_memory(worlds, tmp_path):
    """All 10,000 use the server, twice: it keeps some of them in mind, not all."""
    _, many = worlds
    if len(many.options) > 2:
        pytest.skip("the same memory on both databases")
    program = many.serve(tmp_path)
    try:
        use(many, program)
        sizes, wire = [resident(program)], Wire(int(program.url.rsplit(":", 1)[1]))
        for _ in range(2):
            for number in range(MANY):
                token(wire, many, number)
            sizes.append(resident(program))
    finally:
        program.stop()
    print([round(size, 1) for size in sizes])
    assert sizes[2] - sizes[0] < 64, f"megabytes after no, one and two rounds: {sizes}"
