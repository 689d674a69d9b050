"""RFC 9700, OAuth 2.0 Security Best Current Practice: rows BC-01 to BC-19 (4.1)."""

import json
import re
import secrets
import time
from urllib.parse import quote, urlencode, urlsplit

import pytest
import requests

from oidc.conftest import PROXY
from oidc.test_dynamic import shown
from oidc.test_logout import withdraw
from support.net import session as network
from support.provider import granted, half_hash, oauth_error, resource_error
from support.registrations import FAPI2, LEGACY, SECURE, Refused, hybrid
from support.relying_party import decoded, new_key, refused_on_a_page, response, silent

REDIRECT = "https://bcp.example/callback"


@pytest.fixture
def rp(registrar, once):
    """Legacy, confidential, without PKCE: the weakest client there is."""
    return once("bcp", lambda: registrar.add("bcp", **LEGACY))


@pytest.fixture
def pkce(registrar, once):
    return once("bcp-pkce", lambda: registrar.add("bcp-pkce", **SECURE))


@pytest.fixture
def public_client(registrar, once):
    """A public client with DPoP-bound refresh tokens."""
    def make():
        made = registrar.add("bcp-public", **(SECURE | {"token_endpoint_auth_method": "none", "dpop_bound_access_tokens": True}))
        made.dpop_key = new_key()
        return made

    return once("bcp-public", make)


@pytest.fixture
def bound(registrar, once):
    return once("bcp-fapi", lambda: registrar.fapi("bcp-fapi"))


VARIANTS = [
    REDIRECT + "/", REDIRECT.upper(), "https://bcp.example/Callback", REDIRECT + "?x=1", REDIRECT + "?", REDIRECT + "#", REDIRECT + "#f",
    "https://bcp.example/callback/..;/x", "https://bcp.example/x/../callback", "https://bcp.example/./callback", "https://bcp.example/%2e/callback",
    "https://bcp.example/callb%61ck", "https://bcp.example//callback", "https://bcp.example/callback;x", "https://bcp.example:443/callback",
    "https://bcp.example:8443/callback", "http://bcp.example/callback", "HTTPS://bcp.example/callback", "https://BCP.example/callback",
    "https://bcp.example./callback", "https://www.bcp.example/callback", "https://bcp.example.evil.example/callback",
    "https://evil.example/?https://bcp.example/callback", "https://bcp.example@evil.example/callback", "https://evil.example@bcp.example/callback",
    "https://a@b@bcp.example/callback", "https://bcp.example\\@evil.example/callback", "https:\\\\bcp.example\\callback",
    "https://bсp.example/callback", "https://xn--bp-pmc.example/callback", "//bcp.example/callback", "/callback", "", " ", REDIRECT + " ",
    " " + REDIRECT, REDIRECT + "\n", REDIRECT + "\x00", REDIRECT + "%0d%0aX: 1", "javascript:alert(1)", "JaVaScRiPt:alert(1)",
    "javascript://bcp.example/%0aalert(1)", "data:text/html,x", "vbscript:x", "http://localhost/callback", "http://127.0.0.1/callback",
    "*", "https://*.example/callback", "urn:ietf:wg:oauth:2.0:oob", REDIRECT + "a" * 4000,
]


@pytest.mark.parametrize("uri", VARIANTS, ids=lambda uri: ascii(uri)[:50])
def test_BC_01_exact_redirect_uri(rp, person, uri):
    refused_on_a_page(rp.open(person.browser(), rp.request(redirect_uri=uri), follow=False))


def test_BC_01_loopback_port_of_native_apps(registrar, person):
    """RFC 8252 7.3: only the port of a loopback address may vary, and only for native applications."""
    members = SECURE | {"token_endpoint_auth_method": "none", "application_type": "native", "redirect_uris": ["http://127.0.0.1/cb"]}
    rp = registrar.add("bcp-native", **members)
    answer = rp.open(person.browser(), rp.request(redirect_uri="http://127.0.0.1:51234/cb"))
    assert answer.status == 200 and not answer.page.error
    for bad in ("http://127.0.0.1:51234/other", "http://localhost:51234/cb", "http://127.0.0.2:51234/cb", "https://127.0.0.1:51234/cb"):
        refused_on_a_page(rp.open(person.browser(), rp.request(redirect_uri=bad), follow=False))


