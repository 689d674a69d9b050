"""The command line: help, exit codes, strict settings, the ledger's verification, imports."""

import json
import os
import re
import shutil
import sqlite3
import stat
from contextlib import closing

import pytest

from support.program import ROOT, Demo, Program, run

COMMUNES = ROOT.parent / "shared" / "data" / "kh_gazetteer_communes.csv"


def commands():
    """Every command, found by reading the help texts from the top."""
    found, waiting = [], [()]
    while waiting:
        path = waiting.pop()
        text = run(*path, "--help").stdout
        found.append((path, text))
        if "SUBCOMMANDS:" in text:
            block = text.split("SUBCOMMANDS:")[1]
            names = re.findall(r"^  ([a-z][a-z-]*)(?:  |$)", block, re.M)
            waiting += [(*path, name) for name in names if name != "help"]
    return found


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A small country at rest, with everything under a checkpoint."""
    folder = tmp_path_factory.mktemp("cli") / "demo"
    demo = Demo(folder, people=100)
    demo.stop()
    assert run("ledger", "checkpoint", "--data", folder).returncode == 0
    return folder


@pytest.fixture
def copy(data, tmp_path):
    return shutil.copytree(data, tmp_path / "copy")


def test_every_command_has_help_with_an_example():
    found = commands()
    assert len(found) >= 20
    without = [" ".join(path) for path, text in found if "Example" not in text]
    assert not without, f"no example in the help of: {without}"


def test_help_fits_a_terminal():
    wide = {line for _, text in commands() for line in text.splitlines() if len(line) > 100 and "USAGE" not in line}
    assert not wide


@pytest.mark.parametrize("arguments", [["nonsense"], ["serve", "--nonsense"], ["demo", "--people", "x"], ["device", "enrol"], ["admin", "relying-party", "add"]])
def test_wrong_usage_is_64(arguments):
    done = run(*arguments)
    assert done.returncode == 64 and done.stderr and not done.stdout


def test_people_outside_the_range_are_refused(tmp_path):
    for number in ("99", "-1", "10000001"):
        assert run("demo", "--people", number, "--data", tmp_path / "x", "--port", 0).returncode in (2, 64)


# Settings


@pytest.mark.parametrize("content", ['{"prot": 1}', "{", "[]", '{"port": "x"}', '{"port": 70000}', '{"port": 1, "port": 2}', "\x00", '{"services": ["nonsense"]}'])
def test_bad_configuration_files_are_refused(tmp_path, content):
    file = tmp_path / "config.json"
    file.write_text(content)
    done = run("serve", "--config", file, "--data", tmp_path / "data", timeout=30)
    assert done.returncode in (1, 2, 64), done.stdout
    assert "configuration" in done.stderr or "code:" in done.stderr
    assert "ready" not in done.stdout


def test_unknown_environment_setting_is_refused(tmp_path):
    done = run("serve", "--data", tmp_path / "data", "--port", 0, RUMDUL_PROT=1, timeout=30)
    assert done.returncode == 2 and "prot" in done.stderr


def test_flags_win_over_environment_and_file(tmp_path):
    import requests

    file = tmp_path / "config.json"
    file.write_text('{"base_url": "https://file.example", "log_level": "error"}')
    served = Program(
        "serve", "--config", file, "--data", tmp_path / "data", "--port", 0, "--base-url", "https://flag.example",
        log=tmp_path / "log", RUMDUL_BASE_URL="https://environment.example",
    )
    try:
        port = [line for line in os.popen(f"ss -Hltnp 2>/dev/null | grep pid={served.process.pid},")]
        assert served.url == "https://flag.example"
        if port:
            address = re.search(r"127\.0\.0\.1:\d+", port[0]).group(0)
            found = requests.get(f"http://{address}/.well-known/openid-configuration", timeout=10).json()
            assert found["issuer"] == "https://flag.example"
    finally:
        assert served.stop() == 0


def test_secrets_lie_in_private_files(data):
    for name in ("vault.keys", "vault.secret", "demo.json"):
        assert stat.S_IMODE((data / name).stat().st_mode) == 0o600, name
    assert stat.S_IMODE(data.stat().st_mode) == 0o700


def test_personal_data_is_not_readable_in_the_database(data):
    record = json.loads((data / "demo.json").read_text())
    content = b"".join((data / name).read_bytes() for name in os.listdir(data) if name.startswith("rumdul.sqlite"))
    for person in record["persons"][:20]:
        for value in (person["kidc"], person["name_km"], person["name_latin"]):
            assert value.encode() not in content, "a personal field lies open in the database"


# Serving


def test_second_start_serves_the_same_country(data, tmp_path):
    copied = shutil.copytree(data, tmp_path / "again")
    before = json.loads((copied / "demo.json").read_text())
    demo = Demo(copied, people=100)
    try:
        assert [p["kidc"] for p in demo.record["persons"]] == [p["kidc"] for p in before["persons"]]
        assert demo.record["clients"]["test-client"]["client_secret"] == before["clients"]["test-client"]["client_secret"]
    finally:
        assert demo.stop() == 0


def test_same_seed_same_names_other_seed_others(data, tmp_path):
    names = [p["name_latin"] for p in json.loads((data / "demo.json").read_text())["persons"]]
    other = Demo(tmp_path / "other", "--seed", 7, people=100)
    other.stop()
    assert [p["name_latin"] for p in other.record["persons"]] != names


def test_a_port_in_use_is_said(data, tmp_path):
    demo = Demo(tmp_path / "one", people=100)
    try:
        port = demo.url.rsplit(":", 1)[1]
        done = run("serve", "--data", tmp_path / "two", "--port", port, timeout=30)
        assert done.returncode in (1, 4) and "ready" not in done.stdout and done.stderr
        assert "Fatal" not in done.stderr
    finally:
        demo.stop()


def test_doctor(data):
    done = run("doctor", "--data", data, "--json")
    assert done.returncode == 0
    checks = [json.loads(line) for line in done.stdout.splitlines()]
    assert checks and all(check["ok"] for check in checks)


def test_doctor_finds_a_broken_vault_and_changes_nothing(copy):
    (copy / "vault.keys").write_bytes(b"broken")
    assert run("doctor", "--data", copy).returncode == 3
    assert (copy / "vault.keys").read_bytes() == b"broken"


def test_doctor_of_an_absent_folder_does_not_create_it(tmp_path):
    done = run("doctor", "--data", tmp_path / "absent")
    assert not (tmp_path / "absent").exists(), "a check must not make keys and a database"
    assert done.returncode == 3


def test_a_wrong_vault_key_is_refused(copy):
    (copy / "vault.secret").write_bytes(os.urandom(32))
    done = run("serve", "--data", copy, "--port", 0, timeout=30)
    assert done.returncode in (1, 2, 3) and "ready" not in done.stdout and "Fatal" not in done.stderr


# The ledger


def verify(folder, *more):
    done = run("ledger", "verify", "--data", folder, "--json", *more)
    return done.returncode, json.loads(done.stdout) if done.stdout.startswith("{") else done.stdout + done.stderr


def tamper(folder, *statements):
    with sqlite3.connect(folder / "rumdul.sqlite") as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'ledger%'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            assert database.execute(statement).rowcount > 0, statement
    database.close()


def test_an_untouched_ledger_is_intact(data):
    code, report = verify(data)
    assert code == 0 and report["intact"] and report["entries"] > 100 and report["findings"] == [] and report["uncovered"] == 0


def test_the_ledger_cannot_be_changed_by_accident(copy):
    with sqlite3.connect(copy / "rumdul.sqlite") as database:
        for statement in ("UPDATE ledger_entries SET payload = x'00'", "DELETE FROM ledger_entries", "DELETE FROM ledger_checkpoints"):
            with pytest.raises(sqlite3.DatabaseError):
                database.execute(statement)
    database.close()


BUSY = "(SELECT stream FROM ledger_entries GROUP BY stream HAVING count(*) >= 3 ORDER BY stream LIMIT 1)"
ROW = f"stream = {BUSY} AND seq = 2"
SWAP = [
    f"UPDATE ledger_entries SET seq = 1000000 WHERE stream = {BUSY} AND seq = 1",
    "UPDATE ledger_entries SET seq = 1 WHERE seq = 2 AND stream = (SELECT stream FROM ledger_entries WHERE seq = 1000000)",
    "UPDATE ledger_entries SET seq = 2 WHERE seq = 1000000",
]


@pytest.mark.parametrize(
    "statements",
    [
        [f"UPDATE ledger_entries SET payload = CAST(replace(payload, 'demo', 'omed') AS BLOB) WHERE {ROW}"],
        [f"UPDATE ledger_entries SET payload = CAST(payload AS TEXT) || ' ' WHERE {ROW}"],
        [f"UPDATE ledger_entries SET hash = 'text' WHERE {ROW}"],
        [f"UPDATE ledger_entries SET at = at + 1 WHERE {ROW}"],
        [f"UPDATE ledger_entries SET kind = 'x' WHERE {ROW}"],
        [f"UPDATE ledger_entries SET subject = 'someone-else' WHERE {ROW}"],
        [f"UPDATE ledger_entries SET subject = NULL WHERE {ROW}"],
        [f"UPDATE ledger_entries SET hash = zeroblob(32) WHERE {ROW}"],
        [f"UPDATE ledger_entries SET prev_hash = zeroblob(32) WHERE {ROW}"],
        [f"UPDATE ledger_entries SET stream = 'audit-zz' WHERE {ROW}"],
        [f"DELETE FROM ledger_entries WHERE {ROW}"],
        [f"DELETE FROM ledger_entries WHERE stream = {BUSY} AND seq = 1"],
        [f"DELETE FROM ledger_entries WHERE stream = {BUSY} AND seq = (SELECT max(seq) FROM ledger_entries WHERE stream = {BUSY})"],
        [f"DELETE FROM ledger_entries WHERE stream = {BUSY}"],
        ["DELETE FROM ledger_entries"],
        SWAP,
        ["UPDATE ledger_heads SET root = zeroblob(32)"],
        ["DELETE FROM ledger_heads"],
        ["UPDATE ledger_checkpoints SET statement = replace(statement, 'e', 'f')"],
        ["UPDATE ledger_checkpoints SET hash = zeroblob(32)"],
        ["UPDATE ledger_checkpoints SET number = number + 1"],
        ["DELETE FROM ledger_checkpoints WHERE number = (SELECT min(number) FROM ledger_checkpoints)"],
    ],
    ids=lambda statements: re.sub(r"\s+", " ", statements[0].split("(SELECT")[0])[:70] + str(len(statements)),
)
def test_verify_finds_what_was_changed(copy, statements):
    tamper(copy, *statements)
    code, report = verify(copy)
    assert code == 3, report
    assert report["intact"] is False and report["findings"]


def test_a_forged_row_at_the_end_is_found(copy):
    tamper(copy, f"""INSERT INTO ledger_entries SELECT stream, seq + 1, at, kind, subject, payload, hash, zeroblob(32)
                     FROM ledger_entries WHERE stream = {BUSY} ORDER BY seq DESC LIMIT 1""")
    assert verify(copy)[0] == 3


def test_a_ledger_cut_back_is_found_with_a_witness(copy, tmp_path):
    """Whoever deletes the end with its checkpoints leaves a consistent ledger: a witness from outside tells."""
    kept = run("ledger", "checkpoint", "--data", copy).stdout
    witness = tmp_path / "witness"
    witness.write_text(kept)
    assert verify(copy, "--against", witness)[0] == 0
    tables = ("entries", "heads", "checkpoints")
    tamper(copy, *[f"DELETE FROM ledger_{table}" for table in tables])
    assert verify(copy, "--against", witness)[0] == 3
    witness.write_text("not a checkpoint")
    assert verify(copy, "--against", witness)[0] in (2, 3)


# Relying parties and imports


def party(**changes):
    from support.clients import registration

    return registration("someone") | changes


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uris": []}, {"redirect_uris": ["http://bank.example/cb"]}, {"redirect_uris": ["https://bank.example/cb#x"]},
        {"redirect_uris": ["javascript:alert(1)"]}, {"redirect_uris": ["https://*.bank.example/"]}, {"redirect_uris": ["/cb"]},
        {"redirect_uris": [f"https://bank.example/{n}" for n in range(21)]}, {"client_id": "UPPER"}, {"client_id": ""},
        {"client_id": "a" * 65}, {"client_name": {"en": "only English"}}, {"client_name": "\u202e text"}, {"purposes": []},
        {"purposes": [{"code": "x", "text": {"km": "ក", "en": "x"}, "essential": ["shoe_size"], "optional": []}]},
        {"purposes": [{"code": "x", "text": {"km": "ក", "en": "x"}, "essential": ["kidc"], "optional": []}]},
        {"purposes": [{"code": "x", "text": {"km": "ក", "en": "x"}, "essential": ["name"], "optional": [], "valid_days": 366}]},
        {"purposes": [{"code": "x", "text": {"km": "ក", "en": "x"}, "essential": ["name"], "optional": [], "valid_days": 0}]},
        {"redirect_uri": "https://bank.example/cb"}, {"token_endpoint_auth_method": "client_secret_jwt"},
        {"token_endpoint_auth_method": "private_key_jwt"}, {"id_token_signed_response_alg": "none"},
        {"id_token_signed_response_alg": "HS256"}, {"userinfo_encrypted_response_alg": "RSA1_5"},
        {"userinfo_encrypted_response_alg": "ECDH-ES"}, {"jwks": {"keys": [{"kty": "oct", "k": "AAAA"}]}},
        {"jwks_uri": "http://bank.example/jwks"}, {"client_id": "v1.abcdefgh"}, {"client_name": {"km": "ធនាគារ", "en": "B\u0430nk"}},
    ],
    ids=lambda c: json.dumps(c, ensure_ascii=True)[:70],
)
def test_bad_registrations_are_refused(data, tmp_path, changes):
    file = tmp_path / "party.json"
    file.write_text(json.dumps(party(**changes)))
    done = run("admin", "relying-party", "add", file, "--data", data)
    assert done.returncode == 2, done.stdout + done.stderr


def test_a_private_key_in_a_registration_is_refused(data, tmp_path):
    from joserfc.jwk import ECKey

    key = ECKey.generate_key("P-256", {"kid": "k", "use": "sig", "alg": "ES256"}, private=True)
    file = tmp_path / "party.json"
    file.write_text(json.dumps(party(token_endpoint_auth_method="private_key_jwt", jwks={"keys": [key.as_dict(private=True)]})))
    assert run("admin", "relying-party", "add", file, "--data", data).returncode == 2


def test_suspension_works_at_once(tmp_path):
    from support.login import Client

    demo = Demo(tmp_path / "demo", people=100)
    try:
        client = Client(demo.url, demo.client("test-client"))
        assert client.authorize().status == 200
        assert run("admin", "relying-party", "suspend", "test-client", "--data", demo.data).returncode == 0
        refused = client.authorize(follow=False)
        assert refused.status in (400, 403) and refused.error and not refused.location
        assert run("admin", "relying-party", "resume", "test-client", "--data", demo.data).returncode == 0
        assert client.authorize().status == 200
    finally:
        demo.stop()


@pytest.mark.skipif(not COMMUNES.exists(), reason="skipped: no gazetteer beside the repository")
def test_gazetteer_import_is_idempotent(copy):
    first = run("admin", "import", "gazetteer", COMMUNES, "--data", copy, "--json")
    assert first.returncode == 0, first.stderr
    second = run("admin", "import", "gazetteer", COMMUNES, "--data", copy, "--json")
    assert second.returncode == 0
    one, two = json.loads(first.stdout), json.loads(second.stdout)
    assert one != two and 0 in two.values(), two
    with sqlite3.connect(copy / "rumdul.sqlite") as database:
        count = database.execute("SELECT count(*) FROM reference_places WHERE length(code) = 6").fetchone()[0]
    database.close()
    assert count == len(COMMUNES.read_text().splitlines()) - 1


def places(folder):
    """Every place that a data folder knows."""
    with closing(sqlite3.connect(folder / "rumdul.sqlite")) as database:
        return database.execute("SELECT * FROM reference_places ORDER BY 1, 2").fetchall()


@pytest.mark.parametrize("bend", ["code", "level", "parent", "columns", "header", "utf8", "empty", "nul"])
def test_a_bad_line_refuses_the_whole_file(copy, tmp_path, bend):
    head = "code,level,parent_code,unit_en,unit_km,unit_latin,name_km,name_latin,name_ungegn"
    good = "010201,commune,0102,Commune,ឃុំ,Khum,បន្ទាយនាង,Banteay Neang,Bântéay Néang"
    bad = {
        "code": good.replace("010201", "01020x"), "level": good.replace("commune", "galaxy"), "parent": good.replace("0102,", "9902,"),
        "columns": "010202,commune", "header": good, "utf8": good, "empty": "", "nul": good.replace("Khum", "Kh\0um"),
    }[bend]
    text = "\n".join([head if bend != "header" else "a,b,c", good, bad, good.replace("010201", "010203")]) + "\n"
    file = tmp_path / "bad.csv"
    file.write_bytes(text.encode() if bend != "utf8" else text.encode().replace("ឃុំ".encode(), b"\xff\xfe"))
    if bend == "empty":
        file.write_bytes(b"")
    before = places(copy)
    done = run("admin", "import", "gazetteer", file, "--data", copy)
    assert done.returncode == 2, done.stdout + done.stderr
    if bend in ("code", "level", "parent", "columns"):
        assert "line 3" in done.stdout + done.stderr, "the line's number is missing"
    assert places(copy) == before, "a refused file changed the gazetteer"


def test_both_databases_serve_the_story(postgres, tmp_path):
    """`--database postgresql://…`: the same login."""
    from support.login import Citizen, Client
    from support.officer import Officer

    url = postgres.database()
    demo = Demo(tmp_path / "demo", "--database", url, people=100)
    try:
        person = demo.record["persons"][0]
        citizen = Citizen(demo.url, person, Officer(demo.url, demo.officer()).enrol(person["kidc"]))
        client = Client(demo.url, demo.client("test-client"))
        info = client.userinfo(citizen.tokens(client)["access_token"]).json()
        assert info["name_km"] == person["name_km"]
    finally:
        demo.stop()
    assert run("ledger", "verify", "--data", demo.data, "--database", url).returncode == 0
    postgres.query(url, "ALTER TABLE ledger_entries DISABLE TRIGGER ALL")
    postgres.query(url, "UPDATE ledger_entries SET kind = 'x' WHERE seq = 1")
    assert run("ledger", "verify", "--data", demo.data, "--database", url).returncode == 3
    assert not (demo.data / "rumdul.sqlite").exists()
