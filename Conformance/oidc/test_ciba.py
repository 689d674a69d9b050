"""FAPI-CIBA: rows CB-02 to CB-43 of the generic set, over poll and ping, private_key_jwt with DPoP and mTLS."""

import secrets
import time

import pytest

from support.provider import granted, half_hash, is_json, no_store, oauth_error, resource_error, unguessable
from support.registrations import CIBA, FAPI2, Refused
from support.relying_party import decoded, new_key

BOUND = {"dpop_bound_access_tokens": None, "tls_client_certificate_bound_access_tokens": True}
NOTIFY = "/ciba/"


def over(*names):
    return pytest.mark.parametrize("variant", names)


ALL = ("poll-dpop", "ping-dpop", "poll-mtls", "ping-mtls")
KEYED = ("poll-dpop", "ping-dpop")
PING = ("ping-dpop", "ping-mtls")


@pytest.fixture(scope="module")
def make(registrar, authority, listener, once):
    def client(variant, name):
        def build():
            mode, bound = variant.split("-")
            members = FAPI2 | {
                "grant_types": ["authorization_code", "refresh_token", CIBA], "backchannel_token_delivery_mode": mode,
                "backchannel_authentication_request_signing_alg": "ES256", "ciba_trusted": True,
            }
            certificate = None
            if mode == "ping":
                members["backchannel_client_notification_endpoint"] = f"{listener.url}{NOTIFY}{name}-{variant}"
            if bound == "mtls":
                certificate = authority.issue(f"{name}-{variant}")
                members |= BOUND | {
                    "token_endpoint_auth_method": "tls_client_auth", "token_endpoint_auth_signing_alg": None,
                    "tls_client_auth_san_dns": certificate.dns,
                }
            rp = registrar.add(f"{name}-{variant}", keys=[new_key("ES256")], certificate=certificate and certificate.pair, **members)
            rp.ping, rp.notified, rp.bound = mode == "ping", f"{NOTIFY}{name}-{variant}", certificate
            if rp.ping:
                listener.routes[rp.notified] = (204, {}, b"")
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
def fresh(make_person):
    """A person with no open prompts: the budget per person is small (4.2)."""
    return make_person()


class Prompt:
    """One authentication request, sent by `rp` about a person."""

    def __init__(self, rp, person, changes=None, key=None, alg=None, header=None, signed=True, options=None, **values):
        self.rp, self.person = rp, person
        self.token = secrets.token_urlsafe(32)
        self.values = {"scope": "openid", "login_hint": person.kidc, "binding_message": "Judge 1234"}
        if rp.ping:
            self.values["client_notification_token"] = self.token
        self.values = {k: v for k, v in (self.values | values).items() if v is not None}
        data = self.values
        if signed:
            data = {"request": rp.request_object(self.values, key=key, alg=alg, header=header, **(changes or {}))}
        self.answer = rp.post("backchannel_authentication_endpoint", data, dpop=None, **(options or {}))

    def accepted(self):
        assert self.answer.status_code == 200, f"{self.answer.status_code}: {self.answer.text[:400]}"
        no_store(self.answer)
        self.body = is_json(self.answer)
        unguessable(self.body["auth_req_id"])
        assert isinstance(self.body["expires_in"], int) and self.body["expires_in"] > 0
        assert isinstance(self.body.get("interval", 5), int) and self.body.get("interval", 5) > 0
        self.id = self.body["auth_req_id"]
        return self

    def refused(self, *codes, status=(400, 401, 403)):
        return oauth_error(self.answer, *codes, status=status)

    def transaction(self):
        found = self.person.device.transactions(wait=5)
        mine = [t for t in found if t["details"]["client_id"] == self.rp.id]
        assert mine, f"the device sees nothing of {self.rp.id}"
        return mine[-1]

    def approve(self):
        transaction = self.transaction()
        number = self.body.get("user_number", (transaction.get("numbers") or [0])[0])
        answer = self.person.device.decide(transaction, number=number)
        assert answer.status_code == 200, answer.text
        return self

    def deny(self):
        assert self.person.device.decide(self.transaction(), "deny").status_code == 200
        return self

    def poll(self, rp=None, **options):
        data = {"grant_type": CIBA, "auth_req_id": self.id} | options.pop("data", {})
        return (rp or self.rp).post("token_endpoint", data, **options)

    def tokens(self):
        """When it may: a ping has come, or the interval is over."""
        for _ in range(4):
            answer = self.poll()
            if answer.status_code == 200 or is_json(answer)["error"] not in ("slow_down", "authorization_pending"):
                return granted(answer)
            time.sleep(self.body.get("interval", 5) + 0.2)
        return granted(answer)


