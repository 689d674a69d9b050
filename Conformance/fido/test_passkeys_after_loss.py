"""What a lost phone means for passkeys: a recovery ends them, and what replaces all devices holds their level down too."""

import json

from support.login import callback
from support.relying_party import decoded
from .test_passkeys_over_http import Consent, code, pages, passkey  # noqa: F401, fixtures

NAME = {"scope": "openid", "claims": json.dumps({"userinfo": {"name_km": {"essential": True}}})}
AAL1, AAL2 = "urn:kh:camdigikey:aal:1", "urn:kh:camdigikey:aal:2"


def level(client, browser, address=None):
    """The level that the ID token tells, of the answer at an address or of a silent login."""
    answer = browser.get(address) if address else client.authorize(browser, prompt="none", **NAME)
    back = callback(answer)
    assert "code" in back, back
    return decoded(client.token(back["code"]).json()["id_token"])["acr"]


def log_in(client, passkey):  # noqa: F811
    """A browser that logged in by passkey, and the level of it."""
    consent = Consent(client, **NAME)
    options = consent.options("name_km")
    answer = consent.complete(options, passkey.get(options["publicKey"]))
    assert answer.status_code == 200, answer.text
    return consent.browser, level(client, consent.browser, answer.json()["next"])


def test_a_replaced_device_holds_the_passkey_down(passkey, client, officer):  # noqa: F811
    browser, reached = log_in(client, passkey)
    assert reached == AAL2 and level(client, browser) == AAL2
    portal, home = passkey.citizen.portal()
    portal.submit(home.page.form("/block"))
    officer.enrol(passkey.citizen.kidc, name="New phone")
    assert log_in(client, passkey)[1] == AAL1
    assert level(client, browser) == AAL1, "a session from before the loss kept its level"


def test_a_recovery_ends_the_passkeys(passkey, client, officer):  # noqa: F811
    browser, _ = log_in(client, passkey)
    consent = Consent(client, **NAME)
    options = consent.options("name_km")
    page = officer.person(passkey.citizen.kidc)
    form = next(f for f in page.page.forms if f.action.endswith("/recoveries"))
    opened = officer.browser.submit(form, reason="lost", seen="khmerIDCard", present="yes")
    assert opened.status == 200
    refused = consent.complete(options, passkey.get(options["publicKey"]))
    assert code(refused) == "passkey.refused", refused.text
    assert callback(client.authorize(browser, prompt="none", **NAME))["error"] == "login_required", "the session goes on"
