"""Old books into the register and the register out again: `rumdul civil import` and `export` on a real country, kills in the
middle, bad lines of every kind; the double keying of a scanned page by plain requests and in Chromium at 360 px."""

import csv
import hashlib
import io
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import time
from contextlib import closing

import pytest
from PIL import Image

from support.browser import Browser
from support.program import BINARY, Demo, environment, run
from support.registrar import OFFICE

GIVEN = ["ពិសី", "ដារ៉ា", "មករា", "វិបុល", "កញ្ញា", "ធីតា", "លីដា", "សុវណ្ណ", "រតនៈ", "ពិសិដ្ឋ", "សុជាតា", "វណ្ណា"]
FAMILY = ["សុខ", "គឹម", "លី", "ហេង", "ទេព", "មាស", "ប៊ុន", "នួន", "អ៊ុក", "ចាន់", "ឡុង", "ជា"]
COLUMNS = ["legacy.page", "legacy.number", "legacy.date", "event.date", "event.place", "child.family_km", "child.given_km", "child.sex",
           "mother.family_km", "mother.given_km", "father.given_km"]
SYNTHETIC = {"RUMDUL_SYNTHETIC_PEOPLE": "true"}


def births(count, seed=1):
    """Entries of an old book."""
    chance = random.Random(seed)
    rows = []
    for n in range(count):
        born = f"{1940 + n % 60}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
        rows.append([str(n // 10 + 1), str(n + 1), born, born, OFFICE, chance.choice(FAMILY), chance.choice(GIVEN) + chance.choice(GIVEN), chance.choice("12"),
                     chance.choice(FAMILY), chance.choice(GIVEN), chance.choice(GIVEN)])
    return rows


def write(path, rows, columns=COLUMNS):
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([columns, *rows])
    return path


@pytest.fixture(scope="module")
def country(tmp_path_factory):
    """A small country at rest and the password of an officer of the general department."""
    folder = tmp_path_factory.mktemp("exchange") / "demo"
    demo = Demo(folder, people=100)
    demo.stop()
    for officer in demo.record["officers"]:
        (folder.parent / officer["username"]).write_text(officer["password"] + "\n")
    return folder


@pytest.fixture
def data(country, tmp_path):
    return shutil.copytree(country, tmp_path / "data")


def importing(data, country, file, *more, kind="birth", officer="sothy", book="12"):
    return ["civil", "import", file, "--kind", kind, "--officer", officer, "--password-file", country.parent / officer,
            "--basis", "បទបញ្ជា ៧/២០២៦", "--data", data, "--json", *(["--book", book] if book else []), *more]


def counts(data):
    with closing(sqlite3.connect(f"file:{data / 'rumdul.sqlite'}?mode=ro", uri=True)) as database:
        return {table: database.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]
                for table in ("civil_records", "civil_actions", "civil_legacy", "population_persons", "population_codes")}


