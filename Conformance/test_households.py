"""Households and legal stay: the console in Chromium, the interface for systems, what the citizen sees of it."""

import re
import secrets

import pytest
import requests

from support import screens
from support.login import Citizen
from support.program import Demo
from support.register_system import System
from support.registrar import OFFICE, Registrar, birth, day

VILLAGE, OTHER = OFFICE + "01", OFFICE + "02"
HOUSEHOLDS = ["pr.household.read", "pr.household.write"]


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    program = Demo(tmp_path_factory.mktemp("rumdul") / "demo", people=120)
    yield program
    if program.alive:
        program.stop()


@pytest.fixture(scope="module")
def office(demo):
    officers = {name: Registrar(demo, user) for name, user in {
        "clerk": "sreymom", "registrar": "piseth", "verifier": "maly", "immigration": "ratanak"}.items()}
    yield officers
    for officer in officers.values():
        officer.close()


@pytest.fixture(scope="module")
def adult(demo):
    used = set()

    def take(sex):
        person = next(p for p in demo.record["persons"] if p["gender"] == sex and p["kidc"] not in used and int(p["birthdate"][:4]) < 2000)
        used.add(person["kidc"])
        return person
    return take


@pytest.fixture(scope="module")
def system(demo, tmp_path_factory):
    return System(demo, tmp_path_factory.mktemp("systems"), "commune-system", HOUSEHOLDS, areas=["0811"], attributes=["kidc", "name_km"])


@pytest.fixture(scope="module")
def immigration(demo, tmp_path_factory):
    return System(demo, tmp_path_factory.mktemp("systems"), "immigration-system", ["pr.stay.read", "pr.stay.write"])


@pytest.fixture(scope="module")
def foreigner(office, adult, system):
    """The code of somebody who is not Khmer by the register: a child whose nationality nobody declared, found in the mother's household."""
    mother = adult("female")
    made = system.post("/pr/v1/households", {"village": VILLAGE, "reference": "r", "members": [{"code": mother["kidc"], "relation": "head"}]})
    assert made.status_code == 201, made.text
    record = office["clerk"].declare("birth", birth(**{"mother.person": mother["kidc"], "mother.birthdate": mother["birthdate"], "event.date": day(-1)}))
    assert record, office["clerk"].chrome.text
    office["verifier"].take(record, "verify")
    office["registrar"].take(record, "register")
    members = system.get(made.headers["Location"]).json()["members"]
    return next(m["kidc"] for m in members if m["relation"] == "child")


def opened(registrar, person, village=VILLAGE, since=day(-400), **more):
    """A household that somebody heads; its address."""
    c = registrar.chrome
    c.get(f"{registrar.base}/register/households/new")
    registrar.fill({"village": village, "head": person["kidc"], "day": since, "reference": "សៀវភៅ ១"} | more)
    c.click("main form[action$='/new'] button[type=submit]")
    c.until(lambda: re.search(r"/households/[^/]+$", c.url) and not c.url.endswith("/new") or c.all(".notice.bad"), what="an answer")
    assert not c.url.endswith("/new"), c.text
    return c.url


def step(registrar, page, name, **values):
    """One of the forms behind folds; what the page says then."""
    c = registrar.chrome
    c.get(page)
    fold = c.one(f"#step-{name}")
    c.driver.execute_script("arguments[0].open = true", fold)
    for field, value in values.items():
        element = c.one(f"#f-{name}-{field}")
        if element.tag_name == "select":
            choice = next(o.get_attribute("value") for o in element.find_elements("css selector", "option") if value in (o.get_attribute("value"), o.text))
            c.driver.execute_script("arguments[0].value = arguments[1]", element, choice)
        else:
            element.clear()
            element.send_keys(value)
    button = c.one(f"button[value='{name}']")
    c.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", button)
    token = c.driver.find_element("tag name", "html").id
    button.click()
    c.until(lambda: c.driver.find_element("tag name", "html").id != token and c.all("h1"), what="the next page")
    return c.text


