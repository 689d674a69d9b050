"""A system of social protection, written from the DCI registry API 1.0.0 and docs/dci.md and knowing nothing of the program: it signs
what it sends and checks what it gets with joserfc, and has a callback of its own."""

import datetime
import json
import time
import uuid

import requests
from joserfc import jws
from joserfc.jwk import ECKey, KeySet

from .inbox import Inbox
from .register_system import System

ALGORITHMS = ["ES256", "RS256", "PS256", "EdDSA"]


def now(seconds=0):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)).isoformat()


def checked(base, envelope):
    """Verifies an envelope of the register: a compact JWS by a published key over exactly this header and message."""
    answer = requests.get(f"{base}/.well-known/jwks.json", timeout=10)
    assert answer.status_code == 200 and all("d" not in key for key in answer.json()["keys"])
    registry = jws.JWSRegistry(algorithms=["ES256"], strict_check_header=False)
    found = jws.deserialize_compact(envelope["signature"], KeySet.import_key_set(answer.json()), registry=registry)
    assert found.headers()["typ"] == "rumdul-dci+jws"
    content = {name: value for name, value in envelope.items() if name != "signature"}
    assert json.loads(found.payload) == content, "signed is something else"
    header = envelope["header"]
    assert header["version"] == "1.0.0" and header["sender_id"] == base and header["message_id"]
    assert abs(datetime.datetime.fromisoformat(header["message_ts"]).timestamp() - time.time()) < 3600
    return envelope


class Callback(Inbox):
    """Takes callbacks; `status` is what it answers. What does not verify is in `refused`."""

    path = "/registry/callback"

    def take(self, headers, body, path):
        status = self.status
        if status != 200:
            return status
        try:
            assert headers["content-type"] == "application/json"
            envelope = checked(self.base, json.loads(body))
        except Exception as trouble:
            return self.refuse(trouble, body)
        self.keep(envelope)
        return status

    def wait_for(self, action, transaction, **options):
        return self.wait(lambda e: e["header"]["action"] == action and e["message"]["transaction_id"] == transaction, **options)


class Sender(System):
    """A registered system with a key of its own."""

    def __init__(self, demo, folder, name, scopes=("dci.search", "dci.subscribe", "cr.record.read"), attributes=(), callbacks=(), topics=(), areas=()):
        self.key = ECKey.generate_key("P-256", {"kid": f"{name}-1", "use": "sig", "alg": "ES256"}, private=True)
        access = {
            "scopes": list(scopes), "areas": list(areas), "basis": "KH-CRVSI-2023", "attributes": list(attributes),
            "topics": list(topics), "callbacks": list(callbacks),
        }
        super().__init__(demo, folder, name, scopes, register_access=access, jwks={"keys": [self.key.as_dict(private=False)]})
        assert self.done.returncode == 0, self.done.stdout + self.done.stderr

    def header(self, action, count=1, **changes):
        return {
            "version": "1.0.0", "message_id": str(uuid.uuid4()), "message_ts": now(), "action": action, "sender_id": self.id,
            "total_count": count, "is_msg_encrypted": False,
        } | changes

    def sign(self, header, message, key=None):
        content = json.dumps({"header": header, "message": message}, ensure_ascii=False).encode()
        key = key or self.key
        return jws.serialize_compact({"alg": "ES256", "kid": self.key.kid}, content, key, algorithms=ALGORITHMS)

    def envelope(self, action, message, count=1, **changes):
        header = self.header(action, count, **changes)
        return {"signature": self.sign(header, message), "header": header, "message": message}

    def send(self, path, action, message, count=1, **changes):
        return self.call("POST", path, self.envelope(action, message, count, **changes))

    @staticmethod
    def searching(*criteria, transaction=None, locale="eng"):
        items = [{"reference_id": f"ref-{n}", "timestamp": now(), "search_criteria": c, "locale": locale} for n, c in enumerate(criteria)]
        return {"transaction_id": transaction or str(uuid.uuid4()), "search_request": items}

    def search(self, *criteria, **options):
        """A search at once; the checked items of the answer."""
        answer = self.send("/registry/sync/search", "search", self.searching(*criteria, **options), len(criteria))
        assert answer.status_code == 200, answer.text
        envelope = checked(self.base, answer.json())
        assert envelope["header"]["action"] == "on-search"
        return envelope["message"]["search_response"]


def uin(code, **more):
    return {"query_type": "idtype-value", "query": {"type": "UIN", "value": code}} | more


def predicate(*comparisons, **more):
    items = [{"seq_num": n, "expression1": dict(zip(("attribute_name", "operator", "attribute_value"), c)), "condition": "and"} for n, c in enumerate(comparisons)]
    return {"query_type": "predicate", "query": items} | more
