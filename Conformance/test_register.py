"""The registrar's whole stories in Chromium: birth, death, marriage, divorce, correction, revocation; what bad input says."""

import io
import re
import sqlite3
from contextlib import closing

import pytest
import requests
from PIL import Image

from support import pdf, screens
from support.login import Citizen
from support.program import Demo, run
from support.registrar import OFFICE, Registrar, birth, day


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    program = Demo(tmp_path_factory.mktemp("rumdul") / "demo", people=100)
    yield program
    if program.alive:
        program.stop()


@pytest.fixture(scope="module")
def office(demo):
    """Clerk, registrar, verifier, province and two officers of the general department, each in a browser."""
    officers = {name: Registrar(demo, user) for name, user in {
        "clerk": "sreymom", "registrar": "piseth", "verifier": "maly", "province": "samnang", "first": "sothy", "second": "kunthea",
    }.items()}
    yield officers
    for officer in officers.values():
        officer.close()


@pytest.fixture
def adults(demo):
    """Adults of the demonstration without a spouse in the register."""
    def take(sex):
        person = next(p for p in demo.record["persons"] if p["gender"] == sex and p["kidc"] not in used and int(p["birthdate"][:4]) < 2000)
        used.add(person["kidc"])
        return person
    used = adults_used.setdefault(demo.url, set())
    return take


adults_used = {}


def registered_birth(office, **changes):
    record = office["clerk"].declare("birth", birth(**changes))
    assert record, office["clerk"].chrome.text
    office["verifier"].take(record, "verify")
    office["registrar"].take(record, "register")
    return record


def marriage(husband, wife, **changes):
    return {
        "spouse1.person": husband["kidc"], "spouse2.person": wife["kidc"], "event.date": day(), "event.place": OFFICE,
        "event.notice_date": day(-15), "witness1.given_km": "មករា", "witness2.given_km": "មីនា", "informant.relation": "parties",
        "informant.given_km": "ភាគី",
    } | changes


def filled_in(registrar, kind, values):
    """Codes first; the register fills in the rest; then the declaration."""
    c = registrar.chrome
    c.get(f"{registrar.base}/register/new/{kind}")
    registrar.fill(values)
    c.click('button[value="fill"]')
    c.until(lambda: c.one('[name="spouse1.given_km"], [name="deceased.given_km"], [name="person.given_km"]').get_attribute("value"), what="the register's data")
    registrar.fill(values)
    c.click('button[value="declare"]')
    c.until(lambda: "/records/" in c.url or c.all(".notice.bad"), what="an answer")
    return c.url if "/records/" in c.url else None


def registered_marriage(office, husband, wife):
    record = filled_in(office["registrar"], "marriage", marriage(husband, wife))
    assert record, office["registrar"].chrome.text
    office["registrar"].take(record, "register")
    assert office["registrar"].state() == "បានចុះបញ្ជី"
    return record


def test_a_birth_from_the_commune_to_the_district_and_back(office):
    clerk, verifier, registrar = office["clerk"], office["verifier"], office["registrar"]
    record = clerk.declare("birth", birth())
    assert record, clerk.chrome.text
    assert clerk.state() == "បានប្រកាស"
    assert "តាខ្មៅ" in clerk.chrome.text, "the village is shown in words"
    assert not clerk.chrome.all('button[value="verify"]'), "nobody verifies what is not his to verify"
    registrar.chrome.get(record)
    assert not registrar.chrome.all('button[value="register"]'), "no registration before the district has verified"
    verifier.take(record, "sendBack", reason="ឈ្មោះឪពុកខ្វះ")
    assert verifier.state() == "ត្រឡប់មកកែ"
    clerk.chrome.get(record + "/edit")
    assert "ឈ្មោះឪពុកខ្វះ" in clerk.chrome.text
    clerk.fill({"father.unknown": "", "father.given_km": "វិបុល"})
    clerk.chrome.click('button[value="declare"]')
    clerk.chrome.until(lambda: clerk.chrome.url == record and clerk.state() == "បានប្រកាស")
    verifier.take(record, "verify")
    registrar.take(record, "register")
    assert registrar.state() == "បានចុះបញ្ជី"
    assert re.fullmatch(r"B-081104-\d{4}-\d{5}-\d{2}", registrar.number())


def test_registration_numbers_pass_an_independent_check(office):
    mod_97_10 = pytest.importorskip("stdnum.iso7064.mod_97_10")
    record = registered_birth(office, **{"child.given_km": "លេខា"})
    office["registrar"].chrome.get(record)
    assert mod_97_10.is_valid(office["registrar"].number().replace("-", ""))


