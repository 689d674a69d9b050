"""Rich authorization requests (RFC 9396) of the types that the program knows: what is asked is what the person reads, what the device
signs and what the tokens say; anything else is refused."""

import json

import pytest

from support.authenticator import b64, jcs, sha256
from support.browser import Browser
from support.login import number_shown, waiting_on
from support.provider import granted, oauth_error
from support.registrations import CIBA, DEVICE, FAPI2_MS, LEGACY
from support.relying_party import decoded, silent

PAYMENT = {
    "type": "kh_payment", "instructed_amount": {"currency": "KHR", "amount": "40000.50"}, "creditor_name": "រដ្ឋាករទឹក PPWSA",
    "creditor_account": "001-222-333", "reference": "INV 2026/11",
}
SIGNING = {
    "type": "kh_esign", "label": "Lease of a house",
    "document_digests": [{"hash": b64(sha256(b"the lease")), "label": "lease.pdf"}],
}
SHARING = {"type": "kh_data_share", "recipient": "Ministry of Health", "datatypes": ["vaccinations", "blood group"], "until": "2027-01-01"}
# What the person must be able to read of each, in either language.
READ = {
    "kh_payment": ["40000.50", "KHR", PAYMENT["creditor_name"]], "kh_esign": ["Lease of a house"],
    "kh_data_share": ["Ministry of Health", "vaccinations", "blood group"],
}
ALL = [PAYMENT, SIGNING, SHARING]
TYPES = [entry["type"] for entry in ALL]
WRONG = "invalid_authorization_details"


@pytest.fixture
def rp(registrar, once):
    return once("rar", lambda: registrar.add(
        "rar", **LEGACY | {"grant_types": ["authorization_code", "refresh_token", DEVICE]}, authorization_details_types=TYPES))


def asked(rp, person, details, language="en", **changes):
    """The consent page, the waiting page and what the device sees, of a request with these details."""
    browser, values = Browser(rp.provider.base, language), rp.request(authorization_details=details, **changes)
    consent = rp.open(browser, values)
    assert consent.status == 200, f"{consent.status} {consent.error} {consent.location}"
    waiting = browser.submit(consent.page.form("/authorize/start"), identifier=person.kidc)
    return browser, values, consent, waiting, waiting_on(person.device, waiting)


def introspected(rp, token):
    answer = rp.post("introspection_endpoint", {"token": token}, dpop=None)
    assert answer.status_code == 200, answer.text
    return answer.json()


def carries(rp, body, details):
    """RFC 9396 sections 7, 9.1 and 9.2: the token response, the JWT access token and introspection."""
    assert body["authorization_details"] == details
    _, claims = rp.provider.verified(body["access_token"])
    assert claims["authorization_details"] == details
    seen = introspected(rp, body["access_token"])
    assert seen["active"] is True and seen["authorization_details"] == details


def test_the_types_are_advertised(metadata):
    assert set(TYPES) <= set(metadata["authorization_details_types_supported"])


@pytest.mark.parametrize("details", [[PAYMENT], [SIGNING], [SHARING], ALL], ids=[*TYPES, "all"])
def test_what_is_asked_is_read_signed_and_granted(rp, person, details):
    browser, values, consent, waiting, transaction = asked(rp, person, details)
    lines = transaction["details"]["authorization_details"]
    assert len(lines) == len(details)
    for line, entry in zip(lines, details):
        for word in READ[entry["type"]]:
            assert word in line["en"] and word in line["km"], f"{word} is not in {line}"
        assert line["en"] in consent.page.text, f"the consent page does not show: {line['en']}"
    # The signature covers the lines: one over anything else is none.
    without = {name: value for name, value in transaction["details"].items() if name != "authorization_details"}
    other = transaction["details"] | {"authorization_details": [{"km": "x", "en": "Pay 1 KHR"}] * len(lines)}
    for seen in (without, other):
        refused = person.device.decide(transaction, number=number_shown(waiting), details_hash=b64(sha256(jcs(seen))))
        assert refused.status_code in (400, 403, 409, 422), f"{refused.status_code}: a signature over other details was taken"
    assert browser.get(waiting.url).location is None, "a refused decision ended the login"
    answer = person.decide(browser, waiting, "approve", None)
    carries(rp, rp.tokens(rp.received(answer, values)), details)


def test_in_khmer(rp, person):
    _, _, consent, _, transaction = asked(rp, person, ALL, language="km")
    for line in transaction["details"]["authorization_details"]:
        assert line["km"] in consent.page.text and any("ក" <= letter <= "៿" for letter in line["km"]), line
    person.device.decide(transaction, "deny")


