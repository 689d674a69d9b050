"""Attacks beyond RFC 9700: rows AT-01 to AT-12 (4.2)."""

import secrets
import threading
import time
from urllib.parse import urlsplit

import pytest

from oidc.forgeries import forged, sealed
from oidc.test_ciba import Prompt
from oidc.test_logout import withdraw
from support.authenticator import Authenticator
from support.login import number_shown, waiting_on
from support.net import own_address
from support.provider import oauth_error, resource_error
from support.registrations import CIBA, DEVICE, FAPI2_MS, LEGACY, SECURE, Refused, purpose
from support.relying_party import decoded, new_key, public, response, unsigned


@pytest.fixture
def rp(registrar, once):
    return once("atk", lambda: registrar.add("atk", **LEGACY))


@pytest.fixture
def keyed(registrar, once):
    return once("atk-keyed", lambda: registrar.add("atk-keyed", **SECURE))


@pytest.fixture
def signing(registrar, once):
    return once("atk-ms", lambda: registrar.fapi("atk-ms", FAPI2_MS))


@pytest.fixture
def bound(registrar, once):
    return once("atk-fapi", lambda: registrar.fapi("atk-fapi"))


def now():
    return int(time.time())


# Algorithm confusion and key injection


def assertion_claims(rp):
    return {"iss": rp.id, "sub": rp.id, "aud": rp.provider.issuer, "jti": secrets.token_urlsafe(16), "iat": now(), "exp": now() + 60}


def test_AT_01_client_assertions(keyed):
    data = {"grant_type": "refresh_token", "refresh_token": "x" * 43}
    taken = []
    for name, token in [*forged(assertion_claims(keyed), keyed.key), *sealed()]:
        answer = keyed.post("token_endpoint", data, assertion=token)
        assert answer.status_code < 500, f"{name}: {answer.status_code}"
        if not (answer.status_code in (400, 401, 413, 431) and answer.json().get("error") in ("invalid_client", "invalid_request")):
            taken.append(f"{name}: {answer.status_code} {answer.text[:80]}")
    assert not taken
    oauth_error(keyed.post("token_endpoint", data), "invalid_grant", status=(400,))  # the genuine one is still heard


def test_AT_01_request_objects(signing):
    values = signing.request()
    claims = values | {"iss": signing.id, "aud": signing.provider.issuer, "iat": now(), "nbf": now(), "exp": now() + 300, "jti": secrets.token_hex(8)}
    taken = []
    for name, token in [*forged(claims, signing.key), *sealed()]:
        answer = signing.push({"client_id": signing.id, "request": token}, signed=False)
        assert answer.status_code < 500, f"{name}: {answer.status_code}"
        if answer.status_code == 201:
            taken.append(name)
    assert not taken


def test_AT_01_dpop_proofs(bound, person):
    token = bound.tokens(person.log_in(bound))["access_token"]
    assert bound.userinfo(token).status_code == 200
    address = bound.provider.endpoint("userinfo_endpoint")
    claims = decoded(bound.proof("GET", address, token))
    taken = []
    for name, proof in forged(claims, bound.dpop_key.import_key(bound.dpop_key.as_dict(private=True) | {"kid": "k", "alg": "ES256"})):
        if "\n" in proof or len(proof) > 60_000:
            continue
        answer = bound.userinfo(token, dpop=proof)
        assert answer.status_code < 500, f"{name}: {answer.status_code}"
        if answer.status_code == 200:
            taken.append(name)
    assert not taken