def refused(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_dry_run_writes_nothing_and_the_import_everything_once(data, country, tmp_path):
    file, before = write(tmp_path / "births.csv", births(40)), counts(data)
    dry = run(*importing(data, country, file, "--dry-run"), **SYNTHETIC)
    assert dry.returncode == 0, dry.stderr
    assert counts(data) == before
    done = run(*importing(data, country, file), **SYNTHETIC)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["entered"] + told["review"] == 40 and told["refused"] == 0 and told["known"] == 0
    after = counts(data)
    assert after["civil_records"] == before["civil_records"] + 40
    assert after["population_persons"] == before["population_persons"] + told["entered"], "one person for each registered birth"
    again = run(*importing(data, country, file), **SYNTHETIC)
    assert json.loads(again.stdout)["known"] == 40 and counts(data) == after
    verified = run("civil", "verify", "--data", data, "--json", **SYNTHETIC)
    assert verified.returncode == 0 and json.loads(verified.stdout)["broken"] == []
    assert run("ledger", "verify", "--data", data, **SYNTHETIC).returncode == 0


def test_killed_imports_go_on_without_doubles(data, country, tmp_path):
    rows = births(150, seed=2)
    file, before = write(tmp_path / "births.csv", rows), counts(data)
    chance, kills = random.Random(7), 0
    for attempt in range(40):
        process = subprocess.Popen([str(BINARY), *map(str, importing(data, country, file, "--resume"))], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=environment(**SYNTHETIC))
        entered = counts(data)["civil_records"]
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline and counts(data)["civil_records"] < entered + chance.randint(10, 40):
            time.sleep(0.01)
        if process.poll() is None and kills < 4:
            process.send_signal(signal.SIGKILL)
            kills += 1
        process.communicate(timeout=120)
        if process.returncode == 0:
            break
    assert process.returncode == 0 and kills >= 2
    after = counts(data)
    assert after["civil_records"] == before["civil_records"] + len(rows)
    assert after["civil_legacy"] == before["civil_legacy"] + len(rows)
    assert run("civil", "verify", "--data", data, **SYNTHETIC).returncode == 0


def test_an_unfinished_import_says_so(data, country, tmp_path):
    file = write(tmp_path / "births.csv", births(3, seed=3))
    with closing(sqlite3.connect(data / "rumdul.sqlite")) as database, database:
        database.execute("INSERT INTO civil_imports (id, kind, file, officer, basis, started_at) VALUES ('i', 'birth', ?, 'o', 'b', 1)",
                         [hashlib.sha256(file.read_bytes()).digest()])
    stopped = run(*importing(data, country, file), **SYNTHETIC)
    assert stopped.returncode == 2 and "civil.import_unfinished" in stopped.stderr
    assert run(*importing(data, country, file, "--resume"), **SYNTHETIC).returncode == 0


def test_every_bad_line_is_named_in_a_file(data, country, tmp_path):
    rows = births(8, seed=4)
    rows[0][3] = "31/02/1970"
    rows[1][4] = "999999"
    rows[2][6] = "=1+1"
    rows[3][6] = ""
    file, errors = write(tmp_path / "births.csv", rows), tmp_path / "errors.csv"
    with open(file, "ab") as more:
        more.write(b"1,9\x00,,1970,081104,a,b,1,a,b,c\n")
        more.write(b"1,10,\xff\xfe,1970,081104,a,b,1,a,b,c\n")
        more.write(b"x" * (20 << 20) + b"\n")
        more.write(b"1,11\n")
        more.write(b'1,12,"open,1970,081104,a,b,1,a,b,c\n')
    done = run(*importing(data, country, file, "--errors", errors), **SYNTHETIC)
    assert done.returncode == 2
    assert json.loads(done.stdout)["entered"] == 4
    assert [(r["line"], r["column"], r["code"]) for r in refused(errors)] == [
        ("2", "event.date", "civil.invalid"), ("3", "event.place", "civil.invalid"), ("4", "child.given_km", "civil.invalid"),
        ("5", "child.given_km", "civil.invalid"), ("10", "", "csv.control"), ("11", "", "csv.utf8"), ("12", "", "csv.line_length"),
        ("13", "", "csv.field_count"), ("14", "", "csv.malformed")]
    assert all(any(0x1780 <= ord(c) < 0x1800 for c in r["km"]) and r["en"].isascii() for r in refused(errors))
    assert os.stat(errors).st_mode & 0o777 == 0o600
    assert "=1+1" not in errors.read_text() and "=1+1" not in done.stderr
    mended = write(tmp_path / "mended.csv", [rows[0][:3] + ["1970-02-28"] + rows[0][4:]] + rows[4:5])
    told = json.loads(run(*importing(data, country, mended, "--errors", errors), **SYNTHETIC).stdout)
    assert told["entered"] == 1 and refused(errors)[0]["code"] == "civil.legacy_taken", "an entry of the book is entered once"


@pytest.mark.parametrize("columns", [["event.date", "secret"], ["event.date", "event.date"], ["event.place"], ["=cmd()"]])
def test_unknown_columns_refuse_the_whole_file(data, country, tmp_path, columns):
    before = counts(data)
    done = run(*importing(data, country, write(tmp_path / "x.csv", [["1"] * len(columns)], columns)), **SYNTHETIC)
    assert done.returncode == 2 and "civil.import_header" in done.stderr and counts(data) == before


def test_only_officers_with_the_right_import_and_export(data, country, tmp_path):
    file = write(tmp_path / "births.csv", births(1))
    for officer in ("sreymom", "piseth", "maly", "samnang"):
        done = run(*importing(data, country, file, officer=officer), **SYNTHETIC)
        assert done.returncode == 1 and "officer.forbidden" in done.stderr
        done = run("civil", "export", tmp_path / "out", "--officer", officer, "--password-file", country.parent / officer, "--basis", "Order 1",
                   "--data", data, **SYNTHETIC)
        assert done.returncode == 1 and "officer.forbidden" in done.stderr and not (tmp_path / "out").exists()
    wrong = tmp_path / "wrong"
    wrong.write_text("not the password\n")
    done = run("civil", "import", file, "--kind", "birth", "--officer", "sothy", "--password-file", wrong, "--basis", "Order 1", "--data", data, **SYNTHETIC)
    assert "officer.credentials" in done.stderr


def export(data, country, folder, *more):
    done = run("civil", "export", folder, "--officer", "sothy", "--password-file", country.parent / "sothy", "--basis", "Order 8/2026", "--data", data,
               "--json", *more, **SYNTHETIC)
    assert done.returncode == 0, done.stderr
    return json.loads((folder / "manifest.json").read_text())


def test_an_export_fills_an_empty_program_with_equal_registers(data, country, tmp_path):
    assert run(*importing(data, country, write(tmp_path / "births.csv", births(25, seed=5))), **SYNTHETIC).returncode == 0
    manifest = export(data, country, tmp_path / "out")
    for name, about in manifest["files"].items():
        content = (tmp_path / "out" / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == about["sha256"] and len(content) == about["size"]
        assert os.stat(tmp_path / "out" / name).st_mode & 0o777 == 0o600
    assert manifest["checkpoint"].count(".") == 2
    assert manifest["people"] >= 100 and sum(manifest["records"].values()) >= 20
    persons = [json.loads(line) for line in (tmp_path / "out" / "persons.ndjson").read_text().splitlines()]
    assert len({p["kidc"] for p in persons}) == len(persons) == manifest["people"]
    # An empty program with one officer.
    empty = tmp_path / "empty"
    assert run("admin", "officer", "add", "sothy", "--name-km", "សុធី", "--name-en", "Sothy", "--grant", "identificationOfficer", "--password-file",
               country.parent / "sothy", "--data", empty, **SYNTHETIC).returncode == 0
    refusals = []
    for kind in ("person", "birth", "marriage", "death"):
        errors = tmp_path / f"{kind}.errors"
        run(*importing(empty, country, tmp_path / "out" / f"{kind}.csv", "--errors", errors, kind=kind, book=None), **SYNTHETIC)
        refusals += refused(errors)
    assert not refusals
    waiting = sum(json.loads(line)["state"] == "duplicateReview" for line in _records(empty, country, tmp_path / "again"))
    for name in ("person.csv", "birth.csv", "marriage.csv", "death.csv"):
        first, second = (set((tmp_path / folder / name).read_text().splitlines()) for folder in ("out", "again"))
        assert second <= first, name
        assert len(first - second) <= waiting, name


KINDS = ["person", "birth", "foundling", "foetalDeath", "marriage", "judicialSeparation", "divorce", "annulment", "recognition", "legitimation", "adoption",
         "nameChange", "sexCorrection", "nationalityChange", "presumedDeath", "death"]


def old_events(country):
    """An old entry of each kind of event about people of the demonstration, as rows with their columns."""
    record = json.loads((country / "demo.json").read_text())
    people = [p for p in record["persons"] if int(p["birthdate"][:4]) < 1980]
    man, other = [p["kidc"] for p in people if p["gender"] == "male"][:2]
    woman, third = [p["kidc"] for p in people if p["gender"] == "female"][:2]
    child = next(p["kidc"] for p in record["persons"] if int(p["birthdate"][:4]) >= 2000)

    def row(number, date, **more):
        return {"legacy.number": str(number), "event.date": date, "event.place": OFFICE} | {key.replace("__", "."): value for key, value in more.items()}

    pair = {"spouse1__person": man, "spouse1__given_km": "ដារ៉ា", "spouse2__person": woman, "spouse2__given_km": "សុភា"}
    second = {"spouse1__person": other, "spouse1__given_km": "វិបុល", "spouse2__person": third, "spouse2__given_km": "ម៉ាលី"}
    wed = {"spouse1__sex": "1", "spouse2__sex": "2"}
    changed = {"person__person": woman, "person__given_km": "សុភា"}
    return {
        "foundling": [row(1, "1990", child__given_km="រដូវ", child__sex="1", child__birthdate="1990", event__circumstances="ក្បែរវត្ត")],
        "foetalDeath": [row(2, "1991-02", event__gestation="30", mother__given_km="សុភា", mother__person=woman)],
        "marriage": [row(3, "2001-05", **pair, **wed), row(4, "2002", **second, **wed)],
        "judicialSeparation": [row(5, "2003", **pair)], "divorce": [row(6, "2004-01-05", **pair)], "annulment": [row(7, "2003", **second)],
        "recognition": [row(8, "2011", child__person=child, child__given_km="ធីតា", father__person=man, father__given_km="ដារ៉ា")],
        "legitimation": [row(9, "2012", child__person=child, child__given_km="ធីតា", father__person=man, father__given_km="ដារ៉ា", mother__person=woman, mother__given_km="សុភា")],
        "adoption": [row(10, "2013", child__person=child, child__given_km="ធីតា", child__sex="2", adopter1__person=other, adopter1__given_km="វិបុល", event__type="simple")],
        "nameChange": [row(11, "2014", **changed, new__given_km="ម៉ារី")], "sexCorrection": [row(12, "2015", **changed, new__sex="2")],
        "nationalityChange": [row(13, "2016", **changed, new__nationality="khmer", new__basis="នស/រកត ១")],
        "presumedDeath": [row(14, "2017", deceased__person=third, deceased__given_km="ម៉ាលី", deceased__sex="2")],
    }


def write_rows(path, rows):
    columns = sorted({column for row in rows for column in row})
    return write(path, [[row.get(column, "") for column in columns] for row in rows], columns)


def test_every_kind_of_event_comes_in_and_goes_out(data, country, tmp_path):
    for kind in KINDS:
        header = run("civil", "import", "--kind", kind, "--template")
        assert header.returncode == 0 and ("legacy.book" in header.stdout) == (kind != "person")
    assert "--kind is" in run("civil", "import", "x.csv", "--kind", "wedding").stderr
    for kind, rows in old_events(country).items():
        errors = tmp_path / f"{kind}.errors"
        file = write_rows(tmp_path / f"{kind}.csv", rows)
        dry = run(*importing(data, country, file, "--dry-run", "--errors", errors, kind=kind), **SYNTHETIC)
        assert dry.returncode == 0, (kind, errors.read_text())
        done = run(*importing(data, country, file, "--errors", errors, kind=kind), **SYNTHETIC)
        assert done.returncode == 0, (kind, errors.read_text())
        told = json.loads(done.stdout)
        assert told["entered"] + told["review"] == len(rows), kind
    assert json.loads(run("civil", "verify", "--data", data, "--json", **SYNTHETIC).stdout)["broken"] == []
    manifest = export(data, country, tmp_path / "out")
    empty = tmp_path / "empty"
    assert run("admin", "officer", "add", "sothy", "--name-km", "សុធី", "--name-en", "Sothy", "--grant", "identificationOfficer", "--password-file",
               country.parent / "sothy", "--data", empty, **SYNTHETIC).returncode == 0
    for kind in KINDS:
        assert f"{kind}.csv" in manifest["files"]
        errors = tmp_path / f"{kind}.again"
        run(*importing(empty, country, tmp_path / "out" / f"{kind}.csv", "--errors", errors, kind=kind, book=None), **SYNTHETIC)
        assert not refused(errors), (kind, errors.read_text())
    again = export(empty, country, tmp_path / "again")
    assert {k: v for k, v in again["records"].items() if k in old_events(country)} == {k: v for k, v in manifest["records"].items() if k in old_events(country)}
    for kind in old_events(country):
        assert (tmp_path / "again" / f"{kind}.csv").read_text() == (tmp_path / "out" / f"{kind}.csv").read_text(), kind


def test_a_dry_run_sees_two_alike_lines_of_one_file(data, country, tmp_path):
    rows = births(6, seed=9)
    rows.append(rows[0][:1] + ["900"] + rows[0][2:])
    rows.append(list(rows[1]))
    file, errors = write(tmp_path / "births.csv", rows), tmp_path / "errors.csv"
    dry = run(*importing(data, country, file, "--dry-run", "--errors", errors), **SYNTHETIC)
    told, reasons = json.loads(dry.stdout), refused(errors)
    assert told["review"] >= 1 and [(r["line"], r["code"]) for r in reasons] == [("9", "civil.legacy_taken")]
    done = run(*importing(data, country, file, "--errors", errors), **SYNTHETIC)
    real = json.loads(done.stdout)
    assert {k: real[k] for k in ("entered", "review", "refused")} == {k: told[k] for k in ("entered", "review", "refused")}
    assert refused(errors) == reasons


def verified(data, *more):
    done = run("ledger", "verify", "--data", data, "--json", *more, **SYNTHETIC)
    return done.returncode, json.loads(done.stdout)


def test_the_histories_of_civil_records_are_verified_with_the_ledger(data, country, tmp_path):
    """A history without its last action, with a row that fits it, is found by what the ledger knows."""
    assert run(*importing(data, country, write(tmp_path / "births.csv", births(5, seed=11))), **SYNTHETIC).returncode == 0
    code, report = verified(data)
    assert code == 0 and report["civil_records"] >= 5 and report["civil_broken"] == []
    with closing(sqlite3.connect(data / "rumdul.sqlite")) as database, database:
        record = database.execute("SELECT id FROM civil_records WHERE state = 'registered' ORDER BY id DESC LIMIT 1").fetchone()[0]
        assert database.execute("DELETE FROM civil_actions WHERE record_id = ? AND seq = 2", [record]).rowcount == 1
        database.execute("UPDATE civil_records SET sequence = 1, state = 'verified', version = 0, number = NULL WHERE id = ?", [record])
    code, report = verified(data)
    assert code == 3 and not report["intact"] and report["civil_broken"] == [record] and report["findings"] == []
    code, report = verified(data, "--ledger-only")
    assert code == 0 and report["intact"] and "civil_broken" not in report
    done = run("ledger", "verify", "--data", data, **SYNTHETIC)
    assert done.returncode == 3 and record in done.stdout and "NOT INTACT" in done.stdout


def _records(data, country, folder):
    export(data, country, folder)
    return (folder / "records.ndjson").read_text().splitlines()


# MARK: Double keying


def scan():
    picture = io.BytesIO()
    Image.new("RGB", (600, 800), "ivory").save(picture, "JPEG")
    return picture.getvalue()


class Desk:
    """An officer by plain requests."""

    def __init__(self, demo, username):
        account = next(o for o in demo.record["officers"] if o["username"] == username)
        self.browser = Browser(demo.url, language="km")
        self.browser.submit(self.browser.get("/register").page.form("/register/login"), username=username, password=account["password"])

    def upload(self, content, **fields):
        form = self.browser.get("/register/books").page.form("/register/books")
        fields = {"kind": "birth", "office": OFFICE, "book": "៣", "page": "១៤"} | fields
        kept = {name: value for name, value in form.fields if name not in fields and name != "file"}
        return self.browser.send("POST", "/register/books", data=kept | fields, files={"file": ("page.jpg", content, "image/jpeg")})

    def key(self, address, **values):
        form = self.browser.get(address).page.form("/key")
        return self.browser.submit(form, **values)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    program = Demo(tmp_path_factory.mktemp("keying") / "demo", people=100)
    yield program
    if program.alive:
        program.stop()


@pytest.fixture(scope="module")
def clerk(demo):
    return Desk(demo, "sreymom")


@pytest.fixture(scope="module")
def registrar(demo):
    return Desk(demo, "piseth")


ENTRY = {"event.date": "12/03/1979", "event.place": OFFICE, "child.family_km": "នួន", "child.given_km": "ពិសី", "child.sex": "2", "mother.given_km": "ចន្ធី"}


def test_two_officers_key_the_same_and_the_record_is_registered(clerk, registrar):
    page = clerk.upload(scan()).url
    assert "/register/books/" in page
    done = clerk.key(page + "/key", **ENTRY, **{"legacy.number": "7"})
    assert done.url == page and "វាយបញ្ចូលម្តង" in done.text
    assert "ពិសី" not in registrar.browser.get(page).text, "the second officer keys blind"
    links = [a["href"] for a in registrar.browser.get(page).page.find_all("a") if "/key/" in (a["href"] or "")]
    assert len(links) == 1
    assert not [a for a in clerk.browser.get(page).page.find_all("a") if "/key/" in (a["href"] or "")], "nobody keys twice"
    second = registrar.browser.get(links[0])
    assert "ពិសី" not in second.text and "ចន្ធី" not in second.text
    done = registrar.browser.submit(second.page.form("/key"), **(ENTRY | {"event.date": "1979-03-12"}))
    record = next(a["href"] for a in done.page.find_all("a") if "/register/records/" in (a["href"] or ""))
    shown = registrar.browser.get(record)
    assert "បានចុះបញ្ជី" in shown.text and "បញ្ចូលពីសៀវភៅចាស់" in shown.text and "ពិសី" in shown.text
    picture = registrar.browser.get(page + "/scan")
    assert picture.headers["Content-Type"] == "image/jpeg" and "sandbox" in picture.headers["Content-Security-Policy"]


def test_where_two_differ_a_third_decides_beside_the_scan(demo, clerk, registrar):
    page = clerk.upload(scan(), page="១៥").url
    clerk.key(page + "/key", **ENTRY, **{"legacy.number": "8", "mother.family_km": "ជា"})
    link = next(a["href"] for a in registrar.browser.get(page).page.find_all("a") if "/key/" in (a["href"] or ""))
    done = registrar.browser.submit(registrar.browser.get(link).page.form("/key"), **(ENTRY | {"child.given_km": "ពិសិដ្ឋ", "mother.family_km": "ជា"}))
    assert "ត្រូវសម្រេច" in done.text
    entry = link.rsplit("/", 1)[1]
    for desk in (clerk, registrar):
        refused = desk.browser.get(f"{page}/decide/{entry}")
        assert refused.status == 403, "who keyed it does not decide"
    assert Desk(demo, "maly").browser.get(page).status == 404, "a district verifier has no part in it"
    third = Desk(demo, "dalin")
    answer = third.browser.get(f"{page}/decide/{entry}")
    assert "ពិសិដ្ឋ" in answer.text and f'src="{page.removeprefix(demo.url)}/scan"' in answer.text, "both values beside the scan"
    form = answer.page.form("/decide/")
    assert {name for name in form.names if name.startswith("pick.")} == {"pick.child.given_km"}, "what both agree on is settled"
    undecided = third.browser.submit(form)
    assert undecided.status == 400, "each difference needs a word"
    slip = third.browser.submit(form, **{"pick.child.given_km": "other", "other.child.given_km": "Pisey"})
    assert slip.status == 400 and "Pisey" in slip.text, "nothing typed is lost"
    done = third.browser.submit(slip.page.form("/decide/"), **{"pick.child.given_km": "other", "other.child.given_km": "ពិសិទ្ធិ"})
    record = next(a["href"] for a in done.page.find_all("a") if "/register/records/" in (a["href"] or ""))
    assert "ពិសិទ្ធិ" in third.browser.get(record).text


def test_keying_in_chromium_at_360_pixels_by_keyboard(demo, clerk):
    chrome_support = pytest.importorskip("support.chrome")
    registrar_support = pytest.importorskip("support.registrar")
    page = clerk.upload(scan(), page="១៧").url
    clerk.key(page + "/key", **(ENTRY | {"child.given_km": "មករា", "legacy.number": "9", "child.family_km": "អ៊ុក"}))
    registrar = registrar_support.Registrar(demo, "piseth")
    try:
        chrome = registrar.chrome
        chrome.driver.set_window_size(360, 800)
        chrome.get(page)
        assert chrome.driver.execute_script("return document.documentElement.scrollWidth <= window.innerWidth"), "the scan fits"
        chrome.get(chrome.one("a[href*='/key/']").get_attribute("href"))
        assert chrome.driver.execute_script("return document.documentElement.scrollWidth <= window.innerWidth")
        registrar.fill(ENTRY | {"child.given_km": "មករា", "child.family_km": "អ៊ុក"})
        keys = pytest.importorskip("selenium.webdriver.common.keys").Keys
        chrome.one('[name="mother.given_km"]').send_keys(keys.ENTER)
        chrome.until(lambda: chrome.url == page and "បានបញ្ចូល" in chrome.text, what="the entered record")
    finally:
        registrar.close()
    assert chrome_support


def test_bad_uploads_say_why_and_keep_what_was_typed(clerk):
    for content in (b"<html>no picture</html>", b"%PDF-", b"\xff\xd8\xff" + b"0" * (20 << 20)):
        answer = clerk.upload(content, page="៩៩")
        assert answer.status in (400, 413) and ("civil.evidence" in (answer.error or "") or answer.status == 413)
    answer = clerk.upload(scan(), office="999", page="៩៩")
    assert answer.status in (400, 403)


def test_bad_fields_are_named_and_kept(clerk):
    page = clerk.upload(scan(), page="១៦").url
    answer = clerk.key(page + "/key", **(ENTRY | {"event.date": "31/02/1979", "legacy.number": "1"}))
    assert answer.status == 400 and "31/02/1979" in answer.text and "ពិសី" in answer.text
    assert answer.page.find(id="e-event.date") is not None
    assert clerk.browser.get(page).page.find_all("a") and "វាយបញ្ចូលម្តង" not in clerk.browser.get(page).text
