"""OSIA population registry by a plain client: what it reads, what the law refuses, the person's journal; and `readDocument` of data
access, whose PDF is read by poppler."""

import email
import secrets
import subprocess

import pytest

from support.dci import Sender
from support.program import Demo
from support.register_system import System
from support.registrar import Registrar, birth, day

READ = ["pr.person.read", "pr.identity.read", "pr.reference.read", "pr.gallery.read"]
WRITE = ["pr.person.write", "pr.identity.write", "pr.reference.write"]
ATTRIBUTES = ["kidc", "given_name", "family_name", "birthdate", "gender", "alive"]
T = {"transactionId": "judge-1"}


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
def systems(demo, folder):
    def make(scopes, attributes=ATTRIBUTES, areas=()):
        return System(demo, folder, "registry-" + secrets.token_hex(4), scopes, areas, attributes)
    return make


@pytest.fixture(scope="module")
def registry(systems):
    return systems(READ + WRITE)


def names(person):
    family, given = person["name_latin"].split(" ", 1)
    return family, given


def entries(citizen):
    return citizen.portal()[1].page.find_all("tr", data_entry=True)


def expressions(*items):
    return [dict(zip(("attributeName", "operator", "value"), item)) for item in items]


def test_a_person_is_found_and_read_and_sees_it(registry, citizen):
    before = len(entries(citizen))
    family, given = names(citizen.person)
    facts = expressions(("firstName", "=", given), ("lastName", "=", family), ("dateOfBirth", "=", citizen.person["birthdate"]))
    found = registry.call("POST", "/pr/v1/persons", facts, params=T)
    assert found.status_code == 200 and {"personId": citizen.kidc, "identityId": "register"} in found.json(), found.text
    grouped = registry.call("POST", "/pr/v1/persons", facts, params=T | {"group": "true"})
    assert {"personId": citizen.kidc} in grouped.json()
    person = registry.call("GET", f"/pr/v1/persons/{citizen.kidc}", params=T)
    assert person.json() == {"personId": citizen.kidc, "status": "ACTIVE", "physicalStatus": "ALIVE"}, person.text
    identity = registry.call("GET", f"/pr/v1/persons/{citizen.kidc}/identities/register", params=T).json()
    assert set(identity) == {"identityId", "identityType", "status", "biographicData"} and identity["status"] == "VALID"
    assert identity["biographicData"]["firstName"] == given and "email" not in identity["biographicData"]
    assert registry.call("GET", f"/pr/v1/persons/{citizen.kidc}/identities", params=T).json() == [identity]
    assert registry.call("GET", f"/pr/v1/persons/{citizen.kidc}/reference", params=T).json() == identity
    assert len(entries(citizen)) == before + 6
    nobody = registry.call("POST", "/pr/v1/persons", facts + expressions(("dateOfBirth", "<", "1900-01-01")), params=T)
    assert nobody.status_code == 200 and nobody.json() == []
    assert registry.call("GET", "/pr/v1/galleries", params=T).json() == []
    assert registry.call("GET", "/pr/v1/galleries/G1", params=T).status_code == 404


@pytest.mark.parametrize("method, path, code", [
    ("POST", "", "osia.person_entered"), ("PUT", "", "osia.person_changed"), ("DELETE", "", "osia.person_kept"),
    ("POST", "/merge/2345678908", "osia.person_merged"), ("POST", "/identities", "osia.person_changed"),
    ("POST", "/identities/9", "osia.person_changed"), ("PUT", "/identities/register", "osia.person_changed"),
    ("PATCH", "/identities/register", "osia.person_changed"), ("DELETE", "/identities/register", "osia.person_kept"),
    ("POST", "/move/2345678908/identities/register", "osia.person_merged"), ("PUT", "/identities/register/status", "osia.person_changed"),
    ("PUT", "/identities/register/reference", "osia.person_changed"),
])
def test_what_the_law_leaves_to_offices_is_refused(registry, demo, method, path, code):
    # Somebody of each test's own: there are limits on questions about one.
    persons = demo.record["persons"]
    kidc = persons[sum(map(ord, method + path)) % len(persons)]["kidc"]
    answer = registry.call(method, f"/pr/v1/persons/{kidc}{path}", {"status": "ACTIVE", "physicalStatus": "DEAD"}, params=T)
    assert answer.status_code == 403 and set(answer.json()) == {"code", "message"} and answer.json()["code"] == 1003
    assert f"({code})" in answer.json()["message"]
    assert registry.call("GET", f"/pr/v1/persons/{kidc}", params=T).json()["physicalStatus"] == "ALIVE"