@pytest.mark.parametrize("changes", [
    {}, {"prompt": "none"}, {"response_type": "nonsense"}, {"scope": "nonsense"}, {"response_mode": "fragment"}, {"request": "x"},
    {"response_mode": "form_post"}, {"claims": "{"}, {"max_age": "x"},
], ids=lambda c: "&".join(f"{k}={v}" for k, v in c.items()) or "plain")
def test_BC_02_no_open_redirector(rp, person, changes):
    """Whatever else is wrong or right: nobody is sent to an address that is not registered."""
    for uri in ("https://evil.example/x", "https://bcp.example.evil.example/callback"):
        answer = rp.open(person.browser(), rp.request(redirect_uri=uri, **changes), follow=False)
        refused_on_a_page(answer)
        assert "evil.example" not in str(answer.headers)
    answer = rp.open(person.browser(), rp.request(client_id="nobody", redirect_uri=rp.redirect, **changes), follow=False)
    refused_on_a_page(answer)


def test_BC_03_pkce_challenge_needs_verifier(pkce, person):
    for verifier in (None, "", secrets.token_urlsafe(32), "short"):
        oauth_error(pkce.exchange(person.log_in(pkce), code_verifier=verifier), "invalid_grant", "invalid_request", status=(400,))


def test_BC_03_verifier_without_challenge(rp, person):
    """The downgrade of RFC 9700 2.1.1: a verifier where the request had no challenge."""
    oauth_error(rp.exchange(person.log_in(rp), code_verifier=secrets.token_urlsafe(32)), "invalid_grant", "invalid_request", status=(400,))


@pytest.mark.parametrize("changes", [
    {"code_challenge_method": "plain"}, {"code_challenge_method": None}, {"code_challenge": None}, {"code_challenge": None, "code_challenge_method": None},
    {"code_challenge_method": "s256"}, {"code_challenge": "x"}, {"code_challenge": "=" * 43},
], ids=str)
def test_BC_03_plain_and_none_refused(pkce, person, changes):
    values = pkce.request(**changes)
    assert pkce.received(pkce.open(person.browser(), values, follow=False), values).error == "invalid_request"


def test_BC_03_public_clients_always(public_client, registrar, person):
    values = public_client.request(code_challenge=None, code_challenge_method=None)
    assert public_client.received(public_client.open(person.browser(), values), values).error == "invalid_request"
    with pytest.raises(Refused):
        registrar.add("bcp-lax", **(LEGACY | {"token_endpoint_auth_method": "none"}))
    with pytest.raises(Refused):
        registrar.add("bcp-lax2", **(SECURE | {"require_pkce": False}))


def test_BC_03_code_injection(rp, pkce, person):
    """A code stolen from another's session fails by its nonce (legacy) and by its challenge."""
    stolen = person.log_in(pkce)
    mine = pkce.request()
    answer = pkce.exchange(stolen, code_verifier=pkce.verifiers[mine["code_challenge"]])
    oauth_error(answer, "invalid_grant", status=(400,))
    back = person.log_in(rp, nonce="nonce-of-the-victim")
    assert decoded(rp.tokens(back)["id_token"])["nonce"] == "nonce-of-the-victim"


def test_BC_04_no_implicit_access_tokens(registrar, rp, pkce, person):
    for client in (rp, pkce):
        for kind in ("token", "id_token token", "id_token", "code token", "code id_token token"):
            values = client.request(response_type=kind)
            answer = client.open(person.browser(), values)
            if answer.location:
                back = response(answer, client.redirect)
                assert back.error in ("unsupported_response_type", "unauthorized_client", "invalid_request"), back.values
                assert "access_token" not in back
            else:
                refused_on_a_page(answer)
    for kind in ("code token", "code id_token token"):
        with pytest.raises(Refused):
            registrar.add("bcp-" + secrets.token_hex(3), **{k: v for k, v in hybrid(kind).items() if k != "risk_acceptance"})


