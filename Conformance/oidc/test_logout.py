"""RP-initiated and back-channel logout: rows LO-02 to LO-17."""

import re
import secrets
import time
from urllib.parse import urlencode

import pytest
from joserfc import jws

from support.provider import LOGIN_ERRORS, split_location
from support.registrations import LEGACY
from support.relying_party import compact, decoded, new_key, silent, unsigned

EVENT = "http://schemas.openid.net/event/backchannel-logout"


@pytest.fixture
def rp(registrar, once, listener):
    def make():
        return registrar.add(
            "logout", **LEGACY, post_logout_redirect_uris=["https://logout.example/bye"],
            backchannel_logout_uri=listener.url + "/logout", backchannel_logout_session_required=True,
        )

    return once("logout", make)


@pytest.fixture
def session(rp, person, listener):
    """A browser, logged in, and the ID token."""
    listener.serve("/logout", "", kind="text/plain")
    browser = person.browser()
    back = person.log_in(rp, browser=browser)
    body = rp.tokens(back)
    _, claims = rp.provider.id_token(body["id_token"], rp.id, nonce=back.request["nonce"])
    assert silent(rp, browser).error is None, "no single sign-on before the logout"
    return browser, body["id_token"], claims


def leave(rp, browser, method="GET", follow=True, **parameters):
    address = rp.provider.endpoint("end_session_endpoint")
    if method == "GET":
        return browser.get(address + ("?" + urlencode(parameters) if parameters else ""), follow=follow)
    return browser.send("POST", address, data=parameters, follow=follow)


def confirm(browser, answer):
    """Says yes on the page that asks."""
    for _ in range(3):
        if answer.location or not answer.is_html or answer.page.error:
            return answer
        form = next((f for f in answer.page.forms if "logout" in f.action), None)
        if form is None:
            return answer
        answer = browser.submit(form)
    return answer


def gone(rp, browser):
    back = silent(rp, browser)
    assert back.error in LOGIN_ERRORS, back.values


def not_sent_away(answer):
    assert answer.location is None or not answer.location.startswith("https://"), answer.location
    assert answer.status < 500


def page_says_so(answer):
    assert answer.location is None and answer.status == 200 and answer.is_html and not answer.page.error
    assert re.search(r"logged out|signed out|ចាកចេញ", answer.page.text, re.I), answer.page.text[:300]


def test_LO_02_rp_initiated_logout(rp, session):
    browser, hint, _ = session
    answer = leave(rp, browser, id_token_hint=hint, post_logout_redirect_uri="https://logout.example/bye", state="kept 1&2")
    answer = confirm(browser, answer)
    assert answer.status in (302, 303) and answer.location, answer.page.text[:300]
    address, query, fragment = split_location(answer.location)
    assert address == "https://logout.example/bye" and query == {"state": "kept 1&2"} and not fragment
    gone(rp, browser)


def test_LO_02_rp_initiated_logout_by_post(rp, session):
    browser, hint, _ = session
    answer = leave(rp, browser, "POST", id_token_hint=hint, post_logout_redirect_uri="https://logout.example/bye", state="s")
    assert confirm(browser, answer).location == "https://logout.example/bye?state=s"
    gone(rp, browser)


def test_LO_03_bad_post_logout_redirect_uri(rp, session):
    browser, hint, _ = session
    answer = leave(rp, browser, id_token_hint=hint, post_logout_redirect_uri="https://logout.example/other", state="s")
    not_sent_away(answer)
    not_sent_away(confirm(browser, answer))


def test_LO_04_modified_id_token_hint(rp, session):
    browser, hint, claims = session
    forged = unsigned(claims)
    answer = leave(rp, browser, id_token_hint=forged, post_logout_redirect_uri="https://logout.example/bye", state="s")
    not_sent_away(answer)
    assert hint != forged


def test_LO_05_no_id_token_hint(rp, session):
    browser, _, _ = session
    answer = leave(rp, browser, post_logout_redirect_uri="https://logout.example/bye", state="s")
    not_sent_away(answer)
    assert answer.is_html
    if not answer.page.error:
        assert any("logout" in form.action for form in answer.page.forms), "the person is not asked"


