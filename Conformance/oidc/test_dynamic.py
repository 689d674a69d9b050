"""Dynamic OP and 3rd Party-Init OP: rows OC-41 to OC-60 (and OC-01 by dynamic registration), registration answers of 1.5."""

import secrets
import time

import pytest

from support.provider import granted, no_store, oauth_error
from support.registrations import LEGACY, OPERATOR_ONLY, SECURE, Refused, document
from support.relying_party import new_key, public, refused_on_a_page



def ask_for(registrar, **members):
    """A registration as it is, answered."""
    whole = document("raw-" + secrets.token_hex(3), **(LEGACY | members))
    record = {"client_name": "Judge", "client_name#km": "អ្នកវិនិច្ឆ័យ"} | whole
    return registrar.post({name: value for name, value in record.items() if name not in OPERATOR_ONLY})


def refused(answer, *codes):
    assert answer.status_code == 400, f"{answer.status_code}: {answer.text[:300]}"
    return oauth_error(answer, *(codes or ("invalid_redirect_uri", "invalid_client_metadata")), status=(400,))


def logged_in(person, rp, **changes):
    back = person.log_in(rp, **changes)
    body = rp.tokens(back)
    header, claims = rp.provider.id_token(body["id_token"], rp.id, nonce=back.request["nonce"])
    return body, header, claims


# Dynamic OP


def test_OC_01_server_dynamic(registrar, person):
    rp = registrar.dynamic(**LEGACY)
    body, header, claims = logged_in(person, rp)
    assert header["alg"] == "RS256" and rp.claims(body["access_token"])["sub"] == claims["sub"]


def test_OC_41_idtoken_rs256(registrar, person):
    rp = registrar.dynamic(**LEGACY, id_token_signed_response_alg="RS256")
    assert rp.record["id_token_signed_response_alg"] == "RS256"
    _, header, _ = logged_in(person, rp)
    assert header["alg"] == "RS256" and header["kid"]


def test_OC_42_userinfo_rs256(registrar, person):
    rp = registrar.dynamic(**LEGACY, userinfo_signed_response_alg="RS256")
    body, _, claims = logged_in(person, rp, scope="openid profile")
    answer = rp.userinfo(body["access_token"])
    assert answer.status_code == 200 and answer.headers["Content-Type"].split(";")[0] == "application/jwt"
    no_store(answer)
    header, info = rp.provider.verified(answer.text, ["RS256"])
    assert header["alg"] == "RS256" and info["iss"] == rp.provider.issuer and info["aud"] in (rp.id, [rp.id])
    assert info["sub"] == claims["sub"] and "nonce" not in info


def two(registrar):
    host = "two-" + secrets.token_hex(3)
    uris = [f"https://{host}.example/callback", f"https://{host}.example/other"]
    return registrar.dynamic(**LEGACY, redirect_uris=uris)


def test_OC_43_ensure_redirect_uri_in_authorization_request(registrar, person):
    rp = two(registrar)
    refused_on_a_page(rp.open(person.browser(), rp.request(redirect_uri=None), follow=False))


@pytest.fixture(scope="module")
def with_query(registrar, once):
    return lambda: once("query", lambda: registrar.dynamic(**LEGACY, redirect_uris=["https://query-judge.example/cb?foo=bar"]))


def test_OC_44_redirect_uri_query_ok(with_query, person):
    rp = with_query()
    back = person.log_in(rp)
    assert "foo=bar" in back.answer.location
    rp.tokens(back)


@pytest.mark.parametrize("uri", ["https://query-judge.example/cb?foo=baz", "https://query-judge.example/cb"])
def test_OC_45_redirect_uri_query_mismatch(with_query, person, uri):
    rp = with_query()
    refused_on_a_page(rp.open(person.browser(), rp.request(redirect_uri=uri), follow=False))


def test_OC_46_redirect_uri_query_added(with_query, person):
    rp = with_query()
    refused_on_a_page(rp.open(person.browser(), rp.request(redirect_uri=rp.redirect + "&more=1"), follow=False))


