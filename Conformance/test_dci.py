"""The façade of the DCI registry API 1.0.0 by an independent system of social protection: envelopes signed and verified with joserfc
both ways, search, callbacks with retry, subscriptions to events, status, and the person's journal."""

import json
import secrets
import uuid

import pytest
from joserfc.jwk import ECKey

from support.dci import Callback, Sender, checked, now, predicate, uin
from support.program import Demo
from support.registrar import Registrar, birth

ATTRIBUTES = ["kidc", "given_name", "family_name", "birthdate", "gender", "birthplace"]


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
def callback(demo):
    made = Callback(demo.url)
    yield made
    made.close()
    assert not made.refused, made.refused


@pytest.fixture(scope="module")
def sender(demo, folder, callback):
    topics = [{"name": "liveBirth", "identifiers": True}, {"name": "death", "identifiers": True}, {"name": "marriage"}]
    return Sender(demo, folder, "sp-" + secrets.token_hex(3), attributes=ATTRIBUTES, callbacks=[callback.url], topics=topics)


def entries(citizen):
    return citizen.portal()[1].page.find_all("tr", data_entry=True)


def names(person):
    return person["name_latin"].split(" ", 1)


def test_a_person_is_found_by_code_and_sees_it(sender, citizen):
    before = len(entries(citizen))
    item = sender.search(uin(citizen.kidc))[0]
    assert item["status"] == "succ" and item["reference_id"] == "ref-0", item
    assert item["pagination"] == {"page_size": 10, "page_number": 1, "total_count": 1}
    record = item["data"]["reg_records"][0]
    family, given = names(citizen.person)
    assert record["@type"] == "CRVS_Person" and record["name"] == {"@type": "Name", "surname": family, "given_name": given}
    assert record["birth_date"] == citizen.person["birthdate"] and record["sex"] in {"male", "female", "unknown"}
    assert record["identifier"] == [{"@type": "Identifier", "identifier_type": "UIN", "identifier_value": citizen.kidc}]
    assert "email" not in record and "phone_number" not in record, "not granted"
    rows = entries(citizen)
    assert len(rows) == before + 1 and "Ministry of Health" in rows[0].text


def test_people_are_found_by_name_and_date_in_every_query_type(sender, citizen):
    family, given = names(citizen.person)
    facts = [("surname", "eq", family), ("given_name", "eq", given), ("birth_date", "eq", citizen.person["birthdate"])]
    expression = {"query_type": "expression", "query": {"type": "ns:org:QueryType:expression", "value": {"expression": {
        "collection": "Person", "query": {"$and": [{name: {"$" + sign: value}} for name, sign, value in facts]}}}}}
    sample = {"query_type": "expression", "query": predicate(*facts)["query"]}
    for item in sender.search(predicate(*facts), expression, sample):
        found = [i["identifier_value"] for r in item["data"]["reg_records"] for i in r["identifier"]]
        assert citizen.kidc in found, item
    year = int(citizen.person["birthdate"][:4])
    missing = sender.search(predicate(*facts, ("birth_date", "gt", f"{year + 1}-01-01")))[0]
    assert missing["status"] == "succ" and missing["data"]["reg_records"] == [] and missing["pagination"]["total_count"] == 0


def test_what_cannot_be_understood_has_the_standards_reasons(sender):
    bad = [
        (predicate(("surname", "eq", "SOK")), "rjct.search_criteria.invalid"),
        (predicate(("poverty_score", "lt", "2.5")), "rjct.search_criteria.invalid"),
        (uin("1234567890"), "rjct.search_criteria.invalid"),
        (uin("2345678908", sort=[{"attribute_name": "UIN", "sort_order": "asc"}]), "rjct.sort.invalid"),
        (uin("2345678908", pagination={"page_size": 2000, "page_number": 1}), "rjct.pagination.invalid"),
        ({"query_type": "graphql", "query": {"type": "x", "value": {}}}, "rjct.search_criteria.invalid"),
    ]
    items = sender.search(*[criteria for criteria, _ in bad])
    assert [(i["status"], i["status_reason_code"]) for i in items] == [("rjct", reason) for _, reason in bad]
    twice = sender.searching(uin("2345678908"), uin("2345678916"))
    twice["search_request"][1] = twice["search_request"][1] | {"reference_id": "ref-0", "timestamp": "yesterday"}
    items = checked(sender.base, sender.send("/registry/sync/search", "search", twice, 2).json())["message"]["search_response"]
    assert items[1]["status_reason_code"] == "rjct.reference_id.duplicate"


