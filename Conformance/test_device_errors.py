"""The device protocol under attack: docs/device-protocol.md, its table of errors and its limits."""

import json
import os
import pty
import secrets
import select
import time

import pytest
import requests
from joserfc.jwk import ECKey

from support.authenticator import Authenticator, b64, public_jwk, sign
from support.browser import Browser
from support.login import ask, callback, number_shown, transaction_id, waiting_on
from support.net import own_address, session
from support.program import BINARY, environment, run


def problem(answer, code, status):
    """RFC 9457, with the stable code, both languages and a trace id, and nothing of the inside."""
    assert answer.status_code == status, f"{answer.status_code} {answer.text[:300]}"
    assert answer.headers["Content-Type"].split(";")[0] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status and body["code"] == code, body
    assert {"type", "title", "detail", "traceId"} <= set(body)
    assert body["message"]["km"] and body["message"]["en"]
    assert ".swift" not in answer.text and "SQL" not in answer.text
    return body


def any_problem(answer, *statuses):
    assert answer.status_code in statuses, f"{answer.status_code} {answer.text[:300]}"
    assert answer.headers["Content-Type"].split(";")[0] == "application/problem+json"
    return answer.json()


def ask_for(client, citizen, browser=None):
    browser = browser or Browser(client.base)
    waiting = ask(browser, client.authorize(browser), citizen.kidc)
    assert waiting.status == 200, f"{waiting.status} {waiting.error}"
    return browser, waiting


# Activation


@pytest.fixture
def case(officer, people):
    """An open enrolment with a fresh code."""
    with officer.busy:
        opened = officer.open_case(next(people)["kidc"])
        return officer.show_code(opened)


def test_a_code_activates_one_device_only(base, case):
    assert Authenticator(base).activate(case[1]).status_code == 201
    problem(Authenticator(base).activate(case[1]), "activation.invalid", 403)


def test_two_devices_at_once_with_one_code(base, case):
    from concurrent.futures import ThreadPoolExecutor

    devices = [Authenticator(base) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda device: device.activate(case[1]), devices))
    assert sorted(a.status_code for a in answers) == [201, 403, 403, 403]


def test_a_code_may_be_typed_without_hyphens_and_in_lower_case(base, case):
    assert Authenticator(base).activate(case[1].replace("-", "").lower()).status_code in (201, 400, 403)


def test_invented_code(base):
    for code in ("K7QM-4XRP-2W", "AAAA-AAAA-AA", "0000000000"):
        problem(Authenticator(base).activate(code), "activation.invalid", 403)


def test_a_new_code_ends_the_old_one(base, officer, people):
    with officer.busy:
        shown, first = officer.show_code(officer.open_case(next(people)["kidc"]))
        _, second = officer.show_code(shown)
    assert first != second
    problem(Authenticator(base).activate(first), "activation.invalid", 403)
    assert Authenticator(base).activate(second).status_code == 201


def test_a_cancelled_enrolment_ends_its_code(base, officer, case):
    officer.browser.submit(case[0].page.form("/cancel"))
    problem(Authenticator(base).activate(case[1]), "activation.invalid", 403)


def test_guessing_codes_is_limited(base):
    guesser = session(own_address())
    statuses = set()
    for _ in range(80):
        body = Authenticator.activation_body(GUESS(base), "AAAA-BBBB-CC")
        statuses.add(guesser.post(f"{base}/device/v1/activations", json=body, timeout=10).status_code)
        if 429 in statuses:
            return
    raise AssertionError(f"80 guesses in a row were answered {statuses}")


def GUESS(base, made={}):
    return made.setdefault(base, Authenticator(base))


