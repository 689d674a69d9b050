"""OSIA data access by a plain client: what OSIA's documents say, the operator's list of attributes, the person's journal."""

import secrets

import pytest

from support.register_system import System

READ, MATCH, VERIFY = "pr.person.read", "pr.person.match", "pr.person.verify"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("systems")


@pytest.fixture(scope="module")
def systems(demo, folder):
    def make(scopes, attributes):
        return System(demo, folder, "registry-" + secrets.token_hex(4), scopes, attributes=attributes)
    return make


@pytest.fixture(scope="module")
def registry(systems):
    return systems([READ, MATCH, VERIFY], ["kidc", "given_name", "family_name", "birthdate", "gender", "alive"])


def names(person):
    family, given = person["name_latin"].split(" ", 1)
    return {"lastName": family, "firstName": given}


def entries(citizen):
    return citizen.portal()[1].page.find_all("tr", data_entry=True)


def test_a_person_is_found_read_and_sees_both(registry, citizen):
    before = len(entries(citizen))
    facts = names(citizen.person) | {"dateOfBirth": citizen.person["birthdate"]}
    found = registry.call("GET", "/v1/persons", params=facts)
    assert found.status_code == 200 and citizen.kidc in found.json(), found.text
    read = registry.call("GET", f"/v1/persons/{citizen.kidc}", params={"attributeNames": ["firstName", "dateOfBirth", "gender", "email", "shoe"]})
    assert read.status_code == 200, read.text
    body = read.json()
    assert body["firstName"] == facts["firstName"] and body["dateOfBirth"] == facts["dateOfBirth"] and body["gender"] in {"M", "F", "U"}
    assert body["email"]["code"] == 1024 and body["shoe"]["code"] == 1023, "OSIA's Error stands in place of what is not answered"
    rows = entries(citizen)
    assert len(rows) == before + 2 and "Ministry of Health" in rows[0].text


def test_the_list_of_dictionaries_and_the_missing(registry, citizen):
    facts = names(citizen.person) | {"dateOfBirth": citizen.person["birthdate"]}
    found = registry.call("GET", "/v1/persons", params=facts | {"names": ["firstName", "uin"], "limit": 5})
    assert {"firstName": facts["firstName"], "uin": citizen.kidc} in found.json()
    missing = registry.call("GET", "/v1/persons", params=facts | {"firstName": "Nobodyatall"})
    assert missing.status_code == 404 and missing.json()["code"] == 1004
    vague = registry.call("GET", "/v1/persons", params={"firstName": "Dara"})
    assert vague.status_code == 400 and set(vague.json()) == {"code", "message"}


def test_matching_shows_no_value(registry, citizen):
    facts = names(citizen.person)
    path = f"/v1/persons/{citizen.kidc}/match"
    assert registry.call("POST", path, facts).json() == []
    wrong = registry.call("POST", path, facts | {"firstName": "Nobodyatall", "shoe": "42"})
    assert sorted((e["attributeName"], e["errorCode"]) for e in wrong.json()) == [("firstName", 1), ("shoe", 0)]
    assert facts["firstName"] not in wrong.text


def test_expressions_are_true_or_false(registry, citizen):
    year = int(citizen.person["birthdate"][:4])
    path = f"/v1/persons/{citizen.kidc}/verify"

    def verify(*expressions):
        answer = registry.call("POST", path, [dict(zip(("attributeName", "operator", "value"), e)) for e in expressions])
        return answer.status_code, answer.json()

    assert verify(("firstName", "=", names(citizen.person)["firstName"]), ("dateOfBirth", "<", f"{year + 1}-01-01")) == (200, True)
    assert verify(("dateOfBirth", ">", f"{year + 1}-01-01")) == (200, False)
    assert verify(("physicalStatus", "=", "DEAD")) == (200, False)
    assert verify(("firstNameKm", "=", "ដារ៉ា"))[0] == 403, "not granted"
    assert verify(("gender", "<", "M"))[0] == 400


def test_scopes_and_the_list_bound_everything(systems, citizen):
    matcher = systems(["cr.person.match"], ["given_name"])
    refused = matcher.call("GET", f"/v1/persons/{citizen.kidc}", params={"attributeNames": "firstName"})
    assert refused.status_code == 403 and refused.json()["code"] == 1003 and "pr.person.read" in refused.headers["WWW-Authenticate"]
    assert matcher.call("POST", f"/v1/persons/{citizen.kidc}/match", {"firstName": "x"}).json() == [{"attributeName": "firstName", "errorCode": 1}]
    before = len(entries(citizen))
    blind = systems([READ], ["gender"])
    assert blind.call("GET", f"/v1/persons/{citizen.kidc}", params={"attributeNames": "firstName"}).status_code == 403
    assert blind.call("GET", "/v1/persons", params={"uin": citizen.kidc}).status_code == 403
    assert len(entries(citizen)) == before, "what nothing was asked of is not entered"


def test_guesses_share_their_limit_with_every_other_interface(systems, citizen):
    system = systems([READ, MATCH, "ids.verify"], ["birthdate"])
    statuses = [
        system.call("POST", f"/v1/persons/{citizen.kidc}/match", {"dateOfBirth": f"1950-02-{day:02d}"}).status_code for day in range(1, 12)]
    assert statuses == [200] * 10 + [429]
    other = system.call("POST", "/ids/v1/verify", {"code": citizen.kidc, "fields": {"birthdate": "1950-02-20"}})
    assert other.status_code == 429
    read = system.call("GET", f"/v1/persons/{citizen.kidc}", params={"attributeNames": "dateOfBirth"})
    assert read.status_code == 429 and read.json()["code"] == 1029 and int(read.headers["Retry-After"]) > 0
