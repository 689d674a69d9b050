"""A ministry asks yes or no about a person and the person sees it; who may not, who guesses, who only knows codes."""

import secrets

import pytest
import requests

from support.register_system import System

PATH = "/ids/v1/verify"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("systems")


@pytest.fixture(scope="module")
def systems(demo, folder):
    """A new ministry for each test, so that limits do not mix."""
    def make(scopes=("ids.verify",), **options):
        return System(demo, folder, "ministry-" + secrets.token_hex(4), list(scopes), **options)
    return make


@pytest.fixture
def ministry(systems):
    return systems()


def ask(system, code, **fields):
    return system.call("POST", PATH, {"code": code, "fields": fields})


def check_digit(body):
    """Verhoeff, by an independent library."""
    from stdnum import verhoeff
    return verhoeff.calc_check_digit(body)


def nobody(demo, n):
    """A well-formed code that none of the few people here has."""
    taken = {p["kidc"] for p in demo.record["persons"]}
    for i in range(n, n + 50):
        body = f"0{(i * 7_919_113 + 13_000_001) % 10**8:08d}"
        code = body + check_digit(body)
        if code not in taken:
            return code
    raise AssertionError("no free code")


def entries(citizen):
    return citizen.portal()[1].page.find_all("tr", data_entry=True)


def test_the_ministry_learns_yes_or_no_and_the_citizen_sees_it(ministry, citizen):
    before = len(entries(citizen))
    person = citizen.person
    answer = ask(ministry, person["kidc"], name_km=person["name_km"], name_latin=person["name_latin"], alive=True, sex="1")
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert set(told) == {"fields"} and told["fields"]["name_km"] == told["fields"]["name_latin"] == told["fields"]["alive"] == "match"
    assert told["fields"]["sex"] in {"match", "no_match"}
    assert answer.headers["Cache-Control"] == "no-store"
    for value in (person["name_km"], person["name_latin"], person["kidc"]):
        assert value not in answer.text
    rows = entries(citizen)
    assert len(rows) == before + 1
    newest = rows[0].text
    assert "Ministry of Health" in newest and "Statutory work" in newest and "Name in Khmer" in newest and "Is alive" in newest
    assert "Address" not in newest and person["name_km"] not in newest


def test_the_other_script_order_and_spelling_is_the_same_name(ministry, citizen):
    turned = " ".join(reversed(citizen.person["name_latin"].split(" "))).lower()
    spaced = citizen.person["name_km"].replace(" ", "  ")
    assert ask(ministry, citizen.person["kidc"], name_latin=turned, name_km=spaced).json()["fields"] == {
        "name_km": "match", "name_latin": "match"}


def test_a_code_that_nobody_has_answers_as_a_stranger(demo, ministry, citizen):
    wrong = {"name_latin": "NOBODY Atall", "sex": "1", "alive": True, "residence": "08"}
    known, unknown = ask(ministry, citizen.person["kidc"], **wrong), ask(ministry, nobody(demo, 1), **wrong)
    assert known.status_code == unknown.status_code == 200 and known.json() == unknown.json()
    assert set(known.json()["fields"].values()) == {"no_match"}
    headers = [sorted(k for k in a.headers if k.lower() != "date") for a in (known, unknown)]
    assert headers[0] == headers[1]


def test_facts_that_are_guessed_easily_are_not_asked_alone(ministry, citizen):
    for fields in ({"sex": "1"}, {"alive": True}, {"birthdate": "1990"}, {"residence": "08", "sex": "2"}):
        answer = ask(ministry, citizen.person["kidc"], **fields)
        assert answer.status_code == 400 and answer.json()["code"] == "person.verify_anchor"
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_guessing_ends_for_this_system_about_this_person(systems, citizen):
    system, other = systems(), systems()
    name = citizen.person["name_latin"]
    tries = [ask(system, citizen.person["kidc"], name_latin=name, birthdate=f"1950-01-{day:02d}").status_code for day in range(1, 13)]
    assert tries == [200] * 10 + [429] * 2
    refused = ask(system, citizen.person["kidc"], name_latin=name)
    assert refused.status_code == 429 and int(refused.headers["Retry-After"]) > 0
    assert ask(other, citizen.person["kidc"], name_latin=name).json()["fields"] == {"name_latin": "match"}


