"""Every page that a citizen meets, alone or at an officer's counter, in Khmer and in English, at 360 and at 1280 pixels: nothing is cut off, nothing
overlaps, nothing sticks out, axe finds nothing.

With RUMDUL_SCREENSHOTS=folder each page is also kept as a picture: `make screens` fills docs/screens. A new page is one function more, marked
with `@page("name")`: it brings Chromium to the page in the language that it is given."""

import os
import tempfile
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
import requests

from support import screens
from support.chrome import Chrome
from support.clients import register, registration
from support.login import ask
from support.officer import Officer
from support.program import Demo
from support.virtual_authenticator import VirtualAuthenticator
from test_assisted import Terminal, add_clerk, issue
from test_inclusion import print_sheet

DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
FOLDER = os.environ.get("RUMDUL_SCREENSHOTS")
WIDTHS = (360, 1280)
LANGUAGES = ("km", "en")
PAGES = {}


def page(name):
    def take(function):
        PAGES[name] = function
        return function

    return take


class Scene:
    """A person with a history, somebody with codes on paper, and Chromium in one language."""

    def __init__(self, demo, citizen, client, enrol):
        self.demo, self.citizen, self.client, self.base = demo, citizen, client, demo.url
        self.visitor, self.chrome, self.language, self.portal = enrol(), None, None, None
        self.with_history(enrol)
        self.with_counter()

    def with_history(self, enrol):
        """Logins at services, a passkey, requests for correction in every state, printed codes."""
        self.citizen.log_in(self.client, scope="openid profile phone")
        desk = {role: Officer(self.base, self.demo.officer(role)) for role in ("registrar", "identificationOfficer")}
        portal, _ = self.citizen.portal("km")
        for field, wish, why in [
            ("name_latin", "KEO Sovanmalika", "ស្មៀនសរសេរខ្វះអក្សរ"), ("gender", "ស្រី", "មន្ត្រីចុចខុស"),
            ("birthdate", "១៣ មេសា ១៩៩០", "ដូចក្នុងសំបុត្រកំណើត"),
        ]:
            form = portal.get("/app/corrections").page.form("/app/corrections")
            done = portal.submit(form, field=field, wish=wish, why=why, evidence="សំបុត្រកំណើតលេខ ៤៧១")
            assert done.status == 200, done.error
        first, second = desk["registrar"].browser, desk["identificationOfficer"].browser
        waiting = [a["href"] for a in first.get("/enrol/corrections").page.find_all("a") if (a["href"] or "").startswith("/enrol/corrections/")]
        self.correction, self.first, self.second = waiting, first, second
        first.submit(first.get(waiting[0]).page.form("/propose"), seen="សំបុត្រកំណើត ៤៧១", **{"value-family": "KEO", "value-given": "Sovanmalika"})
        second.submit(second.get(waiting[1]).page.form("/refuse"), reason="សំបុត្រកំណើតសរសេរថា ប្រុស។")
        paper = next(p for p in self.demo.record["persons"] if p["kidc"] not in (self.citizen.kidc, self.visitor.kidc))
        self.paper = paper["kidc"]
        self.codes = print_sheet(Officer(self.base, self.demo.officer()), self.paper)

    def with_counter(self):
        """An officer who assists, an officer who prints cards, somebody with a card, and somebody for every card that is printed."""
        with tempfile.TemporaryDirectory() as folder:
            add_clerk(self.demo, Path(folder), "clerk", self.paper)
        self.terminal, self.desk = Terminal(self.base, "clerk"), Officer(self.base, self.demo.officer())
        used = (self.citizen.kidc, self.visitor.kidc, self.paper)
        rest = iter(p for p in self.demo.record["persons"] if p["kidc"] not in used)
        self.holder = next(rest)
        self.newcomers = {language: next(rest) for language in LANGUAGES}
        self.card = issue(self.desk, self.holder)

    def at_the_counter(self):
        """Chromium as the officer's terminal, a session open, at the page that asks for the card."""
        self.terminal.start()
        self.enter("/authorize?" + urlencode(self.client.parameters("v" * 43)), self.terminal.browser)
        self.press("#card", "#pin")

    def newcomer_page(self, more=""):
        """An officer's page of somebody without a card."""
        self.enter(urlsplit(self.desk.person(self.newcomers[self.language]["kidc"]).url).path + more, self.desk.browser)

    def speak(self, language):
        """Chromium, and the person's portal, in a language."""
        if self.chrome:
            self.chrome.quit()
        self.language, self.chrome = language, Chrome(language=language, width=1280)
        self.portal, _ = self.citizen.portal(language)

    def open(self, path, **query):
        """A page of this server in the language of the scene."""
        self.chrome.get(self.base + path + ("&" if "?" in path else "?") + urlencode(query | {"lang": self.language}))

    def alone(self, path, **query):
        """As somebody whom this browser does not know."""
        self.chrome.get(self.base + "/healthz")
        self.chrome.driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
        self.open(path, **query)

    def enter(self, path, browser=None, **query):
        """As the person who is logged in."""
        self.chrome.get(self.base + "/healthz")
        self.chrome.driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
        for cookie in (browser or self.portal).session.cookies:
            self.chrome.driver.add_cookie({"name": cookie.name, "value": cookie.value, "path": "/"})
        self.open(path, **query)

    def authorize(self):
        """The consent page."""
        self.alone("/authorize?" + urlencode(self.client.parameters("v" * 43, scope="openid profile phone")))
        self.chrome.wait("form[action='/authorize/start']")

    def press(self, selector, wanted):
        self.chrome.click(selector)
        self.chrome.wait(wanted)

    def deny_all(self, who):
        for transaction in who.device.transactions():
            who.device.decide(transaction, action="deny")

    def type_person(self, kidc, wanted=".number"):
        self.chrome.type("#identifier", kidc)
        self.press("form[action='/authorize/start'] button[type=submit]", wanted)

    def kiosk(self):
        """A code that a kiosk shows."""
        answer = requests.post(
            self.base + "/device_authorization", data={"client_id": "kiosk", "scope": "openid profile"}, timeout=20)
        assert answer.status_code == 200, answer.text
        return answer.json()["user_code"]

    def to_the_consent_of_a_kiosk(self):
        self.alone("/activate", user_code=self.kiosk())
        self.press("#activate button", "#confirm")
        self.press("#confirm button", "form[action='/authorize/start']")


