"""A login from discovery to userinfo, by an OpenID Connect client that no one here wrote."""

import base64
import hashlib
import json
import time
from urllib.parse import urlsplit

import pytest
import requests
from joserfc import jwe, jwt
from joserfc.jwk import ECKey, KeySet, RSAKey
from requests_oauth2client import BearerToken, ClientSecretBasic, OAuth2Client, PrivateKeyJwt

from support.browser import Browser
from support.login import approve, ask

AAL1 = "urn:kh:camdigikey:aal:1"


def independent_client(client, auth=None, algorithm="RS256"):
    return OAuth2Client.from_discovery_endpoint(
        issuer=client.base, auth=auth or ClientSecretBasic(client.id, client.secret), redirect_uri=client.redirect,
        id_token_signed_response_alg=algorithm, testing=True,
    )


def complete(oidc, citizen, share=None, choose=None, **request):
    """discovery → authorize → approval → code → token, all checks by requests_oauth2client."""
    wanted = oidc.authorization_request(**({"scope": "openid profile phone"} | request))
    browser = Browser(citizen.base)
    waiting = ask(browser, browser.get(wanted.uri), citizen.kidc, **(choose or {}))
    approve(citizen.device, waiting, share)
    back = browser.get(waiting.url)
    assert back.location.startswith(oidc.redirect_uri), back.location
    response = wanted.validate_callback(back.location)  # state and iss
    token = oidc.authorization_code(response, validate=True)  # PKCE, nonce, at_hash, signature, iss, aud, exp
    assert isinstance(token, BearerToken) and token.id_token
    return wanted, token


def validated(base, raw, client_id, algorithm):
    """The ID token's claims, by joserfc against /jwks."""
    keys = KeySet.import_key_set(requests.get(f"{base}/jwks", timeout=10).json())
    token = jwt.decode(raw, keys, algorithms=[algorithm])
    registry = jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": base}, aud={"essential": True, "value": client_id},
        exp={"essential": True}, iat={"essential": True}, sub={"essential": True},
    )
    registry.validate(token.claims)
    assert token.header["kid"]
    return token.claims


def test_independent_client_completes_the_flow(clients, citizen):
    client = clients["test-client"]
    wanted, token = complete(independent_client(client), citizen)
    claims = validated(client.base, str(token.id_token), client.id, "RS256")
    assert claims["nonce"] == wanted.nonce
    assert claims["acr"] == AAL1 and set(claims["amr"]) >= {"pin", "pop", "swk"}
    assert abs(claims["auth_time"] - time.time()) < 120
    half = hashlib.sha256(token.access_token.encode()).digest()[:16]
    assert claims["at_hash"] == base64.urlsafe_b64encode(half).rstrip(b"=").decode()
    assert 0 < claims["exp"] - claims["iat"] <= 3600
    answer = requests.get(f"{client.base}/userinfo", auth=token, timeout=10)
    assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("application/json")
    info = answer.json()
    # Preselected: the two essential attributes; optional ones only when the person ticks them.
    assert set(info) == {"sub", "name_km", "birthdate"}
    assert info["sub"] == claims["sub"]
    assert info["name_km"] == citizen.person["name_km"] and info["birthdate"] == citizen.person["birthdate"]
    leaked = {"name", "name_km", "birthdate", "phone_number", "kidc", "email", "gender"} & set(claims)
    assert not leaked, "personal attributes belong in userinfo, not in the ID token"


def test_optional_attributes_come_only_when_chosen(client, citizen):
    token = citizen.tokens(client, choose={"name_latin": True, "gender": True})
    info = client.userinfo(token["access_token"]).json()
    assert set(info) == {"sub", "name_km", "birthdate", "name_latin", "gender"}
    assert info["name_latin"] == citizen.person["name_latin"] and info["gender"] == citizen.person["gender"]


def test_device_may_give_less_than_the_browser_chose(client, citizen):
    token = citizen.tokens(client, choose={"name_latin": True}, share=["name_latin"])
    assert set(client.userinfo(token["access_token"]).json()) == {"sub", "name_latin"}


def test_nothing_at_all_may_be_shared(client, citizen):
    token = citizen.tokens(client, share=[])
    assert set(client.userinfo(token["access_token"]).json()) == {"sub"}


def test_essential_attributes_may_be_withheld_in_the_browser(client, citizen):
    token = citizen.tokens(client, choose={"birthdate": False})
    assert set(client.userinfo(token["access_token"]).json()) == {"sub", "name_km"}