def begin(rp, person, **options):
    return Prompt(rp, person, **options).accepted()


@over(*ALL)
def test_CB_02_fapi_ciba_id1(rp, other, person, variant, listener):
    """Two clients; early polls; tokens; reuse; the other's key at the resource."""
    before = len(listener.requests(rp.notified))
    prompt = begin(rp, person)
    for expected in (("authorization_pending",), ("authorization_pending", "slow_down")):
        oauth_error(prompt.poll(), *expected, status=(400,))
    prompt.approve()
    if rp.ping:
        request = listener.wait(rp.notified, before + 1)[before]
        assert request.method == "POST" and request.headers["Authorization"] == f"Bearer {prompt.token}"
        assert request.headers["Content-Type"].split(";")[0] == "application/json"
        assert request.body == b'{"auth_req_id":"%s"}' % prompt.id.encode() or prompt.id.encode() in request.body
    body = prompt.tokens()
    _, claims = rp.provider.id_token(body["id_token"], rp.id, ["ES256", "PS256", "EdDSA"])
    assert claims.get("urn:openid:params:jwt:claim:auth_req_id", prompt.id) == prompt.id
    assert claims.get("at_hash", half_hash(body["access_token"])) == half_hash(body["access_token"])
    assert claims["acr"] and rp.claims(body["access_token"])["sub"] == claims["sub"]
    oauth_error(prompt.poll(), "invalid_grant", status=(400,))
    resource_error(other.userinfo(body["access_token"]))
    second = begin(other, person).approve().tokens()
    resource_error(rp.userinfo(second["access_token"]))


@over(*KEYED)
def test_CB_03_user_rejects_authentication(rp, fresh, listener):
    before = len(listener.requests(rp.notified))
    prompt = begin(rp, fresh).deny()
    if rp.ping:
        listener.wait(rp.notified, before + 1)
    oauth_error(prompt.poll(), "access_denied", status=(400,))


@over(*KEYED)
def test_CB_04_multiple_call_to_token_endpoint(rp, fresh):
    prompt = begin(rp, fresh)
    codes = []
    for _ in range(5):
        answer = prompt.poll()
        assert answer.status_code in (400, 429, 503)
        codes.append(is_json(answer)["error"] if answer.status_code == 400 else "503")
        if answer.status_code == 503:
            assert answer.headers["Retry-After"]
    assert set(codes) <= {"authorization_pending", "slow_down", "invalid_request", "503"} and "slow_down" in codes, codes
    prompt.deny()


@over(*KEYED)
def test_CB_05_auth_req_id_expired(expiring, variant):
    prompt, since = expiring(variant)
    time.sleep(max(0.0, since + prompt.body["expires_in"] + 1.0 - time.time()))
    assert prompt.body["expires_in"] <= 10
    oauth_error(prompt.poll(), "expired_token", status=(400,))


@pytest.fixture(scope="module")
def expiring(make, make_person, once):
    """Requests that nobody answers, with requested_expiry 10."""
    def get(variant):
        return once(f"expiring {variant}", lambda: (begin(make(variant, "first"), make_person(), requested_expiry=10), time.time()))

    return get


@pytest.fixture(scope="module", autouse=True)
def started(expiring):
    for variant in KEYED:
        try:
            expiring(variant)
        except pytest.fail.Exception:
            pass


@over(*ALL)
def test_CB_06_ensure_authorization_request_with_binding_message_succeeds(rp, person):
    prompt = begin(rp, person, binding_message="1234")
    assert prompt.transaction()["details"]["binding_message"] == "1234"
    prompt.approve().tokens()


LONG = "សូមអនុម័តការផ្ទេរប្រាក់ ១២៣៤ ពីគណនីរបស់អ្នក។ " * 4