def test_refreshed_tokens_say_the_same(rp, person):
    body = person.tokens(rp, scope="openid offline_access", authorization_details=[PAYMENT])
    carries(rp, granted(rp.refresh(body["refresh_token"])), [PAYMENT])


def test_a_login_without_details_has_none(rp, person):
    """Neither of the request before nor of the session."""
    body = person.tokens(rp)
    assert "authorization_details" not in body and "authorization_details" not in decoded(body["access_token"])
    assert "authorization_details" not in introspected(rp, body["access_token"])


def test_no_silent_approval(rp, person):
    """The session of an approved request must not approve the next one."""
    browser = person.browser()
    person.log_in(rp, browser=browser, authorization_details=[PAYMENT])
    again = silent(rp, browser, authorization_details=[PAYMENT])
    assert again.error in ("consent_required", "interaction_required", "login_required") and "code" not in again


def test_in_a_signed_and_pushed_request(registrar, person):
    """RFC 9396 section 3 with RFC 9126 and RFC 9101: an array in the request object."""
    rp = registrar.fapi("rar-signed", FAPI2_MS, authorization_details_types=TYPES)
    body = person.tokens(rp, authorization_details=ALL)
    assert body["authorization_details"] == ALL and decoded(body["access_token"])["authorization_details"] == ALL
    answer = rp.push(rp.request(authorization_details=[PAYMENT | {"hidden": 1}]))
    assert oauth_error(answer, WRONG, status=(400,))


def test_in_a_device_grant(rp, person):
    """RFC 9396 section 2: usable wherever scope is."""
    started = rp.post("device_authorization_endpoint", {"scope": "openid", "authorization_details": json.dumps([PAYMENT])})
    assert started.status_code == 200, started.text
    browser = person.browser()
    page = browser.get("/activate")
    page = browser.submit(page.page.form("/activate"), user_code=started.json()["user_code"])
    consent = browser.submit(page.page.form("/activate/confirm"))
    assert PAYMENT["creditor_name"] in consent.page.text
    waiting = browser.submit(consent.page.form("/authorize/start"), identifier=person.kidc)
    assert len(waiting_on(person.device, waiting)["details"]["authorization_details"]) == 1
    person.decide(browser, waiting, "approve", None)
    answer = rp.post("token_endpoint", {"grant_type": DEVICE, "device_code": started.json()["device_code"]})
    carries(rp, granted(answer), [PAYMENT])
    refused = rp.post("device_authorization_endpoint", {"scope": "openid", "authorization_details": json.dumps([{"type": "x"}])})
    oauth_error(refused, WRONG, status=(400,))


def test_in_a_decoupled_login(registrar, person):
    rp = registrar.add("rar-ciba", **LEGACY | {"grant_types": ["authorization_code", "refresh_token", CIBA]}, ciba_trusted=True,
                       backchannel_token_delivery_mode="poll", authorization_details_types=TYPES)
    started = rp.post("backchannel_authentication_endpoint", {
        "scope": "openid", "login_hint": person.kidc, "authorization_details": json.dumps([SIGNING])})
    assert started.status_code == 200, started.text
    body = started.json()
    transaction = next(t for t in person.device.transactions(wait=5) if "Lease of a house" in json.dumps(t["details"]))
    done = person.device.decide(transaction, number=int(body["user_number"]))
    assert done.status_code == 200, done.text
    answer = rp.post("token_endpoint", {"grant_type": CIBA, "auth_req_id": body["auth_req_id"]})
    carries(rp, granted(answer), [SIGNING])


# What is refused


def without(entry, name):
    return {key: value for key, value in entry.items() if key != name}


def paying(**amount):
    return PAYMENT | {"instructed_amount": PAYMENT["instructed_amount"] | amount}


