"""Systems of ministries and banks learn of register events: an independent receiver that checks every signature, retries, dead
letters and replay, kill -9 between commit and delivery, and who is told nothing."""

import json
import secrets
import time

import pytest
import requests

from support.browser import Browser
from support.login import Citizen
from support.net import own_address
from support.ports import free_port
from support.program import Demo, Program, run
from support.register_system import System
from support.registrar import OFFICE, birth, day
from support.subscriber import Receiver

SCOPES = ["notif.sub.write", "notif.sub.read", "notif.topic.read", "notif.topic.write", "notif.topic.publish"]
TOPICS = [
    "liveBirth", "foetalDeath", "death", "marriage", "divorce", "annulment", "separation", "adoption", "recognition", "legitimation",
    "changeOfName", "changeOfGender", "changeOfNationality", "newPerson", "duplicatePerson",
]


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    program = Demo(tmp_path_factory.mktemp("rumdul") / "demo", people=100)
    yield program
    if program.alive:
        program.stop()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("systems")


@pytest.fixture
def receiver(demo):
    made = Receiver(demo.url)
    yield made
    made.close()
    assert not made.refused, made.refused


def subscriber(demo, folder, name, topics, scopes=SCOPES, areas=(), **members):
    """A registered system; `topics` maps a name to what it may learn."""
    rights = [{"name": topic} | right for topic, right in topics.items()]
    access = {"scopes": list(scopes), "areas": list(areas), "basis": "KH-CRVSI-2023", "attributes": [], "topics": rights}
    system = System(demo, folder, name + "-" + secrets.token_hex(3), scopes, register_access=access, **members)
    assert system.done.returncode == 0, system.done.stdout + system.done.stderr
    return system


NAMED, SEALED = {"identifiers": True}, {"identifiers": True, "sealed": True}


def subscribe(system, topic, receiver, policy="1,3", seconds=30):
    """The whole handshake; the subscription as OSIA shows it."""
    answer = system.call("POST", "/notif/v1/subscriptions", params={"topic": topic, "protocol": "http", "address": receiver.url, "policy": policy})
    assert answer.status_code == 200, answer.text
    made = answer.json()
    assert set(made) == {"uuid", "topic", "protocol", "address", "policy", "active"} and made["active"] is False
    asked = receiver.wait(lambda m: m.kind == "SubscriptionConfirmation" and m.subscription == made["uuid"], seconds)
    assert asked.json["subscribeURL"] == f"{system.base}/notif/v1/subscriptions/confirm?token={asked.json['token']}"
    done = requests.get(asked.json["subscribeURL"], headers={"Authorization": f"Bearer {system.token()}"}, timeout=10)
    assert done.status_code == 200 and done.content == b"", done.text
    shown = next(s for s in system.get("/notif/v1/subscriptions").json() if s["uuid"] == made["uuid"])
    assert shown == made | {"active": True}
    return made


class Office:
    """Officers at the console, without scripts."""

    USERS = {"clerk": "sreymom", "registrar": "piseth", "verifier": "maly", "first": "sothy", "second": "kunthea"}

    def __init__(self, demo):
        self.demo, self.browsers = demo, {}

    def __getitem__(self, name):
        if name not in self.browsers:
            account = next(o for o in self.demo.record["officers"] if o["username"] == self.USERS[name])
            browser = Browser(self.demo.url, "en", own_address())
            form = browser.get("/register").page.form("/register/login")
            home = browser.submit(form, username=account["username"], password=account["password"])
            assert home.status == 200 and "/login" not in home.url, home.text[:500]
            self.browsers[name] = browser
        return self.browsers[name]

    def declare(self, who, kind, **values):
        form = self[who].get(f"/register/new/{kind}").page.form(f"/register/new/{kind}")
        done = self[who].submit(form, action="declare", **values)
        assert done.status == 200 and "/records/" in done.url, f"{done.status} {done.error} {done.page.text[:3000]}"
        return done.url

    def press(self, who, record, step, **values):
        page = self[who].get(record)
        form = next(f for f in page.page.forms if any(value == step for _, value, _ in f.buttons))
        done = self[who].submit(form, step=step, **values)
        assert done.status == 200, f"{step}: {done.status} {done.error} {done.page.text[:2000]}"
        return done

    def birth(self, **changes):
        record = self.declare("clerk", "birth", **birth(**changes))
        self.press("verifier", record, "verify")
        self.press("registrar", record, "register")
        return record

    def death(self, person):
        record = self.declare("registrar", "death", **{
            "deceased.person": person["kidc"], "deceased.given_km": "ដារ៉ា", "deceased.sex": "1" if person["gender"] == "male" else "2",
            "event.date": day(-1), "event.place": OFFICE, "informant.relation": "child", "informant.given_km": "ពិសី",
        })
        self.press("registrar", record, "register")
        return record

    def revoke(self, record):
        self.press("first", record, "requestRevocation", reason="ចុះខុសមនុស្ស", basis="សេចក្តីសម្រេច ១")
        self.press("second", record, "approveRevocation")