def added(registrar, address, person, relation, since=day(-400)):
    text = step(registrar, address, "add", code=person["kidc"], relation=relation, day=since, reference="សំណើ")
    assert not registrar.chrome.all(".notice.bad"), text


def rows(registrar, address):
    registrar.chrome.get(address)
    return [(r.find_elements("css selector", "td")[0].text, r.find_elements("css selector", "td")[1].text) for r in registrar.chrome.all("main table tbody tr")]


def test_the_life_of_a_household(office, adult):
    registrar, clerk = office["registrar"], office["clerk"]
    man, woman, guest = adult("male"), adult("female"), adult("male")
    home = opened(registrar, man)
    added(registrar, home, woman, "spouse")
    added(registrar, home, guest, "not_related", since=day(-10))
    assert [relation for _, relation in rows(registrar, home)] == ["មេគ្រួសារ", "ប្តី/ប្រពន្ធ", "មិនមែនញាតិ"]
    number = registrar.chrome.one("h1").text.split(" ")[1]
    assert re.fullmatch(r"H-081104-\d{6}-\d{2}", number)
    mod = pytest.importorskip("stdnum.iso7064.mod_97_10")
    assert mod.is_valid(number.replace("-", ""))
    # The past, by valid time: the guest was not there yet.
    registrar.chrome.get(f"{home}?on={day(-20)}")
    assert len(registrar.chrome.all("main table tbody tr")) == 2
    assert not registrar.chrome.all("#step-add"), "the past is not changed"
    # A member is found by the code, in a form; the clerk of the office too.
    c = clerk.chrome
    for typed in (guest["kidc"], number, number.lower().replace("-", "")):
        c.get(f"{clerk.base}/register/households")
        c.type("#f-query", typed)
        c.click("form[role=search] button[type=submit]")
        c.until(lambda: c.url == home, what="the household")
    # The wife becomes the head; the guest opens a household of his own; the rest moves.
    text = step(registrar, home, "head", member=rows(registrar, home)[1][0].split("\n")[0], day=day(-5), reference="ព្រមព្រៀង")
    assert not registrar.chrome.all(".notice.bad"), text
    assert [relation for _, relation in rows(registrar, home)][:2] == ["មេគ្រួសារ", "ប្តី/ប្រពន្ធ"]
    other = opened(registrar, guest, village=OTHER, since=day(-1))
    assert len(rows(registrar, home)) == 2, "nobody is in two households"
    assert "ចេញពីគ្រួសារ" in registrar.chrome.text
    text = step(registrar, home, "move", village=OTHER, address="ផ្ទះលេខ ៣", day=day(), reference="លិខិត")
    assert not registrar.chrome.all(".notice.bad"), text
    assert "ផ្ទះលេខ ៣" in registrar.chrome.text
    text = step(registrar, other, "close", day=day(), reference="ចាកចេញ")
    assert "បានបិទ" in text
    # Old pages are refused, and nothing that was typed is lost.
    c = registrar.chrome
    c.get(home)
    c.driver.execute_script("document.querySelector('#step-leave').open = true; document.querySelector('#step-leave [name=version]').value = '1'")
    c.driver.execute_script("const s = document.querySelector('#f-leave-member'); s.selectedIndex = 1")
    c.one("#f-leave-reference").send_keys("មូលហេតុ")
    token = c.driver.find_element("tag name", "html").id
    c.driver.execute_script("document.querySelector(\"button[value='leave']\").click()")
    c.until(lambda: c.driver.find_element("tag name", "html").id != token and c.all(".notice.bad"), what="a refusal")
    assert "មានអ្នកផ្សេងបានកែ" in c.text


def test_bad_input_is_answered_at_the_field(office, adult):
    registrar = office["registrar"]
    home = opened(registrar, adult("male"))
    for field, values, words in (
        ("code", {"code": "1234567890"}, "លេខអត្តសញ្ញាណមិនត្រឹមត្រូវ"),
        ("day", {"code": adult("female")["kidc"], "day": "៣១/០២/២០២៦"}, "ថ្ងៃ/ខែ/ឆ្នាំ"),
        ("day", {"code": adult("female")["kidc"], "day": "2090-01-01"}, "ថ្ងៃមិនត្រឹមត្រូវ"),
    ):
        step(registrar, home, "add", **({"relation": "child", "reference": "សំណើ", "day": day()} | values))
        assert words in registrar.chrome.one(f"#e-add-{field}").text
        assert registrar.chrome.one("#f-add-reference").get_attribute("value") == "សំណើ"
        assert registrar.chrome.one("#step-add").get_attribute("open")


