"""OpenID Connect Core: rows OC-01 to OC-39 of the plans Basic, Hybrid and Form Post (and Implicit where it is offered)."""

import re
import time

import pytest

from oidc.plans import plans
from support.provider import LOGIN_ERRORS, granted, half_hash, no_store, oauth_error, split_location, unguessable
from support.registrations import LEGACY, Refused
from support.relying_party import decoded, new_key, refused_on_a_page, response, silent, unsigned

SCOPES = {
    "profile": {
        "name", "family_name", "given_name", "middle_name", "nickname", "preferred_username", "profile", "picture", "website",
        "gender", "birthdate", "zoneinfo", "locale", "updated_at",
    },
    "email": {"email", "email_verified"}, "address": {"address"}, "phone": {"phone_number", "phone_number_verified"},
}
IDENTITY = {"name", "given_name", "family_name", "email", "phone_number", "address", "birthdate", "name_km", "gender"}


@pytest.fixture
def rp(registrar, once, plan):
    """The client of the plan."""
    name = "core-" + re.sub(r"[^a-z]+", "-", plan.id)

    made = once(name, lambda: registrar.add(name, **plan.client))
    made.response_mode = "form_post" if plan.form_post else None
    return made


@pytest.fixture
def sister(registrar, once):
    """A second client of the basic plan."""
    return once("core-sister", lambda: registrar.add("core-sister", **LEGACY))


class Outcome:
    """What a completed authorization gave, each ID token checked."""

    def __init__(self, rp, back):
        self.rp, self.back = rp, back
        types = set(back.request["response_type"].split())
        nonce = back.request.get("nonce")
        allowed = {"state", "iss", "session_state"}
        if "code" in types:
            unguessable(back["code"])
            allowed |= {"code"}
        if "id_token" in types:
            allowed |= {"id_token"}
        if "token" in types:
            allowed |= {"access_token", "token_type", "expires_in", "scope"}
            unguessable(back["access_token"])
            assert back["token_type"].lower() == "bearer" and 0 < int(back["expires_in"]) <= 300
        assert set(back.values) <= allowed, f"{set(back.values) - allowed} in the front channel"
        self.front = self.claims = None
        if "id_token" in types:
            self.raw = back["id_token"]
            _, self.front = rp.provider.id_token(self.raw, rp.id, nonce=nonce)
            self.claims = self.front
            if "code" in types:
                assert self.front["c_hash"] == half_hash(back["code"])
            if "token" in types:
                assert self.front["at_hash"] == half_hash(back["access_token"])
        self.body = None
        if "code" in types:
            self.body = rp.tokens(back)
            self.raw = self.body["id_token"]
            self.header, self.claims = rp.provider.id_token(self.raw, rp.id, nonce=nonce)
            if "at_hash" in self.claims:
                assert self.claims["at_hash"] == half_hash(self.body["access_token"])
            if self.front:
                assert self.front["sub"] == self.claims["sub"] and self.front["iss"] == self.claims["iss"]
                assert self.front.get("auth_time", 0) == self.claims.get("auth_time", 0)
        self.access = self.body["access_token"] if self.body else back.get("access_token")

    def info(self):
        """Claims of userinfo, or of the ID token when the flow gives no access token."""
        if self.access is None:
            return self.claims
        info = self.rp.claims(self.access)
        assert info["sub"] == self.claims["sub"] if self.claims else info["sub"]
        return info


def complete(person, rp, **options):
    return Outcome(rp, person.log_in(rp, **options))


@pytest.fixture
def session(once, plan, rp, pool):
    """A browser that is logged in at this plan's client, the person, and what came of it."""

    def make():
        person = next(pool)
        browser = person.browser()
        return person, browser, complete(person, rp, browser=browser, scope="openid profile", max_age="15000"), time.time()

    return once(f"session of {plan.id}", make)


def standard_claims(info):
    for name, value in info.items():
        assert value not in (None, "", {}), f"empty {name}"
        if name in ("email_verified", "phone_number_verified"):
            assert isinstance(value, bool), name
        elif name == "updated_at":
            assert isinstance(value, (int, float)) and not isinstance(value, bool)
        elif name == "address":
            assert isinstance(value, dict) and all(isinstance(v, str) and v for v in value.values())
        elif name in ("sub", "name", "given_name", "family_name", "email", "phone_number", "gender"):
            assert isinstance(value, str), name
    if "birthdate" in info:
        found = re.fullmatch(r"(\d{4})(-(\d\d)-(\d\d))?", info["birthdate"])
        assert found, info["birthdate"]
        assert found[1] == "0000" or 1850 <= int(found[1]) <= time.gmtime().tm_year


# The happy path


