"""The citizen's app: it installs, it is told that something waits and nothing else, and the waiting browser goes on by itself.

The push service and the browsers behind it are this suite's own (`support/push_service.py`, judged by `test_push_service.py`); the pages are
looked at in Chromium."""

import json
import re
import threading
import time

import pytest
import requests
import websocket
from support.browser import Browser
from support.login import Client, approve, ask, number_shown, transaction_id, waiting_on
from support.program import Demo, Program

REDIRECT = "http://127.0.0.1:9/callback"
OPAQUE = re.compile(r"[0-9A-Za-z_-]{16,64}")
PAGES = {
    "overview": "/app", "requests": "/app/requests", "my-data": "/app/data", "notices": "/app/notices",
    "documents": "/app/documents", "notifications": "/app/notifications", "logins": "/app/sessions",
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """As everywhere, but messages may go to the loopback interface, and requests are logged."""
    program = Demo(
        tmp_path_factory.mktemp("rumdul") / "demo", redirect=REDIRECT, RUMDUL_PUSH_ALLOW="http://127.0.0.0/8:*",
        RUMDUL_PUSH_CONTACT="mailto:push@rumdul.example", RUMDUL_LOG_LEVEL="info")
    yield program
    if program.alive:
        program.stop()


def key(base):
    return requests.get(f"{base}/app/push/key", timeout=10).json()["applicationServerKey"]


def portal_of(citizen, language="en"):
    """A browser logged in to /app."""
    return citizen.portal(language)[0]


def turn_on(portal, subscription, **changes):
    """The form that the page's script sends."""
    form = portal.get("/app/notifications").page.form("/app/push")
    return portal.submit(form, **({"subscription": json.dumps(subscription)} | changes))


def ask_for_approval(citizen, client, browser=None, **choose):
    """A login as far as the waiting page."""
    browser = browser or Browser(citizen.base)
    return browser, ask(browser, client.authorize(browser), citizen.kidc, **choose)


def enter(c, portal, path="/app", language=None):
    """The same session in Chromium."""
    c.get(portal.base + "/healthz")
    for cookie in portal.session.cookies:
        c.driver.add_cookie({"name": cookie.name, "value": cookie.value, "path": "/"})
    c.get(portal.base + path + (f"?lang={language}" if language else ""))


# MARK: Installing


def test_manifest_and_worker(base):
    manifest = requests.get(f"{base}/app/manifest.webmanifest", timeout=10)
    assert manifest.headers["Content-Type"] == "application/manifest+json"
    data = manifest.json()
    assert data["start_url"] == "/app" and data["scope"] == "/app" and data["display"] == "standalone"
    assert re.search("[ក-៹]", data["name"]) and "Rumdul" in data["name"] and data["theme_color"] == "#14356b"
    sizes = {}
    for icon in data["icons"]:
        answer = requests.get(base + icon["src"], timeout=10)
        assert answer.status_code == 200 and answer.headers["Content-Type"] == icon["type"]
        if icon["type"] == "image/png":
            assert answer.content[:8] == b"\x89PNG\r\n\x1a\n"
            width, height = int.from_bytes(answer.content[16:20]), int.from_bytes(answer.content[20:24])
            assert icon["sizes"] == f"{width}x{height}"
            sizes[icon["sizes"]] = icon
    assert {"192x192", "512x512"} <= set(sizes) and any(i.get("purpose") == "maskable" for i in data["icons"])
    worker = requests.get(f"{base}/app/sw.js", timeout=10)
    assert worker.headers["Service-Worker-Allowed"] == "/app" and worker.headers["Cache-Control"] == "no-cache"
    assert worker.headers["Content-Type"].startswith("text/javascript")
    assert "default-src 'none'" in worker.headers["Content-Security-Policy"]
    page = requests.get(f"{base}/app", timeout=10)
    assert 'rel="manifest" href="/app/manifest.webmanifest"' in page.text
    policy = page.headers["Content-Security-Policy"]
    assert "unsafe" not in policy and "worker-src 'self'" in policy and "manifest-src 'self'" in policy


def worker_state(c):
    return c.driver.execute_async_script(
        """const done = arguments[arguments.length - 1];
           navigator.serviceWorker.ready.then(r => caches.keys().then(names => Promise.all(names.map(n => caches.open(n)
             .then(k => k.keys()).then(l => l.map(q => new URL(q.url).pathname)))))
             .then(l => done({scope: new URL(r.scope).pathname, kept: l.flat(), names: l.length})));""")


def test_the_page_installs_and_shows_something_offline(chrome, tmp_path):
    program = Program("serve", "--data", tmp_path / "data", "--port", 0, log=tmp_path / "log")
    c = chrome(language="km")
    try:
        c.get(program.url + "/app")
        state = worker_state(c)
        assert state["scope"] == "/app" and state["names"] == 1
        assert state["kept"] and all(p == "/app/offline" or p.startswith("/assets/") for p in state["kept"]), state
        c.get(program.url + "/app")
        errors = c.driver.execute_cdp_cmd("Page.getInstallabilityErrors", {})["installabilityErrors"]
        assert not errors, errors
        parsed = c.driver.execute_cdp_cmd("Page.getAppManifest", {})
        assert not parsed["errors"] and parsed["url"].endswith("/app/manifest.webmanifest"), parsed
        assert worker_state(c)["kept"] == state["kept"], "no page was kept"
        assert not c.complaints()
    finally:
        program.stop()
    c.get(program.url + "/app/requests")
    assert "គ្មានអ៊ីនធឺណិត" in c.text and "Nothing is lost" in c.text
    c.driver.get_log("browser")
    assert not c.violations()
    c.size(360, 800)
    assert not c.overflow()
    c.picture("app-offline-360")


# MARK: Being told


def test_one_message_with_an_opaque_identifier(base, client, citizen, push_service):
    portal = portal_of(citizen)
    subscription = push_service.subscribe(key(base))
    assert turn_on(portal, subscription.json).url.endswith("done=push-on")
    before = time.time()
    _, waiting = ask_for_approval(citizen, client)
    [message] = subscription.wait(1)
    text = message.content.decode()
    assert OPAQUE.fullmatch(text) and text == transaction_id(waiting)
    assert message.length == 16 + 4 + 1 + 65 + 64 + 1 + 16, "every message has the same length"
    assert 0 < message.ttl <= 180 and message.urgency == "high" and message.topic == "approval"
    assert message.claims["sub"] == "mailto:push@rumdul.example" and message.at - before < 5
    for word in (citizen.kidc, client.id, citizen.person["name_km"], citizen.person.get("name_latin") or citizen.kidc):
        assert word not in text and word not in json.dumps(message.headers)
    time.sleep(1)
    assert len(subscription.messages) == 1 and not push_service.refused, "exactly one"
    # The identifier opens nothing for anybody else.
    assert Browser(base).get(f"/authorize/{text}").status == 404
    page = portal.get("/app/notifications")
    assert "not yet" not in page.text, "the last message is shown"
    # Another person's login says nothing here.
    approve(citizen.device, waiting)


def test_all_browsers_of_a_person_and_nobody_elses(base, client, enrol, push_service):
    one, other = enrol(), enrol()
    mine = [push_service.subscribe(key(base)) for _ in range(3)]
    theirs = push_service.subscribe(key(base))
    portal = portal_of(one)
    for subscription in mine:
        turn_on(portal, subscription.json)
    turn_on(portal_of(other), theirs.json)
    ask_for_approval(one, client)
    for subscription in mine:
        subscription.wait(1)
    time.sleep(0.5)
    assert not theirs.messages
    # An unknown number and a known one cause the same page, and no message.
    browser = Browser(base)
    assert ask(browser, client.authorize(browser), "0000000000").status in (200, 400)


def test_a_browser_belongs_to_whoever_turned_it_on_last(base, client, enrol, push_service):
    one, other = enrol(), enrol()
    subscription = push_service.subscribe(key(base))
    first = portal_of(one)
    turn_on(first, subscription.json)
    turn_on(portal_of(other), subscription.json)
    assert "Not on anywhere" in first.get("/app/notifications").text
    ask_for_approval(one, client)
    time.sleep(1)
    assert not subscription.messages
    ask_for_approval(other, client)
    subscription.wait(1)


def test_gone_browsers_are_forgotten(base, client, citizen, push_service):
    portal = portal_of(citizen)
    subscriptions = [push_service.subscribe(key(base)) for _ in range(3)]
    for subscription in subscriptions:
        turn_on(portal, subscription.json)
    subscriptions[0].end()
    push_service.subscriptions.pop(subscriptions[1].id)
    ask_for_approval(citizen, client)
    subscriptions[2].wait(1)
    deadline = time.monotonic() + 5
    while portal.get("/app/notifications").text.count("data-endpoint") != 1:
        assert time.monotonic() < deadline, "404 and 410 end a subscription"
        time.sleep(0.1)
    push_service.refused.clear()


def test_a_slow_push_service_delays_no_login(base, client, citizen, push_service):
    portal = portal_of(citizen)
    dead = push_service.subscribe(key(base)).json
    dead["endpoint"] = "http://127.0.0.1:1/push/nobody"
    turn_on(portal, dead)
    begin = time.monotonic()
    _, waiting = ask_for_approval(citizen, client)
    assert waiting.status == 200 and time.monotonic() - begin < 2
    approve(citizen.device, waiting)


def told_off(push_service, subscription, count, seconds=60):
    """When so many messages to a browser were turned away."""
    path = subscription.endpoint.removeprefix(push_service.origin)
    count_now = lambda: len([r for r in push_service.refused if r[0] == path])
    with push_service.arrived:
        assert push_service.arrived.wait_for(lambda: count_now() >= count, seconds), push_service.refused
    return time.time()


def test_a_busy_push_service_is_asked_again_when_it_said(base, client, citizen, push_service):
    subscription = push_service.subscribe(key(base))
    turn_on(portal_of(citizen), subscription.json)
    subscription.answer(429, Retry_After=4)
    _, waiting = ask_for_approval(citizen, client)
    refused_at = told_off(push_service, subscription, 1)
    [message] = subscription.wait(1, seconds=60)
    assert message.content.decode() == transaction_id(waiting) and message.at - refused_at > 3.5
    assert message.ttl <= 176, "it is kept no longer than the request is open"
    approve(citizen.device, waiting)
    # A broken one, without a word of when: twice, and with the third attempt it is there, once.
    subscription.answer(503, times=2)
    ask_for_approval(citizen, client)
    assert len(subscription.wait(2, seconds=60)) == 2
    time.sleep(3)
    assert len(subscription.messages) == 2
    push_service.refused.clear()


def test_nothing_is_sent_again_about_a_request_that_is_over(base, client, citizen, push_service):
    """Decided in the meantime, or turned off in the meantime; and the last attempt is the last."""
    decided, turned_off, hopeless = [push_service.subscribe(key(base)) for _ in range(3)]
    portal = portal_of(citizen)
    turn_on(portal, decided.json)
    decided.answer(500, Retry_After=3)
    _, waiting = ask_for_approval(citizen, client)
    told_off(push_service, decided, 1)
    approve(citizen.device, waiting)
    time.sleep(6)
    assert not decided.messages and len(push_service.refused) == 1
    decided.end()
    turn_on(portal, turned_off.json)
    turn_on(portal, hopeless.json)
    turned_off.answer(500, Retry_After=4)
    hopeless.answer(502, times=10)
    ask_for_approval(citizen, client)
    told_off(push_service, turned_off, 1)
    form = portal.get("/app/notifications").page
    remove = next(f for f in form.forms if f.action.endswith("/app/push/remove") and "endpoint" in f.names)
    assert portal.submit(remove, endpoint=turned_off.endpoint).url.endswith("done=push-off")
    told_off(push_service, hopeless, 4)
    time.sleep(6)
    assert not turned_off.messages and not hopeless.messages
    assert len(hopeless.answers) == 6, "one attempt and three further ones"
    push_service.refused.clear()


def test_five_messages_in_ten_minutes(base, client, citizen, push_service):
    portal = portal_of(citizen)
    subscription = push_service.subscribe(key(base))
    turn_on(portal, subscription.json)
    for _ in range(7):
        citizen.log_in(client)
    subscription.wait(5)
    time.sleep(1)
    assert len(subscription.messages) == 5


def test_ten_browsers_and_only_with_the_form(base, citizen, push_service):
    portal = portal_of(citizen)
    service_key = key(base)
    for _ in range(10):
        assert turn_on(portal, push_service.subscribe(service_key).json).status == 200
    last = turn_on(portal, push_service.subscribe(service_key).json)
    assert last.status == 409 and last.error == "citizen.push_too_many"
    page = portal.get("/app/notifications")
    again = push_service.subscribe(service_key).json
    for changes in ({"csrf": "x"}, {"csrf": None}):
        assert turn_on(portal, again, **changes).error == "web.csrf"
    assert turn_on(portal, {"endpoint": "https://10.0.0.1/x", "keys": again["keys"]}).error == "push.endpoint"
    assert turn_on(portal, {"endpoint": again["endpoint"], "keys": {"p256dh": "AA", "auth": "AA"}}).error == "push.subscription"
    remove = next(f for f in page.page.forms if f.action.endswith("/app/push/remove") and "id" in f.names)
    assert portal.submit(remove).url.endswith("done=push-off")
    assert portal.get("/app/notifications").text.count("data-endpoint") == 9
    stranger = requests.post(f"{base}/app/push", data={"subscription": json.dumps(again)}, timeout=10)
    assert stranger.status_code in (401, 403)


class Worker:
    """Chromium's own view of the page's service worker, over its debugging protocol."""

    def __init__(self, c):
        address = c.driver.capabilities["goog:chromeOptions"]["debuggerAddress"]
        pages = requests.get(f"http://{address}/json/list", timeout=10).json()
        page = next(p for p in pages if p["type"] == "page" and p["url"] == c.url)
        self.socket = websocket.create_connection(page["webSocketDebuggerUrl"], timeout=15, suppress_origin=True)
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

    def registration(self):
        self.call("ServiceWorker.enable")
        while True:
            for event in self.events:
                for entry in event.get("params", {}).get("registrations", []):
                    return entry["registrationId"]
            self.events.append(json.loads(self.socket.recv()))


def test_the_worker_shows_that_something_waits_and_nothing_of_it(chrome, base, client, citizen, push_service):
    portal = portal_of(citizen, "km")
    subscription = push_service.subscribe(key(base))
    turn_on(portal, subscription.json)
    c = chrome(language="km")
    c.driver.execute_cdp_cmd("Browser.grantPermissions", {"origin": base, "permissions": ["notifications"]})
    enter(c, portal, "/app/requests")
    worker_state(c)
    assert "គ្មានអ្វីរង់ចាំអ្នកទេ" in c.text
    _, waiting = ask_for_approval(citizen, client)
    [message] = subscription.wait(1)
    worker = Worker(c)
    # What came, encrypted, to the browser behind the push service is handed to the worker as its browser would.
    worker.call("ServiceWorker.deliverPushMessage", origin=base, registrationId=worker.registration(),
                data=message.content.decode())
    # The open page looks again by itself.
    c.wait(f"[data-request='{transaction_id(waiting)}']")
    assert "កម្មវិធីសាកល្បង" in c.text
    shown = c.until(lambda: c.driver.execute_async_script(
        """const done = arguments[arguments.length - 1];
           navigator.serviceWorker.ready.then(r => r.getNotifications()).then(l => done(l.map(
             n => ({title: n.title, body: n.body, tag: n.tag, data: n.data, icon: n.icon}))));"""), what="a notification")
    assert len(shown) == 1 and re.search("[ក-៹]", shown[0]["title"]) and shown[0]["body"] == "Someone asks for your approval"
    assert shown[0]["data"] == {"path": "/app/requests?go=1"} and message.content.decode() not in json.dumps(shown)


# MARK: The waiting browser


def stream(browser, waiting):
    return browser.session.get(
        f"{browser.base}/authorize/{transaction_id(waiting)}/events", stream=True, timeout=30,
        headers={"Accept": "text/event-stream"})


def events(answer):
    for line in answer.iter_lines(chunk_size=1, decode_unicode=True):
        if line.startswith("data:"):
            yield json.loads(line[5:])


def test_events_of_a_waiting_browser(base, client, citizen):
    browser, waiting = ask_for_approval(citizen, client)
    answer = stream(browser, waiting)
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "text/event-stream"
    assert answer.headers["Cache-Control"] == "no-store" and "Content-Length" not in answer.headers
    heard = events(answer)
    assert next(heard)["state"] == "pending"
    decided = []

    def decide():
        time.sleep(0.3)
        approve(citizen.device, waiting)
        decided.append(time.monotonic())

    thread = threading.Thread(target=decide)
    thread.start()
    state = next(heard)
    arrived = time.monotonic()
    thread.join()
    assert state == {"state": "done", "next": f"/authorize/{transaction_id(waiting)}/continue"}
    assert next(heard, None) is None, "the answer ends with the transaction"
    print(f"event after the decision's answer: {(arrived - decided[0]) * 1000:.1f} ms")
    assert next(events(stream(browser, waiting)))["state"] == "done", "who comes late hears it at once"


@pytest.mark.parametrize("action", ["deny", "report"])
def test_a_refusal_is_told_too(base, client, citizen, action):
    browser, waiting = ask_for_approval(citizen, client)
    heard = events(stream(browser, waiting))
    assert next(heard)["state"] == "pending"
    assert citizen.device.decide(waiting_on(citizen.device, waiting), action=action).status_code == 200
    assert next(heard)["state"] == "done"


def test_only_the_browser_that_started(base, client, citizen):
    browser, waiting = ask_for_approval(citizen, client)
    path = f"/authorize/{transaction_id(waiting)}/events"
    assert requests.get(base + path, timeout=10).status_code == 404
    other, _ = ask_for_approval(citizen, client)
    assert other.session.get(base + path, timeout=10).status_code == 404
    assert browser.session.get(f"{base}/authorize/nothing/events", timeout=10).status_code == 404
    open_pages = [stream(browser, waiting) for _ in range(4)]
    for page in open_pages:
        assert next(events(page))["state"] == "pending"
    fifth = stream(browser, waiting)
    assert fifth.status_code == 429 and fifth.headers["Retry-After"], "four pages of one transaction"
    for page in open_pages:
        page.close()


def test_chromium_resumes_without_asking(chrome, demo, base, client, citizen):
    c = chrome(language="km")
    log = demo.log.read_text().count("/authorize/{transaction}/status")
    c.get(client.authorize().url)
    c.type("#identifier", citizen.kidc)
    c.click("form[action='/authorize/start'] button[type=submit]")
    number = int(re.search(r"\d\d", c.wait(".number").text).group(0))
    transaction = citizen.device.transactions(wait=5)[0]
    time.sleep(3)
    assert citizen.device.decide(transaction, number=number).status_code == 200
    begin = time.monotonic()
    while "/authorize/" in c.driver.current_url:
        assert time.monotonic() - begin < 10, "the browser went on"
        time.sleep(0.005)
    print(f"Chromium left the waiting page {(time.monotonic() - begin) * 1000:.0f} ms after the approval")
    assert demo.log.read_text().count("/authorize/{transaction}/status") == log, "nothing was asked"


def test_the_server_ends_in_order_while_browsers_wait(tmp_path, base):
    program = Demo(tmp_path / "demo", people=100)
    client = Client(program.url, program.record["clients"]["test-client"])
    browser = Browser(program.url)
    waiting = ask(browser, client.authorize(browser), program.record["persons"][0]["kidc"])
    answer = stream(browser, waiting)
    heard = events(answer)
    assert next(heard)["state"] == "pending"
    begin = time.monotonic()
    assert program.stop() == 0 and time.monotonic() - begin < 10
    assert next(heard, None) is None


# MARK: The pages


def test_my_data_is_shown_on_request_and_noted(base, citizen):
    portal = portal_of(citizen)
    asked = portal.get("/app/data")
    assert citizen.person["name_km"] not in asked.text and citizen.kidc not in asked.text
    shown = portal.submit(asked.page.form("/app/data"))
    assert shown.status == 200 and citizen.person["name_km"] in shown.page.text and citizen.kidc in shown.page.text
    assert "no-store" in shown.headers["Cache-Control"]
    journal = portal.get("/app")
    assert "your own request" in journal.page.text and "Myself" in journal.page.text
    form = asked.page.form("/app/data")
    assert portal.submit(form, csrf="x").error == "web.csrf"
    codes = [portal.submit(form).status for _ in range(12)]
    assert codes[-1] == 429, "each look is an entry for ever"


def test_notices_tell_what_happened(base, officer, citizen):
    portal = portal_of(citizen)
    text = portal.get("/app/notices").page.text
    assert "A new device was added" in text and "A device was activated" in text and "Judge's phone" in text
    # Another device than the one that opened this login, which goes on.
    officer.enrol(citizen.kidc, name="Second phone")
    home = portal.get("/app")
    blocked = portal.submit(next(f for f in home.page.forms if f.action.endswith("/block")))
    assert "Logins that it approved have ended" in blocked.page.text
    page = portal.get("/app/notices")
    assert page.page.text.index("A device was blocked") < page.page.text.index("A device was activated"), "newest first"
    assert "by yourself" in page.page.text


def test_requests_show_who_asks_and_what_for(base, client, citizen):
    portal = portal_of(citizen)
    assert "Nothing waits for you" in portal.get("/app/requests").text
    _, waiting = ask_for_approval(citizen, client)
    page = portal.get("/app/requests")
    assert f'data-request="{transaction_id(waiting)}"' in page.text
    assert "Test client" in page.page.text and str(number_shown(waiting)) not in page.page.text, "the number is not here"
    approve(citizen.device, waiting)
    assert "Nothing waits for you" in portal.get("/app/requests").text
    # Whoever is not logged in learns nothing, and comes back to this page after the login.
    stranger = Browser(base).get("/app/requests")
    assert "data-request" not in stranger.text and "/app/login?to=requests" in stranger.text


@pytest.mark.parametrize("language", ["km", "en"])
def test_the_pages_in_chromium(chrome, base, client, enrol, push_service, language):
    citizen = enrol()
    portal = portal_of(citizen, language)
    turn_on(portal, push_service.subscribe(key(base)).json)
    ask_for_approval(citizen, client)
    c = chrome(language=language, width=1280)
    faults = []
    enter(c, portal, "/app", language)
    for name, path in PAGES.items():
        c.get(base + path)
        assert c.lang == language, name
        assert len(c.all("nav a[aria-current=page]")) == 1, name
        look(c, f"app-{name}-{language}", faults)
        if name == "my-data":
            c.click("#show button")
            c.wait("#own-data")
            look(c, f"app-own-data-{language}", faults)
    assert not faults, "\n".join(faults)


def look(c, name, faults):
    for width, height in ((1280, 900), (360, 800)):
        c.size(width, height)
        faults += [f"{name} at {width}: {v}" for v in c.violations()]
        faults += [f"{name} at {width}: {o}" for o in c.overflow()]
        full = c.driver.execute_script("return document.documentElement.scrollHeight")
        c.size(width, max(height, min(full, 3000)))
        c.picture(f"{name}-{width}")
    c.size(1280, 900)
    faults += [f"{name}: console: {complaint}" for complaint in c.complaints()]