def test_envelopes_must_be_signed_by_the_registered_key(sender, demo, folder):
    message = sender.searching(uin("2345678908"))
    good = sender.envelope("search", message)

    def code(envelope, **options):
        answer = sender.call("POST", "/registry/sync/search", envelope, **options)
        return answer.status_code, answer.json()["errors"][0]["code"]

    for bad in ["", "invalid-signature", "eyJhbGciOiJSUzI1NiJ9.", "!@#$%^&*()", "abc"]:
        assert code(good | {"signature": bad}) == (401, "err.signature.invalid" if bad else "err.signature.missing")
    stranger = ECKey.generate_key("P-256", {"kid": sender.key.kid}, private=True)
    assert code(good | {"signature": sender.sign(good["header"], message, stranger)}) == (401, "err.signature.invalid")
    assert code(good | {"message": sender.searching(uin("2345678916"))}) == (401, "err.signature.invalid")
    none = "eyJhbGciOiJub25lIn0." + good["signature"].split(".")[1] + "."
    assert code(good | {"signature": none}) == (401, "err.signature.invalid")
    other = Sender(demo, folder, "sp-" + secrets.token_hex(3), attributes=ATTRIBUTES)
    assert code(good, token=other.token()) == (403, "err.sender_id.invalid")
    assert code(good, token="nothing") == (401, "err.request.unauthorized")
    unscoped = Sender(demo, folder, "sp-" + secrets.token_hex(3), scopes=["dci.subscribe"], attributes=ATTRIBUTES)
    refused = unscoped.send("/registry/sync/search", "search", unscoped.searching(uin("2345678908")))
    assert refused.status_code == 403 and "dci.search" in refused.headers["WWW-Authenticate"]


def test_a_message_is_taken_once_and_about_now(sender):
    envelope = sender.envelope("search", sender.searching(uin("2345678908")))
    first = sender.call("POST", "/registry/sync/search", envelope)
    assert first.status_code == 200 and "status_reason_code" not in first.json()["header"]
    again = sender.call("POST", "/registry/sync/search", envelope)
    header = checked(sender.base, again.json())["header"]
    assert (header["status"], header["status_reason_code"]) == ("rjct", "rjct.message_id.duplicate") and "message" not in again.json()
    for changes, reason in [
        ({"version": "9.9.9"}, "rjct.version.invalid"), ({"message_ts": now(-3600)}, "rjct.message_ts.invalid"),
        ({"action": "subscribe"}, "rjct.action.invalid"), ({"total_count": 7}, "rjct.total_count.invalid"),
    ]:
        answer = sender.send("/registry/sync/search", **{"action": "search", "message": sender.searching(uin("2345678908"))} | (
            {"action": changes["action"]} if "action" in changes else {}), **{k: v for k, v in changes.items() if k != "action"})
        assert answer.json()["header"]["status_reason_code"] == reason, answer.text
        message = sender.searching(uin("2345678908"))
        header = sender.header("search") | changes
        acknowledged = sender.call("POST", "/registry/search", {"signature": sender.sign(header, message), "header": header, "message": message})
        assert acknowledged.status_code == 200 and acknowledged.json()["message"]["ack_status"] == "ERR"
        assert acknowledged.json()["message"]["error"]["message"].startswith(reason)