@pytest.mark.parametrize(
    "bend",
    ["aud", "code_hash", "iat", "future", "device_key", "pin_key", "swapped", "typ", "same_key", "curve", "point", "truncated", "none"],
)
def test_activation_with_a_bad_proof(base, case, bend):
    device = Authenticator(base)
    changes = {
        "aud": {"aud": "http://evil.example"}, "code_hash": {"code_hash": b64(b"0" * 32)},
        "iat": {"iat": int(time.time()) - 3600}, "future": {"iat": int(time.time()) + 3600},
        "device_key": {"device_key": "x"}, "pin_key": {"pin_key": "x"},
    }.get(bend, {})
    body = device.activation_body(case[1], **changes)
    if bend == "swapped":
        body["proof"], body["pin_proof"] = body["pin_proof"], body["proof"]
    if bend == "typ":
        body["proof"] = sign(device.key, {"typ": "JWT"}, {"aud": base})
    if bend == "same_key":
        device.pin_key = device.key
        body = device.activation_body(case[1])
    if bend == "curve":
        body["device_key"] = ECKey.generate_key("P-384", private=True).as_dict(private=False)
    if bend == "point":
        body["device_key"] = body["device_key"] | {"x": b64(b"\1" * 32)}
    if bend == "truncated":
        body["proof"] = body["proof"][:-20]
    if bend == "none":
        head, payload, _ = body["proof"].split(".")
        body["proof"] = b64(b'{"alg":"none","typ":"rumdul-activation+jwt"}') + "." + payload + "."
    answer = requests.post(f"{base}/device/v1/activations", json=body, timeout=10)
    any_problem(answer, 400, 401, 403)
    assert Authenticator(base).activate(case[1]).status_code in (201, 403)


def test_the_officer_sees_other_digits_for_another_device(base, officer, case):
    """A thief who took the code first: the digits in the person's hand differ from the officer's."""
    thief, owner = Authenticator(base), Authenticator(base)
    assert thief.activate(case[1]).status_code == 201
    with officer.busy:
        page, digits = officer.compare(case[0])
        assert digits == thief.comparison_code
        owner.nonce = thief.nonce
        assert digits != owner.comparison_code
        officer.confirm(page, same=False)
    answer = thief.request("GET", "/device/v1/transactions")
    problem(answer, "device.not_active", 403)


def test_a_pending_device_can_do_nothing(base, case):
    device = Authenticator(base)
    device.activate(case[1])
    assert device.self_()["state"] == "pending"
    problem(device.request("GET", "/device/v1/transactions"), "device.not_active", 403)


# Proofs of possession


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "http://evil.example"}, {"htm": "POST"}, {"htu": "/device/v1/transactions"}, {"iat": 1}, {"iat": 99999999999},
        {"iat": "now"}, {"jti": ""}, {"jti": 7}, {"jti": "x" * 10000}, {"aud": None}, {"htu": None}, {"iat": -(10**30)},
    ],
    ids=str,
)
def test_bad_device_proofs(citizen, changes):
    device = citizen.device
    proof = device.proof("GET", "/device/v1/self", **changes)
    answer = device.request("GET", "/device/v1/self", proof=proof)
    assert answer.status_code in (401, 431), answer.text
    if answer.status_code == 401:
        problem(answer, "device.proof_invalid", 401)


def test_a_proof_serves_once(citizen):
    device = citizen.device
    proof = device.proof("GET", "/device/v1/self")
    assert device.request("GET", "/device/v1/self", proof=proof).status_code == 200
    problem(device.request("GET", "/device/v1/self", proof=proof), "device.proof_invalid", 401)


def test_a_proof_within_the_minute_is_taken_and_an_older_one_not(citizen):
    device = citizen.device
    for shift, status in ((-45, 200), (45, 200), (-90, 401), (90, 401)):
        proof = device.proof("GET", "/device/v1/self", iat=int(time.time()) + shift)
        assert device.request("GET", "/device/v1/self", proof=proof).status_code == status, shift