def test_OC_47_redirect_uri_regfrag(registrar):
    refused(ask_for(registrar, redirect_uris=["https://fragment.example/cb#foo"]))


def consent_page(person, rp):
    answer = rp.open(person.browser(), rp.request())
    assert answer.status == 200, f"{answer.status} {answer.error}"
    return answer.page


def shown(answer, base, image):
    """Whether the page's Content-Security-Policy lets a browser load the picture."""
    policy = answer.headers.get("Content-Security-Policy", "")
    sources = next((d.split()[1:] for d in policy.split(";") if d.split()[:1] == ["img-src"]), ["*"])
    origin = "/".join(image.split("/")[:3])
    return image.startswith(("/", "data:")) or origin == base or origin in sources or "https:" in sources or "*" in sources


def test_OC_48_registration_logo_uri(registrar, person, listener):
    picture = bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010806000000" "1f15c4890000000d49444154789c6360f8cfc0f01f0005000201"
        "a2b1f7a40000000049454e44ae426082"
    )
    address = listener.serve("/logo.png", picture, kind="image/png")
    rp = registrar.dynamic(**LEGACY, logo_uri=address)
    assert rp.record["logo_uri"] == address
    answer = rp.open(person.browser(), rp.request())
    images = [i["src"] for i in answer.page.find_all("img") if i["src"]]
    assert images, "no logo on the page"
    assert any(shown(answer, rp.provider.base, image) for image in images), f"the page's own policy hides {images}"


def test_OC_49_registration_policy_uri(registrar, person):
    rp = registrar.dynamic(**LEGACY, policy_uri="https://policy-judge.example/privacy")
    assert "https://policy-judge.example/privacy" in {a["href"] for a in consent_page(person, rp).find_all("a")}


def test_OC_50_registration_tos_uri(registrar, person):
    rp = registrar.dynamic(**LEGACY, tos_uri="https://tos-judge.example/terms")
    assert "https://tos-judge.example/terms" in {a["href"] for a in consent_page(person, rp).find_all("a")}


KEYED = {"token_endpoint_auth_method": "private_key_jwt"}


def test_OC_51_registration_jwks_uri(registrar, person, listener):
    key = new_key("RS256")
    address = listener.serve("/jwks-51.json", public(key))
    rp = registrar.dynamic(keys=[key], jwks_uri=address, **(LEGACY | KEYED))
    logged_in(person, rp)
    assert listener.requests("/jwks-51.json")


def test_OC_52_registration_sector_uri(registrar, person, listener):
    uris = [f"https://{name}-{secrets.token_hex(3)}.example/cb" for name in ("first", "second")]
    sector = listener.serve("/sector.json", uris)
    members = LEGACY | {"sector_identifier_uri": sector, "subject_type": "pairwise"}
    one = registrar.dynamic(**members, redirect_uris=uris)
    other = registrar.dynamic(**members, redirect_uris=uris[1:])
    assert one.record["sector_identifier_uri"] == sector
    subjects = {logged_in(person, rp)[2]["sub"] for rp in (one, other)}
    assert len(subjects) == 1, "one sector, two subjects"


def test_OC_53_registration_sector_bad(registrar, listener):
    sector = listener.serve("/sector-bad.json", ["https://somebody-else.example/cb"])
    refused(ask_for(registrar, sector_identifier_uri=sector, subject_type="pairwise"), "invalid_client_metadata", "invalid_redirect_uri")


@pytest.mark.parametrize("body", ["{}", '{"a":1}', "[1, 2]", "nonsense", '["https://x.example/cb",', "[]"])
def test_OC_53_registration_sector_no_list(registrar, listener, body):
    sector = listener.serve("/sector-odd.json", body)
    refused(ask_for(registrar, sector_identifier_uri=sector, subject_type="pairwise"), "invalid_client_metadata", "invalid_redirect_uri")


