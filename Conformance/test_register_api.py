"""The interfaces of the registers, by an independent client: notices from the hospital to the registration, and who may what."""

import secrets

import pytest
import requests

from support.login import Citizen
from support.program import Demo
from support.register_system import System
from support.registrar import OFFICE, Registrar, birth, day


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    program = Demo(tmp_path_factory.mktemp("rumdul") / "demo", people=100)
    yield program
    if program.alive:
        program.stop()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("systems")


@pytest.fixture(scope="module")
def hospital(demo, folder):
    return System(demo, folder, "hospital", ["cr.notice.write"], areas=["0811"])


@pytest.fixture(scope="module")
def village(demo, folder):
    return System(demo, folder, "village", ["cr.notice.village"], areas=[OFFICE])


@pytest.fixture(scope="module")
def office(demo):
    officers = {name: Registrar(demo, user) for name, user in {"clerk": "sreymom", "registrar": "piseth", "verifier": "maly"}.items()}
    yield officers
    for officer in officers.values():
        officer.close()


def notice(**fields):
    return {"office": OFFICE, "fields": {"child.sex": "2", "event.date": day(-1), "mother.given_km": "សុភា"} | fields}


def waiting(registrar):
    """Addresses of the records in the office's list of notices."""
    registrar.chrome.get(f"{registrar.base}/register/queues/notices")
    return [a.get_attribute("href") for a in registrar.chrome.all("main a[href*='/register/records/']")]


def finish(office, record):
    """The clerk declares what was told, the district verifies, the commune registers."""
    clerk = office["clerk"]
    clerk.chrome.get(record + "/edit")
    clerk.fill({key: value for key, value in birth().items() if key != "child.sex"})
    clerk.chrome.click('button[value="declare"]')
    clerk.chrome.until(lambda: clerk.chrome.url == record and clerk.state() == "បានប្រកាស")
    office["verifier"].take(record, "verify")
    office["registrar"].take(record, "register")
    assert office["registrar"].state(record) == "បានចុះបញ្ជី"
    return office["registrar"].number()


def test_a_hospitals_notice_becomes_a_registration(hospital, office):
    before = set(waiting(office["clerk"]))
    sent = hospital.post("/cr/v1/notices/birth", notice())
    assert sent.status_code == 201, sent.text
    assert set(sent.json()) == {"tracking", "state", "received_at", "changed_at"} and sent.json()["state"] == "notified"
    place = sent.headers["Location"]
    record, = set(waiting(office["clerk"])) - before
    office["clerk"].chrome.get(record)
    assert "មូលដ្ឋានសុខាភិបាល" in office["clerk"].chrome.text, "the history says who told"
    finish(office, record)
    told = hospital.get(place)
    assert told.status_code == 200 and told.json()["state"] == "registered"
    assert set(told.json()) == {"tracking", "state", "received_at", "changed_at"}, "nothing but the state"


def test_a_repeated_notice_is_one_notice(hospital, office):
    key, before = secrets.token_urlsafe(16), len(waiting(office["clerk"]))
    body = notice(**{"mother.given_km": "ធីតា"})
    first, again = hospital.post("/cr/v1/notices/birth", body, key), hospital.post("/cr/v1/notices/birth", body, key)
    assert first.status_code == again.status_code == 201 and first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true" and "Idempotency-Replayed" not in first.headers
    assert len(waiting(office["clerk"])) == before + 1
    other = hospital.post("/cr/v1/notices/birth", notice(**{"mother.given_km": "ចន្ថា"}), key)
    assert other.status_code == 409 and other.json()["code"] == "web.idempotency_mismatch"


def test_each_sees_its_own_notices_only(hospital, village):
    place = village.post("/cr/v1/notices/village/death", {"office": OFFICE, "fields": {"deceased.given_km": "សាន"}}).headers["Location"]
    assert village.get(place).json()["state"] == "notified"
    assert hospital.get(place).status_code == 404
    assert hospital.get("/cr/v1/notices/000000000").status_code == 404


def test_who_may_not_is_refused_as_rfc_6750_says(demo, folder, hospital, village):
    path, body = "/cr/v1/notices/birth", notice()
    bare = requests.post(demo.url + path, json=body, headers={"Idempotency-Key": "x" * 16}, timeout=10)
    assert bare.status_code == 401 and bare.headers["WWW-Authenticate"].startswith("Bearer realm=")
    assert "error" not in bare.headers["WWW-Authenticate"]
    dead = hospital.post(path, body, token="eyJ0eXAiOiJhdCtqd3QifQ.e30.x")
    assert dead.status_code == 401 and 'error="invalid_token"' in dead.headers["WWW-Authenticate"]
    wrong = village.post(path, body)
    assert wrong.status_code == 403 and 'error="insufficient_scope"' in wrong.headers["WWW-Authenticate"]
    assert wrong.headers["Content-Type"] == "application/problem+json"
    away = hospital.post(path, notice() | {"office": "010201"})
    assert away.status_code == 403 and away.json()["code"] == "api.area"
    keyless = hospital.call("POST", path, body)
    assert keyless.status_code == 400 and keyless.json()["code"] == "api.idempotency_key_missing"
    # A client without a grant has a token, and it opens nothing here.
    plain = System(demo, folder, "plain", [], register_access=None)
    assert plain.post(path, body).json()["code"] == "api.not_granted"
    # Nobody takes a scope of the registers in any other way than by the operator's grant.
    taker = System(demo, folder, "taker", [], register_access=None, scope="cr.notice.write")
    assert taker.done.returncode != 0 and "register_access" in taker.done.stdout + taker.done.stderr