@pytest.mark.parametrize("bend", ["missing", "basic", "empty", "two", "truncated", "none", "stranger", "kid", "other", "padding", "crit", "hs256"])
def test_forged_device_proofs(enrol, bend):
    mine, other = enrol().device, enrol().device
    good = mine.proof("GET", "/device/v1/self")
    head, payload, signature = good.split(".")
    stranger = ECKey.generate_key("P-256", private=True)
    claims = {"aud": mine.issuer, "htm": "GET", "htu": "/device/v1/self", "iat": int(time.time()), "jti": os.urandom(8).hex()}
    header = {"typ": "rumdul-device+jwt", "kid": mine.device_id}

    def encoded(**changes):
        return b64(json.dumps({"alg": "ES256"} | header | changes).encode())

    token = {
        "missing": None, "basic": None, "empty": "", "two": good + " " + good, "truncated": good[:-5],
        "none": f"{encoded(alg='none')}.{payload}.", "stranger": sign(stranger, header | {"jwk": public_jwk(stranger)}, claims),
        "kid": f"{encoded(kid='../../x')}.{payload}.{signature}", "other": sign(other.key, header, claims),
        "padding": good + "==", "crit": sign(mine.key, header | {"crit": ["exp"]}, claims) if bend == "crit_" else f"{encoded(crit=['x'], x=1)}.{payload}.{signature}",
        "hs256": f"{encoded(alg='HS256')}.{payload}.{signature}",
    }[bend]
    headers = {} if bend == "missing" else {"Authorization": "Basic dGVzdDp4" if bend == "basic" else f"DeviceProof {token}"}
    answer = requests.get(f"{mine.issuer}/device/v1/self", headers=headers, timeout=10)
    problem(answer, "device.proof_invalid", 401)


def test_the_body_is_bound_to_the_proof(client, citizen):
    _, waiting = ask_for(client, citizen)
    device, transaction = citizen.device, waiting_on(citizen.device, waiting)
    path = f"/device/v1/transactions/{transaction['id']}/decision"
    deny = device.decision_body(transaction, "deny")
    proof = device.proof("POST", path, device.decision_body(transaction, "deny"))
    problem(device.request("POST", path, deny, proof=proof), "device.proof_invalid", 401)
    without = device.proof("POST", path)
    problem(device.request("POST", path, deny, proof=without), "device.proof_invalid", 401)


# Decisions


def test_wrong_number_ends_the_transaction(client, citizen):
    browser, waiting = ask_for(client, citizen)
    transaction, right = waiting_on(citizen.device, waiting), number_shown(waiting)
    assert right in transaction["numbers"] and len(set(transaction["numbers"])) == 3
    wrong = next(n for n in transaction["numbers"] if n != right)
    problem(citizen.device.decide(transaction, number=wrong), "transaction.number_mismatch", 403)
    again = citizen.device.decide(transaction, number=right)
    assert again.status_code == 409 and again.json()["code"] == "transaction.decided"
    back = callback(browser.get(waiting.url))
    assert back["error"] == "access_denied" and back["iss"] == client.base and "code" not in back


@pytest.mark.parametrize("action, status", [("deny", "denied"), ("report", "reported")])
def test_saying_no(client, citizen, action, status):
    browser, waiting = ask_for(client, citizen)
    answer = citizen.device.decide(waiting_on(citizen.device, waiting), action)
    assert answer.status_code == 200 and answer.json() == {"status": status}
    back = callback(browser.get(waiting.url))
    assert back["error"] == "access_denied" and "code" not in back


def test_report_stops_this_relying_partys_prompts(client, clients, citizen):
    _, waiting = ask_for(client, citizen)
    citizen.device.decide(waiting_on(citizen.device, waiting), "report")
    browser = Browser(client.base)
    again = ask(browser, client.authorize(browser), citizen.kidc)
    reached = [t for t in citizen.device.transactions() if t["details"]["client_id"] == client.id]
    assert not reached, "reported relying party still reaches the device"
    assert again.status != 500
    _, other = ask_for(clients["es256"], citizen)
    assert waiting_on(citizen.device, other), "other relying parties are not affected"


def test_a_decision_counts_once(client, citizen):
    _, waiting = ask_for(client, citizen)
    transaction = waiting_on(citizen.device, waiting)
    assert citizen.device.decide(transaction, number=number_shown(waiting)).status_code == 200
    for action in ("approve", "deny"):
        problem(citizen.device.decide(transaction, action), "transaction.decided", 409)


