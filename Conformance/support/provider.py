"""The provider as its own metadata describes it: endpoints, keys, tokens."""

import math
import re
import time
from collections import Counter
from urllib.parse import parse_qs, parse_qsl, urlsplit

import requests
from joserfc import jwe, jws, jwt
from joserfc.jwk import KeySet

from .authenticator import b64, sha256

ASYMMETRIC = ["RS256", "PS256", "ES256", "EdDSA", "Ed25519"]
TOKEN68 = re.compile(r"^[A-Za-z0-9\-._~+/]+=*$")
DESCRIPTION = re.compile(r"^[\x20-\x21\x23-\x5B\x5D-\x7E]*$")  # RFC 6749 section 5.2
LOGIN_ERRORS = {"login_required", "interaction_required", "consent_required", "account_selection_required"}


def entropy(text):
    """Bits, as the measured distribution of characters gives them."""
    counts = Counter(text)
    return -sum(n * math.log2(n / len(text)) for n in counts.values())


def unguessable(text):
    """1.8: at least 128 bits long and 96 bits measured."""
    assert len(text) * 6 >= 128, f"too short: {len(text)} characters"
    assert entropy(text) >= 96, f"{entropy(text):.0f} bits in {text[:8]}…"


def no_store(answer):
    assert "no-store" in answer.headers.get("Cache-Control", ""), f"Cache-Control: {answer.headers.get('Cache-Control')}"


def is_json(answer):
    assert answer.headers.get("Content-Type", "").split(";")[0] == "application/json", answer.headers.get("Content-Type")
    body = answer.json()
    assert isinstance(body, dict)
    return body


def oauth_error(answer, *codes, status=(400, 401)):
    """RFC 6749 section 5.2: status, JSON, no-store, charset of the description; one of the codes, if some are named."""
    assert answer.status_code in status, f"{answer.status_code}: {answer.text[:300]}"
    body = is_json(answer)
    no_store(answer)
    assert isinstance(body.get("error"), str), body
    if codes:
        assert body["error"] in codes, body
    if answer.status_code == 401 and "/token" in answer.url:
        assert body["error"] in ("invalid_client", "invalid_dpop_proof", "use_dpop_nonce"), body
    assert DESCRIPTION.match(body.get("error_description", "")), body
    assert "access_token" not in body and "request_uri" not in body and "auth_req_id" not in body
    return body["error"]


def granted(answer):
    """A token response, checked for what every one must be."""
    assert answer.status_code == 200, f"{answer.status_code}: {answer.text[:500]}"
    body = is_json(answer)
    no_store(answer)
    assert body["token_type"].lower() in ("bearer", "dpop"), body["token_type"]
    assert isinstance(body["expires_in"], int) and 0 < body["expires_in"] <= 31_536_000
    for name in ("access_token", "refresh_token"):
        if name in body:
            unguessable(body[name])
            assert TOKEN68.match(body[name]), name
    return body


def resource_error(answer):
    """RFC 6750 section 3: a refused token."""
    assert answer.status_code in (400, 401, 403), f"{answer.status_code}: {answer.text[:300]}"
    assert "www-authenticate" in {name.lower() for name in answer.headers}, dict(answer.headers)


class Provider:
    def __init__(self, base, verify=True):
        self.base, self.verify = base, verify
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.verify = verify
        self.metadata = self.http.get(f"{base}/.well-known/openid-configuration", timeout=20).json()
        self.issuer = self.metadata["issuer"]
        self._keys = None

    def endpoint(self, name, mtls=False):
        aliases = self.metadata.get("mtls_endpoint_aliases", {}) if mtls else {}
        address = aliases.get(name) or self.metadata.get(name)
        assert address, f"the provider does not advertise {name}"
        return address

    def supports(self, name, value):
        return value in self.metadata.get(name, [])

    def jwks(self):
        answer = self.http.get(self.metadata["jwks_uri"], timeout=20)
        assert answer.status_code == 200
        return answer.json()

    def keys(self, fresh=False):
        if fresh or self._keys is None:
            self._keys = KeySet.import_key_set(self.jwks())
        return self._keys

    def verified(self, raw, algorithms=ASYMMETRIC):
        """Header and claims of a JWT that one of the published keys signed; its kid must be published."""
        header = jws.extract_compact(raw.encode()).headers()
        assert header.get("kid"), f"no kid in {header}"
        keys = self.keys()
        if header["kid"] not in {key.kid for key in keys.keys}:
            keys = self.keys(fresh=True)
        token = jwt.decode(raw, keys, algorithms=algorithms)
        return token.header, token.claims

    def id_token(self, raw, client_id, algorithms=ASYMMETRIC, nonce=None, key=None):
        """Core 3.1.3.7 and what OC-01 asserts of every ID token."""
        if raw.count(".") == 4:
            raw = jwe.decrypt_compact(raw, key).plaintext.decode()
        header, claims = self.verified(raw, algorithms)
        now = time.time()
        assert claims["iss"] == self.issuer
        assert claims["aud"] in (client_id, [client_id]), claims["aud"]
        assert isinstance(claims["sub"], str) and 0 < len(claims["sub"]) <= 255 and claims["sub"].isascii()
        for name in ("exp", "iat"):
            assert isinstance(claims[name], (int, float)) and not isinstance(claims[name], bool), name
        assert now < claims["exp"] < now + 50 * 366 * 86400 and now - 300 < claims["iat"] <= now + 2, claims
        assert claims.get("nonce") == nonce, f"nonce {claims.get('nonce')} for {nonce}"
        if "auth_time" in claims:
            assert isinstance(claims["auth_time"], int) and claims["auth_time"] <= now + 2
        assert claims.get("acr", "x"), "acr is empty"
        assert isinstance(claims.get("updated_at", 0), (int, float))
        assert claims.get("azp", client_id) == client_id
        empty = [name for name, value in claims.items() if value in (None, "")]
        assert not empty, f"empty claims {empty}"
        return header, claims


def half_hash(value):
    """at_hash, c_hash, s_hash for the algorithms with SHA-256."""
    return b64(sha256(value.encode())[:16])


def parameters(text):
    pairs = parse_qsl(text, keep_blank_values=True)
    assert len(dict(pairs)) == len(pairs), f"duplicated parameters: {text}"
    return dict(pairs)


def split_location(location):
    """(address without what the response added, query, fragment) of a redirect."""
    parts = urlsplit(location)
    return f"{parts.scheme}://{parts.netloc}{parts.path}", parameters(parts.query), parameters(parts.fragment)


def query_of(address):
    return {name: values[-1] for name, values in parse_qs(urlsplit(address).query, keep_blank_values=True).items()}
