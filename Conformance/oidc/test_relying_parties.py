"""Relying parties that no one here wrote: requests_oauth2client (FAPI, DPoP, PAR, CIBA), idpyoidc, mod_auth_openidc."""

from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from idpyoidc.client.rp_handler import RPHandler
from requests_oauth2client import BackChannelAuthenticationPollingJob, DPoPToken, OAuth2Client, PrivateKeyJwt

from oidc.test_logout import confirm
from support.apache import Apache
from support.registrations import CIBA, FAPI2, LEGACY
from support.wait import until


@pytest.fixture
def fapi(registrar, once):
    return once("ind-fapi", lambda: registrar.fapi("ind-fapi"))


def library(rp, **options):
    key = rp.key.as_dict(private=True)
    return OAuth2Client.from_discovery_endpoint(
        issuer=rp.provider.issuer, auth=PrivateKeyJwt(rp.id, key, alg="ES256", lifetime=60, aud=rp.provider.issuer),
        redirect_uri=rp.redirect, id_token_signed_response_alg="ES256", testing=True, **options,
    )


def test_requests_oauth2client_par_dpop_refresh(fapi, person):
    client = library(fapi, dpop_bound_access_tokens=True)
    wanted = client.authorization_request(scope="openid profile offline_access", prompt="consent")
    pushed = client.pushed_authorization_request(wanted)
    browser = person.browser()
    back = person.walk(browser, browser.get(pushed.uri))
    # The library's own check of the ID token fails on its DPoP token class; so the judges check it.
    token = client.authorization_code(wanted.validate_callback(back.location), validate=False)
    assert isinstance(token, DPoPToken)
    fapi.provider.id_token(str(token.id_token), fapi.id, ["ES256"], nonce=wanted.nonce)
    for _ in range(2):
        answer = requests.get(fapi.provider.endpoint("userinfo_endpoint"), auth=token, timeout=20)
        assert answer.status_code == 200, answer.text
    renewed = client.refresh_token(token)
    assert requests.get(fapi.provider.endpoint("userinfo_endpoint"), auth=renewed, timeout=20).json()["sub"] == answer.json()["sub"]


def test_requests_oauth2client_ciba(registrar, person):
    rp = registrar.fapi(
        "ind-ciba", FAPI2 | {"dpop_bound_access_tokens": True}, grant_types=["authorization_code", CIBA], ciba_trusted=True,
        backchannel_token_delivery_mode="poll", backchannel_authentication_request_signing_alg="ES256")
    client = library(rp, dpop_bound_access_tokens=True)
    # FAPI-CIBA asks for jti and nbf in the request object; the library leaves them to the caller.
    request = rp.request_object({"scope": "openid", "login_hint": person.kidc, "binding_message": "Library 42"})
    endpoint = rp.provider.endpoint("backchannel_authentication_endpoint")
    answer = requests.post(endpoint, data={"request": request}, auth=client.auth, timeout=20)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    transaction = next(t for t in person.device.transactions(wait=5) if t["details"]["client_id"] == rp.id)
    assert person.device.decide(transaction, number=body.get("user_number", 0)).status_code == 200
    job = BackChannelAuthenticationPollingJob(client=client, auth_req_id=body["auth_req_id"], interval=1, dpop=True)
    token = None
    for _ in range(3):
        token = token or job()
    assert isinstance(token, DPoPToken), token


