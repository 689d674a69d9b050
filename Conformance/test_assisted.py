"""Assisted mode: an officer's terminal, a person without a phone, their PIN card or security key."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import KeySet

from support.browser import Answer, Browser
from support.cards import proof
from support.chrome import Chrome
from support.login import callback
from support.passkey import SoftPasskey
from support.program import Demo, run

AAL1, AAL2 = "urn:kh:camdigikey:aal:1", "urn:kh:camdigikey:aal:2"
PASSWORD = "bamboo-raft-52-kites"
PIN = "274951"


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """Passkeys need a domain name."""
    program = Demo(tmp_path_factory.mktemp("rumdul") / "demo", "--host", "localhost", redirect="http://127.0.0.1:9/callback")
    yield program
    if program.alive:
        program.stop()


def add_clerk(demo, folder, name, code=None, grant="assistingOfficer:12"):
    """An assisting officer of the branch; `code` is the officer's own as a person, `grant` where they assist."""
    password = folder / "password"
    password.write_text(PASSWORD + "\n")
    added = run(
        "admin", "officer", "add", name, "--name-km", "មន្ត្រី", "--name-en", "Clerk", "--grant", grant, "--office",
        "kh-bank", "--password-file", password, "--data", demo.data, "--json")
    assert added.returncode == 0, added.stderr
    if code:
        file = folder / f"{name}.code"
        file.write_text(code + "\n")
        linked = run(
            "admin", "officer", "link", name, "--code-file", file, "--data", demo.data, RUMDUL_SYNTHETIC_PEOPLE="true")
        assert linked.returncode == 0, linked.stderr
    return json.loads(added.stdout)["id"]


@pytest.fixture(scope="module")
def clerk(demo, tmp_path_factory):
    """Makes assisting officers of the branch; `person` says who the officer is, `grant` where they assist."""
    folder = tmp_path_factory.mktemp("clerks")
    made = []

    def make(person=None, grant="assistingOfficer:12"):
        name = f"clerk.{len(made)}"
        made.append(name)
        officer_id = add_clerk(demo, folder, name, person and person["kidc"], grant)
        terminal = Terminal(demo.url, name)
        terminal.officer_id = officer_id
        return terminal

    return make


@pytest.fixture(scope="module")
def terminal(clerk, people):
    return clerk(next(people))


class Terminal:
    """A browser at a counter, the officer logged in."""

    def __init__(self, base, name):
        self.browser = Browser(base)
        login = self.browser.get("/enrol")
        self.home = self.browser.submit(login.page.form("/enrol/login"), username=name, password=PASSWORD)

    def start(self, place="12"):
        page = self.browser.get("/enrol/assist")
        if any(form.action.endswith("/assist/end") for form in page.page.forms):
            page = self.end()
        return self.browser.submit(page.page.form("/assist/start"), place=place)

    def end(self):
        return self.browser.submit(self.browser.get("/enrol/assist").page.form("/assist/end"))

    def end_if_open(self):
        if any(form.action.endswith("/assist/end") for form in self.browser.get("/enrol/assist").page.forms):
            self.end()

    @property
    def cookies(self):
        return {cookie.name for cookie in self.browser.session.cookies}

    def card_page(self, client, **changes):
        """From the relying party to the page that asks for the card."""
        consent = client.authorize(self.browser, **changes)
        assert consent.status == 200, f"{consent.status} {consent.error}"
        pairs = consent.page.form("/authorize/start").filled()
        return self.browser.send("POST", "/authorize/card", data=pairs, headers={"Origin": client.base})

    def enter(self, page, card, pin=PIN):
        return self.browser.submit(page.page.form("/authorize/card/enter"), card=card, proof=proof(card, pin))

    def log_in(self, client, card, pin=PIN, **changes):
        done = self.enter(self.card_page(client, **changes), card, pin)
        assert done.status == 200 and urlsplit(done.url).path.endswith("/done"), f"{done.status} {done.error}"
        return callback(self.browser.get(done.url.replace("/done", "/continue")))