def test_approve_and_deny_at_once_have_one_winner(client, citizen):
    from concurrent.futures import ThreadPoolExecutor

    _, waiting = ask_for(client, citizen)
    device, transaction, number = citizen.device, waiting_on(citizen.device, waiting), number_shown(waiting)
    with ThreadPoolExecutor(6) as pool:
        jobs = [pool.submit(device.decide, transaction, "approve", number=number) for _ in range(3)]
        jobs += [pool.submit(device.decide, transaction, "deny") for _ in range(3)]
    assert sorted(job.result().status_code for job in jobs) == [200] + [409] * 5


@pytest.mark.parametrize(
    "changes, code, status",
    [
        ({"details_hash": b64(b"0" * 32)}, "transaction.details_mismatch", 409),
        ({"attributes": ["name_km", "kidc"]}, "transaction.attribute_not_requested", 400),
        ({"aud": "http://evil.example"}, "device.proof_invalid", 401),
        ({"iss": "someone"}, "device.proof_invalid", 401),
        ({"txn": "another"}, "device.proof_invalid", 401),
        ({"iat": 1}, "device.proof_invalid", 401),
        ({"action": "grant"}, "device.proof_invalid", 401),
    ],
    ids=str,
)
def test_decisions_over_something_else(client, citizen, changes, code, status):
    _, waiting = ask_for(client, citizen)
    transaction = waiting_on(citizen.device, waiting)
    body = citizen.device.decision_body(transaction, number=number_shown(waiting), **changes)
    answer = citizen.device.request("POST", f"/device/v1/transactions/{transaction['id']}/decision", body)
    problem(answer, code, status)


@pytest.mark.parametrize("changes", [{"client_id": "es256"}, {"attributes": "name_km"}, {"number": "57"}, {"attributes": ["name_km"] * 2}], ids=str)
def test_decisions_of_a_wrong_shape(client, citizen, changes):
    _, waiting = ask_for(client, citizen)
    transaction = waiting_on(citizen.device, waiting)
    body = citizen.device.decision_body(transaction, **({"number": number_shown(waiting)} | changes))
    answer = citizen.device.request("POST", f"/device/v1/transactions/{transaction['id']}/decision", body)
    any_problem(answer, 400, 401, 409)


def test_approval_without_the_pin(client, citizen):
    _, waiting = ask_for(client, citizen)
    transaction = waiting_on(citizen.device, waiting)
    path = f"/device/v1/transactions/{transaction['id']}/decision"
    for change in (lambda b: b.pop("pin_signature"), lambda b: b.update(pin_signature=""), lambda b: b.update(pin_signature="A" * 86)):
        body = json.loads(citizen.device.decision_body(transaction, number=number_shown(waiting)))
        change(body)
        any_problem(citizen.device.request("POST", path, json.dumps(body).encode()), 400, 401, 403)


def test_someone_elses_transaction(client, enrol):
    mine, other = enrol(), enrol()
    _, waiting = ask_for(client, mine)
    transaction = waiting_on(mine.device, waiting)
    problem(other.device.decide(transaction, number=number_shown(waiting)), "transaction.not_found", 404)
    problem(other.device.decide(transaction, "deny"), "transaction.not_found", 404)
    assert mine.device.decide(transaction, number=number_shown(waiting)).status_code == 200


def test_unknown_transactions(client, citizen):
    _, waiting = ask_for(client, citizen)
    transaction = waiting_on(citizen.device, waiting)
    for invented in ("0199c1d2-0000-7000-8000-000000000000", "x", "%00", "..%2f..%2fself", "a" * 3000):
        body = citizen.device.decision_body(transaction, "deny", txn=invented)
        answer = citizen.device.request("POST", f"/device/v1/transactions/{invented}/decision", body)
        any_problem(answer, 400, 401, 404, 414)