def test_idpyoidc_code_flow(registrar, person, tmp_path, monkeypatch):
    """idpyoidc's own state machine: discovery, PKCE, code, ID token, userinfo."""
    monkeypatch.chdir(tmp_path)  # it writes its keys where it stands
    rp = registrar.add("ind-idpy", **LEGACY)
    config = {
        "judge": {
            "client_type": "oidc", "issuer": rp.provider.issuer, "client_id": rp.id, "client_secret": rp.secret, "redirect_uris": [rp.redirect],
            "response_types_supported": ["code"], "scopes_supported": ["openid", "profile"],
            "preference": {"response_types_supported": ["code"], "scopes_supported": ["openid", "profile"]},
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "add_ons": {"pkce": {"function": "idpyoidc.client.oauth2.add_on.pkce.add_support",
                                 "kwargs": {"code_challenge_length": 64, "code_challenge_method": "S256"}}},
        }
    }
    handler = RPHandler(base_url="https://ind-idpy.example", client_configs=config, httpc_params={"verify": False, "timeout": 20})
    begun = handler.begin("judge")
    address = begun if isinstance(begun, str) else begun["url"]
    asked = dict(parse_qsl(urlsplit(address).query))
    browser = person.browser()
    back = person.walk(browser, browser.get(address))
    values = dict(parse_qsl(urlsplit(back.location).query))
    assert values["state"] == asked["state"] and asked["code_challenge_method"] == "S256"
    done = handler.finalize(rp.provider.issuer, values)
    assert "error" not in done, done
    assert done["userinfo"]["sub"] == done["id_token"]["sub"] and done["userinfo"]["name"]


@pytest.fixture(scope="module")
def apache(authority):
    made = Apache(authority.issue("Apache", server=True), str(authority.certificate_file))
    yield made
    made.stop()


def test_mod_auth_openidc(apache, registrar, provider, authority, person):
    """Login, claims, logout at the relying party, and back-channel logout from the provider."""
    members = LEGACY | {"require_pkce": None}
    rp = registrar.add(
        "ind-apache", **members, redirect_uris=[apache.callback], post_logout_redirect_uris=[f"{apache.url}/bye.html"],
        backchannel_logout_uri=apache.callback + "?logout=backchannel", backchannel_logout_session_required=True)
    apache.start(provider.issuer, rp.id, rp.secret)
    browser = person.browser()

    def get(address):
        return browser.session.get(address, verify=str(authority.certificate_file), allow_redirects=False, timeout=20)

    def log_in():
        sent = get(f"{apache.url}/secure/")
        assert sent.status_code == 302 and sent.headers["Location"].startswith(provider.metadata["authorization_endpoint"])
        back = person.walk(browser, browser.get(sent.headers["Location"]))
        assert back.location.startswith(apache.callback), f"{back.status} {back.error} {back.location}"
        landed = get(back.location)
        assert landed.status_code == 302 and landed.headers["Location"] == f"{apache.url}/secure/", apache.log
        page = get(landed.headers["Location"])
        assert page.status_code == 200 and "the secret of the judges" in page.text, apache.log

    log_in()
    info = get(apache.callback + "?info=json").json()
    assert info["id_token"]["iss"] == provider.issuer and info["userinfo"]["sub"] == info["id_token"]["sub"] and info["userinfo"]["name"]

    # Its own logout: to the provider's end_session_endpoint with the hint, and back.
    leave = get(f"{apache.callback}?logout={apache.url}/bye.html")
    assert leave.headers["Location"].startswith(provider.metadata["end_session_endpoint"]), leave.headers["Location"]
    back = confirm(browser, browser.get(leave.headers["Location"]))
    assert back.location and back.location.startswith(f"{apache.url}/bye.html"), f"{back.status} {back.error}"
    assert get(f"{apache.url}/secure/").status_code == 302

    # Logged out from elsewhere: Apache hears of it on the back channel.
    log_in()
    other = registrar.add("ind-other", **LEGACY, post_logout_redirect_uris=["https://ind-other.example/bye"])
    hint = other.tokens(person.log_in(other, browser=browser))["id_token"]
    query = {"id_token_hint": hint, "post_logout_redirect_uri": "https://ind-other.example/bye"}
    away = confirm(browser, browser.get(provider.metadata["end_session_endpoint"] + "?" + requests.compat.urlencode(query)))
    assert away.location == "https://ind-other.example/bye"
    until(lambda: get(f"{apache.url}/secure/").status_code == 302, 10, what="Apache still has its session: " + apache.log[-1500:])
