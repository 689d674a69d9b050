"""The ceremonies from outside: python-fido2 as the client, py_webauthn as the second verifier, and everything that must be refused."""

import hashlib
import json
import threading

import pytest
import requests
import webauthn
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256

from support.authenticator import jcs
from support.browser import Browser
from support.login import callback
from support.passkey import FLAG, SoftPasskey, b64, unb64
from support.program import run


class Pages:
    """A citizen's own pages, for adding passkeys."""

    def __init__(self, citizen):
        self.citizen = citizen
        self.browser, _ = citizen.portal()
        page = self.browser.get("/app/passkeys").page
        self.csrf = page.find("input", name="csrf")["value"]

    def post(self, path, **fields):
        headers = {"Accept": "application/json", "Origin": self.browser.base, "Sec-Fetch-Site": "same-origin"}
        return self.browser.session.post(self.browser.base + path, data={"csrf": self.csrf} | fields, headers=headers, timeout=30)

    def options(self):
        answer = self.post("/app/passkeys/options", name="Judge")
        assert answer.status_code == 200, answer.text
        return answer.json()["publicKey"]

    def register(self, answer):
        return self.post("/app/passkeys", name="Judge", credential=answer if isinstance(answer, str) else json.dumps(answer))


class Consent:
    """A relying party's consent page in a browser that knows nobody."""

    def __init__(self, client, **changes):
        self.client, self.browser = client, Browser(client.base)
        self.page = client.authorize(self.browser, **changes).page
        self.request = self.page.find("input", name="request")["value"]

    def post(self, path, fields):
        headers = {"Accept": "application/json", "Origin": self.browser.base, "Sec-Fetch-Site": "same-origin"}
        return self.browser.session.post(self.browser.base + path, data=fields, headers=headers, timeout=30)

    def options(self, *attributes):
        fields = {"request": self.request} | {f"attr.{name}": "on" for name in attributes}
        answer = self.post("/authorize/passkey/options", fields)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def complete(self, options, credential):
        if not isinstance(credential, str):
            credential = json.dumps(credential)
        return self.post("/authorize/passkey", {"state": options["state"], "credential": credential})


@pytest.fixture
def pages(enrol):
    return Pages(enrol())


@pytest.fixture
def passkey(pages, base):
    made = SoftPasskey(base)
    answer = pages.register(made.create(pages.options()))
    assert answer.status_code == 200, answer.text
    made.citizen = pages.citizen
    return made


def code(answer):
    return answer.json().get("code") if answer.status_code >= 400 else answer.status_code


def test_a_whole_login(passkey, client):
    consent = Consent(client)
    options = consent.options("name_km")
    answer = consent.complete(options, passkey.get(options["publicKey"]))
    assert answer.status_code == 200, answer.text
    back = callback(consent.browser.get(answer.json()["next"]))
    tokens = client.token(back["code"]).json()
    assert set(client.userinfo(tokens["access_token"]).json()) == {"sub", "name_km"}


def test_the_evidence_convinces_another_verifier(passkey, client):
    """The receipt's decision is signed: py_webauthn checks it with the public key alone."""
    consent = Consent(client)
    options = consent.options("name_km")
    assert consent.complete(options, passkey.get(options["publicKey"])).status_code == 200
    browser, home = passkey.citizen.portal()
    link = home.page.find("article", data_consent=True)["data-consent"]
    receipt = browser.get(f"/app/consents/{link}/receipt").response.json()["receipt"]
    evidence = json.loads(receipt["device_decision"])
    assertion, decision = evidence["assertion"], evidence["decision"]
    assert decision["client_id"] == client.id and decision["attributes"] == ["name_km"]
    webauthn.verify_authentication_response(
        credential={
            "id": assertion["id"], "rawId": assertion["id"], "type": "public-key",
            "response": {name: assertion[name] for name in ("clientDataJSON", "authenticatorData", "signature")},
        },
        expected_challenge=hashlib.sha256(jcs(decision)).digest(), expected_rp_id="localhost", expected_origin=client.base,
        credential_public_key=cbor.encode(ES256.from_cryptography_key(passkey.key.public_key())),
        credential_current_sign_count=0, require_user_verification=True,
    )


