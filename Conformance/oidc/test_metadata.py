"""Discovery: rows of 1.4 (DD), OC-40 and the F2-01 and CB-01 members that every profile shares."""

import re
from urllib.parse import urlsplit

import pytest
from joserfc import jws
from joserfc.jwk import KeySet

LOCALE = re.compile(r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|\d{3}))?$")
SCOPE = re.compile(r"^[\x21\x23-\x5B\x5D-\x7E]+$")
# IANA "OAuth Authorization Server Metadata": the members that a provider of these profiles may have.
KNOWN = """
issuer authorization_endpoint token_endpoint jwks_uri registration_endpoint scopes_supported response_types_supported
response_modes_supported grant_types_supported token_endpoint_auth_methods_supported token_endpoint_auth_signing_alg_values_supported
service_documentation ui_locales_supported op_policy_uri op_tos_uri revocation_endpoint revocation_endpoint_auth_methods_supported
revocation_endpoint_auth_signing_alg_values_supported introspection_endpoint introspection_endpoint_auth_methods_supported
introspection_endpoint_auth_signing_alg_values_supported code_challenge_methods_supported signed_metadata
device_authorization_endpoint tls_client_certificate_bound_access_tokens mtls_endpoint_aliases nfv_token_signing_alg_values_supported
userinfo_endpoint acr_values_supported subject_types_supported id_token_signing_alg_values_supported
id_token_encryption_alg_values_supported id_token_encryption_enc_values_supported userinfo_signing_alg_values_supported
userinfo_encryption_alg_values_supported userinfo_encryption_enc_values_supported request_object_signing_alg_values_supported
request_object_encryption_alg_values_supported request_object_encryption_enc_values_supported display_values_supported
claim_types_supported claims_supported claims_locales_supported claims_parameter_supported request_parameter_supported
request_uri_parameter_supported require_request_uri_registration require_signed_request_object pushed_authorization_request_endpoint
require_pushed_authorization_requests introspection_signing_alg_values_supported introspection_encryption_alg_values_supported
introspection_encryption_enc_values_supported authorization_response_iss_parameter_supported check_session_iframe
frontchannel_logout_supported backchannel_logout_supported backchannel_logout_session_supported end_session_endpoint
frontchannel_logout_session_supported backchannel_token_delivery_modes_supported backchannel_authentication_endpoint
backchannel_authentication_request_signing_alg_values_supported backchannel_user_code_parameter_supported
authorization_details_types_supported dpop_signing_alg_values_supported prompt_values_supported authorization_signing_alg_values_supported
authorization_encryption_alg_values_supported authorization_encryption_enc_values_supported verified_claims_supported
trust_frameworks_supported evidence_supported documents_supported documents_methods_supported documents_check_methods_supported
claims_in_verified_claims_supported electronic_records_supported attachments_supported digest_algorithms_supported
resource_signing_alg_values_supported protected_resources client_registration_types_supported
""".split()
FAPI = {"PS256", "ES256", "EdDSA", "Ed25519"}
HERE = ("127.0.0.1", "localhost")


def safe(address):
    parts = urlsplit(address)
    assert parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in HERE), address
    assert parts.netloc and not parts.fragment and not parts.query, address


@pytest.fixture(scope="module")
def document(provider):
    return provider.http.get(f"{provider.base}/.well-known/openid-configuration", timeout=20)


def test_DD_01_place_and_form(document, provider):
    assert document.status_code == 200
    assert document.headers["Content-Type"].split(";")[0] == "application/json"
    assert document.json()["issuer"] == provider.base and not provider.base.endswith("/")


def test_DD_02_https(metadata):
    addresses = {k: v for k, v in metadata.items() if k.endswith(("_endpoint", "_uri", "_iframe")) or k == "issuer"}
    addresses |= metadata.get("mtls_endpoint_aliases", {})
    assert {"authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"} <= set(addresses)
    for address in addresses.values():
        safe(address)