def card_form(officer, person, ending=r"/cards$"):
    page = officer.person(person["kidc"])
    return next(f for f in page.page.forms if re.search(ending, f.action))


def issue(officer, person, pin=PIN):
    """A card as an officer prints it, with the PIN that the person sets at once; what is printed on it."""
    printed = officer.browser.submit(card_form(officer, person), seen="khmerIDCard", present="yes")
    assert printed.status == 200, f"{printed.status} {printed.error}"
    assert "no-store" in printed.headers["Cache-Control"] and "<svg" in printed.text
    text = printed.page.find(id="card-text").text
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{4}", text), text
    assert person["name_km"] not in printed.text and person["kidc"] not in printed.text
    if pin:
        link = next(a["href"] for a in printed.page.find_all("a") if a["href"].endswith("/cards/pin"))
        page = officer.browser.get(link)
        done = officer.browser.submit(page.page.form("/cards/pin"), card=text, proof=proof(text, pin))
        assert done.status == 200, f"{done.status} {done.error}"
    return text


def claims(client, code):
    tokens = client.token(code).json()
    keys = KeySet.import_key_set(requests.get(f"{client.base}/jwks", timeout=10).json())
    return tokens, jwt.decode(tokens["id_token"], keys, algorithms=["RS256", "ES256"]).claims


@pytest.fixture
def card(officer, people):
    """A person with a card."""
    person = next(people)
    return person, issue(officer, person)


def test_a_card_logs_in_and_everything_tells_that_it_was_assisted(client, officer, terminal, enrol):
    citizen = enrol()
    text = issue(officer, citizen.person)
    assert terminal.start().status == 200
    back = terminal.log_in(client, text)
    tokens, claim = claims(client, back["code"])
    assert claim["acr"] == AAL1 and claim["amr"] == ["pin", "card", "assisted"]
    assert claim["assisted"]["organisation"] == "kh-bank" and claim["assisted"]["place"] == "12"
    assert terminal.officer_id not in json.dumps(claim), "the relying party learns no officer"
    assert client.userinfo(tokens["access_token"]).json()["name_km"] == citizen.person["name_km"]
    # Nothing of the person stays: no session, and the next login asks again.
    assert not {"sso", "rumdul-citizen"} & terminal.cookies
    assert client.authorize(terminal.browser).page.find(id="card")
    # The person reads of it: where, and the officer's number; the receipt names the officer.
    own, home = citizen.portal()
    notice = own.get("/app/notices").page.find(data_notice="assisted.login")
    assert notice and terminal.officer_id.replace("-", "")[-8:].upper() in notice.text and "kh-bank" in notice.text
    link = home.page.find("article", data_consent=True)["data-consent"]
    receipt = own.get(f"/app/consents/{link}/receipt").response.json()["receipt"]
    assert receipt["assisted"]["officer"] == terminal.officer_id and receipt["assisted"]["place"] == "12"
    assert receipt["decision_channel"] == "card" and receipt["signed_by_device"] is False
    assert receipt["assisted"]["session"] == claim["assisted"]["reference"]
    terminal.end()