def test_scopes_and_the_list_bound_everything(systems, citizen):
    reader = systems(["pr.identity.read"], ["gender"])
    identity = reader.call("GET", f"/pr/v1/persons/{citizen.kidc}/identities/register", params=T)
    assert set(identity.json()["biographicData"]) == {"gender"}
    refused = reader.call("GET", f"/pr/v1/persons/{citizen.kidc}", params=T)
    assert refused.status_code == 403 and "pr.person.read" in refused.headers["WWW-Authenticate"]
    assert systems(["pr.person.read"], ["gender"]).call("GET", f"/pr/v1/persons/{citizen.kidc}", params=T).status_code == 403


def test_guesses_share_their_limit(systems, citizen):
    system = systems(["pr.identity.read", "pr.person.read"])
    statuses = [system.call("GET", f"/pr/v1/persons/{citizen.kidc}/reference" if n % 2 else f"/pr/v1/persons/{citizen.kidc}", params=T).status_code for n in range(4)]
    assert statuses == [200, 403, 200, 403]
    for _ in range(8):
        last = system.call("GET", f"/pr/v1/persons/{citizen.kidc}/identities", params=T)
    assert last.status_code == 200
    assert system.call("GET", f"/v1/persons/{citizen.kidc}", params={"attributeNames": "firstName"}).status_code == 429


# readDocument


@pytest.fixture(scope="module")
def born(demo, folder):
    """A registered birth: its number, and the child's code, which the DCI façade tells."""
    officers = {name: Registrar(demo, user) for name, user in {"clerk": "sreymom", "verifier": "maly", "registrar": "piseth"}.items()}
    try:
        record = officers["clerk"].declare("birth", birth() | {"event.date": day(-2)})
        assert record, officers["clerk"].chrome.text
        officers["verifier"].take(record, "verify")
        officers["registrar"].take(record, "register")
        number = officers["registrar"].number()
    finally:
        for officer in officers.values():
            officer.close()
    finder = Sender(demo, folder, "finder-" + secrets.token_hex(3), attributes=["kidc"])
    item = finder.search({"query_type": "idtype-value", "query": {"type": "BRN", "value": number}})[0]
    identifiers = {i["identifier_type"]: i["identifier_value"] for i in item["data"]["reg_records"][0]["identifier"]}
    assert identifiers["BRN"] == number
    return number, identifiers["UIN"]


def document(system, kidc, **params):
    return system.call("GET", f"/v1/persons/{kidc}/document", params={"doctype": "birth", "format": "pdf"} | params)


def parts(answer):
    """The parts of a MIME multipart structure, by Python's own parser."""
    head = f"Content-Type: {answer.headers['Content-Type']}\r\n\r\n".encode()
    message = email.message_from_bytes(head + answer.content)
    assert message.is_multipart() and not message.defects
    return message.get_payload()


def test_a_document_is_a_numbered_extract(systems, demo, born, tmp_path):
    number, kidc = born
    system = systems(["pr.document.read"])
    answer = document(system, kidc)
    assert answer.status_code == 200, answer.text
    (part,) = parts(answer)
    assert part.get_content_type() == "application/pdf" and part.get_filename().startswith("C-")
    content = part.get_payload(decode=True)
    path = tmp_path / "extract.pdf"
    path.write_bytes(content)
    text = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True, timeout=60).stdout.decode()
    assert part.get_filename().removesuffix(".pdf") in text and number in text and "ពិសី" in text
    assert subprocess.run(["qpdf", "--check", path], capture_output=True, timeout=60).returncode == 0
    # The same paper again; another system has one of its own.
    assert parts(document(system, kidc))[0].get_payload(decode=True) == content
    other = parts(document(systems(["cr.document.read"]), kidc))[0]
    assert other.get_filename() != part.get_filename()




def test_documents_that_are_not_there(systems, citizen, born):
    system = systems(["pr.document.read"])
    assert document(system, citizen.kidc, doctype="marriage").status_code == 404
    for params, status in [({"format": "jpeg"}, 415), ({"format": ""}, 400), ({"doctype": "tax"}, 400), ({"doctype": "adoption"}, 400)]:
        answer = document(system, citizen.kidc, **params)
        assert answer.status_code == status and set(answer.json()) == {"code", "message"}, answer.text
    assert document(systems(["pr.person.read"]), citizen.kidc).status_code == 403
    assert document(systems(["pr.document.read"], ["gender"]), citizen.kidc).status_code == 403, "codes stand in documents"
