"""Passkeys in the real pages: Chromium with its virtual authenticator registers, logs in, consents, is refused."""

import json
import re
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from joserfc import jws
from selenium.common.exceptions import WebDriverException

from support.login import waiting_on
from support.virtual_authenticator import VirtualAuthenticator


class Transaction:
    """What `waiting_on` wants to know of a waiting page."""

    def __init__(self, url):
        self.url, self.status, self.error = url, 200, None


def log_in_by_device(c, demo, citizen):
    """To the citizen's pages, approved on the device."""
    c.get(demo.url + "/app/login")
    c.type("#identifier", citizen.kidc)
    c.click("form[action='/authorize/start'] button[type=submit]")
    number = int(re.search(r"\d\d", c.wait(".number").text).group(0))
    answer = citizen.device.decide(waiting_on(citizen.device, Transaction(c.url)), number=number)
    assert answer.json() == {"status": "approved"}
    c.until(lambda: urlsplit(c.url).path == "/app", what="the citizen's page")


def add_passkey(c, demo, name="ទូរស័ព្ទ"):
    c.get(demo.url + "/app/passkeys")
    c.type("#passkey-name", name)
    c.click("#passkey-add")
    c.until(lambda: "done=added" in c.url, what="the new passkey")


def consent_page(c, client, **changes):
    try:
        c.get(f"{client.base}/authorize?" + urlencode(client.parameters("v" * 43, **changes)))
    except WebDriverException:
        pass  # the browser is back at the relying party already, where nothing listens


def answer_of(c, seconds=20):
    """What the relying party's address got; nothing listens there."""
    found = c.until(lambda: c.url.startswith("http://127.0.0.1:9/callback") and c.url, seconds, "the way back")
    return dict(parse_qsl(urlsplit(found).query))


@pytest.fixture
def world(chrome, demo, enrol):
    """A citizen whose browser has one passkey; keyword arguments go to the authenticator."""

    def make(passive=True, language="en", **options):
        c = chrome(language=language)
        citizen = enrol()
        # The browser's own list of passkeys would answer by itself; most tests press the button.
        authenticator = VirtualAuthenticator(c, **options)
        log_in_by_device(c, demo, citizen)
        add_passkey(c, demo)
        c.driver.delete_all_cookies()
        return c, citizen, authenticator

    return make


def claims(client, code):
    tokens = client.token(code).json()
    assert "id_token" in tokens, tokens
    return tokens, json.loads(jws.extract_compact(tokens["id_token"].encode()).payload)


def test_register_and_log_in(world, client):
    """MC and GA, positive: discoverable credential, user verified; the relying party gets what was ticked."""
    c, citizen, authenticator = world()
    (credential,) = authenticator.credentials()
    assert credential["isResidentCredential"] and credential["rpId"] == "localhost"
    # WebAuthn section 14.6.1: the handle tells nothing.
    assert citizen.kidc not in credential["userHandle"]
    consent_page(c, client, scope="openid profile")
    back = answer_of_after_passkey(c)
    tokens, claim = claims(client, back["code"])
    assert claim["acr"] == "urn:kh:camdigikey:aal:2" and {"pop", "phr", "mfa"} <= set(claim["amr"])
    assert set(client.userinfo(tokens["access_token"]).json()) > {"sub"}


def answer_of_after_passkey(c):
    # Conditional mediation answers at once where the authenticator simulates presence; else the button does.
    try:
        return answer_of(c, seconds=5)
    except AssertionError:
        c.click("#passkey")
        return answer_of(c)


def test_what_is_signed_is_what_is_ticked(world, client):
    c, citizen, authenticator = world()
    authenticator.verified(False)  # conditional mediation must not answer before the boxes are set
    consent_page(c, client, scope="openid profile")
    c.wait("#identifier")
    for box in c.all("input[type=checkbox]"):
        if box.is_selected():
            c.driver.execute_script("arguments[0].click()", box)
    authenticator.verified(True)
    c.click("#passkey")
    back = answer_of(c)
    tokens, _ = claims(client, back["code"])
    assert set(client.userinfo(tokens["access_token"]).json()) == {"sub"}


def test_without_user_verification_there_is_no_login(world, client):
    """GA-Resp-3 F-5: presence alone is not enough; the page stays and works by phone."""
    c, citizen, authenticator = world()
    authenticator.verified(False)
    consent_page(c, client)
    c.wait("#identifier")
    c.click("#passkey")
    c.until(lambda: not c.one("#passkey").get_attribute("disabled"), 10)
    assert c.url.startswith(client.base)
    c.type("#identifier", citizen.kidc)
    c.click("form[action='/authorize/start'] button[type=submit]")
    c.wait(".number")


