"""Published faults of other providers as regressions: rows CV-… (4.3)."""

import base64
import http.client
import json
import secrets
from urllib.parse import urlencode, urlsplit

import pytest

from oidc.forgeries import mac
from oidc.test_ciba import Prompt
from support.authenticator import Authenticator, public_jwk, thumbprint
from support.login import number_shown, waiting_on
from support.net import own_address
from support.provider import granted, oauth_error
from support.registrations import CIBA, EXCHANGE, LEGACY, OPERATOR_ONLY, SECURE, Refused, document, hybrid
from support.relying_party import ASSERTION, new_key, public, refused_on_a_page, response, unsigned


@pytest.fixture
def rp(registrar, once):
    return once("cve", lambda: registrar.add("cve", **LEGACY))


@pytest.fixture
def keyed(registrar, once):
    return once("cve-keyed", lambda: registrar.add("cve-keyed", **SECURE))


def waiting_page(person, rp, browser=None):
    browser = browser or person.browser(address=own_address())
    return browser, browser.submit(rp.open(browser, rp.request()).page.form("/authorize/start"), identifier=person.kidc)


def test_CV_2026_18963_step_bound_to_its_executor(rp, make_person):
    """The approval of one person's device, or of another transaction, carries no login further."""
    victim, attacker = make_person(), make_person()
    browser, waiting = waiting_page(victim, rp)
    transaction = waiting_on(victim.device, waiting)
    answer = attacker.device.decide(transaction, number=number_shown(waiting))
    assert answer.status_code in (401, 403, 404)
    mine, own = waiting_page(attacker, rp)
    attacker.decide(mine, own, "approve", None)
    for path in ("", "/done", "/continue", "/finish", "?step=approved", "?approved=1"):
        page = browser.get(waiting.url + path, follow=False)
        assert page.location is None or "code=" not in page.location, path
    assert browser.get(waiting.url).page.find(class_="number") is not None
    victim.decide(browser, waiting, "deny", None)


def test_CV_2026_7507_session_fixation_by_restart(rp, person):
    """A flow that is begun again with another browser's transaction opens nothing there."""
    attacker, waiting = waiting_page(person, rp)
    victim = person.browser()
    name = waiting.url.rsplit("/", 1)[-1]
    for address in (waiting.url, f"/authorize/{name}?restart=1", f"/authorize/{name}/restart", "/authorize/start?request=" + name):
        answer = victim.get(address)
        assert answer.location is None and (not answer.is_html or answer.page.find(class_="number") is None), address
    person.decide(attacker, waiting, "approve", None)
    values = rp.request(prompt="none")
    assert rp.received(rp.open(victim, values), values).error


def test_CV_2026_37982_activation_code_once(officer, demo):
    case = officer.open_case(demo.record["persons"][-5]["kidc"])
    _, code = officer.show_code(case)
    first, second = Authenticator(demo.url), Authenticator(demo.url)
    assert first.activate(code).status_code == 201
    assert second.activate(code).status_code == 403


def test_CV_2026_8830_activation_is_checked(officer, demo):
    """Every binding of the proofs: audience, code, keys, signatures, kinds, time."""
    _, code = officer.show_code(officer.open_case(demo.record["persons"][-6]["kidc"]))
    address = f"{demo.url}/device/v1/activations"
    for changes in ({"aud": "https://evil.example"}, {"code_hash": "A" * 43}, {"device_key": "A" * 43}, {"pin_key": "A" * 43}, {"iat": 1}):
        device = Authenticator(demo.url)
        answer = device.http.post(address, json=device.activation_body(code, **changes), timeout=20)
        assert answer.status_code in (400, 401, 403), f"{changes}: {answer.status_code}"
    device, other = Authenticator(demo.url), Authenticator(demo.url)
    good = device.activation_body(code)
    for changes in ({"proof": other.activation_body(code)["proof"]}, {"pin_proof": good["proof"]}, {"pin_key": good["device_key"]},
                    {"device_key": public_jwk(other.key)}, {"proof": ""}):
        assert device.http.post(address, json=good | changes, timeout=20).status_code in (400, 401, 403), list(changes)


