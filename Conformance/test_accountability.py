"""The person's side: who read what, proofs of it, withdrawal, receipts, and what is not shown to others."""

import json

from joserfc.jwk import ECKey

from support.authenticator import thumbprint, unb64
from support.browser import Browser
from support.merkle import root_from_inclusion
from support.program import run
from support.recover import es256_public_keys
from support.wait import until


def proofs(browser, home):
    """The proofs of all access entries on the page, newest first."""
    links = [a["href"] for a in home.page.find_all("a") if (a["href"] or "").endswith("/proof")]
    return [proof(browser, link) for link in links]


def proof(browser, link):
    """A proof; until the next checkpoint covers the entry, the server asks to come again."""

    def asked():
        answer = browser.get(link)
        if answer.status == 200:
            return answer
        assert answer.error == "ledger.not_covered" and int(answer.headers["Retry-After"]) > 0

    return until(asked, what="no checkpoint covered the entry").response.json()


def verified_jws(token):
    """Header and payload of an ES256 JWS whose `kid` is the RFC 7638 thumbprint of the key that signed it."""
    head, body, signature = token.split(".")
    header = json.loads(unb64(head))
    assert header["alg"] == "ES256"
    keys = [ECKey.import_key(key) for key in es256_public_keys(f"{head}.{body}".encode(), unb64(signature))]
    assert header["kid"] in {thumbprint(key) for key in keys}, "not signed by the key that the header names"
    return header, json.loads(unb64(body))


def test_access_log_shows_who_read_what(clients, citizen):
    client = clients["test-client"]
    _, before = citizen.portal()
    count = len(before.page.find_all("tr", data_entry=True))
    client.userinfo(citizen.tokens(client, share=["name_km"])["access_token"])
    _, home = citizen.portal()
    rows = home.page.find_all("tr", data_entry=True)
    assert len(rows) == count + 1
    newest = rows[0].text
    assert "Test client" in newest and "Testing the login" in newest and "Name in Khmer" in newest
    assert "Date of birth" not in newest
    assert citizen.person["name_km"] not in newest, "the log names attributes, it does not repeat their values"


def test_reading_without_attributes_and_the_officers_look_are_entered_too(citizen):
    _, home = citizen.portal()
    assert any("Enrolment counter" in row.text for row in home.page.find_all("tr", data_entry=True))


def test_inclusion_proofs_and_checkpoint(demo, client, citizen):
    for _ in range(3):
        client.userinfo(citizen.tokens(client)["access_token"])
    browser, home = citizen.portal()
    found = proofs(browser, home)
    assert len(found) >= 4
    listed = run("admin", "keys", "list", "--data", demo.data, "--json").stdout.splitlines()
    ledger_keys = {k["id"] for k in map(json.loads, listed) if k["purpose"] == "ledger-checkpoint"}
    for one in found:
        leaf, path = bytes.fromhex(one["hash"]), [bytes.fromhex(p) for p in one["path"]]
        root = root_from_inclusion(leaf, one["sequence"] - 1, one["tree_size"], path)
        assert root.hex() == one["root"]
        header, statement = verified_jws(one["checkpoint"])
        assert header["kid"] in ledger_keys
        assert statement["streams"][one["stream"]]["size"] == one["tree_size"]
        assert unb64(statement["streams"][one["stream"]]["root"]).hex() == one["root"]


def test_a_proof_shows_nothing_of_other_people(client, enrol):
    """A checkpoint covers many streams: what it says of them must not grow into a list of who was active when."""
    mine = enrol()
    browser, home = mine.portal()
    shown = proofs(browser, home)[0]
    _, statement = verified_jws(shown["checkpoint"])
    text = json.dumps(statement) + json.dumps(shown)
    assert mine.kidc not in text and mine.person["name_km"] not in text


