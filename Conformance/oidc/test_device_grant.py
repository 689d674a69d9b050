"""The device authorization grant (RFC 8628): the pages where people type the code, in Chromium at 360 px in both languages, and what the
waiting device is told."""

import json
import re
import secrets
import sqlite3
import time

import pytest

from support.browser import Browser
from support.login import number_shown, waiting_on
from support.net import own_address
from support.provider import granted, is_json, no_store, oauth_error, unguessable
from support.registrations import DEVICE, LEGACY, SECURE

KIOSK = {"grant_types": [DEVICE], "response_types": [], "redirect_uris": [], "token_endpoint_auth_method": "none", "profile": "oidc-secure"}
INVALID = "activate.code_invalid"


@pytest.fixture(scope="module")
def kiosk(registrar):
    return registrar.add("kiosk", **KIOSK)


def begin(kiosk, **more):
    answer = kiosk.post("device_authorization_endpoint", {"scope": "openid profile"} | more)
    assert answer.status_code == 200, answer.text
    no_store(answer)
    return is_json(answer)


def poll(kiosk, started):
    return kiosk.post("token_endpoint", {"grant_type": DEVICE, "device_code": started["device_code"]})


def told(kiosk, started):
    return oauth_error(poll(kiosk, started), status=(400,))


def typed(browser, code):
    """The code page with a code entered."""
    return browser.submit(browser.get("/activate").page.form("/activate"), user_code=code)


def visitor(kiosk, language="en"):
    return Browser(kiosk.provider.base, language, own_address())


def to_waiting(browser, started, person):
    confirm = typed(browser, started["user_code"])
    assert confirm.status == 200, f"{confirm.status} {confirm.error}"
    consent = browser.submit(confirm.page.form("/activate/confirm"))
    waiting = browser.submit(consent.page.form("/authorize/start"), identifier=person.kidc)
    return consent, waiting


# The device


def test_the_answer_to_the_device(kiosk, metadata):
    """Section 3.2."""
    body = begin(kiosk)
    unguessable(body["device_code"])
    assert body["verification_uri"].startswith(metadata["issuer"]) and len(body["verification_uri"]) < 60
    assert body["user_code"] in body["verification_uri_complete"] and body["verification_uri_complete"].startswith(body["verification_uri"])
    assert 60 <= body["expires_in"] <= 1800 and body["interval"] >= 5
    # Section 6.1: no vowels, nothing that is read for something else, 34 bits or more.
    assert re.fullmatch(r"[B-DF-HJ-NP-TV-Z]{4}-[B-DF-HJ-NP-TV-Z]{4}", body["user_code"])


def test_polling_too_fast(kiosk):
    """Section 3.5: slow_down adds five seconds, for this request and from then on."""
    started = begin(kiosk)
    assert told(kiosk, started) == "authorization_pending"
    assert told(kiosk, started) == "slow_down"
    time.sleep(started["interval"] + 0.2)
    assert told(kiosk, started) == "slow_down", "the interval did not grow"
    assert told(kiosk, begin(kiosk)) == "authorization_pending", "another request pays for it"


