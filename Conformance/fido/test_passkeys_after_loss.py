"""What a lost phone means for passkeys: a recovery ends them, and what replaces all devices holds their level down too."""

from support.login import callback
from support.relying_party import decoded
from .test_passkeys_over_http import Consent, code, pages, passkey  # noqa: F401, fixtures


def level(client, passkey):
    """The level of a login by passkey, as the ID token tells it."""
    consent = Consent(client)
    options = consent.options("name_km")
    answer = consent.complete(options, passkey.get(options["publicKey"]))
    assert answer.status_code == 200, answer.text
    back = callback(consent.browser.get(answer.json()["next"]))
    return decoded(client.token(back["code"]).json()["id_token"])["acr"]


def test_a_replaced_device_holds_the_passkey_down(passkey, client, officer):  # noqa: F811
    assert level(client, passkey) == "urn:kh:camdigikey:aal:2"
    browser, home = passkey.citizen.portal()
    browser.submit(home.page.form("/block"))
    officer.enrol(passkey.citizen.kidc, name="New phone")
    assert level(client, passkey) == "urn:kh:camdigikey:aal:1"


def test_a_recovery_ends_the_passkeys(passkey, client, officer):  # noqa: F811
    consent = Consent(client)
    options = consent.options("name_km")
    page = officer.person(passkey.citizen.kidc)
    form = next(f for f in page.page.forms if f.action.endswith("/recoveries"))
    opened = officer.browser.submit(form, reason="lost", seen="khmerIDCard", present="yes")
    assert opened.status == 200
    refused = consent.complete(options, passkey.get(options["publicKey"]))
    assert code(refused) == "passkey.refused", refused.text