def test_a_security_key_touched_at_the_terminal(client, enrol, terminal, demo):
    citizen = enrol()
    browser, _ = citizen.portal()
    csrf = browser.get("/app/passkeys").page.find("input", name="csrf")["value"]
    headers = {"Accept": "application/json", "Origin": demo.url, "Sec-Fetch-Site": "same-origin"}

    def post(browser, path, **fields):
        return browser.session.post(demo.url + path, data=fields, headers=headers, timeout=30)

    key = SoftPasskey(demo.url)
    options = post(browser, "/app/passkeys/options", csrf=csrf, name="Key").json()["publicKey"]
    made = post(browser, "/app/passkeys", csrf=csrf, name="Key", credential=json.dumps(key.create(options)))
    assert made.status_code == 200, made.text
    assert terminal.start().status == 200
    page = client.authorize(terminal.browser).page
    sealed = page.find("input", name="request")["value"]
    options = post(terminal.browser, "/authorize/passkey/options", request=sealed, **{"attr.name_km": "on"}).json()
    assert options["publicKey"]["hints"] == ["security-key"] and options["publicKey"]["userVerification"] == "required"
    fields = {"state": options["state"], "credential": json.dumps(key.get(options["publicKey"]))}
    # The same answer from a browser that is no terminal is none.
    stranger = Browser(demo.url)
    stranger.session.cookies.update({c.name: c.value for c in terminal.browser.session.cookies if c.name != "assist"})
    assert post(stranger, "/authorize/passkey", **fields).json()["code"] == "authorize.request_stale"
    done = post(terminal.browser, "/authorize/passkey", **fields)
    assert done.status_code == 200, done.text
    back = callback(terminal.browser.get(done.json()["next"]))
    tokens, claim = claims(client, back["code"])
    assert claim["acr"] == AAL2 and "assisted" in claim["amr"] and "phr" in claim["amr"]
    assert claim["assisted"]["place"] == "12"
    assert set(client.userinfo(tokens["access_token"]).json()) == {"sub", "name_km"}
    assert "sso" not in terminal.cookies, "the passkey opened a session in the officer's browser"
    own, home = citizen.portal()
    link = home.page.find("article", data_consent=True)["data-consent"]
    receipt = own.get(f"/app/consents/{link}/receipt").response.json()["receipt"]
    assert receipt["assisted"]["officer"] == terminal.officer_id and receipt["decision_channel"] == "passkey"
    terminal.end()


def test_five_wrong_pins_at_once_lock_exactly_and_an_officer_unlocks(client, officer, terminal, card):
    person, text = card
    assert terminal.start().status == 200
    form = terminal.card_page(client).page.form("/authorize/card/enter")
    pairs = form.filled(card=text, proof=proof(text, "730246"))
    cookies = dict(terminal.browser.session.cookies)

    def attempt(_):
        # A connection of its own for each; the terminal's cookies.
        return Answer(requests.post(
            client.base + form.action, data=pairs, cookies=cookies, headers={"Origin": client.base, "Accept": "text/html"},
            allow_redirects=False, timeout=60))

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(attempt, range(8)))
    codes = [answer.error for answer in answers]
    assert codes.count("card.pin_wrong") == 4 and codes.count("card.pin_locked") == 4, codes
    page = terminal.card_page(client)
    assert terminal.enter(page, text).error == "card.pin_locked", "the right PIN opens a locked card"
    shown = officer.person(person["kidc"])
    assert "Locked" in shown.page.text
    unlocked = officer.browser.submit(card_form(officer, person, r"/cards/card\."), reason="forgotten_pin", action="unlock")
    assert unlocked.status == 200
    terminal.start()
    assert "code" in terminal.log_in(client, text)
    terminal.end()


def test_ten_refusals_end_the_session(client, terminal, card):
    assert terminal.start().status == 200
    page = terminal.card_page(client)
    other = "0" * 28
    for _ in range(10):
        refused = terminal.enter(page, other)
        assert refused.status == 403 and refused.error == "card.refused"
    assert terminal.enter(page, card[1]).error == "authorize.request_stale"
    assert "assist-live" not in terminal.browser.get("/enrol/assist").text


def test_an_ended_card_is_refused(client, officer, terminal, card):
    person, text = card
    assert terminal.start().status == 200
    assert "code" in terminal.log_in(client, text)
    ended = officer.browser.submit(card_form(officer, person, r"/cards/card\."), reason="lost", action="end")
    assert ended.status == 200
    assert terminal.enter(terminal.card_page(client), text).error == "card.refused"
    terminal.end()