def test_a_birth_joins_and_a_death_asks_for_a_head(office, adult, demo):
    registrar = office["registrar"]
    man, woman = adult("male"), adult("female")
    home = opened(registrar, man)
    added(registrar, home, woman, "spouse")
    record = office["clerk"].declare("birth", birth(**{"mother.person": woman["kidc"], "mother.given_km": "ម្តាយ", "mother.birthdate": woman["birthdate"]}))
    assert record, office["clerk"].chrome.text
    office["verifier"].take(record, "verify")
    registrar.take(record, "register")
    assert registrar.state() == "បានចុះបញ្ជី", registrar.chrome.text
    assert [relation for _, relation in rows(registrar, home)] == ["មេគ្រួសារ", "ប្តី/ប្រពន្ធ", "កូន"]
    c = registrar.chrome
    c.get(f"{registrar.base}/register/new/death")
    registrar.fill({"deceased.person": man["kidc"], "event.date": day(-1), "event.place": OFFICE, "informant.relation": "spouse", "informant.given_km": "ភរិយា"})
    c.click('button[value="fill"]')
    c.until(lambda: c.one('[name="deceased.given_km"]').get_attribute("value"), what="the register's data")
    c.click('button[value="declare"]')
    c.until(lambda: "/records/" in c.url, what="the record")
    registrar.take(c.url, "register")
    text_rows = rows(registrar, home)
    assert [relation.split(" ")[0].split("\n")[0] for _, relation in text_rows] == ["ប្តី/ប្រពន្ធ", "កូន"]
    assert "ត្រូវការមេគ្រួសារ" in c.one("h1").text and "ស្នើជាមេគ្រួសារ" in c.text
    c.get(f"{registrar.base}/register/households")
    assert any(a.get_attribute("href") == home for a in c.all(".cream a")), "it stands in the list of the office"
    # The proposed head is chosen already.
    c.get(home)
    assert c.one("#step-head").get_attribute("open") and c.one("#f-head-member").get_attribute("value")
    step(registrar, home, "head", reference="ជំនួស")
    assert [relation for _, relation in rows(registrar, home)] == ["មេគ្រួសារ", "កូន"]


def test_the_citizen_sees_the_household_and_every_look(office, adult, officer, base, demo):
    registrar = office["registrar"]
    person, other = adult("male"), adult("female")
    home = opened(registrar, person)
    added(registrar, home, other, "sibling")
    registrar.chrome.get(home)
    number = registrar.chrome.one("h1").text.split(" ")[1]
    portal = Citizen(base, person, officer.enrol(person["kidc"])).portal("en")[0]
    data = portal.get("/app/data")
    shown = portal.submit(data.page.form("/app/data"))
    assert shown.status == 200 and number in shown.page.text and "head" in shown.page.text and "members: 2" in shown.page.text
    journal = portal.get("/app").page.text
    assert "Keeping the register of households" in journal and "Household" in journal


def test_other_areas_and_strangers_see_nothing(office, adult, demo):
    registrar, verifier = office["registrar"], office["verifier"]
    home = opened(registrar, adult("male"))
    verifier.chrome.get(home)
    assert "H-081104" in verifier.chrome.text and not verifier.chrome.all("#step-add"), "the district looks, and changes nothing"
    office["immigration"].chrome.get(home)
    assert "H-081104" not in office["immigration"].chrome.text
    assert requests.get(home, allow_redirects=False, timeout=10).status_code in (302, 303)
    answer = requests.post(home + "/do", data={"step": "close"}, timeout=10, allow_redirects=False)
    assert answer.status_code in (401, 403)