@plans("B I H")
def test_OC_01_server(plan, rp, session, metadata):
    """The whole of a flow; Outcome checks every token. No identity in the ID token that nobody asked for there."""
    _, _, result, _ = session
    assert not IDENTITY & set(result.claims or {}) or plan.response_type == "id_token"
    assert metadata["authorization_response_iss_parameter_supported"] is True
    assert result.back["iss"] == metadata["issuer"]
    if result.access:
        standard_claims(result.info())


@plans("B I H")
def test_OC_02_response_type_missing(plan, rp, person):
    browser = person.browser()
    answer = rp.open(browser, rp.request(response_type=None), follow=False)
    codes = ("unsupported_response_type", "invalid_request")
    if answer.is_html and answer.page.error:
        refused_on_a_page(answer, *codes)
        return
    if not answer.location:
        assert response(answer, rp.redirect).error in codes
        return
    address, query, fragment = split_location(answer.location)
    assert address == rp.redirect
    assert (query or fragment)["error"] in codes


@plans("B I H")
def test_OC_03_idtoken_signature(plan, rp, session):
    _, _, result, _ = session
    assert result.claims is not None, "every flow of these plans gives an ID token"
    header, _ = rp.provider.verified(result.raw)
    assert header["alg"] == "RS256" and header["kid"]


@plans("B")
def test_OC_04_idtoken_unsigned(plan, rp, metadata, registrar):
    """`none` is never advertised, and not to be had by registration either."""
    assert not any("none" in v for k, v in metadata.items() if k.endswith("alg_values_supported"))
    with pytest.raises(Refused):
        registrar.add("core-unsigned", **(LEGACY | {"id_token_signed_response_alg": "none"}))


def userinfo(session, **how):
    _, _, result, _ = session
    if result.access is None:
        assert result.rp.response_type == "id_token", "a flow that gives an access token gave none"
        pytest.skip("no access token in this flow")
    answer = result.rp.userinfo(result.access, **how)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].split(";")[0] == "application/json"
    no_store(answer)
    info = answer.json()
    assert info["sub"] == result.claims["sub"] if result.claims else info["sub"]
    standard_claims(info)


@plans("B I H")
def test_OC_05_userinfo_get(plan, session):
    userinfo(session)


@plans("B I H")
def test_OC_06_userinfo_post_header(plan, session):
    userinfo(session, method="POST")


@plans("B I H")
def test_OC_07_userinfo_post_body(plan, session):
    userinfo(session, method="POST", body=True)


@plans("B H", only=("code token",))
def test_OC_08_ensure_request_without_nonce_succeeds_for_code_flow(plan, rp, person):
    assert "nonce" not in complete(person, rp, nonce=None).claims


@plans("I H", only=("code id_token", "code id_token token"))
def test_OC_09_ensure_request_without_nonce_fails(plan, rp, person):
    values = rp.request(nonce=None)
    answer = rp.open(person.browser(), values)
    if answer.location or plan.form_post and answer.status == 200:
        assert rp.received(answer, values).error == "invalid_request"
    else:
        refused_on_a_page(answer, "invalid_request")


def scopes(person, rp, metadata, *names):
    pages = []
    result = complete(person, rp, scope=" ".join(("openid", *names)), walk={"pages": pages})
    info = result.info()
    standard_claims(info)
    offered = {n[5:] for page in pages if page.is_html for f in page.page.forms for n in f.names if n.startswith("attr.")}
    wanted = set().union(*(SCOPES[name] for name in names)) & set(metadata["claims_supported"])
    held = offered & wanted
    assert held, f"the person was asked for none of {sorted(wanted)}"
    missing = {name for name in held if name not in info}
    # What the register does not know of this person may be missing; not everything of a scope.
    assert missing != held or names in (("email",), ("phone",)), f"missing {missing}"
    if result.body and result.claims:
        assert not {"email", "name", "phone_number", "address"} & set(result.claims), "identity in the ID token of a code flow"


@plans("B I H")
def test_OC_10_scope_profile(plan, rp, person, metadata):
    scopes(person, rp, metadata, "profile")


@plans("B I H")
def test_OC_11_scope_email(plan, rp, person, metadata):
    scopes(person, rp, metadata, "email")


@plans("B I H")
def test_OC_12_scope_address(plan, rp, person, metadata):
    scopes(person, rp, metadata, "address")


@plans("B I H")
def test_OC_13_scope_phone(plan, rp, person, metadata):
    scopes(person, rp, metadata, "phone")


@plans("B I H")
def test_OC_14_scope_all(plan, rp, person, metadata):
    scopes(person, rp, metadata, "profile", "email", "address", "phone")


@plans("B I H")
def test_OC_15_alternate_happy_flow(plan, rp, person):
    values = rp.request(scope="profile openid")
    turned = dict(reversed(list(values.items())))
    complete(person, rp, values=turned)


@plans("B I H")
def test_OC_16_display_page(plan, rp, person):
    complete(person, rp, display="page")