def test_a_search_comes_to_the_callback_and_is_tried_until_it_arrives(sender, callback, citizen):
    transaction = str(uuid.uuid4())
    callback.status = 503
    try:
        answer = sender.send("/registry/search", "search", sender.searching(uin(citizen.kidc), transaction=transaction), sender_uri=callback.url)
        assert answer.status_code == 200, answer.text
        acknowledged = answer.json()["message"]
        assert acknowledged["ack_status"] == "ACK" and "search_response" not in answer.text
        waiting = status(sender, "search", "transaction_id", transaction)
        assert waiting["txn_status"]["search_response"][0]["status"] == "pdng", waiting
    finally:
        callback.status = 200
    envelope = callback.wait_for("on-search", transaction, seconds=60)
    assert envelope["message"]["correlation_id"] == acknowledged["correlation_id"] and envelope["header"]["receiver_id"] == sender.id
    record = envelope["message"]["search_response"][0]["data"]["reg_records"][0]
    assert record["identifier"][0]["identifier_value"] == citizen.kidc
    for kind, value in [("correlation_id", acknowledged["correlation_id"]), ("transaction_id", transaction)]:
        done = status(sender, "search", kind, value)
        assert done["txn_type"] == "on-search" and done["txn_status"]["correlation_id"] == acknowledged["correlation_id"]
        item = done["txn_status"]["search_response"][0]
        assert item["status"] in {"succ", "pdng"} and "data" not in item, "a status tells nothing about people"
    unknown = status_answer(sender, "search", "transaction_id", str(uuid.uuid4()))
    assert unknown.status_code == 404 and unknown.json()["errors"][0]["code"] == "err.request.not_found"


def status_answer(sender, kind, attribute, value, path="/registry/sync/txn/status"):
    request = {"reference_id": "r", "txn_type": kind, "attribute_type": attribute, "attribute_value": value}
    return sender.send(path, "txn-status", {"transaction_id": str(uuid.uuid4()), "txnstatus_request": request})


def status(*args):
    answer = status_answer(*args)
    assert answer.status_code == 200, answer.text
    return checked(args[0].base, answer.json())["message"]["txnstatus_response"]


def test_only_registered_callbacks_are_called(sender, demo, folder, callback):
    for address in ["http://127.0.0.1:9/other", callback.url + "/x", "http://169.254.169.254/latest"]:
        answer = sender.send("/registry/search", "search", sender.searching(uin("2345678908")), sender_uri=address)
        assert answer.status_code == 403 and answer.json()["errors"][0]["code"] == "err.sender_uri.invalid"
    without = Sender(demo, folder, "sp-" + secrets.token_hex(3), attributes=ATTRIBUTES)
    answer = without.send("/registry/search", "search", without.searching(uin("2345678908")))
    assert answer.json()["errors"][0]["code"] == "err.sender_uri.invalid"
    private = Sender(demo, folder, "sp-" + secrets.token_hex(3), attributes=ATTRIBUTES, callbacks=["http://169.254.169.254/latest"])
    answer = private.send("/registry/search", "search", private.searching(uin("2345678908")))
    assert answer.json()["errors"][0]["code"] == "err.sender_uri.invalid", "registered, but no place to ask"


def subscribe(sender, callback, *wishes):
    transaction = str(uuid.uuid4())
    items = [{"reference_id": f"sub-{n}", "timestamp": now(), "locale": "eng", "subscribe_criteria": {
        "reg_event_type": kind, "filter_type": "idtype-value", "filter": wanted, "notify_record_type": "spdci-extensions-crvs:CRVS_Person"}}
        for n, (kind, wanted) in enumerate(wishes)]
    answer = sender.send("/registry/subscribe", "subscribe", {"transaction_id": transaction, "subscribe_request": items}, len(items))
    assert answer.status_code == 200 and answer.json()["message"]["ack_status"] == "ACK", answer.text
    envelope = callback.wait_for("on-subscribe", transaction)
    return transaction, envelope["message"]["subscribe_response"]