def test_DD_03_schema(metadata):
    unknown = sorted(set(metadata) - set(KNOWN))
    for name, value in metadata.items():
        assert value not in (None, "", []), name
        if name.endswith("_supported") and not isinstance(value, bool):
            assert isinstance(value, list) and all(isinstance(v, str) and v for v in value), name
            assert len(set(value)) == len(value), name
        if name.startswith(("require_", "request_", "claims_parameter", "tls_client_certificate", "backchannel_logout", "frontchannel")):
            if not name.endswith(("_alg_values_supported", "_enc_values_supported")):
                assert isinstance(value, bool), name
        if name.endswith(("_endpoint", "_uri")):
            assert isinstance(value, str), name
    assert not unknown, f"members that no registry knows (a warning in the suite): {unknown}"


def test_DD_04_rs256(metadata):
    assert "RS256" in metadata["id_token_signing_alg_values_supported"]


def test_DD_05_subject_types(metadata):
    assert metadata["subject_types_supported"] and set(metadata["subject_types_supported"]) <= {"public", "pairwise"}
    assert "pairwise" in metadata["subject_types_supported"]


def test_DD_06_scopes(metadata):
    assert "openid" in metadata["scopes_supported"] and all(SCOPE.match(s) for s in metadata["scopes_supported"])


def test_DD_07_claims(metadata):
    assert isinstance(metadata["claims_supported"], list) and "sub" in metadata["claims_supported"]
    assert len(set(metadata["claims_supported"])) == len(metadata["claims_supported"])


def test_DD_08_pkce(metadata):
    assert metadata["code_challenge_methods_supported"] == ["S256"]


def test_DD_09_locales(metadata):
    for name in ("ui_locales_supported", "claims_locales_supported"):
        assert all(LOCALE.match(tag) for tag in metadata.get(name, [])), metadata.get(name)


def test_DD_10_jwks(provider):
    keys = provider.jwks()["keys"]
    kids = [key["kid"] for key in keys]
    assert keys and len(set(kids)) == len(kids)
    for key in keys:
        assert key["kty"] in ("RSA", "EC", "OKP"), "a symmetric key"
        assert not {"d", "p", "q", "dp", "dq", "qi", "oth", "k"} & set(key), "a private key"
    for key in KeySet.import_key_set({"keys": keys}).keys:
        bits = key.public_key.key_size if key.key_type in ("RSA", "EC") else 256
        assert bits >= (2048 if key.key_type == "RSA" else 224)
        alg = key.get("alg")
        with pytest.raises(Exception):  # usable: an import that fails would have ended above; a false signature is refused
            jws.deserialize_compact("e30.e30.AA", key, algorithms=[alg] if alg else None)


def test_DD_11_dynamic(metadata):
    assert metadata["registration_endpoint"]
    assert "code" in metadata["response_types_supported"] and "authorization_code" in metadata["grant_types_supported"]
    assert metadata.get("request_uri_parameter_supported", True) is True
    assert "RS256" in metadata["request_object_signing_alg_values_supported"]
    implicit = {"id_token", "id_token token"} & set(metadata["response_types_supported"])
    assert not implicit or "implicit" in metadata["grant_types_supported"]


def test_DD_12_both_documents_agree(provider, metadata):
    other = provider.http.get(f"{provider.base}/.well-known/oauth-authorization-server", timeout=20)
    assert other.status_code == 200 and other.headers["Content-Type"].split(";")[0] == "application/json"
    assert other.json() == metadata, {k for k in set(other.json()) ^ set(metadata)}


def test_DD_13_par(metadata):
    safe(metadata["pushed_authorization_request_endpoint"])
    assert isinstance(metadata.get("require_pushed_authorization_requests", False), bool)


def test_DD_14_iss(metadata):
    assert metadata["authorization_response_iss_parameter_supported"] is True


def test_DD_15_dpop(metadata):
    values = set(metadata["dpop_signing_alg_values_supported"])
    assert values and values <= FAPI


def test_DD_16_algorithms(metadata):
    """The legacy profile needs RS256 where OpenID Connect says so; nobody gets none or a MAC."""
    for name, values in metadata.items():
        if name.endswith("signing_alg_values_supported"):
            assert set(values) <= FAPI | {"RS256"}, f"{name}: {values}"
            assert set(values) & FAPI, name
    assert "RS256" not in metadata["dpop_signing_alg_values_supported"]
    methods = set(metadata["token_endpoint_auth_methods_supported"])
    assert {"private_key_jwt", "client_secret_basic", "client_secret_post"} <= methods
    assert "client_secret_jwt" not in methods