@over(*KEYED)
@pytest.mark.parametrize("message", ["1234 👍🏿 品川 ñ", LONG.strip(), "x" * 400, "a\u202eb", "a\nb", "", " ", "\u0000"], ids=lambda m: ascii(m)[:16])
def test_CB_07_ensure_authorization_request_with_potentially_bad_binding_message(rp, fresh, message):
    prompt = Prompt(rp, fresh, binding_message=message)
    if prompt.answer.status_code == 200:
        prompt.accepted()
        assert prompt.transaction()["details"].get("binding_message") == (message or None) and "\u202e" not in message and "\n" not in message
        prompt.deny()
    else:
        prompt.refused("invalid_binding_message", "invalid_request", status=(400,))


@over(*KEYED)
def test_CB_08_ensure_other_scope_order_succeeds(rp, person):
    begin(rp, person, scope="profile openid").approve().tokens()


@over(*KEYED)
@pytest.mark.parametrize("expiry", [60, "60"], ids=["number", "string"])
def test_CB_09_ensure_requested_expiry_as_string_succeeds(rp, person, expiry):
    prompt = begin(rp, person, requested_expiry=expiry)
    assert prompt.body["expires_in"] <= 60
    prompt.approve().tokens()


def object_refused(rp, person, **options):
    Prompt(rp, person, **options).refused("invalid_request", "invalid_request_object", "invalid_client", status=(400, 401))


NOW = time.time


@over(*KEYED)
def test_CB_10_ensure_request_object_missing_aud_fails(rp, person):
    object_refused(rp, person, changes={"aud": None})


@over(*KEYED)
def test_CB_11_ensure_request_object_bad_aud_fails(rp, person):
    object_refused(rp, person, changes={"aud": "https://other.example"})


@over(*KEYED)
def test_CB_12_ensure_request_object_missing_iss_fails(rp, person):
    object_refused(rp, person, changes={"iss": None})


@over(*KEYED)
def test_CB_13_ensure_request_object_bad_iss_fails(rp, person):
    object_refused(rp, person, changes={"iss": "https://other.example"})


@over(*KEYED)
def test_CB_14_ensure_request_object_missing_exp_fails(rp, person):
    object_refused(rp, person, changes={"exp": None})


@over(*KEYED)
def test_CB_15_ensure_request_object_expired_exp_fails(rp, person):
    object_refused(rp, person, changes={"exp": int(NOW()) - 300})


@over(*KEYED)
def test_CB_16_ensure_request_object_exp_is_70_minutes_in_future_fails(rp, person):
    object_refused(rp, person, changes={"exp": int(NOW()) + 4200})


@over(*KEYED)
def test_CB_17_ensure_request_object_missing_iat_fails(rp, person):
    object_refused(rp, person, changes={"iat": None})


@over(*KEYED)
def test_CB_18_ensure_request_object_missing_nbf_fails(rp, person):
    object_refused(rp, person, changes={"nbf": None})


@over(*KEYED)
def test_CB_19_ensure_request_object_nbf_is_10_minutes_in_future_fails(rp, person):
    object_refused(rp, person, changes={"nbf": int(NOW()) + 600, "exp": int(NOW()) + 900})


@over(*KEYED)
def test_CB_20_ensure_request_object_nbf_is_70_minutes_in_past_fails(rp, person):
    object_refused(rp, person, changes={"nbf": int(NOW()) - 4200, "iat": int(NOW()) - 4200})


@over(*KEYED)
def test_CB_21_ensure_request_object_missing_jti_fails(rp, person):
    object_refused(rp, person, changes={"jti": None})


@over(*KEYED)
def test_CB_22_ensure_request_object_signature_algorithm_is_none_fails(rp, person):
    object_refused(rp, person, alg="none")


@over(*KEYED)
def test_CB_23_ensure_request_object_signature_algorithm_is_bad_fails(rp, person):
    """A valid signature by a key that nobody registered, under the registered kid; and one by an algorithm not registered."""
    object_refused(rp, person, key=new_key("ES256"), header={"kid": rp.key.kid})
    object_refused(rp, person, key=new_key("EdDSA"), header={"kid": rp.key.kid})


@over(*KEYED)
def test_CB_24_ensure_request_object_signature_algorithm_is_rs256_fails(rp, person):
    object_refused(rp, person, key=new_key("RS256"), header={"kid": rp.key.kid})


