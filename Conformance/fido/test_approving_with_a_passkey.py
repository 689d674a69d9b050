"""Approving in the citizen's app: a phone with a browser alone is the authenticator. python-fido2 makes the signatures, py_webauthn checks
the evidence, and everything that must be refused is."""

import hashlib
import json
import re
import threading
import time

import pytest
import webauthn
from fido2 import cbor
from fido2.cose import ES256

from support.authenticator import jcs
from support.browser import Browser
from support.login import ask, callback, number_shown
from support.passkey import FLAG, SoftPasskey, b64
from support.phone import PHONE, PasskeyPhone, code, waiting_id
from support.provider import Provider
from support.registrations import CIBA, DEVICE, FAPI2, Registrar
from support.relying_party import decoded, new_key

AAL2 = "urn:kh:camdigikey:aal:2"


@pytest.fixture
def phone(enrol):
    return PasskeyPhone(enrol())


class Login:
    """A relying party's login in a browser of its own, as far as the waiting page."""

    def __init__(self, client, kidc, browser=None, choose=None, **changes):
        self.client = client
        self.browser = browser or Browser(client.base)
        self.waiting = ask(self.browser, client.authorize(self.browser, **changes), kidc, **(choose or {}))
        self.id, self.number = waiting_id(self.waiting), number_shown(self.waiting)

    def wrong(self, page):
        """One of the numbers that the phone offers and the browser does not show."""
        return next(number for number in numbers(page) if number != self.number)

    def back(self):
        return callback(self.browser.get(f"/authorize/{self.id}/continue"))

    def state(self):
        return self.browser.get(f"/authorize/{self.id}/status").response.json()["state"]


def numbers(page):
    return [int(box["value"]) for box in page.page.find_all("input", name="number")]


def ticks(page):
    return {box["name"].removeprefix("attr."): "checked" in box.attributes
            for box in page.page.find_all("input", type="checkbox")}


def consents(phone):
    return [e["data-consent"] for e in phone.browser.get("/app").page.find_all("article", data_consent=True)]


# MARK: What the person sees


def test_the_page_shows_who_asks_and_not_which_number(phone, client):
    login = Login(client, phone.citizen.kidc, choose={"name_latin": True})
    page = phone.page(login.id)
    assert page.status == 200 and "no-store" in page.headers["Cache-Control"]
    text = page.page.text
    for part in ("Test client", "asks for your approval", "The consent is valid until", "Network", "127.0.0.*", "did not begin in this browser"):
        assert part in text, part
    shown = numbers(page)
    assert len(shown) == 3 and shown == sorted(shown) and login.number in shown
    # The three differ in nothing but the number, and no other place of the page names the right one.
    labels = re.findall(r'<label class="choice">.*?</label>', page.text, re.S)
    assert len({re.sub(r"\d\d", "#", label) for label in labels}) == 1
    others = [n for n in shown if n != login.number]
    bare = page.text.replace(login.id, "")
    assert len(re.findall(rf"\b{login.number}\b", "".join(labels))) == len(re.findall(rf"\b{others[0]}\b", "".join(labels)))
    assert bare.count(f'value="{login.number}"') == 1
    chosen = ticks(page)
    assert chosen["name_latin"] and all(chosen.values()), "what was chosen where the login began"
    assert "unsafe" not in page.headers["Content-Security-Policy"] and "JavaScript" in text
    # The list leads here, and a notification straight to it.
    assert f'href="/app/requests/{login.id}"' in phone.browser.get("/app/requests").text
    assert phone.browser.get("/app/requests?go=1").url.endswith(f"/app/requests/{login.id}")


def test_who_is_not_logged_in_comes_back_to_the_request(phone, client):
    login = Login(client, phone.citizen.kidc)
    stranger = Browser(client.base)
    page = stranger.get(f"/app/requests/{login.id}")
    assert f"/app/login?to=requests/{login.id}" in page.text and "Test client" not in page.text
    assert 'href="/app/login?to=requests"' in stranger.get("/app/requests/nonsense").text


# MARK: Approving


