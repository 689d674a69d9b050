"""FAPI 2.0 Security Profile and Message Signing: rows F2-02 to F2-73, and the DPoP matrix 1.7 as cases of F2-53.

Variants: private_key_jwt with DPoP and with mTLS, mTLS for both, signed requests with JARM; OpenID Connect on and off; RAR;
client credentials.
"""

import json
import secrets
import time
from urllib.parse import urlencode, urlsplit

import pytest

from support.provider import granted, is_json, no_store, oauth_error, resource_error, unguessable
from support.registrations import FAPI2, FAPI2_MS, LEGACY, Refused
from support.relying_party import decoded, new_key, refused_on_a_page
from support.tls import agreed, handshake

BOUND = {"dpop_bound_access_tokens": None, "tls_client_certificate_bound_access_tokens": True}
VARIANTS = {
    "sp-dpop": FAPI2,
    "ms-dpop": FAPI2_MS,
    "sp-mtls": FAPI2 | BOUND | {"token_endpoint_auth_method": "tls_client_auth", "token_endpoint_auth_signing_alg": None},
    "sp-self-signed": FAPI2 | BOUND | {"token_endpoint_auth_method": "self_signed_tls_client_auth", "token_endpoint_auth_signing_alg": None},
    "sp-jwt-mtls": FAPI2 | BOUND,
}
ALL = tuple(VARIANTS)
KEYED = ("sp-dpop", "ms-dpop", "sp-jwt-mtls")  # client assertions
DPOP = ("sp-dpop", "ms-dpop")
MAIN = ("sp-dpop", "ms-dpop", "sp-mtls")


def over(*names):
    return pytest.mark.parametrize("variant", names)


signed_only = over("ms-dpop")
dpop_only = over(*DPOP)


@pytest.fixture(scope="module")
def make(registrar, authority, once):
    """A client of a variant, by name."""

    def client(variant, name):
        def build():
            members, certificate, keys = dict(VARIANTS[variant]), None, [new_key("ES256")]
            if variant == "ms-dpop":
                keys = [new_key("PS256")]
                members |= {"request_object_signing_alg": "PS256", "token_endpoint_auth_signing_alg": "PS256"}
            if variant == "sp-mtls":
                certificate = authority.issue(f"{name}-{variant}")
                members |= {"tls_client_auth_san_dns": certificate.dns}
            elif variant == "sp-self-signed":
                certificate = authority.self_signed(f"{name}-{variant}")
                jwk = keys[0].import_key(certificate.key).as_dict(private=False)
                chain = "".join(certificate.pem.strip().splitlines()[1:-1])
                members |= {"jwks": {"keys": [jwk | {"kid": "c1", "use": "sig", "x5c": [chain]}]}}
            elif variant == "sp-jwt-mtls":
                certificate = authority.self_signed(f"{name}-{variant}")
            rp = registrar.add(f"{name}-{variant}", keys=keys, certificate=certificate and certificate.pair, **members)
            rp.bound = certificate
            return rp

        return once(f"{name}-{variant}", build)

    return client


@pytest.fixture
def rp(make, variant):
    return make(variant, "first")


@pytest.fixture
def other(make, variant):
    return make(variant, "second")


@pytest.fixture
def flow(rp, person):
    """A completed authorization."""
    back = person.log_in(rp)
    return back, rp.tokens(back)


def refused_request(rp, answer, *codes):
    """At the PAR endpoint: an OAuth error; no request_uri."""
    assert answer.status_code in (400, 401), f"{answer.status_code}: {answer.text[:300]}"
    return oauth_error(answer, *codes)


def goes_through(person, rp, **options):
    return rp.tokens(person.log_in(rp, **options))


REQUEST_ERRORS = ("invalid_request", "invalid_request_object", "invalid_request_uri")


# The flow


@over(*ALL)
def test_F2_02_happy_flow(rp, other, person, variant):
    """Two clients; the token of the first is of no use with the key of the second."""
    back = person.log_in(rp, scope="openid profile")
    body = rp.tokens(back)
    _, claims = rp.provider.id_token(body["id_token"], rp.id, ["ES256", "PS256", "EdDSA"], nonce=back.request["nonce"])
    assert not {"name", "given_name", "birthdate", "email", "phone_number"} & set(claims)
    info = rp.claims(body["access_token"])
    assert info["sub"] == claims["sub"]
    assert "refresh_token" not in body, "offline_access was not asked for"
    access = decoded(body["access_token"])
    if rp.dpop_key:
        assert body["token_type"] == "DPoP" and access["cnf"]["jkt"] == rp.jkt
    else:
        assert access["cnf"]["x5t#S256"] == rp.bound.thumbprint
    second = goes_through(person, other)
    resource_error(rp.userinfo(second["access_token"]))
    resource_error(other.userinfo(body["access_token"]))
    address = rp.provider.endpoint("userinfo_endpoint", rp.mtls) + "?" + urlencode({"access_token": body["access_token"]})
    assert rp.userinfo(None, address=address, scheme="none").status_code in (400, 401), "a token in the query is taken"
    for accept in ("*/*", "application/json", "application/json;charset=utf-8, */*;q=0.1", "text/html"):
        assert rp.userinfo(body["access_token"], headers={"Accept": accept}).status_code in (200, 406)


BCP195 = {
    "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
}