def test_a_clerical_correction_takes_two_officers(office):
    registrar, verifier = office["registrar"], office["verifier"]
    record = registered_birth(office, **{"child.given_km": "ចាន់ធី"})
    registrar.chrome.get(record + "/correct")
    registrar.fill({"child.given_km": "ចាន់ធូ", "reason": "សរសេរខុស"})
    registrar.chrome.click("form[action$='/correct'] button[type=submit]")
    registrar.chrome.until(lambda: registrar.chrome.url == record)
    assert "កំពុងរង់ចាំមន្ត្រីទីពីរ" in registrar.chrome.text
    verifier.take(record, "approveCorrection")
    assert "ចាន់ធូ" in verifier.chrome.text
    # What is no slip of writing needs a court, and says so at the field.
    registrar.chrome.get(record + "/correct")
    registrar.fill({"event.place": "081105", "reason": "ទីកន្លែងខុស"})
    registrar.chrome.click("form[action$='/correct'] button[type=submit]")
    registrar.chrome.wait("#e-basis")
    assert registrar.chrome.one('[name="reason"]').get_attribute("value") == "ទីកន្លែងខុស", "nothing typed is lost"


def test_marriage_divorce_death_and_a_revocation(office, adults, demo):
    registrar, first, second = office["registrar"], office["first"], office["second"]
    husband, wife, other = adults("male"), adults("female"), adults("female")
    # Declared while he was still free.
    again = filled_in(registrar, "marriage", marriage(husband, other))
    registered_marriage(office, husband, wife)
    # A second marriage is refused at the field of the one who is married, and nothing typed is lost.
    assert filled_in(registrar, "marriage", marriage(husband, other)) is None
    assert "មានប្តី ឬប្រពន្ធរួចហើយ" in registrar.chrome.one('[id="e-spouse1.person"]').text
    assert registrar.chrome.one('[name="witness2.given_km"]').get_attribute("value") == "មីនា"
    said = registrar.take(again, "register")
    assert "មានប្តី ឬប្រពន្ធរួចហើយ" in said and registrar.state(again) == "បានប្រកាស"
    death = filled_in(registrar, "death", {
        "deceased.person": husband["kidc"], "event.date": day(-1), "event.place": "តាខ្មៅ", "informant.relation": "spouse",
        "informant.given_km": "ភរិយា",
    })
    assert death, registrar.chrome.text
    registrar.take(death, "register")
    assert registrar.state() == "បានចុះបញ្ជី"
    # A dead spouse cannot marry, nor die again.
    said = registrar.take(again, "register")
    assert "មរណភាពរួចហើយ" in said
    for kind, values, field in (("marriage", marriage(husband, other), "spouse1.person"), ("death", {
            "deceased.person": husband["kidc"], "event.date": day(-1), "event.place": "តាខ្មៅ", "informant.relation": "spouse",
            "informant.given_km": "ភរិយា"}, "deceased.person")):
        assert filled_in(registrar, kind, values) is None
        assert "មរណភាពរួចហើយ" in registrar.chrome.one(f'[id="e-{field}"]').text
    first.take(death, "requestRevocation", reason="មនុស្សខុស", basis="សេចក្តីសម្រេច ១")
    first.chrome.get(death)
    assert not first.chrome.all('button[value="approveRevocation"]'), "the second officer is another one"
    second.take(death, "approveRevocation")
    assert second.state() == "ត្រូវបានដកហូត"


def test_a_marriage_that_somebody_objects_to(office, adults):
    clerk, registrar = office["clerk"], office["registrar"]
    record = filled_in(registrar, "marriage", marriage(adults("male"), adults("female")))
    assert record, registrar.chrome.text
    clerk.take(record, "raiseObjection", reason="កូនកំលោះមានប្រពន្ធរួចហើយ")
    assert "កូនកំលោះមានប្រពន្ធរួចហើយ" in clerk.chrome.text
    assert not clerk.chrome.all('button[value="dismissObjection"]'), "a clerk notes, a registrar decides"
    registrar.chrome.get(record)
    assert not registrar.chrome.all('button[value="register"]'), "nothing is registered while somebody objects"
    registrar.chrome.get(f"{registrar.base}/register/queues/objections")
    assert any(a.get_attribute("href") == record for a in registrar.chrome.all("main a"))
    district = office["verifier"].chrome
    district.get(f"{registrar.base}/register")
    assert any(a.get_attribute("href").endswith("/queues/objections") for a in district.all(".queues a")), "the district has the list too"
    district.get(f"{registrar.base}/register/queues/objections")
    assert any(a.get_attribute("href") == record for a in district.all("main a"))
    registrar.take(record, "dismissObjection", reason="គ្មានភស្តុតាង")
    registrar.take(record, "register")
    assert registrar.state(record) == "បានចុះបញ្ជី"


