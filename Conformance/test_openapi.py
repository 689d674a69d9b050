"""/openapi.json: a judge of the document, and schemathesis against what the routes answer, with data good and bad."""

import base64
import functools
import os
import secrets
from urllib.parse import urlsplit

import hypothesis
import pytest
import requests
import schemathesis
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from support.dci import Callback, Sender, now
from support.login import challenge
from support.net import own_address, session
from support.provider import Provider
from support.register_system import System
from support.program import Demo
from support.registrar import registered_birth, verified_foundlings
from support.registrations import CIBA, DEVICE, Registrar, document
from support.relying_party import Person
from support.subscriber import Receiver

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = int(os.environ.get("RUMDUL_EXAMPLES", 30))
OPERATIONS = [
    "GET /.well-known/openid-configuration", "GET /.well-known/oauth-authorization-server", "GET /jwks",
    "GET /.well-known/ledger-keys", "POST /token", "POST /introspect", "POST /revoke", "GET /userinfo", "POST /userinfo",
    "POST /par", "POST /connect/ciba", "POST /device_authorization", "POST /connect/register",
    "GET /connect/register/{client}", "PUT /connect/register/{client}", "DELETE /connect/register/{client}",
    "GET /device/v1/transactions", "POST /device/v1/transactions/{transaction}/decision", "POST /device/v1/activations",
    "GET /device/v1/activations", "GET /device/v1/self", "POST /device/v1/pin",
    "POST /device/v1/duress-pin",
    "POST /cr/v1/notices/birth", "POST /cr/v1/notices/death", "POST /cr/v1/notices/foetal-death", "POST /cr/v1/notices/village/birth",
    "POST /cr/v1/notices/village/death", "POST /cr/v1/notices/village/foundling", "GET /cr/v1/notices/{tracking}",
    "POST /notif/v1/subscriptions", "GET /notif/v1/subscriptions", "GET /notif/v1/subscriptions/confirm",
    "DELETE /notif/v1/subscriptions/{uuid}", "GET /notif/v1/subscriptions/{uuid}/messages",
    "POST /notif/v1/subscriptions/{uuid}/replay", "POST /notif/v1/topics", "GET /notif/v1/topics", "DELETE /notif/v1/topics/{uuid}",
    "POST /notif/v1/topics/{uuid}/publish", "GET /notif/v1/jwks",
    "POST /ids/v1/verify", "POST /v1/uin", "POST /ids/v1/codes/status", "POST /ids/v1/codes/confirm", "POST /ids/v1/codes/release",
    "GET /cr/v1/checks", "GET /cr/v1/checks/{id}", "POST /cr/v1/checks/{id}/answer",
    "POST /cr/v1/records/search", "GET /cr/v1/records/{id}", "GET /cr/v1/records/{id}/history", "GET /cr/v1/records/{id}/proof",
    "POST /registry/sync/search", "POST /registry/sync/txn/status", "POST /registry/search", "POST /registry/subscribe",
    "POST /registry/unsubscribe", "POST /registry/txn/status", "GET /.well-known/jwks.json",
    "POST /pr/v1/households/search", "POST /pr/v1/households", "GET /pr/v1/households/{id}", "POST /pr/v1/households/{id}/changes",
    "POST /pr/v1/stays/search", "POST /pr/v1/stays",
    "GET /v1/persons", "GET /v1/persons/{uin}", "POST /v1/persons/{uin}/match", "POST /v1/persons/{uin}/verify",
    "GET /v1/persons/{uin}/document",
    "POST /pr/v1/persons", "GET /pr/v1/persons/{personId}", "POST /pr/v1/persons/{personId}", "PUT /pr/v1/persons/{personId}",
    "DELETE /pr/v1/persons/{personId}", "POST /pr/v1/persons/{personId}/merge/{personIdSource}",
    "GET /pr/v1/persons/{personId}/identities", "POST /pr/v1/persons/{personId}/identities",
    "GET /pr/v1/persons/{personId}/identities/{identityId}", "POST /pr/v1/persons/{personId}/identities/{identityId}",
    "PUT /pr/v1/persons/{personId}/identities/{identityId}", "PATCH /pr/v1/persons/{personId}/identities/{identityId}",
    "DELETE /pr/v1/persons/{personId}/identities/{identityId}", "POST /pr/v1/persons/{personId}/move/{personIdSource}/identities/{identityId}",
    "PUT /pr/v1/persons/{personId}/identities/{identityId}/status", "PUT /pr/v1/persons/{personId}/identities/{identityId}/reference",
    "GET /pr/v1/persons/{personId}/reference", "GET /pr/v1/galleries", "GET /pr/v1/galleries/{galleryId}",
]


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """One where foundlings wait for a system outside."""
    program = Demo(tmp_path_factory.mktemp("rumdul") / "demo", RUMDUL_EXTERNAL_CHECKS="foundling")
    yield program
    if program.alive:
        program.stop()