def tls_port(provider):
    aliases = provider.metadata.get("mtls_endpoint_aliases") or {}
    assert aliases, "no mtls_endpoint_aliases: no TLS listener"
    ports = {urlsplit(address).port for address in aliases.values()}
    assert len(ports) == 1 and all(a.startswith("https://") for a in aliases.values())
    return ports.pop()


def test_F2_02_tls_policy(provider):
    port = tls_port(provider)
    for version in ("tls1", "tls1_1"):
        assert handshake(port, version, "ALL:@SECLEVEL=0") is None, f"{version} is accepted"
    weak = "ALL:!ECDHE:!TLSv1.3:@SECLEVEL=0"
    assert handshake(port, "tls1_2", weak) is None, "TLS 1.2 without forward secrecy"
    assert handshake(port, "tls1_2", "ECDHE+AES:!AESGCM:!AESCCM:@SECLEVEL=0") is None, "CBC suites"
    assert handshake(port, "tls1_2") in BCP195
    version, suite = agreed(port)
    assert version == "TLSv1.3" and suite in BCP195


@over(*MAIN)
def test_F2_03_user_rejects_authentication(rp, person):
    back = person.log_in(rp, walk={"action": "deny"})  # state and iss are checked for every response
    assert back.error == "access_denied" and "code" not in back


@signed_only
def test_F2_04_ensure_request_object_with_multiple_aud_succeeds(rp, person):
    values = rp.request()
    request = rp.request_object(values, aud=[rp.provider.issuer, "https://other.example"])
    finish_pushed(person, rp, values, {"client_id": rp.id, "request": request})


def finish_pushed(person, rp, values, data, **options):
    """Pushes form data as it is and completes the flow."""
    answer = rp.push(data, signed=False, **options)
    assert answer.status_code == 201, f"{answer.status_code}: {answer.text[:300]}"
    return finish(person, rp, values, answer.json()["request_uri"])


def visit(browser, rp, uri, **more):
    query = {"client_id": rp.id, "request_uri": uri} | more
    return browser.get(rp.provider.endpoint("authorization_endpoint") + "?" + urlencode(query))


def finish(person, rp, values, uri, browser=None, **more):
    browser = browser or person.browser()
    back = rp.received(person.walk(browser, visit(browser, rp, uri, **more)), values)
    assert back.error is None, back.values
    return back, rp.tokens(back)


@over(*MAIN)
def test_F2_05_ensure_authorization_request_without_state_success(rp, person):
    assert "state" not in person.log_in(rp, state=None)


@over(*MAIN)
def test_F2_06_ensure_authorization_request_without_nonce_success(rp, person):
    assert "nonce" not in decoded(goes_through(person, rp, nonce=None)["id_token"])


@over(*MAIN)
def test_F2_07_ensure_authorization_request_with_64_char_nonce_success(rp, person):
    nonce = secrets.token_hex(32)
    assert decoded(goes_through(person, rp, nonce=nonce)["id_token"])["nonce"] == nonce


@over(*MAIN)
def test_F2_08_ensure_other_scope_order_succeeds(rp, person):
    goes_through(person, rp, scope="profile openid")


@over(*MAIN)
def test_F2_09_test_claims_parameter_identity_claims(rp, person, metadata):
    ours = {"sub", "iss", "aud", "exp", "iat", "acr", "amr", "auth_time", "nonce", "txn", "sid", "kidc", "national_id", "azp"}
    names = [n for n in metadata["claims_supported"] if n not in ours and n in str(rp.record["purposes"])]
    wanted = {"userinfo": {name: None for name in names} | {"unknown_claim_of_judges": None, "#": None}}
    body = goes_through(person, rp, scope="openid", claims=wanted)
    info = rp.claims(body["access_token"])
    assert not {"unknown_claim_of_judges", "#"} & set(info)
    assert {"name", "gender", "birthdate"} <= set(info) <= {"sub"} | set(names)


@over(*MAIN)
def test_F2_10_access_token_type_header_case_sensitivity(rp, flow):
    name = "DPoP" if rp.dpop_key else "Bearer"
    for scheme in (name.lower(), name.upper(), name):
        assert rp.userinfo(flow[1]["access_token"], scheme=scheme).status_code == 200, scheme


@signed_only
def test_F2_11_ensure_request_object_with_nbf_8_seconds_in_the_future_is_accepted(rp, person):
    values = rp.request()
    finish_pushed(person, rp, values, {"client_id": rp.id, "request": rp.request_object(values, nbf=int(time.time()) + 8)})


# DPoP


@dpop_only
def test_F2_12_check_dpop_proof_nbf_exp(rp, person):
    """Extra nbf and exp in a proof: ignored, or judged as any JWT's would be."""
    back = person.log_in(rp)
    now = int(time.time())
    body = granted(rp.exchange(back, dpop=lambda m, a: rp.proof(m, a, nbf=now, exp=now + 60)))
    answer = rp.userinfo(body["access_token"], dpop=lambda m, a, t: rp.proof(m, a, t, nbf=now, exp=now + 60))
    assert answer.status_code == 200
    stale = rp.userinfo(body["access_token"], dpop=lambda m, a, t: rp.proof(m, a, t, exp=now - 3600))
    assert stale.status_code in (200, 400, 401)


