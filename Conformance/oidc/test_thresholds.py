"""Numeric thresholds of the conformance suite: rows TH-01 to TH-09 (TH-03 waits with the others in test_fapi2.py)."""

import secrets
import time

import pytest

from support.provider import entropy, oauth_error, unguessable
from support.registrations import CIBA, FAPI2, FAPI2_MS, LEGACY, Refused
from support.relying_party import decoded

NOW = time.time


@pytest.fixture
def rp(registrar, once):
    return once("th-fapi", lambda: registrar.fapi("th-fapi"))


@pytest.fixture
def legacy(registrar, once):
    return once("th-legacy", lambda: registrar.add("th-legacy", **LEGACY))


@pytest.fixture
def signing(registrar, once):
    return once("th-ms", lambda: registrar.fapi("th-ms", FAPI2_MS))


def test_TH_01_entropy(rp, legacy, registrar, once, person):
    kinds = {"code": [], "access_token": [], "refresh_token": [], "request_uri": [], "auth_req_id": []}
    for _ in range(3):
        values = rp.request(scope="openid offline_access", prompt="consent")
        answer = rp.push(values).json()
        kinds["request_uri"].append(answer["request_uri"].rsplit(":", 1)[1])
        back = person.log_in(legacy, scope="openid offline_access", prompt="consent")
        kinds["code"].append(back["code"])
        body = legacy.tokens(back)
        kinds["access_token"].append(body["access_token"].rsplit(".", 1)[-1])
        kinds["refresh_token"].append(body["refresh_token"])
    ciba = once("th-ciba", lambda: registrar.fapi(
        "th-ciba", grant_types=["authorization_code", CIBA], backchannel_token_delivery_mode="poll",
        backchannel_authentication_request_signing_alg="ES256", ciba_trusted=True))
    request = ciba.request_object({"scope": "openid", "login_hint": person.kidc, "binding_message": "TH-01 entropy"})
    answer = ciba.post("backchannel_authentication_endpoint", {"request": request})
    assert answer.status_code == 200, answer.text
    kinds["auth_req_id"].append(answer.json()["auth_req_id"])
    person.device.decide(person.device.transactions(wait=5)[0], "deny")
    for kind, texts in kinds.items():
        assert len(set(texts)) == len(texts), kind
        for text in texts:
            unguessable(text)
    assert entropy(kinds["auth_req_id"][0]) > 160


@pytest.mark.parametrize("alg, fits", [("PS256", True), ("ES256", True), ("EdDSA", True), ("RS256", False)])
def test_TH_02_fapi2_algorithms(registrar, alg, fits):
    if not fits:
        with pytest.raises(Refused):
            registrar.fapi(f"th-{alg.lower()}", alg=alg)
        return
    rp = registrar.fapi(f"th-{alg.lower()}", alg=alg)
    assert rp.push(rp.request()).status_code == 201


def test_TH_02_short_keys(registrar):
    """RSA below 2048 bits and curves below 224 are refused."""
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from joserfc.jwk import RSAKey

    from support.authenticator import b64

    short = RSAKey.import_key(rsa.generate_private_key(65537, 1024), {"kid": "short", "use": "sig", "alg": "PS256"})
    members = FAPI2 | {"token_endpoint_auth_signing_alg": "PS256"}
    with pytest.raises(Refused):
        registrar.add("th-rsa1024", jwks={"keys": [short.as_dict(private=False)]}, **members)
    numbers = ec.generate_private_key(ec.SECP192R1()).public_key().public_numbers()
    jwk = {"kty": "EC", "crv": "P-192", "x": b64(numbers.x.to_bytes(24, "big")), "y": b64(numbers.y.to_bytes(24, "big")), "kid": "p192"}
    with pytest.raises(Refused):
        registrar.add("th-p192", jwks={"keys": [jwk]}, **FAPI2)


def test_TH_04_par_expires_in(rp):
    body = rp.push(rp.request()).json()
    assert isinstance(body["expires_in"], int) and 5 <= body["expires_in"] <= 600


def test_TH_05_token_expires_in(rp, legacy, person):
    for client in (rp, legacy):
        back = person.log_in(client)
        body = client.tokens(back)  # granted() asserts the bounds of expires_in
        access = decoded(body["access_token"])
        assert abs(access["exp"] - NOW() - body["expires_in"]) < 30
        assert access["exp"] - access["iat"] <= 3600, "short life (RFC 9700 4.9)"