def test_five_wrong_pins_lock_and_an_officer_unlocks(client, clients, officer, citizen):
    device = citizen.device
    _, waiting = ask_for(client, citizen)
    transaction, number = waiting_on(device, waiting), number_shown(waiting)
    for left in (4, 3, 2, 1, 0):
        body = problem(device.decide(transaction, number=number, pin="111112"), *(("device.pin_wrong", 403) if left else ("device.pin_locked", 403)))
        assert device.self_()["pin_tries_left"] == left, body
    problem(device.decide(transaction, number=number), "device.pin_locked", 403)
    assert device.self_()["pin_locked"] is True
    with officer.busy:
        person = officer.person(citizen.kidc)
        form = next(f for f in person.page.forms if f.action.endswith(device.device_id))
        assert officer.browser.submit(form, action="unlockPIN", reason="forgotten_pin").status == 200
    assert device.self_()["pin_locked"] is False
    answer = device.decide(transaction, number=number)
    if answer.status_code != 200:  # the wait for the officer may have been longer than the transaction
        assert answer.json()["code"] in ("transaction.expired", "transaction.decided"), answer.text
        _, waiting = ask_for(clients["es256"], citizen)
        assert device.decide(waiting_on(device, waiting), number=number_shown(waiting)).status_code == 200


def test_tries_left_is_a_number_as_documented(client, citizen):
    """docs/device-protocol.md: `device.pin_wrong`: "`tries_left` says how many remain"."""
    _, waiting = ask_for(client, citizen)
    answer = citizen.device.decide(waiting_on(citizen.device, waiting), number=number_shown(waiting), pin="111112")
    assert problem(answer, "device.pin_wrong", 403)["tries_left"] == 4


def test_parallel_wrong_pins_are_all_counted(client, citizen):
    from concurrent.futures import ThreadPoolExecutor

    _, waiting = ask_for(client, citizen)
    transaction, number = waiting_on(citizen.device, waiting), number_shown(waiting)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: citizen.device.decide(transaction, number=number, pin="111112"), range(12)))
    wrong = [a for a in answers if a.json()["code"] == "device.pin_wrong"]
    assert len(wrong) <= 5 and all(a.status_code == 403 for a in answers)
    assert citizen.device.self_()["pin_locked"] is True


def test_right_pin_resets_the_count(client, citizen):
    _, waiting = ask_for(client, citizen)
    transaction, number = waiting_on(citizen.device, waiting), number_shown(waiting)
    citizen.device.decide(transaction, number=number, pin="111112")
    assert citizen.device.self_()["pin_tries_left"] == 4
    assert citizen.device.decide(transaction, number=number).status_code == 200
    assert citizen.device.self_()["pin_tries_left"] == 5


# Floods


def test_prompts_are_limited_and_say_the_same_to_everyone(client, base, citizen):
    """A stranger who knows a code can neither flood the person nor learn from the answer whether the code exists."""

    def sequence(kidc):
        seen = []
        for _ in range(8):
            browser = Browser(base, address=own_address())
            waiting = ask(browser, client.authorize(browser), kidc)
            seen.append((waiting.status, waiting.error))
        return seen

    known = sequence(citizen.kidc)
    assert any(status == 429 for status, _ in known), known
    assert len(citizen.device.transactions()) <= 5
    unknown = sequence(unused_code(client))
    assert {status for status, _ in unknown} == {status for status, _ in known}
    assert sum(status == 200 for status, _ in known) - sum(status == 200 for status, _ in unknown) in (0, 1)


def unused_code(client):
    """Ten digits with a good check digit that belong to nobody (but for a chance of one in a million)."""
    start = f"0{secrets.randbelow(10**8):08d}"
    for digit in range(10):
        browser = Browser(client.base, address=own_address())
        answer = ask(browser, client.authorize(browser), f"{start}{digit}")
        if answer.error != "authorize.identifier_invalid":
            return f"{start}{digit}"
    raise AssertionError("no last digit is taken")


def test_unknown_identifier_looks_like_a_known_one(client, base, enrol):
    known, unknown = enrol().kidc, unused_code(client)
    pages = []
    for kidc in (known, unknown):
        browser = Browser(base, address=own_address())
        waiting = ask(browser, client.authorize(browser), kidc)
        pages.append((waiting.status, waiting.error, [e["class"] for e in waiting.page.find("main").walk() if e["class"]]))
    assert pages[0] == pages[1]


# Bodies