def test_a_whole_login(phone, client):
    login = Login(client, phone.citizen.kidc, choose={"name_km": True, "name_latin": True})
    before = int(time.time())
    answer = phone.approve(login.id, login.number, ["name_km"])
    assert answer.status_code == 200 and answer.json() == {"next": "/app/requests?done=approved"}, answer.text
    assert login.state() == "done"
    tokens = client.token(login.back()["code"]).json()
    claims = decoded(tokens["id_token"])
    assert claims["acr"] == AAL2 and {"pop", "phr", "user", "mfa"} <= set(claims["amr"]) and "pin" not in claims["amr"]
    assert before - 1 <= claims["auth_time"] <= time.time() + 1
    assert set(client.userinfo(tokens["access_token"]).json()) == {"sub", "name_km"}, "what is signed is what is ticked"
    assert "Nothing waits" in phone.browser.get("/app/requests").text


@pytest.mark.parametrize("flags", [FLAG.UP | FLAG.UV, FLAG.UP | FLAG.UV | 0x18], ids=["bound", "synced"])
def test_a_passkey_reaches_the_second_level_at_most(enrol, client, flags):
    phone = PasskeyPhone(enrol(), passkey=False)
    made = SoftPasskey(client.base)
    made_options = phone.post("/app/passkeys/options", name="Judge").json()["publicKey"]
    assert phone.post("/app/passkeys", name="J", credential=json.dumps(made.create(made_options, flags=flags))).status_code == 200
    phone.passkey = made
    login = Login(client, phone.citizen.kidc)
    assert phone.approve(login.id, login.number, flags=flags).status_code == 200
    claims = decoded(client.token(login.back()["code"]).json()["id_token"])
    assert claims["acr"] == AAL2


def test_the_evidence_convinces_another_verifier(phone, client):
    """The receipt names the passkey and holds a decision with number and transaction, whose hash was signed."""
    login = Login(client, phone.citizen.kidc)
    assert phone.approve(login.id, login.number, ["name_km"]).status_code == 200
    (consent,) = consents(phone)
    receipt = phone.browser.get(f"/app/consents/{consent}/receipt").response.json()["receipt"]
    evidence = json.loads(receipt["device_decision"])
    assertion, decision = evidence["assertion"], evidence["decision"]
    assert decision["txn"] == login.id and decision["number"] == login.number and decision["action"] == "approve"
    assert decision["client_id"] == client.id and decision["attributes"] == ["name_km"]
    webauthn.verify_authentication_response(
        credential={
            "id": assertion["id"], "rawId": assertion["id"], "type": "public-key",
            "response": {name: assertion[name] for name in ("clientDataJSON", "authenticatorData", "signature")},
        },
        expected_challenge=hashlib.sha256(jcs(decision)).digest(), expected_rp_id="localhost", expected_origin=client.base,
        credential_public_key=cbor.encode(ES256.from_cryptography_key(phone.passkey.key.public_key())),
        credential_current_sign_count=0, require_user_verification=True,
    )


def test_step_up(phone, client):
    """RFC 9470: a level and a maximal age that the passkey satisfies, in a browser that is logged in at less."""
    citizen = phone.citizen
    browser = Browser(client.base)
    first = decoded(client.token(citizen.log_in(client, browser)["code"]).json()["id_token"])
    assert first["acr"] == "urn:kh:camdigikey:aal:1"
    time.sleep(2)
    wish = json.dumps({"id_token": {"acr": {"essential": True, "values": [AAL2]}}})
    login = Login(client, citizen.kidc, browser, claims=wish, max_age=1)
    assert phone.approve(login.id, login.number, ["name_km"]).status_code == 200
    claims = decoded(client.token(login.back()["code"]).json()["id_token"])
    assert claims["acr"] == AAL2 and claims["auth_time"] > first["auth_time"]


def test_a_level_above_a_passkey_is_told_plainly(phone, client):
    wish = json.dumps({"id_token": {"acr": {"essential": True, "values": ["urn:kh:camdigikey:aal:3"]}}})
    login = Login(client, phone.citizen.kidc, claims=wish)
    page = phone.page(login.id)
    assert "needs a higher level than a passkey gives" in page.page.find(id="obstacle").text
    assert not numbers(page) and not page.page.find(id="approve-button")
    refused = phone.approve(login.id, login.number, ["name_km"])
    assert refused.status_code == 403 and code(refused) == "transaction.level_not_reached"
    assert login.state() == "pending", "the device may still answer"
    assert phone.decline(login.id, "deny").url.split("&")[0].endswith("?done=denied")
    assert login.back()["error"] == "access_denied"