def test_CV_2026_11800_algorithm_confusion_in_jwt_grants(registrar, provider, person, once):
    """An access token signed with a MAC over the provider's public key, as subject of a token exchange and as bearer."""
    policy = {"resources": ["https://api.cve.example"], "audiences": ["https://other.cve.example"], "scopes": ["openid"]}
    members = SECURE | {"grant_types": ["authorization_code", EXCHANGE], "token_exchange": policy}
    rp = once("cve-exchange", lambda: registrar.add("cve-exchange", **members))
    claims = {"iss": provider.issuer, "sub": "somebody", "aud": provider.issuer, "client_id": rp.id, "exp": 4102444800, "iat": 1, "scope": "openid"}
    for key in provider.keys().keys:
        for secret in (key.as_pem(private=False), json.dumps(key.as_dict(private=False)).encode()):
            token = mac({"alg": "HS256", "typ": "at+jwt", "kid": key.kid}, claims, secret)
            data = {"grant_type": EXCHANGE, "subject_token": token, "subject_token_type": "urn:ietf:params:oauth:token-type:access_token"}
            answer = rp.post("token_endpoint", data)
            oauth_error(answer, "invalid_grant", "invalid_request", "unauthorized_client", "unsupported_grant_type", status=(400,))
            assert rp.userinfo(token).status_code == 401
    answer = rp.post("token_endpoint", {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": unsigned(claims)})
    oauth_error(answer, "unsupported_grant_type", status=(400,))


def test_CV_2026_16093_policy_is_not_read_from_the_assertion(keyed, rp):
    """An unsigned or foreign assertion header must not choose the policy that judges it."""
    data = {"grant_type": "refresh_token", "refresh_token": "x"}
    claims = {"iss": keyed.id, "sub": keyed.id, "aud": keyed.provider.issuer, "jti": secrets.token_hex(8), "exp": 4102444800}
    oauth_error(keyed.post("token_endpoint", data, assertion=unsigned(claims, kid=keyed.key.kid)), "invalid_client")
    oauth_error(rp.post("token_endpoint", data | {"client_id": rp.id, "client_assertion_type": ASSERTION, "client_assertion": unsigned(claims)}, auth=None),
                "invalid_client", "invalid_request")
    form = {"client_id": keyed.id, "client_secret": "anything"}
    oauth_error(keyed.post("token_endpoint", data | form, auth=None), "invalid_client", "invalid_request")


@pytest.mark.parametrize("kind", ["token", "id_token", "id_token token", "code token", "code id_token", "code id_token token"])
def test_CV_2026_7571_implicit_stays_off(rp, registrar, person, kind):
    """Neither a request nor client data sent by the browser re-enables what is not registered."""
    values = rp.request(response_type=kind) | {"response_types": kind, "implicitFlowEnabled": "true", "client_data": "x"}
    answer = rp.open(person.browser(), values)
    if answer.location:
        assert response(answer, rp.redirect).error in ("unsupported_response_type", "unauthorized_client", "invalid_request")
    else:
        refused_on_a_page(answer)
    if kind not in ("code id_token",):
        record = {k: v for k, v in (document("cve-x", client_name="x") | hybrid(kind)).items() if k not in OPERATOR_ONLY}
        assert registrar.post(record | {"risk_acceptance": {"by": "me"}}).status_code == 400


@pytest.mark.parametrize("uri", [
    "https://cve.example@@evil.example/callback", "https://evil.example@@cve.example/callback", "https://cve.example/..;/callback",
    "https://cve.example/callback/..;/..;/x", "https://cve.example/callback%2f..%2f", "http://localhost/callback", "http://localhost:80/callback",
    "http://127.0.0.1.nip.io/callback", "https://cve.example:443@evil.example/", "https://cve.example/callback\t@evil.example",
])
def test_CV_2026_7504_redirect_uris(rp, registrar, person, uri):
    refused_on_a_page(rp.open(person.browser(), rp.request(redirect_uri=uri), follow=False))
    if "@" in uri or ";" in uri:
        with pytest.raises(Refused):
            registrar.dynamic(**(LEGACY | {"redirect_uris": [uri.replace("..;", "..")] if ";" in uri else [uri]}))


@pytest.mark.parametrize("uri", ["JavaScript:alert(1)", "JAVASCRIPT://cve.example/%0aalert(1)", "java\tscript:alert(1)", " javascript:x", "DATA:text/html,x", "vbScript:x", "blob:x"])
def test_CV_2026_9086_script_schemes(rp, registrar, person, uri):
    refused_on_a_page(rp.open(person.browser(), rp.request(redirect_uri=uri), follow=False))
    for member in ("redirect_uris", "logo_uri", "policy_uri", "tos_uri", "client_uri", "initiate_login_uri", "post_logout_redirect_uris"):
        value = [uri] if member.endswith("uris") else uri
        with pytest.raises(Refused):
            registrar.dynamic(**(LEGACY | {member: value}))


def test_CV_2026_4366_redirects_are_not_followed(registrar, listener):
    uris = ["https://cve-sector.example/cb"]
    listener.serve("/cve-target.json", uris)
    for status in (301, 302, 303, 307, 308):
        path = listener.serve(f"/cve-{status}.json", "", status=status, Location=listener.url + "/cve-target.json")
        with pytest.raises(Refused):
            registrar.dynamic(**(LEGACY | {"sector_identifier_uri": path, "subject_type": "pairwise", "redirect_uris": uris}))
    key = new_key()
    listener.serve("/cve-keys.json", public(key))
    path = listener.serve("/cve-jump.json", "", status=302, Location=listener.url + "/cve-keys.json")
    rp = registrar.dynamic(keys=[key], **(LEGACY | {"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": path}))
    assert rp.post("token_endpoint", {"grant_type": "refresh_token", "refresh_token": "x"}).status_code in (401, 503)
    address = listener.url + "/cve-object.jwt"
    rp = registrar.dynamic(keys=[new_key("RS256")], **LEGACY, request_uris=[address], request_object_signing_alg="RS256")
    listener.serve("/cve-object.jwt", "", status=302, Location=listener.url + "/cve-target.jwt")
    listener.serve("/cve-target.jwt", rp.request_object(rp.request()))
    values = rp.request(request_uri=address)
    answer = rp.provider.http.get(rp.provider.endpoint("authorization_endpoint") + "?" + urlencode(values), allow_redirects=False, timeout=20)
    assert answer.status_code >= 400 or "error=" in answer.headers["Location"]
    assert not listener.requests("/cve-target.json") and not listener.requests("/cve-keys.json") and not listener.requests("/cve-target.jwt")


@pytest.mark.parametrize("address", ["https://169.254.169.254/x", "https://10.0.0.1/x", "https://[::1]/x", "http://127.0.0.1:1/x", "https://2130706433/x"])
def test_CV_2026_1518_notification_endpoint(registrar, person, address):
    """A notification address inside is refused or never reached; the flow ends in tokens all the same."""
    members = {
        "grant_types": ["authorization_code", CIBA], "backchannel_token_delivery_mode": "ping", "ciba_trusted": True,
        "backchannel_authentication_request_signing_alg": "ES256", "backchannel_client_notification_endpoint": address,
    }
    try:
        rp = registrar.fapi("cve-ping-" + secrets.token_hex(3), **members)
    except Refused:
        return
    rp.ping, rp.notified = True, ""
    Prompt(rp, person).accepted().approve().tokens()


def test_CV_2026_9798_ciba_and_lock_out(registrar, make_person, once, rp):
    """A locked PIN stops CIBA at the decision, so at redemption, and is not reset by a new request."""
    ciba = once("cve-ciba", lambda: registrar.fapi(
        "cve-ciba", grant_types=["authorization_code", CIBA], backchannel_token_delivery_mode="poll", ciba_trusted=True,
        backchannel_authentication_request_signing_alg="ES256"))
    ciba.ping, ciba.notified = False, ""
    person = make_person()
    prompt = Prompt(ciba, person).accepted()
    transaction = prompt.transaction()
    for _ in range(5):
        answer = person.device.decide(transaction, number=prompt.body.get("user_number", 0), pin="975310")
        assert answer.status_code == 403
    answer = person.device.decide(transaction, number=prompt.body.get("user_number", 0))
    assert answer.status_code in (403, 409, 410), "the right PIN after the lock"
    polled = prompt.poll()
    oauth_error(polled, "access_denied", "authorization_pending", "expired_token", status=(400,))
    again = Prompt(ciba, person)
    if again.answer.status_code == 200:
        again.accepted()
        open_ = [t for t in person.device.transactions(wait=1) if t["details"]["client_id"] == ciba.id]
        for found in open_:
            assert person.device.decide(found, number=again.body.get("user_number", 0)).status_code in (403, 409, 410)
        oauth_error(again.poll(), "access_denied", "authorization_pending", status=(400,))
    else:
        again.refused("access_denied", "invalid_request", "unknown_user_id")


@pytest.mark.parametrize("path", [
    "//app", "/app/../enrol", "/./app", "/app;x", "/app/..;/enrol", "/%61pp", "/app%2f", "/APP", "/app%00", "/x/..%2fapp", "/enrol/../app",
    "/jwks/../app", "/.well-known/../app", "/device/v1/..%2f..%2fapp", "/connect/register/../../app",
])
def test_CV_2026_15573_path_normalisation(provider, path):
    """Odd spellings of protected paths give a login page, a refusal or nothing; never the page itself."""
    connection = http.client.HTTPConnection(urlsplit(provider.base).netloc, timeout=20)
    connection.request("GET", path, headers={"Accept": "text/html"})
    answer = connection.getresponse()
    body = answer.read().decode(errors="replace")
    assert answer.status in (200, 302, 303, 308, 400, 401, 403, 404), answer.status
    assert "withdraw" not in body and "/app/logout" not in body


def test_CV_2026_18217_parameter_pollution(rp, person):
    """Duplicates are refused at every endpoint, whichever comes first."""
    values = rp.request()
    for name in values:
        pairs = [*values.items(), (name, values[name] if name not in ("redirect_uri",) else "https://evil.example/")]
        answer = person.browser().get("/authorize?" + urlencode(pairs), follow=False)
        assert "evil.example" not in str(answer.location)
        if answer.location:
            assert response(answer, rp.redirect).error == "invalid_request", name
        else:
            refused_on_a_page(answer)
    back = person.log_in(rp)
    address = rp.provider.endpoint("token_endpoint")
    data = {"grant_type": "authorization_code", "code": back["code"], "redirect_uri": rp.redirect}
    for name in data:
        answer = rp.provider.http.post(address, data=[*data.items(), (name, data[name])], auth=(rp.id, rp.secret), timeout=20)
        oauth_error(answer, "invalid_request", status=(400,))
    answer = rp.provider.http.post(address + "?" + urlencode({"code": "x"}), data=data, auth=(rp.id, rp.secret), timeout=20)
    assert answer.status_code in (200, 400)


# node-oidc-provider 9.8 to 9.11


def basic(rp, text):
    head = {"Authorization": "Basic " + base64.b64encode(text).decode()}
    return rp.provider.http.post(rp.provider.endpoint("token_endpoint"), data={"grant_type": "refresh_token", "refresh_token": "x"}, headers=head, timeout=20)


@pytest.mark.parametrize("case", ["no colon", "empty", "bytes", "plus", "spaces", "not base64", "two colons", "percent"])
def test_CV_9_11_loosely_decoded_basic(rp, case):
    text = {
        "no colon": rp.id.encode(), "empty": b"", "bytes": b"\xff\xfe:\xff", "plus": f"{rp.id}+:{rp.secret}".encode(),
        "spaces": f" {rp.id} :{rp.secret}".encode(), "not base64": None, "two colons": f"{rp.id}:{rp.secret}:x".encode(), "percent": b"%zz:%zz",
    }[case]
    if text is None:
        answer = rp.provider.http.post(
            rp.provider.endpoint("token_endpoint"), data={"grant_type": "refresh_token"}, headers={"Authorization": "Basic !!!"}, timeout=20)
    else:
        answer = basic(rp, text)
    oauth_error(answer, "invalid_client", "invalid_request")


@pytest.mark.parametrize("document_", [[5, None], [["https://x.example/cb"]], [{"a": 1}], {"0": "x"}, None, "text", [None] * 10])
def test_CV_9_11_sector_entries(registrar, listener, document_):
    address = listener.serve("/cve-entries.json", json.dumps(document_))
    with pytest.raises(Refused) as no:
        registrar.dynamic(**(LEGACY | {"sector_identifier_uri": address, "subject_type": "pairwise"}))
    assert "invalid_client_metadata" in str(no.value) or "invalid_redirect_uri" in str(no.value)


@pytest.mark.parametrize("claims", [{"htu": 5}, {"htu": ["x"]}, {"htu": None}, {"htm": 5}, {"iat": "now"}, {"iat": 1e300}, {"jti": 5}, {"jti": ""}, {"jti": "x" * 5000}, {"ath": 5}])
def test_CV_9_11_odd_proofs(registrar, once, claims):
    rp = once("cve-fapi", lambda: registrar.fapi("cve-fapi"))
    data = {"grant_type": "refresh_token", "refresh_token": "x"}
    answer = rp.post("token_endpoint", data, dpop=lambda m, a: rp.proof(m, a, **claims))
    assert answer.status_code == 400, f"{answer.status_code} {answer.text[:200]}"
    oauth_error(answer, "invalid_dpop_proof", "invalid_grant", status=(400,))


@pytest.mark.parametrize("aud", [[5], [None], {"a": 1}, 5, True, [[]]])
def test_CV_9_11_odd_audiences(keyed, aud):
    oauth_error(keyed.post("token_endpoint", {"grant_type": "refresh_token", "refresh_token": "x"}, assertion=keyed.assertion(aud=aud)), "invalid_client")


def test_CV_9_11_cors(provider, rp):
    """Opaque and foreign origins get no credentials."""
    for origin in ("null", "https://evil.example", "file://"):
        for address in (provider.endpoint("userinfo_endpoint"), provider.endpoint("token_endpoint")):
            answer = provider.http.options(address, headers={"Origin": origin, "Access-Control-Request-Method": "POST"}, timeout=20)
            assert answer.headers.get("Access-Control-Allow-Credentials") is None
            assert answer.headers.get("Access-Control-Allow-Origin") in (None, "*")


@pytest.mark.parametrize("changes", [
    {"request": ""}, {"request_uri": ""}, {"claims": "[]"}, {"claims": "5"}, {"claims": '{"userinfo":[]}'}, {"claims": '{"userinfo":{"name":5}}'},
    {"authorization_details": "{}"}, {"authorization_details": '[{"type":"unknown"}]'}, {"scope": "openid \u0001"}, {"scope": 'openid "x"'},
    {"scope": "openid  profile"}, {"max_age": "-1"}, {"max_age": "1e9"}, {"prompt": "none login"}, {"prompt": "dance"}, {"display": "hologram"},
    {"dpop_jkt": "x"}, {"acr_values": "x" * 5000}, {"id_token_hint": "x"}, {"id_token_hint": "a.b.c"}, {"resource": "not a uri"},
    {"resource": "https://x.example/#f"}, {"ui_locales": "x" * 5000}, {"login_hint": "\u0000"}, {"response_mode": "carrier-pigeon"}, {"nonce": "x" * 100_000},
], ids=lambda c: "&".join(f"{k}={ascii(v)[:24]}" for k, v in c.items()))
def test_CV_9_11_odd_parameters(rp, person, changes):
    """An error page, an OAuth error at the registered address, or the login page; never a 500."""
    values = rp.request(**changes)
    answer = person.browser().send("POST", "/authorize", data=values, follow=False)
    assert answer.status < 500, f"{answer.status} {answer.text[:200]}"
    if answer.location and not answer.location.startswith(("/", rp.provider.base)):
        assert answer.location.startswith(rp.redirect)
        assert response(answer, rp.redirect).error


def test_CV_9_11_clients_that_are_gone(registrar, person):
    """A client that was deleted in the middle: codes, tokens and logout end with an error, not with a fault."""
    rp = registrar.dynamic(**(LEGACY | {"post_logout_redirect_uris": ["https://gone.example/bye"]}))
    browser = person.browser()
    body = rp.tokens(person.log_in(rp, browser=browser))
    back = person.log_in(rp, browser=browser)
    assert registrar.manage(rp, "DELETE").status_code == 204
    oauth_error(rp.exchange(back), "invalid_client", "invalid_grant")
    answer = browser.get("/connect/logout?" + urlencode({"id_token_hint": body["id_token"], "post_logout_redirect_uri": "https://gone.example/bye"}))
    assert answer.status < 500 and not (answer.location or "").startswith("https://gone.example")


def test_CV_9_11_dpop_jkt_without_dpop(rp, person):
    """`dpop_jkt` binds the code also of a client that need not use DPoP."""
    key = new_key()
    back = person.log_in(rp, dpop_jkt=thumbprint(key))
    oauth_error(rp.exchange(back), "invalid_grant", "invalid_dpop_proof", "invalid_request", status=(400,))
    back = person.log_in(rp, dpop_jkt=thumbprint(key))
    assert granted(rp.exchange(back, dpop=lambda m, a: rp.proof(m, a, key=key)))["token_type"] == "DPoP"