def test_an_expired_code(kiosk, demo, person):
    """Ten minutes in a second: the end is put into the past in the store. Neither the device nor a person gets on."""
    started = begin(kiosk)
    assert told(kiosk, started) == "authorization_pending"
    browser = visitor(kiosk)
    confirm = typed(browser, started["user_code"])
    with sqlite3.connect(demo.data / "rumdul.sqlite", timeout=20) as store:
        past = (time.time_ns() // 1000) - 1_000_000
        changed = store.execute(
            "UPDATE idp_device_codes SET expires_at = ? WHERE created_at = (SELECT MAX(created_at) FROM idp_device_codes)", (past,))
        assert changed.rowcount == 1
    store.close()
    assert told(kiosk, started) == "expired_token"
    late = typed(visitor(kiosk), started["user_code"])
    assert (late.status, late.error) == (400, INVALID)
    # Whoever had the page open comes too late as well, and nobody is prompted.
    consent = browser.submit(confirm.page.form("/activate/confirm"))
    if consent.page.error is None:
        answer = browser.submit(consent.page.form("/authorize/start"), identifier=person.kidc)
        assert answer.page.error and answer.page.find(class_="number") is None
    assert told(kiosk, started) == "expired_token"


def test_somebody_says_no_on_the_page(kiosk):
    started = begin(kiosk)
    browser = visitor(kiosk)
    confirm = typed(browser, started["user_code"])
    stopped = browser.get(confirm.page.find(id="refuse")["href"])
    assert stopped.status == 200 and stopped.location is None
    assert told(kiosk, started) == "access_denied"
    assert typed(visitor(kiosk), started["user_code"]).error == INVALID


@pytest.mark.parametrize("action", ["deny", "report"])
def test_somebody_says_no_on_the_phone(kiosk, make_person, action):
    person, started = make_person(), begin(kiosk)
    browser = visitor(kiosk)
    _, waiting = to_waiting(browser, started, person)
    assert told(kiosk, started) == "authorization_pending"
    end = person.decide(browser, waiting, action, None)
    assert end.location is None and end.is_html
    assert told(kiosk, started) == "access_denied"


def test_a_wrong_number_ends_it(kiosk, make_person):
    person, started = make_person(), begin(kiosk)
    _, waiting = to_waiting(visitor(kiosk), started, person)
    transaction = waiting_on(person.device, waiting)
    wrong = next(n for n in transaction["numbers"] if n != number_shown(waiting))
    assert person.device.decide(transaction, number=wrong).status_code != 200
    assert told(kiosk, started) == "access_denied"


def test_tokens_once_and_for_one_person(kiosk, person, make_person):
    started = begin(kiosk)
    first, second = visitor(kiosk), visitor(kiosk)
    later = typed(second, started["user_code"])  # two people have the page open
    _, waiting = to_waiting(first, started, person)
    assert typed(visitor(kiosk), started["user_code"]).error == INVALID, "a second person can join while one is at it"
    consent = second.submit(later.page.form("/activate/confirm"))
    overtaken = second.submit(consent.page.form("/authorize/start"), identifier=make_person().kidc)
    assert overtaken.page.error and overtaken.page.find(class_="number") is None
    done = person.decide(first, waiting, "approve", None)
    assert done.status == 200 and done.location is None and "code=" not in done.url
    body = granted(poll(kiosk, started))
    _, claims = kiosk.provider.id_token(body["id_token"], kiosk.id)
    assert kiosk.claims(body["access_token"])["name_km"] == person.citizen.person["name_km"]
    assert claims["aud"] in (kiosk.id, [kiosk.id])
    assert told(kiosk, started) == "invalid_grant", "the same device code gave tokens twice"
    assert typed(visitor(kiosk), started["user_code"]).error == INVALID


def test_whose_code_it_is(kiosk, registrar, once):
    other = registrar.add("kiosk-other", **KIOSK)
    started = begin(kiosk)
    assert told(other, started) == "invalid_grant"
    assert told(kiosk, {"device_code": secrets.token_urlsafe(32)}) == "invalid_grant"
    assert told(kiosk, {"device_code": started["user_code"]}) == "invalid_grant"
    assert told(kiosk, {"device_code": None}) == "invalid_request"
    plain = registrar.add("kiosk-none", **LEGACY)
    assert oauth_error(plain.post("device_authorization_endpoint", {"scope": "openid"})) == "unauthorized_client"
    keyed = registrar.add("kiosk-keyed", **(SECURE | {"grant_types": [DEVICE], "response_types": [], "redirect_uris": []}))
    oauth_error(keyed.post("device_authorization_endpoint", {"scope": "openid"}, auth="none"), "invalid_client")
    mine = begin(keyed)
    oauth_error(keyed.post("token_endpoint", {"grant_type": DEVICE, "device_code": mine["device_code"]}, auth="none"), "invalid_client")
    assert told(keyed, mine) == "authorization_pending"


# The code page without JavaScript


def test_how_a_code_may_be_typed(kiosk):
    """Section 6.1: in any case and with any punctuation."""
    started = begin(kiosk)
    code = started["user_code"]
    plain = code.replace("-", "")
    for text in (plain.lower(), f"  {code.lower()} ", " ".join(plain), f"{plain[:4]}\u2013{plain[4:]}"):
        page = typed(visitor(kiosk), text)
        assert page.status == 200 and page.page.find(id="user-code").text == code, f"{text!r}: {page.status} {page.error}"


@pytest.mark.parametrize("code", [
    "", "BCDF", "BCDF-GHJ", "BCDF-GHJKL", "AEIO-UAEI", "12345678", "កខគឃងចឆជ", "B" * 5000, "<script>alert(1)</script>", "' OR 1=1 --", "BCDF\u0000GHJK",
])
def test_wrong_codes(kiosk, code):
    """The page again, with the error at the field, and nothing typed becomes markup."""
    answer = typed(visitor(kiosk), code)
    assert answer.status == 400 and answer.is_html and "<script>alert" not in answer.text
    if answer.page.error == INVALID:
        field = answer.page.find("input", id="user_code")
        assert all(answer.page.find(id=name) for name in field["aria-describedby"].split()) and answer.page.find(role="alert")


def test_wrong_codes_are_limited(kiosk):
    """Section 5.1: whoever guesses is stopped long before 20^8 codes, and learns nothing any more; others go on."""
    started, guesser, tries = begin(kiosk), visitor(kiosk), 0
    form = guesser.get("/activate").page.form("/activate")
    alphabet = "BCDFGHJKLMNPQRSTVWXZ"
    while tries < 60:
        answer = guesser.submit(form, user_code="".join(secrets.choice(alphabet) for _ in range(8)))
        if answer.status == 429:
            break
        assert answer.status == 400
        tries += 1
    assert 3 <= tries <= 30, f"{tries} wrong codes before the limit"
    right = guesser.submit(form, user_code=started["user_code"])
    assert right.status == 429 and right.page.find(id="user-code") is None, "a guesser past the limit learns which code is right"
    fresh = Browser(kiosk.provider.base, "en", guesser.session.adapters["http://"].address)
    assert typed(fresh, started["user_code"]).status == 429, "the limit goes away with the cookies"
    assert typed(visitor(kiosk), started["user_code"]).status == 200, "the limit of one holds for others"


def test_one_code_is_not_tried_for_ever(kiosk):
    """From however many addresses."""
    started = begin(kiosk)
    answers = [typed(visitor(kiosk), started["user_code"]).status for _ in range(12)]
    assert answers[0] == 200 and answers[-1] == 429, answers


def test_a_link_types_the_code_and_no_more(kiosk):
    """Sections 3.3.1 and 5.4: the person compares the code with the device before anything goes on."""
    started = begin(kiosk)
    browser = visitor(kiosk)
    page = browser.get(started["verification_uri_complete"])
    assert page.status == 200 and page.page.find("input", id="user_code")["value"] == started["user_code"]
    assert page.page.find(id="user-code") is None
    confirm = browser.submit(page.page.form("/activate"))
    assert confirm.page.find(id="user-code").text == started["user_code"] and confirm.page.find(id="activate-warning")
    odd = visitor(kiosk).get("/activate?user_code=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
    assert odd.status in (200, 400) and "<script>alert" not in odd.text


def test_another_browser_cannot_confirm(kiosk):
    """Login CSRF: an attacker's confirmation sent by somebody else's browser, or from another site."""
    mine, theirs = visitor(kiosk), visitor(kiosk)
    confirm = typed(mine, begin(kiosk)["user_code"])
    theirs.get("/activate")
    stolen = theirs.submit(confirm.page.form("/activate/confirm"))
    assert stolen.status in (400, 403, 409, 410) and stolen.page.error and not [f for f in stolen.page.forms if "/authorize" in f.action]
    request = dict(confirm.page.form("/activate/confirm").fields)
    foreign = mine.send("POST", "/activate/confirm", data=request, headers={"Origin": "https://evil.example"})
    assert foreign.status == 403
    foreign = mine.send("POST", "/activate", data={"user_code": begin(kiosk)["user_code"]}, headers={"Origin": "https://evil.example"})
    assert foreign.status == 403 and foreign.page.find(id="user-code") is None


# In Chromium


@pytest.mark.parametrize("language", ["km", "en"])
def test_the_pages_at_360_px(kiosk, make_person, chrome, language):
    person, started, faults = make_person(), begin(kiosk), []
    c = chrome(language=language, width=360, height=800)

    def look(name):
        assert c.lang == language
        c.judge(f"device-{language}-{name}", faults)
        c.size(360, 800)

    c.get(started["verification_uri"])
    look("1-code")
    c.type("#user_code", "bcdf ghjz")
    c.click("#activate button[type=submit]")
    c.wait("#error")
    assert c.one("#user_code").get_attribute("value") == "bcdf ghjz", "what was typed is lost"
    look("2-wrong")
    faults = [f for f in faults if "status of 400" not in f]
    c.type("#user_code", " " + started["user_code"].lower().replace("-", "  "))
    c.click("#activate button[type=submit]")
    shown = c.wait("#user-code")
    assert shown.text == started["user_code"]
    name = kiosk.record["client_name"][language]
    assert name in c.text, f"{name} is not on the page that asks to confirm"
    look("3-confirm")
    c.click("#confirm button[type=submit]")
    c.wait("#identifier")
    look("4-consent")
    c.type("#identifier", person.kidc)
    c.click("form[action='/authorize/start'] button[type=submit]")
    number = int(re.search(r"\d\d", c.wait(".number").text).group(0))
    look("5-waiting")
    assert told(kiosk, started) == "authorization_pending"
    transaction = person.device.transactions(wait=5)[0]
    assert name in json.dumps(transaction["details"], ensure_ascii=False)
    assert person.device.decide(transaction, number=number).status_code == 200
    c.until(lambda: not c.all(".number"), seconds=30, what="the page going on by itself")
    assert "code=" not in c.url and not c.all("form[action^='/authorize']")
    look("6-done")
    body = granted(poll(kiosk, started))
    assert kiosk.claims(body["access_token"])["name_km"] == person.citizen.person["name_km"]
    assert not faults, "\n".join(faults)


def test_the_language_can_be_changed(kiosk, chrome):
    """On either page, without losing the way to the code."""
    started = begin(kiosk)
    c = chrome(language="km", width=360, height=800)
    c.get(started["verification_uri_complete"])
    link = c.one("a[hreflang=en], a[lang=en], a[href*='lang=en']")
    c.driver.execute_script("arguments[0].click()", link)
    c.until(lambda: c.lang == "en", what="English")
    assert c.all("#user_code"), c.text[:200]