def test_OC_54_server_rotate_keys(registrar, provider, person):
    rp = registrar.dynamic(**LEGACY)
    body, _, _ = logged_in(person, rp)
    before = {key["kid"] for key in provider.jwks()["keys"]}
    registrar.admin("keys", "rotate", "oidc-signing", "--force")
    deadline = time.monotonic() + 15
    while not {key["kid"] for key in provider.jwks()["keys"]} - before:
        assert time.monotonic() < deadline, "no new key published within 15 s"
        time.sleep(0.3)
    after = {key["kid"] for key in provider.jwks()["keys"]}
    assert before <= after, "an old key is gone, though its tokens live"
    provider.keys(fresh=True)
    provider.verified(body["id_token"], ["RS256"])
    logged_in(person, rp)


def test_OC_56_request_uri_unsigned(registrar, metadata):
    """`none` is not advertised and cannot be registered."""
    assert "none" not in metadata["request_object_signing_alg_values_supported"]
    refused(ask_for(registrar, request_object_signing_alg="none"), "invalid_client_metadata")


def test_OC_57_request_uri_signed_rs256(registrar, person, listener, metadata):
    assert "RS256" in metadata["request_object_signing_alg_values_supported"]
    key = new_key("RS256")
    address = listener.url + "/request-57.jwt"
    rp = registrar.dynamic(keys=[key], **LEGACY, request_uris=[address], request_object_signing_alg="RS256")
    assert rp.record["request_uris"] == [address]
    values = rp.request(scope="openid profile")
    listener.serve("/request-57.jwt", rp.request_object(values), kind="application/oauth-authz-req+jwt")
    sent = {name: values[name] for name in ("client_id", "response_type", "scope")} | {"request_uri": address}
    browser = person.browser()
    back = rp.received(person.walk(browser, rp.open(browser, sent)), values)
    assert back.error is None
    rp.tokens(back)


def test_OC_57_request_uri_not_registered(registrar, person, listener):
    key = new_key("RS256")
    rp = registrar.dynamic(keys=[key], **LEGACY, request_uris=[listener.url + "/other.jwt"])
    values = rp.request()
    address = listener.serve("/surprise.jwt", rp.request_object(values))
    answer = rp.open(person.browser(), values | {"request_uri": address}, follow=False)
    assert answer.location is None or "error=" in answer.location
    assert not listener.requests("/surprise.jwt")


def test_OC_58_ensure_client_assertion_with_iss_aud_succeeds(registrar, person):
    rp = registrar.dynamic(keys=[new_key("RS256")], **(LEGACY | KEYED))
    logged_in(person, rp)


# 3rd Party-Init


def test_OC_59_3rd_party_init_login(registrar):
    rp = registrar.dynamic(**LEGACY, initiate_login_uri="https://third.example/start")
    assert rp.record["initiate_login_uri"] == "https://third.example/start"
    answer = registrar.manage(rp, "GET")
    assert answer.status_code == 200 and answer.json()["initiate_login_uri"] == "https://third.example/start"


def test_OC_60_3rd_party_init_login_nohttps(registrar):
    refused(ask_for(registrar, initiate_login_uri="http://third.example/start"), "invalid_client_metadata")


# Registration answers, 1.5


def test_RG_01_created(registrar):
    answer = ask_for(registrar)
    assert answer.status_code == 201 and answer.headers["Content-Type"].split(";")[0] == "application/json"
    no_store(answer)
    body = answer.json()
    assert body["client_id"] and body["client_secret"] and isinstance(body["client_secret_expires_at"], int)
    assert len(body["client_secret"]) >= 43, "256 bits"
    assert ("registration_client_uri" in body) == ("registration_access_token" in body)
    assert body["registration_client_uri"].startswith(registrar.provider.issuer)
    assert abs(body["client_id_issued_at"] - time.time()) < 120


def test_RG_02_echo(registrar):
    members = LEGACY | {
        "contacts": ["judge@example.org"], "policy_uri": "https://echo.example/p", "tos_uri": "https://echo.example/t",
        "client_uri": "https://echo.example/", "default_max_age": 3600, "require_auth_time": True,
        "post_logout_redirect_uris": ["https://echo.example/bye"], "redirect_uris": ["https://echo.example/cb"],
        "id_token_signed_response_alg": "ES256", "token_endpoint_auth_method": "client_secret_post",
    }
    answer = ask_for(registrar, **members)
    assert answer.status_code == 201, answer.text
    body = answer.json()
    wrong = {k: body.get(k) for k, v in members.items() if body.get(k) != v and k not in OPERATOR_ONLY}
    assert not wrong


