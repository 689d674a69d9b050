"""The full push login: one browser waits at a relying party's login, another one is the phone. The phone's service worker receives an encrypted
message by way of this suite's own push service, the person opens the notification, picks the number and touches the passkey; the first
browser goes on by itself."""

import json
import re
import time
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
import websocket

from fido.test_passkeys_in_chromium import add_passkey, log_in_by_device
from support.listener import Listener
from support.login import Client
from support.phone import PHONE, PasskeyPhone
from support.program import Demo
from support.relying_party import decoded
from support.virtual_authenticator import VirtualAuthenticator


@pytest.fixture(scope="module")
def service():
    """The relying party's own server: it notes when a browser comes back."""
    made = Listener()
    made.arrivals = {}

    def callback(request):
        values = {name: value[0] for name, value in parse_qs(urlsplit(request.path).query).items()}
        made.arrivals[values.get("state")] = (time.time(), values)
        return 200, {"Content-Type": "text/html"}, "<!doctype html><title>Service</title><p id='in'>You are in.</p>"

    made.routes["/callback"] = callback
    yield made
    made.stop()


@pytest.fixture(scope="module")
def demo(tmp_path_factory, service):
    """Passkeys need a domain name; messages may go to the loopback interface."""
    program = Demo(
        tmp_path_factory.mktemp("rumdul") / "demo", "--host", "localhost", redirect=service.url + "/callback",
        RUMDUL_PUSH_ALLOW="http://127.0.0.0/8:*", RUMDUL_PUSH_CONTACT="mailto:push@rumdul.example")
    yield program
    if program.alive:
        program.stop()


@pytest.fixture
def client(demo):
    return Client(demo.url, demo.client("test-client"))


class Target:
    """One target of Chromium's debugging protocol: a page, or a service worker."""

    def __init__(self, c, wanted):
        address = c.driver.capabilities["goog:chromeOptions"]["debuggerAddress"]
        found = c.until(lambda: [t for t in requests.get(f"http://{address}/json/list", timeout=10).json() if wanted(t)],
                        what="a target of the debugger")
        self.socket = websocket.create_connection(found[0]["webSocketDebuggerUrl"], timeout=20, suppress_origin=True)
        self.number, self.events = 0, []

    def call(self, method, **parameters):
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("id") == self.number:
                assert "error" not in answer, answer
                return answer["result"]
            self.events.append(answer)

    def evaluate(self, expression):
        done = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in done, done
        return done["result"].get("value")

    def registration(self):
        self.call("ServiceWorker.enable")
        while True:
            for event in self.events:
                for entry in event.get("params", {}).get("registrations", []):
                    return entry["registrationId"]
            self.events.append(json.loads(self.socket.recv()))