def with_iat(rp, seconds):
    return lambda method, address, token=None: rp.proof(method, address, token, iat=int(time.time()) + seconds)


def shifted(rp, person, seconds):
    values = rp.request()
    data = {"client_id": rp.id, "request": rp.request_object(values)} if rp.signs_requests else values
    answer = rp.push(data, signed=False, dpop=with_iat(rp, seconds))
    assert answer.status_code == 201, answer.text
    browser = person.browser()
    back = rp.received(person.walk(browser, visit(browser, rp, answer.json()["request_uri"])), values)
    body = granted(rp.exchange(back, dpop=with_iat(rp, seconds)))
    assert rp.userinfo(body["access_token"], dpop=with_iat(rp, seconds)).status_code == 200


@dpop_only
def test_F2_13_ensure_dpopproof_with_iat_10seconds_before_succeeds(rp, person):
    shifted(rp, person, -10)


@dpop_only
def test_F2_14_ensure_dpopproof_with_iat_10seconds_after_succeeds(rp, person):
    shifted(rp, person, 10)


@dpop_only
def test_F2_15_ensure_mismatched_dpop_jkt_fails(rp):
    values = rp.request(dpop_jkt=secrets.token_urlsafe(32))
    refused_request(rp, rp.push(values, dpop=rp.proof), "invalid_request", "invalid_dpop_proof", "invalid_request_object")


def by_key(rp, key):
    return lambda method, address, token=None: rp.proof(method, address, token, key=key)


@dpop_only
def test_F2_16_ensure_token_endpoint_fails_with_mismatched_dpop_proof_jkt(rp, person):
    """A code whose request was pushed with a proof is bound to that key."""
    values = rp.request()
    uri = rp.pushed(values, dpop=rp.proof)
    browser = person.browser()
    back = rp.received(person.walk(browser, visit(browser, rp, uri)), values)
    oauth_error(rp.exchange(back, dpop=by_key(rp, new_key())), "invalid_grant", "invalid_dpop_proof", status=(400,))


@dpop_only
def test_F2_17_ensure_token_endpoint_fails_with_mismatched_dpop_jkt(rp, person):
    back = person.log_in(rp, dpop_jkt=rp.jkt)
    oauth_error(rp.exchange(back, dpop=by_key(rp, new_key())), "invalid_grant", "invalid_dpop_proof", status=(400,))


@dpop_only
def test_F2_18_ensure_dpopproof_at_par_endpoint_binding_success(rp, person):
    values = rp.request()
    finish(person, rp, values, rp.pushed(values, dpop=rp.proof))


@dpop_only
def test_F2_19_ensure_dpop_auth_code_binding_success(rp, person):
    goes_through(person, rp, dpop_jkt=rp.jkt)


# Request objects


@signed_only
def test_F2_20_ensure_different_nonce_inside_and_outside_request_object(rp, person):
    values = rp.request()
    data = {"client_id": rp.id, "request": rp.request_object(values), "nonce": "outer-nonce"}
    answer = rp.push(data, signed=False)
    if answer.status_code != 201:
        refused_request(rp, answer)
        return
    _, body = finish(person, rp, values, answer.json()["request_uri"], nonce="outermost")
    assert decoded(body["id_token"])["nonce"] == values["nonce"]


@signed_only
def test_F2_21_ensure_different_state_inside_and_outside_request_object(rp, person):
    values = rp.request()
    data = {"client_id": rp.id, "request": rp.request_object(values), "state": "outer-state"}
    answer = rp.push(data, signed=False)
    if answer.status_code != 201:
        refused_request(rp, answer)
        return
    finish(person, rp, values, answer.json()["request_uri"], state="outermost")  # received() compares the inner one


@over(*MAIN)
def test_F2_22_ensure_authorization_request_with_long_nonce(rp, person):
    values = rp.request(nonce="n" * 384)
    answer = rp.push(values)
    if answer.status_code != 201:
        refused_request(rp, answer, *REQUEST_ERRORS)
        return
    _, body = finish(person, rp, values, answer.json()["request_uri"])
    assert decoded(body["id_token"])["nonce"] == "n" * 384


@over(*MAIN)
def test_F2_23_ensure_authorization_request_with_long_state(rp, person):
    values = rp.request(state="s" * 1024)
    answer = rp.push(values)
    if answer.status_code != 201:
        refused_request(rp, answer, *REQUEST_ERRORS)
        return
    finish(person, rp, values, answer.json()["request_uri"])


def object_refused(rp, **changes):
    """A request object that must not be taken."""
    options = {name: changes.pop(name) for name in ("key", "alg", "header") if name in changes}
    values = changes.pop("values", None) or rp.request()
    data = {"client_id": rp.id, "request": rp.request_object(values, **options, **changes)}
    return refused_request(rp, rp.push(data, signed=False), *REQUEST_ERRORS, "request_not_supported", "invalid_client")


@signed_only
def test_F2_24_ensure_request_object_without_exp_fails(rp):
    object_refused(rp, exp=None)


@signed_only
def test_F2_25_ensure_request_object_without_nbf_fails(rp):
    object_refused(rp, nbf=None)


@signed_only
def test_F2_26_state_only_outside_request_object_not_used(rp, person):
    values = rp.request(state=None)
    answer = rp.push({"client_id": rp.id, "request": rp.request_object(values), "state": "outside"}, signed=False)
    if answer.status_code != 201:
        refused_request(rp, answer)
        return
    back, _ = finish(person, rp, values, answer.json()["request_uri"], state="outermost")
    assert "state" not in back