def test_BC_05_sender_constraint(bound, person):
    """The whole matrix is F2-53; here: a thief with the token alone, in any scheme."""
    token = bound.tokens(person.log_in(bound))["access_token"]
    thief = new_key()
    for how in ({"dpop": None}, {"scheme": "Bearer", "dpop": None}, {"scheme": "Bearer"},
                {"dpop": lambda m, a, t: bound.proof(m, a, t, key=thief)}):
        resource_error(bound.userinfo(token, **how))
    resource_error(bound.userinfo(token, scheme="Bearer", dpop=None, method="POST", body=True))
    assert bound.userinfo(token).status_code == 200


def offline(person, rp):
    return rp.tokens(person.log_in(rp, scope="openid offline_access", prompt="consent"))


def test_BC_06_rotation_and_family(public_client, person):
    first = offline(person, public_client)
    second = granted(public_client.refresh(first["refresh_token"]))
    assert second["refresh_token"] != first["refresh_token"], "public clients are rotated"
    granted(public_client.refresh(first["refresh_token"]))  # 1.14: within 30 s, same key: the answer may have been lost
    thief = new_key()
    answer = public_client.refresh(second["refresh_token"], dpop=lambda m, a: public_client.proof(m, a, key=thief))
    oauth_error(answer, "invalid_grant", "invalid_dpop_proof", status=(400,))


def test_BC_06_scope_never_grows(public_client, rp, person):
    for client in (public_client, rp):
        body = offline(person, client)
        oauth_error(client.refresh(body["refresh_token"], scope="openid profile phone offline_access"), "invalid_scope", status=(400,))


def dead(rp, body, seconds=1.0, access=True):
    """Refresh token, and with `access` the access token too, within so many seconds."""
    deadline = time.monotonic() + seconds
    while True:
        info = rp.userinfo(body["access_token"]).status_code if access else 401
        answer = rp.refresh(body["refresh_token"])
        if info == 401 and answer.status_code == 400:
            oauth_error(answer, "invalid_grant", status=(400,))
            return
        assert time.monotonic() < deadline, f"alive after {seconds} s: userinfo {info}, refresh {answer.status_code}"
        time.sleep(0.1)


def test_BC_06_consent_withdrawn(rp, make_person):
    person = make_person()
    body = offline(person, rp)
    withdraw(person)
    dead(rp, body)


def test_BC_06_device_blocked(rp, make_person):
    person = make_person()
    body = offline(person, rp)
    portal, home = person.citizen.portal()
    pages = [home, portal.get("/app/devices")]
    forms = [f for page in pages if page.is_html for f in page.page.forms if "block" in f.action or "revoke" in f.action]
    assert forms, "no device to block in the portal"
    answer = portal.submit(forms[0])
    for form in answer.page.forms if answer.is_html else []:
        if "block" in form.action or "revoke" in form.action:
            portal.submit(form)
            break
    dead(rp, body)


def test_BC_06_revocation(rp, person):
    body = offline(person, rp)
    assert rp.post("revocation_endpoint", {"token": body["refresh_token"]}).status_code == 200
    dead(rp, body)
    assert rp.post("revocation_endpoint", {"token": "unknown"}).status_code == 200  # RFC 7009 2.2


@pytest.fixture(scope="module", autouse=True)
def reused(registrar, once, pool):
    """A token that was rotated at the start of this file."""
    def make():
        made = registrar.add("bcp-public", **(SECURE | {"token_endpoint_auth_method": "none", "dpop_bound_access_tokens": True}))
        made.dpop_key = new_key()
        return made

    try:
        rp = once("bcp-public", make)
        first = offline(next(pool), rp)
        return first, granted(rp.refresh(first["refresh_token"])), time.time()
    except (Exception, pytest.fail.Exception) as trouble:
        return trouble