def test_pins_that_cannot_be_set(officer, people):
    person = next(people)
    text = issue(officer, person, pin=None)
    address = officer.person(person["kidc"]).url + "/cards/pin"
    good, nobody = proof(text, PIN), "0" * 28

    def set_pin(card, value):
        return officer.browser.submit(officer.browser.get(address).page.form("/cards/pin"), card=card, proof=value)

    for card, value, code in (
        (text, "", "card.pin_unusable"), (text, good[:-1], "card.pin_unusable"), (text, good + "A", "card.pin_unusable"),
        (text, "!" + good[1:], "card.pin_unusable"), (nobody, proof(nobody, PIN), "card.refused"), ("nonsense", good, "card.refused"),
    ):
        refused = set_pin(card, value)
        assert refused.error == code and (not value or value not in refused.text), (refused.status, refused.error)
    # The card in lower case is the same.
    done = set_pin(text.lower(), good)
    assert done.status == 200, done.error
    assert set_pin(text, proof(text, "730246")).error == "card.refused", "a card's PIN is set once"


def test_digits_are_refused_and_change_nothing(client, officer, terminal, people):
    """Whoever sends digits, whatever they call them, sets no PIN, logs nobody in and spends no try."""
    person = next(people)
    text = issue(officer, person, pin=None)
    address = officer.person(person["kidc"]).url + "/cards/pin"
    for digits in (PIN, "២៧៤៩៥១"):
        form = officer.browser.get(address).page.form("/cards/pin")
        assert not {"pin", "again"} & form.names, form.names
        for fields in ([("pin", digits), ("again", digits)], [("pin", digits), ("again", digits), ("proof", digits)]):
            pairs = [(n, v) for n, v in form.filled(card=text) if n != "proof"] + fields
            refused = officer.browser.send("POST", address, data=pairs, headers={"Origin": client.base})
            assert refused.status == 400 and refused.error == "card.pin_unusable", (refused.status, refused.error)
    done = officer.browser.submit(officer.browser.get(address).page.form("/cards/pin"), card=text, proof=proof(text, PIN))
    assert done.status == 200, "a card whose PIN was sent as digits has no PIN yet"
    terminal.start()
    for fields in ([("pin", PIN)], [("pin", PIN), ("proof", PIN)]):
        form = terminal.card_page(client).page.form("/authorize/card/enter")
        assert "pin" not in form.names
        pairs = [(n, v) for n, v in form.filled(card=text) if n != "proof"] + fields
        refused = terminal.browser.send("POST", "/authorize/card/enter", data=pairs, headers={"Origin": client.base})
        assert refused.status == 403 and refused.error == "card.refused", (refused.status, refused.error)
    wrong = terminal.enter(terminal.card_page(client), text, "730246")
    assert wrong.error == "card.pin_wrong" and "Tries left: 4" in wrong.page.text, "digits spent a try"
    assert "code" in terminal.log_in(client, text)
    terminal.end()


def no_digits_left(chrome, *pins):
    """The forms that were sent, none of which holds a PIN in any script."""
    sent = chrome.sent()
    for method, address, body in sent:
        for pin in pins:
            khmer = "".join(chr(0x17E0 + int(digit)) for digit in pin)
            for form in (pin, khmer, quote(khmer)):
                assert form not in address and form not in body, f"{method} {address} holds the PIN"
    return [parse_qs(body, keep_blank_values=True) | {"to": urlsplit(address).path} for method, address, body in sent if method == "POST"]