def test_a_citizen_sees_their_own_records_and_the_look_is_noted(office, adults, officer, base):
    husband, wife = adults("male"), adults("female")
    record = registered_marriage(office, husband, wife)
    number = office["registrar"].number()
    office["registrar"].chrome.get(record)
    portal = Citizen(base, husband, officer.enrol(husband["kidc"])).portal("en")[0]
    asked = portal.get("/app/documents")
    assert number not in asked.text, "nothing before one asks"
    shown = portal.submit(asked.page.form("/app/documents"))
    assert shown.status == 200 and number in shown.page.text and "Marriage" in shown.page.text
    assert "no-store" in shown.headers["Cache-Control"]
    assert "your own request" in portal.get("/app").page.text
    other = adults("male")
    stranger = Citizen(base, other, officer.enrol(other["kidc"])).portal("en")[0]
    empty = stranger.submit(stranger.get("/app/documents").page.form("/app/documents"))
    assert empty.status == 200 and number not in empty.text
    assert stranger.submit(asked.page.form("/app/documents")).status == 403, "a form of another session"


def test_an_adopted_child_gets_a_birth_record_of_their_own(office):
    """The general department registers anew in the old one's place; the old certificate ends, the code stays."""
    record = registered_birth(office)
    first, second = office["first"], office["second"]
    c = first.chrome
    c.get(record)
    number = first.number()
    c.get(record + "/replace")
    first.fill({"mother.family_km": "លី", "mother.given_km": "វណ្ណា", "reason": "ស្មុំកូនពេញលក្ខណៈ", "basis": "សាលក្រម ៥"})
    c.click('main form button[type="submit"]')
    c.until(lambda: c.url == record, what="the record's page")
    assert "វណ្ណា" in c.text and not c.all('button[value="approveReplacement"]'), "the second officer is another one"
    second.take(record, "approveReplacement")
    assert second.chrome.url != record and second.state() == "បានចុះបញ្ជី"
    assert second.number() != number and "វណ្ណា" in second.chrome.text
    assert second.state(record) == "លែងមានសុពលភាព"
    clerk = office["clerk"]
    clerk.chrome.get(record)
    assert not clerk.chrome.all("h1 .badge"), "a sealed record is not there for the commune"


def test_a_very_late_birth_waits_for_the_province(office):
    record = office["clerk"].declare("birth", birth(**{"event.date": "2019-02-03", "event.late_reason": "រស់នៅឆ្ងាយ", "child.given_km": "យឺត"}))
    assert record, office["clerk"].chrome.text
    office["verifier"].take(record, "verify")
    office["registrar"].chrome.get(record)
    assert not office["registrar"].chrome.all('button[value="register"]')
    office["province"].chrome.get(f"{office['province'].base}/register/queues/toApprove")
    assert record.rsplit("/", 1)[1] in office["province"].chrome.driver.page_source
    office["province"].take(record, "approveLate", reason="មានសាក្សីពីរ")
    office["registrar"].take(record, "register")
    assert office["registrar"].state() == "បានចុះបញ្ជី"