def test_without_a_passkey_the_page_says_how_to_get_one(enrol, client):
    phone = PasskeyPhone(enrol(), passkey=False)
    login = Login(client, phone.citizen.kidc)
    page = phone.page(login.id)
    assert "no passkey yet" in page.page.find(id="obstacle").text and 'href="/app/passkeys"' in page.text
    assert code(phone.options(login.id, login.number)) == "passkey.refused"
    assert login.state() == "pending"


# MARK: Every kind of request


@pytest.fixture(scope="module")
def registrar(demo, tmp_path_factory):
    return Registrar(demo, Provider(demo.url), tmp_path_factory.mktemp("clients"))


def test_backchannel_authentication(phone, registrar):
    """CIBA: nobody chose anything before, so only what is needed is ticked; the number comes from the other side."""
    rp = registrar.add("agent", keys=[new_key("ES256")], **FAPI2 | {
        "grant_types": ["authorization_code", "refresh_token", CIBA], "backchannel_token_delivery_mode": "poll",
        "backchannel_authentication_request_signing_alg": "ES256", "ciba_trusted": True})
    values = {"scope": "openid profile", "login_hint": phone.citizen.kidc, "binding_message": "Judge 1234"}
    started = rp.post("backchannel_authentication_endpoint", {"request": rp.request_object(values)}, dpop=None)
    assert started.status_code == 200, started.text
    body = started.json()
    page = phone.browser.get("/app/requests?go=1")
    id = page.url.rsplit("/", 1)[1]
    assert "Judge 1234" in page.page.text
    chosen = ticks(page)
    assert chosen["name_km"] and not any(ticked for name, ticked in chosen.items() if name != "name_km"), chosen
    assert phone.approve(id, body["user_number"], ["name_km"]).status_code == 200
    time.sleep(body.get("interval", 5) + 0.2)
    tokens = rp.post("token_endpoint", {"grant_type": CIBA, "auth_req_id": body["auth_req_id"]})
    assert tokens.status_code == 200, tokens.text
    assert decoded(tokens.json()["id_token"])["acr"] == AAL2


def test_device_grant(phone, registrar):
    kiosk = registrar.add("kiosk", grant_types=[DEVICE], response_types=[], redirect_uris=[], token_endpoint_auth_method="none",
                          profile="oidc-secure")
    started = kiosk.post("device_authorization_endpoint", {"scope": "openid"}).json()
    browser = Browser(phone.browser.base)
    confirm = browser.submit(browser.get("/activate").page.form("/activate"), user_code=started["user_code"])
    waiting = ask(browser, browser.submit(confirm.page.form("/activate/confirm")), phone.citizen.kidc)
    assert phone.approve(waiting_id(waiting), number_shown(waiting)).status_code == 200
    tokens = kiosk.post("token_endpoint", {"grant_type": DEVICE, "device_code": started["device_code"]})
    assert tokens.status_code == 200, tokens.text
    assert decoded(tokens.json()["id_token"])["acr"] == AAL2


def test_a_session_of_the_waiting_browser_goes_on(phone, client):
    """Single sign-on after it, and the person's own page shows that browser."""
    login = Login(client, phone.citizen.kidc)
    assert phone.approve(login.id, login.number, ["name_km", "birthdate"]).status_code == 200
    assert "code" in login.back()
    again = client.authorize(login.browser, follow=False, prompt="none", scope="openid")
    assert "error" not in callback(again) or callback(again)["error"] == "consent_required"
    assert phone.browser.get("/app/sessions").text.count("data-session=") == 2


# MARK: Refusing


@pytest.mark.parametrize("word", ["deny", "report"])
def test_no_works_without_script_and_passkey(enrol, clients, client, word):
    phone = PasskeyPhone(enrol(), passkey=False)
    login = Login(client, phone.citizen.kidc)
    told = phone.decline(login.id, word)
    assert told.status == 200 and "Refused" in told.page.text
    assert login.back()["error"] == "access_denied"
    assert not consents(phone)
    # After a report the same service reaches the person no more, and does not learn it; another one does.
    again = Login(client, phone.citizen.kidc)
    listed = phone.browser.get("/app/requests").text
    assert (again.id in listed) == (word == "deny")
    assert phone.page(again.id).status == (200 if word == "deny" else 404)
    other = Login(clients["es256"], phone.citizen.kidc)
    assert other.id in phone.browser.get("/app/requests").text


