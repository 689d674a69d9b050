"""The duress PIN: what an onlooker sees is what the right PIN shows; what it sets off is silent and holds the worst back."""

import json
import secrets
import time

import pytest

from support.authenticator import b64, pin_key, public_jwk, raw_es256, sign, thumbprint
from support.browser import Browser
from support.login import ask, callback, number_shown, waiting_on
from support.program import Demo, run

PIN, DURESS = "274951", "730246"


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    program = Demo(tmp_path_factory.mktemp("rumdul") / "demo", redirect="http://127.0.0.1:9/callback", RUMDUL_DURESS_PIN="true")
    yield program
    if program.alive:
        program.stop()


def change_duress(device, duress=DURESS, pin=PIN, **changes):
    """Section 6 of docs/device-protocol.md; None clears."""
    key = pin_key(duress, device.secret) if duress else None
    claims = {"iss": device.device_id, "aud": device.issuer, "iat": int(time.time()), "jti": secrets.token_urlsafe(16)}
    if key:
        claims["duress_key"] = thumbprint(key)
    change = sign(device.key, {"typ": "rumdul-duress-pin+jwt", "kid": device.device_id}, claims | changes)
    body = {"change": change, "pin_signature": b64(raw_es256(pin_key(pin, device.secret), change.encode()))}
    if key:
        body |= {"duress_key": public_jwk(key), "duress_signature": b64(raw_es256(key, change.encode()))}
    return device.request("POST", "/device/v1/duress-pin", json.dumps(body).encode())


def approve(client, citizen, pin, browser=None, **changes):
    """A login up to the device's decision; the browser, its waiting page, and the device's answer."""
    browser = browser or Browser(client.base)
    waiting = ask(browser, client.authorize(browser, **changes), citizen.kidc)
    return browser, waiting, citizen.device.decide(waiting_on(citizen.device, waiting), number=number_shown(waiting), pin=pin)


@pytest.fixture
def forced(enrol):
    """A citizen with a duress PIN."""
    citizen = enrol()
    answer = change_duress(citizen.device)
    assert answer.status_code == 200 and answer.json() == {"status": "set"}, answer.text
    return citizen


def shape(answer):
    """All that the device's holder can see of an answer."""
    return answer.status_code, answer.json(), sorted(name.lower() for name in answer.headers if name.lower() != "date")


def case_form(officer, kidc):
    return next((f for f in officer.person(kidc).page.forms if "/security/" in f.action), None)


def test_the_answers_are_the_same_and_less_is_granted(client, forced, enrol, officer):
    free = enrol()
    browser, waiting, right = approve(client, free, PIN)
    told, tokens = shape(right), client.token(callback(browser.get(waiting.url))["code"]).json()
    assert client.userinfo(tokens["access_token"]).json()["name_km"]
    browser, waiting, answer = approve(client, forced, DURESS)
    assert shape(answer) == told
    back = callback(browser.get(waiting.url))
    tokens = client.token(back["code"]).json()
    assert set(client.userinfo(tokens["access_token"]).json()) == {"sub"}, "data was shared under duress"
    assert not browser.session.cookies.get("sso"), "the browser is in a session"
    assert client.authorize(browser).page.find(id="identifier")
    # Neither the device nor the person's pages tell of it; the officer with the right does.
    assert forced.device.self_() | {"device_id": "", "name": ""} == free.device.self_() | {"device_id": "", "name": ""}
    own, home = forced.portal()
    notices = own.get("/app/notices").page
    assert {e["data-notice"] for e in notices.find_all(data_notice=True)} <= {"device.bound", "device.activated"}
    assert "duress" not in own.get("/app").text.lower() + own.get("/app/notices").text.lower()
    assert officer.browser.get("/enrol").page.find(id="security-cases")
    form = case_form(officer, forced.kidc)
    assert form and case_form(officer, free.kidc) is None
    assert officer.browser.submit(form, reason="person_request").status == 200
    assert case_form(officer, forced.kidc) is None
    browser, waiting, answer = approve(client, forced, PIN)
    tokens = client.token(callback(browser.get(waiting.url))["code"]).json()
    assert client.userinfo(tokens["access_token"]).json()["name_km"] == forced.person["name_km"]


