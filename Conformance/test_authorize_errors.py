"""Bad authorization and token requests: openid-fido 1.2 (OC-02, 19, 23, 29-31, 34, 35), RFC 9700, RFC 6749, RFC 7636."""

import base64
import json
import time
from urllib.parse import urlencode

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import ECKey

from support.browser import Browser
from support.login import Client, callback, challenge

VERIFIER = "v" * 43


def refused_on_a_page(answer, status=400):
    """No redirect, an error page of the conventions, nothing of the inside."""
    assert answer.location is None, f"redirected to {answer.location}"
    assert answer.status == status, answer.status
    assert answer.error and len(answer.page.find(data_error=True).text) > 20
    codes = [code.text for code in answer.page.find_all("code")]
    assert answer.error in codes and any(len(code) >= 16 for code in codes), "the page names its code and a trace id"
    clean(answer)


def clean(answer):
    text = answer.text
    for inside in (".swift", "Fatal error", "stack trace", "SQLITE", "0x0000", "libpq", "/Sources/"):
        assert inside not in text, f"shows {inside}"


def sent_back(answer, error, client):
    """A redirect to the registered URI with the error, state and iss, and no code. An error with a # comes in the fragment, as the answer
    of that response type would."""
    assert answer.status in (302, 303), f"{answer.status} {answer.error}"
    errors = [error] if isinstance(error, str) else list(error)
    mark = "#" if errors[0].endswith("#") else "?"
    assert answer.location.startswith(client.redirect + mark), answer.location
    back = callback(answer)
    assert back["error"] in [name.rstrip("#") for name in errors], back
    assert back["iss"] == client.base and back["state"] == "kept" and "code" not in back


# Redirect URIs: RFC 9700 2.1, 4.1, 4.11

BAD_REDIRECTS = [
    "http://127.0.0.1:9/callback/", "http://127.0.0.1:9/Callback", "http://127.0.0.1:9/callback?x=1",
    "http://127.0.0.1:9/callback#", "http://127.0.0.1:9/callback#fragment", "http://127.0.0.1:9/callback%2e",
    "http://127.0.0.1:9/callback/..;/x", "http://127.0.0.1:9/./callback", "http://127.0.0.1:9/x/../callback",
    "http://127.0.0.1:9//callback", "http://127.0.0.1:9/callback;x", "http://127.0.0.1:9/call%62ack",
    "http://127.0.0.1:10/callback", "http://127.0.0.1/callback", "http://127.0.0.1:09/callback",
    "https://127.0.0.1:9/callback", "HTTP://127.0.0.1:9/callback", "http://localhost:9/callback",
    "http://127.1:9/callback", "http://2130706433:9/callback", "http://[::1]:9/callback", "http://0.0.0.0:9/callback",
    "http://127.0.0.1:9@evil.example/callback", "http://evil.example@127.0.0.1:9/callback",
    "http://a@b@127.0.0.1:9/callback", "http://127.0.0.1:9\\@evil.example/callback", "http:\\\\127.0.0.1:9\\callback",
    "http://127.0.0.1:9.evil.example/callback", "http://evil.example/?http://127.0.0.1:9/callback",
    "//127.0.0.1:9/callback", "/callback", "callback", "", " ", "http://127.0.0.1:9/callback ",
    " http://127.0.0.1:9/callback", "http://127.0.0.1:9/callback\n", "http://127.0.0.1:9/callback\r\nX-Evil: 1",
    "http://127.0.0.1:9/callback\x00", "http://127.0.0.1:9/callback\t", "javascript:alert(1)", "JaVaScRiPt:alert(1)",
    "data:text/html,x", "http://127.0.0.1:9/cаllback", "http://xn--127-0.0.1:9/callback", "*", "http://127.0.0.1:9/*",
    "http://127.0.0.1:9/callbackevil", "urn:ietf:wg:oauth:2.0:oob", "http://127.0.0.1:9/callback/../../x",
    "http://127.0.0.1:9/callback" + "a" * 3000,
]


@pytest.mark.parametrize("uri", BAD_REDIRECTS, ids=lambda uri: repr(uri)[:60])
@pytest.mark.parametrize("prompt", [None, "none"])
def test_unregistered_redirect_uri_is_never_followed(client, uri, prompt):
    refused_on_a_page(client.authorize(follow=False, redirect_uri=uri, prompt=prompt))


