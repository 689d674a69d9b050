"""Corrections: a person asks on /app, two officers decide at the desk, and the register, the notices and the journal say so."""

import re
import sqlite3

import pytest

from support.browser import Browser
from support.officer import Officer
from support.program import run

PASSWORD = "quiet-river-42-stones"
WISH, WHY, PAPER = "KEO Sovanmalika", "the clerk left letters out", "birth certificate 471-1990"


@pytest.fixture(scope="module")
def desk(demo, tmp_path_factory):
    """Officers made by the operator's command: who may prepare a correction, who may agree, and both elsewhere."""
    secret = tmp_path_factory.mktemp("officers") / "password"
    secret.write_text(PASSWORD)
    made = {}
    for name, grants in {
        "clerk": ["registrar"], "approver": ["provincialApprover"], "national": ["identificationOfficer"],
        "elsewhere": ["identificationOfficer:99"], "reader": ["auditor"],
    }.items():
        done = run("admin", "officer", "add", name, "--name-km", "មន្ត្រី", "--name-en", name.title(),
                   *[part for grant in grants for part in ("--grant", grant)], "--password-file", secret, "--data", demo.data)
        assert done.returncode == 0, done.stdout + done.stderr
        made[name] = {"username": name, "password": PASSWORD}
    return lambda name: Officer(demo.url, made[name])


def ask(portal, field="name_latin", **changes):
    """The form of the person's page, filled in and sent."""
    form = portal.get(f"/app/corrections?field={field}").page.form("/app/corrections")
    return portal.submit(form, **({"field": field, "wish": WISH, "why": WHY, "evidence": PAPER} | changes))


def standing(portal):
    """What the person reads about each request, newest first."""
    page = portal.get("/app/corrections").page
    return [one.find(class_="badge").text for one in page.find_all("article", data_correction=True)]


def first_waiting(officer, label="Name in Latin letters"):
    """The newest request on an officer's list."""
    page = officer.browser.get("/enrol/corrections").page
    links = [a["href"] for a in page.find_all("a") if a["href"] and a["href"].startswith("/enrol/corrections/") and a.text == label]
    assert links, page.text
    return links[-1]


def propose(officer, path, **values):
    page = officer.browser.get(path).page
    return officer.browser.submit(page.form("/propose"), seen="birth certificate 471-1990, original", **values)


def latin_name(portal):
    shown = portal.submit(portal.get("/app/data").page.form("/app/data"))
    return re.search(r'data-attribute="name_latin"><dt>[^<]*</dt><dd>([^<]*)', shown.text).group(1).strip()


def test_from_the_wish_to_the_register(citizen, desk):
    portal, _ = citizen.portal()
    before = latin_name(portal)
    answer = ask(portal)
    assert answer.status == 200 and "data-correction" in answer.text, f"{answer.status} {answer.error}"
    assert standing(portal) == ["waits for an officer"]
    clerk, approver = desk("clerk"), desk("approver")
    assert citizen.person["name_km"] not in clerk.browser.get("/enrol/corrections").text, "the list names nobody"
    path = first_waiting(clerk)
    read = clerk.browser.get(path)
    assert WISH in read.text and WHY in read.text and PAPER in read.text and before in read.text
    done = propose(clerk, path, **{"value-family": "KEO", "value-given": "Sovanmalika"})
    assert done.status == 200, f"{done.status} {done.error}"
    assert standing(portal) == ["waits for a second officer"] and latin_name(portal) == before
    # The first officer has no button, and a form made by hand is refused.
    own = clerk.browser.get(path)
    assert not [f for f in own.page.forms if f.action.endswith("/accept")]
    token = clerk.browser.get("/enrol/corrections").page.form("/enrol/logout")
    forged = clerk.browser.send("POST", path + "/accept", data=token.filled(), headers={"Origin": clerk.browser.base})
    assert forged.status == 403 and latin_name(portal) == before, forged.error
    seen = approver.browser.get(path)
    assert "471-1990, original" in seen.text
    agreed = approver.browser.submit(seen.page.form("/accept"))
    assert agreed.status == 200, f"{agreed.status} {agreed.error}"
    assert standing(portal) == ["corrected"] and latin_name(portal) == "KEO Sovanmalika"
    # The person reads of each step, and of each look that officers took.
    notices = portal.get("/app/notices").text
    for action in ("requested", "proposed", "accepted"):
        assert f'data-notice="correction.{action}"' in notices, action
    entries = [row.text for row in portal.get("/app").page.find_all("tr", data_entry=True)]
    assert sum("Looking at your request for correction" in entry for entry in entries) >= 3, entries