def test_pages_fit_a_small_screen_and_the_keyboard(office, adult):
    registrar = office["registrar"]
    home = opened(registrar, adult("male"))
    c = registrar.chrome
    for address in (home, f"{registrar.base}/register/households", f"{registrar.base}/register/households/new"):
        c.driver.set_window_size(500, 900)
        c.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": 360, "height": 800, "deviceScaleFactor": 1, "mobile": False})
        c.get(address)
        assert c.driver.execute_script("return document.documentElement.scrollWidth") <= 360, address
        ids = c.driver.execute_script("return [...document.querySelectorAll('[id]')].map(e => e.id)")
        assert len(ids) == len(set(ids)), "each identifier once"
        assert not screens.faults(c, 360), address
        unlabelled = c.driver.execute_script(
            "return [...document.querySelectorAll('main input:not([type=hidden]), main select')].filter(e => !e.labels.length).map(e => e.name)")
        assert not unlabelled, unlabelled
    c.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    c.get(home)
    c.driver.execute_script("document.querySelector('#step-add summary').focus()")
    c.driver.switch_to.active_element.send_keys("\n")
    c.until(lambda: c.one("#step-add").get_attribute("open"), what="the fold to open by key")


def test_legal_stay_at_the_console(office, adult, foreigner):
    immigration = office["immigration"]
    khmer = adult("male")
    c = immigration.chrome
    c.get(f"{immigration.base}/register/stays")
    c.type("#f-code", khmer["kidc"])
    c.click("main form button[type=submit]")
    c.until(lambda: c.all("#f-basis"), what="the person")
    immigration.fill({"basis": "visa_e", "number": "E 998877", "office": "អន្តោប្រវេសន៍", "from": day(-100), "until": day(-10), "reference": "សំណុំ ១"})
    c.click('button[value="record"]')
    c.until(lambda: c.all(".notice"), what="an answer")
    assert "មានសញ្ជាតិខ្មែរ" in c.text and c.one("#f-number").get_attribute("value") == "E 998877"
    c.get(f"{immigration.base}/register/stays")
    c.type("#f-code", "1234567890")
    c.click("main form button[type=submit]")
    c.until(lambda: c.all("#e-code"), what="a refusal")
    registrar = office["registrar"].chrome
    registrar.get(f"{immigration.base}/register/stays")
    assert not registrar.all("#f-code"), "not the registrar's"
    c.get(f"{immigration.base}/register/stays")
    c.type("#f-code", foreigner)
    c.click("main form button[type=submit]")
    c.until(lambda: c.all("#f-basis"), what="the person")
    immigration.fill({"basis": "visa_e", "number": "E 998877", "office": "អន្តោប្រវេសន៍", "from": day(-100), "until": day(-10), "reference": "សំណុំ ១"})
    c.click('button[value="record"]')
    c.until(lambda: c.all(".notice.good"), what="an answer")
    assert "ផុតកំណត់" in c.one("#stay").text and "E998877" in c.one("#stay").text


def test_legal_stay_for_systems(immigration, system, adult, foreigner):
    khmer = {"code": adult("male")["kidc"], "basis": "visa_e", "office": "GDI", "from": day(-100), "reference": "file"}
    refused = immigration.call("POST", "/pr/v1/stays", khmer)
    assert refused.status_code == 400 and refused.json()["errors"][0]["field"] == "basis", refused.text
    noted = immigration.call("POST", "/pr/v1/stays", khmer | {"code": foreigner, "number": "E 1", "until": day(-10)})
    assert noted.status_code == 204, noted.text
    told = immigration.call("POST", "/pr/v1/stays/search", {"code": foreigner}).json()["stay"]
    assert told["state"] == "expired" and told["basis"] == "visa_e" and told["number"] == "E1"
    past = immigration.call("POST", "/pr/v1/stays/search", {"code": foreigner, "on": day(-50)}).json()["stay"]
    assert past["state"] == "valid"
    assert immigration.call("POST", "/pr/v1/stays/search", {"code": foreigner, "on": day(-101)}).json()["stay"] is None
    done = immigration.call("POST", "/pr/v1/stays", {"code": foreigner, "ended": day(), "reference": "left"})
    assert done.status_code == 204
    assert immigration.call("POST", "/pr/v1/stays/search", {"code": foreigner}).json() == {"stay": None}
    refused = system.call("POST", "/pr/v1/stays/search", {"code": foreigner})
    assert refused.status_code == 403 and "pr.stay.read" in refused.headers["WWW-Authenticate"]


