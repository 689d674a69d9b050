"""People without a phone, lost phones, and officers who watch each other."""

import json
import re
import secrets
import time
from urllib.parse import urlencode, urlsplit

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import KeySet

from support.authenticator import b64, pin_key, public_jwk, raw_es256, sign, thumbprint
from support.browser import Browser
from support.chrome import Chrome
from support.listener import Listener
from support.login import Client, callback
from support.officer import Officer
from support.program import Demo, run

AAL1 = "urn:kh:camdigikey:aal:1"


def officer_named(demo, name):
    return next(o for o in demo.record["officers"] if o["username"] == name)


def print_sheet(officer, kidc):
    """A sheet of codes as an officer prints it: {number: code}."""
    person = officer.person(kidc)
    form = next(f for f in person.page.forms if f.action.endswith("/codes"))
    sheet = officer.browser.submit(form, seen="khmerIDCard", present="yes")
    assert sheet.status == 200, f"{sheet.status} {sheet.error}"
    assert "no-store" in sheet.headers["Cache-Control"]
    codes = dict(re.findall(r'<th scope="row">(\d+)</th><td><b>(\d{4} \d{4})</b>', sheet.text))
    assert len(codes) == 20
    return {int(number): code for number, code in codes.items()}


def ask_for_code(client, kidc, browser=None, **changes):
    """From the relying party's request to the page that asks for a numbered code."""
    browser = browser or Browser(client.base)
    consent = client.authorize(browser, **changes)
    pairs = consent.page.form("/authorize/start").filled()
    person = browser.send("POST", "/authorize/code", data=pairs, headers={"Origin": client.base})
    assert person.status == 200, f"{person.status} {person.error}"
    return browser, browser.submit(person.page.form("/authorize/code/person"), identifier=kidc)


def number_asked(page):
    return int(re.search(r'<p class="number"><b>(\d+)</b>', page.text).group(1))


def enter(browser, page, code):
    return browser.submit(page.page.form("/authorize/code/enter"), code=code)


def finish(browser, done):
    """From the page after the code back to the relying party."""
    assert done.status == 200 and urlsplit(done.url).path.endswith("/done"), f"{done.status} {done.error}"
    return callback(browser.get(done.url.replace("/done", "/continue")))


def test_a_person_without_a_phone_logs_in(client, officer, people):
    person = next(people)
    codes = print_sheet(officer, person["kidc"])
    browser, page = ask_for_code(client, person["kidc"])
    number = number_asked(page)
    back = finish(browser, enter(browser, page, codes[number]))
    token = client.token(back["code"]).json()
    keys = KeySet.import_key_set(requests.get(f"{client.base}/jwks", timeout=10).json())
    claims = jwt.decode(token["id_token"], keys, algorithms=["RS256", "ES256"]).claims
    assert claims["acr"] == AAL1 and claims["amr"] == ["otp"] and claims["auth_time"]
    info = client.userinfo(token["access_token"]).json()
    assert info["name_km"] == person["name_km"]
    # The browser is in no session: a shared computer asks again.
    assert client.authorize(browser).page.form("/authorize/start")
    # The same code again fails, and the page asks for another number.
    browser, page = ask_for_code(client, person["kidc"])
    assert number_asked(page) != number
    refused = enter(browser, page, codes[number])
    assert refused.status == 403 and refused.error == "authorize.code_refused"


def test_a_code_opens_the_citizens_own_pages_and_little_else(client, officer, people):
    """To /app with a printed code: what was granted can be seen and withdrawn, requests can be refused; nothing that lasts, no data of the
    register, no approval."""
    person = next(people)
    codes = print_sheet(officer, person["kidc"])
    # Something is granted first, by the same means.
    browser, page = ask_for_code(client, person["kidc"])
    finish(browser, enter(browser, page, codes[number_asked(page)]))
    browser = Browser(client.base)
    pairs = browser.get("/app/login").page.form("/authorize/start").filled()
    asked = browser.send("POST", "/authorize/code", data=pairs, headers={"Origin": client.base})
    page = browser.submit(asked.page.form("/authorize/code/person"), identifier=person["kidc"])
    done = enter(browser, page, codes[number_asked(page)])
    home = browser.get(done.url.replace("/done", "/continue"))
    assert urlsplit(home.url).path == "/app" and home.status == 200, f"{home.status} {home.error} {home.url}"
    assert "A one-time code lets you see" in home.page.text
    csrf = home.page.find("input", name="csrf")["value"]

    def post(path, **fields):
        headers = {"Origin": client.base, "Accept": "application/json"}
        return browser.session.post(client.base + path, data={"csrf": csrf} | fields, headers=headers, timeout=30)

    assert browser.get("/app/data").error == "citizen.login_level"
    for path, fields in {
        "/app/data": {}, "/app/passkeys/options": {"name": "x"}, "/app/passkeys": {"credential": "{}"}, "/app/push": {"subscription": "{}"},
        "/app/requests/x/options": {"number": "12"}, "/app/requests/x": {"state": "x", "credential": "{}"},
    }.items():
        refused = post(path, **fields)
        assert refused.status_code == 403 and refused.json()["code"] == "citizen.login_level", path
    withdrawn = browser.submit(home.page.form("/withdraw"))
    assert withdrawn.url.endswith("done=withdrawn")
    assert "Where am I logged in" in browser.get("/app/sessions").page.text
    # The browser is in no session of the provider: the next login asks again.
    assert client.authorize(browser).page.form("/authorize/start")
    assert post("/app/logout").status_code in (200, 303)
    assert 'id="login"' in browser.get("/app").text