REFUSED = {
    "no JSON": "[{", "an object": json.dumps(PAYMENT), "empty": "[]", "of numbers": "[5]", "of null": "[null]", "nested": json.dumps([[PAYMENT]]),
    "five": json.dumps([PAYMENT] * 5), "oversize": json.dumps([PAYMENT | {"reference": "r" * 4100}]),
    "oversize together": json.dumps([PAYMENT | {"reference": "r" * 1100}] * 4),
    "deep": json.dumps([PAYMENT | {"reference": json.loads("[" * 40 + "]" * 40)}]), "a duplicated member": json.dumps([PAYMENT])[:-2] + ', "type": "kh_esign"}]',
    "unknown type": [{"type": "kh_marriage"}], "no type": [without(PAYMENT, "type")], "type is a number": [PAYMENT | {"type": 5}],
    "type in other case": [PAYMENT | {"type": "KH_PAYMENT"}], "one good, one unknown": [PAYMENT, {"type": "kh_marriage"}],
    "foreign member": [PAYMENT | {"fee": "1"}], "member of another type": [PAYMENT | {"label": "x"}],
    "common member that the type lacks": [PAYMENT | {"locations": ["https://x.example"]}],
    "no amount": [without(PAYMENT, "instructed_amount")], "no creditor": [without(PAYMENT, "creditor_name")],
    "amount as a number": [paying(amount=5)], "negative": [paying(amount="-5")], "exponent": [paying(amount="1e9")], "three decimals": [paying(amount="1.234")],
    "empty amount": [paying(amount="")], "Khmer digits": [paying(amount="៥០")], "a comma": [paying(amount="1,000")], "euro": [paying(currency="EUR")],
    "currency in small letters": [paying(currency="khr")], "creditor turned round": [PAYMENT | {"creditor_name": "abc\u202edef"}],
    "creditor in two lines": [PAYMENT | {"creditor_name": "abc\nPay 1 KHR"}], "empty creditor": [PAYMENT | {"creditor_name": "  "}],
    "long creditor": [PAYMENT | {"creditor_name": "x" * 141}], "no digests": [SIGNING | {"document_digests": []}],
    "21 digests": [SIGNING | {"document_digests": SIGNING["document_digests"] * 21}],
    "short digest": [SIGNING | {"document_digests": [{"hash": "AAAA", "label": "x"}]}],
    "digest without label": [SIGNING | {"document_digests": [without(SIGNING["document_digests"][0], "label")]}],
    "no label": [without(SIGNING, "label")], "nothing shared": [SHARING | {"datatypes": []}], "shared numbers": [SHARING | {"datatypes": [1]}],
    "no recipient": [without(SHARING, "recipient")],
}
# Members beneath or beside those that make the line: what is not known, or not what its type says, must not slip into a token unread.
HIDDEN = {
    "foreign member of the amount": [paying(fee="999999")],
    "foreign member of a digest": [SIGNING | {"document_digests": [SIGNING["document_digests"][0] | {"url": "https://x.example"}]}],
    "reference is an object": [PAYMENT | {"reference": {"amount": "999999"}}],
    "account is a list": [PAYMENT | {"creditor_account": ["001", "002"]}],
    "account turned round": [PAYMENT | {"creditor_account": "001\u202e002"}],
    "until is no date": [SHARING | {"until": {"never": True}}],
}


def refuses(rp, details):
    answer = rp.push(rp.request(authorization_details=details))
    assert answer.status_code != 201, "it was taken"
    assert oauth_error(answer, WRONG, status=(400,))


@pytest.mark.parametrize("name", REFUSED)
def test_refused(rp, name):
    refuses(rp, REFUSED[name])


@pytest.mark.parametrize("name", HIDDEN)
def test_nothing_unread_slips_in(rp, name):
    """RFC 9396 section 5: unknown fields, fields of the wrong type and invalid values are refused, at every depth."""
    refuses(rp, HIDDEN[name])


def test_the_front_channel_refuses_by_redirect(rp, person):
    values = rp.request(authorization_details=[PAYMENT | {"fee": "1"}])
    back = rp.received(rp.open(person.browser(), values, follow=False), values)
    assert back.error == WRONG and "code" not in back


def test_types_are_per_client(registrar, person):
    """RFC 9396 section 10: what the client did not register is refused, however well the program knows it."""
    payer = registrar.add("rar-payer", **LEGACY, authorization_details_types=["kh_payment"])
    assert payer.push(payer.request(authorization_details=[PAYMENT])).status_code == 201
    refuses(payer, [SIGNING])
    refuses(payer, [PAYMENT, SIGNING])
    none = registrar.add("rar-none", **LEGACY)
    refuses(none, [PAYMENT])


def test_the_account_is_read(rp, person):
    """What is signed must be what is seen (PSD2 RTS article 5 calls it dynamic linking): a payment goes to an account, not to a name."""
    _, _, consent, _, transaction = asked(rp, person, [PAYMENT])
    line = transaction["details"]["authorization_details"][0]
    person.device.decide(transaction, "deny")
    assert PAYMENT["creditor_account"] in line["en"] and PAYMENT["creditor_account"] in line["km"], line