def test_AT_01_access_tokens(rp, person):
    """Forged access tokens at userinfo and introspection: of their kind, of another kind, and by the provider's other keys."""
    body = rp.tokens(person.log_in(rp))
    claims = decoded(body["access_token"])
    key = new_key("ES256")
    taken = []
    for name, token in [*forged(claims, key), ("none", unsigned(claims, typ="at+jwt")), ("ID token", body["id_token"])]:
        if "\n" in token or len(token) > 60_000:
            continue
        answer = rp.userinfo(token)
        assert answer.status_code < 500, f"{name}: {answer.status_code}"
        if answer.status_code == 200:
            taken.append(name)
        seen = rp.post("introspection_endpoint", {"token": token})
        assert seen.status_code < 500, name
        if seen.status_code == 200 and seen.json().get("active"):
            taken.append(f"introspection: {name}")
    assert not taken
    assert rp.userinfo(body["access_token"]).status_code == 200


def test_AT_01_hints(rp, person):
    """id_token_hint: a forged one opens no session."""
    browser = person.browser()
    body = rp.tokens(person.log_in(rp, browser=browser))
    key = new_key("RS256", kid=None)
    for name, token in list(forged(decoded(body["id_token"]), key))[:12]:
        values = rp.request(prompt="none", id_token_hint=token)
        answer = rp.open(browser, values)
        assert answer.status < 500, name
        if answer.location:
            assert "error" in response(answer, rp.redirect).values, name


# Audience injection


@pytest.mark.parametrize("where", ["token_endpoint", "pushed_authorization_request_endpoint", "introspection_endpoint", "revocation_endpoint"])
def test_AT_02_audience(keyed, where):
    issuer = keyed.provider.issuer
    endpoint = keyed.provider.endpoint(where)
    for aud in (endpoint, [issuer], [issuer, "https://evil.example/token"], "https://evil.example", issuer + "/", issuer.upper(), "", None, 7, {}, [[issuer]]):
        answer = keyed.post(where, {"token": "x", "grant_type": "refresh_token", "refresh_token": "x"}, assertion=keyed.assertion(aud=aud))
        oauth_error(answer, "invalid_client")


def test_AT_02_assertion_twice(keyed):
    once_only = keyed.assertion()
    data = {"grant_type": "refresh_token", "refresh_token": "x" * 43}
    oauth_error(keyed.post("token_endpoint", data, assertion=once_only), "invalid_grant")
    oauth_error(keyed.post("token_endpoint", data, assertion=once_only), "invalid_client")
    oauth_error(keyed.post("introspection_endpoint", {"token": "x"}, assertion=once_only), "invalid_client")


def test_AT_02_assertion_of_another_client(keyed, bound):
    data, _ = keyed.credentials({"grant_type": "refresh_token", "refresh_token": "x"})
    oauth_error(keyed.post("token_endpoint", data | {"client_id": bound.id}, auth=None), "invalid_client", "invalid_request")
    for changes in ({"iss": bound.id}, {"sub": bound.id}, {"iss": bound.id, "sub": bound.id}, {"jti": None}, {"exp": None}, {"exp": now() + 86400 * 365}):
        oauth_error(keyed.post("token_endpoint", {"grant_type": "refresh_token", "refresh_token": "x"}, assertion=keyed.assertion(**changes)), "invalid_client")


def test_AT_02_two_methods_at_once(rp, keyed):
    data, head = rp.credentials({"grant_type": "refresh_token", "refresh_token": "x"})
    answer = rp.post("token_endpoint", data | {"client_id": rp.id, "client_secret": rp.secret}, auth=None, headers=head)
    oauth_error(answer, "invalid_request", "invalid_client")


# SSRF

PLACES = [
    "http://10.0.0.1/k", "https://10.0.0.1/k", "https://192.168.1.1/k", "https://172.16.0.1/k", "https://169.254.169.254/latest/meta-data/",
    "https://[::1]/k", "https://[fd00::1]/k", "https://[fe80::1]/k", "https://[::ffff:169.254.169.254]/k", "https://[64:ff9b::a9fe:a9fe]/k",
    "https://2852039166/k", "https://0xa9fea9fe/k", "https://0251.0376.0251.0376/k", "https://0/k", "https://0.0.0.0/k", "https://100.64.0.1/k",
    "https://198.18.0.1/k", "https://224.0.0.1/k", "https://255.255.255.255/k", "https://169.254.169.254.nip.io/k", "file:///etc/passwd",
    "gopher://127.0.0.1:25/x", "ftp://127.0.0.1/x", "https://user:pw@10.0.0.1/k", "https://127.0.0.2:443/k", "https://localhost/k", "jar:x", "//x/k",
]