def test_RG_03_read(registrar):
    rp = registrar.dynamic(**SECURE)
    answer = registrar.manage(rp, "GET")
    assert answer.status_code == 200 and answer.json()["client_id"] == rp.id
    no_store(answer)
    assert answer.json()["redirect_uris"] == rp.record["redirect_uris"]
    for wrong in (secrets.token_urlsafe(32), registrar.initial_access_token()):
        bad = registrar.manage(rp, "GET", token=wrong)
        assert bad.status_code in (401, 403) and rp.redirect not in bad.text
    other = registrar.dynamic(**SECURE)
    assert registrar.manage(rp, "GET", token=other.record["registration_access_token"]).status_code in (401, 403)


def managed(rp):
    taken = {"registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at"}
    return {name: value for name, value in rp.record.items() if name not in taken | OPERATOR_ONLY}


def test_RG_04_replace(registrar, person):
    rp = registrar.dynamic(**LEGACY, policy_uri="https://replace.example/p")
    record = managed(rp)
    del record["policy_uri"]
    record["redirect_uris"] = [rp.redirect.replace("/callback", "/renewed")]
    answer = registrar.manage(rp, "PUT", json=record)
    assert answer.status_code == 200, answer.text
    assert answer.json()["redirect_uris"] == record["redirect_uris"] and "policy_uri" not in answer.json()
    refused_on_a_page(rp.open(person.browser(), rp.request(), follow=False))
    rp.redirect = record["redirect_uris"][0]
    if answer.json().get("client_secret"):
        rp.secret = answer.json()["client_secret"]
    logged_in(person, rp)
    for wrong in ({"client_id": "another"}, {"client_secret": "guessed" * 8}, {"redirect_uris": ["https://x.example/#f"]}):
        token = answer.json().get("registration_access_token") or rp.record["registration_access_token"]
        assert registrar.manage(rp, "PUT", token=token, json=record | wrong).status_code in (400, 403)


def test_RG_05_delete(registrar, person):
    rp = registrar.dynamic(**LEGACY)
    body, _, _ = logged_in(person, rp, scope="openid offline_access", prompt="consent")
    answer = registrar.manage(rp, "DELETE")
    assert answer.status_code == 204 and not answer.content
    assert registrar.manage(rp, "GET").status_code in (401, 403, 404)
    assert rp.userinfo(body["access_token"]).status_code == 401, "an access token outlives its client"
    oauth_error(rp.refresh(body["refresh_token"]), "invalid_client", "invalid_grant")
    refused_on_a_page(rp.open(person.browser(), rp.request(), follow=False))


@pytest.mark.parametrize(
    "members",
    [
        {"redirect_uris": []}, {"redirect_uris": None}, {"redirect_uris": "https://x.example/cb"}, {"redirect_uris": [5]},
        {"redirect_uris": ["http://public.example/cb"]}, {"redirect_uris": ["javascript:alert(1)"]},
        {"redirect_uris": ["JaVaScRiPt://x.example/%0aalert(1)"]}, {"redirect_uris": ["data:text/html,x"]}, {"redirect_uris": ["/cb"]},
        {"redirect_uris": ["https://user@x.example/cb"]}, {"redirect_uris": ["https://*.example/cb"]},
        {"redirect_uris": ["https://x.example/cb"] * 200}, {"redirect_uris": ["https://x.example/" + "a" * 5000]},
        {"grant_types": ["password"]}, {"grant_types": "authorization_code"}, {"response_types": ["code banana"]},
        {"response_types": ["id_token"], "grant_types": ["authorization_code"]}, {"token_endpoint_auth_method": "client_secret_jwt"},
        {"token_endpoint_auth_method": "private_key_jwt"}, {"jwks": {"keys": []}, "token_endpoint_auth_method": "private_key_jwt"},
        {"jwks": {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}, "token_endpoint_auth_method": "private_key_jwt"},
        {"id_token_signed_response_alg": "HS256"}, {"id_token_signed_response_alg": "none"}, {"subject_type": "sideways"},
        {"profile": "oidc-none"}, {"profile": "fapi2", "token_endpoint_auth_method": "client_secret_basic"},
        {"backchannel_logout_uri": "http://public.example/bye"}, {"backchannel_logout_uri": "https://x.example/bye#f"},
        {"logo_uri": "javascript:alert(1)"}, {"client_uri": "data:text/html,x"}, {"policy_uri": "http:x"},
        {"post_logout_redirect_uris": ["https://x.example/bye#f"]}, {"default_max_age": -1}, {"default_max_age": "long"},
    ],
    ids=lambda members: "&".join(f"{k}={v}" for k, v in members.items())[:70],
)
def test_RG_06_errors(registrar, members):
    refused(ask_for(registrar, **members))