@plans("B I H")
def test_OC_17_display_popup(plan, rp, person):
    complete(person, rp, display="popup")


# Sessions


@plans("B I H")
def test_OC_18_prompt_login(plan, rp, session):
    person, browser, first, _ = session
    assert first.claims is not None, "every flow of these plans gives an ID token"
    if int(time.time()) <= first.claims["auth_time"]:
        time.sleep(1.05)
    before = person.asked
    second = complete(person, rp, browser=browser, prompt="login")
    assert person.asked == before + 1, "no second approval on the device"
    assert second.claims["auth_time"] > first.claims["auth_time"] and second.claims["sub"] == first.claims["sub"]


@plans("B I H")
def test_OC_19_prompt_none_not_logged_in(plan, rp, person):
    back = silent(rp, person.browser())
    assert back.error in LOGIN_ERRORS, back.values
    assert "code" not in back and "id_token" not in back and "access_token" not in back


def logged_in(person, rp):
    browser = person.browser()
    return browser, complete(person, rp, browser=browser)


@plans("B I H")
def test_OC_20_prompt_none_logged_in(plan, rp, person):
    browser, first = logged_in(person, rp)
    before = person.asked
    back = silent(rp, browser)
    assert back.error is None, back.values
    second = Outcome(rp, back)
    assert person.asked == before
    if first.claims:
        assert second.claims["sub"] == first.claims["sub"]
        assert second.claims.get("auth_time") == first.claims.get("auth_time")


@plans("B I H")
def test_OC_21_max_age_1(plan, rp, session):
    person, browser, first, since = session
    assert first.claims is not None, "every flow of these plans gives an ID token"
    time.sleep(max(0.0, since + 2.1 - time.time()))
    before = person.asked
    second = complete(person, rp, browser=browser, max_age="1", prompt=None)
    # OC-18 may have logged in again just now; then the session is young, and the suite's wait stands between them.
    if person.asked == before:
        time.sleep(2.1)
        second = complete(person, rp, browser=browser, max_age="1")
    assert person.asked == before + 1, "no second login"
    assert second.claims["auth_time"] > first.claims["auth_time"]
    assert abs(second.claims["auth_time"] - time.time()) < 60


@plans("B I H")
def test_OC_22_max_age_10000(plan, rp, person):
    browser = person.browser()
    first = complete(person, rp, browser=browser, max_age="15000")
    before = person.asked
    second = complete(person, rp, browser=browser, max_age="10000")
    assert person.asked == before, "a second login"
    if first.claims:
        assert second.claims["auth_time"] == first.claims["auth_time"]


@plans("B I H")
def test_OC_23_ensure_request_with_unknown_parameter_succeeds(plan, rp, person):
    complete(person, rp, extra="foobar")


@plans("B I H")
def test_OC_24_id_token_hint(plan, rp, person):
    browser, first = logged_in(person, rp)
    assert first.claims is not None, "every flow of these plans gives an ID token"
    back = silent(rp, browser, id_token_hint=first.raw)
    assert back.error is None, back.values
    assert Outcome(rp, back).claims["sub"] == first.claims["sub"]


@plans("B I H")
def test_OC_25_login_hint(plan, rp, person):
    complete(person, rp, login_hint="buffy@localhost")


@plans("B I H")
def test_OC_26_ui_locales(plan, rp, person, metadata):
    complete(person, rp, ui_locales="se")
    for locale in metadata["ui_locales_supported"]:
        browser = person.browser(language="en" if locale != "en" else "km")
        assert rp.open(browser, rp.request(ui_locales=locale)).page.lang == locale


@plans("B I H")
def test_OC_27_claims_locales(plan, rp, person):
    complete(person, rp, claims_locales="se")


@plans("B I H")
def test_OC_28_ensure_request_with_acr_values_succeeds(plan, rp, person, metadata):
    result = complete(person, rp, acr_values=" ".join(metadata["acr_values_supported"]))
    if result.claims:
        assert result.claims["acr"] in metadata["acr_values_supported"]


# Codes


@pytest.fixture
def aged(once, plan, rp, pool):
    """A code that was used once, and when."""

    def make():
        person = next(pool)
        result = complete(person, rp)
        return result, time.time()

    return once(f"used code of {plan.id}", make)


@plans("B H")
def test_OC_29_codereuse(plan, rp, person, aged):
    result = complete(person, rp)
    oauth_error(rp.exchange(result.back), "invalid_grant", status=(400,))


@plans("B I H")
def test_OC_31_ensure_registered_redirect_uri(plan, rp, person):
    for prompt in (None, "none"):
        answer = rp.open(person.browser(), rp.request(redirect_uri=rp.redirect + "/suffix", prompt=prompt), follow=False)
        refused_on_a_page(answer)