@pytest.fixture(scope="module")
def office(demo):
    return Office(demo)


used = {}


def adult(demo, sex="male"):
    """An adult of the demonstration whom no other test has taken."""
    taken = used.setdefault(demo.url, set())
    person = next(p for p in demo.record["persons"] if p["gender"] == sex and p["kidc"] not in taken and int(p["birthdate"][:4]) < 1995)
    taken.add(person["kidc"])
    return person


def test_a_life_is_told_with_codes_where_the_registration_allows_it(demo, folder, office, receiver):
    ministry = subscriber(demo, folder, "ministry", {"liveBirth": NAMED, "newPerson": NAMED, "death": NAMED})
    assert {t["name"] for t in ministry.get("/notif/v1/topics").json()} == {"liveBirth", "newPerson", "death"}
    made = {topic: subscribe(ministry, topic, receiver) for topic in ("liveBirth", "newPerson", "death")}
    paper, other = subscriber(demo, folder, "newspaper", {"liveBirth": {}}), Receiver(demo.url)
    try:
        subscribe(paper, "liveBirth", other)
        record = office.birth()
        born = receiver.wait(lambda m: m.json.get("subject") == "liveBirth" and m.kind == "Notification")
        new = receiver.wait(lambda m: m.json.get("subject") == "newPerson" and m.kind == "Notification")
        bare = other.wait(lambda m: m.json.get("subject") == "liveBirth" and m.kind == "Notification")
    finally:
        other.close()
    assert not other.refused, other.refused
    assert born.subscription == made["liveBirth"]["uuid"] and born.topic == made["liveBirth"]["topic"]
    event = born.event
    assert event["source"] == demo.url and event["event"] == "liveBirth" and event["change"] == "registered"
    assert set(event) == {"source", "event", "change", "record", "sequence", "recordedAt", "uin"}, "no name, no place, no parent without a code"
    assert event["uin"] == new.event["uin"] and len(event["uin"]) == 10 and event["uin"].isdigit()
    verhoeff = pytest.importorskip("stdnum.verhoeff")
    assert verhoeff.is_valid(event["uin"])
    assert event["record"] == new.event["record"] and event["record"] not in record
    assert "uin" not in bare.event and event["uin"] not in bare.body.decode()
    assert bare.event["record"] != event["record"], "two subscribers cannot compare what they were told"
    # The revocation is told to who was told of the birth.
    office.revoke(record)
    gone = receiver.wait(lambda m: m.json.get("subject") == "birthCancellation")
    assert gone.event["uin"] == event["uin"] and gone.event["record"] == event["record"] and gone.event["change"] == "cancelled"
    assert gone.event["sequence"] > event["sequence"]


