"""Metadata, member by member: OpenID Connect Discovery 1.0, RFC 8414, RFC 9207."""

import re
from urllib.parse import urlsplit

import pytest
import requests
from joserfc.jwk import KeySet

SCOPE_TOKEN = re.compile(r"^[\x21\x23-\x5B\x5D-\x7E]+$")
SIGNING = {"RS256", "ES256", "PS256", "EdDSA"}
REQUIRED = {
    "issuer", "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "scopes_supported",
    "response_types_supported", "subject_types_supported", "id_token_signing_alg_values_supported",
    "claims_supported", "code_challenge_methods_supported", "authorization_response_iss_parameter_supported",
}


def test_both_documents_agree(base, metadata):
    other = requests.get(f"{base}/.well-known/oauth-authorization-server", timeout=10)
    assert other.status_code == 200 and other.json() == metadata


def test_served_as_json_with_the_issuer_it_was_asked_for(base, metadata):
    answer = requests.get(f"{base}/.well-known/openid-configuration", timeout=10)
    assert answer.headers["Content-Type"].split(";")[0] == "application/json"
    assert metadata["issuer"] == base and not metadata["issuer"].endswith("/")
    assert "max-age" in answer.headers["Cache-Control"]
    again = requests.get(answer.url, headers={"If-None-Match": answer.headers["ETag"]}, timeout=10)
    assert again.status_code == 304 and not again.content


def test_required_members(metadata):
    assert REQUIRED <= set(metadata)
    assert all(value not in (None, "", []) for value in metadata.values())


def test_arrays_hold_distinct_texts(metadata):
    for name, value in metadata.items():
        if name.endswith(("_supported", "_methods")) and not isinstance(value, bool):
            assert isinstance(value, list) and all(isinstance(v, str) and v for v in value), name
            assert len(set(value)) == len(value), name


@pytest.mark.parametrize(
    "member, expected",
    [
        ("response_types_supported", ["code", "code id_token"]), ("subject_types_supported", ["pairwise", "public"]),
        ("code_challenge_methods_supported", ["S256"]), ("authorization_response_iss_parameter_supported", True),
        ("claims_parameter_supported", True), ("request_parameter_supported", True),
        ("request_uri_parameter_supported", True), ("require_request_uri_registration", True),
    ],
)
def test_members(metadata, member, expected):
    assert metadata[member] == expected


def test_algorithms_are_asymmetric_and_hold_rs256(metadata):
    assert "RS256" in metadata["id_token_signing_alg_values_supported"]
    for name, value in metadata.items():
        if name.endswith("signing_alg_values_supported"):
            assert set(value) <= SIGNING, name
    methods = metadata["token_endpoint_auth_methods_supported"]
    assert {"client_secret_basic", "client_secret_post", "private_key_jwt"} <= set(methods)
    assert "client_secret_jwt" not in methods


def test_scopes_claims_and_locales(metadata):
    assert "openid" in metadata["scopes_supported"]
    assert all(SCOPE_TOKEN.match(scope) for scope in metadata["scopes_supported"])
    assert "offline_access" in metadata["scopes_supported"], "refresh tokens are offered"
    assert {"sub", "iss", "acr", "amr", "auth_time", "name_km", "birthdate"} <= set(metadata["claims_supported"])
    assert metadata["ui_locales_supported"] == ["km", "en"]


def test_every_scope_and_acr_is_accepted(client, metadata):
    for scope in metadata["scopes_supported"]:
        assert client.authorize(scope=f"openid {scope}").status == 200, scope
    for acr in metadata["acr_values_supported"]:
        answer = client.authorize(acr_values=acr)
        assert answer.status == 200, acr


@pytest.mark.parametrize("prompt", ["login", "consent", "select_account"])
def test_advertised_prompts(client, metadata, prompt):
    assert prompt in metadata["prompt_values_supported"]
    assert client.authorize(prompt=prompt).status == 200


def test_endpoints_are_reachable_under_the_issuer(base, metadata):
    for name, address in metadata.items():
        if name.endswith(("_endpoint", "_uri")) or name == "service_documentation":
            assert urlsplit(address)[:2] == urlsplit(base)[:2] and not urlsplit(address).fragment, name
            assert requests.get(address, timeout=10).status_code not in (404, 500), name


def test_jwks_holds_public_keys_only(metadata):
    answer = requests.get(metadata["jwks_uri"], timeout=10)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].split(";")[0] in ("application/json", "application/jwk-set+json")
    keys = answer.json()["keys"]
    assert len({key["kid"] for key in keys}) == len(keys)
    for key in keys:
        assert key["kty"] in ("RSA", "EC", "OKP") and key["use"] == "sig"
        assert not {"d", "p", "q", "dp", "dq", "qi", "oth", "k"} & set(key)
    assert {key["alg"] for key in keys} >= set(metadata["id_token_signing_alg_values_supported"])
    for key in KeySet.import_key_set(answer.json()).keys:
        if key.key_type == "RSA":
            assert key.public_key.key_size >= 2048 and key.public_key.public_numbers().e == 65537


def test_kids_are_thumbprints(metadata):
    import hashlib, json

    from support.authenticator import b64

    members = {"RSA": ("e", "kty", "n"), "EC": ("crv", "kty", "x", "y"), "OKP": ("crv", "kty", "x")}
    for key in requests.get(metadata["jwks_uri"], timeout=10).json()["keys"]:
        canonical = json.dumps({name: key[name] for name in members[key["kty"]]}, separators=(",", ":"))
        assert key["kid"] == b64(hashlib.sha256(canonical.encode()).digest())


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/jwks", "/.well-known/oauth-authorization-server"])
def test_browsers_of_any_origin_may_read_metadata(base, path):
    answer = requests.get(base + path, headers={"Origin": "https://spa.example"}, timeout=10)
    assert answer.headers.get("Access-Control-Allow-Origin") == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