def test_a_proof_of_someone_else_is_not_found(enrol):
    first, second = enrol(), enrol()
    _, home = first.portal()
    link = next(a["href"] for a in home.page.find_all("a") if (a["href"] or "").endswith("/proof"))
    browser, _ = second.portal()
    assert browser.get(link).status in (403, 404)
    assert Browser(first.base).get(link, follow=False).status in (302, 303, 401, 403)


def test_changed_proof_is_recognised(citizen):
    browser, home = citizen.portal()
    shown = proofs(browser, home)[0]
    right = bytes.fromhex(shown["hash"])
    wrong = right[:-1] + bytes([right[-1] ^ 1])
    path = [bytes.fromhex(p) for p in shown["path"]]
    assert root_from_inclusion(wrong, shown["sequence"] - 1, shown["tree_size"], path).hex() != shown["root"]


def test_receipt_carries_the_devices_signature(client, citizen):
    citizen.tokens(client, share=["name_km"])
    browser, home = citizen.portal()
    link = next(a["href"] for a in home.page.find_all("a") if (a["href"] or "").endswith("/receipt"))
    receipt = browser.get(link).response.json()
    header, statement = verified_jws(receipt["token"])
    assert statement["record_id"] == receipt["receipt"]["record_id"]
    decision = receipt["receipt"]["device_decision"]
    head, body, signature = decision.split(".")
    keys = [ECKey.import_key(k) for k in es256_public_keys(f"{head}.{body}".encode(), unb64(signature))]
    assert thumbprint(citizen.device.key) in {thumbprint(k) for k in keys}
    assert json.loads(unb64(body))["attributes"] == ["name_km"]


def withdraw(citizen, browser, home):
    return browser.submit(home.page.form("/withdraw"))


def test_withdrawal_ends_userinfo_at_once(client, citizen):
    access = citizen.tokens(client)["access_token"]
    assert client.userinfo(access).status_code == 200
    browser, home = citizen.portal()
    assert withdraw(citizen, browser, home).status == 200
    answer = client.userinfo(access)
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_withdrawal_between_code_and_token(client, citizen):
    code = citizen.log_in(client)["code"]
    browser, home = citizen.portal()
    withdraw(citizen, browser, home)
    answer = client.token(code)
    if answer.status_code == 200:
        assert client.userinfo(answer.json()["access_token"]).status_code == 401
    else:
        assert answer.json()["error"] == "invalid_grant"


def test_withdrawal_needs_the_form_token_and_the_person(client, enrol):
    first, second = enrol(), enrol()
    access = first.tokens(client)["access_token"]
    _, home = first.portal()
    action = home.page.form("/withdraw").action
    other, page = second.portal()
    token = dict(page.page.forms[-1].fields)["csrf"]
    assert other.send("POST", action, data={"csrf": token}).status in (403, 404)
    assert Browser(first.base).send("POST", action, data={"csrf": token}, follow=False).status in (302, 303, 401, 403)
    assert client.userinfo(access).status_code == 200


def test_a_blocked_device_cannot_approve(client, citizen):
    browser, home = citizen.portal()
    form = home.page.form("/block")
    assert browser.submit(form).status == 200
    answer = citizen.device.request("GET", "/device/v1/transactions")
    assert answer.status_code == 403 and answer.json()["code"] == "device.not_active"
    assert citizen.device.self_()["state"] in ("blocked", "revoked")


def test_a_blocked_device_ends_its_tokens_or_says_why_not(client, citizen):
    """A token got with a device that is then blocked: consent is live, so userinfo may go on only under it."""
    access = citizen.tokens(client)["access_token"]
    browser, home = citizen.portal()
    browser.submit(home.page.form("/block"))
    assert client.userinfo(access).status_code in (200, 401)


def test_logging_out_ends_the_session(citizen):
    browser, home = citizen.portal()
    stolen = dict(browser.session.cookies)
    browser.submit(home.page.form("/app/logout"))
    thief = Browser(citizen.base)
    thief.session.cookies.update(stolen)
    page = thief.get("/app")
    assert page.page.find(id="login") is not None and page.page.find(id="access") is None