def test_unregistered_attributes_are_dropped(clients, citizen):
    client = clients["es256"]
    wanted = {"userinfo": {"name_km": {"essential": True}, "email": None, "nationality": None, "age_over_18": None}}
    browser = Browser(client.base)
    consent = client.authorize(browser, scope="openid", claims=json.dumps(wanted))
    names = {n for n in consent.page.form("/authorize/start").names if n.startswith("attr.")}
    assert names == {"attr.name_km", "attr.age_over_18"}
    token = citizen.tokens(client, scope="openid", claims=json.dumps(wanted), choose={"age_over_18": True})
    info = client.userinfo(token["access_token"]).json()
    assert set(info) == {"sub", "name_km", "age_over_18"}
    assert isinstance(info["age_over_18"], bool)


def test_encrypted_only_attributes_need_an_encryption_key(clients, citizen):
    """kidc is registered for a client without encryption nowhere; asking for it gives nothing."""
    client = clients["es256"]
    consent = client.authorize(scope="openid kh_identity")
    assert "attr.kidc" not in consent.page.form("/authorize/start").names


def test_subject_is_pairwise_and_stable(clients, citizen):
    def subject(name, **options):
        token = citizen.tokens(clients[name], **options)
        return clients[name].userinfo(token["access_token"]).json()["sub"]

    first = subject("test-client")
    assert first == subject("test-client")
    assert first != subject("es256")
    assert subject("es256") == subject("sister"), "same sector_identifier"
    assert citizen.kidc not in first


@pytest.mark.parametrize(
    "name, algorithm, auth",
    [("es256", "ES256", "basic"), ("post", "PS256", "post"), ("sister", "EdDSA", "basic"), ("test-client", "RS256", "basic")],
)
def test_registered_signature_algorithm(clients, citizen, name, algorithm, auth):
    client = clients[name]
    token = citizen.tokens(client, auth=auth)
    validated(client.base, token["id_token"], client.id, algorithm)


def test_public_client_with_pkce_alone(clients, citizen):
    client = clients["public"]
    back = citizen.log_in(client)
    answer = client.token(back["code"], auth=None, client_id=client.id)
    assert answer.status_code == 200, answer.text
    validated(client.base, answer.json()["id_token"], client.id, "RS256")


def test_private_key_jwt(clients, citizen):
    client = clients["keyed"]
    key = client.record["_private"].as_dict(private=True)
    auth = PrivateKeyJwt(client.id, key, alg="ES256", lifetime=60, aud=client.base)
    _, token = complete(independent_client(client, auth), citizen)
    assert client.userinfo(token.access_token).status_code == 200


def test_encrypted_userinfo(clients, citizen):
    client = clients["sealed-client"]
    token = citizen.tokens(client, scope="openid kh_identity profile")
    answer = client.userinfo(token["access_token"])
    assert answer.headers["Content-Type"].split(";")[0] == "application/jwt"
    key = ECKey.import_key(client.record["private_jwk"])
    plain = jwe.decrypt_compact(answer.text, key, algorithms=["ECDH-ES+A256KW", "A256GCM"]).plaintext
    if plain[:1] == b"{":
        info = json.loads(plain)
    else:
        keys = KeySet.import_key_set(requests.get(f"{client.base}/jwks", timeout=10).json())
        info = jwt.decode(plain.decode(), keys, algorithms=["RS256", "ES256", "PS256"]).claims
    sub = jwt.decode(
        token["id_token"], KeySet.import_key_set(requests.get(f"{client.base}/jwks", timeout=10).json()),
        algorithms=["RS256", "ES256"],
    ).claims["sub"]
    assert info["sub"] == sub


def test_signed_then_encrypted_userinfo_carries_the_code(clients, citizen):
    client = clients["sealed"]
    token = citizen.tokens(client, scope="openid kh_identity profile")
    answer = client.userinfo(token["access_token"])
    key = RSAKey.import_key(client.record["_private"].as_dict(private=True))
    sealed = jwe.decrypt_compact(answer.text, key, algorithms=["RSA-OAEP-256", "A256CBC-HS512"])
    assert sealed.protected["cty"].upper() == "JWT"  # RFC 7519 section 5.2
    claims = validated_userinfo(client, sealed.plaintext.decode())
    assert claims["kidc"] == citizen.kidc and claims["name_km"] == citizen.person["name_km"]


def validated_userinfo(client, raw):
    keys = KeySet.import_key_set(requests.get(f"{client.base}/jwks", timeout=10).json())
    token = jwt.decode(raw, keys, algorithms=["ES256"])
    assert token.claims["iss"] == client.base and token.claims["aud"] in (client.id, [client.id])
    assert "nonce" not in token.claims
    return token.claims


