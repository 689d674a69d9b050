"""A relying party of any profile, by hand, so that a test can bend any step. Written from the standards alone."""

import base64
import json
import secrets
import time
from dataclasses import dataclass, field
from urllib.parse import quote_plus, urlencode, urlsplit

import requests
from joserfc import jws, jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

from .authenticator import b64, sha256, thumbprint
from .browser import Browser
from .login import challenge, number_shown, waiting_on
from .provider import ASYMMETRIC, Provider, granted, split_location

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
KEEP = object()


def new_key(alg="ES256", kid=None, use="sig"):
    """A private key with kid, use and alg."""
    options = {"kid": kid or secrets.token_urlsafe(8), "use": use, "alg": alg}
    if alg in ("ES256", "ECDH-ES", "ECDH-ES+A256KW"):
        return ECKey.generate_key("P-256", options, private=True)
    if alg == "EdDSA":
        return OKPKey.generate_key("Ed25519", options, private=True)
    return RSAKey.generate_key(2048, options, private=True)


def public(*keys):
    return {"keys": [key.as_dict(private=False) for key in keys]}


def compact(header, claims, key, alg=None):
    """A compact JWS over JSON claims with any header; `alg` may differ from what the key was made for."""
    alg = alg or header["alg"]
    plain = type(key).import_key({k: v for k, v in key.as_dict(private=True).items() if k not in ("alg", "use", "key_ops")})
    signed = b64(json.dumps({**header, "alg": alg}).encode()) + "." + b64(json.dumps(claims).encode())
    return signed + "." + b64(jws.JWSRegistry.algorithms[alg].sign(signed.encode(), plain))


def unsigned(claims, **header):
    return b64(json.dumps({"alg": "none", **header}).encode()) + "." + b64(json.dumps(claims).encode()) + "."


def bent(claims, changes):
    """Claims with changes; None takes one out."""
    return {name: value for name, value in (claims | changes).items() if value is not None}


@dataclass
class Back:
    """What came back to the relying party, and where it stood."""

    mode: str
    values: dict
    request: dict
    answer: object = None
    outer: dict = field(default_factory=dict)
    verifier: str | None = None

    def __getitem__(self, name):
        assert name in self.values, f"no {name} in {self.values}"
        return self.values[name]

    def get(self, name, default=None):
        return self.values.get(name, default)

    def __contains__(self, name):
        return name in self.values

    @property
    def error(self):
        return self.values.get("error")