def test_LO_06_no_params(rp, session):
    browser, _, _ = session
    page_says_so(confirm(browser, leave(rp, browser)))
    gone(rp, browser)


def test_LO_07_no_post_logout_redirect_uri(rp, session):
    browser, hint, _ = session
    page_says_so(confirm(browser, leave(rp, browser, id_token_hint=hint)))
    gone(rp, browser)


def test_LO_08_no_state(rp, session):
    browser, hint, _ = session
    answer = confirm(browser, leave(rp, browser, id_token_hint=hint, post_logout_redirect_uri="https://logout.example/bye"))
    assert answer.location == "https://logout.example/bye"
    gone(rp, browser)


def test_LO_09_only_state(rp, session):
    browser, _, _ = session
    page_says_so(confirm(browser, leave(rp, browser, state="s")))
    gone(rp, browser)


def test_LO_10_query_added_to_post_logout_redirect_uri(rp, session):
    browser, hint, _ = session
    answer = leave(rp, browser, id_token_hint=hint, post_logout_redirect_uri="https://logout.example/bye?foo=bar")
    not_sent_away(answer)
    not_sent_away(confirm(browser, answer))


def test_LO_11_bad_id_token_hint(rp, session):
    browser, hint, claims = session
    head = jws.extract_compact(hint.encode()).headers()
    foreign = compact({"alg": "RS256", "kid": head["kid"], "typ": "JWT"}, claims, new_key("RS256"))
    answer = leave(rp, browser, id_token_hint=foreign, post_logout_redirect_uri="https://logout.example/bye", state="s")
    not_sent_away(answer)


def test_LO_11_hint_of_another_client(rp, registrar, once, person):
    """A hint names its client; the address must be registered for that one."""
    other = once("logout-other", lambda: registrar.add("logout-other", **LEGACY))
    browser = person.browser()
    hint = other.tokens(person.log_in(other, browser=browser))["id_token"]
    answer = leave(rp, browser, id_token_hint=hint, post_logout_redirect_uri="https://logout.example/bye")
    not_sent_away(answer)
    answer = leave(rp, browser, id_token_hint=hint, client_id=rp.id, post_logout_redirect_uri="https://logout.example/bye")
    not_sent_away(answer)


def test_LO_05_a_foreign_page_logs_nobody_out(rp, session):
    """Without a hint a GET from anywhere (an image, say) must leave the session alone until the person says yes."""
    browser, _, _ = session
    leave(rp, browser)
    assert silent(rp, browser).error is None


def logout_token(rp, request, claims):
    assert request.method == "POST"
    assert request.headers["Content-Type"].split(";")[0] == "application/x-www-form-urlencoded"
    assert set(request.form) == {"logout_token"}
    header, token = rp.provider.verified(request.form["logout_token"])
    now = time.time()
    assert header["typ"] == "logout+jwt" and header["alg"] != "none"
    assert token["iss"] == rp.provider.issuer and token["aud"] in (rp.id, [rp.id])
    assert now - 86400 < token["iat"] <= now + 2 and isinstance(token["jti"], str) and token["jti"]
    assert token["exp"] > now
    assert token["events"] == {EVENT: {}} and "nonce" not in token
    assert token["sub"] == claims["sub"] and token["sid"] == claims["sid"]
    return token


def test_LO_13_backchannel_rp_initiated_logout(rp, session, listener):
    browser, hint, claims = session
    before = len(listener.requests("/logout"))
    answer = leave(rp, browser, id_token_hint=hint, post_logout_redirect_uri="https://logout.example/bye", state="s")
    assert confirm(browser, answer).location == "https://logout.example/bye?state=s"
    request = listener.wait("/logout", before + 1)[before]
    logout_token(rp, request, claims)
    gone(rp, browser)


def test_LO_13_retries_and_no_redirects(rp, session, listener):
    """A relying party that is away for a moment hears of it later; a redirect is not followed."""
    browser, hint, claims = session
    before = len(listener.requests("/logout"))
    answers = iter([(503, {}, ""), (302, {"Location": listener.url + "/elsewhere"}, "")])
    listener.routes["/logout"] = lambda _: next(answers, (200, {}, ""))
    confirm(browser, leave(rp, browser, id_token_hint=hint))
    arrived = listener.wait("/logout", before + 2, seconds=30)[before:]
    tokens = [logout_token(rp, request, claims) for request in arrived]
    assert not listener.requests("/elsewhere"), "a redirect was followed"
    assert len({token["sid"] for token in tokens}) == 1