@pytest.mark.parametrize("address", PLACES)
def test_AT_03_special_addresses(registrar, address):
    """At registration or at use, quickly, without telling what is there."""
    started = time.monotonic()
    try:
        rp = registrar.dynamic(keys=[new_key()], **(LEGACY | {"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": address, "jwks": None}))
    except Refused as no:
        assert "invalid_client_metadata" in str(no), no
    else:
        code = rp.post("token_endpoint", {"grant_type": "refresh_token", "refresh_token": "x"})
        # The client's keys are away, or the client is not who it says: the answer is OAuth's either way.
        assert (code.status_code, code.json()["error"]) in ((401, "invalid_client"), (400, "invalid_client"), (503, "temporarily_unavailable")), code.text
        assert not any(word in code.text.lower() for word in ("refused", "timed out", "unreachable", "no route", "certificate"))
    members = LEGACY | {"sector_identifier_uri": address, "subject_type": "pairwise"}
    with pytest.raises(Refused) as no:
        registrar.dynamic(**members)
    assert "invalid_client_metadata" in str(no.value) or "invalid_redirect_uri" in str(no.value)
    assert not any(word in str(no.value).lower() for word in ("connection refused", "timed out", "errno", "unreachable"))
    assert time.monotonic() - started < 12


def test_AT_03_redirects_bodies_and_slowness(registrar, listener):
    key = new_key()
    kept = public(key)
    listener.serve("/good.json", kept)
    listener.serve("/redirect.json", "", status=302, Location=listener.url + "/good-elsewhere.json")
    listener.serve("/good-elsewhere.json", kept)
    listener.serve("/large.json", b'{"keys":[' + b" " * 3_000_000 + b"]}")
    listener.serve("/deep.json", b"[" * 20000)
    listener.serve("/html.json", "<html>", kind="text/html")

    def slow(_):
        time.sleep(8)
        return 200, {"Content-Type": "application/json"}, b"{}"

    listener.routes["/slow.json"] = slow
    data = {"grant_type": "refresh_token", "refresh_token": "x" * 43}
    rp = registrar.dynamic(keys=[key], **(LEGACY | {"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": listener.url + "/good.json"}))
    oauth_error(rp.post("token_endpoint", data), "invalid_grant")
    for path in ("/redirect.json", "/large.json", "/deep.json", "/html.json", "/slow.json", "/missing.json"):
        rp = registrar.dynamic(keys=[key], **(LEGACY | {"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": listener.url + path}))
        started = time.monotonic()
        answer = rp.post("token_endpoint", data)
        assert answer.status_code in (400, 401, 503), f"{path}: {answer.status_code}"
        assert time.monotonic() - started < 6, path
        assert "html" not in answer.text and listener.url not in answer.text, "the answer tells what was there"
    assert not listener.requests("/good-elsewhere.json"), "a redirect was followed"


def test_AT_03_plain_http(registrar):
    for member in ("jwks_uri", "sector_identifier_uri", "initiate_login_uri", "backchannel_logout_uri"):
        with pytest.raises(Refused):
            registrar.dynamic(**(LEGACY | {member: "http://public.example/x"}))


def test_AT_03_unknown_kid_is_no_amplifier(registrar, listener):
    """A flood of unknown kids must not become a flood of fetches."""
    key = new_key()
    listener.serve("/flood.json", public(key))
    rp = registrar.dynamic(keys=[key], **(LEGACY | {"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": listener.url + "/flood.json"}))
    for _ in range(20):
        oauth_error(rp.post("token_endpoint", {"grant_type": "refresh_token", "refresh_token": "x"}, assertion=rp.assertion(key=new_key())), "invalid_client")
    assert len(listener.requests("/flood.json")) <= 3


