"""Registrations that wait for a system outside: its answers by plain requests, what officers see in Chromium, time that runs out."""

import sqlite3
from contextlib import closing

import pytest

from support import screens
from support.program import Demo, run
from support.register_system import System
from support.registrar import OFFICE, Registrar, birth
from support.wait import until


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    program = Demo(tmp_path_factory.mktemp("rumdul") / "demo", people=100, RUMDUL_EXTERNAL_CHECKS="birth", RUMDUL_EXTERNAL_CHECK_HOURS="24")
    yield program
    if program.alive:
        program.stop()


@pytest.fixture(scope="module")
def office(demo):
    officers = {name: Registrar(demo, user) for name, user in {"clerk": "sreymom", "registrar": "piseth", "verifier": "maly", "province": "samnang"}.items()}
    yield officers
    for officer in officers.values():
        officer.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("systems")


@pytest.fixture(scope="module")
def checker(demo, folder):
    return System(demo, folder, "checker", ["cr.check"], areas=["08"])


def verified(office, **changes):
    record = office["clerk"].declare("birth", birth(**changes))
    assert record, office["clerk"].chrome.text
    office["verifier"].take(record, "verify")
    return record


def listed(officer, queue):
    officer.chrome.get(f"{officer.base}/register/queues/{queue}")
    return [a.get_attribute("href") for a in officer.chrome.all("main td a")]


def newest(checker):
    return checker.get("/cr/v1/checks?limit=100").json()["checks"][-1]


def test_a_success_lets_the_birth_be_registered(office, checker):
    registrar = office["registrar"]
    record = verified(office, **{"child.given_km": "ជ័យ"})
    registrar.chrome.get(record)
    assert not registrar.chrome.all('button[value="register"]'), "nothing is registered before the answer"
    assert "កំពុងរង់ចាំចម្លើយ" in registrar.chrome.text
    assert record in listed(registrar, "checking") and record not in listed(registrar, "toRegister")
    item = newest(checker)
    assert item["kind"] == "birth" and item["office"] == OFFICE and item["attempt"] == 1 and item["state"] == "waiting"
    assert set(item) == {"id", "kind", "office", "state", "attempt", "asked_at", "due_at"}, "a list names nobody"
    seen = checker.get(f"/cr/v1/checks/{item['id']}").json()
    assert seen["fields"]["child.given_km"] == "ជ័យ" and not any(name.endswith(".person") for name in seen["fields"])
    for _ in range(2):
        done = checker.call("POST", f"/cr/v1/checks/{item['id']}/answer", {"result": "passed"})
        assert done.status_code == 200 and done.json()["state"] == "passed", done.text
    other = checker.call("POST", f"/cr/v1/checks/{item['id']}/answer", {"result": "failed", "reason": "changed our mind"})
    assert other.status_code == 409 and other.json()["code"] == "civil.state"
    assert checker.get(f"/cr/v1/checks/{item['id']}").status_code == 404, "what was answered is not shown again"
    registrar.take(record, "register")
    assert registrar.state() == "បានចុះបញ្ជី"


def test_a_failure_is_seen_in_the_list_and_asked_again(office, checker):
    registrar, verifier = office["registrar"], office["verifier"]
    record = verified(office, **{"child.given_km": "វឌ្ឍនា"})
    item = newest(checker)
    bare = checker.call("POST", f"/cr/v1/checks/{item['id']}/answer", {"result": "failed"})
    assert bare.status_code == 400 and [e["field"] for e in bare.json()["errors"]] == ["reason"]
    assert checker.call("POST", f"/cr/v1/checks/{item['id']}/answer", {"result": "failed", "reason": "<b>ម្តាយ</b> រកមិនឃើញ"}).status_code == 200
    for officer in (registrar, verifier, office["province"]):
        assert record in listed(officer, "checksFailed")
        assert not screens.faults(officer.chrome, 360)
    registrar.chrome.get(record)
    assert "<b>ម្តាយ</b> រកមិនឃើញ" in registrar.chrome.text, "the reason, as it was sent"
    assert registrar.state() == "ការពិនិត្យខាងក្រៅមិនបានជោគជ័យ"
    assert not registrar.chrome.all('button[value="register"]') and not registrar.chrome.all('button[value="overrideCheck"]')
    assert not screens.faults(registrar.chrome, 360)
    registrar.take(record, "retryCheck")
    again = newest(checker)
    assert again["attempt"] == 2 and again["id"] != item["id"]
    assert checker.call("POST", f"/cr/v1/checks/{item['id']}/answer", {"result": "passed"}).status_code == 409, "the first question is over"
    assert checker.call("POST", f"/cr/v1/checks/{again['id']}/answer", {"result": "passed"}).status_code == 200
    registrar.take(record, "register")
    assert registrar.state() == "បានចុះបញ្ជី"


def test_no_answer_in_time_and_the_province_lets_it_go_on(demo, office, checker):
    registrar, province = office["registrar"], office["province"]
    record = verified(office, **{"child.given_km": "សំណាង"})
    item = newest(checker)
    with closing(sqlite3.connect(demo.data / "rumdul.sqlite", timeout=30)) as database, database:
        database.execute("UPDATE civil_checks SET due_at = 1 WHERE id = ?", [item["id"]])
    until(lambda: record in listed(registrar, "checksFailed"), seconds=120)
    province.take(record, "overrideCheck", reason="ប្រព័ន្ធខាងក្រៅខូច")
    assert checker.call("POST", f"/cr/v1/checks/{item['id']}/answer", {"result": "passed"}).status_code == 409
    registrar.take(record, "register")
    assert registrar.state() == "បានចុះបញ្ជី"
    registrar.chrome.get(record)
    assert "ប្រព័ន្ធខាងក្រៅខូច" in registrar.chrome.text, "the history says who went on and why"


def test_deny_by_default(demo, folder, office, checker):
    record = verified(office, **{"child.given_km": "ឆោម"})
    item = newest(checker)
    far = System(demo, folder, "far-checker", ["cr.check"], areas=["12"])
    assert far.get("/cr/v1/checks").json() == {"checks": []}
    assert far.get(f"/cr/v1/checks/{item['id']}").status_code == 404
    assert far.call("POST", f"/cr/v1/checks/{item['id']}/answer", {"result": "passed"}).status_code == 404
    other = System(demo, folder, "other-checker", ["cr.record.read"])
    for answer in (other.get("/cr/v1/checks"), other.call("POST", f"/cr/v1/checks/{item['id']}/answer", {"result": "passed"})):
        assert answer.status_code == 403 and 'scope="cr.check"' in answer.headers["WWW-Authenticate"]
    first = checker.get("/cr/v1/checks?limit=1").json()
    assert len(first["checks"]) == 1
    assert checker.get("/cr/v1/checks?limit=0").status_code == 400 and checker.get("/cr/v1/checks?cursor=x").status_code == 400
    office["verifier"].take(record, "sendBack", reason="ឈ្មោះខុស")
    assert checker.call("POST", f"/cr/v1/checks/{item['id']}/answer", {"result": "passed"}).status_code == 409, "what was given back is asked no more"


def test_only_kinds_that_a_district_verifies_can_wait():
    done = run("serve", "--port", "0", RUMDUL_EXTERNAL_CHECKS="marriage", RUMDUL_DATA_DIRECTORY="/nonexistent")
    assert done.returncode != 0 and "external_checks" in done.stderr


def test_the_chains_hold(demo):
    assert run("civil", "verify", "--data", demo.data).returncode == 0
