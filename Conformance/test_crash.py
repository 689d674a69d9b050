"""kill -9 at random moments under load; afterwards nothing that was acknowledged may be missing. On both databases."""

import collections
import os
import random
import time

import pytest

from support.load import Load
from support.login import Client
from support.ports import free_port
from support.program import Demo, run
from support.wait import until

WANTED = 500
KILLS = 8
PASSWORD = "judges-write-long-passwords-1"


def supervisors(demo, folder, extra, count=4):
    """Accounts for several officers who work at once."""
    secret = folder / "password"
    secret.write_text(PASSWORD + "\n")
    for number in range(count):
        done = run(
            "admin", "officer", "add", f"judge{number}", "--name-km", "ចៅក្រម", "--name-en", "Judge", "--grant",
            "enrolmentSupervisor", "--password-file", secret, "--data", demo.data, *extra,
        )
        assert done.returncode == 0, done.stderr
        yield {"username": f"judge{number}", "password": PASSWORD}


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request):
    if request.param == "sqlite":
        return []
    return ["--database", request.getfixturevalue("postgres").database()]


def access_entries(citizen):
    """How often the person's own log says that the client read, over all its pages; and the consents shown."""
    browser, page = citizen.portal()
    count, consents = 0, page.page.find_all("article", data_consent=True)
    while True:
        rows = page.page.find_all("tr", data_entry=True)
        count += sum("Test client" in row.text for row in rows)
        older = [a["href"] for a in page.page.find_all("a") if a["rel"] == "next"]
        if not older:
            return count, consents
        page = browser.get(older[0])


def test_nothing_acknowledged_is_lost(database, tmp_path):
    seed = int(os.environ.get("RUMDUL_CRASH_SEED", time.time_ns() % 10**6))
    chance = random.Random(seed)
    print(f"seed {seed}")
    port = free_port()

    def start():
        return Demo(tmp_path / "demo", *database, port=port, people=300)

    demo = start()
    try:
        accounts = list(supervisors(demo, tmp_path, database))
        load = Load(demo.url, accounts, Client(demo.url, demo.client("test-client")), demo.record["persons"], seed)
        book = load.book
        load.start()
        try:
            for kill in range(KILLS):
                goal = WANTED * (kill + 1) // KILLS
                until(lambda: book.done >= goal or book.faults, seconds=90, what=f"{goal} enrolments and logins")
                time.sleep(chance.random() * 0.3)  # somewhere inside the next operations
                load.generation += 1
                load.up.clear()
                demo.kill()
                demo = start()
                load.generation += 1
                load.up.set()
        finally:
            load.end()
        assert not book.faults, "\n".join(book.faults[:10])
        print(f"{len(book.active)} enrolments, {len(book.read)} logins, {book.cut} requests cut, {book.limited} limited")
        assert book.done >= WANTED and len(book.active) > 200 and len(book.read) > 200 and book.cut > 0
        demo.kill()
        demo = start()
        judge(book, load.client)
    finally:
        if demo.alive:
            demo.stop()
    verified = run("ledger", "verify", "--data", tmp_path / "demo", *database, "--json", timeout=120)
    assert verified.returncode == 0, verified.stdout + verified.stderr


def judge(book, client):
    for name in ("activation_codes", "device_ids", "codes"):
        issued = getattr(book, name)
        assert len(set(issued)) == len(issued), f"{name} issued twice"
    lost = [c.device.device_id for c in book.active if c.device.self_()["state"] != "active"]
    assert not lost, f"{len(lost)} activated devices are lost"
    fresh = [(c, code, token) for c, code, token in book.tokens if client.userinfo(token).status_code != 200]
    assert not fresh, f"{len(fresh)} of {len(book.tokens)} access tokens are lost"
    reads = collections.Counter(c.kidc for c in book.read)
    approvals = collections.Counter(c.kidc for c in book.approved)
    citizens = {c.kidc: c for c in book.active}
    limited = 0
    for kidc in approvals:
        try:
            entries, consents = access_entries(citizens[kidc])
        except AssertionError as trouble:
            if "429" not in str(trouble):
                raise
            limited += 1  # prompts left open by the cuts
            continue
        assert any("Test client" in c.text for c in consents), f"an approved consent is lost ({approvals[kidc]} approvals)"
        assert entries >= reads[kidc], f"{entries} entries for {reads[kidc]} reads"
    assert limited < len(approvals) / 2, f"{limited} of {len(approvals)} people could not look"
    for _, code, _ in book.tokens:
        assert client.token(code).status_code == 400, "a redeemed code serves again after the crash"