# Enumeration


def test_AT_05_unknown_people(rp, person, demo):
    """Known without a device, unknown, and known with a device: the same page; no prompt for what is not answered."""
    spare = demo.record["persons"][-1]["kidc"]
    unknown = next(k for k in (f"04644445{n:02d}" for n in range(10, 99)) if k not in str(demo.record["persons"]))
    seen = {}
    for name, kidc in (("with device", person.kidc), ("without device", spare), ("unknown", unknown)):
        browser = person.browser(address=own_address())
        consent = rp.open(browser, rp.request())
        answer = browser.submit(consent.page.form("/authorize/start"), identifier=kidc)
        if name == "unknown" and answer.status == 400:  # a check digit that is wrong tells nobody anything
            continue
        path = "/".join(p for p in urlsplit(answer.url).path.split("/")[:2])
        seen[name] = (answer.status, path, answer.page.find(class_="number") is not None)
        if name == "with device":
            person.decide(browser, answer, "deny", None)
    assert len(set(seen.values())) == 1, seen


def test_AT_05_ciba_hints(registrar, once, make_person, demo):
    rp = once("atk-ciba", lambda: registrar.fapi(
        "atk-ciba", grant_types=["authorization_code", CIBA], backchannel_token_delivery_mode="poll",
        backchannel_authentication_request_signing_alg="ES256", ciba_trusted=True))
    rp.ping, rp.notified = False, ""
    person = make_person()
    known, other = Prompt(rp, person), None
    known.accepted().deny()

    class Nobody:
        kidc, device = demo.record["persons"][-2]["kidc"], None

    other = Prompt(rp, Nobody)
    if other.answer.status_code == 200:
        assert set(other.answer.json()) == set(known.body)
    else:
        oauth_error(other.answer, "unknown_user_id", "access_denied", "invalid_request")


# Replay


def test_AT_06_replay(bound, signing, person):
    token = bound.tokens(person.log_in(bound))["access_token"]
    bound.userinfo(token)
    proof = bound.proof("GET", bound.provider.endpoint("userinfo_endpoint"), token)
    assert bound.userinfo(token, dpop=proof).status_code == 200
    resource_error(bound.userinfo(token, dpop=proof))
    values = signing.request()
    request = signing.request_object(values)
    assert signing.push({"client_id": signing.id, "request": request}, signed=False).status_code == 201
    answer = signing.push({"client_id": signing.id, "request": request}, signed=False)
    oauth_error(answer, "invalid_request_object", "invalid_request")


def test_AT_06_approval_twice(rp, person):
    browser = person.browser()
    consent = rp.open(browser, rp.request())
    waiting = browser.submit(consent.page.form("/authorize/start"), identifier=person.kidc)
    transaction = waiting_on(person.device, waiting)
    body = person.device.decision_body(transaction, number=number_shown(waiting))
    path = f"/device/v1/transactions/{transaction['id']}/decision"
    assert person.device.request("POST", path, body).status_code == 200
    assert person.device.request("POST", path, body).status_code in (401, 409)
    second = rp.open(person.browser(), rp.request())
    other = person.browser()
    waiting2 = other.submit(rp.open(other, rp.request()).page.form("/authorize/start"), identifier=person.kidc)
    assert second.status == 200
    theirs = waiting_on(person.device, waiting2)
    answer = person.device.request("POST", f"/device/v1/transactions/{theirs['id']}/decision", body)
    assert answer.status_code in (400, 401, 409)
    person.decide(other, waiting2, "deny", None)


# Races