def test_a_wrong_number_ends_the_request(phone, client):
    login = Login(client, phone.citizen.kidc)
    wrong = login.wrong(phone.page(login.id))
    answer = phone.approve(login.id, wrong, ["name_km"])
    assert answer.status_code == 403 and code(answer) == "transaction.number_mismatch"
    assert code(phone.options(login.id, login.number, ["name_km"])) == "transaction.decided"
    assert login.back()["error"] == "access_denied" and not consents(phone)
    again = Login(client, phone.citizen.kidc)
    assert phone.approve(again.id, again.number).status_code == 200, "the passkey is as good as before"


def test_a_number_is_tried_with_a_signature_only(phone, client):
    """Preparing tells nothing about a number, so that who stole the session but not the passkey cannot ask through all three."""
    login = Login(client, phone.citizen.kidc)
    answers = [phone.options(login.id, number) for number in numbers(phone.page(login.id))]
    assert {a.status_code for a in answers} == {200}
    shapes = [a.json()["publicKey"] | {"challenge": None} for a in answers]
    assert all(shape == shapes[0] for shape in shapes) and login.state() == "pending"
    # A signature over one number does not approve another.
    first, second = (a.json() for a in answers[:2])
    assert code(phone.send(login.id, second["state"], phone.passkey.get(first["publicKey"]))) == "webauthn.challenge"
    assert login.state() == "pending"


def test_one_decision_for_each_request(phone, client):
    denied = Login(client, phone.citizen.kidc)
    prepared = phone.options(denied.id, denied.number).json()
    phone.decline(denied.id, "deny")
    signed = phone.passkey.get(prepared["publicKey"])
    refused = phone.send(denied.id, prepared["state"], signed)
    assert refused.status_code == 409 and code(refused) == "transaction.decided", "approval after deny"
    assert denied.back()["error"] == "access_denied"
    login = Login(client, phone.citizen.kidc)
    prepared = phone.options(login.id, login.number, ["name_km"]).json()
    signed = phone.passkey.get(prepared["publicKey"])
    assert phone.send(login.id, prepared["state"], signed).status_code == 200
    assert code(phone.send(login.id, prepared["state"], signed)) == "transaction.decided", "the same approval again"
    assert code(phone.approve(login.id, login.number)) == "transaction.decided", "another approval"
    assert code(phone.post(f"/app/requests/{login.id}/deny")) == "transaction.decided", "deny after approval"
    assert phone.page(login.id).error == "transaction.decided"
    assert "code" in login.back() and len(consents(phone)) == 1


def test_two_phones_at_once(phone, client):
    """Two browsers of a person with a passkey each, and the device: one of them decides."""
    second = PasskeyPhone(phone.citizen)
    login = Login(client, phone.citizen.kidc)
    ready = []
    for one in (phone, second):
        for _ in range(2):
            options = one.options(login.id, login.number, ["name_km"]).json()
            # Synced passkeys do not count, so all of these are good.
            ready.append((one, options["state"], one.passkey.get(options["publicKey"], count=0)))
    answers, start = [], threading.Barrier(len(ready))

    def send(one, state, signed):
        start.wait()
        answers.append(code(one.send(login.id, state, signed)))

    threads = [threading.Thread(target=send, args=item) for item in ready]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, answers)) == ["200"] + ["transaction.decided"] * 3, answers
    assert "code" in login.back() and len(consents(phone)) == 1


def test_device_and_phone_share_one_engine(phone, client):
    login = Login(client, phone.citizen.kidc)
    (waits,) = phone.citizen.device.transactions(wait=5)
    assert waits["id"] == login.id and sorted(waits["numbers"]) == numbers(phone.page(login.id))
    assert waits["details"]["network"] == "127.0.0.*"
    assert phone.citizen.device.decide(waits, number=login.number).status_code == 200
    assert code(phone.approve(login.id, login.number)) == "transaction.decided"


# MARK: What must be refused

ANSWERS = {
    "origin": (dict(client={"origin": "https://evil.example"}), "webauthn.origin"),
    "type": (dict(client={"type": "webauthn.create"}), "webauthn.type"),
    "challenge": (dict(client={"challenge": b64(b"x" * 32)}), "webauthn.challenge"),
    "cross-origin": (dict(client={"crossOrigin": True}), "webauthn.cross_origin"),
    "rp-id": (dict(rp_id="evil.example"), "webauthn.rp_id"),
    "no-presence": (dict(flags=FLAG.UV), "webauthn.user_presence"),
    "no-verification": (dict(flags=FLAG.UP), "webauthn.user_verification"),
    "backup-eligible-now": (dict(flags=FLAG.UP | FLAG.UV | 0x08), "webauthn.backup_eligibility"),
    "signature": (dict(sign=False), "webauthn.signature"),
    "other-handle": (dict(handle=b64(b"h" * 32)), "webauthn.user_handle"),
}