@plans("B")
def test_OC_32_ensure_post_request_succeeds(plan, rp, person):
    browser = person.browser()
    values = rp.request()
    answer = browser.send("POST", rp.provider.endpoint("authorization_endpoint"), data=values)
    Outcome(rp, rp.received(person.walk(browser, answer), values))


@plans("B H")
def test_OC_33_server_client_secret_post(plan, registrar, once, person):
    name = "post-" + re.sub(r"[^a-z]+", "-", plan.id)
    rp = once(name, lambda: registrar.add(name, **(plan.client | {"token_endpoint_auth_method": "client_secret_post"})))
    rp.response_mode = "form_post" if plan.form_post else None
    complete(person, rp)


def unsupported(rp, person, values, *codes):
    answer = rp.open(person.browser(), values)
    if answer.location or not answer.page.error:
        back = rp.received(answer, values)
        assert back.error in codes, back.values
    else:
        refused_on_a_page(answer, *codes)


@plans("B I H")
def test_OC_34_request_uri_unsigned_rejected_as_unsupported(plan, rp, person, listener):
    """1.14: unsigned request objects are never supported; and no address outside the registration is fetched."""
    values = rp.request()
    address = listener.serve("/unsigned-request.jwt", unsigned(values), kind="application/oauth-authz-req+jwt")
    unsupported(
        rp, person, values | {"request_uri": address}, "request_uri_not_supported", "invalid_request_uri", "invalid_request_object",
        "invalid_request",
    )
    assert not listener.requests("/unsigned-request.jwt"), "an address that nobody registered was fetched"


@plans("B I H")
def test_OC_35_unsigned_request_object_rejected_as_unsupported(plan, rp, person):
    values = rp.request()
    unsupported(
        rp, person, values | {"request": unsigned(values | {"state": "inner"})}, "request_not_supported", "invalid_request_object",
    )


@plans("B I H")
def test_OC_36_claims_essential(plan, rp, person):
    result = complete(person, rp, scope="openid", claims={"userinfo": {"name": {"essential": True}}})
    if result.access is None:
        assert result.rp.response_type == "id_token", "a flow that gives an access token gave none"
        pytest.skip("no userinfo in this flow")
    assert result.info()["name"]
    assert "name" not in (result.claims or {})


@plans("B I H")
def test_OC_37_ensure_request_object_with_redirect_uri(plan, registrar, once, person):
    name = "object-" + re.sub(r"[^a-z]+", "-", plan.id)

    def make():
        key = new_key("RS256")
        return registrar.add(name, keys=[key], **(plan.client | {"request_object_signing_alg": "RS256"}))

    rp = once(name, make)
    rp.response_mode = "form_post" if plan.form_post else None
    values = rp.request()
    outer = values | {"redirect_uri": rp.redirect + "/other", "request": rp.request_object(values)}
    browser = person.browser()
    answer = rp.open(browser, outer)
    if answer.status >= 400:
        refused_on_a_page(answer)
        return
    Outcome(rp, rp.received(person.walk(browser, answer), values))


def refreshed(person, rp, **more):
    """A login with offline_access."""
    return complete(person, rp, scope="openid offline_access", prompt="consent", **more)


@plans("B H")
def test_OC_38_refresh_token(plan, rp, sister, person, metadata):
    assert "refresh_token" in metadata["grant_types_supported"] and "offline_access" in metadata["scopes_supported"]
    first = refreshed(person, rp)
    body = granted(rp.refresh(first.body["refresh_token"]))
    assert body["access_token"] != first.body["access_token"]
    if "id_token" in body:
        claims = decoded(body["id_token"])
        for name in ("iss", "sub", "aud", "auth_time"):
            assert claims[name] == first.claims[name], name
        rp.provider.id_token(body["id_token"], rp.id, nonce=claims.get("nonce"))
        assert claims.get("nonce") in (None, first.claims["nonce"])
    assert rp.claims(body["access_token"])["sub"] == first.claims["sub"]
    oauth_error(sister.refresh(body.get("refresh_token", first.body["refresh_token"])), "invalid_grant", status=(400,))
    assert "refresh_token" not in complete(person, rp, scope="openid").body, "a refresh token without offline_access"


@plans("B H", only=("code id_token",))
def test_OC_39_ensure_request_with_valid_pkce_succeeds(plan, rp, person):
    rp.pkce = True
    try:
        complete(person, rp)
    finally:
        rp.pkce = False


# Last, because it needs codes of 30 seconds ago


@plans("B H")
@pytest.mark.slow
def test_OC_30_codereuse_30seconds(plan, rp, aged):
    result, since = aged
    time.sleep(max(0.0, since + 30.5 - time.time()))
    oauth_error(rp.exchange(result.back), "invalid_grant", status=(400,))
    answer = rp.userinfo(result.access)
    assert answer.status_code == 401, "the token of a code that was used twice still works"


