"""The medical certificate of cause of death in Chromium: a physician fills it in, a coder codes it, nobody else sees it."""

import pytest

from support import screens
from support.program import Demo
from support.registrar import OFFICE, Registrar, day


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    program = Demo(tmp_path_factory.mktemp("rumdul") / "demo", people=100)
    yield program
    if program.alive:
        program.stop()


@pytest.fixture(scope="module")
def desk(demo):
    officers = {name: Registrar(demo, user) for name, user in {"registrar": "piseth", "physician": "ratana", "coder": "sophal"}.items()}
    yield officers
    for officer in officers.values():
        officer.close()


taken = set()


def registered_death(demo, registrar, sex="male"):
    """A registered death of somebody of the demonstration: address and registration number."""
    person = next(p for p in demo.record["persons"] if p["gender"] == sex and p["kidc"] not in taken and 1970 < int(p["birthdate"][:4]) < 2000)
    taken.add(person["kidc"])
    c = registrar.chrome
    c.get(f"{registrar.base}/register/new/death")
    registrar.fill({"deceased.person": person["kidc"], "event.date": day(-2), "event.place": OFFICE, "informant.relation": "spouse", "informant.given_km": "សុខា"})
    c.click('button[value="fill"]')
    c.until(lambda: c.one('[name="deceased.given_km"]').get_attribute("value"), what="the register's data")
    registrar.fill({"event.date": day(-2), "event.place": OFFICE, "informant.relation": "spouse", "informant.given_km": "សុខា"})
    c.click('button[value="declare"]')
    c.until(lambda: "/records/" in c.url or c.all(".notice.bad"), what="an answer")
    assert "/records/" in c.url, c.text
    record = c.url
    registrar.take(record, "register")
    return record, registrar.number(), person


def send(officer):
    c = officer.chrome
    token = c.driver.find_element("tag name", "html").id
    c.click('main form[method="post"]:last-of-type button[type="submit"]')
    c.until(lambda: c.driver.find_element("tag name", "html").id != token and c.all("h1"), what="the next page")


def opened(officer, number):
    """The page of a death by its number, as typed from the paper."""
    c = officer.chrome
    c.get(f"{officer.base}/register/causes")
    c.type("#f-number", number)
    c.click('main form[role="search"] button')
    c.until(lambda: c.all('[name="cause.a.condition"]') or c.all(".error"), what="the death")
    return c.all('[name="cause.a.condition"]')


CERTIFICATE = {
    "cause.a.condition": "ជំងឺរលាកសួត", "cause.a.interval": "៣ ថ្ងៃ", "cause.a.code": "j18.9", "cause.b.condition": "Chronic hepatitis",
    "cause.b.interval": "10 years", "manner.kind": "disease", "certifier.date": day(),
}


def test_a_physician_certifies_and_a_coder_codes(demo, desk):
    registrar, physician, coder = desk["registrar"], desk["physician"], desk["coder"]
    record, number, person = registered_death(demo, registrar)
    assert opened(physician, number), physician.chrome.text
    c = physician.chrome
    assert person["kidc"] not in c.driver.page_source, "a physician needs no identification code"
    assert not c.all('[name="pregnancy.was"]'), "a man is not asked for a pregnancy"
    assert c.one('[name="certifier.name"]').get_attribute("value") == "ញ៉ែម រតនា"
    faults = screens.faults(c, 360) + screens.faults(c, 1280)
    assert not faults, faults
    # Keyboard first: the tabulator goes down the paper, line by line.
    order = [e.get_attribute("name") for e in c.all("main form[action] input:not([type=hidden]), main form[action] select")]
    assert order[:6] == [f"cause.{line}.{part}" for line in "ab" for part in ("condition", "interval", "code")]
    # Bad input: said at its field in Khmer, and nothing typed is lost.
    physician.fill(CERTIFICATE | {"cause.a.interval": "យូរ", "cause.d.condition": "ឈាម"})
    send(physician)
    assert "ចំនួន" in c.one('[id="e-cause.a.interval"]').text and "លំដាប់" in c.one('[id="e-cause.d.condition"]').text
    for field in ("cause.a.condition", "cause.a.interval", "cause.a.code", "cause.b.condition"):
        assert c.one(f'[name="{field}"]').get_attribute("value") == (CERTIFICATE | {"cause.a.interval": "យូរ"})[field]
    physician.fill({"cause.a.interval": "៣ ថ្ងៃ", "cause.d.condition": ""})
    send(physician)
    assert c.url.endswith("/register/causes"), c.text
    # The physician sees what they stated; in canonical form.
    opened(physician, number)
    assert c.one('[name="cause.a.code"]').get_attribute("value") == "J18.9"
    assert c.one('[name="cause.b.interval"]').get_attribute("value") == "១០ ឆ្នាំ"
    # Nobody coded the lowest line: it waits for a coder, who names the underlying cause.
    c = coder.chrome
    c.get(f"{coder.base}/register/causes")
    path = f"/register/causes/{record.rsplit('/', 1)[1]}"
    assert any(a.get_attribute("href").endswith(path) for a in c.all("main a"))
    c.get(coder.base + path)
    assert c.one('[name="cause.b.condition"]').get_attribute("value") == "Chronic hepatitis"
    coder.fill({"cause.underlying": "S72.0"})
    send(coder)
    assert c.all('[id="e-cause.underlying"]'), "an injury is no underlying cause"
    coder.fill({"cause.underlying": "b18.1"})
    send(coder)
    c.get(f"{coder.base}/register/causes")
    assert "B18.1" not in c.text, "lists tell no causes"
    c.get(coder.base + path)
    assert "B18.1" in c.text


def test_who_may_not_does_not_see_it(demo, desk):
    registrar, physician = desk["registrar"], desk["physician"]
    record, number, _ = registered_death(demo, registrar, "female")
    opened(physician, number)
    physician.fill(CERTIFICATE | {"pregnancy.was": "no", "cause.b.code": "b18.1"})
    send(physician)
    assert physician.chrome.url.endswith("/register/causes"), physician.chrome.text
    c = registrar.chrome
    c.get(record)
    assert "hepatitis" not in c.driver.page_source and "B18.1" not in c.driver.page_source
    for path in ("/register/causes", f"/register/causes/{record.rsplit('/', 1)[1]}"):
        c.get(registrar.base + path)
        assert not c.all('[name="cause.a.condition"]') and "hepatitis" not in c.driver.page_source
    c.get(f"{registrar.base}/register")
    assert not c.all('a[href="/register/causes"]')
    # And physicians open no records of civil status, search for nobody, declare nothing.
    c = physician.chrome
    c.get(record)
    assert not c.all("h1 .badge")
    c.get(f"{physician.base}/register")
    assert not c.all("#f-query") and not c.all(".events")


def test_a_number_that_is_no_death_here_is_not_found(desk):
    physician = desk["physician"]
    for number in ("B-081104-2026-00001-65", "nothing", "D-120101-2026-00001-10"):
        assert not opened(physician, number)
        assert physician.chrome.one("#f-number").get_attribute("value") == number
    assert not screens.faults(physician.chrome, 360)