def test_RG_06_private_key_in_jwks(registrar):
    key = new_key()
    jwks = {"keys": [key.as_dict(private=True)]}
    refused(ask_for(registrar, jwks=jwks, token_endpoint_auth_method="private_key_jwt"), "invalid_client_metadata")


@pytest.mark.parametrize("body", [b"", b"[]", b"5", b"null", b'"x"', b"{", b'{"redirect_uris":["https://x.example/cb"],}', b"\xff\xfe"])
def test_RG_06_no_object(registrar, body):
    address = registrar.provider.endpoint("registration_endpoint")
    head = {"Authorization": f"Bearer {registrar.initial_access_token()}", "Content-Type": "application/json"}
    answer = registrar.provider.http.post(address, data=body, headers=head, timeout=20)
    refused(answer, "invalid_client_metadata", "invalid_redirect_uri", "invalid_request")


@pytest.mark.parametrize("token", ["", "guess", "a.b.c", "x" * 5000])
def test_RG_07_closed(registrar, token):
    """1.5: nobody registers without an initial access token."""
    answer = registrar.post({k: v for k, v in document("closed", client_name="Judge", **LEGACY).items() if k not in OPERATOR_ONLY}, token=token)
    assert answer.status_code in (401, 403), f"{answer.status_code}: {answer.text[:200]}"
    assert "client_id" not in answer.json()


def test_RG_07_client_id_is_not_chosen(registrar):
    answer = ask_for(registrar, client_id="chosen-by-me", client_secret="chosen-by-me-too-" * 3)
    if answer.status_code == 201:
        assert answer.json()["client_id"] != "chosen-by-me" and not answer.json()["client_secret"].startswith("chosen")
    else:
        refused(answer)


def test_OC_38_refresh_token_dynamic(registrar, person):
    rp, other = registrar.dynamic(**LEGACY), registrar.dynamic(**LEGACY)
    body, _, claims = logged_in(person, rp, scope="openid offline_access", prompt="consent")
    renewed = granted(rp.refresh(body["refresh_token"]))
    oauth_error(other.refresh(renewed.get("refresh_token", body["refresh_token"])), "invalid_grant", status=(400,))


# Last: the key set was rotated at the start of the file; a minute later the new key must serve


@pytest.fixture(scope="module", autouse=True)
def rotated(registrar, listener, pool):
    """A client that has refreshed with its old key, and published a new one since."""
    try:
        old, new = new_key("RS256"), new_key("RS256")
        address = listener.serve("/jwks-55.json", public(old))
        rp = registrar.dynamic(keys=[old], jwks_uri=address, **(LEGACY | KEYED))
        body, _, _ = logged_in(next(pool), rp, scope="openid offline_access", prompt="consent")
        body |= granted(rp.refresh(body["refresh_token"]))
        listener.serve("/jwks-55.json", public(new))
        return rp, new, body, time.time()
    except (AssertionError, Refused, KeyError) as trouble:
        return trouble


@pytest.mark.slow
def test_OC_55_refresh_token_rp_key_rotation(rotated):
    assert isinstance(rotated, tuple), rotated
    rp, new, body, since = rotated
    time.sleep(max(0.0, since + 60 - time.time()))
    rp.keys = [new]
    granted(rp.refresh(body["refresh_token"]))