def test_a_counter_that_goes_back_blocks_the_passkey(world, client, demo):
    """GA-Resp-3 F-4: the signal of a copied key; the person reads of it, and the key stays blocked."""
    c, citizen, authenticator = world()
    for _ in range(3):
        consent_page(c, client)
        assert "code" in answer_of_after_passkey(c)
        c.driver.delete_all_cookies()
        c.get(demo.url)
        c.driver.delete_all_cookies()
    authenticator.verified(False)
    authenticator.set_count(1)
    authenticator.verified(True)
    consent_page(c, client)
    c.wait("#passkey-error:not([hidden])", 15)
    assert "copied" in c.text
    consent_page(c, client)
    c.wait("#passkey-error:not([hidden])", 15)
    log_in_by_device_over_passkey(c, demo, citizen, authenticator)
    c.get(demo.url + "/app/passkeys")
    assert "blocked" in c.text


def log_in_by_device_over_passkey(c, demo, citizen, authenticator):
    authenticator.forget()
    c.driver.delete_all_cookies()
    log_in_by_device(c, demo, citizen)


def test_a_removed_passkey_no_longer_logs_in(world, client, demo):
    c, citizen, authenticator = world()
    held = authenticator.credentials()
    authenticator.forget()
    log_in_by_device(c, demo, citizen)
    c.get(demo.url + "/app/passkeys")
    c.click("form[action$='/remove'] button")
    c.until(lambda: "done=removed" in c.url)
    assert "no passkey" in c.text
    c.driver.delete_all_cookies()
    authenticator.cdp("WebAuthn.addCredential", authenticatorId=authenticator.id, credential=held[0])
    consent_page(c, client)
    c.wait("#passkey-error:not([hidden])", 15)
    assert "not accepted" in c.text


@pytest.mark.parametrize(
    "options,kind", [({"backup_eligible": True, "backed_up": True}, "synced"), ({}, "on one device")], ids=["synced", "bound"]
)
def test_kinds_are_told_with_the_reason(world, demo, options, kind):
    """BE and BS: a synced passkey reaches AAL2 at most, and the person reads why."""
    c, citizen, authenticator = world(**options)
    authenticator.forget()
    log_in_by_device(c, demo, citizen)
    c.get(demo.url + "/app/passkeys")
    assert kind in c.text and "AAL2" in c.text


def test_backup_eligibility_must_not_change(world, client):
    """WebAuthn Level 3 section 7.2 step 19."""
    c, citizen, authenticator = world()
    authenticator.set_backup(eligible=True, state=True)
    consent_page(c, client)
    c.wait("#passkey-error:not([hidden])", 15)
    assert urlsplit(c.url).hostname == "localhost"


def test_an_essential_level_above_a_passkey_is_refused(world, client):
    c, citizen, authenticator = world()
    wish = '{"id_token":{"acr":{"essential":true,"values":["urn:kh:camdigikey:aal:3"]}}}'
    consent_page(c, client, claims=wish)
    assert answer_of_after_passkey(c)["error"] == "unmet_authentication_requirements"


def test_the_same_passkey_is_not_registered_twice(world, demo):
    """excludeCredentials: the authenticator says so itself."""
    c, citizen, authenticator = world()
    held = authenticator.credentials()
    authenticator.forget()
    log_in_by_device(c, demo, citizen)
    authenticator.cdp("WebAuthn.addCredential", authenticatorId=authenticator.id, credential=held[0])
    c.get(demo.url + "/app/passkeys")
    c.type("#passkey-name", "again")
    c.click("#passkey-add")
    c.wait("#passkey-error:not([hidden])", 15)
    assert len(authenticator.credentials()) == 1


def test_pages_are_sound(world, demo):
    """axe finds nothing, nothing sticks out at 360 px, in both languages."""
    faults = []
    c, citizen, authenticator = world()
    authenticator.forget()
    log_in_by_device(c, demo, citizen)
    for language in ("km", "en"):
        for width in (360, 1280):
            c.size(width)
            c.get(f"{demo.url}/app/passkeys?lang={language}")
            c.wait("#passkey-add")
            c.picture(f"passkeys-{language}-{width}")
            faults += [f"{language} {width}: {line}" for line in c.violations() + c.overflow()]
    assert not faults, faults


def test_works_for_the_citizens_own_page(world, demo):
    """Login to /app by passkey."""
    c, citizen, authenticator = world()
    c.get(demo.url + "/app/login")
    c.until(lambda: c.all("#identifier") or urlsplit(c.url).path == "/app")
    try:
        c.until(lambda: urlsplit(c.url).path == "/app", 4)
    except AssertionError:
        c.click("#passkey")
    c.until(lambda: urlsplit(c.url).path == "/app", what="the citizen's page")
    assert c.all("#devices")