# MARK: The app


@page("app-door")
def _(s):
    s.alone("/app")


@page("app-overview")
def _(s):
    s.enter("/app")


@page("app-requests")
def _(s):
    s.deny_all(s.citizen)
    browser = type(s.portal)(s.base, s.language)
    ask(browser, s.client.authorize(browser, scope="openid profile phone"), s.citizen.kidc)
    s.enter("/app/requests")


@page("app-request")
def _(s):
    """Approving in the browser of the phone what the page before has left waiting."""
    s.enter("/app/requests/" + s.citizen.device.transactions()[0]["id"])


@page("app-requests-none")
def _(s):
    s.deny_all(s.citizen)
    s.enter("/app/requests")


@page("app-own-data-ask")
def _(s):
    s.enter("/app/data")


@page("app-own-data")
def _(s):
    s.enter("/app/data")
    s.press("form#show button", "#own-data")


@page("app-corrections")
def _(s):
    s.enter("/app/corrections", field="phone_number")


@page("app-corrections-refused")
def _(s):
    s.enter("/app/corrections")
    s.chrome.driver.execute_script("document.querySelector('#ask').noValidate = true; document.querySelector('#f-field').value = 'birthdate'")
    s.press("#ask button", "[role=alert]")


@page("app-notices")
def _(s):
    s.enter("/app/notices")


@page("app-documents")
def _(s):
    s.enter("/app/documents")


@page("app-notifications")
def _(s):
    s.enter("/app/notifications")


@page("app-passkeys")
def _(s):
    s.enter("/app/passkeys")
    if not s.chrome.all("form[action$='/remove']"):
        VirtualAuthenticator(s.chrome, backup_eligible=True, backed_up=True)
        s.chrome.type("#passkey-name", "ទូរស័ព្ទរបស់ម៉ាក់")
        s.chrome.click("#passkey-add")
        s.chrome.until(lambda: "done=added" in s.chrome.url, what="the new passkey")
        # Or it would answer every consent page from now on, as a browser's own list does.
        s.chrome.driver.execute_cdp_cmd("WebAuthn.disable", {})
    s.open("/app/passkeys")


@page("app-logins")
def _(s):
    s.enter("/app/sessions")


@page("app-offline")
def _(s):
    s.alone("/app/offline")


# MARK: Logging in


@page("login-consent")
def _(s):
    s.authorize()


@page("login-consent-refused")
def _(s):
    s.authorize()
    s.type_person("123", "[data-error], .error")


@page("login-waiting")
def _(s):
    s.deny_all(s.visitor)
    s.authorize()
    s.type_person(s.visitor.kidc)


@page("login-ended")
def _(s):
    """The person said no, at a kiosk: there is no service to go back to."""
    s.to_the_consent_of_a_kiosk()
    s.chrome.click("#refuse")
    s.chrome.until(lambda: "/cancel" in s.chrome.url, what="the end")


@page("login-qr")
def _(s):
    s.authorize()
    s.press("#scan", "#qr")


@page("login-code-who")
def _(s):
    s.authorize()
    s.press("#no-phone", "form[action='/authorize/code/person']")


@page("login-code")
def _(s):
    s.authorize()
    s.press("#no-phone", "form[action='/authorize/code/person']")
    s.chrome.type("#identifier", s.paper)
    s.press("form[action='/authorize/code/person'] button[type=submit]", "#code")


@page("login-error")
def _(s):
    s.alone("/authorize", client_id="nobody")


@page("logout")
def _(s):
    s.enter("/connect/logout")


# MARK: Devices without a keyboard


@page("activate")
def _(s):
    s.alone("/activate", user_code=s.kiosk())


@page("activate-wrong")
def _(s):
    s.alone("/activate")
    s.chrome.type("#user_code", "BBBB-BBBB" if s.language == "km" else "CCCC-CCCC")
    s.press("#activate button", "#error")