@signed_only
def test_F2_27_ensure_request_object_without_redirect_uri_fails(rp):
    object_refused(rp, values=rp.request(redirect_uri=None))


@signed_only
def test_F2_28_ensure_expired_request_object_fails(rp):
    object_refused(rp, exp=int(time.time()) - 300, nbf=int(time.time()) - 600, iat=int(time.time()) - 600)


@signed_only
@pytest.mark.parametrize("aud", ["https://other.example", None, [], ["https://other.example"], 5])
def test_F2_29_ensure_request_object_with_bad_aud_fails(rp, aud):
    object_refused(rp, aud=aud)


@signed_only
def test_F2_30_ensure_request_object_with_exp_over_60_fails(rp):
    object_refused(rp, exp=int(time.time()) + 70 * 60)


@signed_only
def test_F2_31_ensure_request_object_with_nbf_over_60_fails(rp):
    object_refused(rp, nbf=int(time.time()) - 70 * 60, iat=int(time.time()) - 70 * 60)


@signed_only
def test_F2_32_ensure_signed_request_object_with_rs256_fails(rp):
    object_refused(rp, alg="RS256")


@signed_only
def test_F2_33_ensure_request_object_signature_algorithm_is_not_none(rp):
    object_refused(rp, alg="none")


@signed_only
def test_F2_34_ensure_request_object_with_invalid_signature_fails(rp):
    values = rp.request()
    request = rp.request_object(values)
    bad = request[:-6] + ("AAAAAA" if request[-6:] != "AAAAAA" else "BBBBBB")
    refused_request(rp, rp.push({"client_id": rp.id, "request": bad}, signed=False), *REQUEST_ERRORS)


@signed_only
def test_F2_35_ensure_matching_key_in_authorization_request(rp, other):
    object_refused(rp, key=other.key, header={"kid": rp.key.kid})
    object_refused(rp, key=other.key)


@signed_only
def test_F2_36_ensure_unsigned_request_at_par_endpoint_fails(rp):
    refused_request(rp, rp.push(rp.request(), signed=False), *REQUEST_ERRORS)


# Redirect URIs, response types, PAR only


@over(*MAIN)
def test_F2_37_ensure_registered_redirect_uri(rp):
    values = rp.request(redirect_uri=rp.redirect + "/suffix")
    refused_request(rp, rp.push(values), "invalid_request", "invalid_redirect_uri", "invalid_request_object")


@over(*MAIN)
def test_F2_38_plain_fapi_tolerate_unregistered_redirect_uri(rp):
    """RFC 9126 2.4 would permit addresses that nobody registered; 1.6 answers: we do not."""
    values = rp.request(redirect_uri="https://unregistered.example/callback")
    refused_request(rp, rp.push(values), "invalid_request", "invalid_redirect_uri", "invalid_request_object")


@over(*MAIN)
def test_F2_39_ensure_unsigned_authorization_request_without_using_par_fails(rp, person):
    values = rp.request()
    answer = person.browser().get(rp.provider.endpoint("authorization_endpoint") + "?" + urlencode(values), follow=False)
    if answer.location:
        back = rp.received(answer, values)
        assert back.error in REQUEST_ERRORS, back.values
    else:
        refused_on_a_page(answer, *REQUEST_ERRORS)


@over(*MAIN)
def test_F2_40_ensure_redirect_uri_in_authorization_request(rp):
    refused_request(rp, rp.push(rp.request(redirect_uri=None)), *REQUEST_ERRORS)


def only_code(rp, response_type):
    values = rp.request(response_type=response_type)
    answer = rp.push(values)
    refused_request(rp, answer, "unsupported_response_type", "unauthorized_client", *REQUEST_ERRORS)


@over(*MAIN)
def test_F2_41_ensure_response_type_code_idtoken_fails(rp):
    only_code(rp, "code id_token")


@over(*MAIN)
def test_F2_42_ensure_response_type_token_fails(rp):
    only_code(rp, "token")


# The token endpoint


@over(*MAIN)
def test_F2_43_ensure_client_id_in_token_endpoint(rp, other, person):
    back = person.log_in(rp)
    data, _ = rp.credentials({})
    data["client_id"] = other.id
    oauth_error(rp.exchange(back, auth=None, **data), "invalid_client", "invalid_request")


@over(*ALL)
def test_F2_44_ensure_holder_of_key_required(rp, person):
    back = person.log_in(rp)
    if rp.dpop_key:
        oauth_error(rp.exchange(back, dpop=None), "invalid_request", "invalid_dpop_proof", "invalid_grant", status=(400,))
    else:
        answer = rp.exchange(back, mtls=False)
        oauth_error(answer, "invalid_request", "invalid_client", "invalid_grant", status=(400, 401))


def test_F2_44_tls_on_every_endpoint(provider):
    tls_port(provider)
    aliases = provider.metadata["mtls_endpoint_aliases"]
    assert {"token_endpoint", "pushed_authorization_request_endpoint", "userinfo_endpoint"} <= set(aliases)
    for address in aliases.values():
        assert provider.http.get(address, timeout=20).status_code < 500


