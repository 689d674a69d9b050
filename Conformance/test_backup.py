"""Backup of a serving node, restore into an empty place; a changed backup is not restored."""

import base64
import hashlib
import json
import shutil
import sqlite3
import subprocess

import pytest

from support.browser import Browser
from support.program import Demo, run
from support.registrar import OFFICE, birth


class Desk:
    """An officer of the demonstration without Chromium."""

    def __init__(self, demo, username):
        account = next(o for o in demo.record["officers"] if o["username"] == username)
        self.browser = Browser(demo.url)
        form = self.browser.get("/register").page.form("/register/login")
        self.browser.submit(form, username=account["username"], password=account["password"])

    def declare(self, values):
        form = self.browser.get("/register/new/birth").page.form("/register/new/birth")
        done = self.browser.send("POST", "/register/new/birth", data=dict(form.filled()) | values | {"action": "declare", "office": OFFICE})
        assert "/records/" in done.url, done.text[:2000]
        return done.url.split("/records/")[1]

    def take(self, record, step):
        page = self.browser.get(f"/register/records/{record}").page
        form = next(f for f in page.forms if f.action.endswith("/do") and step in str(f.filled()) + f.html)
        return self.browser.send("POST", f"/register/records/{record}/do", data=dict(form.filled()) | {"step": step})


@pytest.fixture(params=["sqlite", "postgresql"])
def node(request, tmp_path):
    """A node with people and a declared birth."""
    extra, arguments = {}, []
    postgres = None
    if request.param == "postgresql":
        postgres = request.getfixturevalue("postgres")
        arguments = ["--database", postgres.database()]
    demo = Demo(tmp_path / "demo", *arguments, people=100, **extra)
    record = Desk(demo, "sreymom").declare(birth(**{"event.place": OFFICE}))
    yield demo, arguments, record, postgres
    if demo.alive:
        demo.stop()


def backup(demo, arguments, folder):
    done = run("admin", "backup", folder, "--data", demo.data, *arguments, "--json", RUMDUL_SYNTHETIC_PEOPLE="true")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def restore(folder, target, arguments):
    return run("admin", "restore", folder, "--data", target, *arguments, "--json", RUMDUL_SYNTHETIC_PEOPLE="true", timeout=180)


def test_a_backup_of_a_serving_node_is_restored_whole(node, tmp_path):
    demo, arguments, record, postgres = node
    folder, target = tmp_path / "backup", tmp_path / "restored"
    report = backup(demo, arguments, folder)
    assert report["people"] == 100
    assert demo.alive, "it served all the while"
    for file in folder.iterdir():
        assert b"BEGIN" not in file.read_bytes()[:100] and (demo.data / "vault.secret").read_bytes() not in file.read_bytes()
    place = ["--database", postgres.database()] if postgres else []
    without = restore(folder, target, place)
    assert without.returncode == 2 and "backup.secret" in without.stderr
    target.mkdir(exist_ok=True)
    shutil.copy(demo.data / "vault.secret", target / "vault.secret")
    done = restore(folder, target, place)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["people"] == 100 and answer["civil_records"] == 1 and answer["ledger_entries"] > 100
    checked = run("civil", "verify", "--data", target, *place, "--json", RUMDUL_SYNTHETIC_PEOPLE="true")
    assert checked.returncode == 0 and json.loads(checked.stdout) == {"records": 1, "broken": []}
    again = restore(folder, target, place)
    assert again.returncode == 2 and "backup.target" in again.stderr, "nothing is written over"


def sealed_again(folder):
    """The manifest of somebody who changed a file and computes its digest anew."""
    manifest = json.loads((folder / "manifest.json").read_text())
    for name, about in manifest["files"].items():
        data = (folder / name).read_bytes()
        about["sha256"] = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    (folder / "manifest.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize("change", [
    "UPDATE ledger_entries SET payload = x'7b7d' WHERE seq = 1",
    "DELETE FROM civil_actions WHERE seq = 2",
    "UPDATE civil_records SET state = 'registered'",
    "DELETE FROM population_persons WHERE id = (SELECT min(id) FROM population_persons)",
    None,
])
def test_a_changed_backup_is_not_restored(tmp_path, change):
    demo = Demo(tmp_path / "demo", people=100)
    try:
        Desk(demo, "sreymom").declare(birth(**{"event.place": OFFICE}))
        folder, target = tmp_path / "backup", tmp_path / "restored"
        backup(demo, [], folder)
        if change is None:
            data = bytearray((folder / "database.sqlite").read_bytes())
            data[len(data) // 2] ^= 1
            (folder / "database.sqlite").write_bytes(data)
        else:
            with sqlite3.connect(folder / "database.sqlite") as database:
                for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                    database.execute(f"DROP TRIGGER {name}")
                assert database.execute(change).rowcount >= 1
            sealed_again(folder)
        target.mkdir()
        shutil.copy(demo.data / "vault.secret", target / "vault.secret")
        done = restore(folder, target, [])
        assert done.returncode == 2 and "backup.damaged" in done.stderr, done.stderr
        assert sorted(p.name for p in target.iterdir()) == ["vault.secret"], "nothing is left behind"
    finally:
        demo.stop()