class RelyingParty:
    def __init__(self, provider: Provider, record: dict, keys=(), certificate=None):
        self.provider, self.record = provider, record
        self.id, self.secret = record["client_id"], record.get("client_secret")
        self.redirect = (record.get("redirect_uris") or [None])[0]
        self.auth = record.get("token_endpoint_auth_method", "client_secret_basic")
        self.profile = record.get("profile", "oidc-secure")
        self.fapi = self.profile.startswith("fapi2")
        self.keys = list(keys)
        self.alg = self.keys[0].get("alg") if self.keys else None
        self.certificate = certificate  # (certificate file, key file)
        self.mtls = certificate is not None
        self.pushes = self.fapi
        self.signs_requests = self.profile == "fapi2-ms"
        self.pkce = record.get("require_pkce", True) is not False
        self.response_type = (record.get("response_types") or ["code"])[0]
        self.response_mode = "jwt" if self.profile == "fapi2-ms" else None
        bound = record.get("tls_client_certificate_bound_access_tokens")
        self.dpop_key = new_key() if (self.fapi and not bound) or record.get("dpop_bound_access_tokens") else None
        self.nonces = {}
        self.verifiers = {}  # by challenge

    @property
    def key(self):
        return self.keys[0]

    # Proofs and assertions

    def assertion(self, key=None, alg=None, header=None, **changes):
        key = key or self.key
        now = int(time.time())
        claims = {
            "iss": self.id, "sub": self.id, "aud": self.provider.issuer, "jti": secrets.token_urlsafe(16),
            "iat": now, "exp": now + 60,
        }
        alg = alg or key.get("alg") or "ES256"
        if alg == "none":
            return unsigned(bent(claims, changes), kid=key.kid)
        return compact({"kid": key.kid, **(header or {})}, bent(claims, changes), key, alg)

    def proof(self, method, address, token=None, key=None, alg="ES256", header=None, **changes):
        key = key or self.dpop_key
        claims = {"htm": method, "htu": address.split("?")[0], "iat": int(time.time()), "jti": secrets.token_urlsafe(16)}
        nonce = self.nonces.get(urlsplit(address).netloc)
        if nonce:
            claims["nonce"] = nonce
        if token:
            claims["ath"] = b64(sha256(token.encode()))
        jwk = {k: v for k, v in key.as_dict(private=False).items() if k not in ("kid", "use", "alg")}
        head = bent({"typ": "dpop+jwt", "jwk": jwk}, header or {})
        if alg == "none":
            return unsigned(bent(claims, changes), **head)
        return compact(head, bent(claims, changes), key, alg)

    def request_object(self, values, key=None, alg=None, header=None, **changes):
        now = int(time.time())
        claims = values | {
            "iss": self.id, "aud": self.provider.issuer, "iat": now, "nbf": now, "exp": now + 300,
            "jti": secrets.token_urlsafe(16),
        }
        claims = bent(claims, changes)
        for name in ("claims", "authorization_details"):
            if isinstance(claims.get(name), str):
                claims[name] = json.loads(claims[name])
        if alg == "none":
            return unsigned(claims, typ="oauth-authz-req+jwt")
        key = key or self.key
        head = {"typ": "oauth-authz-req+jwt", "kid": key.kid, **(header or {})}
        return compact(head, claims, key, alg or key.get("alg"))

    # Back channel

    def credentials(self, data, auth=KEEP, assertion=None):
        """Form data and headers with the client's authentication added."""
        method = self.auth if auth is KEEP else auth
        data, headers = dict(data), {}
        if method == "client_secret_basic":
            pair = f"{quote_plus(self.id)}:{quote_plus(self.secret)}".encode()
            headers["Authorization"] = "Basic " + base64.b64encode(pair).decode()
        elif method == "client_secret_post":
            data |= {"client_id": self.id, "client_secret": self.secret}
        elif method == "private_key_jwt":
            data |= {"client_id": self.id, "client_assertion_type": ASSERTION, "client_assertion": assertion or self.assertion()}
        elif method is not None:
            data |= {"client_id": self.id}
        return data, headers

    def post(self, endpoint, data, auth=KEEP, assertion=None, dpop=KEEP, headers=None, mtls=KEEP):
        """To an endpoint by its name in the metadata. `dpop`: a proof, a function of (method, address), or None."""
        presents = self.mtls if mtls is KEEP else mtls
        address = self.provider.endpoint(endpoint, self.mtls) if not endpoint.startswith("http") else endpoint
        if dpop is KEEP:
            dpop = self.proof if self.dpop_key and endpoint in ("token_endpoint",) else None
        # A nonce may be asked for: a second try with a new assertion and a new proof.
        for attempt in range(2):
            form, head = self.credentials(data, auth, assertion)
            form = {name: value for name, value in form.items() if value is not None}
            if dpop is not None:
                head["DPoP"] = dpop("POST", address) if callable(dpop) else dpop
            answer = self.provider.http.post(
                address, data=form, headers=head | (headers or {}), timeout=30, allow_redirects=False,
                cert=self.certificate if presents else None,
            )
            wants_nonce = self.note_nonce(answer) and "use_dpop_nonce" in answer.text
            if not (wants_nonce and callable(dpop) and attempt == 0):
                break
        return answer

    def note_nonce(self, answer):
        nonce = answer.headers.get("DPoP-Nonce")
        if nonce:
            self.nonces[urlsplit(answer.url).netloc] = nonce
        return nonce

    # Authorization requests

    def request(self, **changes):
        """Parameters of an authorization request. None leaves one out."""
        values = {
            "response_type": self.response_type, "client_id": self.id, "redirect_uri": self.redirect,
            "scope": "openid", "state": "state-" + secrets.token_urlsafe(8), "nonce": "nonce-" + secrets.token_urlsafe(8),
            "response_mode": self.response_mode,
        }
        if self.pkce:
            verifier = secrets.token_urlsafe(32)
            values |= {"code_challenge": challenge(verifier), "code_challenge_method": "S256"}
            self.verifiers[values["code_challenge"]] = verifier
        return bent(values, {k: json.dumps(v) if isinstance(v, (dict, list)) else v for k, v in changes.items()})

    def push(self, values, signed=KEEP, **options):
        """RFC 9126. Signed requests travel as `request`."""
        signed = self.signs_requests if signed is KEEP else signed
        data = {"client_id": self.id, "request": self.request_object(values)} if signed else values
        options.setdefault("dpop", None)
        return self.post("pushed_authorization_request_endpoint", data, **options)

    def pushed(self, values, **options):
        answer = self.push(values, **options)
        assert answer.status_code == 201, f"{answer.status_code}: {answer.text[:300]}"
        return answer.json()["request_uri"]

    def open(self, browser, values, follow=True, outer=None):
        """The browser at the authorization endpoint with this request."""
        if self.pushes:
            values = {"client_id": self.id, "request_uri": self.pushed(values)} | (outer or {})
        return browser.get(self.provider.endpoint("authorization_endpoint") + "?" + urlencode(values), follow=follow)

    def received(self, answer, values):
        """The response at the redirect URI, in the right place and with iss and state; JARM is opened."""
        wanted = values.get("response_mode") or ("query" if values.get("response_type", "code") == "code" else "fragment")
        back = response(answer, values.get("redirect_uri", self.redirect))
        back.request, back.verifier = values, self.verifiers.get(values.get("code_challenge"))
        if "response" in back:
            expected = "query" if values.get("response_type") == "code" else "fragment"
            place = {"jwt": expected}.get(wanted, wanted.removesuffix(".jwt"))
            assert back.mode == place, f"{back.mode} instead of {place}"
            assert set(back.values) == {"response"}, back.values
            header, claims = self.provider.verified(back["response"], ["PS256", "ES256", "EdDSA"] if self.fapi else ASYMMETRIC)
            assert claims["iss"] == self.provider.issuer and claims["aud"] in (self.id, [self.id])
            assert time.time() < claims["exp"] <= time.time() + 600
            back.outer, back.values = back.values, {k: v for k, v in claims.items() if k not in ("aud", "exp", "iat")}
        else:
            assert "jwt" not in wanted, f"a plain response to response_mode={wanted}: {back.values}"
            assert back.mode == wanted, f"response in {back.mode} instead of {wanted}: {answer.location}"
        assert back.get("iss") == self.provider.issuer, f"iss is {back.get('iss')}"  # RFC 9207, errors too
        assert back.get("state") == values.get("state"), f"state {back.get('state')} for {values.get('state')}"
        return back

    # Token and resource

    def exchange(self, back, **changes):
        """The token endpoint's answer to the code of a response. Options of `post` may stand among the changes."""
        options = {k: changes.pop(k) for k in ("auth", "assertion", "dpop", "headers", "mtls") if k in changes}
        data = {
            "grant_type": "authorization_code", "code": back["code"], "redirect_uri": back.request.get("redirect_uri"),
            "code_verifier": back.verifier,
        }
        return self.post("token_endpoint", data | changes, **options)

    def tokens(self, back, **changes):
        return granted(self.exchange(back, **changes))

    def refresh(self, token, **changes):
        options = {k: changes.pop(k) for k in ("auth", "assertion", "dpop", "headers", "mtls") if k in changes}
        return self.post("token_endpoint", {"grant_type": "refresh_token", "refresh_token": token} | changes, **options)

    def userinfo(self, token, method="GET", dpop=KEEP, scheme=None, body=False, headers=None, address=None, mtls=KEEP):
        address = address or self.provider.endpoint("userinfo_endpoint", self.mtls)
        presents = self.mtls if mtls is KEEP else mtls
        if dpop is KEEP:
            dpop = self.proof if self.dpop_key else None
        scheme = scheme or ("DPoP" if self.dpop_key else "Bearer")
        for attempt in range(2):
            head = {} if body or token is None else {"Authorization": f"{scheme} {token}"}
            if dpop is not None:
                head["DPoP"] = dpop(method, address, token) if callable(dpop) else dpop
            answer = self.provider.http.request(
                method, address, headers=head | (headers or {}), data={"access_token": token} if body else None, timeout=30,
                cert=self.certificate if presents else None,
            )
            asked = self.note_nonce(answer) and "use_dpop_nonce" in answer.headers.get("WWW-Authenticate", "")
            if not (asked and callable(dpop) and attempt == 0):
                break
        return answer

    def claims(self, token):
        answer = self.userinfo(token)
        assert answer.status_code == 200, f"{answer.status_code}: {answer.text[:300]} {answer.headers.get('WWW-Authenticate')}"
        return answer.json()

    @property
    def jkt(self):
        return thumbprint(self.dpop_key)


