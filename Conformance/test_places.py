"""Where a login comes from: about, by a list of the operator's, on every page and device that shows a request."""

import pytest

from support.browser import Browser
from support.login import approve, ask, number_shown, transaction_id, waiting_on
from support.program import Demo, run

LIST = """network,km,en
203.0.113.0/24,ភ្នំពេញ,Phnom Penh
203.0.113.64/26,តាខ្មៅ,Ta Khmau
2001:db8::/32,"សៀមរាប, កម្ពុជា","Siem Reap, Cambodia"
"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """Behind a proxy, whose word on addresses counts."""
    folder = tmp_path_factory.mktemp("rumdul")
    (folder / "places.csv").write_text(LIST)
    program = Demo(folder / "demo", RUMDUL_PLACE_FILE=folder / "places.csv", RUMDUL_TRUSTED_PROXIES="127.0.0.1")
    yield program
    if program.alive:
        program.stop()


def browser_at(base, address, language="en"):
    browser = Browser(base, language)
    browser.session.headers["X-Forwarded-For"] = address
    return browser


@pytest.mark.parametrize("address, network, en, km", [
    ("203.0.113.7", "203.0.113.*", "Phnom Penh", "ភ្នំពេញ"),
    ("203.0.113.77", "203.0.113.*", "Ta Khmau", "តាខ្មៅ"),
    ("::ffff:203.0.113.77", "203.0.113.*", "Ta Khmau", "តាខ្មៅ"),
    ("2001:db8:7::1", "2001:db8:7:*", "Siem Reap, Cambodia", "សៀមរាប, កម្ពុជា"),
    ("198.51.100.7", "198.51.100.*", None, None),
])
def test_every_place_that_shows_a_request(client, enrol, address, network, en, km):
    citizen = enrol()
    own = {language: citizen.portal(language)[0] for language in ("en", "km")}
    browser = browser_at(client.base, address)
    waiting = ask(browser, client.authorize(browser), citizen.kidc)
    shown = waiting.page.find(id="from").text
    assert network in shown and (f"about {en}" in shown if en else "about" not in shown), shown
    path = "/app/requests/" + transaction_id(waiting)
    place = own["en"].get(path).page.find(id="place")
    assert (place.text if place else None) == (f"about {en}" if en else None)
    place = own["km"].get(path).page.find(id="place")
    assert (place.text if place else None) == ("ប្រហែលនៅ" + km if km else None)
    details = waiting_on(citizen.device, waiting)["details"]
    assert details["network"] == network and details.get("place") == ({"km": km, "en": en} if en else None)
    # What the device shows is what it hashes and signs.
    changed = waiting_on(citizen.device, waiting)
    changed["details"] = {k: v for k, v in details.items() if k != "place"} if en else details | {"place": {"km": "ក", "en": "A"}}
    refused = citizen.device.decide(changed, number=number_shown(waiting))
    assert refused.status_code >= 400 and refused.json()["code"] == "transaction.details_mismatch", refused.text
    approve(citizen.device, waiting)


def test_somebody_unknown_sees_the_same_page(client, citizen):
    browser = browser_at(client.base, "203.0.113.7")
    known = ask(browser, client.authorize(browser), citizen.kidc).page.find(id="from").text
    other = browser_at(client.base, "203.0.113.7")
    # One of ten has the right check digit; nobody has the number.
    pages = [ask(other, client.authorize(other), f"099999991{digit}") for digit in range(10)]
    (unknown,) = [page for page in pages if page.status == 200]
    assert unknown.page.find(id="from").text == known


def test_the_demonstrations_own_list_says_that_it_is_made_up(tmp_path):
    program = Demo(tmp_path / "demo", people=100)
    try:
        assert "127.0.0.0/8,ភ្នំពេញ (គំរូ),Phnom Penh (demonstration)" in (program.data / "places.csv").read_text()
    finally:
        program.stop()


@pytest.mark.parametrize("text, told", [
    (LIST + "203.0.113.0/33,ក,A\n", "line 5"), (LIST + "203.0.113.0/24,ក,A\n", "line 5"), (LIST + "203.0.113.0/24\n", "line 5"),
    (LIST + "10.1.0.0/8,ក,A\n", "line 5"), (None, "cannot be read"),
])
def test_a_wrong_list_stops_the_start(tmp_path, text, told):
    if text:
        (tmp_path / "places.csv").write_text(text)
    done = run("serve", "--data", tmp_path / "data", "--port", "0", RUMDUL_PLACE_FILE=tmp_path / "places.csv", RUMDUL_LANG="en")
    assert done.returncode != 0 and "place_file" in done.stderr and told in done.stderr, done.stderr