def posts(base, citizen, client):
    """The endpoints that take JSON, each with a way to post raw bytes to it."""
    device = citizen.device
    _, waiting = ask_for(client, citizen)
    path = f"/device/v1/transactions/{transaction_id(waiting)}/decision"
    yield lambda body, kind: session(own_address()).post(
        f"{base}/device/v1/activations", data=body, headers={"Content-Type": kind} if kind else {}, timeout=20)
    yield lambda body, kind: device.request("POST", path, body, Content_Type=kind)


BROKEN = [
    b"", b"{", b"[]", b"null", b"7", b'"x"', b"{}", b'{"a":1,"a":2}', b"\xff\xfe", b'{"code":"\xc3\x28"}', b'{"code":"\\ud800"}',
    b'{"code":"a\\u0000b"}', b"\x00", b"[" * 50000, b'{"a":' * 20000, b'{"n":1e999}', b'{"n":' + b"9" * 5000 + b"}", b"\xef\xbb\xbf{}",
    b"{} {}", b"{'a':1}", b'{"decision":"a.b.c","pin_signature":"x"}', b'{"decision":7}', b'{"decision":null,"pin_signature":null}',
    b'{"code":"K7QM-4XRP-2W","device_key":{"kty":"EC","crv":"P-256","x":"AA","y":"AA"},"pin_key":{},"proof":"x.y.z","pin_proof":""}',
]