def together(*actions):
    results, ready = [None] * len(actions), threading.Barrier(len(actions))

    def run(n, action):
        ready.wait()
        results[n] = action()

    threads = [threading.Thread(target=run, args=(n, action)) for n, action in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(40)
    return results


def test_AT_07_two_redemptions(rp, person):
    for _ in range(4):
        back = person.log_in(rp)
        answers = together(*[lambda: rp.exchange(back)] * 6)
        codes = sorted(a.status_code for a in answers)
        assert codes.count(200) <= 1 and set(codes) <= {200, 400}, codes


def test_AT_07_two_refreshes(registrar, once, person):
    def make():
        made = registrar.add("atk-public", **(SECURE | {"token_endpoint_auth_method": "none", "dpop_bound_access_tokens": True}))
        made.dpop_key = new_key()
        return made

    rp = once("atk-public", make)
    body = rp.tokens(person.log_in(rp, scope="openid offline_access", prompt="consent"))
    rp.refresh("x" * 43)  # learns a nonce
    answers = together(*[lambda: rp.refresh(body["refresh_token"])] * 5)
    assert all(a.status_code in (200, 400) for a in answers), [a.status_code for a in answers]
    new = {a.json()["refresh_token"] for a in answers if a.status_code == 200}
    assert new, "no winner"
    assert any(rp.refresh(token).status_code == 200 for token in new), "the winner cannot go on"


def test_AT_07_approve_and_deny(rp, person):
    for _ in range(3):
        browser = person.browser()
        waiting = browser.submit(rp.open(browser, rp.request()).page.form("/authorize/start"), identifier=person.kidc)
        transaction, number = waiting_on(person.device, waiting), number_shown(waiting)
        yes, no = together(
            lambda: person.device.decide(transaction, number=number), lambda: person.device.decide(transaction, "deny"))
        assert sorted((yes.status_code, no.status_code)) == [200, 409], (yes.text, no.text)
        location = browser.get(waiting.url).location
        assert ("code=" in location) == (yes.status_code == 200) and ("error=access_denied" in location) == (no.status_code == 200)


def test_AT_07_consent_withdrawn_while_tokens_are_made(rp, make_person):
    """Whoever is first: after the withdrawal no token of the consent works."""
    person = make_person()
    back = person.log_in(rp, scope="openid offline_access", prompt="consent")
    answer, _ = together(lambda: rp.exchange(back), lambda: withdraw(person))
    if answer.status_code == 200:
        body = answer.json()
        resource_error(rp.userinfo(body["access_token"]))
        oauth_error(rp.refresh(body["refresh_token"]), "invalid_grant", status=(400,))
    else:
        oauth_error(answer, "invalid_grant", status=(400,))


# Session fixation


def test_AT_08_fixation(rp, person):
    """The victim opens the attacker's transaction: nothing begins; the attacker's browser is not logged in by the victim's approval."""
    attacker, victim = person.browser(), person.browser()
    before = {c.name: c.value for c in attacker.session.cookies}
    waiting = attacker.submit(rp.open(attacker, rp.request()).page.form("/authorize/start"), identifier=person.kidc)
    assert victim.get(waiting.url).status in (400, 403, 404, 410)
    person.decide(attacker, waiting, "deny", None)
    browser = person.browser()
    values = rp.request()
    consent = rp.open(browser, values)
    first = {c.name: c.value for c in browser.session.cookies}
    person.walk(browser, consent)
    after = {c.name: c.value for c in browser.session.cookies}
    assert before == {} and any(after[n] != first.get(n) for n in after), "the same session identifier before and after the login"
    planted = person.browser()
    for name, value in first.items():
        planted.session.cookies.set(name, value)
    values = rp.request(prompt="none")
    assert rp.received(rp.open(planted, values), values).error, "a cookie planted before the login opens the session"


# Push bombing


def test_AT_09_push_bombing(rp, make_person):
    person = make_person()
    statuses = []
    for _ in range(5):
        browser = person.browser(address=own_address())
        answer = browser.submit(rp.open(browser, rp.request()).page.form("/authorize/start"), identifier=person.kidc)
        statuses.append(answer.status)
        if answer.status != 200:
            assert int(answer.headers["Retry-After"]) > 0
            break
    assert statuses[:3] == [200] * 3 and statuses[-1] == 429, statuses
    assert len(person.device.transactions(wait=1)) <= 3


def test_AT_09_report_stops_a_relying_party(rp, registrar, make_person):
    person = make_person()
    other = registrar.add("atk-other", **LEGACY)
    attacker = own_address()
    browser = person.browser(address=attacker)
    waiting = browser.submit(rp.open(browser, rp.request()).page.form("/authorize/start"), identifier=person.kidc)
    person.decide(browser, waiting, "report", None)
    browser = person.browser(address=attacker)
    answer = browser.submit(rp.open(browser, rp.request()).page.form("/authorize/start"), identifier=person.kidc)
    assert not [t for t in person.device.transactions(wait=1) if t["details"]["client_id"] == rp.id], answer.status
    person.log_in(other)


def test_AT_09_a_report_takes_no_service_from_the_person(rp, make_person):
    person = make_person()
    browser = person.browser(address=own_address())
    waiting = browser.submit(rp.open(browser, rp.request()).page.form("/authorize/start"), identifier=person.kidc)
    person.decide(browser, waiting, "report", None)
    back = person.log_in(rp, browser=person.browser(address=own_address()))
    assert back.get("code"), "whoever began a login in another's name locked that person out"


def test_AT_09_prompts_say_who_and_what(rp, person):
    browser = person.browser()
    waiting = browser.submit(rp.open(browser, rp.request(scope="openid profile")).page.form("/authorize/start"), identifier=person.kidc)
    transaction = waiting_on(person.device, waiting)
    details = transaction["details"]
    assert details["client_name"]["en"] and details["client_host"] == "atk.example" and details["purpose"]["en"] and details["origin"]
    assert len(set(transaction["numbers"])) >= 3 and number_shown(waiting) in transaction["numbers"]
    wrong = next(n for n in transaction["numbers"] if n != number_shown(waiting))
    assert person.device.decide(transaction, number=wrong).status_code == 403
    assert "error=" in (browser.get(waiting.url).location or "error=")


# Cross-device phishing


def test_AT_10_once_and_short(rp, person):
    """One approval is one login: a page loaded again may bring its person back, but only one code is redeemed."""
    browser = person.browser()
    values = rp.request()
    waiting = browser.submit(rp.open(browser, values).page.form("/authorize/start"), identifier=person.kidc)
    transaction = waiting_on(person.device, waiting)
    assert transaction["details"]["expires_at"] - time.time() <= 300
    first = person.decide(browser, waiting, "approve", None)
    assert person.device.decide(transaction, number=number_shown(waiting)).status_code in (404, 409, 410)
    answers = [rp.exchange(rp.received(answer, values)) for answer in (first, browser.get(waiting.url)) if answer.location]
    assert sorted(a.status_code for a in answers) in ([200], [200, 400])
    assert person.browser().get(waiting.url).location is None


def test_AT_10_device_grant_codes(registrar, once, metadata):
    rp = once("atk-kiosk", lambda: registrar.add("atk-kiosk", **(SECURE | {"grant_types": [DEVICE], "response_types": [], "redirect_uris": []})))
    seen = set()
    for _ in range(5):
        answer = rp.post("device_authorization_endpoint", {"scope": "openid", "client_id": rp.id})
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert body["expires_in"] <= 900 and len(body["user_code"].replace("-", "")) >= 8 and len(body["device_code"]) >= 22
        seen.add(body["user_code"])
    assert len(seen) == 5
    data = {"grant_type": DEVICE, "device_code": body["device_code"]}
    oauth_error(rp.post("token_endpoint", data), "authorization_pending", status=(400,))
    oauth_error(rp.post("token_endpoint", data), "slow_down", "authorization_pending", status=(400,))
    oauth_error(rp.post("token_endpoint", {"grant_type": DEVICE, "device_code": "x" * 43}), "invalid_grant", status=(400,))


# Consent


def test_AT_11_more_than_registered(registrar, person):
    rp = registrar.add("atk-few", **LEGACY, purposes=[purpose(["name_km"], ["gender"])])
    wanted = {"userinfo": {n: {"essential": True} for n in ("name_km", "birthdate", "kidc", "national_id", "phone_number", "picture", "email")}}
    pages = []
    body = rp.tokens(person.log_in(rp, scope="openid profile phone email kh_identity", claims=wanted, walk={"pages": pages}))
    offered = {n for p in pages if p.is_html for f in p.page.forms for n in f.names if n.startswith("attr.")}
    assert offered <= {"attr.name_km", "attr.gender"}, offered
    assert set(rp.claims(body["access_token"])) <= {"sub", "name_km", "gender"}


def test_AT_11_changes_after_the_display(rp, person):
    """What the device signs is what it saw: other details, other attributes, another client are refused."""
    browser = person.browser()
    waiting = browser.submit(rp.open(browser, rp.request(scope="openid profile")).page.form("/authorize/start"), identifier=person.kidc)
    transaction = waiting_on(person.device, waiting)
    number = number_shown(waiting)
    for changes in ({"client_id": "model-bank"}, {"details_hash": "A" * 43}, {"attributes": ["kidc"]}, {"txn": "0" * 36}):
        answer = person.device.decide(transaction, number=number, **changes)
        assert answer.status_code in (400, 401, 403, 404, 409), f"{changes}: {answer.status_code}"
    person.decide(browser, waiting, "deny", None)


def test_AT_11_form_fields_beyond_the_request(rp, person):
    browser = person.browser()
    consent = rp.open(browser, rp.request(scope="openid"))
    form = consent.page.form("/authorize/start")
    pairs = [*form.filled(identifier=person.kidc), ("attr.kidc", "on"), ("attr.national_id", "on"), ("scope", "profile")]
    answer = browser.send("POST", form.action, data=pairs, headers={"Origin": browser.base})
    if answer.status == 200 and answer.page.find(class_="number") is not None:
        names = {a["name"] for a in waiting_on(person.device, answer)["details"]["attributes"]}
        assert not names & {"kidc", "national_id"}, names
        person.decide(browser, answer, "deny", None)
    else:
        assert 400 <= answer.status < 500


@pytest.mark.parametrize("name", ["Bank\u202eknab", "Bank\u0000", "Bank\n", "\u2066Bank", " ", "", "x" * 3000, "<script>alert(1)</script>"], ids=ascii)
def test_AT_11_names(registrar, person, name):
    """Control and bidi characters in a name are refused; markup is shown as text."""
    key = "atk-name-" + secrets.token_hex(3)
    try:
        rp = registrar.add(key, **LEGACY, client_name={"km": name, "en": name})
    except Refused:
        return
    assert name.startswith("<"), f"taken: {name!r}"
    page = rp.open(person.browser(), rp.request())
    assert "<script>alert" not in page.text


def test_AT_11_homographs(registrar):
    """A name that looks like another client's in a mixed script."""
    with pytest.raises(Refused):
        registrar.add("atk-homograph", **LEGACY, client_name={"km": "ធនាគារ", "en": "Mоdel Bаnk"})


def test_AT_12_no_self_service_recovery(person, provider, rp):
    """There is no page that changes PIN, device or contact without the old device or an officer."""
    for path in ("/reset", "/forgot", "/recover", "/recovery", "/app/recover", "/device/v1/recover", "/enrol/recover"):
        assert provider.http.get(provider.base + path, timeout=20, allow_redirects=False).status_code in (401, 403, 404, 405), path
    consent = rp.open(person.browser(), rp.request())
    words = consent.page.text.lower()
    assert "forgot" not in words and "reset" not in words
    thief = Authenticator(person.citizen.base)
    assert thief.activate("AAAA-AAAA-AA").status_code == 403