def test_a_mother_reads_once_who_was_told_of_her(demo, folder, office, officer, receiver):
    person = adult(demo, "female")
    mother = Citizen(demo.url, person, officer.enrol(person["kidc"]))
    system = subscriber(demo, folder, "reading", {"liveBirth": NAMED}, organisation={
        "code": "acleda", "name": {"km": "ធនាគារសាក", "en": "Bank of the Test"}})
    subscribe(system, "liveBirth", receiver, policy="1,5")
    receiver.status = lambda message: 500 if len(receiver.notifications()) < 3 else 200
    office.birth(**{"mother.person": person["kidc"], "mother.birthdate": person["birthdate"]})
    told = until(receiver.notifications, lambda found: len(found) == 3)[-1]
    assert told.event["uin1"] == person["kidc"] and "uin2" not in told.event
    _, home = mother.portal()
    journal = home.page.find(id="access").text
    assert journal.count("Bank of the Test") == 1, "three attempts are one disclosure: " + journal


def test_a_revoked_death_is_told_to_who_was_told_of_the_death(demo, folder, office, receiver):
    person = adult(demo)
    bank = subscriber(demo, folder, "bank", {"death": NAMED})
    blind = subscriber(demo, folder, "blind", {"death": {}})
    subscribe(bank, "death", receiver)
    subscribe(blind, "death", receiver)
    record = office.death(person)
    told = [receiver.wait(lambda m, s=s: m.kind == "Notification" and m.subscription == s["uuid"]) for s in
            (bank.get("/notif/v1/subscriptions").json()[0], blind.get("/notif/v1/subscriptions").json()[0])]
    assert told[0].event["uin"] == person["kidc"] and "uin" not in told[1].event
    office.revoke(record)  # alive again, told to both
    receiver.wait(lambda m: m.json.get("subject") == "deathCancellation" and m.event.get("uin") == person["kidc"])
    found = run("ledger", "verify", "--data", demo.data, "--json", timeout=120)
    assert found.returncode == 0, found.stdout + found.stderr


def test_the_address_must_be_confirmed_by_the_system_itself(demo, folder, receiver):
    system, stranger = (subscriber(demo, folder, name, {"death": {}}) for name in ("handshake", "stranger"))
    params = {"topic": "death", "address": receiver.url}
    first = system.call("POST", "/notif/v1/subscriptions", params=params).json()
    assert first["policy"] == "3600,168", "what OSIA says when nothing is said"
    token = receiver.wait(lambda m: m.kind == "SubscriptionConfirmation").json["token"]
    confirm = "/notif/v1/subscriptions/confirm"
    assert requests.get(demo.url + confirm, params={"token": token}, timeout=10).status_code == 401
    for wrong in (stranger.get(confirm, params={"token": token}), system.get(confirm, params={"token": token + "x"}), system.get(confirm)):
        assert wrong.status_code == 400 and set(wrong.json()) == {"code", "message"} and wrong.json()["code"] == 1000
    assert system.get(confirm, params={"token": token}).status_code == 200
    assert system.get(confirm, params={"token": token}).status_code == 400, "once"
    again = system.call("POST", "/notif/v1/subscriptions", params=params).json()
    assert again == first | {"active": True}, "subscribing twice is one subscription"
    assert stranger.call("DELETE", f"/notif/v1/subscriptions/{first['uuid']}").status_code == 404
    assert stranger.get("/notif/v1/subscriptions").json() == []
    assert system.call("DELETE", f"/notif/v1/subscriptions/{first['uuid']}").status_code == 204
    assert system.get("/notif/v1/subscriptions").json() == []
    assert system.call("DELETE", f"/notif/v1/subscriptions/{first['uuid']}").status_code == 404


@pytest.mark.parametrize("params, code", [
    ({"topic": "adoption"}, "notif.topic"), ({"topic": "nothing"}, "notif.topic"), ({"topic": ""}, "notif.parameter"),
    ({"protocol": "email"}, "notif.protocol"), ({"address": "http://10.1.2.3/"}, "notif.address"),
    ({"address": "http://169.254.169.254/latest"}, "notif.address"), ({"address": "gopher://a.example/"}, "notif.address"),
    ({"address": "https://user:secret@a.example/"}, "notif.address"), ({"policy": "0,1"}, "notif.policy"),
    ({"policy": "x"}, "notif.policy"), ({"policy": "60,-2"}, "notif.policy"),
])
def test_bad_subscriptions_are_refused(refusals, params, code):
    answer = refusals.call("POST", "/notif/v1/subscriptions", params={"topic": "death", "address": "https://bank.example/hook"} | params)
    assert answer.status_code == 400 and set(answer.json()) == {"code", "message"}
    assert answer.json()["message"].endswith(f"({code})")