def test_refused_with_a_reason(citizen, desk):
    portal, _ = citizen.portal()
    assert ask(portal).status == 200
    national = desk("national")
    path = first_waiting(national)
    form = national.browser.get(path).page.form("/refuse")
    assert national.browser.submit(form, reason="").status == 400
    assert national.browser.submit(form, reason="The certificate says <otherwise>").status == 200
    assert standing(portal) == ["refused"]
    shown = portal.get("/app/corrections").text
    assert "The certificate says &lt;otherwise&gt;" in shown and "/withdraw" not in shown
    again = national.browser.submit(form, reason="once more")
    assert again.status == 409 and again.error == "correction.state"


def test_one_officer_never_decides_alone(citizen, desk):
    """An officer with both rights is still one person."""
    portal, _ = citizen.portal()
    assert ask(portal, "phone_number", wish="none", why="not mine any more").status == 200
    national, approver = desk("national"), desk("approver")
    path = first_waiting(national, "Phone number")
    assert propose(national, path, **{"value-phone": ""}).status == 200
    page = approver.browser.get(path)
    accept = page.page.form("/accept")
    token = national.browser.get("/enrol/corrections").page.form("/enrol/logout")
    own = national.browser.send("POST", path + "/accept", data=token.filled(), headers={"Origin": national.browser.base})
    assert own.status in (403, 409) and own.error == "officer.same_person", f"{own.status} {own.error}"
    assert approver.browser.submit(accept).status == 200
    assert approver.browser.submit(accept).error == "correction.state", "a second press changes nothing"


def test_rights_and_places(citizen, desk):
    portal, _ = citizen.portal()
    assert ask(portal).status == 200
    path = first_waiting(desk("clerk"))
    elsewhere = desk("elsewhere")
    assert path not in elsewhere.browser.get("/enrol/corrections").text
    far = elsewhere.browser.get(path)
    assert far.status == 404 and far.error == "correction.not_found" and WISH not in far.text
    with_no_right = Browser(citizen.base)
    login = with_no_right.get("/enrol/login").page.form("/enrol/login")
    assert with_no_right.submit(login, username="reader", password=PASSWORD).status == 403
    nobody = Browser(citizen.base).get(path, follow=False)
    assert nobody.location == "/enrol/login"
    assert desk("approver").browser.get(path).page.text.count("Send to a second officer") == 0, "an approver does not prepare"


def test_few_at_a_time_and_taken_back(citizen, enrol):
    portal, _ = citizen.portal()
    for field in ("name_latin", "gender"):
        assert ask(portal, field).status == 200, field
    again = ask(portal, "gender")
    assert again.status == 409 and again.error == "correction.under_way"
    assert ask(portal, "email").status == 200
    more = ask(portal, "birthdate", wish="<b>1990</b>")
    assert more.status == 409 and more.error == "correction.too_many"
    assert "&lt;b&gt;1990&lt;/b&gt;" in more.text, "what was typed stays"
    form = portal.get("/app/corrections").page.form("/withdraw")
    stranger, _ = enrol().portal()
    token = stranger.get("/app/corrections").page.form("/app/corrections").filled()
    theft = stranger.send("POST", form.action, data=[p for p in token if p[0] == "csrf"], headers={"Origin": stranger.base})
    assert theft.status == 404 and theft.error == "correction.not_found"
    assert portal.submit(form).status == 200
    assert standing(portal).count("taken back") == 1
    assert ask(portal, "birthdate", wish="1990").status == 200


@pytest.mark.parametrize("changes, status, code", [
    ({"wish": ""}, 400, "correction.text"), ({"why": ""}, 400, "correction.text"),
    ({"wish": "x" * 501}, 400, "correction.text"), ({"wish": "a\u202eb"}, 400, "correction.text"),
    ({"field": "kidc"}, 400, "web.invalid_fields"), ({"field": "'; DROP TABLE"}, 400, "web.invalid_fields"),
    ({"csrf": "x"}, 403, "web.csrf"),
])
def test_bad_input(citizen, changes, status, code):
    portal, _ = citizen.portal()
    answer = ask(portal, **changes)
    assert answer.status == status and answer.error == code, f"{answer.status} {answer.error}"
    assert standing(portal) == []


def test_what_people_write_is_kept_secret(citizen, desk, demo):
    """Neither the database file nor the log holds it in the clear."""
    portal, _ = citizen.portal()
    secret = "Zyxwvutsrq"
    assert ask(portal, wish=secret, why=secret, evidence=secret).status == 200
    clerk = desk("clerk")
    path = first_waiting(clerk)
    assert secret in clerk.browser.get(path).text
    assert propose(clerk, path, **{"value-family": "", "value-given": secret}).status == 200
    for file in demo.data.glob("*.sqlite*"):
        assert secret.encode() not in file.read_bytes(), file.name
    with sqlite3.connect(f"file:{demo.data / 'rumdul.sqlite'}?mode=ro", uri=True) as database:
        assert database.execute("SELECT COUNT(*) FROM population_corrections").fetchone()[0] > 0
    assert secret not in demo.log.read_text(errors="replace")
