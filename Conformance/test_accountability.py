"""The person's side: who read what, proofs of it, withdrawal, receipts, and what is not shown to others."""

import json

import pytest
import requests
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from support.authenticator import thumbprint, unb64
from support.browser import Browser
from support.merkle import leaf_of_proof, root_from_inclusion
from support.program import ROOT, run
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
        assert answer.error == "access.proof_pending" and int(answer.headers["Retry-After"]) > 0
        assert "Conflict" not in answer.response.text

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


def published(base, purpose):
    """The published keys of a purpose by identifier, as a stranger fetches them."""
    answer = requests.get(f"{base}/.well-known/ledger-keys", timeout=10)
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/jwk-set+json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    keys = answer.json()["keys"]
    assert all("d" not in key and key["use"] == "sig" and key["alg"] == "ES256" for key in keys)
    assert all(key["kid"] == thumbprint(ECKey.import_key(key)) for key in keys)
    return {key["kid"]: ECKey.import_key(key) for key in keys if key["purpose"] == purpose}


def checked(token, keys, kind):
    """The payload of a JWS that one of these keys signed."""
    header = json.loads(unb64(token.split(".")[0]))
    assert header["typ"] == kind
    return json.loads(jws.deserialize_compact(token, keys[header["kid"]], algorithms=["ES256"]).payload)


def judge(proof, keys):
    """All that docs/ledger.md asks of an outsider, from the document and the published keys alone."""
    leaf = leaf_of_proof(proof)
    assert leaf.hex() == proof["hash"]
    root = root_from_inclusion(leaf, proof["sequence"] - 1, proof["tree_size"], [bytes.fromhex(p) for p in proof["path"]])
    assert root.hex() == proof["root"]
    head = checked(proof["checkpoint"], keys, "rumdul-checkpoint+jws")["streams"][proof["stream"]]
    assert head["size"] == proof["tree_size"] and unb64(head["root"]).hex() == proof["root"]


def test_an_outsider_checks_a_proof_with_the_published_key(base, client, citizen):
    client.userinfo(citizen.tokens(client, share=["name_km"])["access_token"])
    browser, home = citizen.portal()
    keys = published(base, "ledger-checkpoint")
    found = proofs(browser, home)
    assert len(found) >= 2
    for one in found:
        assert one["keys"] == f"{base}/.well-known/ledger-keys"
        judge(json.loads(json.dumps(one)), keys)


@pytest.mark.parametrize("member", ["stream", "sequence", "at", "kind", "subject", "entry", "previous_hash", "path", "root", "checkpoint"])
def test_a_proof_with_one_member_changed_fails(base, citizen, member):
    browser, home = citizen.portal()
    one = proofs(browser, home)[0]
    keys = published(base, "ledger-checkpoint")
    judge(one, keys)
    value = one[member]
    if member == "checkpoint":
        head, body, signature = value.split(".")
        other = head + "." + body + "." + ("A" if signature[0] != "A" else "B") + signature[1:]
    elif member == "path":
        other = value + ["00" * 32]
    elif isinstance(value, int):
        other = value + 1
    elif isinstance(value, dict):
        other = value | {"trace": "x"}
    elif member in ("previous_hash", "root"):
        other = ("0" if value[0] != "0" else "1") + value[1:]
    else:
        other = value + "x"
    with pytest.raises((AssertionError, ValueError, KeyError, JoseError)):
        judge(one | {member: other}, keys)


def test_the_example_in_the_documentation():
    text = (ROOT / "docs/ledger.md").read_text()

    def block(kind):
        return text.split(f"```{kind}\n")[1].split("\n```")[0]

    assert leaf_of_proof(json.loads(block("json"))).hex() == block("hash")


def test_proofs_name_officers_by_role_only(demo, officer, citizen):
    browser, home = citizen.portal()
    looks = [one for one in proofs(browser, home) if one["entry"]["actor"]["kind"] == "officer"]
    assert looks and all(set(one["entry"]["actor"]) == {"kind", "role"} for one in looks)


def test_receipts_verify_with_the_published_key(base, client, citizen):
    citizen.tokens(client, share=["name_km"])
    browser, home = citizen.portal()
    link = next(a["href"] for a in home.page.find_all("a") if (a["href"] or "").endswith("/receipt"))
    receipt = browser.get(link).response.json()
    keys = published(base, "consent-receipt")
    assert checked(receipt["token"], keys, "consent-receipt+jwt") == receipt["receipt"]
    assert not set(keys) & set(published(base, "ledger-checkpoint"))


def test_errors_are_explained_where_their_type_points(base, citizen):
    problem = requests.get(f"{base}/nowhere", timeout=10).json()
    page = requests.get(problem["type"], timeout=10)
    assert page.status_code == 200 and page.headers["Content-Type"].startswith("text/html")
    assert problem["message"]["km"] in page.text and problem["message"]["en"] in page.text and len(page.content) < 8192
    device = requests.get(f"{base}/device/v1/self", timeout=10)
    assert device.status_code == 401 and device.headers["WWW-Authenticate"] == "DeviceProof"
    session = requests.post(f"{base}/app/logout", timeout=10, headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert session.status_code == 401 and "WWW-Authenticate" not in session.headers


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


def test_a_blocked_device_ends_its_tokens_and_logins(client, citizen):
    """What the device approved ends with it, though the consent is live: tokens, and the browser that blocked it."""
    access = citizen.tokens(client)["access_token"]
    browser, home = citizen.portal()
    done = browser.submit(home.page.form("/block"))
    assert "Logins that it approved have ended" in done.page.text
    assert client.userinfo(access).status_code == 401
    page = browser.get("/app")
    assert page.page.find(id="login") is not None and page.page.find(id="access") is None


def test_logging_out_ends_the_session(citizen):
    browser, home = citizen.portal()
    stolen = dict(browser.session.cookies)
    browser.submit(home.page.form("/app/logout"))
    thief = Browser(citizen.base)
    thief.session.cookies.update(stolen)
    page = thief.get("/app")
    assert page.page.find(id="login") is not None and page.page.find(id="access") is None