def test_five_wrong_tries_lock_and_an_officer_unlocks(client, officer, people):
    person = next(people)
    codes = print_sheet(officer, person["kidc"])
    browser, page = ask_for_code(client, person["kidc"])
    right = codes[number_asked(page)]
    for _ in range(5):
        page = enter(browser, page, "00000000" if right != "0000 0000" else "11111111")
        assert page.error == "authorize.code_refused"
    assert enter(browser, page, right).error == "authorize.code_refused"
    shown = officer.person(person["kidc"])
    assert "Locked" in shown.page.text
    form = next(f for f in shown.page.forms if "/codes/sheet." in f.action)
    assert officer.browser.submit(form, reason="person_request", action="unlock").status == 200
    assert "code" in finish(browser, enter(browser, page, right))


def test_unknown_people_get_the_same_pages(client, officer, people):
    person = next(people)
    pages = []
    for kidc in (person["kidc"], "9" * 10):
        browser = Browser(client.base)
        try:
            browser, page = ask_for_code(client, kidc, browser)
        except AssertionError:
            pytest.fail("the pages differ")
        if page.status == 400:
            # Not a number that could exist: its check digit is wrong.
            assert page.error == "authorize.identifier_invalid"
            continue
        refused = enter(browser, page, "12345678")
        pages.append((refused.status, refused.error))
    assert set(pages) == {(403, "authorize.code_refused")}


def test_a_clerk_without_the_right_prints_nothing(demo, base):
    account = officer_named(demo, "vibol")
    browser = Browser(base)
    login = browser.get("/enrol")
    answer = browser.submit(login.page.form("/enrol/login"), username=account["username"], password=account["password"])
    assert answer.status == 403 and answer.error == "officer.forbidden"


def recovery_form(page, ending):
    return next(f for f in page.page.forms if re.search(ending, f.action))


def second_supervisor(demo, base, folder):
    """Another officer who may confirm, added as the operator adds officers."""
    password = folder / "password"
    password.write_text("bamboo-raft-52-kites\n")
    added = run(
        "admin", "officer", "add", "second.officer", "--name-km", "មន្ត្រី", "--name-en", "Second", "--grant",
        "enrolmentSupervisor", "--password-file", password, "--data", demo.data,
    )
    assert added.returncode == 0, added.stderr
    return Officer(base, {"username": "second.officer", "password": "bamboo-raft-52-kites"})


def test_recovery_needs_two_officers(demo, base, people, tmp_path):
    """A lost phone: blocked at once, confirmed by another officer, replaced, and levels held for a day."""
    boss = Officer(base, demo.officer())
    person = next(people)
    old = boss.enrol(person["kidc"])
    page = boss.person(person["kidc"])
    opened = boss.browser.submit(recovery_form(page, r"/recoveries$"), reason="lost", seen="khmerIDCard", present="yes")
    assert opened.status == 200 and "Waiting for a second officer" in opened.page.text
    assert old.self_()["state"] == "blocked"
    # The officer who opened it cannot be the second one, whatever is sent.
    form = recovery_form(opened, r"/recoveries/")
    assert "confirm" not in str(form.buttons)
    refused = boss.browser.submit(form, action="confirm")
    assert refused.status == 403 and refused.error == "recovery.same_officer"
    # Nothing is activated before the second officer's word.
    case = boss.open_case(person["kidc"])
    early = boss.browser.submit(case.page.form("/code"))
    assert early.status == 409 and early.error == "recovery.unconfirmed"
    second = second_supervisor(demo, base, tmp_path)
    page = second.person(person["kidc"])
    confirmed = second.browser.submit(recovery_form(page, r"/recoveries/"), action="confirm")
    assert confirmed.status == 200 and "A new device can be bound now" in confirmed.page.text
    new = boss.enrol(person["kidc"], name="New phone")
    told = new.self_()
    assert told["state"] == "active" and told["held_until"] > 0 and told["notices"] == []
    assert "higher levels cannot be used until" in boss.person(person["kidc"]).page.text