@pytest.fixture(scope="module")
def refusals(demo, folder):
    return subscriber(demo, folder, "refused", {"death": {}})


def test_the_wrong_scope_opens_nothing(demo, folder):
    reader = subscriber(demo, folder, "reader", {"death": NAMED}, scopes=["notif.sub.read"])
    cases = [
        ("POST", "/subscriptions?topic=death&address=https://a.example/", "notif.sub.write"), ("DELETE", "/subscriptions/x", "notif.sub.write"),
        ("GET", "/subscriptions/confirm?token=x", "notif.sub.write"), ("POST", "/subscriptions/x/replay", "notif.sub.write"),
        ("POST", "/topics?name=x", "notif.topic.write"), ("GET", "/topics", "notif.topic.read"), ("DELETE", "/topics/x", "notif.topic.write"),
        ("POST", "/topics/x/publish", "notif.topic.publish"),
    ]
    for method, path, scope in cases:
        answer = reader.call(method, "/notif/v1" + path)
        assert answer.status_code == 403, f"{method} {path}: {answer.status_code}"
        assert f'scope="{scope}"' in answer.headers["WWW-Authenticate"] and set(answer.json()) == {"code", "message"}
        assert requests.request(method, demo.url + "/notif/v1" + path, timeout=10).status_code == 401
    assert reader.get("/notif/v1/subscriptions").status_code == 200
    writer = subscriber(demo, folder, "writer", {"death": NAMED}, scopes=["notif.sub.write"])
    assert writer.get("/notif/v1/subscriptions").status_code == 403


def test_a_failing_receiver_is_tried_again_then_dead_then_replayed(demo, folder, office, receiver):
    system = subscriber(demo, folder, "failing", {"death": NAMED})
    made = subscribe(system, "death", receiver, policy="1,2")
    person = adult(demo)
    receiver.status = lambda message: 500 if len(receiver.notifications()) == 1 else 200
    record = office.death(person)
    receiver.wait(lambda m: len(receiver.notifications()) == 2, what="second attempt")
    one, two = receiver.notifications()
    assert one.id == two.id and one.body == two.body and 0.9 < two.at - one.at < 5, "the policy's countdown"
    path = f"/notif/v1/subscriptions/{made['uuid']}"
    until(lambda: system.get(path + "/messages", params={"state": "delivered"}).json(), lambda found: len(found) == 2)  # with the confirmation
    # Now it fails until it is given up: one attempt and two more.
    receiver.forget()
    receiver.status = 500
    office.revoke(record)
    dead = until(lambda: system.get(path + "/messages", params={"state": "dead"}).json(), lambda found: len(found) == 1)[0]
    assert dead["attempts"] == 3 and dead["last_status"] == 500 and dead["event"] == "deathCancellation"
    assert len(receiver.notifications()) == 3 and len({m.id for m in receiver.notifications()}) == 1
    listed = run("notifications", "list", "--state", "dead", "--client", system.id, "--data", demo.data, "--json", timeout=60)
    assert listed.returncode == 0, listed.stderr
    assert [json.loads(line)["message"] for line in listed.stdout.splitlines()] == [dead["message"]]
    assert person["kidc"] not in listed.stdout
    receiver.status = 200
    assert system.call("POST", path + "/replay").json() == {"replayed": 1}
    until(receiver.notifications, lambda found: len(found) == 4)
    assert receiver.notifications()[-1].id == dead["message"] and receiver.notifications()[-1].event["uin"] == person["kidc"]
    assert system.call("POST", path + "/replay").json() == {"replayed": 0}
    # An operator, and one message by its name.
    done = run("notifications", "replay", made["uuid"], "--message", dead["message"], "--data", demo.data, "--json", timeout=60)
    assert done.returncode == 0 and json.loads(done.stdout) == {"replayed": 1}, done.stdout + done.stderr
    until(receiver.notifications, lambda found: len(found) == 5)
    assert system.call("POST", path + "/replay", params={"message": "x"}).status_code == 404