def test_no_digit_leaves_the_browser(demo, client, officer, people, clerk):
    """Chromium sets a PIN and logs in with it; its own log of what it sent knows no digit."""
    person, terminal = next(people), clerk(next(people))
    text = issue(officer, person, pin=None)
    address = officer.person(person["kidc"]).url
    c = Chrome(language="km", listen=True)
    try:
        c.get(demo.url + "/healthz")
        for cookie in officer.browser.session.cookies:
            c.driver.add_cookie({"name": cookie.name, "value": cookie.value, "path": "/"})
        c.get(address + "/cards/pin")
        unusable = "លេខ PIN ត្រូវមាន ៦ ខ្ទង់ មិនងាយទាយ ហើយវាយដូចគ្នាពីរដង។"

        def refused(card, pin, again, field, words):
            c.type("#f-card", card)
            c.type("#f-pin", pin)
            c.type("#f-again", again)
            c.click("form[data-card] button")
            assert c.wait(f"#e-{field}").text == words and len(c.all("form .error")) == 1
            box = c.one("#" + field)
            assert box.get_attribute("aria-invalid") == "true" and f"e-{field}" in box.get_attribute("aria-describedby")

        c.sent()
        for pin, again, field in (
            ("123456", "123456", "f-pin"), ("999999", "999999", "f-pin"), ("27495", "27495", "f-pin"), ("27495x", "27495x", "f-pin"),
            ("២7៤៩៥១", "274951", "f-pin"), (PIN, "274952", "f-again"), (PIN, "", "f-again"),
        ):
            if again:
                refused(text, pin, again, field, unusable)
        refused("nonsense", PIN, PIN, "f-card", "ប័ណ្ណនេះមិនត្រូវបានទទួលយកទេ។ សូមស្កេនម្តងទៀត ឬសុំប័ណ្ណថ្មី។")
        refused(text[:-1] + "U", PIN, PIN, "f-card", "ប័ណ្ណនេះមិនត្រូវបានទទួលយកទេ។ សូមស្កេនម្តងទៀត ឬសុំប័ណ្ណថ្មី។")
        assert no_digits_left(c, PIN) == [], "what cannot be right was sent"
        # Khmer digits, spaces between digits, and the card in lower case are the same.
        c.type("#f-card", " " + text.lower().replace("0", "o").replace("1", "l"))
        c.type("#f-pin", "២៧៤៩៥១")
        c.type("#f-again", "274 951")
        c.click("form[data-card] button")
        c.wait("form[action$='/cards']")
        (form,) = no_digits_left(c, PIN)
        assert form["to"].endswith("/cards/pin") and set(form) == {"to", "csrf", "card", "proof"}
        assert form["proof"] == [proof(text, PIN)], "the judge and the browser make different proofs"
        # The same at the relying party's login.
        terminal.start()
        c.driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
        for cookie in terminal.browser.session.cookies:
            c.driver.add_cookie({"name": cookie.name, "value": cookie.value, "path": "/"})
        c.get(client.base + "/authorize?" + urlencode(client.parameters("v" * 43)))
        c.click("#card")
        c.type("#card", text)
        c.type("#pin", "27495")
        c.click("form[data-card] button")
        assert c.wait("#e-pin").text == "លេខ PIN មាន ៦ ខ្ទង់។"
        c.type("#pin", "730246")
        c.sent()
        c.click("form[data-card] button")
        c.wait("#error")
        c.type("#card", text)
        c.type("#pin", PIN)
        try:
            c.click("form[data-card] button")
        except Exception:  # the relying party's address does not answer
            pass
        c.until(lambda: "code=" in c.url, what="the way back")
        wrong, right = no_digits_left(c, PIN, "730246")
        assert wrong["proof"] == [proof(text, "730246")] and right["proof"] == [proof(text, PIN)]
        assert all(set(form) == {"to", "request", "card", "proof"} and form["to"] == "/authorize/card/enter" for form in (wrong, right))
    finally:
        c.quit()
    terminal.end()


def test_without_scripts_nothing_can_be_sent(demo, officer, people):
    person = next(people)
    issue(officer, person, pin=None)
    address = officer.person(person["kidc"]).url
    c = Chrome(language="en", script=False)
    try:
        c.get(demo.url + "/healthz")
        for cookie in officer.browser.session.cookies:
            c.driver.add_cookie({"name": cookie.name, "value": cookie.value, "path": "/"})
        c.get(address + "/cards/pin")
        assert "needs JavaScript" in c.wait("noscript p").text
        assert not c.one("form[data-card] button").is_enabled()
        assert not c.all("input[type=password][name]") and len(c.all("input[type=password]")) == 2
    finally:
        c.quit()


