"""Logins that begin with a rotating QR code: read by a camera that no one here wrote (zxing-cpp), claimed by a device, relayed in vain."""

import io
import json
import time
from urllib.parse import urlencode

import pytest
import zxingcpp
from PIL import Image

from support.browser import Browser
from support.chrome import Chrome
from support.login import callback, number_shown


def open_qr(client, browser=None):
    """To the page with the picture."""
    browser = browser or Browser(client.base)
    form = client.authorize(browser).page.form("/authorize/start")
    page = browser.submit(form, via="qr")
    assert page.status == 200 and page.page.find("img", id="qr") is not None, page.text[:300]
    return browser, page


def frame(browser, page):
    """What the app link of the page leads to: the same address as the picture's."""
    link = browser.get(page.page.find("a", id="same-device")["href"], follow=False)
    assert link.status in (302, 303)
    return link.location


def claim(device, address):
    body = json.dumps({"frame": address.split("#f=")[1]}).encode()
    return device.request("POST", "/device/v1/claims", body=body)


def test_a_whole_login(citizen, client):
    browser, page = open_qr(client)
    address = frame(browser, page)
    assert address.startswith(client.base + "/device/v1/claims#f=")
    assert browser.get(f"{page.url}/status?await=claim").response.json()["state"] == "pending"
    answer = claim(citizen.device, address)
    assert answer.status_code == 200, answer.text
    transaction = answer.json()
    assert transaction["details"]["client_id"] == client.id and len(transaction["numbers"]) == 3
    assert browser.get(f"{page.url}/status?await=claim").response.json()["state"] == "done"
    waiting = browser.get(page.url)
    assert citizen.device.decide(transaction, number=number_shown(waiting)).json() == {"status": "approved"}
    back = callback(browser.get(waiting.url))
    assert "id_token" in client.token(back["code"]).json()


def test_the_picture_in_chromium(citizen, client):
    """The camera reads the address; the picture changes; the page goes on by itself once a device has claimed it."""
    chrome = Chrome(language="km", width=360)
    try:
        chrome.get(f"{client.base}/authorize?" + urlencode(client.parameters("v" * 43)))
        chrome.click("#scan")
        seen = set()
        for _ in range(4):
            chrome.wait("#qr")
            read = zxingcpp.read_barcodes(Image.open(io.BytesIO(chrome.one("#qr").screenshot_as_png)))
            seen |= {code.text for code in read}
            time.sleep(1.1)
        assert len(seen) >= 2 and all(text.startswith(client.base + "/device/v1/claims#f=") for text in seen)
        assert "vault" not in chrome.driver.page_source and all(text.split("#f=")[1] not in chrome.driver.page_source for text in seen)
        faults = chrome.violations() + chrome.overflow()
        assert not faults, faults
        chrome.picture("qr-login-km-360")
        read = zxingcpp.read_barcodes(Image.open(io.BytesIO(chrome.one("#qr").screenshot_as_png)))
        assert claim(citizen.device, read[0].text).status_code == 200
        chrome.wait(".number", 10)
    finally:
        chrome.quit()


def test_a_frame_is_stale_after_some_seconds(citizen, client):
    browser, page = open_qr(client)
    address = frame(browser, page)
    time.sleep(7)
    answer = claim(citizen.device, address)
    assert answer.status_code == 410 and answer.json()["code"] == "transaction.frame_stale"


@pytest.mark.parametrize("change", [lambda t: t[:-1] + ("A" if t[-1] != "A" else "B"), lambda t: t[:47], lambda t: t + "A", lambda t: "!" * 48, lambda t: ""],
                         ids=["mac", "short", "long", "alphabet", "empty"])
def test_forged_frames(citizen, client, change):
    browser, page = open_qr(client)
    address = frame(browser, page)
    start, text = address.split("#f=")
    assert claim(citizen.device, f"{start}#f={change(text)}").json()["code"] == "transaction.frame_stale"


def test_the_first_person_has_it(enrol, client):
    one, two = enrol(), enrol()
    browser, page = open_qr(client)
    address = frame(browser, page)
    assert claim(one.device, address).status_code == 200
    assert claim(one.device, address).status_code == 200, "a lost answer may be asked for again"
    assert claim(two.device, address).json()["code"] == "transaction.not_found"
    assert two.device.transactions() == []


def test_the_picture_belongs_to_the_browser_that_began(client):
    """A stranger who knows the address of the page gets no frame."""
    browser, page = open_qr(client)
    for path in ("/qr", "/app", "/status?await=claim"):
        assert Browser(client.base).get(page.url + path, follow=False).status == 404


def test_a_relayed_picture_still_meets_the_number(citizen, client):
    """A phisher who passes the frames on at once gets a claimed request; without the number of the victim's own screen it ends."""
    browser, page = open_qr(client)
    transaction = claim(citizen.device, frame(browser, page)).json()
    shown = number_shown(browser.get(page.url))
    wrong = next(number for number in transaction["numbers"] if number != shown)
    answer = citizen.device.decide(transaction, number=wrong)
    assert answer.json()["code"] == "transaction.number_mismatch"
    assert callback(browser.get(page.url))["error"] == "access_denied"


def test_floods_are_limited(citizen, client):
    codes = []
    for _ in range(5):
        browser, page = open_qr(client)
        answer = claim(citizen.device, frame(browser, page))
        codes.append(answer.status_code)
    assert codes[:3] == [200] * 3 and set(codes[3:]) == {429}


def test_an_ordinary_request_has_no_picture(citizen, client):
    from support.login import ask

    browser = Browser(client.base)
    waiting = ask(browser, client.authorize(browser), citizen.kidc)
    assert browser.get(waiting.url + "/qr").status == 404


def test_the_address_opened_without_the_app_explains_itself(base):
    page = Browser(base).get("/device/v1/claims")
    assert page.status == 200 and "CamDigiKey app" in page.page.text