def until(look, holds, seconds=30):
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if holds(found):
            return found
        assert time.monotonic() < deadline, found
        time.sleep(0.1)


def test_a_sealed_adoption_tells_no_unauthorised_subscriber(demo, folder, office, receiver):
    court = subscriber(demo, folder, "court", {"adoption": SEALED, "liveBirth": NAMED})
    bank, ears = subscriber(demo, folder, "nosy", {"adoption": NAMED}), Receiver(demo.url)
    try:
        subscribe(court, "adoption", receiver)
        subscribe(court, "liveBirth", receiver)
        subscribe(bank, "adoption", ears, policy="3,20")
        office.birth()
        child = receiver.wait(lambda m: m.json.get("subject") == "liveBirth" and m.kind == "Notification").event["uin"]
        adopter = adult(demo)
        ears.status = 503  # what was written before the seal waits here
        record = office.declare("registrar", "adoption", **{
            "child.person": child, "child.given_km": "ពិសី", "child.sex": "2", "adopter1.person": adopter["kidc"], "adopter1.given_km": "ហួរ",
            "event.type": "simple", "event.date": day(0), "event.place": OFFICE, "court.name": "សាលាដំបូង", "court.number": "៣",
            "court.date": day(0), "informant.relation": "court", "informant.given_km": "តុលាការ",
        })
        office.press("registrar", record, "register")
        office.press("first", record, "seal", reason="សេចក្តីសម្រេចតុលាការ")
        told = receiver.wait(lambda m: m.json.get("subject") == "adoption" and m.kind == "Notification")
        assert told.event["uin"] == child and told.event["uin1"] == adopter["kidc"]
        ears.wait(lambda m: True)
        before = len(ears.notifications())
        ears.status = 200
        office.revoke(record)
        receiver.wait(lambda m: m.json.get("subject") == "adoptionCancellation")
        time.sleep(5)  # longer than its countdown
        assert len(ears.notifications()) == before, "nothing after the seal"
        assert all(m.json["subject"] == "adoption" for m in ears.notifications()), "and never of the cancellation"
        listed = bank.get(f"/notif/v1/subscriptions/{bank.get('/notif/v1/subscriptions').json()[0]['uuid']}/messages").json()
        assert {m["state"] for m in listed if "event" in m} <= {"withheld"}, listed
    finally:
        ears.close()
    assert not ears.refused, ears.refused


def test_a_system_of_another_place_is_told_nothing(demo, folder, office, receiver):
    far, ears = subscriber(demo, folder, "far", {"liveBirth": NAMED}, areas=["01"]), Receiver(demo.url)
    near = subscriber(demo, folder, "near", {"liveBirth": NAMED}, areas=["0811"])
    try:
        subscribe(far, "liveBirth", ears)
        subscribe(near, "liveBirth", receiver)
        office.birth()
        receiver.wait(lambda m: m.kind == "Notification")
        assert not ears.notifications()
    finally:
        ears.close()


def test_a_suspended_system_is_told_nothing_more(demo, folder, office, receiver):
    system, other = (subscriber(demo, folder, name, {"liveBirth": NAMED}) for name in ("suspended", "witness"))
    first, second = subscribe(system, "liveBirth", receiver), subscribe(other, "liveBirth", receiver)
    done = run("admin", "relying-party", "suspend", system.id, "--data", demo.data)
    assert done.returncode == 0, done.stdout + done.stderr
    office.birth()
    receiver.wait(lambda m: m.kind == "Notification" and m.subscription == second["uuid"])
    assert all(m.subscription == second["uuid"] for m in receiver.notifications())