@over(*KEYED)
def test_CB_25_ensure_request_object_signed_by_other_client_fails(rp, other, person):
    object_refused(rp, person, key=other.key)
    object_refused(rp, person, key=other.key, header={"kid": rp.key.kid})


@over(*KEYED)
def test_CB_26_ensure_authorization_request_with_multiple_hints_fails(rp, person, make):
    hint = begin(rp, person).approve().tokens()["id_token"]
    Prompt(rp, person, id_token_hint=hint).refused("invalid_request", status=(400,))
    Prompt(rp, person, login_hint_token="a.b.c").refused("invalid_request", status=(400,))
    Prompt(rp, person, login_hint=None, id_token_hint=hint, login_hint_token="a.b.c").refused("invalid_request", status=(400,))
    Prompt(rp, person, login_hint=None).refused("invalid_request", status=(400,))
    begin(rp, person, login_hint=None, id_token_hint=hint).approve().tokens()


@over(*KEYED)
def test_CB_27_ensure_wrong_auth_req_id_in_token_endpoint_request(rp, other, person):
    prompt = begin(rp, person)
    oauth_error(prompt.poll(rp=other), "invalid_grant", status=(400,))
    oauth_error(prompt.poll(data={"auth_req_id": secrets.token_urlsafe(32)}), "invalid_grant", status=(400,))
    oauth_error(prompt.poll(data={"auth_req_id": None}), "invalid_request", "invalid_grant", status=(400,))
    prompt.approve().tokens()


@over(*KEYED)
def test_CB_28_ensure_different_client_id_and_issuer_in_backchannel_authorization_request(rp, other, person):
    object_refused(rp, person, changes={"iss": other.id})
    object_refused(rp, person, changes={"client_id": other.id})


@over(*KEYED)
def test_CB_29_ensure_wrong_client_id_in_token_endpoint_request(rp, other, person):
    prompt = begin(rp, person)
    data, _ = rp.credentials({})
    oauth_error(prompt.poll(auth=None, data=data | {"client_id": other.id}), "invalid_client", "invalid_request", "invalid_grant")
    prompt.approve().tokens()


@over(*KEYED)
def test_CB_30_ensure_wrong_client_id_in_backchannel_authorization_request(rp, other, person):
    data, _ = rp.credentials({"request": rp.request_object({"scope": "openid", "login_hint": person.kidc, "binding_message": "Judge 12"})})
    answer = rp.post("backchannel_authentication_endpoint", data | {"client_id": other.id}, auth=None, dpop=None)
    oauth_error(answer, "invalid_client", "invalid_request")


@over(*ALL)
def test_CB_31_ensure_without_client_assertion_in_token_endpoint_request(rp, person):
    prompt = begin(rp, person)
    answer = prompt.poll(auth=None, data={"client_id": rp.id}, mtls=False)
    oauth_error(answer, "invalid_client", "invalid_request")
    prompt.approve().tokens()


@over(*ALL)
def test_CB_32_ensure_without_client_assertion_in_backchannel_authorization_request(rp, person):
    data = {"client_id": rp.id, "request": rp.request_object({"scope": "openid", "login_hint": person.kidc, "binding_message": "Judge 12"})}
    answer = rp.post("backchannel_authentication_endpoint", data, auth=None, dpop=None, mtls=False)
    oauth_error(answer, "invalid_client", "invalid_request")


@over(*KEYED)
def test_CB_33_ensure_client_assertion_rs256_in_token_endpoint_fails(rp, person):
    prompt = begin(rp, person)
    bad = rp.assertion(key=new_key("RS256"), header={"kid": rp.key.kid})
    oauth_error(prompt.poll(assertion=bad), "invalid_client")
    prompt.approve().tokens()


@over(*KEYED)
def test_CB_34_ensure_client_assertion_rs256_in_backchannel_authorization_fails(rp, person):
    bad = rp.assertion(key=new_key("RS256"), header={"kid": rp.key.kid})
    Prompt(rp, person, options={"assertion": bad}).refused("invalid_client")


@over(*KEYED)
def test_CB_35_ensure_client_assertion_with_iss_aud_to_token_endpoint_succeeds(rp, person):
    prompt = begin(rp, person).approve()
    granted(prompt.poll(assertion=rp.assertion(aud=rp.provider.issuer)))