REGISTRATION = {
    "origin": (dict(client={"origin": "https://evil.example"}), "webauthn.origin"),
    "type": (dict(client={"type": "webauthn.get"}), "webauthn.type"),
    "challenge": (dict(client={"challenge": b64(b"x" * 32)}), "webauthn.challenge"),
    "cross-origin": (dict(client={"crossOrigin": True}), "webauthn.cross_origin"),
    "rp-id": (dict(rp_id="evil.example"), "webauthn.rp_id"),
    "no-presence": (dict(flags=FLAG.UV), "webauthn.user_presence"),
    "no-verification": (dict(flags=FLAG.UP), "webauthn.user_verification"),
    "backed-up-not-eligible": (dict(flags=FLAG.UP | FLAG.UV | 0x10), "webauthn.backup_state"),
    "none-with-statement": (dict(statement={"x": 1}), None),
    "unknown-format": (dict(format="nonsense"), None),
    "long-id": (dict(id=b"i" * 1024), None),
}


@pytest.mark.parametrize("change,expected", REGISTRATION.values(), ids=REGISTRATION.keys())
def test_registration_is_refused(pages, base, change, expected):
    answer = pages.register(SoftPasskey(base).create(pages.options(), **change))
    assert answer.status_code in (400, 401, 403), answer.text
    assert code(answer).startswith("webauthn."), answer.text
    assert expected is None or code(answer) == expected, answer.text
    assert set(answer.json()) >= {"title", "trace_id"} or "trace" in answer.text
    assert "no passkey" in pages.browser.get("/app/passkeys").text


def test_a_challenge_serves_once(pages, base):
    options = pages.options()
    assert pages.register(SoftPasskey(base).create(options)).status_code == 200
    assert code(pages.register(SoftPasskey(base).create(options))) == "passkey.stale"


def test_a_wrong_answer_uses_the_challenge_up(pages, base):
    options = pages.options()
    assert pages.register(SoftPasskey(base).create(options, client={"origin": "https://evil.example"})).status_code >= 400
    assert code(pages.register(SoftPasskey(base).create(options))) == "passkey.stale"


def test_a_credential_belongs_to_one_account(passkey, enrol):
    other = Pages(enrol())
    assert code(other.register(passkey.create(other.options()))).startswith("webauthn.")


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "{}", '{"id":1}', json.dumps({"id": "a", "rawId": "a", "type": "x", "response": {}}), "x" * 70000,
     '{"id":"YQ","rawId":"YQ","type":"public-key","clientExtensionResults":{},"response":{"clientDataJSON":"e30","attestationObject":"/"}}',
     '{"id":"YQ","rawId":"YQ","type":"public-key","clientExtensionResults":{},"response":{"clientDataJSON":"e30","attestationObject":"v79_f38"}}'],
    ids=range(10),
)
def test_malformed_registrations(pages, text):
    pages.options()
    answer = pages.register(text)
    assert 400 <= answer.status_code < 500, answer.text


AUTHENTICATION = {
    "origin": (dict(client={"origin": "https://evil.example"}), "webauthn.origin"),
    "type": (dict(client={"type": "webauthn.create"}), "webauthn.type"),
    "challenge": (dict(client={"challenge": b64(b"x" * 32)}), "webauthn.challenge"),
    "top-origin": (dict(client={"topOrigin": "https://evil.example"}), "webauthn.top_origin"),
    "rp-id": (dict(rp_id="evil.example"), "webauthn.rp_id"),
    "no-presence": (dict(flags=FLAG.UV), "webauthn.user_presence"),
    "no-verification": (dict(flags=FLAG.UP), "webauthn.user_verification"),
    "backup-eligible-now": (dict(flags=FLAG.UP | FLAG.UV | 0x08), "webauthn.backup_eligibility"),
    "signature": (dict(sign=False), "webauthn.signature"),
    "no-handle": (dict(handle=None), "webauthn.user_handle"),
    "other-handle": (dict(handle=b64(b"h" * 32)), "webauthn.user_handle"),
}


@pytest.mark.parametrize("change,expected", AUTHENTICATION.values(), ids=AUTHENTICATION.keys())
def test_authentication_is_refused(passkey, client, change, expected):
    consent = Consent(client)
    options = consent.options("name_km")
    assert code(consent.complete(options, passkey.get(options["publicKey"], **change))) == expected
    # Nothing happened: the same decision can still be signed rightly.
    assert consent.complete(options, passkey.get(options["publicKey"])).status_code == 200


