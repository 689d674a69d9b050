"""kill -9 while clerks, verifiers and registrars take births through the register: nothing acknowledged is lost, nothing
happens twice, and every record stands before or after a step, never within it. On both databases."""

import os
import random
import re
import sqlite3
import threading
import time

import pytest
import requests

from support.browser import Browser
from support.net import own_address
from support.ports import free_port
from support.program import Demo, run
from support.registrar import OFFICE, birth
from support.wait import until

WANTED = 24
KILLS = 4
DOWN = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)
NUMBER = re.compile(rf"B-{OFFICE}-\d{{4}}-\d{{5}}-\d{{2}}")
SYLLABLES = ["សុខ", "ចាន់", "ដារ៉ា", "ពិសី", "មករា", "លីដា", "វិបុល", "សុភា", "ហេង", "គឹម"]


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request):
    """The options of the program, and what reads rows once it has ended."""
    if request.param == "sqlite":
        yield [], lambda data, sql: sqlite3.connect(f"file:{next(data.glob('*.sqlite'))}?mode=ro", uri=True).execute(sql).fetchall()
        return
    cluster = request.getfixturevalue("postgres")
    url = cluster.database()
    yield ["--database", url], lambda _, sql: [tuple(line.split("|")) for line in cluster.query(url, sql).splitlines()]