def test_events_are_notified_to_subscribers(sender, callback, demo):
    transaction, items = subscribe(
        sender, callback, ("spdci-common:RegistryEventType:LiveBirth", {}), ("divorce", {}), ("REGISTER", {}), ("death", {"type": "UIN", "value": "1234567890"}))
    assert [i["status"] for i in items] == ["succ", "rjct", "rjct", "rjct"], items
    assert [i.get("status_reason_code") for i in items[1:]] == ["rjct.notify_types.invalid", "rjct.notify_types.invalid", "rjct.person_id.invalid"]
    code = items[0]["subscriptions"][0]["code"]
    assert subscribe(sender, callback, ("live_birth", {}))[1][0]["status_reason_code"] == "rjct.event.already_subscribed"
    number, date = registered(demo)
    notice = callback.wait(lambda e: e["header"]["action"] == "notify" and e["header"]["meta"]["subscription_code"] == code)
    assert notice["message"]["transaction_id"] == transaction and notice["header"]["meta"]["change"] == "registered"
    event = notice["message"]["notify_event"][0]
    assert event["reference_id"] == "sub-0" and event["data"]["reg_event_type"] == "spdci-common:RegistryEventType:LiveBirth"
    person = event["data"]["reg_records"]
    assert person["@type"] == "CRVS_Person" and person["birth_date"] == date
    born = person["identifier"][0]["identifier_value"]
    # The same by a search for the number of the registration.
    item = sender.search({"reg_event_type": "live_birth", "query_type": "idtype-value", "query": {"type": "BRN", "value": number}})[0]
    record = item["data"]["reg_records"][0]
    assert {"@type": "Identifier", "identifier_type": "BRN", "identifier_value": number} in record["identifier"]
    assert record["identifier"][0]["identifier_value"] == born
    # Until it is unsubscribed.
    ended = str(uuid.uuid4())
    answer = sender.send("/registry/unsubscribe", "unsubscribe", {"transaction_id": ended, "timestamp": now(), "subscription_codes": [code, "unknown"]})
    assert answer.json()["message"]["ack_status"] == "ACK", answer.text
    over = callback.wait_for("on-unsubscribe", ended)["message"]
    assert over["status"] == "succ" and over["subscription_status"] == [{"code": code, "status": "unsubscribe"}]
    assert status(sender, "unsubscribe", "subscription_code_list", [code])["txn_status"]["subscription_status"][0]["code"] == code
    before = len([e for e in callback.got if e["header"]["action"] == "notify"])
    registered(demo)
    subscribe(sender, callback, ("live_birth", {}))
    assert len([e for e in callback.got if e["header"]["action"] == "notify"]) == before


def registered(demo):
    """A birth that clerk, district and commune took all the way: its number and its date."""
    values = birth()
    officers = {name: Registrar(demo, user) for name, user in {"clerk": "sreymom", "verifier": "maly", "registrar": "piseth"}.items()}
    try:
        record = officers["clerk"].declare("birth", values)
        assert record, officers["clerk"].chrome.text
        officers["verifier"].take(record, "verify")
        officers["registrar"].take(record, "register")
        return officers["registrar"].number(), values["event.date"]
    finally:
        for officer in officers.values():
            officer.close()


def test_status_through_the_callback(sender, callback):
    transaction, _ = subscribe(sender, callback, ("death", {}))
    asked = status_answer(sender, "subscribe", "reference_id_list", ["sub-0"], "/registry/txn/status")
    assert asked.status_code == 200 and asked.json()["message"]["ack_status"] == "ACK"
    found = callback.wait(lambda e: e["header"]["action"] == "txn-on-status")["message"]["txnstatus_response"]
    assert found["txn_type"] == "on-subscribe" and found["txn_status"]["transaction_id"] == transaction


def test_guesses_share_their_limit_with_every_other_interface(demo, folder, citizen):
    sender = Sender(demo, folder, "sp-" + secrets.token_hex(3), scopes=["dci.search", "ids.verify"], attributes=ATTRIBUTES)
    statuses = [sender.send("/registry/sync/search", "search", sender.searching(uin(citizen.kidc))).status_code for _ in range(11)]
    assert statuses == [200] * 10 + [429]
    other = sender.call("POST", "/ids/v1/verify", {"code": citizen.kidc, "fields": {"birthdate": "1950-02-20"}})
    assert other.status_code == 429
    refused = sender.send("/registry/sync/search", "search", sender.searching(uin(citizen.kidc)))
    assert refused.json()["errors"][0]["code"] == "err.request.too_many_requests" and int(refused.headers["Retry-After"]) > 0


def test_nothing_of_people_stands_in_the_log(demo, sender, citizen):
    sender.search(uin(citizen.kidc))
    log = demo.log.read_text(errors="replace")
    assert citizen.kidc not in log and json.dumps(citizen.person["name_latin"])[1:-1] not in log