def test_missing_redirect_uri(client, clients):
    refused_on_a_page(client.authorize(follow=False, redirect_uri=None))
    refused_on_a_page(clients["query"].authorize(follow=False, redirect_uri=None))


@pytest.mark.parametrize(
    "uri",
    ["https://query.example/callback", "https://query.example/callback?tenant=2", "https://query.example/callback?tenant=1&x=1",
     "https://query.example/callback?x=1&tenant=1", "https://query.example/callback?tenant=1&", "https://query.example/other?tenant=1"],
)
def test_query_of_the_redirect_uri_is_compared(clients, uri):
    refused_on_a_page(clients["query"].authorize(follow=False, redirect_uri=uri))


@pytest.mark.parametrize("identifier", ["nobody", "", None, "test-client ", "TEST-CLIENT", "test-client\x00", "' OR 1=1 --", "x" * 5000])
def test_unknown_client(client, identifier):
    refused_on_a_page(client.authorize(follow=False, client_id=identifier))


@pytest.mark.parametrize(
    "name",
    ["client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "code_challenge", "code_challenge_method", "prompt", "claims"],
)
def test_duplicated_parameters(client, name):
    values = client.parameters(VERIFIER, state="kept", prompt="login", claims="{}")
    query = urlencode([*values.items(), (name, values[name])])
    for browser_answer in (
        Browser(client.base).get("/authorize?" + query, follow=False),
        Browser(client.base).send("POST", "/authorize", follow=False, data=[*values.items(), (name, values[name])]),
    ):
        if browser_answer.location:
            assert name not in ("client_id", "redirect_uri")
            back = callback(browser_answer)
            assert back["error"] == "invalid_request" and browser_answer.location.startswith(client.redirect + "?")
        else:
            refused_on_a_page(browser_answer)


def test_parameter_pollution_with_an_evil_second_redirect(client):
    values = client.parameters(VERIFIER)
    for pairs in ([*values.items(), ("redirect_uri", "http://evil.example/")], [("redirect_uri", "http://evil.example/"), *values.items()]):
        refused_on_a_page(Browser(client.base).get("/authorize?" + urlencode(pairs), follow=False))


# Errors that go back to the relying party


@pytest.mark.parametrize(
    "changes, error",
    [
        ({"response_type": None}, ("unsupported_response_type", "invalid_request")),
        ({"response_type": "token"}, "unsupported_response_type#"),
        ({"response_type": "id_token"}, "unsupported_response_type#"),
        ({"response_type": "code id_token"}, "unsupported_response_type#"),
        ({"response_type": "CODE"}, "unsupported_response_type"),
        ({"response_mode": "web_message"}, ("invalid_request", "unsupported_response_mode")),
        ({"scope": None}, ("invalid_scope", "invalid_request")),
        ({"scope": "profile"}, ("invalid_scope", "invalid_request")),
        ({"scope": "openid\x01"}, ("invalid_scope", "invalid_request")),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": "!" * 43}, "invalid_request"),
        ({"code_challenge": "A" * 129}, "invalid_request"),
        ({"prompt": "none"}, ("login_required", "interaction_required", "consent_required")),
        ({"prompt": "none login"}, "invalid_request"),
        ({"request": "eyJhbGciOiJub25lIn0.e30."}, "invalid_request_object"),
        ({"request_uri": "https://rp.example/r"}, "invalid_request_uri"),
        ({"request_uri": "http://169.254.169.254/latest"}, "invalid_request_uri"),
        ({"registration": "{}"}, ("registration_not_supported", "invalid_request")),
        ({"claims": "not json"}, "invalid_request"),
        ({"claims": "[]"}, "invalid_request"),
        ({"claims": '{"userinfo":7}'}, "invalid_request"),
        ({"claims": "[" * 20000}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"max_age": "9" * 40}, "invalid_request"),
    ],
    ids=lambda v: json.dumps(v)[:60] if isinstance(v, dict) else "",
)
def test_error_goes_to_the_registered_uri(client, changes, error):
    sent_back(client.authorize(follow=False, state="kept", **changes), error, client)