def test_the_same_birth_declared_twice_is_settled_by_two_officers_blind_to_each_other(office, demo):
    again = birth(**{"child.given_km": "សុជាតា", "child.given_latin": "Socheata", "father.unknown": "", "father.family_km": "សុខ", "father.given_km": "រិទ្ធី"})
    again["father.unknown"] = ""
    first = registered_birth(office, **again)
    second = office["clerk"].declare("birth", again | {"child.given_latin": "Sochata", "child.family_latin": "SOKH"})
    assert second, office["clerk"].chrome.text
    assert office["clerk"].state() == "ពិនិត្យភាពស្ទួន"
    words = []
    for user in ("vichea", "sopheap"):
        adjudicator = Registrar(demo, user)
        c = adjudicator.chrome
        try:
            c.get(f"{demo.url}/register/duplicates")
            c.click(".list a")
            c.wait('[name="reason"]')
            words.append(c.text)
            shown = c.one("main").text
            assert "សុជាតា" in shown and "%" in shown and "ដូចគ្នាទាំងស្រុង" in shown, "both sides and every reason"
            faults = screens.faults(c, 360) + screens.faults(c, 1280)
            assert not faults, faults
            c.type('[name="reason"]', "ដូចគ្នាគ្រប់យ៉ាង")
            c.click('button[value="same"]')
            c.until(lambda: c.url.endswith("/duplicates"))
        finally:
            adjudicator.close()
    assert "vichea" not in words[1] and "វិជ្ជា" not in words[1], "the second officer does not learn of the first"
    assert office["registrar"].state(second) == "រក្សាទុកក្នុងសំណុំឯកសារ"
    assert office["registrar"].state(first) == "បានចុះបញ្ជី"


def test_an_agreed_case_of_two_records_in_force_leads_to_a_revocation(office, demo):
    """Two births that slipped in as different ones are compared again by the job; what officers agree on waits in a list."""
    twin = {"child.given_km": "ឧត្តម", "child.given_latin": "Oudom", "child.family_latin": "SOK", "father.unknown": "", "father.family_km": "សុខ", "father.given_km": "វិបុល"}
    first = registered_birth(office, **(base := birth(**twin) | {"father.unknown": ""}))
    second = office["clerk"].declare("birth", base | {"child.given_latin": "Udom"})
    assert office["clerk"].state(second) == "ពិនិត្យភាពស្ទួន"

    def decide(verdict):
        for user in ("vichea", "sopheap"):
            adjudicator = Registrar(demo, user)
            c = adjudicator.chrome
            try:
                c.get(f"{demo.url}/register/duplicates")
                for address in [a.get_attribute("href") for a in c.all(".list a")]:
                    c.get(address)
                    if "ឧត្តម" in c.text and c.all('[name="reason"]'):
                        c.type('[name="reason"]', "បានពិនិត្យ")
                        c.click(f'button[value="{verdict}"]')
                        c.until(lambda: c.url.endswith("/duplicates"))
                        break
            finally:
                adjudicator.close()

    decide("different")
    office["verifier"].take(second, "verify")
    office["registrar"].take(second, "register")
    numbers = {}
    for record in (first, second):
        office["registrar"].chrome.get(record)
        numbers[record] = office["registrar"].number()
    # What was decided as different is looked at again: the job compares only pairs that never met.
    with closing(sqlite3.connect(demo.data / "rumdul.sqlite", timeout=30)) as database, database:
        database.execute("DELETE FROM civil_duplicates WHERE record_id = ?", [second.rsplit("/", 1)[1]])
    assert run("civil", "duplicates", "--data", demo.data).returncode == 0
    decide("same")
    chief = office["first"]
    c = chief.chrome
    c.get(f"{demo.url}/register")
    c.click('a[href="/register/agreed"]')
    c.wait(".list a")
    assert not screens.faults(c, 360)
    c.click(".list a")
    c.wait('a[href*="?case="]')
    assert not screens.faults(c, 360)
    links = {a.text.strip(): a.get_attribute("href") for a in c.all('a[href*="?case="]')}
    assert set(links) == set(numbers.values())
    c.get(links[numbers[second]])
    reason, basis = (c.one(f"#f-{name}-requestRevocation") for name in ("reason", "basis"))
    assert numbers[first] in reason.get_attribute("value") and "ករណីស្ទួន" in basis.get_attribute("value")
    assert reason.is_displayed(), "the step is open"
    c.click('button[value="requestRevocation"]')
    c.until(lambda: c.url == second, what="the record's page")
    c.get(f"{demo.url}/register/agreed")
    assert not c.all(".list a"), "somebody has asked"
    office["second"].take(second, "approveRevocation")
    assert office["second"].state(second) == "ត្រូវបានដកហូត" and office["second"].state(first) == "បានចុះបញ្ជី"
    # Who may not revoke has no such list.
    clerk = office["clerk"].chrome
    clerk.get(f"{demo.url}/register")
    assert not clerk.all('a[href="/register/agreed"]')
    clerk.get(f"{demo.url}/register/agreed")
    assert not clerk.all(".list")
    clerk.get(f"{first}?case=nonsense")
    assert not clerk.all("#f-reason-requestRevocation")


