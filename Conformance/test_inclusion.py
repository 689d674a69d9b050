"""People without a phone, lost phones, and officers who watch each other."""

import re

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import KeySet

from support.browser import Browser
from support.login import callback
from support.officer import Officer

AAL1 = "urn:kh:camdigikey:aal:1"


def officer_named(demo, name):
    return next(o for o in demo.record["officers"] if o["username"] == name)


def print_sheet(officer, kidc):
    """A sheet of codes as an officer prints it: {number: code}."""
    person = officer.person(kidc)
    form = next(f for f in person.page.forms if f.action.endswith("/codes"))
    sheet = officer.browser.submit(form, seen="khmerIDCard", present="yes")
    assert sheet.status == 200, f"{sheet.status} {sheet.error}"
    assert "no-store" in sheet.headers["Cache-Control"]
    codes = dict(re.findall(r'<th scope="row">(\d+)</th><td><b>(\d{4} \d{4})</b>', sheet.text))
    assert len(codes) == 20
    return {int(number): code for number, code in codes.items()}


def ask_for_code(client, kidc, browser=None, **changes):
    """From the relying party's request to the page that asks for a numbered code."""
    browser = browser or Browser(client.base)
    consent = client.authorize(browser, **changes)
    pairs = consent.page.form("/authorize/start").filled()
    person = browser.send("POST", "/authorize/code", data=pairs, headers={"Origin": client.base})
    assert person.status == 200, f"{person.status} {person.error}"
    return browser, browser.submit(person.page.form("/authorize/code/person"), identifier=kidc)


def number_asked(page):
    return int(re.search(r'<p class="number"><b>(\d+)</b>', page.text).group(1))


def enter(browser, page, code):
    return browser.submit(page.page.form("/authorize/code/enter"), code=code)


def test_a_person_without_a_phone_logs_in(client, officer, people):
    person = next(people)
    codes = print_sheet(officer, person["kidc"])
    browser, page = ask_for_code(client, person["kidc"])
    number = number_asked(page)
    back = callback(enter(browser, page, codes[number]))
    token = client.token(back["code"]).json()
    keys = KeySet.import_key_set(requests.get(f"{client.base}/jwks", timeout=10).json())
    claims = jwt.decode(token["id_token"], keys, algorithms=["RS256", "ES256"]).claims
    assert claims["acr"] == AAL1 and claims["amr"] == ["otp"] and claims["auth_time"]
    info = client.userinfo(token["access_token"]).json()
    assert info["name_km"] == person["name_km"]
    # The browser is in no session: a shared computer asks again.
    assert client.authorize(browser).page.form("/authorize/start")
    # The same code again fails, and the page asks for another number.
    browser, page = ask_for_code(client, person["kidc"])
    assert number_asked(page) != number
    refused = enter(browser, page, codes[number])
    assert refused.status == 403 and refused.error == "authorize.code_refused"


def test_five_wrong_tries_lock_and_an_officer_unlocks(client, officer, people):
    person = next(people)
    codes = print_sheet(officer, person["kidc"])
    browser, page = ask_for_code(client, person["kidc"])
    right = codes[number_asked(page)]
    for _ in range(5):
        page = enter(browser, page, "00000000" if right != "0000 0000" else "11111111")
        assert page.error == "authorize.code_refused"
    assert enter(browser, page, right).error == "authorize.code_refused"
    shown = officer.person(person["kidc"])
    assert "Locked" in shown.page.text
    form = next(f for f in shown.page.forms if "/codes/sheet." in f.action)
    assert officer.browser.submit(form, reason="person_request", action="unlock").status == 200
    assert "code" in callback(enter(browser, page, right))


def test_unknown_people_get_the_same_pages(client, officer, people):
    person = next(people)
    pages = []
    for kidc in (person["kidc"], "9" * 10):
        browser = Browser(client.base)
        try:
            browser, page = ask_for_code(client, kidc, browser)
        except AssertionError:
            pytest.fail("the pages differ")
        if page.status == 400:
            # Not a number that could exist: its check digit is wrong.
            assert page.error == "authorize.identifier_invalid"
            continue
        refused = enter(browser, page, "12345678")
        pages.append((refused.status, refused.error))
    assert set(pages) == {(403, "authorize.code_refused")}


def test_a_clerk_without_the_right_prints_nothing(demo, base):
    from support.html import Page  # noqa: F401  (the console refuses already at its door)

    account = officer_named(demo, "vibol")
    browser = Browser(base)
    login = browser.get("/enrol")
    answer = browser.submit(login.page.form("/enrol/login"), username=account["username"], password=account["password"])
    assert answer.status == 403 and answer.error == "officer.forbidden"