def test_BC_07_audience(registrar, person):
    """RFC 8707: a token for one resource is of no use at another (userinfo), nor one for an unknown resource to be had."""
    rp = registrar.add("bcp-resource", **(SECURE | {"resources": ["https://api.bcp.example"]}))
    body = rp.tokens(person.log_in(rp, resource="https://api.bcp.example"), resource="https://api.bcp.example")
    aud = decoded(body["access_token"])["aud"]
    assert aud in ("https://api.bcp.example", ["https://api.bcp.example"])
    resource_error(rp.userinfo(body["access_token"]))
    values = rp.request(resource="https://unknown.example")
    assert rp.received(rp.open(person.browser(), values), values).error == "invalid_target"


def test_BC_07_default_audience(rp, person):
    assert decoded(rp.tokens(person.log_in(rp))["access_token"])["aud"] in (rp.provider.issuer, [rp.provider.issuer])


def test_BC_08_no_password_grant(rp, person, metadata):
    data = {"grant_type": "password", "username": person.kidc, "password": "274951"}
    oauth_error(rp.post("token_endpoint", data), "unsupported_grant_type", status=(400,))
    assert "password" not in metadata["grant_types_supported"]


def test_BC_09_asymmetric_client_authentication(registrar, rp):
    assert len(rp.secret) >= 43, "256 bits"
    for profile in ("oidc-secure", "fapi2", "fapi2-ms"):
        for method in ("client_secret_basic", "client_secret_post"):
            with pytest.raises(Refused):
                registrar.add("bcp-" + secrets.token_hex(3), profile=profile, token_endpoint_auth_method=method)
    database = b"".join(path.read_bytes() for path in registrar.demo.data.glob("*.sqlite*"))
    assert rp.id.encode() in database and rp.secret.encode() not in database, "a secret in the clear"


def test_BC_10_client_is_no_resource_owner(registrar, person, once):
    members = SECURE | {"grant_types": ["client_credentials"], "response_types": [], "redirect_uris": []}
    rp = once("bcp-cc", lambda: registrar.add("bcp-cc", **members))
    access = granted(rp.post("token_endpoint", {"grant_type": "client_credentials"}))["access_token"]
    claims = decoded(access)
    other = once("bcp", lambda: registrar.add("bcp", **LEGACY))
    sub = decoded(other.tokens(person.log_in(other))["id_token"])["sub"]
    assert claims["sub"] != sub and claims["client_id"] == rp.id
    resource_error(rp.userinfo(access))
    seen = rp.post("introspection_endpoint", {"token": access})
    assert seen.status_code == 200 and seen.json()["active"] is True and seen.json()["sub"] != sub
    with pytest.raises(Refused):
        registrar.add(sub, **LEGACY)


PAGES = ("/", "/authorize?client_id=nobody", "/app/login", "/enrol", "/nowhere", "/activate", "/connect/logout")


def pages_of(rp, person, provider):
    browser = person.browser()
    seen = []
    person.walk(browser, rp.open(browser, rp.request(scope="openid profile")), pages=seen)
    return seen + [browser.get(path) for path in PAGES]


def test_BC_11_referer_and_history(rp, person, provider):
    for answer in pages_of(rp, person, provider):
        if not answer.is_html:
            continue
        assert answer.headers.get("Referrer-Policy") == "no-referrer", answer.url
        for tag, name in (("img", "src"), ("script", "src"), ("link", "href"), ("iframe", "src")):
            for element in answer.page.find_all(tag):
                address = element[name] or ""
                assert urlsplit(address).netloc in ("", urlsplit(provider.base).netloc), f"{answer.url} loads {address}"
    back = person.log_in(rp, response_mode="form_post")
    assert back.mode == "form_post"