def test_trying_codes_ends_whether_anybody_has_them_or_not(demo, systems):
    system = systems()
    token = system.token()
    statuses = [
        system.call("POST", PATH, {"code": nobody(demo, 100 * n), "fields": {"name_latin": "CHAN Sophea"}}, token=token).status_code
        for n in range(1, 121)
    ]
    assert statuses[:100] == [200] * 100 and statuses[-1] == 429


def test_deny_by_default(demo, systems, citizen):
    body = {"code": citizen.person["kidc"], "fields": {"name_latin": citizen.person["name_latin"]}}
    bare = requests.post(demo.url + PATH, json=body, timeout=10)
    assert bare.status_code == 401 and bare.headers["WWW-Authenticate"].startswith("Bearer")
    wrong = systems(["cr.notice.write"]).call("POST", PATH, body)
    assert wrong.status_code == 403 and 'scope="ids.verify"' in wrong.headers["WWW-Authenticate"]
    purpose = systems().call("POST", PATH, body, headers={"Rumdul-Purpose": "curiosity"})
    assert purpose.status_code == 400 and purpose.json()["code"] == "api.purpose"


def test_a_code_is_reserved_once_for_a_transaction(demo, systems):
    registry = systems(["uin.generate"])
    person = {"firstName": "Dara", "lastName": "SOK", "dateOfBirth": "2026-11-01", "gender": "M"}
    first = registry.call("POST", "/v1/uin?transactionId=T-1", person)
    assert first.status_code == 200, first.text
    code = first.json()
    assert isinstance(code, str) and len(code) == 10 and check_digit(code[:9]) == code[9]
    assert registry.call("POST", "/v1/uin?transactionId=T-1", person).json() == code
    assert registry.call("POST", "/v1/uin?transactionId=T-2", person).json() != code
    other = registry.call("POST", "/v1/uin?transactionId=T-1", person | {"firstName": "Dany"})
    assert other.status_code == 409 and set(other.json()) == {"code", "message"}
    assert systems(["uin.generate"]).call("POST", "/v1/uin?transactionId=T-1", person).json() != code, "transactions are each system's own"
    # A reserved code is nobody's yet.
    told = ask(systems(), code, name_latin="SOK Dara")
    assert told.json()["fields"] == {"name_latin": "no_match"}
    # Its way to an end: asked, confirmed once, never given to anybody else.
    told = registry.call("POST", "/ids/v1/codes/status", {"transaction": "T-1", "code": code})
    assert told.status_code == 200 and told.json()["state"] == "open" and told.json()["expires_at"] > "2026"
    confirm = {"transaction": "T-1", "code": code, "person": person | {"firstName": "Darith"}}
    assert registry.call("POST", "/ids/v1/codes/confirm", confirm).status_code == 403, "to reserve is not to confirm"
    office = systems(["uin.generate", "uin.confirm"])
    assert office.call("POST", "/ids/v1/codes/confirm", confirm).status_code == 404, "a reservation is its system's own"
    mine = office.call("POST", "/v1/uin?transactionId=T-9", person).json()
    confirm["transaction"], confirm["code"] = "T-9", mine
    for _ in range(2):
        done = office.call("POST", "/ids/v1/codes/confirm", confirm)
        assert done.status_code == 200 and done.json() == {"code": mine, "state": "confirmed"}, done.text
    other = office.call("POST", "/ids/v1/codes/confirm", confirm | {"person": person})
    assert other.status_code == 409 and other.json()["code"] == "kidc.reservation_confirmed"
    assert office.call("POST", "/ids/v1/codes/release", {"transaction": "T-9", "code": mine}).status_code == 409
    assert ask(systems(), mine, name_latin="SOK Darith").json()["fields"] == {"name_latin": "match"}, "the person counts"
    assert office.call("POST", "/v1/uin?transactionId=T-9", person).json() == mine
    given = office.call("POST", "/v1/uin?transactionId=T-10", person).json()
    assert office.call("POST", "/ids/v1/codes/release", {"transaction": "T-10", "code": given}).json()["state"] == "released"
    assert office.call("POST", "/v1/uin?transactionId=T-10", person).status_code == 409
    assert office.call("POST", "/ids/v1/codes/confirm", confirm | {"transaction": "T-10", "code": given}).json()["code"] == "kidc.reservation_over"
    assert office.call("POST", "/ids/v1/codes/status", {"transaction": "T-10", "code": mine}).status_code == 404
    wrong = systems().call("POST", "/v1/uin?transactionId=T-1", person)
    assert wrong.status_code == 403 and wrong.json()["code"] == 1003 and "insufficient_scope" in wrong.headers["WWW-Authenticate"]