@pytest.mark.parametrize("body", BROKEN, ids=lambda b: repr(b)[2:40])
def test_broken_json(base, client, citizen, body):
    for post in posts(base, citizen, client):
        any_problem(post(body, "application/json"), 400, 401, 403, 413)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/cbor", "application/jsonx", "*/*"])
def test_wrong_content_type(base, client, citizen, kind):
    for post in posts(base, citizen, client):
        any_problem(post(b"{}", kind), 415)


def test_oversized_bodies(base, client, citizen):
    for post in posts(base, citizen, client):
        any_problem(post(b'{"code":"' + b"A" * 3_000_000 + b'"}', "application/json"), 413)


def test_waiting_is_bounded(citizen):
    for query in ("?wait=-1", "?wait=x", "?wait=99999999999999999999", "?wait=1&wait=2", "?wait=", "?wait=٣"):
        answer = citizen.device.request("GET", "/device/v1/transactions", query=query)
        assert answer.status_code in (200, 400), f"{query}: {answer.status_code}"
    assert citizen.device.request("GET", "/device/v1/transactions", query="?wait=0").status_code == 200


# The command line's authenticator against the same server


def pin_file(folder, name, digits):
    path = folder / name
    path.write_text(digits + "\n")
    path.chmod(0o600)
    return path


def enrol_by_command(officer, base, kidc, options):
    """`rumdul device enrol`, with the officer's part."""
    with officer.busy:
        case, code = officer.show_code(officer.open_case(kidc))
        enrolled = run("device", "enrol", "--server", base, "--code", code, "--name", "ទូរស័ព្ទ", *options)
        assert enrolled.returncode == 0, enrolled.stderr
        page, digits = officer.compare(case)
        assert digits in enrolled.stdout.replace(" ", "")
        assert officer.confirm(page).status == 200


def test_rumdul_device_enrols_and_approves(base, officer, client, people, tmp_path):
    person = next(people)
    options = ["--store", tmp_path / "store", "--pin-file", pin_file(tmp_path, "pin", "274951"), "--json"]
    enrol_by_command(officer, base, person["kidc"], options)
    status = run("device", "status", "--store", tmp_path / "store", "--json")
    assert json.loads(status.stdout)["state"] == "active"
    browser = Browser(base)
    waiting = ask(browser, client.authorize(browser), person["kidc"])
    wrong = pin_file(tmp_path, "wrong", "111112")
    refused = run("device", "approve", "--auto", "--number", number_shown(waiting), "--store", tmp_path / "store", "--pin-file", wrong, "--json")
    assert refused.returncode == 5, refused.stdout + refused.stderr
    approved = run("device", "approve", "--auto", "--number", number_shown(waiting), "--timeout", 20, *options)
    assert approved.returncode == 0, approved.stdout + approved.stderr
    token = client.token(callback(browser.get(waiting.url))["code"]).json()
    assert client.userinfo(token["access_token"]).json()["name_km"] == person["name_km"]
    assert run("device", "approve", "--auto", "--timeout", 1, "--number", 10, *options).returncode == 4


def test_rumdul_device_changes_the_pin(base, officer, client, people, tmp_path):
    """The old PIN is needed and stops, the new one works; what is refused changes nothing."""
    person = next(people)
    pins = {name: pin_file(tmp_path, name, digits) for name, digits in {
        "old": "274951", "new": "730246", "wrong": "918273", "weak": "222222", "short": "1234"}.items()}
    store = ["--store", tmp_path / "store", "--json"]
    unenrolled = run("device", "change-pin", "--pin-file", pins["old"], "--new-pin-file", pins["new"], *store)
    assert unenrolled.returncode == 7, unenrolled.stderr
    enrol_by_command(officer, base, person["kidc"], [*store, "--pin-file", pins["old"]])

    def change(old, new):
        return run("device", "change-pin", "--pin-file", pins[old], "--new-pin-file", pins[new], *store)

    def code_of(refused):
        return json.loads(refused.stderr)["error"]["code"]

    def tries():
        return json.loads(run("device", "status", *store).stdout)["pin_tries_left"]

    # What the device itself refuses spends no try.
    for old, new, code, exit in [
        ("old", "weak", "device.pin_weak", 64), ("old", "old", "device.pin_unchanged", 64),
        ("old", "short", "device.pin_malformed", 64), ("short", "new", "device.pin_malformed", 64)]:
        refused = change(old, new)
        assert (refused.returncode, code_of(refused)) == (exit, code), refused.stderr
    assert tries() == 5
    refused = change("wrong", "new")
    assert refused.returncode == 5 and code_of(refused) == "device.pin_wrong" and tries() == 4
    changed = change("old", "new")
    assert changed.returncode == 0 and json.loads(changed.stdout)["status"] == "changed", changed.stderr
    assert not any(digits in changed.stdout + changed.stderr for digits in ("274951", "730246"))
    browser = Browser(base)
    waiting = ask(browser, client.authorize(browser), person["kidc"])

    def decide(pin):
        return run(
            "device", "approve", "--auto", "--number", number_shown(waiting), "--timeout", 20, *store, "--pin-file",
            pins[pin])

    assert decide("old").returncode == 5, "the old PIN still works"
    approved = decide("new")
    assert approved.returncode == 0, approved.stdout + approved.stderr
    assert "code" in callback(browser.get(waiting.url)) and tries() == 5
    # A PIN that the device had before is not taken again.
    again = change("new", "old")
    assert code_of(again) == "device.key_refused" and again.returncode != 0, again.stderr


def test_rumdul_device_changes_the_pin_at_a_terminal(base, officer, people, tmp_path):
    """Three questions without echo; two different new PINs are refused before anything is sent."""
    person = next(people)
    store = ["--store", tmp_path / "store"]
    enrol_by_command(officer, base, person["kidc"], [*store, "--pin-file", pin_file(tmp_path, "pin", "274951"), "--json"])

    def typed(*lines):
        """Exit code and screen of the command at a terminal of its own, where a person types these lines."""
        child, terminal = pty.fork()
        if child == 0:
            os.execve(BINARY, [str(BINARY), "device", "change-pin", *map(str, store)], environment())
        screen, asked, deadline = b"", 0, time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                piece = os.read(terminal, 4096) if select.select([terminal], [], [], 0.5)[0] else b""
            except OSError:  # the command has ended
                break
            screen += piece
            if screen.count(b": ") > asked and asked < len(lines):
                os.write(terminal, lines[asked].encode() + b"\n")
                asked += 1
        _, status = os.waitpid(child, 0)
        os.close(terminal)
        return os.waitstatus_to_exitcode(status), screen.decode()

    code, screen = typed("274951", "730246", "730247")
    assert code == 64, screen
    code, screen = typed("274951", "730246", "730246")
    assert code == 0 and "The PIN was changed." in screen, screen
    assert "274951" not in screen and "730246" not in screen, "a PIN was echoed"
    # Khmer digits are the same digits.
    code, screen = typed("៧៣០២៤៦", "185203", "185203")
    assert code == 0, screen