def test_the_persons_own_pages_stay_shut(demo, forced):
    """The device says yes; whoever forces the person gets neither their data nor a passkey of their own."""
    browser = Browser(demo.url)
    waiting = ask(browser, browser.get("/app/login"), forced.kidc)
    answer = forced.device.decide(waiting_on(forced.device, waiting), number=number_shown(waiting), pin=DURESS)
    assert answer.status_code == 200 and answer.json() == {"status": "approved"}
    browser.get(waiting.url)
    assert browser.get("/app/consents", follow=False).status != 200
    assert not {"sso", "rumdul-citizen"} & {cookie.name for cookie in browser.session.cookies}


def test_an_essential_level_is_not_reached(client, forced):
    wish = json.dumps({"id_token": {"acr": {"essential": True, "values": ["urn:kh:camdigikey:aal:2"]}}})
    browser, waiting, answer = approve(client, forced, DURESS, claims=wish)
    assert answer.json() == {"status": "approved"}
    back = callback(browser.get(waiting.url))
    assert back["error"] == "unmet_authentication_requirements" and "held" not in back.get("error_description", "")


def test_wrong_pins_and_the_duress_pin(client, clients, forced):
    """It makes wrong tries forgotten, once: else it would be a way to search for the PIN."""
    _, waiting, wrong = approve(client, forced, "111112")
    assert wrong.json()["tries_left"] == 4
    transaction, number = waiting_on(forced.device, waiting), number_shown(waiting)
    assert forced.device.decide(transaction, number=number, pin=DURESS).status_code == 200
    assert forced.device.self_()["pin_tries_left"] == 5
    _, waiting, wrong = approve(clients["es256"], forced, "111112")
    assert wrong.json()["tries_left"] == 4
    transaction, number = waiting_on(forced.device, waiting), number_shown(waiting)
    assert forced.device.decide(transaction, number=number, pin=DURESS).status_code == 200
    assert forced.device.self_()["pin_tries_left"] == 4


def test_setting_it_needs_the_pin_and_good_proofs(forced):
    device = forced.device
    assert change_duress(device, "918273", pin="111112").json()["code"] == "device.pin_wrong"
    for changes in ({"aud": "https://other.example"}, {"duress_key": "x"}, {"iat": 1}, {"jti": None}, {"iss": "x"}):
        answer = change_duress(device, "918273", **changes)
        assert answer.status_code == 401 and answer.json()["code"] == "device.proof_invalid", (changes, answer.text)
    assert change_duress(device, PIN).json()["code"] == "device.key_refused", "the PIN itself is no duress PIN"
    # Forced to clear it, the person gives the duress PIN: the answer is the same, and it still works.
    cleared = change_duress(device, None, pin=DURESS)
    assert cleared.status_code == 200 and cleared.json() == {"status": "cleared"}
    assert change_duress(device, None, pin=PIN).json() == {"status": "cleared"}
    assert change_duress(device, None, pin=DURESS).json()["code"] == "device.pin_wrong", "cleared for good"


def test_the_command_line(client, officer, people, tmp_path):
    person = next(people)
    for name, pin in (("pin", PIN), ("duress", DURESS)):
        (tmp_path / name).write_text(pin + "\n")
        (tmp_path / name).chmod(0o600)
    store = ["--store", tmp_path / "store", "--json"]
    with officer.busy:
        case, code = officer.show_code(officer.open_case(person["kidc"]))
        enrolled = run("device", "enrol", "--server", client.base, "--code", code, "--name", "Phone", "--pin-file", tmp_path / "pin", *store)
        assert enrolled.returncode == 0, enrolled.stderr
        page, _ = officer.compare(case)
        officer.confirm(page)
    made = run("device", "duress", "set", "--pin-file", tmp_path / "pin", "--duress-pin-file", tmp_path / "duress", *store)
    assert made.returncode == 0 and json.loads(made.stdout) == {"status": "set"}, made.stderr
    printed = []
    for pin in ("pin", "duress"):
        browser = Browser(client.base)
        waiting = ask(browser, client.authorize(browser), person["kidc"])
        done = run("device", "approve", "--auto", "--number", number_shown(waiting), "--timeout", 20, "--pin-file", tmp_path / pin, *store)
        assert done.returncode == 0, done.stdout + done.stderr
        printed.append(json.loads(done.stdout) | {"transaction": ""})
    assert printed[0] == printed[1]
    assert case_form(officer, person["kidc"])
    cleared = run("device", "duress", "clear", "--pin-file", tmp_path / "pin", *store)
    assert cleared.returncode == 0 and json.loads(cleared.stdout) == {"status": "cleared"}, cleared.stderr