def test_unknown_purpose_is_refused_or_falls_back_to_the_first(client):
    answer = client.authorize(follow=False, state="kept", purpose="spying")
    if answer.location:
        sent_back(answer, ("invalid_request", "invalid_scope", "access_denied"), client)
    else:
        assert "Testing the login" in answer.page.text


def test_unknown_prompt_is_refused_or_ignored(client):
    """OpenID Connect Core 3.1.2.1: a value that is not understood MAY be refused and MAY be ignored."""
    answer = client.authorize(follow=False, state="kept", prompt="nonsense")
    if answer.location:
        sent_back(answer, "invalid_request", client)
    else:
        assert answer.status == 200


def test_state_is_returned_exactly(client):
    for state in ("a b+c%20&=?#é", "ភាសា", "x" * 1024, "<script>", '"', "\\", "a\tb"):
        answer = client.authorize(follow=False, state=state, prompt="none")
        assert callback(answer)["state"] == state


def test_hostile_texts_are_shown_as_text(client):
    answer = client.authorize(login_hint='"><script>alert(1)</script>', ui_locales="en")
    assert answer.status == 200 and "<script>alert(1)" not in answer.text
    wrong = client.authorize(client_id='<img src=x onerror="alert(1)">')
    assert "<img src=x" not in wrong.text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
def test_other_methods(base, method):
    assert requests.request(method, base + "/authorize", timeout=10).status_code in (400, 404, 405)


# The token endpoint


def oauth_error(answer, error, status=400):
    assert answer.status_code == status, f"{answer.status_code} {answer.text}"
    assert answer.headers["Content-Type"].split(";")[0] == "application/json"
    assert "no-store" in answer.headers["Cache-Control"]
    body = answer.json()
    assert body["error"] == error, body
    assert "access_token" not in body


@pytest.fixture
def code(client, citizen):
    return citizen.log_in(client)["code"]


def test_code_serves_once_and_its_second_use_ends_the_token(client, code):
    first = client.token(code)
    access = first.json()["access_token"]
    assert client.userinfo(access).status_code == 200
    oauth_error(client.token(code), "invalid_grant")
    assert client.userinfo(access).status_code == 401, "RFC 6749 4.1.2: tokens issued before should be revoked"
    oauth_error(client.token(code), "invalid_grant")


def test_two_redemptions_at_once_have_one_winner(client, code):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client.token(code), range(8)))
    assert sorted(a.status_code for a in answers) == [200] + [400] * 7


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "w" * 43}, {"code_verifier": challenge(VERIFIER)}, {"code_verifier": VERIFIER + "v"},
        {"redirect_uri": "http://127.0.0.1:9/callback/"}, {"redirect_uri": "http://evil.example/"},
    ],
    ids=str,
)
def test_wrong_binding_of_the_code(client, code, changes):
    oauth_error(client.token(code, **changes), "invalid_grant")


@pytest.mark.parametrize(
    "changes, error",
    [
        ({"code_verifier": None}, ("invalid_grant", "invalid_request")),
        ({"code_verifier": ""}, ("invalid_grant", "invalid_request")),
        ({"code_verifier": "short"}, ("invalid_grant", "invalid_request")),
        ({"redirect_uri": None}, ("invalid_grant", "invalid_request")),
        ({"code": None}, ("invalid_request",)),
        ({"code": ""}, ("invalid_grant", "invalid_request")),
        ({"grant_type": None}, ("invalid_request",)),
        ({"grant_type": "password"}, ("unsupported_grant_type",)),
        ({"grant_type": "refresh_token"}, ("unsupported_grant_type", "invalid_request", "invalid_grant")),
        ({"grant_type": "client_credentials"}, ("unsupported_grant_type", "unauthorized_client")),
        ({"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer"}, ("unsupported_grant_type",)),
    ],
    ids=str,
)
def test_incomplete_token_requests(client, code, changes, error):
    answer = client.token(code, **changes)
    assert answer.status_code == 400 and answer.json()["error"] in error, answer.text


def test_verifier_of_another_login(client, citizen):
    mine = citizen.log_in(client, verifier="a" * 43)["code"]
    citizen.log_in(client, verifier="b" * 43)
    oauth_error(client.token(mine, verifier="b" * 43), "invalid_grant")