@pytest.mark.parametrize("changes, field", [
    ({"event.date": "31/02/2026"}, "event.date"),
    ({"event.date": day(3)}, "event.date"),
    ({"mother.birthdate": "2019"}, "mother.birthdate"),
    ({"event.place": "99999999"}, "event.place"),
    ({"event.place": "08110499"}, "event.place"),
    ({"event.place": "ភូមិដែលគ្មាន"}, "event.place"),
    ({"mother.person": "2345678901"}, "mother.person"),
    ({"child.given_km": "Pisey"}, "child.given_km"),
    ({"event.date": "2026-01-02"}, "event.late_reason"),
])
@pytest.mark.parametrize("language", ["km", "en"])
def test_bad_input_is_said_at_its_field_and_nothing_is_lost(office, demo, changes, field, language):
    clerk, c = office["clerk"], office["clerk"].chrome
    c.get(f"{clerk.base}/register/new/birth?lang={language}")
    clerk.fill(birth(**{"event.place": "08110401", "mother.given_km": "សុភា", **changes}))
    c.click('button[value="declare"]')
    c.wait(".notice.bad")
    said = c.one(f'[id="e-{field}"]').text
    assert re.search(r"[\u1780-\u17D3]" if language == "km" else r"[A-Za-z]{3}", said), said
    assert c.one('[name="mother.given_km"]').get_attribute("value") == "សុភា"
    c.get(f"{clerk.base}/register?lang=km")


def certificates(registrar, record):
    """The certificates of a record: number, whether it holds, and the document."""
    c = registrar.chrome
    c.get(record)
    session = requests.Session()
    for cookie in c.driver.get_cookies():
        session.cookies.set(cookie["name"], cookie["value"])
    found = []
    for item in c.all("#certificates .list li"):
        link = item.find_element("tag name", "a")
        answer = session.get(link.get_attribute("href"), timeout=20)
        assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/pdf"
        found.append((link.text.strip(), not item.find_elements("css selector", ".badge.bad"), answer.content))
    return found


def certify(registrar, record, kind="original"):
    c = registrar.chrome
    c.get(record)
    before = len(c.all("#certificates .list li"))
    c.click(f'#certificates button[value="{kind}"]')
    c.until(lambda: len(c.all("#certificates .list li")) == before + 1, what="one certificate more")


def test_certificates_are_numbered_read_back_in_khmer_and_superseded_by_a_correction(office):
    registrar, verifier = office["registrar"], office["verifier"]
    record = registered_birth(office, **{"child.given_km": "ស្រីស្រស់", "child.family_latin": "SOK", "child.given_latin": "Sreysros", "mother.given_km": "ច័ន្ទធូ"})
    certify(registrar, record)
    (number, holds, document), = certificates(registrar, record)
    assert re.fullmatch(r"C-081104-\d{4}-\d{5}-\d{2}", number) and holds
    pdf.assert_valid(document)
    text = pdf.text(document)
    for wanted in ("សំបុត្រកំណើត", "ស្រីស្រស់", "ច័ន្ទធូ", "សង្កាត់តាខ្មៅ", "SOK SREYSROS", number):
        assert wanted in text, f"{wanted} is not in {text}"
    # The same bytes again: what is printed twice is the same document.
    assert certificates(registrar, record)[0][2] == document
    certify(registrar, record, "copy")
    assert [holds for _, holds, _ in certificates(registrar, record)] == [True, True]
    registrar.chrome.get(record + "/correct")
    registrar.fill({"child.given_km": "ស្រីស្រស់ស្អាត", "reason": "សរសេរខ្វះ"})
    registrar.chrome.click("form[action$='/correct'] button[type=submit]")
    registrar.chrome.until(lambda: registrar.chrome.url == record)
    verifier.take(record, "approveCorrection")
    after = certificates(registrar, record)
    assert [holds for _, holds, _ in after] == [False, False]
    assert "NO LONGER VALID" in pdf.text(after[0][2]) and "ស្រីស្រស់ស្អាត" not in pdf.text(after[0][2])
    certify(registrar, record)
    newest = certificates(registrar, record)[0]
    assert newest[1] and "ស្រីស្រស់ស្អាត" in pdf.text(newest[2])


def upload(registrar, record, path, kind="familyBook", checked=True):
    c = registrar.chrome
    c.get(record)
    registrar.fill({"kind": kind})
    if not checked:
        c.driver.execute_script("document.querySelector('#f-file').form.noValidate = true")
    c.one("#f-file").send_keys(str(path))
    token = c.driver.find_element("tag name", "html").id
    c.click("#evidence button[type=submit]")
    c.until(lambda: c.driver.find_element("tag name", "html").id != token and c.all("h1"), seconds=40, what="the next page")


