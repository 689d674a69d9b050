"""Records of the civil register for systems: the form, the signed history and its keys, the proof, sealed ones."""

import base64
import hashlib
import json

import pytest
import requests
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from joserfc import jws
from joserfc.jwk import ECKey

from support.merkle import leaf_of_proof, root_from_inclusion
from support.program import Demo
from support.register_system import System
from support.registrar import OFFICE, Registrar, registered_birth
from support.wait import until


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    program = Demo(tmp_path_factory.mktemp("rumdul") / "demo", people=100)
    yield program
    if program.alive:
        program.stop()


@pytest.fixture(scope="module")
def record(demo):
    return registered_birth(demo)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("systems")


@pytest.fixture(scope="module")
def reader(demo, folder):
    return System(demo, folder, "reader", ["cr.record.read"], areas=["08"])


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_a_record_is_read_as_the_fields_of_its_form(reader, record):
    found = reader.get(f"/cr/v1/records/{record}")
    assert found.status_code == 200, found.text
    body = found.json()
    assert body["kind"] == "birth" and body["state"] == "registered" and body["office"] == OFFICE and body["number"].startswith("B-" + OFFICE)
    assert body["fields"]["child.given_km"] == "ពិសី" and "medical" not in body
    assert not any(name.endswith(".person") for name in body["fields"])
    assert found.headers["ETag"] == f'"{body["sequence"]}"'
    same = reader.get(f"/cr/v1/records/{record}", headers={"If-None-Match": found.headers["ETag"]})
    assert same.status_code == 304 and not same.content


def test_it_is_found_by_its_numbers(reader, record):
    body = reader.get(f"/cr/v1/records/{record}").json()
    for query in ({"number": body["number"]}, {"number": body["number"].lower().replace("-", "")}, {"tracking": body["tracking"]}):
        found = reader.call("POST", "/cr/v1/records/search", query)
        assert found.status_code == 200 and [r["id"] for r in found.json()["records"]] == [record], query
        assert "ពិសី" not in found.text, "a list has no names"
    nothing = reader.call("POST", "/cr/v1/records/search", {"number": "B-081104-2026-00099-99"})
    assert nothing.json() == {"records": []}


def test_the_history_checks_with_its_keys_alone(reader, record):
    history = reader.get(f"/cr/v1/records/{record}/history").json()
    keys = {key["kid"]: key for key in history["keys"]}
    previous = ""
    for number, action in enumerate(history["actions"], 1):
        header = unb64(action["header"])
        digest = hashlib.sha256(header).digest()
        assert unb64(action["hash"]) == digest
        content = json.loads(header)
        assert content["seq"] == action["sequence"] == number and content["record"] == record
        assert content["previous"] == previous and content["action"] == action["action"]
        key, signature = keys[action["key_id"]], unb64(action["signature"])
        assert "d" not in key
        numbers = ec.EllipticCurvePublicNumbers(*(int.from_bytes(unb64(key[c]), "big") for c in "xy"), ec.SECP256R1())
        r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
        # The signature is over the hash as its message (ES256 hashes once more).
        numbers.public_key().verify(encode_dss_signature(r, s), digest, ec.ECDSA(hashes.SHA256()))
        previous = action["hash"]
    assert [a["action"] for a in history["actions"]] == ["create", "declare", "verify", "register"]
    assert "ពិសី" not in json.dumps(history, ensure_ascii=False), "contents stay sealed"


def test_the_proof_checks_without_the_program(demo, reader, record):
    def asked():
        answer = reader.get(f"/cr/v1/records/{record}/proof")
        if answer.status_code == 200:
            return answer
        assert answer.status_code == 409 and int(answer.headers["Retry-After"]) > 0
    proof = until(asked, what="no checkpoint covered the entry").json()
    leaf = leaf_of_proof(proof)
    assert leaf.hex() == proof["hash"]
    path = [bytes.fromhex(p) for p in proof["path"]]
    assert root_from_inclusion(leaf, proof["sequence"] - 1, proof["tree_size"], path).hex() == proof["root"]
    keys = {k["kid"]: ECKey.import_key(k) for k in requests.get(proof["keys"], timeout=10).json()["keys"] if k["purpose"] == "ledger-checkpoint"}
    kid = json.loads(unb64(proof["checkpoint"].split(".")[0]))["kid"]
    head = json.loads(jws.deserialize_compact(proof["checkpoint"], keys[kid], algorithms=["ES256"]).payload)["streams"][proof["stream"]]
    assert unb64(head["root"]).hex() == proof["root"] and head["size"] == proof["tree_size"]
    history = reader.get(f"/cr/v1/records/{record}/history").json()
    assert proof["subject"] == record and proof["entry"]["details"]["hash"] == history["actions"][-1]["hash"]
    proof["entry"]["details"]["event"] = "death"
    assert leaf_of_proof(proof).hex() != proof["hash"], "a changed entry is seen"


def test_other_places_other_scopes_and_nobody(demo, folder, reader, record):
    away = System(demo, folder, "away", ["cr.record.read"], areas=["12"])
    notifier = System(demo, folder, "notifier", ["cr.notice.write"])
    for rest in ("", "/history", "/proof"):
        assert away.get(f"/cr/v1/records/{record}{rest}").status_code == 404
        wrong = notifier.get(f"/cr/v1/records/{record}{rest}")
        assert wrong.status_code == 403 and 'scope="cr.record.read"' in wrong.headers["WWW-Authenticate"]
        assert requests.get(f"{demo.url}/cr/v1/records/{record}{rest}", timeout=10).status_code == 401


def test_a_sealed_record_is_not_there(demo, reader):
    hidden = registered_birth(demo)
    body = reader.get(f"/cr/v1/records/{hidden}").json()
    officer = Registrar(demo, "sothy")
    try:
        officer.take(f"{demo.url}/register/records/{hidden}", "seal", reason="តុលាការសម្រេចបិទជិត")
    finally:
        officer.close()
    for rest in ("", "/history", "/proof"):
        assert reader.get(f"/cr/v1/records/{hidden}{rest}").status_code == 404, rest
    found = reader.call("POST", "/cr/v1/records/search", {"number": body["number"]})
    assert found.status_code == 200 and found.json() == {"records": []}
    assert reader.get(f"/cr/v1/records/{hidden}", headers={"If-None-Match": f'"{body["sequence"]}"'}).status_code == 404