@over(*MAIN)
def test_F2_45_ensure_authorization_code_is_bound_to_client(rp, other, person):
    back = person.log_in(rp)
    oauth_error(other.exchange(back), "invalid_grant", status=(400,))


@over(*MAIN)
def test_F2_46_attempt_reuse_authorization_code_after_one_second(rp, flow):
    back, body = flow
    time.sleep(1)
    oauth_error(rp.exchange(back), "invalid_grant", status=(400,))
    resource_error(rp.userinfo(body["access_token"]))


@pytest.fixture(scope="module", autouse=True)
def aged(make, pool, registrar, once):
    """Codes and request_uris that nobody uses until the end of this file."""
    kept = {}
    try:
        legacy = once("th-code", lambda: registrar.add("th-code", **LEGACY))
        kept["legacy"] = (legacy, next(pool).log_in(legacy), time.time())
    except (Exception, pytest.fail.Exception) as trouble:
        kept["legacy"] = trouble
    for variant in MAIN:
        try:
            rp, person = make(variant, "first"), next(pool)
            values = rp.request()
            kept[variant] = (person.log_in(rp), values, rp.pushed(values), time.time())
        except (Exception, pytest.fail.Exception) as trouble:
            kept[variant] = trouble
    return kept


def client_refused(rp, person, **how):
    """An assertion that must not be taken, at the token endpoint and at PAR."""
    back = person.log_in(rp)
    oauth_error(rp.exchange(back, assertion=rp.assertion(**how)), "invalid_client")
    oauth_error(rp.push(rp.request(), assertion=rp.assertion(**how)), "invalid_client")


@pytest.mark.parametrize("variant", ["rs256"])
def test_F2_48_ensure_signed_client_assertion_with_rs256_fails(registrar, once, variant):
    """A client with an RSA key: PS256 is taken, RS256 is not, and cannot be registered."""
    rp = once("fapi-ps256", lambda: registrar.fapi("fapi-ps256", alg="PS256"))
    assert rp.push(rp.request()).status_code == 201
    oauth_error(rp.push(rp.request(), assertion=rp.assertion(alg="RS256")), "invalid_client")
    with pytest.raises(Refused):
        registrar.fapi("fapi-rs256", alg="RS256")


@over(*MAIN)
def test_F2_49_ensure_client_assertion_in_token_endpoint(rp, person):
    back = person.log_in(rp)
    answer = rp.exchange(back, auth=None, client_id=rp.id, mtls=False if rp.auth == "tls_client_auth" else rp.mtls)
    oauth_error(answer, "invalid_client", "invalid_request")


@over(*KEYED)
def test_F2_50_ensure_client_assertion_exp_is_5_minutes_in_past_fails(rp, person):
    client_refused(rp, person, exp=int(time.time()) - 300, iat=int(time.time()) - 360)


@over(*KEYED)
def test_F2_51_ensure_client_assertion_with_wrong_aud_fails(rp, person):
    client_refused(rp, person, aud="https://other.example")


@over(*KEYED)
def test_F2_52_ensure_client_assertion_with_no_sub_fails(rp, person):
    client_refused(rp, person, sub=None)


# 1.7


def negative(name):
    """The proof of a case, as a function of (rp, method, address, token, a proof used before)."""
    def changed(header=None, alg="ES256", key=None, **changes):
        return lambda rp, m, a, t, _: rp.proof(m, a, t, key=key, alg=alg, header=header, **changes)

    def private(rp, m, a, t, _):
        jwk = {k: v for k, v in rp.dpop_key.as_dict(private=True).items() if k not in ("kid", "use", "alg")}
        return rp.proof(m, a, t, header={"jwk": jwk})

    def rs256(rp, m, a, t, _):
        return rp.proof(m, a, t, key=new_key("RS256"), alg="RS256")

    def signature(rp, m, a, t, _):
        proof = rp.proof(m, a, t)
        return proof[:-8] + ("AAAAAAAA" if proof[-8:] != "AAAAAAAA" else "BBBBBBBB")

    return {
        "value-upper-cased": lambda rp, m, a, t, _: rp.proof(m, a, t).upper(),
        "two-headers": lambda rp, m, a, t, _: rp.proof(m, a, t) + ", " + rp.proof(m, a, t),
        "not-a-jwt": lambda *_: "this is not a JWT",
        "no-typ": changed({"typ": None}), "no-jwk": changed({"jwk": None}),
        "no-alg": lambda rp, m, a, t, _: without_alg(rp.proof(m, a, t)),
        "no-jti": changed(jti=None), "no-htm": changed(htm=None), "no-htu": changed(htu=None), "no-iat": changed(iat=None),
        "no-ath": changed(ath=None),
        "typ-wrong": changed({"typ": "JWT"}), "rs256": rs256, "alg-none": changed(alg="none"), "bad-signature": signature,
        "private-key": private, "htm-wrong": changed(htm="DELETE"), "htu-wrong": changed(htu="https://other.example/userinfo"),
        "iat-hour-ahead": lambda rp, m, a, t, _: rp.proof(m, a, t, iat=int(time.time()) + 3600),
        "iat-hour-ago": lambda rp, m, a, t, _: rp.proof(m, a, t, iat=int(time.time()) - 3600),
        "jti-twice": lambda rp, m, a, t, used: rp.proof(m, a, t, jti=used),
        "ath-wrong": changed(ath="fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"),
        "other-key": lambda rp, m, a, t, _: rp.proof(m, a, t, key=new_key()),
        "no-proof": None, "as-bearer": "bearer",
    }[name]