def test_BC_11_logo_is_not_fetched_from_third_parties(registrar, person, listener):
    """A logo must not tell the relying party's server who is about to log in, or leak by Referer."""
    rp = registrar.add("bcp-logo", **LEGACY, logo_uri="https://logo.bcp.example/l.png")
    answer = rp.open(person.browser(), rp.request())
    foreign = [i["src"] for i in answer.page.find_all("img") if urlsplit(i["src"] or "").netloc not in ("", urlsplit(rp.provider.base).netloc)]
    loaded = [image for image in foreign if shown(answer, rp.provider.base, image)]
    assert not loaded, f"every browser tells {loaded}"


def test_BC_12_mix_up(rp, registrar, once, person):
    """`iss` in success, error, form_post, fragment and JARM: received() compares it everywhere."""
    person.log_in(rp)
    silent(rp, person.browser())
    person.log_in(rp, response_mode="form_post")
    person.log_in(rp, response_mode="jwt")
    person.log_in(rp, response_mode="query.jwt")
    values = rp.request(scope="nonsense")
    assert rp.received(rp.open(person.browser(), values), values).error
    mixed = once("bcp-hybrid", lambda: registrar.add("bcp-hybrid", **hybrid("code id_token")))
    back = person.log_in(mixed)
    mixed.provider.id_token(back["id_token"], mixed.id, nonce=back.request["nonce"])


def test_BC_13_token_injection(rp, registrar, once, person):
    back = person.log_in(rp)
    body = rp.tokens(back)
    claims = decoded(body["id_token"])
    assert claims["at_hash"] == half_hash(body["access_token"]) and claims["aud"] in (rp.id, [rp.id])
    oauth_error(rp.refresh(body["access_token"]), "invalid_grant", status=(400,))
    resource_error(rp.userinfo(body["id_token"]))


def test_BC_14_state_is_opaque(rp, person):
    for state in ("s" * 1024, "ក ខ & = + % # ' \" < >", "a\\b/c?d", "0", "%00%0d%0a"):
        assert person.log_in(rp, state=state)["state"] == state


def test_BC_14_login_csrf(rp, person):
    """Another browser with this transaction gets nowhere."""
    mine, thief = person.browser(), person.browser()
    consent = rp.open(mine, rp.request())
    form = consent.page.form("/authorize/start")
    answer = thief.submit(form, identifier=person.kidc)
    assert answer.status in (400, 403, 404, 410) and answer.location is None, f"{answer.status} {answer.url}"
    waiting = mine.submit(form, identifier=person.kidc)
    seen = thief.get(waiting.url)
    assert seen.status in (400, 403, 404, 410) and seen.page.find(class_="number") is None
    for origin in ("https://evil.example", "http://127.0.0.1:9"):  # "null" is what our own pages send under no-referrer
        answer = mine.send("POST", form.action, data=form.filled(identifier=person.kidc), headers={"Origin": origin})
        assert answer.status == 403, f"a form from {origin}: {answer.status}"
    person.decide(mine, waiting, "deny", None)


def test_BC_15_access_tokens_carry_no_attributes(rp, person):
    body = rp.tokens(person.log_in(rp, scope="openid profile phone email"))
    text = json.dumps(decoded(body["access_token"]), ensure_ascii=False)
    record = person.citizen.person
    for value in (record["kidc"], record["name_km"], record["name_latin"], record["birthdate"]):
        assert value not in text
    assert body["expires_in"] <= 3600


def test_BC_16_no_307(rp, person, provider):
    browser = person.browser()
    consent = rp.open(browser, rp.request())
    answer = browser.submit(consent.page.form("/authorize/start"), follow=False, identifier=person.kidc)
    assert answer.status == 303, answer.status
    waiting = browser.get(answer.location)
    person.decide(browser, waiting, "approve", None)
    assert browser.get(waiting.url, follow=False).status in (302, 303)
    assert browser.send("POST", "/authorize", data=rp.request(prompt="none"), follow=False).status in (302, 303)