def test_who_may_assist(clerk, people, officer, demo, client):
    # Without the right there is no page.
    assert officer.browser.get("/enrol/assist").error == "officer.forbidden"
    # An officer of whom nobody said who they are as a person.
    unlinked = clerk()
    assert unlinked.start().error == "assist.unlinked"
    # Outside the area, or nowhere.
    linked = clerk(next(people), "assistingOfficer:1204")
    for place in ("12", "0102", "99", "x", ""):
        refused = linked.start(place)
        assert refused.status == 400, (place, refused.status, refused.error)
    assert linked.start("1204").status == 200
    # An assisting officer sees nothing of enrolment.
    assert urlsplit(linked.browser.get("/enrol").url).path == "/enrol/assist"
    home = linked.browser.get("/enrol/assist").page
    token = home.find("input", name="csrf")["value"]
    found = linked.browser.send(
        "POST", "/enrol/people", data={"csrf": token, "by": "identifier", "identifier": "0" * 10}, headers={"Origin": demo.url})
    assert found.error == "officer.forbidden"
    # A disabled account ends the session at once.
    disabled = run("admin", "officer", "disable", linked.home.page.find(class_="account").text, "--data", demo.data)
    assert disabled.returncode == 0, disabled.stderr
    assert client.authorize(linked.browser).page.find(id="identifier"), "the terminal still assists"


def test_officers_cannot_assist_themselves(clerk, client, officer, people):
    person = next(people)
    own = clerk(person)
    text = issue(officer, person)
    assert own.start().status == 200
    refused = own.enter(own.card_page(client), text)
    assert refused.status == 403 and refused.error == "assist.own_person"


def test_one_person_a_session_and_one_session_an_officer(client, officer, people, terminal):
    first, second = issue(officer, next(people)), issue(officer, next(people))
    assert terminal.start().status == 200
    stale = terminal.card_page(client)
    assert "code" in terminal.log_in(client, first)
    assert terminal.enter(terminal.card_page(client), second).error == "assist.other_person"
    # Starting anew ends the old session, and what it had begun.
    page = terminal.browser.get("/enrol/assist").page
    token = page.find("input", name="csrf")["value"]
    again = terminal.browser.send(
        "POST", "/enrol/assist/start", data={"csrf": token, "place": "12"}, headers={"Origin": client.base})
    assert again.status == 200
    assert terminal.enter(stale, first).error == "authorize.request_stale"
    assert "code" in terminal.log_in(client, second)
    terminal.end()


def test_the_session_ends_with_the_officers_word(client, terminal, card):
    assert terminal.start().status == 200
    page = terminal.card_page(client)
    ended = terminal.end()
    assert ended.status == 200 and not {"assist", "browser", "sso"} & terminal.cookies, terminal.cookies
    assert terminal.enter(page, card[1]).error == "authorize.request_stale"
    # Without a session the page offers what it offers everybody.
    consent = client.authorize(terminal.browser).page
    assert consent.find(id="identifier") and consent.find(id="no-phone") and not consent.find(id="assisted")


def test_other_ways_and_own_pages_are_not_for_terminals(client, terminal, people, demo):
    assert terminal.start().status == 200
    consent = client.authorize(terminal.browser)
    assert not consent.page.find(id="identifier") and not consent.page.find(id="scan") and consent.page.find(id="assisted")
    pairs = consent.page.form("/authorize/start").filled()
    for path in ("/authorize/start", "/authorize/code", "/authorize/code/person"):
        more = [("identifier", next(people)["kidc"])]
        answer = terminal.browser.send("POST", path, data=pairs + more, headers={"Origin": demo.url})
        assert answer.error == "assist.method" and answer.status == 403, (path, answer.status, answer.error)
    assert terminal.browser.get("/app/login").error == "assist.own_pages"
    assert callback(client.authorize(terminal.browser, prompt="none"))["error"] == "login_required"
    wish = json.dumps({"id_token": {"acr": {"essential": True, "values": [AAL2]}}})
    assert terminal.card_page(client, claims=wish).error == "assist.level"
    terminal.end()


def test_somebody_who_is_logged_in_is_not_at_the_terminal(client, enrol, terminal):
    """A session that a person left in the officer's browser is gone before the assisted session begins."""
    citizen = enrol()
    terminal.end() if "assist" in terminal.cookies else None
    citizen.log_in(client, browser=terminal.browser)
    assert "sso" in terminal.cookies
    assert terminal.start().status == 200
    assert "sso" not in terminal.cookies
    assert client.authorize(terminal.browser).page.find(id="card"), "somebody's session answered for the person"
    terminal.end()