def without_alg(proof):
    import base64

    head, rest = proof.split(".", 1)
    header = json.loads(base64.urlsafe_b64decode(head + "=="))
    del header["alg"]
    return base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode() + "." + rest


NEGATIVE = [
    "value-upper-cased", "two-headers", "not-a-jwt", "no-typ", "no-alg", "no-jwk", "no-jti", "no-htm", "no-htu", "no-iat", "no-ath",
    "typ-wrong", "rs256", "alg-none", "bad-signature", "private-key", "htm-wrong", "htu-wrong", "iat-hour-ahead", "iat-hour-ago",
    "jti-twice", "ath-wrong", "other-key", "no-proof", "as-bearer",
]


@pytest.fixture
def dpop_token(make, once, pool):
    """A token of the DPoP client, the client, and the jti of a proof that was used."""
    def build():
        rp = make("sp-dpop", "first")
        body = goes_through(next(pool), rp)
        jti = secrets.token_urlsafe(16)
        answer = rp.userinfo(body["access_token"], dpop=lambda m, a, t: rp.proof(m, a, t, jti=jti))
        assert answer.status_code == 200
        return rp, body["access_token"], jti

    return once("dpop token", build)


@pytest.mark.parametrize("case", NEGATIVE)
def test_F2_53_dpop_negative(dpop_token, case):
    rp, token, used = dpop_token
    make_proof = negative(case)
    if make_proof is None:
        answer = rp.userinfo(token, dpop=None)
    elif make_proof == "bearer":
        answer = rp.userinfo(token, scheme="Bearer", dpop=None)
    else:
        answer = rp.userinfo(token, dpop=lambda m, a, t: make_proof(rp, m, a, t, used))
    assert answer.status_code in (400, 401), f"{answer.status_code} {answer.text[:200]}"
    resource_error(answer)
    assert "sub" not in answer.text or "error" in answer.text
    assert "use_dpop_nonce" not in answer.headers["WWW-Authenticate"], "only the nonce was looked at"
    assert rp.userinfo(token).status_code == 200, "a correct proof at the end still works"


@pytest.mark.parametrize("case", [c for c in NEGATIVE if c not in ("no-ath", "ath-wrong", "jti-twice", "other-key", "as-bearer")])
def test_F2_53_dpop_negative_token_endpoint(make, person, case):
    rp = make("sp-dpop", "first")
    back = person.log_in(rp)
    make_proof = negative(case)
    proof = None if make_proof is None else (lambda m, a: make_proof(rp, m, a, None, None))
    oauth_error(rp.exchange(back, dpop=proof), "invalid_dpop_proof", "invalid_request", "invalid_grant", status=(400,))


def accepted(case):
    def htu(change):
        return lambda rp, m, a, t: rp.proof(m, a, t, htu=change(a))

    def upper_host(address):
        parts = urlsplit(address)
        return f"{parts.scheme.upper()}://{parts.netloc.upper()}{parts.path}"

    return {
        "query": htu(lambda a: a + "?x=1"), "fragment": htu(lambda a: a + "#part"), "both": htu(lambda a: a + "?x=1#part"),
        "case": htu(upper_host), "extra-claim": lambda rp, m, a, t: rp.proof(m, a, t, extra="x", sub="someone"),
        "extra-header": lambda rp, m, a, t: rp.proof(m, a, t, header={"extra": "x"}),
        "correct": lambda rp, m, a, t: rp.proof(m, a, t),
    }[case]


@pytest.mark.parametrize("case", ["query", "fragment", "both", "case", "extra-claim", "extra-header", "correct"])
def test_F2_53_dpop_accepted(dpop_token, case):
    rp, token, _ = dpop_token
    make_proof = accepted(case)
    answer = rp.userinfo(token, dpop=lambda m, a, t: make_proof(rp, m, a, t))
    assert answer.status_code == 200, answer.headers.get("WWW-Authenticate")


@dpop_only
def test_F2_53_no_token_without_proof(rp, person):
    """mosip/esignet#2600: a client that mandates DPoP got a token without a proof."""
    answer = rp.exchange(person.log_in(rp), dpop=None)
    assert answer.status_code == 400 and "access_token" not in answer.text


# Refresh


@over(*ALL)
def test_F2_54_refresh_token(rp, other, person):
    body = goes_through(person, rp, scope="openid offline_access", prompt="consent")
    token = body["refresh_token"]
    unguessable(token)
    oauth_error(other.refresh(token), "invalid_grant", status=(400,))
    if rp.auth == "private_key_jwt":
        oauth_error(rp.refresh(token, auth=None, client_id=rp.id), "invalid_client", "invalid_request")
    if rp.dpop_key:
        oauth_error(rp.refresh(token, dpop=None), "invalid_request", "invalid_grant", "invalid_dpop_proof", status=(400,))
    else:
        oauth_error(rp.refresh(token, mtls=False), "invalid_request", "invalid_grant", "invalid_client")
    renewed = granted(rp.refresh(token))
    assert rp.claims(renewed["access_token"])["sub"] == decoded(body["id_token"])["sub"]
    granted(rp.refresh(token))  # the answer may have been lost: the old one serves again
    assert renewed.get("refresh_token", token) == token, "1.14: confidential and sender-constrained clients are not rotated"