class Office:
    """One clerk, verifier and registrar who take one birth after the other, and send again what was cut off."""

    def __init__(self, demo, book, number):
        self.book, self.number, self.count = book, number, 0
        accounts = {o["username"]: o for o in demo.record["officers"]}
        self.clerk, self.verifier, self.registrar = (self.log_in(demo.url, accounts[name]) for name in ("sreymom", "maly", "piseth"))

    def log_in(self, base, account):
        browser = Browser(base, "en", own_address())
        page = browser.get("/register")
        home = browser.submit(page.page.form("/register/login"), username=account["username"], password=account["password"])
        assert home.status == 200 and "/login" not in home.url, home.text[:500]
        return browser

    def persist(self, request):
        """A request until it is answered: a cut connection or a server that is just ending is no answer."""
        cut = False
        while True:
            assert not self.book.ended, "cut off at the end"
            self.book.up.wait()
            generation = self.book.generation
            try:
                answer = request()
                if answer.status < 500 or generation == self.book.generation and self.book.up.is_set():
                    return answer, cut
            except DOWN:
                pass
            cut = True
            with self.book.lock:
                self.book.cut += 1
            time.sleep(0.05)

    def press(self, browser, address, step):
        """Presses a step's button on a record's page."""
        page, _ = self.persist(lambda: browser.get(address))
        form = next(f for f in page.page.forms if any(value == step for _, value, _ in f.buttons))
        answer, cut = self.persist(lambda: browser.submit(form, step=step))
        assert answer.status == 200, f"{step}: {answer.status} {answer.error}"
        if cut:
            with self.book.lock:
                self.book.repeated += 1
        return answer

    def work(self):
        self.count += 1
        name = SYLLABLES[self.number] + SYLLABLES[self.count % 10] + SYLLABLES[self.count // 10 % 10]
        page, _ = self.persist(lambda: self.clerk.get("/register/new/birth"))
        values = birth(**{"child.given_km": name, "mother.given_km": name})
        form = page.page.form("/register/new/birth")
        declared, _ = self.persist(lambda: self.clerk.submit(form, action="declare", **values))
        assert declared.status == 200 and "/records/" in declared.url, f"{declared.status} {declared.error} {declared.url}"
        self.book.note("declared", declared.url)
        self.press(self.verifier, declared.url, "verify")
        self.book.note("verified", declared.url)
        answer = self.press(self.registrar, declared.url, "register")
        self.book.note("registered", (declared.url, NUMBER.search(answer.page.text).group(0)))

    def run(self):
        while not self.book.stop.is_set():
            try:
                self.work()
            except Exception as trouble:
                if not self.book.ended:
                    self.book.note("faults", f"{type(trouble).__name__}: {str(trouble)[:500]}")
                return


class Book:
    """What the server said it had done."""

    def __init__(self):
        self.lock, self.up, self.stop = threading.Lock(), threading.Event(), threading.Event()
        self.generation, self.cut, self.repeated, self.ended = 0, 0, 0, False
        self.declared, self.verified, self.registered, self.faults = [], [], [], []

    def note(self, name, value):
        with self.lock:
            getattr(self, name).append(value)


def test_no_registration_is_lost_or_done_twice(database, tmp_path):
    options, rows = database
    seed = int(os.environ.get("RUMDUL_CRASH_SEED", time.time_ns() % 10**6))
    chance = random.Random(seed)
    print(f"seed {seed}")
    port = free_port()

    def start():
        return Demo(tmp_path / "demo", *options, port=port, people=100)

    demo = start()
    book = Book()
    try:
        book.up.set()
        offices = [Office(demo, book, number) for number in range(4)]
        threads = [threading.Thread(target=office.run) for office in offices]
        for thread in threads:
            thread.start()
        try:
            for kill in range(KILLS):
                goal = WANTED * (kill + 1) // KILLS
                until(lambda: len(book.registered) >= goal or book.faults, seconds=60, what=f"{goal} registrations")
                time.sleep(chance.random() * 0.3)  # somewhere inside the next steps
                book.generation += 1
                book.up.clear()
                demo.kill()
                demo = start()
                book.generation += 1
                book.up.set()
        finally:
            book.stop.set()
            book.up.set()
            for thread in threads:
                thread.join(30)
            book.ended = True
        assert not any(thread.is_alive() for thread in threads), "a request hangs"
        assert not book.faults, "\n".join(book.faults[:10])
        print(f"{len(book.registered)} registrations, {book.cut} requests cut, {book.repeated} steps sent again")
        assert len(book.registered) >= WANTED and book.cut > 0
        demo.kill()
        demo = start()
        judge_pages(book, offices[0].registrar)
    finally:
        if demo.alive:
            demo.stop()
    judge_rows(book, lambda sql: rows(demo.data, sql))
    verified = run("ledger", "verify", "--data", demo.data, *options, "--json", timeout=120)
    assert verified.returncode == 0, verified.stdout + verified.stderr


def judge_pages(book, registrar):
    """What the registrar sees afterwards is what was acknowledged."""
    numbers = [number for _, number in book.registered]
    assert len(set(numbers)) == len(numbers), "a number was given twice"
    for address, number in book.registered:
        page = registrar.get(address)
        assert page.status == 200, f"{address}: {page.status} {page.error}"
        assert page.page.find("h1").text.endswith("Registered") and number in page.page.text, page.page.text[:300]


def judge_rows(book, rows):
    """Every record stands before or after a step: its row, history, person and code agree."""
    def none(sql):
        found = rows(sql)
        assert not found, f"{found[:3]} of {sql}"

    def one(sql):
        return int(rows(sql)[0][0])

    births = "civil_records r WHERE r.kind = 'birth'"
    child = "(SELECT p.record_state FROM civil_participants c JOIN population_persons p ON p.id = c.person_id WHERE c.record_id = r.id AND c.role = 'child')"
    code = "(SELECT k.state FROM civil_participants c JOIN population_codes k ON k.person_id = c.person_id WHERE c.record_id = r.id AND c.role = 'child')"
    none(f"SELECT r.id FROM {births} AND r.sequence <> (SELECT COUNT(*) FROM civil_actions a WHERE a.record_id = r.id)")
    none(f"SELECT r.id FROM {births} AND r.sequence <> (SELECT MAX(seq) FROM civil_actions a WHERE a.record_id = r.id)")
    none(f"SELECT r.id FROM {births} AND (r.state = 'registered') <> (r.number IS NOT NULL)")
    # A declaration is two entries, a verification the third, a registration the fourth.
    none(f"SELECT r.id, r.state, r.sequence FROM {births} AND (r.state, r.sequence) NOT IN (VALUES ('declared', 2), ('verified', 3), ('registered', 4))")
    none(f"SELECT r.id FROM {births} AND r.state = 'registered' AND (COALESCE({child}, '') <> 'active' OR COALESCE({code}, '') <> 'active')")
    none(f"SELECT r.id FROM {births} AND r.state = 'verified' AND (COALESCE({child}, '') <> 'provisional' OR COALESCE({code}, '') <> 'reserved')")
    none(f"SELECT r.id FROM {births} AND r.state = 'declared' AND {child} IS NOT NULL")
    # What others learn of: one event for each registration and each new person, and none without.
    told = "(SELECT COUNT(*) FROM notif_events e WHERE e.record = r.id AND e.topic = '{}' AND e.change = 'registered')"
    for topic in ("liveBirth", "newPerson"):
        none(f"SELECT r.id FROM {births} AND {told.format(topic)} <> CASE WHEN r.state = 'registered' THEN 1 ELSE 0 END")
    none("SELECT e.id FROM notif_events e LEFT JOIN civil_records r ON r.id = e.record WHERE r.id IS NULL OR r.state <> 'registered'")
    none("SELECT person_id FROM population_codes GROUP BY person_id HAVING COUNT(*) > 1")
    none("SELECT p.id FROM population_persons p WHERE NOT EXISTS (SELECT 1 FROM population_codes k WHERE k.person_id = p.id)")
    reserved = one("SELECT COUNT(*) FROM population_persons WHERE record_state = 'provisional'")
    assert reserved == one(f"SELECT COUNT(*) FROM {births} AND r.state = 'verified'"), "a reservation without its record"
    # Serial numbers without a gap, whatever was cut off; and one record for each declaration, however often it was sent.
    registered = one(f"SELECT COUNT(*) FROM {births} AND r.state = 'registered'")
    serials = sorted(int(number.split("-")[3]) for (number,) in rows(f"SELECT r.number FROM {births} AND r.number IS NOT NULL"))
    assert serials == list(range(1, registered + 1)) and registered >= len(book.registered)
    assert one("SELECT last FROM civil_serials WHERE series LIKE 'B-%'") == registered
    records = {row[0] for row in rows(f"SELECT r.id FROM {births}")}
    acknowledged = {address.rsplit("/", 1)[1] for address in book.declared}
    assert acknowledged <= records and len(records - acknowledged) <= 4, "a declaration was kept twice"