def test_a_suspended_system_is_out_at_once(demo, folder):
    system = System(demo, folder, "suspended", ["cr.notice.write"])
    token = system.token()
    assert system.post("/cr/v1/notices/birth", notice(), token=token).status_code == 201
    from support.program import run
    done = run("admin", "relying-party", "suspend", system.id, "--data", demo.data)
    assert done.returncode == 0, done.stdout + done.stderr
    assert system.post("/cr/v1/notices/birth", notice(), token=token).status_code == 401


def test_a_persons_token_opens_nothing(demo, enrol, folder):
    citizen = enrol()
    system = System(demo, folder, "mixed", ["cr.notice.write"], grant_types=["client_credentials", "authorization_code"],
                    response_types=["code"], redirect_uris=["https://mixed.example/callback"], require_pkce=False)
    assert system.done.returncode == 0, system.done.stdout + system.done.stderr
    from support.provider import Provider
    from support.relying_party import Person, RelyingParty
    rp = RelyingParty(Provider(demo.url), {"client_id": "mixed", "client_secret": system.secret, "redirect_uris": ["https://mixed.example/callback"],
                      "profile": "oidc-legacy", "purposes": [{"code": "statutory"}], "grant_types": ["authorization_code"]}, [], None)
    tokens = rp.tokens(Person(citizen).log_in(rp, scope="openid"))
    refused = system.post("/cr/v1/notices/birth", notice(), token=tokens["access_token"])
    assert refused.status_code == 401, refused.text


@pytest.mark.parametrize("fields, refused", [
    ({"child.sex": "9000"}, "child.sex"), ({"event.date": "31/02/2026"}, "event.date"), ({"event.date": day(2)}, "event.date"),
    ({"event.place": "99990101"}, "event.place"), ({"nonsense": "1"}, "nonsense"), ({"child.given_km": "Pisey"}, "child.given_km"),
    ({"mother.person": "1234567890"}, "mother.person"),
])
def test_bad_facts_are_named(hospital, fields, refused):
    answer = hospital.post("/cr/v1/notices/birth", notice(**fields), headers={"Accept-Language": "km"})
    assert answer.status_code == 400
    error, = answer.json()["errors"]
    assert error["field"] == refused and error["message"]["en"] and any("\u1780" <= c <= "\u17d3" for c in error["detail"])


def test_a_citizen_reports_in_the_app(citizen, office):
    before = set(waiting(office["clerk"]))
    portal, home = citizen.portal(language="km")
    assert "/app/report" in [a["href"] for a in home.page.find_all("a")]
    page = portal.get("/app/report/birth").page
    assert any("?in=08" in (a["href"] or "") for a in page.find_all("a")), "provinces are offered"
    page = portal.get("/app/report/birth?in=0811").page
    assert f"/app/report/birth?office={OFFICE}" in [a["href"] for a in page.find_all("a")]
    form = portal.get(f"/app/report/birth?office={OFFICE}").page.form("/app/report/birth")
    bad = portal.submit(form, **{"child.sex": "1", "event.date": "x", "informant.relation": "father", "informant.given_km": "ដារ៉ា"})
    assert bad.status == 400 and "ដារ៉ា" in bad.text, "nothing typed is lost"
    form = bad.page.form("/app/report/birth")
    sent = portal.submit(form, **{"child.sex": "1", "event.date": day(-1), "informant.relation": "father", "informant.given_km": "ដារ៉ា", "mother.given_km": "សុភា"})
    assert sent.status == 200 and "បានជូនដំណឹង" in sent.text, sent.text[-2000:]
    tracking = sent.url.rsplit("/", 1)[1]
    record, = set(waiting(office["clerk"])) - before
    office["clerk"].chrome.get(record)
    assert "ពលរដ្ឋ" in office["clerk"].chrome.text and tracking in office["clerk"].chrome.text
    finish(office, record)
    again = portal.submit(portal.get("/app/report").page.form("/app/report/find"), tracking=tracking.lower())
    assert "បានចុះបញ្ជី" in again.text


def test_nobody_else_sees_a_citizens_report(citizen, enrol):
    portal, _ = citizen.portal()
    form = portal.get(f"/app/report/death?office={OFFICE}").page.form("/app/report/death")
    sent = portal.submit(form, **{"deceased.given_km": "សាន", "event.date": day(-1), "informant.relation": "child", "informant.given_km": "ដារ៉ា"})
    assert sent.status == 200, sent.text[-1500:]
    stranger, _ = enrol().portal()
    assert stranger.get(sent.url).status == 404