def test_F2_55_ensure_server_handles_non_matching_intent_id():
    pytest.skip("a rule of the OpenBanking UK profile alone")


@over(*MAIN)
def test_F2_56_test_essential_acr_sca_claim(rp, person, metadata):
    for acr in metadata["acr_values_supported"] + ["urn:judges:unknown"]:
        values = rp.request(claims={"id_token": {"acr": {"essential": True, "values": [acr]}}})
        pushed = rp.push(values)
        if pushed.status_code != 201:
            refused_request(rp, pushed, "access_denied", "unmet_authentication_requirements")
            continue
        browser = person.browser()
        back = rp.received(person.walk(browser, visit(browser, rp, pushed.json()["request_uri"])), values)
        if back.error:
            assert back.error in ("access_denied", "unmet_authentication_requirements"), back.values
            continue
        reached = decoded(rp.tokens(back)["id_token"])["acr"]
        assert level(reached) >= level(acr) and acr in metadata["acr_values_supported"], f"{reached} for {acr}"


def level(acr):
    return {"1": 1, "2": 2, "3": 3, "3plus": 4}.get(acr.rsplit(":", 1)[-1], 9)


# PAR


@over(*MAIN)
def test_F2_57_par_ensure_reused_request_uri_prior_to_auth_completion_succeeds(rp, person):
    values = rp.request()
    uri, browser = rp.pushed(values), person.browser()
    first = visit(browser, rp, uri)
    again = visit(browser, rp, uri)
    assert first.status == again.status == 200, f"{again.status} {again.error}"
    back = rp.received(person.walk(browser, again), values)
    rp.tokens(back)


@over(*MAIN)
def test_F2_58_par_attempt_reuse_request_uri(rp, person):
    values = rp.request()
    uri, browser = rp.pushed(values), person.browser()
    finish(person, rp, values, uri, browser)
    for again in (browser, person.browser()):
        answer = visit(again, rp, uri)
        if answer.location:
            assert rp.received(answer, values).error in ("invalid_request_uri", "invalid_request")
        else:
            refused_on_a_page(answer, "invalid_request_uri", "invalid_request")


@over(*KEYED)
def test_F2_60_par_ensure_jwt_client_assertions_nbf_8_seconds_in_the_future_is_accepted(rp):
    now = int(time.time())
    answer = rp.push(rp.request(), assertion=rp.assertion(nbf=now + 8, iat=now + 8, exp=now + 68))
    assert answer.status_code == 201, answer.text


@over(*KEYED)
def test_F2_61_par_ensure_jwt_client_assertions_nbf_over_60_seconds_in_the_future_fails(rp):
    now = int(time.time())
    oauth_error(rp.push(rp.request(), assertion=rp.assertion(nbf=now + 75, exp=now + 120)), "invalid_client")


@over(*MAIN)
def test_F2_62_par_attempt_to_use_request_uri_for_different_client(rp, other, person):
    refused_on_a_page(visit(person.browser(), other, rp.pushed(rp.request())))


@over(*MAIN)
def test_F2_63_par_authorization_request_containing_request_uri_form_param(rp):
    uri = rp.pushed(rp.request())
    values = rp.request()
    data = {"client_id": rp.id, "request": rp.request_object(values)} if rp.signs_requests else values
    refused_request(rp, rp.push(data | {"request_uri": uri}, signed=False), *REQUEST_ERRORS)


@signed_only
def test_F2_64_par_authorization_request_containing_request_uri(rp):
    uri = rp.pushed(rp.request())
    object_refused(rp, values=rp.request() | {"request_uri": uri})
    object_refused(rp, values=rp.request() | {"request": "a.b.c"})


@over("sp-dpop")
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_F2_65_par_attempt_invalid_http_method(rp, method):
    address = rp.provider.endpoint("pushed_authorization_request_endpoint")
    data, headers = rp.credentials(rp.request())
    answer = rp.provider.http.request(method, address, params=data if method == "GET" else None, data=data, headers=headers, timeout=20)
    assert 400 <= answer.status_code < 500 and "request_uri" not in answer.text


@over(*MAIN)
def test_F2_66_par_ensure_pkce_required(rp):
    refused_request(rp, rp.push(rp.request(code_challenge=None, code_challenge_method=None)), *REQUEST_ERRORS)


@over(*MAIN)
def test_F2_67_ensure_pkce_code_verifier_required(rp, person):
    oauth_error(rp.exchange(person.log_in(rp), code_verifier=None), "invalid_grant", "invalid_request", status=(400,))


@over(*MAIN)
def test_F2_68_incorrect_pkce_code_verifier_rejected(rp, person):
    oauth_error(rp.exchange(person.log_in(rp), code_verifier=secrets.token_urlsafe(32)), "invalid_grant", status=(400,))


@over(*MAIN)
def test_F2_69_par_plain_pkce_rejected(rp):
    for changes in ({"code_challenge_method": "plain"}, {"code_challenge_method": None}):
        refused_request(rp, rp.push(rp.request(**changes)), *REQUEST_ERRORS)


@over(*MAIN)
def test_F2_70_par_without_duplicate_parameters(rp, person):
    values = rp.request()
    finish(person, rp, values, rp.pushed(values))


