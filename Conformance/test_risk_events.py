"""`rumdul risk list`: what an operator should look into, as it happened from outside."""

import json

import pytest

from support.login import ask, waiting_on
from support.browser import Browser
from support.program import run


def events(demo, device, *arguments):
    done = run("risk", "list", "--data", demo.data, "--json", *arguments)
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return [event for event in found if event["authenticator"] == device.device_id]


def waiting(citizen, client):
    browser = Browser(citizen.base)
    return waiting_on(citizen.device, ask(browser, client.authorize(browser), citizen.kidc))


def test_a_replayed_proof(demo, citizen):
    device = citizen.device
    proof = device.proof("GET", "/device/v1/self")
    assert device.request("GET", "/device/v1/self", proof=proof).status_code == 200
    assert events(demo, device) == []
    for _ in range(3):
        assert device.request("GET", "/device/v1/self", proof=proof).json()["code"] == "device.proof_invalid"
    found = events(demo, device)
    assert [event["kind"] for event in found] == ["device_replay"] and found[0]["count"] == 1
    assert found[0]["person"] and citizen.kidc not in json.dumps(found), "identifiers, nothing personal"


def test_a_locked_pin(demo, citizen, client):
    transaction = waiting(citizen, client)
    for _ in range(5):
        answer = citizen.device.decide(transaction, pin="111222")
    assert answer.json()["code"] == "device.pin_locked"
    assert [event["kind"] for event in events(demo, citizen.device)] == ["pin_locked"]


def test_a_report(demo, citizen, client):
    assert citizen.device.decide(waiting(citizen, client), "report").status_code == 200
    found = events(demo, citizen.device)
    assert [(event["kind"], event["detail"]) for event in found] == [("reported", {"client_id": client.id})]
    assert events(demo, citizen.device, "--kind", "pin_locked") == []
    assert events(demo, citizen.device, "--since", "2020-01-01") == found
    assert events(demo, citizen.device, "--since", "2099-01-01T00:00:00Z") == []
    text = run("risk", "list", "--data", demo.data, "--since", "1h").stdout
    assert citizen.device.device_id in text and "reported" in text


def test_a_report_opens_a_case(citizen, client, officer):
    """"Not me" is for the officers of the person's area to look into; the service cannot ask again from there for a day."""
    assert citizen.device.decide(waiting(citizen, client), "report").status_code == 200
    assert client.id in officer.browser.get("/enrol").page.find(id="security-cases").text
    page = officer.person(citizen.kidc).page
    assert client.id in page.find(id="security-case").text and "duress" not in page.find(id="security-case").text.lower()
    browser = Browser(citizen.base)
    ask(browser, client.authorize(browser), citizen.kidc)
    assert citizen.device.transactions() == [], "a service that was reported asks again"
    form = next(f for f in page.forms if "/security/" in f.action)
    assert officer.browser.submit(form, reason="person_request").status == 200
    assert officer.person(citizen.kidc).page.find(id="security-case") is None


@pytest.mark.parametrize("arguments", [["--since", "yesterday"], ["--kind", "nonsense"], ["--limit", "0"]])
def test_wrong_usage(demo, arguments):
    assert run("risk", "list", "--data", demo.data, *arguments).returncode == 64


def test_no_node_is_made_by_looking(tmp_path):
    done = run("risk", "list", "--data", tmp_path / "absent")
    assert done.returncode == 1 or done.returncode == 2
    assert "cli.no_node" in done.stderr and not (tmp_path / "absent").exists()