@pytest.fixture(scope="module")
def described(base):
    return requests.get(f"{base}/openapi.json", timeout=10)


@pytest.fixture(scope="module")
def schema(base):
    return schemathesis.openapi.from_url(f"{base}/openapi.json")


def told(field, value):
    return {"office": "081104", "fields": {field: value}}


class DeviceProof(requests.auth.AuthBase):
    """Signs what is about to be sent."""

    def __init__(self, device):
        self.device = device

    def __call__(self, request):
        body = request.body.encode() if isinstance(request.body, str) else request.body or None
        proof = self.device.proof(request.method, urlsplit(request.url).path, body)
        request.headers["Authorization"] = "DeviceProof " + proof
        return request


class World:
    """What is needed to be let in, by operation."""

    def __init__(self, demo, enrol, folder):
        self.provider = Provider(demo.url)
        registrar = Registrar(demo, self.provider, folder)
        grants = ["authorization_code", "refresh_token", "client_credentials", CIBA, DEVICE]
        self.rp = registrar.add(
            "described", profile="oidc-legacy", require_pkce=False, grant_types=grants, ciba_trusted=True,
            backchannel_token_delivery_mode="poll",
        )
        self.person = Person(enrol())
        self.back = self.person.log_in(self.rp, scope="openid profile offline_access")
        self.body = self.rp.tokens(self.back)
        self.initial = registrar.initial_access_token()
        self.managed = {name: registrar.dynamic(f"managed-{name.lower()}") for name in ("GET", "PUT", "DELETE")}
        self.basic = "Basic " + base64.b64encode(f"{self.rp.id}:{self.rp.record['client_secret']}".encode()).decode()
        self.device = self.person.device
        topics = ["notif.sub.write", "notif.sub.read", "notif.topic.read", "notif.topic.write", "notif.topic.publish"]
        self.subscriber = System(demo, folder, "described-subscriber", topics, register_access={
            "scopes": topics, "basis": "KH-CRVSI-2023", "topics": [{"name": "death", "identifiers": True}]})
        self.receiver = Receiver(demo.url)
        population = ["pr.household.read", "pr.household.write", "pr.stay.read", "pr.stay.write"]
        scopes = population + ["cr.notice.write", "cr.notice.village", "ids.verify", "uin.generate", "uin.confirm", "cr.record.read", "cr.check", "cr.medical.read",
                  "pr.person.read", "pr.person.match", "pr.person.verify", "pr.document.read",
                  "pr.person.write", "pr.identity.read", "pr.identity.write", "pr.reference.read", "pr.reference.write", "pr.gallery.read"]
        attributes = ["kidc", "given_name", "family_name", "birthdate", "gender", "alive"]
        self.system = System(demo, folder, "described-system", scopes, attributes=attributes)
        # Each question about people comes from a system of its own: there are limits on what one may ask in vain.
        paths = sorted({label.split(" ")[1] for label in OPERATIONS if label.split(" ")[1].startswith(("/ids/", "/v1/persons", "/pr/"))})
        self.asking = {path: System(demo, folder, f"described-asker-{n}", scopes, attributes=attributes) for n, path in enumerate(paths)}
        verified_foundlings(demo, 2)
        self.checks = [check["id"] for check in self.system.get("/cr/v1/checks").json()["checks"]]
        self.callback = Callback(demo.url)
        self.senders = {path: Sender(demo, folder, f"described-sender-{n}", attributes=attributes, callbacks=[self.callback.url], topics=[
            {"name": "death", "identifiers": True}]) for n, path in enumerate(sorted({label.split(" ")[1] for label in OPERATIONS if "/registry/" in label}))}
        self.keeper = System(demo, folder, "described-keeper", population)
        self.codes, self.record = [p["kidc"] for p in reversed(demo.record["persons"])], registered_birth(demo)
        self.householder = self.codes[-1]

    def notification(self, operation):
        """What is there for an operation of notifications: a fresh topic, subscription or token."""
        name, path = secrets.token_hex(8), operation.path
        if path.startswith("/notif/v1/topics/"):
            return {"uuid": self.subscriber.call("POST", "/notif/v1/topics", params={"name": "described"}).json()["uuid"]}
        if not path.startswith("/notif/v1/subscriptions/"):
            return {}
        made = self.subscriber.call("POST", "/notif/v1/subscriptions", params={"topic": "death", "address": f"{self.receiver.url}/{name}"}).json()
        if path.endswith("/confirm"):
            return {"token": self.receiver.wait(lambda m: m.subscription == made["uuid"]).json["token"]}
        return {"uuid": made["uuid"]}

    @functools.cached_property
    def household(self):
        """A household that this world opened, with somebody of its own as the head."""
        head = {"code": self.householder, "relation": "head"}
        made = self.keeper.post("/pr/v1/households", {"village": "08110401", "reference": "judge", "members": [head]})
        assert made.status_code == 201, made.text
        return made.json()

    def code(self, path):
        """Of a person of each operation's own: there are limits on questions about one."""
        return self.codes[sorted({label.split(" ")[1] for label in OPERATIONS}).index(path) % len(self.codes)]

    def sign(self, case):
        """Sends an envelope as its sender would: fresh, about now, signed."""
        sender = self.senders[case.path]
        body = case.body
        if isinstance(body, dict) and isinstance(body.get("header"), dict) and isinstance(body.get("message"), dict):
            header = body["header"] | {"message_id": secrets.token_hex(8), "message_ts": now(), "sender_id": sender.id}
            for name in ("receiver_id", "sender_uri", "is_msg_encrypted"):
                header.pop(name, None)
            case.body = body | {"header": header, "signature": sender.sign(header, body["message"])}

    def dci(self, path):
        """What stands in a right message of each operation."""
        sender, action = self.senders[path], path.removeprefix("/registry/").removeprefix("sync/").replace("/", "-")
        transaction = "described-" + action
        message = {
            "search": sender.searching({"query_type": "idtype-value", "query": {"type": "UIN", "value": self.code(path)}}, transaction=transaction),
            "subscribe": {"transaction_id": transaction, "subscribe_request": [{"reference_id": "s", "timestamp": now(), "subscribe_criteria": {
                "reg_event_type": "death", "filter": {}, "notify_record_type": "person"}}]},
            "unsubscribe": {"transaction_id": transaction, "timestamp": now(), "subscription_codes": ["nothing"]},
            "txn-status": {"transaction_id": transaction, "txnstatus_request": {
                "reference_id": "t", "txn_type": "unsubscribe", "attribute_type": "transaction_id", "attribute_value": "described-known"}},
        }[action]
        if action == "txn-status":  # there must be something to ask for
            sender.send("/registry/unsubscribe", "unsubscribe", {"transaction_id": "described-known", "timestamp": now(), "subscription_codes": ["nothing"]})
        return sender.envelope(action, message)

    def lead(self, case):
        """A request about somebody who exists."""
        if case.path in self.senders:
            self.sign(case)
        if case.path_parameters and "uin" in case.path_parameters:
            case.path_parameters["uin"] = self.code(case.path)
            if case.method == "GET":
                case.query["attributeNames"] = ["firstName", "shoe"]
        if case.path_parameters and "personId" in case.path_parameters:
            case.path_parameters["personId"] = self.code(case.path)
            if "identityId" in case.path_parameters:
                case.path_parameters["identityId"] = "register"
        if case.path.startswith("/pr/"):
            (case.query or {}).pop("gallery", None)
        if case.path_parameters and case.path.startswith("/cr/v1/records/"):
            case.path_parameters["id"] = self.record
            if case.headers:
                case.headers.pop("If-None-Match", None)
        if case.path.startswith("/cr/v1/checks"):
            if case.path_parameters:
                case.path_parameters["id"] = self.checks[case.path.endswith("/answer")]
            else:
                (case.query or {}).pop("cursor", None)
        if case.path_parameters and case.path.startswith("/pr/v1/households/"):
            case.path_parameters["id"] = self.household["id"]
            if case.method == "GET" and case.query:
                case.query.clear()
            if isinstance(case.body, dict) and "version" in case.body:
                read = self.keeper.get("/pr/v1/households/" + self.household["id"])
                case.body["version"] = read.json()["version"] if read.status_code == 200 else 1
        if case.path == "/v1/persons":
            case.query.clear()
            case.query.update(uin=self.code(case.path), names=["firstName"])

    def credentials(self, operation):
        """Right ones; None where none exist."""
        path = operation.path
        if path.startswith("/notif/") and not path.endswith("/jwks"):
            return {"headers": {"Authorization": "Bearer " + self.subscriber.token()}}
        if path in self.senders:
            return {"headers": {"Authorization": "Bearer " + self.senders[path].token()}}
        if path.startswith(("/cr/", "/ids/", "/v1/", "/pr/")):
            return {"headers": {"Authorization": "Bearer " + self.asking.get(path, self.system).token()}}
        if path in ("/token", "/introspect", "/revoke", "/par", "/connect/ciba", "/device_authorization"):
            return {"headers": {"Authorization": self.basic}}
        if path == "/userinfo":
            return {"headers": {"Authorization": "Bearer " + self.body["access_token"]}}
        if path == "/connect/register":
            return {"headers": {"Authorization": "Bearer " + self.initial}}
        if path.startswith("/connect/register/"):
            token = self.managed[operation.method.upper()].record["registration_access_token"]
            return {"headers": {"Authorization": "Bearer " + token}}
        if path.startswith("/device/v1/") and not path.endswith("/activations"):
            return {"auth": DeviceProof(self.device)}
        return None

    def reserved(self, path):
        """The body for a code that the system of this operation reserved."""
        person = {"firstName": "Dara", "lastName": "SOK"}
        code = self.asking[path].call("POST", "/v1/uin?transactionId=described", person).json()
        return {"transaction": "described", "code": code} | ({"person": person} if path.endswith("/confirm") else {})

    def seeds(self, operation):
        """Bodies that lead past the first check. None of them is a second use of a code, which would end the grant."""
        access, refresh = self.body["access_token"], self.body.get("refresh_token", "x")
        request = {
            "response_type": "code", "client_id": self.rp.id, "redirect_uri": self.rp.redirect, "scope": "openid",
            "code_challenge": challenge("v" * 43), "code_challenge_method": "S256",
        }
        return {
            "/token": [
                {"grant_type": "client_credentials"}, {"grant_type": "refresh_token", "refresh_token": "x"},
                {"grant_type": "authorization_code", "code": "x", "redirect_uri": self.rp.redirect},
                {"grant_type": CIBA, "auth_req_id": "x"}, {"grant_type": DEVICE, "device_code": "x"},
            ],
            "/introspect": [{"token": access}, {"token": refresh}], "/revoke": [{"token": "x"}],
            "/par": [request, request | {"client_id": "other"}], "/device_authorization": [{"scope": "openid"}],
            "/connect/ciba": [{"scope": "openid", "id_token_hint": self.body["id_token"]}],
            "/connect/register": [document("seed", purposes=None)],
            "/connect/register/{client}": [document("seed", purposes=None, client_id=self.managed["PUT"].id)],
            "/ids/v1/verify": [
                {"code": self.code(operation.path), "fields": {"name_latin": "SOK Dara", "sex": "1", "alive": True}},
                {"code": self.code(operation.path), "case": "A 17", "fields": {"birthdate": "1990-04-13", "birthplace": "08", "residence": "0811"}},
            ],
            "/pr/v1/households/search": [{"code": self.householder}] if self.household else [],
            "/pr/v1/households": [{"village": "08110401", "reference": "judge", "members": [{"code": self.code(operation.path), "relation": "head"}]}],
            "/pr/v1/households/{id}/changes": [{"change": "book", "version": 1, "book": "7", "reference": "judge"}],
            "/pr/v1/stays/search": [{"code": self.code(operation.path)}],
            "/pr/v1/stays": [{"code": self.code(operation.path), "ended": "2026-01-01", "reference": "judge"}],
            "/v1/uin": [{"firstName": "Dara", "lastName": "SOK", "dateOfBirth": "2026-11-01", "gender": "M", "placeOfBirth": "081104"}],
            **({operation.path: [self.reserved(operation.path)]} if operation.path.startswith("/ids/v1/codes/") else {}),
            "/cr/v1/notices/birth": [told("child.sex", "2")], "/cr/v1/notices/village/birth": [told("child.sex", "1")],
            "/cr/v1/notices/death": [told("deceased.sex", "2")], "/cr/v1/notices/village/death": [told("deceased.sex", "1")],
            "/cr/v1/notices/foetal-death": [told("mother.given_km", "សុភា")],
            "/cr/v1/notices/village/foundling": [told("child.sex", "2")],
            **({operation.path: [self.dci(operation.path)]} if operation.path in self.senders else {}),
            "/cr/v1/records/search": [{"participant": self.code(operation.path)}, {"tracking": "000000000", "limit": 5}],
            "/cr/v1/checks/{id}/answer": [{"result": "passed"}],
            "/pr/v1/persons": [[{"attributeName": "uin", "operator": "=", "value": self.code(operation.path)}]],
            "/v1/persons/{uin}/match": [{"firstName": "Dara", "shoe": "42"}],
            "/v1/persons/{uin}/verify": [[{"attributeName": "dateOfBirth", "operator": "<", "value": "1990-12-31"}]],
            "/device/v1/activations": [self.device.activation_body("K7QM-4XRP-2W")],
            # What is generated depends on the constants in these files, so it cannot be left to chance that a notice is right.
            **{"/cr/v1/notices/" + path: [{"office": "081104", "fields": fields}] for path, fields in (
                ("birth", {"child.sex": "2"}), ("village/birth", {"child.sex": "2"}), ("village/foundling", {"child.sex": "2"}),
                ("death", {"deceased.given_km": "សាន"}), ("village/death", {"deceased.given_km": "សាន"}),
                ("foetal-death", {"mother.given_km": "សុភា"}),
            )},
        }.get(operation.path, [])


