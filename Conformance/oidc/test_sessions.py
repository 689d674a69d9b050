"""1.3, additions: the page "where am I logged in", and logout from another browser."""

import re

import pytest

from oidc.test_logout import EVENT, gone
from support.browser import Browser
from support.provider import LOGIN_ERRORS
from support.registrations import LEGACY
from support.relying_party import decoded, silent

CHROME = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:127.0) Gecko/20100101 Firefox/127.0"


@pytest.fixture
def rp(registrar, once, listener):
    def make():
        return registrar.add(
            "sessions", **LEGACY, backchannel_logout_uri=listener.url + "/sessions", backchannel_logout_session_required=True,
        )

    listener.serve("/sessions", "", kind="text/plain")
    return once("sessions", make)


class Place:
    """A browser in which the person logged in at the relying party."""

    def __init__(self, rp, person, agent):
        self.rp, self.browser = rp, person.browser()
        self.browser.session.headers["User-Agent"] = agent
        back = person.log_in(rp, browser=self.browser)
        body = rp.tokens(back)
        self.access_token, self.claims = body["access_token"], decoded(body["id_token"])

    def still_works(self):
        assert silent(self.rp, self.browser).error is None
        assert self.rp.userinfo(self.access_token).status_code == 200


@pytest.fixture
def places(rp, make_person):
    person = make_person()
    return person, Place(rp, person, CHROME), Place(rp, person, FIREFOX)


def logins(page):
    """Text and form by session, as the page shows them."""
    return {
        card["data-session"]: (card.text, next(f for f in page.page.forms if card["data-session"] in f.action))
        for card in page.page.find_all("article") if card["data-session"]
    }


def told(rp, listener, before, count):
    """The claims of the logout tokens that arrived since."""
    found = listener.wait("/sessions", before + count)[before:]
    tokens = [rp.provider.verified(request.form["logout_token"]) for request in found]
    assert all(header["typ"] == "logout+jwt" and claims["events"] == {EVENT: {}} for header, claims in tokens)
    return [claims for _, claims in tokens]


def test_LO_13_logout_from_another_browser(rp, places, listener):
    person, phone, desk = places
    portal, home = person.citizen.portal()
    link = next(a["href"] for a in home.page.find_all("a") if a["href"] == "/app/sessions")
    shown = logins(portal.get(link))
    assert len(shown) == 3, "the two, and this browser"
    chrome = [(text, form) for text, form in shown.values() if "Chrome on Android" in text]
    firefox = [text for text, _ in shown.values() if "Firefox on Windows" in text]
    assert len(chrome) == len(firefox) == 1 and "Judge sessions" in chrome[0][0] and "Judge sessions" in firefox[0]
    before = len(listener.requests("/sessions"))
    asked = portal.submit(chrome[0][1])
    phone.still_works()  # nothing has ended before the person says yes
    done = portal.submit(asked.page.form(chrome[0][1].action), confirm="yes")
    assert done.status == 200 and "The login has ended" in done.page.text
    assert len(logins(done)) == 2 and "Chrome on Android" not in done.page.text
    claims = told(rp, listener, before, 1)
    assert [c["sid"] for c in claims] == [phone.claims["sid"]] and claims[0]["sub"] == phone.claims["sub"]
    gone(rp, phone.browser)
    assert rp.userinfo(phone.access_token).status_code == 401
    desk.still_works()
    assert len(listener.requests("/sessions")) == before + 1


def test_LO_13_logout_everywhere(rp, places, listener):
    person, phone, desk = places
    portal, _ = person.citizen.portal()
    page = portal.get("/app/sessions")
    before = len(listener.requests("/sessions"))
    done = portal.submit(portal.submit(page.page.form("/app/sessions/end")).page.form("/app/sessions/end"), confirm="yes")
    assert "All logins have ended" in done.page.text
    sids = {claims["sid"] for claims in told(rp, listener, before, 2)}
    assert sids == {phone.claims["sid"], desk.claims["sid"]}
    for place in (phone, desk):
        assert silent(rp, place.browser).error in LOGIN_ERRORS
    assert "/app/logout" not in {form.action for form in portal.get("/app").page.forms}, "the portal is closed, too"


def test_LO_13_nobody_ends_what_is_not_theirs(rp, places, make_person):
    _, phone, desk = places
    other = make_person()
    thief = Place(rp, other, FIREFOX)
    portal, _ = other.citizen.portal()
    own, (_, form) = next(iter(logins(portal.get("/app/sessions")).items()))
    victim, _ = places[0].citizen.portal()
    theirs = next(iter(logins(victim.get("/app/sessions"))))
    assert own != theirs
    form.action = form.action.replace(own, theirs)
    form.names.add("confirm")  # straight to the second step
    answer = portal.submit(form, confirm="yes")
    assert "had ended already" in answer.page.text
    for place in (phone, desk, thief):
        place.still_works()
    stranger = Browser(rp.provider.base)
    assert stranger.send("POST", f"/app/sessions/{theirs}/end", data={"confirm": "yes"}).status in (401, 403)
    assert stranger.get(f"/app/sessions/{theirs}/end").status == 405
    desk.still_works()


def test_LO_13_the_page_in_khmer_has_khmer_digits(rp, places):
    portal, _ = places[0].citizen.portal(language="km")
    page = portal.get("/app/sessions")
    assert page.page.find("html")["lang"] == "km" and "ខ្ញុំបានចូលនៅកន្លែងណា" in page.page.text
    facts = " ".join(item.text for item in page.page.find_all("dd"))
    assert re.search("[០-៩]", facts) and "Chrome លើ Android" in page.page.text