def response(answer, redirect):
    """From a redirect or a form_post page."""
    if answer.location:
        assert answer.status in (302, 303), answer.status  # RFC 9700 4.12: never 307
        known = set(split_location(redirect)[1])
        address, query, fragment = split_location(answer.location)
        assert address == redirect.split("?")[0], f"redirected to {answer.location}"
        query = {name: value for name, value in query.items() if name not in known}
        assert not (query and fragment), f"parameters in two places: {answer.location}"
        return Back("fragment" if fragment else "query", fragment or query, {}, answer)
    assert answer.status == 200 and answer.is_html, f"{answer.status} {answer.error}: {answer.text[:300]}"
    form = next((f for f in answer.page.forms if f.action == redirect), None)
    assert form, f"no response to {redirect}: {answer.status} {answer.error} {answer.url}: {answer.page.text[:400]}"
    assert form.method == "post" and "no-store" in answer.headers.get("Cache-Control", "")
    assert len({name for name, _ in form.fields}) == len(form.fields)
    return Back("form_post", dict(form.fields), {}, answer)


def refused_on_a_page(answer, *codes):
    """An error page: no redirect, a marker, nothing of the inside."""
    assert answer.location is None, f"redirected to {answer.location}"
    assert 400 <= answer.status < 500, f"{answer.status} {answer.url}: {answer.text[:200]}"
    assert answer.is_html and answer.page.error, f"no data-error: {answer.text[:300]}"
    assert not [f for f in answer.page.forms if urlsplit(f.action).netloc not in ("", urlsplit(answer.url).netloc)]
    code = answer.page.error.rsplit(".", 1)[-1]  # pages name the room before the code
    if codes:
        assert code in codes, answer.page.error
    return code