class Phone:
    """Chromium as a citizen's phone: a passkey, logged in to /app, notifications turned on."""

    def __init__(self, chrome, demo, citizen, push_service, language, **options):
        self.c, self.base, self.citizen = chrome(language=language, width=360, height=800), demo.url, citizen
        self.c.driver.execute_cdp_cmd("Network.setUserAgentOverride", {"userAgent": PHONE})
        self.c.driver.execute_cdp_cmd("Browser.grantPermissions", {"origin": demo.url, "permissions": ["notifications"]})
        self.authenticator = VirtualAuthenticator(self.c, **options)
        log_in_by_device(self.c, demo, citizen)
        add_passkey(self.c, demo)
        # The form that the page's script sends once the browser has subscribed.
        self.subscription = push_service.subscribe(
            requests.get(f"{demo.url}/app/push/key", timeout=10).json()["applicationServerKey"])
        self.c.get(demo.url + "/app/notifications")
        self.c.driver.execute_script(
            "const form = document.querySelector('form[data-push-on]');"
            "form.elements.subscription.value = arguments[0]; form.submit();", json.dumps(self.subscription.json))
        self.c.until(lambda: "done=push-on" in self.c.url, what="notifications")
        self.c.get(demo.url + "/app")
        self.c.driver.execute_async_script("const done = arguments[arguments.length - 1]; navigator.serviceWorker.ready.then(() => done());")

    def receive(self):
        """What came, encrypted, for the browser behind the push service goes to the worker as its browser would hand it over."""
        (message,) = self.subscription.wait(1)
        # The connections stay: what Chromium does for a debugger that has gone may be given up.
        self.worker = Target(self.c, lambda t: t["type"] == "service_worker" and t["url"].startswith(self.base))
        self.debugger = Target(self.c, lambda t: t["type"] == "page" and t["url"] == self.c.url)
        self.debugger.call("ServiceWorker.deliverPushMessage", origin=self.base,
                           registrationId=self.debugger.registration(), data=message.content.decode())
        return message.content.decode()

    def open_notification(self):
        """The person's tap, in the worker's own context."""
        worker = self.worker
        shown = self.c.until(lambda: worker.evaluate(
            "self.registration.getNotifications().then(l => l.map(n => ({title: n.title, body: n.body, data: n.data})))"),
            what="a notification")
        assert len(shown) == 1 and shown[0]["body"] == "Someone asks for your approval", shown
        worker.evaluate(
            "self.registration.getNotifications().then(l => {"
            " const click = new NotificationEvent('notificationclick', {notification: l[0]});"
            # Only the browser's own events may wait.
            " Object.defineProperty(click, 'waitUntil', {value: work => work});"
            " self.dispatchEvent(click); })")
        assert self.c.until(lambda: worker.evaluate("self.registration.getNotifications().then(l => !l.length)"))
        self.debugger.call("ServiceWorker.enable")
        errors = [e["params"] for e in self.debugger.events if e["method"] == "ServiceWorker.workerErrorReported"]
        # A window may come to the front only after a real tap.
        errors = [e for e in errors if "focus a window" not in json.dumps(e)]
        assert not errors, errors
        return shown[0]

    def pick(self, number):
        self.c.wait("#approve-button")
        box = self.c.one(f".choice input[value='{number}']")
        self.c.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", box)
        box.click()
        assert box.is_selected()

    def begin_here(self, client):
        """A login in the phone's own browser, which is logged in, as far as the number; without the passkey."""
        # Else the browser's own list of passkeys answers on the consent page at once.
        self.authenticator.verified(False)
        values = client.parameters("v" * 43)
        self.c.get(f"{client.base}/authorize?" + urlencode(values))
        self.c.click("form[action='/authorize/start'] button[type=submit]")
        number = int(re.search(r"\d\d", self.c.wait(".number").text).group(0))
        self.authenticator.verified(True)
        return values["state"], urlsplit(self.c.url).path.split("/")[2], number

    def note_answers(self):
        """From now on this page remembers when each of its questions was answered."""
        self.c.driver.execute_script(
            "const ask = window.fetch; window.fetch = (...a) => ask(...a).then(answer => {"
            " sessionStorage.setItem(a[0], performance.timeOrigin + performance.now()); return answer; });")

    def answered(self, path):
        return float(self.c.driver.execute_script("return sessionStorage.getItem(arguments[0])", path)) / 1000


def begin(c, client, citizen, **changes):
    """A login in this browser as far as the number."""
    values = client.parameters("v" * 43, **changes)
    c.get(f"{client.base}/authorize?" + urlencode(values))
    c.type("#identifier", citizen.kidc)
    c.click("form[action='/authorize/start'] button[type=submit]")
    number = int(re.search(r"\d\d", c.wait(".number").text).group(0))
    return values["state"], urlsplit(c.url).path.split("/")[2], number


@pytest.mark.parametrize(
    "options", [{}, {"backup_eligible": True, "backed_up": True}], ids=["bound", "synced"])
def test_a_full_push_login(chrome, demo, client, enrol, push_service, service, options):
    citizen = enrol()
    phone = Phone(chrome, demo, citizen, push_service, "km", **options)
    computer = chrome(language="km")
    state, id, number = begin(computer, client, citizen)
    assert not computer.all("#this-phone"), "a computer is no phone"
    assert phone.receive() == id
    shown = phone.open_notification()
    assert id not in json.dumps(shown), "who sees the locked screen learns nothing"
    phone.c.wait(f"[data-request='{id}']")
    assert urlsplit(phone.c.url).path == f"/app/requests/{id}", "the notification leads to the request"
    phone.c.picture("push-login-phone-km-360")
    assert [n for n in phone.c.all(".choice") if n.is_displayed()], "the script shows the numbers"
    assert not phone.c.one("#approve-no-script").is_displayed()
    phone.note_answers()
    phone.pick(number)
    phone.c.picture("push-login-chosen-km-360")
    phone.c.click("#approve-button")
    phone.c.until(lambda: "done=approved" in phone.c.url, what="the answer to the decision")
    computer.wait("#in")
    arrived, values = service.arrivals[state]
    waited = arrived - phone.answered(f"/app/requests/{id}")
    print(f"\nthe waiting browser was back at the service {waited * 1000:.0f} ms after the answer to the decision")
    claims = decoded(client.token(values["code"]).json()["id_token"])
    assert claims["acr"] == "urn:kh:camdigikey:aal:2" and {"phr", "mfa"} <= set(claims["amr"])
    assert not phone.c.complaints()