def notified(rp, person, listener, route):
    """The notification gets this answer; the flow must not care. Gives the request's identifier."""
    before = len(listener.requests(rp.notified))
    listener.routes[rp.notified] = route
    try:
        prompt = begin(rp, person).approve()
        listener.wait(rp.notified, before + 1)
        prompt.tokens()
        return prompt.id
    finally:
        listener.routes[rp.notified] = (204, {}, b"")


@over(*PING)
def test_CB_36_ping_notification_endpoint_response_has_body(rp, person, listener):
    notified(rp, person, listener, (200, {"Content-Type": "application/json"}, b'{"unexpected": true}'))


@over(*PING)
def test_CB_37_ping_notification_endpoint_response_401(rp, person, listener):
    notified(rp, person, listener, (401, {"WWW-Authenticate": "Bearer"}, b""))


@over(*PING)
def test_CB_38_ping_notification_endpoint_response_403(rp, person, listener):
    notified(rp, person, listener, (403, {}, b""))


@over(*PING)
def test_CB_39_ping_notification_endpoint_401_server_does_not_retry(rp, person, listener):
    request = notified(rp, person, listener, (401, {}, b""))
    time.sleep(4)
    # Of this request: others may still be on their way.
    assert sum(request.encode() in seen.body for seen in listener.requests(rp.notified)) == 1, "a second try after 401"


@over(*PING)
def test_CB_40_ping_notification_endpoint_returns_redirect(rp, person, listener):
    notified(rp, person, listener, (302, {"Location": listener.url + "/ciba-elsewhere"}, b""))
    notified(rp, person, listener, (307, {"Location": listener.url + "/ciba-elsewhere"}, b""))
    assert not listener.requests("/ciba-elsewhere"), "a redirect was followed"


@over(*ALL)
def test_CB_41_ensure_unsigned_backchannel_authorization_request_fails(rp, person):
    Prompt(rp, person, signed=False).refused("invalid_request", "invalid_request_object", status=(400,))


@over(*ALL)
def test_CB_42_refresh_token(rp, other, person):
    body = begin(rp, person, scope="openid offline_access").approve().tokens()
    token = body["refresh_token"]
    oauth_error(other.refresh(token), "invalid_grant", status=(400,))
    if rp.dpop_key:
        oauth_error(rp.refresh(token, dpop=None), "invalid_request", "invalid_grant", "invalid_dpop_proof", status=(400,))
        other_key = new_key()
        answer = rp.refresh(token, dpop=lambda m, a: rp.proof(m, a, key=other_key))
        oauth_error(answer, "invalid_grant", "invalid_dpop_proof", status=(400,))
    renewed = granted(rp.refresh(token))
    granted(rp.refresh(token))
    assert rp.claims(renewed["access_token"])["sub"] == decoded(body["id_token"])["sub"]


@over("poll-mtls", "ping-mtls")
def test_CB_43_ensure_mtls_holder_of_key_required(rp, person):
    prompt = begin(rp, person).approve()
    oauth_error(prompt.poll(mtls=False), "invalid_client", "invalid_request", "invalid_grant")
    body = prompt.tokens()
    assert decoded(body["access_token"])["cnf"]["x5t#S256"] == rp.bound.thumbprint
    resource_error(rp.userinfo(body["access_token"], mtls=False))


def test_CB_02_push_is_not_offered(registrar, listener):
    """FAPI-CIBA: no push delivery."""
    with pytest.raises(Refused):
        registrar.fapi(
            "ciba-push", grant_types=["authorization_code", CIBA], backchannel_token_delivery_mode="push",
            backchannel_client_notification_endpoint=listener.url + "/push",
        )


def test_CB_02_unsolicited_prompts_need_trust(registrar, make_person):
    """A client that is not trusted for it prompts nobody by identifier."""
    rp = registrar.fapi(
        "ciba-untrusted", grant_types=["authorization_code", CIBA], backchannel_token_delivery_mode="poll",
        backchannel_authentication_request_signing_alg="ES256")
    rp.ping, rp.notified = False, ""
    person = make_person()
    Prompt(rp, person).refused("unauthorized_client", "access_denied", "invalid_request", "unknown_user_id")
    assert person.device.transactions() == []