class Person:
    """A citizen with a device who answers whatever page the provider shows."""

    def __init__(self, citizen):
        self.citizen, self.device, self.kidc = citizen, citizen.device, citizen.kidc
        self.asked = 0  # approvals on the device so far

    def browser(self, **options):
        return Browser(self.citizen.base, **options)

    def walk(self, browser, answer, choose="all", share=None, action="approve", pages=None):
        """From the authorization endpoint's first answer to what is not a page of the provider."""
        for _ in range(8):
            if pages is not None:
                pages.append(answer)
            if answer.location or not answer.is_html or answer.page.error:
                return answer
            form = next((f for f in answer.page.forms if f.action.startswith("/authorize")), None)
            if answer.page.find(class_="number") is not None:
                answer = self.decide(browser, answer, action, share)
            elif form is None:
                return answer
            else:
                values = {"identifier": self.kidc} if "identifier" in form.names else {}
                if choose == "all":
                    values |= {name: "on" for name in form.names if name.startswith("attr.")}
                elif choose is not None:
                    values |= {name: "on" if name[5:] in choose else None for name in form.names if name.startswith("attr.")}
                answer = browser.submit(form, **values)
        raise AssertionError(f"no end of pages at {answer.url}")

    def decide(self, browser, waiting, action, share):
        self.asked += 1
        transaction = waiting_on(self.device, waiting)
        if action == "approve":
            done = self.device.decide(transaction, number=number_shown(waiting), attributes=share)
        else:
            done = self.device.decide(transaction, action)
        assert done.status_code == 200, done.text
        return browser.get(waiting.url)

    def log_in(self, rp, browser=None, values=None, walk=None, **changes) -> Back:
        """A whole authorization: request, pages, response."""
        browser = browser or self.browser()
        values = values or rp.request(**changes)
        answer = self.walk(browser, rp.open(browser, values), **(walk or {}))
        back = rp.received(answer, values)
        assert back.error is None or (walk or {}).get("action"), back.values
        return back

    def tokens(self, rp, **options):
        return rp.tokens(self.log_in(rp, **options))


def silent(rp, browser, **changes):
    """prompt=none in this browser; the response."""
    values = rp.request(prompt="none", **changes)
    return rp.received(rp.open(browser, values), values)


def decoded(raw):
    """Claims without any check, for tests that look at what another test has verified."""
    return json.loads(base64.urlsafe_b64decode(raw.split(".")[1] + "=="))


__all__ = [name for name in dir() if not name.startswith("_")] + ["granted", "jwt", "requests"]