def test_userinfo_by_get_post_header_and_post_body(client, citizen):
    access = citizen.tokens(client)["access_token"]
    answers = [client.userinfo(access), client.userinfo(access, "POST"), client.userinfo(access, body=True)]
    assert [a.status_code for a in answers] == [200, 200, 200], [a.text for a in answers]
    assert answers[0].json() == answers[1].json() == answers[2].json()
    assert all("no-store" in a.headers["Cache-Control"] for a in answers)


def test_token_in_the_query_is_not_taken(client, citizen):
    access = citizen.tokens(client)["access_token"]
    assert requests.get(f"{client.base}/userinfo?access_token={access}", timeout=10).status_code in (400, 401)


def test_requests_without_nonce_and_state_succeed(client, citizen):
    back = citizen.log_in(client, nonce=None, state=None)
    assert "state" not in back and back["iss"] == client.base
    token = client.token(back["code"]).json()
    assert "nonce" not in validated(client.base, token["id_token"], client.id, "RS256")


@pytest.mark.parametrize(
    "extra",
    [
        {"extra": "foobar"}, {"display": "page"}, {"display": "popup"}, {"login_hint": "someone"}, {"ui_locales": "se"},
        {"ui_locales": "km-KH-u-nu-khmr"}, {"claims_locales": "se"}, {"acr_values": "urn:kh:camdigikey:aal:1"},
        {"acr_values": "urn:kh:camdigikey:aal:2 urn:kh:camdigikey:aal:1"}, {"scope": "profile openid phone"},
        {"scope": "openid unknown"}, {"prompt": "login"}, {"prompt": "consent"}, {"max_age": "1"}, {"max_age": "15000"},
        {"prompt": "login consent"}, {"response_mode": "query"}, {"scope": "openid"}, {"scope": "openid address email"},
    ],
    ids=lambda extra: "&".join(f"{k}={v}" for k, v in extra.items()),
)
def test_harmless_parameters_never_cause_an_error(client, citizen, extra):
    back = citizen.log_in(client, **extra)
    assert back["code"] and len(back["code"]) >= 22


def test_authorization_by_post(client, citizen):
    browser = Browser(client.base)
    consent = browser.send("POST", "/authorize", data=client.parameters("v" * 43), headers={"Origin": "https://rp.example"})
    waiting = ask(browser, consent, citizen.kidc)
    approve(citizen.device, waiting)
    assert "code=" in browser.get(waiting.url).location


def test_two_logins_give_different_codes_and_tokens(client, citizen):
    first, second = citizen.log_in(client), citizen.log_in(client)
    assert first["code"] != second["code"]
    tokens = [client.token(back["code"]).json()["access_token"] for back in (first, second)]
    assert tokens[0] != tokens[1]


def test_token_response_headers(client, citizen):
    answer = client.token(citizen.log_in(client)["code"])
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Type"].startswith("application/json")
    body = answer.json()
    assert body["token_type"].lower() == "bearer" and isinstance(body["expires_in"], int)
    assert "refresh_token" not in body, "offline_access is not advertised"


def test_essential_acr_that_is_not_reached_is_refused(client, citizen):
    claims = json.dumps({"id_token": {"acr": {"essential": True, "values": ["urn:kh:camdigikey:aal:3"]}}})
    browser = Browser(client.base)
    answer = client.authorize(browser, claims=claims)
    if answer.status == 200:
        waiting = ask(browser, answer, citizen.kidc)
        if waiting.status == 200 and "/authorize/" in waiting.url:
            approve(citizen.device, waiting)
            answer = browser.get(waiting.url)
        else:
            answer = waiting
    assert answer.location and urlsplit(answer.location).path == "/callback"
    assert "error=unmet_authentication_requirements" in answer.location or "error=access_denied" in answer.location
    assert "code=" not in answer.location.replace("response_code", "")


def test_policy_and_terms_are_linked_on_the_consent_page(clients):
    page = clients["query"].authorize().page
    links = {a["href"] for a in page.find_all("a")}
    assert {"https://query.example/privacy", "https://query.example/terms"} <= links


def test_redirect_uri_with_a_query_keeps_it(clients, citizen):
    client = clients["query"]
    browser = Browser(client.base)
    waiting = ask(browser, client.authorize(browser), citizen.kidc)
    approve(citizen.device, waiting)
    location = browser.get(waiting.url).location
    assert location.startswith("https://query.example/callback?tenant=1&") and "code=" in location