@pytest.mark.parametrize("seconds, taken", [(10, True), (-10, True), (65, False), (-75, False)])
def test_TH_06_clock_skew(rp, person, seconds, taken):
    """Of client assertions and proofs: `iat` and `nbf` ahead, `exp` behind."""
    now = int(NOW())
    if seconds > 0:
        assertion = rp.assertion(iat=now + seconds, nbf=now + seconds, exp=now + seconds + 30)
    else:
        assertion = rp.assertion(iat=now + seconds - 60, exp=now + seconds)
    answer = rp.push(rp.request(), assertion=assertion)
    assert answer.status_code == 201 if taken else oauth_error(answer, "invalid_client")


@pytest.mark.parametrize(
    "exp, nbf, taken",
    [(3500, 0, True), (3500 - 1800, -1800, True), (3700, 0, False), (4200, 0, False), (60, -3700, False), (60, -4200, False),
     (60, 8, True), (120, 75, False), (-75, -300, False)],
)
def test_TH_07_request_object_window(signing, exp, nbf, taken):
    now = int(NOW())
    request = signing.request_object(signing.request(), exp=now + exp, nbf=now + nbf, iat=now + min(nbf, 0))
    answer = signing.push({"client_id": signing.id, "request": request}, signed=False)
    if taken:
        assert answer.status_code == 201, answer.text
    else:
        oauth_error(answer, "invalid_request", "invalid_request_object")


def test_TH_08_id_token(rp, legacy, person):
    for client in (rp, legacy):
        back = person.log_in(client, max_age="3000")
        _, claims = client.provider.id_token(client.tokens(back)["id_token"], client.id, nonce=back.request["nonce"])
        assert claims["exp"] < NOW() + 50 * 365 * 86400 and claims["iat"] <= NOW() + 1 and claims["auth_time"] <= NOW() + 1
        assert claims["acr"]


TOKEN_ERRORS = {
    "no-grant": ({}, "invalid_request"), "unknown-grant": ({"grant_type": "magic"}, "unsupported_grant_type"),
    "no-code": ({"grant_type": "authorization_code"}, ("invalid_request", "invalid_grant")),
    "wrong-code": ({"grant_type": "authorization_code", "code": "x" * 43, "redirect_uri": "https://th-legacy.example/callback"}, "invalid_grant"),
    "odd-code": ({"grant_type": "authorization_code", "code": "\r\n\t\"\\ក", "redirect_uri": "x"}, "invalid_grant"),
    "wrong-refresh": ({"grant_type": "refresh_token", "refresh_token": "x" * 43}, "invalid_grant"),
    "grant-not-registered": ({"grant_type": "client_credentials"}, "unauthorized_client"),
    "long": ({"grant_type": "authorization_code", "code": "x" * 20000}, ("invalid_grant", "invalid_request")),
}


@pytest.mark.parametrize("case", TOKEN_ERRORS)
def test_TH_09_token_endpoint_errors(legacy, case):
    data, codes = TOKEN_ERRORS[case]
    oauth_error(legacy.post("token_endpoint", data), *([codes] if isinstance(codes, str) else codes), status=(400,))


def test_TH_09_invalid_client_is_401(legacy):
    """RFC 6749 5.2: 401 with WWW-Authenticate when the client used the Authorization header."""
    secret, legacy.secret = legacy.secret, secrets.token_urlsafe(32)
    try:
        answer = legacy.post("token_endpoint", {"grant_type": "client_credentials"})
    finally:
        legacy.secret = secret
    oauth_error(answer, "invalid_client", status=(401,))
    assert answer.headers["WWW-Authenticate"].startswith("Basic")


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data; boundary=x", ""])
def test_TH_09_other_media_types(legacy, kind):
    data, headers = legacy.credentials({"grant_type": "client_credentials"})
    answer = legacy.provider.http.post(
        legacy.provider.endpoint("token_endpoint"), data=b'{"grant_type":"client_credentials"}',
        headers=headers | {"Content-Type": kind}, timeout=20,
    )
    assert data and 400 <= answer.status_code < 500 and "json" in answer.headers["Content-Type"]