def change_pin(device, new, **changes):
    """Section 5 of docs/device-protocol.md: one claims object, signed by the device key and both PIN keys."""
    fresh = pin_key(new, device.secret)
    claims = {
        "iss": device.device_id, "aud": device.issuer, "pin_key": thumbprint(fresh), "iat": int(time.time()),
        "jti": secrets.token_urlsafe(16),
    } | changes
    change = sign(device.key, {"typ": "rumdul-pin-change+jwt", "kid": device.device_id}, claims)
    body = {
        "change": change, "pin_key": public_jwk(fresh), "pin_signature": b64(raw_es256(device.pin_key, change.encode())),
        "new_pin_signature": b64(raw_es256(fresh, change.encode())),
    }
    return fresh, device.request("POST", "/device/v1/pin", json.dumps(body).encode())


def test_the_pin_is_changed_on_the_device(client, enrol):
    citizen = enrol()
    device = citizen.device
    fresh, answer = change_pin(device, "730246")
    assert answer.status_code == 200 and answer.json() == {"status": "changed"}, answer.text
    _, answer = change_pin(device, "918273")  # signed by the PIN key of before
    assert answer.status_code == 403 and answer.json()["code"] == "device.pin_wrong"
    assert answer.json()["tries_left"] == 4
    device.pin_key = fresh
    assert citizen.tokens(client)["access_token"]
    _, answer = change_pin(device, "918273", aud="https://other.example")
    assert answer.status_code == 401 and device.self_()["pin_tries_left"] == 5


def test_a_new_device_tells_the_old_one(officer, people):
    person = next(people)
    old = officer.enrol(person["kidc"])
    officer.enrol(person["kidc"], name="Second phone")
    notices = old.self_()["notices"]
    assert [(n["kind"], n["device_name"]) for n in notices] == [("device_added", "Second phone")]
    assert old.self_()["notices"] == []


def test_the_pages_in_khmer_and_narrow(demo, client, officer, people):
    """Every page of this file in Chromium at 360 px and wide: axe finds nothing, nothing sticks out."""
    person = next(people)
    faults = []
    c = Chrome(language="km")
    try:
        account = demo.officer()
        c.get(demo.url + "/enrol")
        c.type("[name=username]", account["username"])
        c.type("[name=password]", account["password"])
        c.click("form[action='/enrol/login'] button")
        c.wait("[name=identifier]")
        c.type("[name=identifier]", person["kidc"])
        c.click("button[name=by][value=identifier]")
        c.wait("form[action$='/recoveries']")
        c.judge("inclusion-01-person", faults)
        c.size(360, 2600)
        c.driver.execute_script("document.querySelector('form[action$=\"/recoveries\"]').scrollIntoView()")
        c.picture("inclusion-01-person-below")
        c.size(1100)
        c.driver.execute_script(
            "document.querySelector('#f-codes-seen').value='khmerIDCard';"
            "document.querySelector('#f-codes-present').checked=true;"
            "document.querySelector('form[action$=\"/codes\"] button').click()")
        c.wait("#codes")
        c.judge("inclusion-02-sheet", faults)
        rows = c.driver.execute_script(
            "return [...document.querySelectorAll('#codes tbody tr')].map(r => [r.cells[0].innerText, r.cells[1].innerText])")
        codes = {int(number): code for number, code in rows}
        assert len(codes) == 20
        c.get(client.base + "/authorize?" + urlencode(client.parameters("v" * 43)))
        c.wait("#no-phone")
        c.judge("inclusion-03-consent", faults)
        c.click("#no-phone")
        c.wait("form[action='/authorize/code/person']")
        c.judge("inclusion-04-who", faults)
        c.type("#identifier", person["kidc"])
        c.click("form[action='/authorize/code/person'] button")
        c.wait("#code")
        c.type("#code", "00000000")
        c.click("form[action='/authorize/code/enter'] button")
        c.wait("#error")
        # The refusal is a 403 page, which Chromium's console reports as such.
        c.complaints()
        c.judge("inclusion-05-code", faults)
        number = int(c.one("p.number b").text)
        c.type("#code", codes[number])
        try:
            c.click("form[action='/authorize/code/enter'] button")
        except Exception:  # the relying party's address does not answer
            pass
        c.until(lambda: "code=" in c.url, what="the way back")
    finally:
        c.quit()
    assert not faults, "\n".join(faults)