def test_DD_17_mtls(metadata):
    assert metadata["tls_client_certificate_bound_access_tokens"] is True
    methods = set(metadata["token_endpoint_auth_methods_supported"])
    assert {"tls_client_auth", "self_signed_tls_client_auth"} <= methods


def test_DD_18_jarm(metadata):
    modes = set(metadata["response_modes_supported"])
    assert {"query", "fragment", "form_post", "jwt"} <= modes
    assert set(metadata["authorization_signing_alg_values_supported"]) & FAPI


def test_OC_40_discovery_endpoint_verification(document, metadata, provider):
    """Config plan: the required members of OpenID Connect Discovery 1.0 section 3, with what Core demands of them."""
    required = {
        "issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "response_types_supported", "subject_types_supported",
        "id_token_signing_alg_values_supported", "userinfo_endpoint", "scopes_supported", "claims_supported",
    }
    assert required <= set(metadata)
    assert metadata["issuer"] == provider.base
    assert "RS256" in metadata["id_token_signing_alg_values_supported"]
    assert set(metadata["response_types_supported"]) >= {"code", "code id_token"}
    assert {"authorization_code", "refresh_token", "client_credentials"} <= set(metadata["grant_types_supported"])
    assert set(metadata["subject_types_supported"]) <= {"public", "pairwise"}
    assert metadata.get("claims_parameter_supported") is True
    assert metadata.get("request_parameter_supported") is True
    for name in ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "end_session_endpoint", "registration_endpoint"):
        safe(metadata[name])
        assert provider.http.get(metadata[name], timeout=20, allow_redirects=False).status_code not in (404, 500), name


def test_F2_01_discovery_end_point_verification(provider, metadata):
    test_DD_13_par(metadata)
    test_DD_14_iss(metadata)
    test_DD_08_pkce(metadata)
    test_DD_12_both_documents_agree(provider, metadata)
    test_DD_15_dpop(metadata)
    assert metadata["tls_client_certificate_bound_access_tokens"] is True
    assert set(metadata["token_endpoint_auth_signing_alg_values_supported"]) & FAPI
    assert "private_key_jwt" in metadata["token_endpoint_auth_methods_supported"]
    assert "jwt" in metadata["response_modes_supported"]
    assert set(metadata["request_object_signing_alg_values_supported"]) & FAPI


def test_CB_01_discovery_end_point_verification(metadata):
    safe(metadata["backchannel_authentication_endpoint"])
    modes = set(metadata["backchannel_token_delivery_modes_supported"])
    assert modes >= {"poll", "ping"} and "push" not in modes
    assert "urn:openid:params:grant-type:ciba" in metadata["grant_types_supported"]
    algorithms = set(metadata.get("backchannel_authentication_request_signing_alg_values_supported", []))
    assert algorithms and algorithms <= FAPI
    assert isinstance(metadata.get("backchannel_user_code_parameter_supported", False), bool)


def test_LO_01_rp_initiated_logout_discovery_endpoint_verification(metadata):
    safe(metadata["end_session_endpoint"])


def test_LO_12_backchannel_logout_discovery_endpoint_verification(metadata):
    assert metadata["backchannel_logout_supported"] is True
    assert metadata["backchannel_logout_session_supported"] is True


def test_LO_14_frontchannel_logout_discovery_endpoint_verification(metadata):
    if not metadata.get("frontchannel_logout_supported"):
        pytest.skip("optional: browsers block the cookies that front-channel logout needs")
    assert metadata["frontchannel_logout_session_supported"] is True


def test_LO_16_session_management_discovery_endpoint_verification(metadata):
    if "check_session_iframe" not in metadata:
        pytest.skip("optional: browsers block the cookies that session management needs")
    safe(metadata["check_session_iframe"])


def test_IA_13_metadata(metadata):
    assert metadata["verified_claims_supported"] is True
    assert "kh_ipis" in metadata["trust_frameworks_supported"]
    assert {"name", "birthdate"} <= set(metadata["claims_in_verified_claims_supported"])
    kinds = set(metadata["evidence_supported"])
    assert kinds and kinds <= {"document", "electronic_record", "vouch", "electronic_signature"}
    if "document" in kinds:
        assert metadata["documents_supported"]
    if "electronic_record" in kinds:
        assert metadata["electronic_records_supported"]
