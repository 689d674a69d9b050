"""The officers' search: names in both scripts with slips, dates, places; from the outside, without scripts and in Chromium."""

import re

import pytest
from selenium.webdriver.common.keys import Keys

from support import screens
from support.browser import Browser
from support.officer import Officer
from support.program import Demo, run
from support.registrar import OFFICE, Registrar, birth, day

CHILD = {
    "child.family_km": "ឃាង", "child.given_km": "សុវណ្ណារ៉ា", "child.family_latin": "KHEANG", "child.given_latin": "Sovannara",
    "event.place": OFFICE,
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    program = Demo(tmp_path_factory.mktemp("rumdul") / "demo", people=300)
    yield program
    if program.alive:
        program.stop()


@pytest.fixture(scope="module")
def record(demo):
    """A registered birth in Ta Khmau, and its registrar's browser."""
    officers = {name: Registrar(demo, user) for name, user in {"clerk": "sreymom", "registrar": "piseth", "verifier": "maly"}.items()}
    try:
        address = officers["clerk"].declare("birth", birth(**CHILD))
        assert address, officers["clerk"].chrome.text
        officers["verifier"].take(address, "verify")
        officers["registrar"].take(address, "register")
        number = officers["registrar"].number()
        assert number.startswith("B-"), number
        yield address, number
    finally:
        for officer in officers.values():
            officer.close()


class Searcher:
    """An officer at /register without scripts."""

    def __init__(self, demo, username, language="en"):
        account = next(o for o in demo.record["officers"] if o["username"] == username)
        self.browser = Browser(demo.url, language)
        login = self.browser.get("/register")
        self.home = self.browser.submit(login.page.form("/register/login"), username=username, password=account["password"])
        assert self.home.page.form("/register/search"), self.home.text[:300]

    def search(self, query="", **filters):
        page = self.browser.submit(self.home.page.form("/register/search"), query=query, **filters)
        assert query == "" or query not in page.url
        return page


@pytest.fixture(scope="module")
def registrar(demo, record):
    return Searcher(demo, "piseth")


def paths(answer):
    return set(re.findall(r'href="(/register/records/[^"]+)"', answer.text))


def finds(answer, record):
    assert answer.status == 200, answer.text[:500]
    return record[0].removeprefix(answer.url.split("/register")[0]) in paths(answer)


@pytest.mark.parametrize("typed", [
    "ឃាង សុវណ្ណារ៉ា",  # as entered
    "ឃាងសុវណ្ណារ៉ា",  # in one word
    "សុវណ្ណារ៉ា ឃាង",  # given name first
    "ឃាង សុវណ្ណារា៉",  # the sign behind the vowel
    "ឃាង សុវណ្ណារា",  # a sign missing
    "ឃាង សុវន្ណារ៉ា",  # a wrong consonant that sounds the same
    "ឃាង សុវណ្ណារ៉ាត",  # a letter too many
    "ឃាង សុណ្ណារ៉ា",  # a letter missing
    "ឃាង សុណវ្ណារ៉ា",  # two letters exchanged
    "ឃាង ស៊ូវណ្ណារ៉ា",  # other vowel signs
    "ខាង សុវណ្ណារ៉ា",  # a slip in the family name
    "ឃាង​សុវណ្ណា​រ៉ា",  # zero-width spaces
    "សុវណ្ណារ៉ា",  # the given name alone
    "KHEANG SOVANNARA", "kheang sovannara", "Sovannara Kheang", "Kheang Sovanara", "Kieng Sovannara", "Khaeng Sovannara",
    "Kheang Sovannnara", "Kheang Sovannata", "Kheang Svoannara", "Kheng Suvannara", "Kheang Sovannar",
])
def test_a_name_is_found_with_slips_in_both_scripts(registrar, record, typed):
    assert finds(registrar.search(typed), record), typed


@pytest.mark.parametrize("typed", ["ចាន់ ធីតា", "Chan Thida", "ឃាង", "xyzzy qwrt"])
def test_another_name_does_not_find_it(registrar, record, typed):
    assert not finds(registrar.search(typed), record)


def test_numbers_find_it(registrar, record):
    assert finds(registrar.search(record[1]), record)


def test_dates_and_places_narrow_the_answer(registrar, record):
    page = registrar.browser.get(record[0]).page.text
    year = re.search(r"B-081104-(\d{4})", record[1]).group(1)
    assert OFFICE in record[1] and year in page
    slip = "ឃាង សុវណ្ណារា"
    for filters in (
        {"date": year}, {"date": f"{int(year) - 5}-{year}"}, {"date": year.translate(str.maketrans("0123456789", "០១២៣៤៥៦៧៨៩"))},
        {"place": OFFICE}, {"place": "0811"}, {"place": "08"}, {"place": "តាខ្មៅ"}, {"place": "ខេត្តកណ្តាល"}, {"place": "Kandal"},
        {"date": year, "place": "0811"},
    ):
        assert finds(registrar.search(slip, **filters), record), filters
    for filters in ({"date": str(int(year) - 3)}, {"date": "1950-1960"}, {"place": "0101"}, {"place": "12"}, {"date": year, "place": "0812"}):
        assert not finds(registrar.search(slip, **filters), record), filters
    # Without a name: a commune with a year, and a date.
    assert finds(registrar.search(date=year, place=OFFICE), record)


def test_bad_input_says_what_is_wrong(registrar):
    answer = registrar.search("ឃាង", date="yesterday")
    assert answer.status == 400 and "Write a year" in answer.text
    answer = registrar.search("ឃាង", place="Atlantis")
    assert answer.status == 400 and "No such place" in answer.text
    for vague in ({"query": ""}, {"query": "", "date": "1990"}, {"query": "", "place": OFFICE}, {"query": "!? 12"}):
        answer = registrar.search(**vague)
        assert answer.status == 200 and "Give a name" in answer.text, vague
    hostile = registrar.search("ក" * 4000, date="9" * 500, place="\u0000'\"; DROP TABLE x" * 20)
    assert hostile.status == 400


def test_people_are_shown_with_how_near_they_are(demo):
    """The national registrar finds people of the population register, with a slip and a year."""
    national = Searcher(demo, "dalin")
    found = 0
    for person in demo.record["persons"][:12]:
        name = person["name_km"].split(" ")
        slip = name[0] + " " + name[1][:-1] if len(name[1]) > 3 else person["name_km"]
        answer = national.search(slip, date=person["birthdate"][:4])
        if person["name_km"] in answer.page.text:
            found += 1
    assert found == 12
    person = demo.record["persons"][0]
    latin = person["name_latin"]
    answer = national.search(latin[:-1] + ("x" if latin[-1] != "x" else "y"), date=person["birthdate"][:4])
    assert person["name_km"] in answer.page.text and "differs" in answer.page.text
    assert person["kidc"] not in answer.text, "the code is not told"
    # A commune's registrar does not look into other provinces, and learns nothing of who lives there.
    elsewhere = next(p for p in demo.record["persons"] if p["province"] != "08")
    answer = Searcher(demo, "piseth").search(elsewhere["name_km"], date=elsewhere["birthdate"][:4])
    assert "No record was found" in answer.page.text


def test_a_sealed_record_is_absent(demo, record):
    """Sealed, it is found by nobody without the right, by no slip and no filter; unsealed, it is found again."""
    officer = Registrar(demo, "sothy")
    try:
        officer.take(record[0], "seal", reason="ការសុំកូន")
        plain = Searcher(demo, "piseth")
        year = re.search(r"B-081104-(\d{4})", record[1]).group(1)
        for typed, filters in (("ឃាង សុវណ្ណារ៉ា", {}), ("ឃាង សុវណ្ណារា", {}), ("Kheang Sovannara", {}), (record[1], {}),
                               ("", {"date": year, "place": OFFICE})):
            answer = plain.search(typed, **filters)
            assert not finds(answer, record) and record[1] not in answer.page.text.replace(typed, ""), typed
        sealer = Searcher(demo, "sothy")
        assert finds(sealer.search("ឃាង សុវណ្ណារ៉ា"), record), "who may see sealed records finds it by its whole name"
        officer.take(record[0], "unseal", reason="បើកវិញ")
        assert finds(plain.search("ឃាង សុវណ្ណារា"), record)
    finally:
        officer.close()


def test_the_enrolment_officer_finds_people_with_a_slip(demo):
    officer = Officer(demo.url, demo.officer())
    person = demo.record["persons"][1]
    name = person["name_km"].split(" ")
    for typed in (person["name_km"], name[0] + name[1][:-1], person["name_latin"][:-1] + "q"):
        home = officer.browser.get("/enrol")
        form = next(f for f in home.page.forms if "birth_year" in f.names)
        answer = officer.browser.submit(form, name=typed, birth_year=person["birthdate"][:4])
        assert answer.status == 200 and person["name_km"] in answer.page.text, typed


def test_the_index_is_whole_and_made_again(demo, record):
    """`rumdul admin reindex names` beside the serving node finds nothing missing."""
    done = run("admin", "reindex", "names", "--data", demo.data, "--json")
    assert done.returncode == 0, done.stderr
    assert '"people":0' in done.stdout.replace(" ", "") and '"records":0' in done.stdout.replace(" ", "")


def test_the_page_by_keyboard_and_at_360_pixels(demo, record):
    registrar = Registrar(demo, "piseth")
    try:
        c = registrar.chrome
        field = c.one("#f-query")
        field.send_keys("ឃាង សុវណ្ណារា")
        field.send_keys(Keys.TAB)
        focused = c.driver.switch_to.active_element
        assert focused.get_attribute("name") == "date"
        focused.send_keys(day(0)[:4])
        focused.send_keys(Keys.TAB)
        assert c.driver.switch_to.active_element.get_attribute("name") == "place"
        c.driver.switch_to.active_element.send_keys("តាខ្មៅ" + Keys.ENTER)
        c.until(lambda: c.all("table.cards") and record[1] in c.text, what="the record")
        assert "ខុសអក្សរមួយ" in c.text
        assert c.one("#f-query").get_attribute("value") == "ឃាង សុវណ្ណារា"
        assert record[1] in c.text and "សុវណ្ណារ" not in c.url
        for width in (360, 1100):
            faults = screens.faults(c, width)
            assert not faults, faults
    finally:
        registrar.close()