def test_code_of_another_client(client, clients, code):
    other = clients["es256"]
    oauth_error(other.token(code, redirect_uri=client.redirect), "invalid_grant")
    oauth_error(other.token(code), "invalid_grant")


@pytest.mark.parametrize("secret", ["wrong", "", "\x00", "x" * 10000])
def test_wrong_secret(client, code, secret):
    thief = Client(client.base, client.record | {"client_secret": secret})
    answer = thief.token(code)
    oauth_error(answer, "invalid_client", 401)
    assert answer.headers["WWW-Authenticate"].startswith("Basic")
    assert client.token(code).status_code == 200, "a wrong client must not burn the code"


def test_client_authentication_must_be_the_registered_one(clients, client, code):
    oauth_error(client.token(code, auth=None, client_id=client.id), "invalid_client", 401)
    oauth_error(client.token(code, auth="post"), "invalid_client", 401)
    both = requests.post(
        f"{client.base}/token", auth=(client.id, client.secret), timeout=10,
        data={"grant_type": "authorization_code", "code": code, "client_id": client.id, "client_secret": client.secret},
    )
    assert both.status_code in (400, 401) and both.json()["error"] in ("invalid_request", "invalid_client")


@pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Basic " + base64.b64encode(b"nocolon").decode(), "Basic dGVzdA", "Bearer x", "Basic " + "A" * 9000, "Digest x"])
def test_malformed_client_credentials(client, code, header):
    answer = requests.post(
        f"{client.base}/token", timeout=10, headers={"Authorization": header},
        data={"grant_type": "authorization_code", "code": code, "redirect_uri": client.redirect, "code_verifier": VERIFIER},
    )
    assert answer.status_code in (400, 401, 431), answer.status_code
    if answer.status_code != 431:
        assert answer.json()["error"] in ("invalid_client", "invalid_request")


def test_duplicated_token_parameters(client, code):
    pairs = [("grant_type", "authorization_code"), ("code", code), ("code", code), ("redirect_uri", client.redirect), ("code_verifier", VERIFIER)]
    answer = requests.post(f"{client.base}/token", data=pairs, auth=(client.id, client.secret), timeout=10)
    oauth_error(answer, "invalid_request")


def test_token_endpoint_takes_forms_by_post_only(client, code):
    data = {"grant_type": "authorization_code", "code": code, "redirect_uri": client.redirect, "code_verifier": VERIFIER}
    auth = (client.id, client.secret)
    assert requests.get(f"{client.base}/token", params=data, auth=auth, timeout=10).status_code in (404, 405)
    assert requests.post(f"{client.base}/token", json=data, auth=auth, timeout=10).status_code in (400, 415)
    assert requests.post(f"{client.base}/token", params=data, auth=auth, timeout=10).status_code in (400, 415)
    assert client.token(code).status_code == 200


@pytest.mark.parametrize("code", ["x", "A" * 75, "é", "../../etc/passwd", "\x00", "A" * 100000, "' OR '1'='1"], ids=lambda c: repr(c)[:20])
def test_invented_codes(client, code):
    answer = client.token(code)
    assert answer.status_code in (400, 413), answer.status_code
    if answer.status_code == 400:
        assert answer.json()["error"] in ("invalid_grant", "invalid_request")


def test_changed_codes(client, code):
    for at in (0, 10, len(code) // 2, len(code) - 2):
        changed = code[:at] + ("A" if code[at] != "A" else "B") + code[at + 1:]
        oauth_error(client.token(changed), "invalid_grant")
    assert client.token(code).status_code == 200


# Client assertions (RFC 7523, RFC 10070)


def assertion(client, key=None, header=None, algorithm="ES256", **changes):
    now = int(time.time())
    claims = {"iss": client.id, "sub": client.id, "aud": client.base, "iat": now, "exp": now + 60, "jti": f"j{time.time_ns()}"}
    claims = {name: value for name, value in (claims | changes).items() if value is not None}
    key = key or client.record["_private"]
    return jwt.encode({"alg": algorithm, "kid": "judge-1"} | (header or {}), claims, key, algorithms=[algorithm])


def asserted(client, code, token):
    return client.token(
        code, auth=None, client_assertion=token,
        client_assertion_type="urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "http://evil.example"}, {"aud": ["http://evil.example"]}, {"aud": None}, {"iss": "test-client"},
        {"sub": "test-client"}, {"iss": None}, {"sub": None}, {"exp": 1}, {"exp": None}, {"exp": 99999999999},
        {"jti": None}, {"nbf": 99999999999}, {"iat": 99999999999}, {"exp": "soon"},
    ],
    ids=str,
)
def test_bad_client_assertions(clients, citizen, changes):
    client = clients["keyed"]
    code = citizen.log_in(client)["code"]
    oauth_error(asserted(client, code, assertion(client, **changes)), "invalid_client", 401)