@page("activate-confirm")
def _(s):
    s.alone("/activate", user_code=s.kiosk())
    s.press("#activate button", "#confirm")


@page("activate-consent")
def _(s):
    s.to_the_consent_of_a_kiosk()


# MARK: The officers' side of a correction


@page("desk-corrections")
def _(s):
    s.enter("/enrol/corrections", s.second)


@page("desk-correction-first")
def _(s):
    s.enter(s.correction[2], s.first)


@page("desk-correction-second")
def _(s):
    s.enter(s.correction[0], s.second)


# MARK: At a counter, with an officer


@page("assist-start")
def _(s):
    s.terminal.end_if_open()
    s.enter("/enrol/assist", s.terminal.browser)


@page("assist-open")
def _(s):
    s.terminal.start()
    s.enter("/enrol/assist", s.terminal.browser)


@page("assist-start-refused")
def _(s):
    s.terminal.end_if_open()
    s.enter("/enrol/assist", s.terminal.browser)
    s.chrome.type("[name=place]", "99")
    s.press("form[action='/enrol/assist/start'] button", "[role=alert]")


@page("card-consent")
def _(s):
    s.terminal.start()
    s.enter("/authorize?" + urlencode(s.client.parameters("v" * 43, scope="openid profile phone")), s.terminal.browser)
    s.chrome.wait("#assisted")


@page("card-login")
def _(s):
    s.at_the_counter()


@page("card-login-field-refused")
def _(s):
    """What the browser itself refuses."""
    s.at_the_counter()
    s.chrome.type("#card", s.card)
    s.chrome.type("#pin", "12345")
    s.press("form[data-card] button", "#e-pin")


@page("card-login-refused")
def _(s):
    s.at_the_counter()
    s.chrome.type("#card", s.card)
    s.chrome.type("#pin", "730246")
    s.press("form[data-card] button", "#error")
    s.terminal.log_in(s.client, s.card)


@page("assist-used")
def _(s):
    s.terminal.start()
    s.terminal.log_in(s.client, s.card)
    s.enter("/enrol/assist", s.terminal.browser)


@page("card-print-ask")
def _(s):
    s.newcomer_page()
    s.chrome.wait("#f-card-seen")


@page("card-printed")
def _(s):
    s.newcomer_page()
    s.chrome.driver.execute_script(
        "document.querySelector('#f-card-seen').value='khmerIDCard'; document.querySelector('#f-card-present').checked=true;")
    s.press("form[action$='/cards'] button", "#card-text")
    s.printed = s.chrome.one("#card-text").text


@page("card-pin")
def _(s):
    s.newcomer_page("/cards/pin")
    s.chrome.wait("form[data-card]")


@page("card-pin-refused")
def _(s):
    s.newcomer_page("/cards/pin")
    s.chrome.type("#f-card", s.printed)
    s.chrome.type("#f-pin", "123456")
    s.chrome.type("#f-again", "123456")
    s.press("form[data-card] button", "#e-f-pin")


@page("card-pin-other-card")
def _(s):
    """What the server refuses: a card of somebody else."""
    s.newcomer_page("/cards/pin")
    s.chrome.type("#f-card", s.card)
    s.chrome.type("#f-pin", "274951")
    s.chrome.type("#f-again", "274951")
    s.press("form[data-card] button", "[data-error] .notice.bad")


# MARK: The judge


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """Under a name, because passkeys need one."""
    program = Demo(tmp_path_factory.mktemp("rumdul") / "demo", "--host", "localhost")
    yield program
    if program.alive:
        program.stop()


@pytest.fixture(scope="module")
def scene(demo, client, enrol, tmp_path_factory):
    register(demo, tmp_path_factory.mktemp("kiosk"), registration(
        "kiosk", token_endpoint_auth_method="none", redirect_uris=[], response_types=[], grant_types=[DEVICE],
        client_name={"km": "ម៉ាស៊ីនបម្រើសេវានៅសាលាខណ្ឌ", "en": "Kiosk at the district hall"}))
    made = Scene(demo, enrol(), client, enrol)
    yield made
    if made.chrome:
        made.chrome.quit()


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_screen(scene, language, name):
    if scene.language != language:
        scene.speak(language)
    scene.chrome.size(WIDTHS[-1], 900)
    PAGES[name](scene)
    assert scene.chrome.lang == language or name == "app-offline", f"{name} is in {scene.chrome.lang}"
    found = []
    for width in WIDTHS:
        found += [f"{width} px: {fault}" for fault in screens.faults(scene.chrome, width)]
        if FOLDER:
            screens.picture(scene.chrome, width, Path(FOLDER) / f"{name}-{language}-{width}.png")
    assert not found, "\n".join(found)


def test_every_page_of_the_app_is_among_them(scene):
    """Whoever adds a place to the navigation adds its picture."""
    home = scene.portal.get("/app") if scene.portal else scene.citizen.portal()[0].get("/app")
    places = {a["href"] for a in home.page.find("nav").find_all("a")}
    source = Path(__file__).read_text()
    missing = [place for place in places if f's.enter("{place}"' not in source]
    assert places and not missing, missing