@pytest.fixture(scope="module")
def world(demo, enrol, tmp_path_factory):
    made = World(demo, enrol, tmp_path_factory.mktemp("described"))
    yield made
    made.receiver.close()
    made.callback.close()


def test_the_document_is_right(described, base):
    assert described.status_code == 200 and described.headers["Content-Type"] == "application/json"
    assert described.headers["Access-Control-Allow-Origin"] == "*" and described.headers["ETag"]
    content = described.json()
    assert content["openapi"].startswith("3.1.") and content["servers"] == [{"url": base}]
    errors = [f"{list(e.absolute_path)}: {e.message}" for e in OpenAPIV31SpecValidator(content).iter_errors()]
    assert not errors, errors


def test_the_judge_sees_faults(described):
    content = described.json()
    content["paths"]["/token"]["post"].pop("responses")
    content["paths"]["/jwks"]["get"]["responses"]["200"].pop("description")
    assert list(OpenAPIV31SpecValidator(content).iter_errors())


def test_every_endpoint_of_discovery_is_described(described, metadata, base):
    paths = described.json()["paths"]
    pages = {"authorization_endpoint", "end_session_endpoint"}
    endpoints = {v for k, v in metadata.items() if (k.endswith("_endpoint") or k == "jwks_uri") and k not in pages}
    assert {base + path for path in paths} >= endpoints