@over(*KEYED)
def test_F2_71_par_test_array_as_audience_fails(rp):
    for aud in ([rp.provider.issuer], [rp.provider.issuer, "https://other.example"], [], {}, 5):
        oauth_error(rp.push(rp.request(), assertion=rp.assertion(aud=aud)), "invalid_client")


@over(*KEYED)
def test_F2_72_par_test_par_endpoint_url_as_audience_fails(rp):
    aud = rp.provider.endpoint("pushed_authorization_request_endpoint", rp.mtls)
    oauth_error(rp.push(rp.request(), assertion=rp.assertion(aud=aud)), "invalid_client")


@over(*KEYED)
def test_F2_73_par_test_token_endpoint_url_as_audience_fails(rp, person):
    aud = rp.provider.endpoint("token_endpoint", rp.mtls)
    client_refused(rp, person, aud=aud)


# Variants of the plan


@over(*MAIN)
def test_F2_02_without_openid(rp, person):
    """Plain OAuth: no ID token when the scope has no openid. A provider of identities may refuse such a scope."""
    values = rp.request(scope="profile", nonce=None)
    answer = rp.push(values)
    if answer.status_code != 201:
        refused_request(rp, answer, "invalid_scope", *REQUEST_ERRORS)
        pytest.skip("requests without openid are not offered")
    _, body = finish(person, rp, values, answer.json()["request_uri"])
    assert "id_token" not in body


@over("sp-dpop", "ms-dpop")
def test_F2_02_rich_authorization_requests(registrar, once, person, metadata, variant):
    types = metadata.get("authorization_details_types_supported")
    assert types, "no type of authorization_details is advertised"
    profile = FAPI2_MS if variant == "ms-dpop" else FAPI2
    rp = once(f"rar-{variant}", lambda: registrar.fapi(f"rar-{variant}", profile, authorization_details_types=types))
    for bad in ([{"type": "of-judges"}], [{}], [5], {"type": types[0]}, [{"type": 5}], [{"type": None}]):
        code = refused_request(rp, rp.push(rp.request(authorization_details=bad)))
        assert code in ("invalid_authorization_details", *REQUEST_ERRORS), code


@over("sp-dpop")
def test_F2_02_client_credentials(registrar, once, variant):
    """fapi_client_credentials_grant: bound tokens without a person."""
    members = FAPI2 | {"grant_types": ["client_credentials"], "response_types": [], "redirect_uris": []}
    key = new_key()
    rp = once("cc", lambda: registrar.add("cc-judge", keys=[key], **members))
    answer = rp.post("token_endpoint", {"grant_type": "client_credentials"})
    body = granted(answer)
    access = decoded(body["access_token"])
    assert body["token_type"] == "DPoP" and access["cnf"]["jkt"] == rp.jkt and access["sub"] and "refresh_token" not in body
    oauth_error(rp.post("token_endpoint", {"grant_type": "client_credentials"}, dpop=None), status=(400,))
    resource_error(rp.userinfo(body["access_token"]))


@dpop_only
def test_F2_02_nonces(rp, flow):
    """RFC 9449 section 8: a nonce that is not the provider's asks for another try with the one given."""
    answer = rp.userinfo(flow[1]["access_token"], dpop=lambda m, a, t: rp.proof(m, a, t, nonce="nonce-of-the-judges"))
    assert answer.status_code == 401 and answer.headers.get("DPoP-Nonce")
    assert rp.userinfo(flow[1]["access_token"]).status_code == 200


@over(*MAIN)
def test_F2_02_par_answer(rp):
    answer = rp.push(rp.request())
    assert answer.status_code == 201
    no_store(answer)
    body = is_json(answer)
    assert body["request_uri"].startswith("urn:ietf:params:oauth:request_uri:") and 5 <= body["expires_in"] <= 600
    unguessable(body["request_uri"].rsplit(":", 1)[1])


# Last: what has to be a minute old


@over(*MAIN)
@pytest.mark.slow
def test_F2_47_ensure_token_endpoint_fails_with_expired_auth_code(aged, make, variant):
    assert isinstance(aged[variant], tuple), aged[variant]
    back, _, _, since = aged[variant]
    time.sleep(max(0.0, since + 62 - time.time()))
    oauth_error(make(variant, "first").exchange(back), "invalid_grant", status=(400,))


@pytest.mark.slow
def test_TH_03_code_lifetime(aged):
    """1.8, of a client of OpenID Connect alone."""
    assert isinstance(aged["legacy"], tuple), aged["legacy"]
    rp, back, since = aged["legacy"]
    time.sleep(max(0.0, since + 62 - time.time()))
    oauth_error(rp.exchange(back), "invalid_grant", status=(400,))


@over(*MAIN)
@pytest.mark.slow
def test_F2_59_par_attempt_to_use_expired_request_uri(aged, make, person, variant):
    assert isinstance(aged[variant], tuple), aged[variant]
    _, values, uri, since = aged[variant]
    time.sleep(max(0.0, since + 92 - time.time()))
    rp = make(variant, "first")
    answer = visit(person.browser(), rp, uri)
    if answer.location:
        assert rp.received(answer, values).error in ("invalid_request_uri", "invalid_request")
    else:
        refused_on_a_page(answer, "invalid_request_uri", "invalid_request")