def withdraw(person):
    """Withdraws the person's newest consent in the portal."""
    portal, home = person.citizen.portal()
    pages = [home, portal.get("/app/consents")]
    for link in [a["href"] for page in pages if page.is_html for a in page.page.find_all("a")]:
        if link and "/consents/" in link:
            pages.append(portal.get(link))
    forms = [f for page in pages if page.is_html for f in page.page.forms if "withdraw" in f.action or "revoke" in f.action]
    assert forms, "no consent to withdraw in the portal"
    answer = portal.submit(forms[0])
    for form in answer.page.forms if answer.is_html else []:  # a page that asks once more
        if "withdraw" in form.action or "revoke" in form.action:
            answer = portal.submit(form)
            break
    assert answer.status < 400


def test_LO_13_a_revoked_consent_is_told(rp, make_person, listener):
    """1.3, additions: logout reaches the relying party when the person withdraws in the portal."""
    listener.serve("/logout", "", kind="text/plain")
    person = make_person()
    body = rp.tokens(person.log_in(rp))
    claims = decoded(body["id_token"])
    before = len(listener.requests("/logout"))
    withdraw(person)
    assert rp.userinfo(body["access_token"]).status_code == 401, "the consent still holds"
    logout_token(rp, listener.wait("/logout", before + 1)[before], claims)


def test_LO_13_every_relying_party_of_the_session(rp, registrar, once, session, person, listener):
    """A logout that one relying party begins reaches the others of the same browser session; a refusal does not stop later ones."""
    other = once("logout-third", lambda: registrar.add("logout-third", **LEGACY, post_logout_redirect_uris=["https://third.example/bye"]))
    browser, _, claims = session
    for answer in ((400, {}, ""), (200, {}, "")):
        listener.routes["/logout"] = answer
        before = len(listener.requests("/logout"))
        back = person.log_in(other, browser=browser)
        hint = other.tokens(back)["id_token"]
        confirm(browser, leave(other, browser, id_token_hint=hint, post_logout_redirect_uri="https://third.example/bye"))
        logout_token(rp, listener.wait("/logout", before + 1)[before], claims)
        browser = person.browser()
        again = person.log_in(rp, browser=browser)
        claims = decoded(rp.tokens(again)["id_token"])


def test_LO_13_session_identifier(rp, session):
    """sid is in the ID token, hard to guess, and another browser has another one."""
    _, _, claims = session
    assert len(claims["sid"]) >= 16 and claims["sid"] != secrets.token_urlsafe(16)


def test_LO_15_frontchannel_rp_initiated_logout(metadata):
    if not metadata.get("frontchannel_logout_supported"):
        pytest.skip("optional: browsers block the cookies that front-channel logout needs")
    pytest.fail("front-channel logout is advertised: its row needs a test")


def test_LO_17_session_management_rp_initiated_logout(metadata):
    if "check_session_iframe" not in metadata:
        pytest.skip("optional: browsers block the cookies that session management needs")
    pytest.fail("session management is advertised: its row needs a test")


def test_LO_13_a_lost_phone_is_told(rp, make_person, officer, listener):
    """1.3, additions: logout reaches the relying party when the device that approved is blocked, and its tokens are dead."""
    listener.serve("/logout", "", kind="text/plain")
    person = make_person()
    body = rp.tokens(person.log_in(rp))
    claims = decoded(body["id_token"])
    before = len(listener.requests("/logout"))
    page = officer.person(person.citizen.kidc)
    form = next(f for f in page.page.forms if f.action.endswith("/recoveries"))
    assert officer.browser.submit(form, reason="lost", seen="khmerIDCard", present="yes").status == 200
    assert rp.userinfo(body["access_token"]).status_code == 401, "the grant still holds"
    logout_token(rp, listener.wait("/logout", before + 1, seconds=60)[before], claims)