def test_scanned_papers_are_what_they_say(office, tmp_path):
    clerk = office["clerk"]
    record = clerk.declare("birth", birth(**{"child.given_km": "ឯកសារ"}))
    picture, script, huge, pdf = (tmp_path / name for name in ("a.png", "b.png", "c.png", "d.pdf"))
    buffer = io.BytesIO()
    Image.effect_noise((200, 200), 80).save(buffer, "PNG")
    picture.write_bytes(buffer.getvalue())
    script.write_text("<html><script>alert(1)</script></html>" * 20)
    huge.write_bytes(buffer.getvalue() + b"x" * 20_000_000)
    pdf.write_bytes(b"%PDF-1.4\n" + b"x" * 200)
    upload(clerk, record, picture)
    assert "សៀវភៅគ្រួសារ" in clerk.chrome.one("#evidence .list").text
    upload(clerk, record, pdf, "birthNotice")
    assert len(clerk.chrome.all("#evidence .list li")) == 2
    upload(clerk, record, picture)
    assert len(clerk.chrome.all("#evidence .list li")) == 2, "the same file once"
    upload(clerk, record, script)
    assert "មិនមែនជា JPEG" in clerk.chrome.one("#e-file").text
    # The browser refuses it before it is sent; so does the register, where no script runs.
    clerk.chrome.get(record)
    clerk.chrome.one("#f-file").send_keys(str(huge))
    assert "៣ មេកាបៃ" in clerk.chrome.driver.execute_script("return document.querySelector('#f-file').validationMessage")
    upload(clerk, record, huge, checked=False)
    assert "៣ មេកាបៃ" in clerk.chrome.one("#e-file").text
    # What comes back is what was sent, and can run nothing.
    session = requests.Session()
    for cookie in clerk.chrome.driver.get_cookies():
        session.cookies.set(cookie["name"], cookie["value"])
    clerk.chrome.get(record)
    links = [a.get_attribute("href") for a in clerk.chrome.all("#evidence .list a")]
    answers = [session.get(link, timeout=10) for link in links]
    assert picture.read_bytes() in [a.content for a in answers]
    for answer in answers:
        assert answer.headers["Content-Type"] in ("image/png", "application/pdf")
        assert "sandbox" in answer.headers["Content-Security-Policy"] and answer.headers["Cache-Control"] == "no-store"
    assert requests.get(links[0], timeout=10, allow_redirects=False).status_code in (302, 303, 401)


def test_an_edit_in_two_offices_is_not_lost_silently(office):
    record = office["clerk"].declare("birth", birth(**{"child.given_km": "ពីរកន្លែង"}))
    verifier = office["verifier"].chrome
    verifier.get(record)
    stale = verifier.one('[name="sequence"]').get_attribute("value")
    office["verifier"].take(record, "sendBack", reason="មើលម្តងទៀត")
    office["clerk"].chrome.get(record + "/edit")
    office["clerk"].chrome.click('button[value="declare"]')
    office["clerk"].chrome.until(lambda: office["clerk"].chrome.url == record)
    verifier.get(record)
    verifier.driver.execute_script("document.querySelectorAll('[name=sequence]').forEach(e => e.value = arguments[0])", stale)
    verifier.click('button[value="verify"]')
    verifier.wait(".notice.bad")
    assert "មានអ្នកផ្សេងបានកែ" in verifier.text


def test_the_chains_hold(demo, office):
    registered_birth(office, **{"child.given_km": "ខ្សែ"})
    done = run("ledger", "verify", "--data", demo.data)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("language", ["km", "en"])
def test_the_pages_look_right(demo, office, language):
    record = registered_birth(office, **{"child.given_km": "រូបភាព"})
    faults = []
    for width in (360, 1280):
        for user, paths in {"piseth": ["", "/queues/toRegister", "/new/birth", "/new/marriage", record], "maly": ["", record]}.items():
            officer = office["registrar"] if user == "piseth" else office["verifier"]
            for path in paths:
                address = path if path.startswith("http") else f"{demo.url}/register{path}"
                officer.chrome.get(f"{address}?lang={language}")
                faults += [f"{path or '/'} at {width} ({language}): {f}" for f in screens.faults(officer.chrome, width)]
    assert not faults, "\n".join(faults)