def test_the_list_of_this_file_is_whole(schema):
    assert sorted(OPERATIONS) == sorted(result.ok().label for result in schema.get_all_operations())


@pytest.mark.parametrize("label", OPERATIONS)
def test_schemathesis_finds_nothing(schema, world, label):
    operation = next(r.ok() for r in schema.get_all_operations() if r.ok().label == label)
    credentials, seeds = world.credentials(operation), world.seeds(operation)
    client = world.managed.get(operation.method.upper())
    statuses, noted = set(), {}

    def send(case, let_in, seed, known):
        if known and let_in and seeds and seed is None:
            seed = seeds[0]
        if isinstance(case.body, dict) and isinstance(seed, dict):
            case.body = dict(seed)
        if isinstance(case.body, list) and isinstance(seed, list):
            case.body = list(seed)
        if known and let_in:
            world.lead(case)
        if known and "client" in operation.path and case.path_parameters:
            case.path_parameters["client"] = client.id
        if known and let_in and label.split()[1].startswith("/notif/"):
            there = world.notification(operation) if not noted else noted
            noted.update({} if label.startswith("DELETE") or "token" in there else there)
            if "uuid" in there and case.path_parameters:
                case.path_parameters["uuid"] = there["uuid"]
            if label == "POST /notif/v1/subscriptions":
                case.query = (case.query or {}) | {"topic": "death", "address": world.receiver.url, "protocol": "http", "policy": "60,0"}
            if "token" in there:
                case.query = {"token": there["token"]}
            if label.endswith("/replay"):
                case.query = {}
        if case.query and "wait" in case.query and let_in:
            case.query["wait"] = 0  # who is let in really waits
        if seed is not None and case.headers and "Idempotency-Key" in case.headers:
            case.headers["Idempotency-Key"] = secrets.token_urlsafe(16)  # one that no other operation has used
        if let_in and case.headers:
            case.headers.pop("DPoP", None)  # a bad proof ends every request before it begins
            if known:
                case.headers.pop("Rumdul-Purpose", None)  # and so does an unknown purpose
                if "Idempotency-Key" in case.headers:
                    case.headers["Idempotency-Key"] = secrets.token_urlsafe(16)
        options = dict(credentials) if let_in and credentials else {}
        if label == "POST /device/v1/activations":  # otherwise the limit for one address is all that is seen
            options["session"] = session(own_address())
        answer = case.call(timeout=30, **options)
        statuses.add(answer.status_code)
        case.validate_response(answer, checks=CHECKS)

    # First, so that no success is left to chance or to what limits leave, the right ones with what is right; then anybody with anything.
    turns = [(schemathesis.GenerationMode.POSITIVE, st.just(True), seeds or [None], st.just(True))]
    turns += [(mode, st.booleans(), [None, *seeds], st.booleans()) for mode in schemathesis.GenerationMode]
    for mode, let_in_or_not, bodies, known_or_not in turns:
        @hypothesis.settings(
            max_examples=EXAMPLES, deadline=None, database=None, derandomize=True,
            suppress_health_check=list(hypothesis.HealthCheck), phases=[hypothesis.Phase.generate],
        )
        @hypothesis.given(
            operation.as_strategy(generation_mode=mode), let_in_or_not, st.sampled_from(bodies), known_or_not,
        )
        def judged(case, let_in, seed, known):
            send(case, let_in, seed, known)

        try:
            judged()
        except hypothesis.errors.Unsatisfiable:
            pass  # nothing about this operation can be wrong
    assert statuses, "nothing was sent"
    unseen = {int(status) for status in operation.responses.status_codes if status.startswith("2")} - statuses
    if label not in UNREACHABLE:
        assert not unseen, f"never answered {unseen}, only {statuses}"


# What no generated request can reach: a person's decision, an officer's code, a PIN, a tracking number, somebody's registered event.
UNREACHABLE = {"GET /cr/v1/notices/{tracking}", "GET /v1/persons/{uin}/document", "POST /device/v1/transactions/{transaction}/decision", "POST /device/v1/activations", "POST /device/v1/pin", "POST /device/v1/duress-pin"}