@pytest.mark.parametrize("aud", ["{base}/token", ["{base}"], ["{base}", "http://evil.example"], "{base}/", "{base}/authorize"], ids=str)
def test_audience_must_be_the_issuer_alone(clients, citizen, aud):
    """docs/relying-parties.md: `aud` is the issuer, as one string (against audience injection, RFC 10070)."""
    client = clients["keyed"]
    fill = (lambda text: text.format(base=client.base))
    wanted = fill(aud) if isinstance(aud, str) else [fill(a) for a in aud]
    oauth_error(asserted(client, citizen.log_in(client)["code"], assertion(client, aud=wanted)), "invalid_client", 401)


def test_assertion_serves_once(clients, citizen):
    client = clients["keyed"]
    token = assertion(client)
    assert asserted(client, citizen.log_in(client)["code"], token).status_code == 200
    oauth_error(asserted(client, citizen.log_in(client)["code"], token), "invalid_client", 401)


def test_forged_assertions(clients, citizen):
    client = clients["keyed"]
    code = citizen.log_in(client)["code"]
    good = assertion(client)
    head, body, signature = good.split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    stranger = ECKey.generate_key("P-256", private=True)
    forged = [
        f"{none}.{body}.", f"{none}.{body}.{signature}", f"{head}.{body}.{'A' * 86}", f"{head}.{body}.", f"{head}.{body}",
        f"{head}..{signature}", "x.y.z", "", good + "=", good.replace(".", ".\n", 1),
        assertion(client, key=stranger), assertion(client, key=stranger, header={"jwk": stranger.as_dict(private=False)}),
        assertion(client, header={"kid": "../../etc/passwd"}),
    ]
    for token in forged:
        answer = asserted(client, code, token)
        assert answer.status_code in (400, 401) and answer.json()["error"] in ("invalid_client", "invalid_request"), token
    assert asserted(client, code, good).status_code == 200


def test_secret_client_may_not_be_taken_by_assertion_of_another(clients, client, citizen):
    keyed = clients["keyed"]
    code = citizen.log_in(client)["code"]
    answer = client.token(
        code, auth=None, client_id=client.id, client_assertion=assertion(keyed),
        client_assertion_type="urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    )
    assert answer.status_code in (400, 401) and "access_token" not in answer.json()


# Userinfo (RFC 6750)


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer ", "Bearer x", "Basic dGVzdDp4", "bearer\tx", "Bearer a b", "Bearer " + "A" * 5000, "DPoP x"])
def test_userinfo_without_a_good_token(base, header):
    answer = requests.get(f"{base}/userinfo", headers={"Authorization": header} if header else {}, timeout=10)
    assert answer.status_code in (400, 401)
    assert answer.headers["WWW-Authenticate"].startswith("DPoP" if header == "DPoP x" else "Bearer")
    if header is None:
        assert "error=" not in answer.headers["WWW-Authenticate"], "RFC 6750 3.1: no error code without credentials"


def test_id_token_and_code_are_no_access_tokens(client, citizen):
    back = citizen.log_in(client)
    assert client.userinfo(back["code"]).status_code == 401
    tokens = client.token(back["code"]).json()
    assert client.userinfo(tokens["id_token"]).status_code == 401
    assert client.userinfo(tokens["access_token"] + "A").status_code == 401
    assert client.userinfo(tokens["access_token"]).status_code == 200


def test_two_ways_of_sending_the_token_at_once(client, citizen):
    access = citizen.tokens(client)["access_token"]
    answer = requests.post(
        f"{client.base}/userinfo", data={"access_token": access}, headers={"Authorization": f"Bearer {access}"}, timeout=10
    )
    assert answer.status_code == 400 and answer.json()["error"] == "invalid_request"