def test_topics_of_a_systems_own(demo, folder, receiver):
    ministry = subscriber(demo, folder, "publisher", {})
    name = f"moh.{secrets.token_hex(4)}"
    reader = subscriber(demo, folder, "subscriber", {name: {}})
    made = ministry.call("POST", "/notif/v1/topics", params={"name": name})
    assert made.status_code == 200 and set(made.json()) == {"uuid", "name"}
    assert ministry.call("POST", "/notif/v1/topics", params={"name": name}).json() == made.json()
    assert reader.call("POST", "/notif/v1/topics", params={"name": name}).status_code == 400
    assert ministry.call("POST", "/notif/v1/topics", params={"name": "death"}).status_code == 400, "nobody forges the register's events"
    subscribe(reader, name, receiver)
    path = f"/notif/v1/topics/{made.json()['uuid']}"
    for kind in ("plain/text", "text/plain; charset=utf-8"):
        sent = ministry.call("POST", path + "/publish", params={"subject": "news"}, data="ដំណឹងថ្មី".encode(), headers={"Content-Type": kind})
        assert sent.status_code == 200 and sent.content == b"", sent.text
    until(receiver.notifications, lambda found: len(found) == 2)
    assert all(m.json["message"] == "ដំណឹងថ្មី" and m.json["subject"] == "news" for m in receiver.notifications())
    assert reader.call("POST", path + "/publish", data="x", headers={"Content-Type": "plain/text"}).status_code == 404
    assert reader.call("DELETE", path).status_code == 404
    assert ministry.call("DELETE", path).status_code == 204
    assert reader.get("/notif/v1/subscriptions").json() == []
    assert name not in {t["name"] for t in ministry.get("/notif/v1/topics").json()}


# OSIA 7.1, Notification 1.2.0: operation, path below the server URL, scope, parameters (required ones with a star).
OSIA = {
    "subscribe": ("post", "/v1/subscriptions", "notif.sub.write", "topic* protocol address* policy"),
    "listSubscription": ("get", "/v1/subscriptions", "notif.sub.read", ""),
    "unsubscribe": ("delete", "/v1/subscriptions/{uuid}", "notif.sub.write", "uuid*"),
    "confirm": ("get", "/v1/subscriptions/confirm", "notif.sub.write", "token*"),
    "createTopic": ("post", "/v1/topics", "notif.topic.write", "name*"),
    "listTopics": ("get", "/v1/topics", "notif.topic.read", ""),
    "deleteTopic": ("delete", "/v1/topics/{uuid}", "notif.topic.write", "uuid*"),
    "publish": ("post", "/v1/topics/{uuid}/publish", "notif.topic.publish", "uuid* subject"),
}


def test_the_description_is_osias(demo):
    content = requests.get(f"{demo.url}/openapi.json", timeout=10).json()
    for name, (method, path, scope, parameters) in OSIA.items():
        operation = content["paths"]["/notif" + path][method]
        assert operation["operationId"] == name
        assert operation["security"] == [{"registerToken": [scope]}]
        ours = {p["name"] + ("*" if p["required"] else "") for p in operation["parameters"] if p["in"] != "header"}
        assert ours == set(parameters.split()), name
    schemas = content["components"]["schemas"]
    assert set(schemas["Subscription"]["properties"]) == {"uuid", "topic", "protocol", "address", "policy", "active"}
    assert set(schemas["Topic"]["properties"]) == {"uuid", "name"} and set(schemas["NotificationError"]["properties"]) == {"code", "message"}
    assert "plain/text" in content["paths"]["/notif/v1/topics/{uuid}/publish"]["post"]["requestBody"]["content"]


def test_no_topic_exists_without_a_right(demo, folder):
    nobody = subscriber(demo, folder, "nobody", {})
    assert nobody.get("/notif/v1/topics").json() == []
    everybody = subscriber(demo, folder, "everybody", {topic: {} for topic in TOPICS})
    assert sorted(t["name"] for t in everybody.get("/notif/v1/topics").json()) == sorted(TOPICS)