def test_a_wrong_number_in_chromium(chrome, demo, client, enrol, push_service, service):
    citizen = enrol()
    phone = Phone(chrome, demo, citizen, push_service, "en")
    computer = chrome(language="en")
    state, id, number = begin(computer, client, citizen)
    phone.c.get(f"{demo.url}/app/requests/{id}")
    wrong = next(n for n in (int(box.get_attribute("value")) for box in phone.c.all(".choice input")) if n != number)
    phone.pick(wrong)
    phone.c.click("#approve-button")
    assert "not the one in the browser" in phone.c.wait("#approve-error").text
    assert phone.c.one("#approve-button").get_attribute("disabled"), "what is over cannot be tried again"
    computer.wait("#in")
    assert service.arrivals[state][1]["error"] == "access_denied"


def test_a_finger_that_is_not_recognised(chrome, demo, client, enrol, push_service):
    citizen = enrol()
    phone = Phone(chrome, demo, citizen, push_service, "en")
    computer = chrome(language="en")
    _, id, number = begin(computer, client, citizen)
    phone.c.get(f"{demo.url}/app/requests/{id}")
    phone.authenticator.verified(False)
    phone.pick(number)
    phone.c.click("#approve-button")
    assert "Nothing was approved" in phone.c.wait("#approve-error").text
    phone.authenticator.verified(True)
    phone.c.click("#approve-button")
    phone.c.until(lambda: "done=approved" in phone.c.url, what="the second touch")
    computer.wait("#in")


def test_on_one_phone(chrome, demo, client, enrol, push_service, service):
    """The link on the waiting page, the number from memory, the touch, and the same browser is back at the service."""
    citizen = enrol()
    phone = Phone(chrome, demo, citizen, push_service, "km")
    state, id, number = phone.begin_here(client)
    phone.c.picture("wait-on-phone-km-360")
    phone.c.click("#this-phone")
    phone.c.wait(f"[data-request='{id}']")
    assert "កម្មវិធីរុករកនេះ" in phone.c.text
    phone.pick(number)
    phone.c.click("#approve-button")
    phone.c.wait("#in")
    assert "code" in service.arrivals[state][1]


@pytest.mark.parametrize("language", ["km", "en"])
def test_the_pages_of_a_request(chrome, demo, client, enrol, push_service, language):
    """axe finds nothing, nothing sticks out at 360 px: the request, its variants, the list, the waiting page of a phone."""
    citizen, faults = enrol(), []
    phone = Phone(chrome, demo, citizen, push_service, language)
    computer = chrome(language=language)
    high = json.dumps({"id_token": {"acr": {"essential": True, "values": ["urn:kh:camdigikey:aal:3"]}}})
    _, plain, _ = begin(computer, client, citizen)
    _, above, _ = begin(computer, client, citizen, claims=high)
    c = phone.c
    for name, path in {"request": f"/app/requests/{plain}", "request-above": f"/app/requests/{above}", "requests": "/app/requests"}.items():
        c.get(f"{demo.url}{path}?lang={language}")
        for width in (360, 1280):
            c.size(width, 800)
            full = c.driver.execute_script("return document.documentElement.scrollHeight")
            faults += [f"{name} {language} {width}: {line}" for line in c.violations() + c.overflow()]
            c.size(width, min(max(full, 800), 3000))
            c.picture(f"app-{name}-{language}-{width}")
        faults += [f"{name} {language}: console: {line}" for line in c.complaints()]
    c.size(360, 800)
    phone.begin_here(client)
    c.wait("#this-phone")
    faults += [f"wait {language}: {line}" for line in c.violations() + c.overflow()]
    c.size(360, 1100)
    c.picture(f"wait-phone-{language}-360")
    assert not faults, "\n".join(faults)


def test_without_script_the_page_can_say_no(chrome, demo, client, enrol):
    citizen = enrol()
    phone = PasskeyPhone(citizen, language="en")
    computer = chrome(language="en")
    _, id, _ = begin(computer, client, citizen)
    c = chrome(language="en", script=False, width=360)
    c.get(demo.url + "/healthz")
    for cookie in phone.browser.session.cookies:
        c.driver.add_cookie({"name": cookie.name, "value": cookie.value, "path": "/"})
    c.get(f"{demo.url}/app/requests/{id}")
    assert c.one("#approve-no-script").is_displayed() and "Approving needs JavaScript" in c.text
    assert not c.one("#approve-button").is_displayed() and not any(n.is_displayed() for n in c.all(".choice"))
    c.picture("request-no-script-en-360")
    c.click("form[action$='/report'] button")
    c.until(lambda: "done=reported" in c.url, what="the answer")
    computer.wait("#in")