FORGED = {
    "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9", "Forwarded": "host=evil.example",
    "X-Original-URL": "/enrol", "X-Rewrite-URL": "/enrol", "X-Forwarded-Prefix": "/evil",
}


def test_BC_17_forged_headers(rp, person, provider):
    base = provider.http.get(provider.base + "/.well-known/openid-configuration", timeout=20)
    forged = provider.http.get(base.url, headers=FORGED, timeout=20)
    assert forged.json() == base.json()
    host = provider.http.get(base.url, headers={"Host": "evil.example"}, timeout=20)
    assert "evil.example" not in host.text
    answer = person.browser().get("/authorize?" + urlencode(rp.request()), headers=FORGED)
    assert "evil.example" not in answer.text


def test_BC_17_forged_certificate_header(registrar, authority, provider):
    """The header counts only from the configured proxy (127.0.0.9), and only once."""
    certificate = authority.issue("bcp-proxied")
    members = FAPI2 | {
        "dpop_bound_access_tokens": None, "tls_client_certificate_bound_access_tokens": True, "token_endpoint_auth_method": "tls_client_auth",
        "token_endpoint_auth_signing_alg": None, "tls_client_auth_san_dns": certificate.dns, "grant_types": ["client_credentials"],
        "response_types": [], "redirect_uris": [],
    }
    rp = registrar.add("bcp-proxied", **members)
    data = {"grant_type": "client_credentials", "client_id": rp.id}
    headers = {"X-Client-Cert": quote(certificate.pem, safe="")}
    for forged in (headers, {"X-SSL-Cert": headers["X-Client-Cert"]}, {"X-Forwarded-Client-Cert": headers["X-Client-Cert"]}):
        answer = requests.post(provider.metadata["token_endpoint"], data=data, headers=forged, timeout=20)
        oauth_error(answer, "invalid_client", "invalid_request")
    proxied = network(PROXY).post(provider.metadata["token_endpoint"], data=data, headers=headers, timeout=20)
    assert decoded(granted(proxied)["access_token"])["cnf"]["x5t#S256"] == certificate.thumbprint
    other = quote(authority.issue("bcp-somebody").pem, safe="")
    oauth_error(network(PROXY).post(provider.metadata["token_endpoint"], data=data, headers={"X-Client-Cert": other}, timeout=20), "invalid_client")
    tls = provider.endpoint("token_endpoint", mtls=True)
    if tls.startswith("https://"):
        answer = provider.http.post(tls, data=data, headers=headers, timeout=20)
        oauth_error(answer, "invalid_client", "invalid_request")


def test_BC_18_clickjacking(rp, person, provider):
    seen = [answer for answer in pages_of(rp, person, provider) if answer.is_html]
    assert len(seen) >= 5
    for answer in seen:
        policy = answer.headers.get("Content-Security-Policy", "")
        assert "frame-ancestors 'none'" in policy, answer.url
        assert answer.headers.get("X-Frame-Options") == "DENY", answer.url
        assert "unsafe-inline" not in re.sub(r"style-src[^;]*", "", policy), policy


def test_BC_19_web_message_is_not_offered(rp, person, metadata):
    assert "web_message" not in metadata["response_modes_supported"]
    values = rp.request(response_mode="web_message")
    answer = rp.open(person.browser(), values, follow=False)
    if answer.location:
        assert response(answer, rp.redirect).error in ("invalid_request", "unsupported_response_mode")
    else:
        refused_on_a_page(answer)


@pytest.mark.slow
def test_BC_06_reuse_after_the_window_ends_the_family(public_client, reused):
    assert isinstance(reused, tuple), reused
    first, second, since = reused
    time.sleep(max(0.0, since + 31 - time.time()))
    oauth_error(public_client.refresh(first["refresh_token"]), "invalid_grant", status=(400,))
    oauth_error(public_client.refresh(second["refresh_token"]), "invalid_grant", status=(400,))