def test_two_nodes_send_each_message_once(postgres, tmp_path):
    port, database, second = free_port(), postgres.database(), free_port()
    demo = Demo(tmp_path / "demo", "--database", database, port=port, people=100)
    other = Program(
        "serve", "--data", tmp_path / "second", "--database", database, "--port", second, "--base-url", demo.url, log=tmp_path / "second.log",
        RUMDUL_VAULT_FILE=demo.data / "vault.keys", RUMDUL_VAULT_KEY_FILE=demo.data / "vault.secret", RUMDUL_SYNTHETIC_PEOPLE="true",
        RUMDUL_OUTBOUND_ALLOW="http://127.0.0.0/8:*")
    receivers = [Receiver(demo.url) for _ in range(4)]
    try:
        system = added(demo, tmp_path, "twice", ["--database", database], [{"name": "liveBirth", "identifiers": True}, {"name": "newPerson"}])
        for receiver in receivers:
            subscribe(system, "liveBirth", receiver)
            subscribe(system, "newPerson", receiver)
            receiver.forget()
            receiver.status = lambda _: time.sleep(0.2) or 200  # open while the other node looks
        office = Office(demo)
        for _ in range(5):
            office.birth()
        for receiver in receivers:
            until(receiver.notifications, lambda found: len(found) >= 10)
        time.sleep(3)
        for receiver in receivers:
            ids = [m.id for m in receiver.notifications()]
            assert len(ids) == len(set(ids)) == 10, "a message came twice"
        assert other.alive
    finally:
        for receiver in receivers:
            receiver.close()
        other.stop()
        demo.stop()
    assert not any(receiver.refused for receiver in receivers), [r.refused for r in receivers]


def added(demo, folder, name, options, topics):
    """A system of a program that needs options to find its database."""
    access = {"scopes": SCOPES, "areas": [], "basis": "KH-CRVSI-2023", "attributes": [], "topics": topics}
    path = folder / f"{name}.json"
    path.write_text(json.dumps({
        "client_id": name, "client_name": {"km": "ប្រព័ន្ធ", "en": name}, "profile": "oidc-legacy", "grant_types": ["client_credentials"],
        "response_types": [], "token_endpoint_auth_method": "client_secret_basic",
        "organisation": {"code": "moh", "name": {"km": "ក្រសួង", "en": "Ministry"}},
        "purposes": [{"code": "statutory", "text": {"km": "ការងារ", "en": "Work"}, "essential": [], "optional": []}], "register_access": access,
    }, ensure_ascii=False))
    done = run("admin", "relying-party", "add", path, "--data", demo.data, *options, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    system = System.__new__(System)
    system.demo, system.base, system.id, system.secret = demo, demo.url, name, json.loads(done.stdout)["client_secret"]
    return system


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_kill_9_between_commit_and_delivery_loses_nothing(database, tmp_path, request):
    options = []
    if database == "postgresql":
        options = ["--database", request.getfixturevalue("postgres").database()]
    port = free_port()

    def start():
        return Demo(tmp_path / "demo", *options, port=port, people=100)

    demo = start()
    receiver = Receiver(demo.url)
    try:
        system = added(demo, tmp_path, "killed", options, [{"name": "liveBirth", "identifiers": True}])
        subscribe(system, "liveBirth", receiver, policy="1,-1")
        registered = 0
        for kill in range(3):
            # Once the receiver is out of order, once it hangs with the request open, once nothing is wrong.
            receiver.status = [503, lambda _: time.sleep(4) or 200, 200][kill]
            office = Office(demo)
            for _ in range(2):
                office.birth()
                registered += 1
            demo.kill()
            demo = start()
        receiver.status = 200
        # What the dead node had begun is taken over when its lease ends.
        until(lambda: {m.event["uin"] for m in receiver.notifications()}, lambda found: len(found) == registered, seconds=150)
        by_code = {}
        for message in receiver.notifications():
            by_code.setdefault(message.event["uin"], set()).add(message.id)
        assert all(len(ids) == 1 for ids in by_code.values()), "one event is one message-id, however often it arrives"
        checked = run("ledger", "verify", "--data", demo.data, *options, "--json", timeout=120)
        assert checked.returncode == 0, checked.stdout + checked.stderr
    finally:
        receiver.close()
        if demo.alive:
            demo.stop()
    assert not receiver.refused, receiver.refused