def test_answers_that_are_refused_change_nothing(phone, client):
    login = Login(client, phone.citizen.kidc)
    for name, (change, expected) in ANSWERS.items():
        assert code(phone.approve(login.id, login.number, ["name_km"], **change)) == expected, name
    assert login.state() == "pending" and not consents(phone)
    assert phone.approve(login.id, login.number, ["name_km"]).status_code == 200


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}", '{"id":1}', "x" * 70000], ids=range(7))
def test_malformed_answers(phone, client, text):
    login = Login(client, phone.citizen.kidc)
    state = phone.options(login.id, login.number).json()["state"]
    answer = phone.post(f"/app/requests/{login.id}", state=state, credential=text)
    assert 400 <= answer.status_code < 500, answer.text
    assert login.state() == "pending"


def test_a_foreign_credential(phone, enrol, client):
    other = PasskeyPhone(enrol())
    login = Login(client, phone.citizen.kidc)
    options = phone.options(login.id, login.number).json()
    assert [c["id"] for c in options["publicKey"]["allowCredentials"]] == [b64(phone.passkey.id)]
    assert options["publicKey"]["userVerification"] == "required"
    answer = phone.send(login.id, options["state"], other.passkey.get(options["publicKey"]))
    assert answer.status_code == 401 and code(answer) == "passkey.refused", "another person's passkey"
    stranger = SoftPasskey(client.base)
    assert code(phone.send(login.id, options["state"], stranger.get(options["publicKey"]))) == "passkey.refused"
    stranger.id, stranger.handle = phone.passkey.id, phone.passkey.handle
    assert code(phone.send(login.id, options["state"], stranger.get(options["publicKey"]))) == "webauthn.signature"
    assert login.state() == "pending"


def test_a_copied_key_blocks_the_passkey_and_approves_nothing(phone, client):
    login = Login(client, phone.citizen.kidc)
    assert phone.approve(login.id, login.number, count=5).status_code == 200
    again = Login(client, phone.citizen.kidc)
    assert code(phone.approve(again.id, again.number, count=5)) == "passkey.cloned"
    assert code(phone.options(again.id, again.number)) == "passkey.refused", "none is left"
    assert again.state() == "pending"


def test_a_challenge_belongs_to_session_and_request(phone, client):
    """Stale: forged, of another session of the same person, of another request."""
    login, other = Login(client, phone.citizen.kidc), Login(client, phone.citizen.kidc)
    options = phone.options(login.id, login.number).json()
    signed = phone.passkey.get(options["publicKey"], count=0)
    second = PasskeyPhone(phone.citizen, passkey=False)
    for answer in (
        second.send(login.id, options["state"], signed), phone.send(other.id, options["state"], signed),
        phone.send(login.id, options["state"][:-2] + "AA", signed), phone.send(login.id, "x", signed),
    ):
        assert answer.status_code == 410 and code(answer) == "transaction.challenge_stale", answer.text
    assert login.state() == "pending" and other.state() == "pending"
    assert phone.send(login.id, options["state"], signed).status_code == 200


def test_another_persons_request_is_none(phone, enrol, client):
    other = PasskeyPhone(enrol())
    login = Login(client, phone.citizen.kidc)
    prepared = phone.options(login.id, login.number).json()
    unknown = "00000000-0000-7000-8000-000000000000"
    for id in (login.id, unknown):
        assert other.page(id).status == 404 and other.page(id).error == "transaction.not_found"
        for answer in (
            other.options(id, login.number), other.post(f"/app/requests/{id}/deny"), other.post(f"/app/requests/{id}/report"),
        ):
            assert answer.status_code == 404 and code(answer) == "transaction.not_found"
    stolen = other.send(login.id, prepared["state"], other.passkey.get(prepared["publicKey"]))
    assert code(stolen) == "transaction.challenge_stale"
    assert login.state() == "pending"


def test_what_was_not_asked_and_what_is_no_number(phone, client):
    login = Login(client, phone.citizen.kidc)
    assert code(phone.options(login.id, login.number, ["kidc"])) == "transaction.attribute_not_requested"
    for number in ("", "5", "100", "abc", "-12", "1e1"):
        assert phone.options(login.id, number).status_code == 400, number
    assert login.state() == "pending"