@pytest.fixture
def messenger(tmp_path):
    """A node whose text messages go to a gateway of this test, or to a file."""
    started = []

    def start(kind):
        gateway = Listener()
        gateway.routes["/send"] = (202, {}, b"")
        secret, file = tmp_path / "gateway.secret", tmp_path / "messages"
        secret.write_text("gateway-token\n")
        address = f"http://127.0.0.1:{gateway.port}"
        settings = {
            "http": {
                "RUMDUL_MESSAGE_GATEWAY_URL": address + "/send", "RUMDUL_MESSAGE_GATEWAY_SECRET_FILE": str(secret),
                "RUMDUL_OUTBOUND_ALLOW": address,
            },
            "file": {"RUMDUL_MESSAGE_GATEWAY_FILE": str(file)},
        }[kind]
        demo = Demo(tmp_path / f"demo-{kind}", people=100, redirect="http://127.0.0.1:9/callback", **settings)
        started.append((demo, gateway))

        def sent():
            if kind == "file":
                return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
            assert all(s.headers["Authorization"] == "Bearer gateway-token" for s in gateway.seen)
            return [json.loads(s.body) for s in gateway.seen]

        return demo, sent

    yield start
    for demo, gateway in started:
        demo.stop()
        gateway.stop()


def codes_in(messages):
    return [m for m in messages if "logs you in to " in m["text"]]


def texts(sent, words, count=1, seconds=30):
    """The texts with these words, as soon as there are so many."""
    deadline = time.time() + seconds
    while len(found := [m for m in sent() if words in m["text"]]) < count:
        assert time.time() < deadline, sent()
        time.sleep(0.2)
    return found


@pytest.mark.parametrize("kind", ["http", "file"])
def test_people_are_told_of_new_devices_and_lost_phones(messenger, kind):
    """By text, whoever did it: in both languages, to the register's number, and nothing in it says who or what."""
    demo, sent = messenger(kind)
    boss = Officer(demo.url, demo.officer())
    person = demo.record["persons"][5]
    before = len([m for m in sent() if "A new device" in m["text"]])
    device = boss.enrol(person["kidc"], name="Phone of a thief")
    message = texts(sent, "A new device was activated", before + 1)[-1]
    number = message["to"]
    assert number.startswith("+855") and "ឧបករណ៍ថ្មី" in message["text"]
    assert demo.url + "/app" in message["text"] and "enrolment office" in message["text"]
    page = boss.person(person["kidc"])
    opened = boss.browser.submit(recovery_form(page, r"/recoveries$"), reason="lost", seen="khmerIDCard", present="yes")
    assert opened.status == 200 and device.self_()["state"] == "blocked"
    [gone] = texts(sent, "reported as gone")
    assert gone["to"] == number and "បាត់" in gone["text"]
    for text in (message["text"], gone["text"]):
        for secret in (person["kidc"], person["name_km"], person.get("name_latin") or "Phone of", "Phone of", number):
            assert secret not in text


def test_a_lost_phone_ends_what_it_approved(client, enrol, officer):
    """Tokens, offline access, the service's session at the provider, the citizen's own pages: at the officer's word."""
    citizen = enrol()
    tokens = citizen.tokens(client)
    portal, _ = citizen.portal()
    browser = Browser(client.base)
    citizen.log_in(client, browser)
    assert client.userinfo(tokens["access_token"]).status_code == 200
    page = officer.person(citizen.kidc)
    opened = officer.browser.submit(
        recovery_form(page, r"/recoveries$"), reason="stolen", seen="khmerIDCard", present="yes")
    assert opened.status == 200
    assert client.userinfo(tokens["access_token"]).status_code == 401
    assert callback(client.authorize(browser, prompt="none"))["error"] == "login_required"
    assert portal.get("/app").page.find(id="login") is not None


@pytest.mark.parametrize("kind", ["http", "file"])
def test_a_code_by_message(messenger, kind):
    demo, sent = messenger(kind)
    record = demo.client("test-client")
    client = Client(demo.url, record)
    person = demo.record["persons"][1]
    browser = Browser(demo.url)
    consent = client.authorize(browser)
    who = browser.send(
        "POST", "/authorize/code", data=consent.page.form("/authorize/start").filled(), headers={"Origin": demo.url})
    form = who.page.form("/authorize/code/person")
    page = browser.send(
        "POST", "/authorize/code/message", data=form.filled(identifier=person["kidc"]), headers={"Origin": demo.url})
    assert page.status == 200, f"{page.status} {page.error}"
    deadline = time.time() + 10
    while not codes_in(sent()) and time.time() < deadline:
        time.sleep(0.1)
    message = codes_in(sent())[0]
    assert message["to"].startswith("+855")
    code = re.search(r"\d{6}", message["text"]).group(0)
    token = client.token(finish(browser, enter(browser, page, code))["code"]).json()
    assert client.userinfo(token["access_token"]).json()["name_km"] == person["name_km"]
