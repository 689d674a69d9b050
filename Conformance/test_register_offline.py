"""Declaring without a line, in Chromium: kept, signed, sent in order; what is forged or repeated changes nothing."""

import json
import re
import time

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from support import screens
from support.authenticator import b64
from support.browser import Browser
from support.program import Demo
from support.registrar import OFFICE, Registrar, birth, day


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    program = Demo(tmp_path_factory.mktemp("rumdul") / "demo", people=100)
    yield program
    if program.alive:
        program.stop()


def line(chrome, up):
    driver = chrome.driver
    driver.execute_cdp_cmd("Network.enable", {})
    driver.execute_cdp_cmd("Network.emulateNetworkConditions", {"offline": not up, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1})


def test_what_is_declared_without_a_line_arrives_in_order(demo):
    clerk = Registrar(demo, "sreymom")
    c = clerk.chrome
    try:
        c.get(f"{demo.url}/register/new/birth")
        c.until(lambda: c.driver.execute_script("return navigator.serviceWorker.controller !== null || navigator.serviceWorker.ready.then(() => true)"), what="the worker")
        c.driver.execute_async_script("const done = arguments[0]; navigator.serviceWorker.ready.then(() => setTimeout(done, 1500))")
        line(c, up=False)
        names = ["សុផល", "ចន្ទបូ", "វិមាន"]
        for name in names:
            c.get(f"{demo.url}/register/new/birth")
            c.wait('[name="child.given_km"]')
            clerk.fill(birth(**{"child.given_km": name, "event.place": OFFICE}))
            c.click('button[value="declare"]')
            c.until(lambda: c.url.endswith("/register/offline") and c.one("[data-count]").text == str(names.index(name) + 1), what="one draft more")
        faults = screens.faults(c, 360)
        assert not [f for f in faults if "axe" not in f], faults
        # On the device nothing stands in the clear.
        kept = c.driver.execute_async_script("""const done = arguments[0]; const r = indexedDB.open('register', 1);
            r.onsuccess = () => { const q = r.result.transaction('drafts').objectStore('drafts').getAll();
              q.onsuccess = () => done(q.result.map(d => Object.keys(d).sort().join() + ' ' + new TextDecoder().decode(d.sealed))); };""")
        assert len(kept) == 3 and all(k.startswith("counter,iv,sealed ") and names[0] not in k for k in kept)
        exported = c.driver.execute_async_script("""const done = arguments[0]; const r = indexedDB.open('register', 1);
            r.onsuccess = () => { const q = r.result.transaction('keys').objectStore('keys').get('device');
              q.onsuccess = () => crypto.subtle.exportKey('jwk', q.result.sign.privateKey).then(() => done('exported'), e => done(e.name)); };""")
        assert exported == "InvalidAccessError", exported
        line(c, up=True)
        c.get(f"{demo.url}/register")
        c.until(lambda: not c.one("[data-kept]").is_displayed(), seconds=30, what="all sent")
    finally:
        clerk.close()
    verifier = Registrar(demo, "maly")
    try:
        v = verifier.chrome
        v.get(f"{demo.url}/register/queues/toVerify")
        rows = [row.text for row in v.all("tbody tr")]
        order = [next(name for name in names if name in row) for row in rows if any(name in row for name in names)]
        assert order == names, rows
    finally:
        verifier.close()


class Device:
    """A device written from the description of the drafts alone."""

    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        numbers = self.key.public_key().public_numbers()
        self.jwk = {"kty": "EC", "crv": "P-256", "x": b64(numbers.x.to_bytes(32, "big")), "y": b64(numbers.y.to_bytes(32, "big"))}
        self.counter = 0

    def draft(self, fields, **changes):
        self.counter += 1
        text = json.dumps({"device": self.jwk, "counter": self.counter, "at": int(time.time() * 1000) - 3_600_000, "kind": "birth",
                           "office": OFFICE, "key": f"offline-request-{id(self)}-{self.counter}", "fields": fields} | changes, ensure_ascii=False)
        r, s = decode_dss_signature(self.key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
        return text, b64(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


@pytest.fixture
def clerk(demo):
    account = next(o for o in demo.record["officers"] if o["username"] == "sreymom")
    browser = Browser(demo.url)
    page = browser.get("/register")
    browser.submit(page.page.form("/register/login"), username=account["username"], password=account["password"])
    return browser


def send(browser, draft, signature):
    csrf = browser.get("/register").page.form("/register/search").filled()
    token = dict(csrf)["csrf"]
    return browser.send("POST", "/register/offline", data={"csrf": token, "draft": draft, "signature": signature}, headers={"Accept": "application/json"})


def test_repeated_forged_and_broken_drafts_change_nothing(demo, clerk):
    device = Device()
    text, signature = device.draft(birth(**{"event.place": OFFICE, "child.given_km": "ម្តងគត់"}))
    first = send(clerk, text, signature)
    assert first.status == 200 and json.loads(first.text)["result"] == "declared", first.text
    assert json.loads(send(clerk, text, signature).text)["result"] == "known"
    other, fresh = device.draft(birth(**{"event.place": OFFICE, "child.given_km": "ក្លែង"}))
    for draft, proof in [(other.replace("ក្លែង", "ខុស"), fresh), (other, signature), (other, "AAAA"), ("{}", fresh), ("[1]", fresh), ("", ""), (other, "")]:
        answer = send(clerk, draft, proof)
        assert answer.status == 400, f"{answer.status} {answer.text[:200]}"
    # The device of one officer is not another's.
    account = next(o for o in demo.record["officers"] if o["username"] == "piseth")
    colleague = Browser(demo.url)
    colleague.submit(colleague.get("/register").page.form("/register/login"), username=account["username"], password=account["password"])
    assert send(colleague, other, fresh).status == 403


def test_what_cannot_be_declared_stays_as_a_draft_and_a_double_entry_becomes_a_case(clerk):
    device = Device()
    wrong = send(clerk, *device.draft({"child.given_km": "ខ្វះ", "event.date": "31/02/2026"}))
    answer = json.loads(wrong.text)
    assert answer["result"] == "draft" and "event.date" in answer["problems"], answer
    page = clerk.get(f"/register/records/{answer['record']}")
    assert "ខ្វះ" in page.text and "31/02/2026" in page.text, "nothing typed is lost"
    same = birth(**{"event.place": OFFICE, "child.given_km": "ពីរដង", "child.family_latin": "KIM", "child.given_latin": "Pirdong"})
    one, two = send(clerk, *device.draft(same)), send(clerk, *device.draft(same))
    assert [json.loads(a.text)["result"] for a in (one, two)] == ["declared", "duplicate"], (one.text, two.text)
    history = clerk.get(f"/register/records/{json.loads(one.text)['record']}").text
    assert re.search(r"ប្រកាស|Declare", history)