def test_other_sites_cannot_decide(phone, client):
    login = Login(client, phone.citizen.kidc)
    foreign = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site", "Accept": "application/json"}
    for tail in ("", "/options", "/deny", "/report"):
        address = f"{client.base}/app/requests/{login.id}{tail}"
        data = {"csrf": phone.csrf, "number": str(login.number), "state": "x", "credential": "{}"}
        assert code(phone.browser.session.post(address, data=data, headers=foreign, timeout=10)) == "web.csrf"
        assert code(phone.post(f"/app/requests/{login.id}{tail}", csrf="x", number="12", state="x", credential="{}")) == "web.csrf"
        stranger = Browser(client.base).session.post(
            address, data=data, headers={"Accept": "application/json"}, timeout=10)
        assert stranger.status_code == 401 and code(stranger) == "web.session_required"
    assert login.state() == "pending"


def test_decisions_are_limited_for_each_person(phone, enrol, client):
    login = Login(client, phone.citizen.kidc)
    answers = [phone.options(login.id, login.number) for _ in range(40)]
    assert answers[0].status_code == 200 and answers[-1].status_code == 429 and answers[-1].headers["Retry-After"]
    other = PasskeyPhone(enrol())
    theirs = Login(client, other.citizen.kidc)
    assert other.approve(theirs.id, theirs.number).status_code == 200, "the limit is keyed"


# MARK: The same phone


def on_phone(base):
    browser = Browser(base)
    browser.session.headers["User-Agent"] = PHONE
    return browser


def test_approve_on_this_phone(enrol, client):
    """The browser that asks is the one that approves: the link leads to the request, and from there back to the service."""
    phone = PasskeyPhone(enrol())
    phone.browser.session.headers["User-Agent"] = PHONE
    login = Login(client, phone.citizen.kidc, phone.browser)
    link = login.waiting.page.find("a", id="this-phone")["href"]
    assert link == f"/app/open?request={login.id}"
    page = phone.browser.get(link)
    assert page.url.endswith(f"/app/requests/{login.id}") and "this browser" in page.page.text
    assert "did not begin in this browser" not in page.page.text
    assert len(numbers(page)) == 3, "the number is matched always"
    answer = phone.approve(login.id, login.number, ["name_km"])
    assert answer.json() == {"next": f"/authorize/{login.id}/continue"}
    assert "code" in callback(phone.browser.get(answer.json()["next"]))
    denied = Login(client, phone.citizen.kidc, phone.browser, prompt="login")
    told = phone.decline(denied.id, "deny")
    assert callback(phone.browser.get(told.page.find("a", id="back")["href"]))["error"] == "access_denied"


def test_the_link_is_for_phones_and_gives_nobody_else_anything(phone, enrol, client):
    """Relay: who sends the link to a victim gets no further than with a notification: the victim reads that it began elsewhere, and must
    know a number that only the attacker's screen shows."""
    assert not Login(client, phone.citizen.kidc).waiting.page.find("a", id="this-phone"), "not on a computer"
    attacker = on_phone(client.base)
    login = Login(client, phone.citizen.kidc, attacker)
    link = login.waiting.page.find("a", id="this-phone")["href"]
    assert "/app/login" in attacker.get(link).text, "the attacker is nobody here"
    page = phone.browser.get(link)
    assert "did not begin in this browser" in page.page.text
    wrong = login.wrong(page)
    assert code(phone.approve(login.id, wrong)) == "transaction.number_mismatch"
    assert login.back()["error"] == "access_denied"
    # The way back is for the browser that began alone, whatever the address says.
    assert not phone.browser.get(f"/app/requests?done=denied&back={login.id}").page.find("a", id="back")
    for bad in ("", "?request=", "?request=//evil.example", "?request=" + "a" * 36 + "/x", "?x=1"):
        where = phone.browser.get("/app/open" + bad, follow=False).location
        assert where.startswith("/app/requests") and "evil" not in where, where


def test_a_request_cannot_be_planted(phone, enrol, client):
    """Session fixation: an approval lets the browser go on that began, and no other, whoever has the addresses."""
    login = Login(client, phone.citizen.kidc)
    assert phone.approve(login.id, login.number, ["name_km"]).status_code == 200
    for browser in (Browser(client.base), phone.browser):
        assert browser.get(f"/authorize/{login.id}/continue").status == 404
    assert "code" in login.back()