def test_no_secret_in_logs_or_rows(client, officer, terminal, people, demo):
    person = next(people)
    pin = "903817"
    text = issue(officer, person, pin=pin)
    terminal.start()
    assert "code" in terminal.log_in(client, text, pin=pin)
    terminal.end()
    secret, shown = text.replace("-", "")[8:], proof(text, pin)
    for file in [demo.log, *demo.data.glob("rumdul.sqlite*")]:
        content = file.read_bytes()
        assert not any(word.encode() in content for word in (secret, pin, shown)), file


def test_the_pages_in_both_languages(demo, client, officer, people, clerk):
    """Chromium: card, PIN and login at 360 px and wide; axe finds nothing."""
    person, faults = next(people), []
    terminal = clerk(next(people))
    username = terminal.home.page.find(class_="account").text
    card = issue(officer, person)
    for language in ("km", "en"):
        c = Chrome(language=language)
        try:
            c.get(demo.url + "/enrol")
            c.type("[name=username]", username)
            c.type("[name=password]", PASSWORD)
            c.click("form[action='/enrol/login'] button")
            c.wait("[name=place]")
            c.judge(f"assisted-{language}-01-start", faults)
            c.type("[name=place]", "12")
            c.click("form[action='/enrol/assist/start'] button")
            c.wait("#assist-live")
            c.judge(f"assisted-{language}-02-open", faults)
            c.get(client.base + "/authorize?" + urlencode(client.parameters("v" * 43)))
            c.wait("#card")
            c.judge(f"assisted-{language}-03-consent", faults)
            c.click("#card")
            c.wait("#pin")
            c.type("#card", card)
            c.type("#pin", "730246")
            c.click("form[action='/authorize/card/enter'] button")
            c.wait("#error")
            # The refusal is a 403 page, which Chromium's console reports as such.
            c.complaints()
            assert c.one("#pin").get_attribute("value") == "" and c.one("#card").get_attribute("value") == ""
            c.judge(f"assisted-{language}-04-refused", faults)
            c.type("#card", card)
            c.type("#pin", PIN)
            try:
                c.click("form[action='/authorize/card/enter'] button")
            except Exception:  # the relying party's address does not answer
                pass
            c.until(lambda: "code=" in c.url, what="the way back")
            c.get(demo.url + "/enrol/assist")
            c.judge(f"assisted-{language}-05-used", faults)
            c.click("form[action='/enrol/assist/end'] button")
            c.wait("[name=place]")
            names = {cookie["name"] for cookie in c.driver.get_cookies()}
            assert not {"assist", "browser", "sso"} & names, names
            c.click("form[action='/enrol/logout'] button")
            c.wait("[name=username]")
            boss = demo.officer()
            c.type("[name=username]", boss["username"])
            c.type("[name=password]", boss["password"])
            c.click("form[action='/enrol/login'] button")
            c.wait("[name=identifier]")
            c.type("[name=identifier]", next(people)["kidc"])
            c.click("button[name=by][value=identifier]")
            c.wait("#f-card-seen")
            c.driver.execute_script(
                "document.querySelector('#f-card-seen').value='khmerIDCard';"
                "document.querySelector('#f-card-present').checked=true;"
                "document.querySelector('form[action$=\"/cards\"] button').click()")
            c.wait("#card-text")
            c.judge(f"assisted-{language}-06-card", faults)
            printed = c.one("#card-text").text
            c.click("a.button[href$='/cards/pin']")
            c.wait("#f-again")
            c.judge(f"assisted-{language}-07-pin", faults)
            c.type("[name=card]", printed)
            c.type("#f-pin", PIN)
            c.type("#f-again", PIN)
            c.click("form[action$='/cards/pin'] button")
            c.wait("form[action$='/recoveries']")
        finally:
            c.quit()
    assert not faults, "\n".join(faults)