def test_a_foreign_credential(passkey, client):
    consent = Consent(client)
    options = consent.options()
    stranger = SoftPasskey(client.base)
    stranger.handle = passkey.handle
    assert code(consent.complete(options, stranger.get(options["publicKey"]))) == "passkey.refused"
    stranger.id = passkey.id
    assert code(consent.complete(options, stranger.get(options["publicKey"]))) == "webauthn.signature"


def test_a_decision_serves_once_even_at_the_same_time(passkey, client):
    consent = Consent(client)
    options = consent.options("name_km")
    signed = passkey.get(options["publicKey"], count=0)
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(consent.complete(options, signed))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(code(answer) if answer.status_code >= 400 else "ok" for answer in answers) == ["authorize.request_stale"] * 5 + ["ok"]


def test_a_decision_belongs_to_one_browser(passkey, client):
    consent, thief = Consent(client), Consent(client)
    options = consent.options("name_km")
    assert code(thief.complete(options, passkey.get(options["publicKey"]))) == "authorize.request_stale"


def test_a_decision_for_one_client_is_none_for_another(passkey, clients):
    """The challenge is the decision's hash: a signature for one request proves nothing for the next."""
    consent = Consent(clients["test-client"])
    first, second = consent.options("name_km"), consent.options("name_km", "birthdate")
    assert code(consent.complete(second, passkey.get(first["publicKey"]))) == "webauthn.challenge"


def risks(demo, kind):
    done = run("risk", "list", "--data", demo.data, "--json", "--kind", kind)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_another_backup_eligibility_is_noted_and_refused(demo, passkey, client):
    before = len(risks(demo, "passkey_backup_eligibility"))
    consent = Consent(client)
    options = consent.options()
    flipped = dict(flags=FLAG.UP | FLAG.UV | 0x08)
    unsigned = passkey.get(options["publicKey"], sign=False, **flipped)
    assert code(consent.complete(options, unsigned)) == "webauthn.backup_eligibility"
    assert len(risks(demo, "passkey_backup_eligibility")) == before, "nobody's key signed it"
    assert code(consent.complete(options, passkey.get(options["publicKey"], **flipped))) == "webauthn.backup_eligibility"
    assert len(risks(demo, "passkey_backup_eligibility")) == before + 1
    assert consent.complete(options, passkey.get(options["publicKey"])).status_code == 200


def test_counter(demo, passkey, client):
    before = len(risks(demo, "passkey_counter"))
    consent = Consent(client)
    options = consent.options()
    assert consent.complete(options, passkey.get(options["publicKey"], count=5)).status_code == 200
    options = consent.options()
    assert code(consent.complete(options, passkey.get(options["publicKey"], count=5))) == "passkey.cloned"
    noted = risks(demo, "passkey_counter")
    assert len(noted) == before + 1 and noted[0]["detail"] == {"stored": 5, "received": 5}
    options = consent.options()
    assert code(consent.complete(options, passkey.get(options["publicKey"], count=9))) == "passkey.refused"


@pytest.mark.parametrize("path", ["/authorize/passkey/options", "/authorize/passkey", "/app/passkeys/options", "/app/passkeys"])
def test_other_sites_cannot_send_these_forms(pages, base, path):
    answer = pages.browser.session.post(
        base + path, data={"csrf": pages.csrf, "request": "x"}, timeout=10,
        headers={"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site", "Accept": "application/json"})
    assert answer.status_code == 403, answer.text


def test_related_origins_document(base):
    answer = requests.get(f"{base}/.well-known/webauthn", timeout=10)
    assert answer.headers["Content-Type"] == "application/json" and answer.json() == {"origins": []}


def test_another_curve_is_refused_where_it_was_not_offered(pages, base):
    made = SoftPasskey(base)
    made.key = ec.generate_private_key(ec.SECP256K1())
    options = pages.options()
    assert {parameter["alg"] for parameter in options["pubKeyCredParams"]} == {-8, -7, -257, -37, -35, -36}
    assert len(unb64(options["challenge"])) == 32