def test_households_for_systems(system, adult, demo, tmp_path):
    man, woman, child = adult("male"), adult("female"), adult("male")
    body = {"village": VILLAGE, "address": "ផ្ទះ ៧", "reference": "import 1", "day": day(-30), "members": [
        {"code": man["kidc"], "relation": "head"}, {"code": woman["kidc"], "relation": "spouse"}]}
    key = secrets.token_urlsafe(16)
    made = system.post("/pr/v1/households", body, key=key)
    assert made.status_code == 201, made.text
    path = made.headers["Location"]
    assert system.post("/pr/v1/households", body, key=key).json()["id"] == made.json()["id"], "opened once"
    assert system.post("/pr/v1/households", body | {"village": OTHER}, key=key).status_code == 409
    assert system.call("POST", "/pr/v1/households", body).status_code == 400, "without a key"
    read = system.get(path)
    assert read.status_code == 200 and read.headers["ETag"] == f'"{read.json()["version"]}"' and "no-store" in read.headers["Cache-Control"]
    assert [m["relation"] for m in read.json()["members"]] == ["head", "spouse"]
    assert read.json()["members"][0]["kidc"] == man["kidc"] and "birthdate" not in read.json()["members"][0], "what was granted, no more"
    changed = system.call("POST", path + "/changes", {
        "change": "add", "version": read.json()["version"], "code": child["kidc"], "relation": "child", "reference": "r", "day": day(-3)})
    assert changed.status_code == 200, changed.text
    again = system.call("POST", path + "/changes", {
        "change": "add", "version": read.json()["version"], "code": child["kidc"], "relation": "child", "reference": "r"})
    assert again.status_code == 409 and again.json()["code"] == "household.changed"
    assert len(system.get(path, params={"on": day(-10)}).json()["members"]) == 2
    assert len(system.get(path).json()["members"]) == 3
    assert system.get(path, params={"on": day(-31)}).status_code == 404
    split = system.call("POST", path + "/changes", {
        "change": "split", "version": changed.json()["version"], "village": OTHER, "reference": "r",
        "members": [{"code": child["kidc"], "relation": "head"}]})
    assert split.status_code == 200 and split.json()["id"] != made.json()["id"]
    found = system.call("POST", "/pr/v1/households/search", {"code": child["kidc"]})
    assert found.status_code == 200 and found.json()["id"] == split.json()["id"]
    assert system.call("POST", "/pr/v1/households/search", {"number": made.json()["number"]}).json()["id"] == made.json()["id"]
    # A system of another place finds nothing and opens nothing here.
    far = System(demo, tmp_path, "far-system", HOUSEHOLDS, areas=["12"])
    assert far.get(path).status_code == 404
    assert far.call("POST", "/pr/v1/households/search", {"code": child["kidc"]}).status_code == 404
    refused = far.post("/pr/v1/households", body)
    assert refused.status_code == 403 and refused.json()["code"] == "api.area"
    assert far.call("POST", path + "/changes", {"change": "close", "version": 1, "reference": "r"}).status_code == 404


def test_many_at_once_leave_one_household(system, adult):
    """Twelve requests at once for the same person."""
    from concurrent.futures import ThreadPoolExecutor
    person, token = adult("female"), system.token()
    body = {"village": VILLAGE, "reference": "race", "day": day(-1), "members": [{"code": person["kidc"], "relation": "head"}]}
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: system.post("/pr/v1/households", body, token=token), range(6)))
    assert {a.status_code for a in answers} <= {201, 400, 409, 429} and any(a.status_code == 201 for a in answers), [a.text for a in answers]
    holding = 0
    for answer in answers:
        if answer.status_code == 201:
            holding += len(system.get(answer.headers["Location"], token=token).json()["members"])
    assert holding == 1, "one household has the person"
