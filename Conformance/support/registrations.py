"""How the judges register relying parties: by the operator's command, or dynamically with an initial access token.

What a command is called and what a document looks like stands here and nowhere else.
"""

import json
import secrets
import subprocess

import requests

from .program import run
from .relying_party import RelyingParty, new_key, public

ATTRIBUTES = [
    "name", "name_km", "name_latin", "given_name", "family_name", "given_name_km", "family_name_km", "gender", "birthdate",
    "age_over_15", "age_over_18", "address_province", "address", "phone_number", "email", "nationality", "residency_status",
]
PURPOSE = {
    "code": "judging", "text": {"km": "ការវិនិច្ឆ័យ", "en": "Judging"},
    "essential": ["name_km"], "optional": [name for name in ATTRIBUTES if name != "name_km"], "valid_days": 30,
}
CIBA = "urn:openid:params:grant-type:ciba"
USES = 50
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"

OPERATOR_ONLY = {"purposes", "require_pkce", "risk_acceptance", "public_subject_reason", "organisation", "environment", "ciba_trusted",
                 "resources", "token_exchange", "sector_identifier"}


def risk(*response_types):
    """The operator's recorded acceptance of tokens in URLs."""
    return {
        "response_types": list(response_types), "by": "Judges", "reason": "judged in a closed laboratory", "date": "2026-01-01",
    }

LEGACY = {"profile": "oidc-legacy", "require_pkce": False, "grant_types": ["authorization_code", "refresh_token"]}
SECURE = {
    "profile": "oidc-secure", "grant_types": ["authorization_code", "refresh_token"], "token_endpoint_auth_method": "private_key_jwt",
}
FAPI2 = {
    "profile": "fapi2", "grant_types": ["authorization_code", "refresh_token"], "token_endpoint_auth_method": "private_key_jwt",
    "dpop_bound_access_tokens": True, "id_token_signed_response_alg": "ES256", "token_endpoint_auth_signing_alg": "ES256",
}
FAPI2_MS = FAPI2 | {
    "profile": "fapi2-ms", "request_object_signing_alg": "ES256", "require_signed_request_object": True,
    "authorization_signed_response_alg": "ES256",
}


def hybrid(response_type):
    record = LEGACY | {"response_types": [response_type], "grant_types": ["authorization_code", "implicit", "refresh_token"]}
    return record | ({} if response_type == "code id_token" else {"risk_acceptance": risk(response_type)})


def implicit(response_type):
    return {
        "profile": "oidc-legacy", "require_pkce": False, "response_types": [response_type], "grant_types": ["implicit"],
        "risk_acceptance": risk(response_type),
    }


def document(name, **members):
    """Metadata of one client. Each has a host, so a sector, of its own. None takes a member out."""
    record = {
        "redirect_uris": [f"https://{name}.example/callback"], "response_types": ["code"],
        "grant_types": ["authorization_code"], "purposes": [PURPOSE],
    } | members
    return {key: value for key, value in record.items() if value is not None}


class Refused(AssertionError):
    """The provider does not take the registration."""


class Registrar:
    """Makes relying parties of one running demonstration."""

    def __init__(self, demo, provider, folder):
        self.demo, self.provider, self.folder = demo, provider, folder
        self._token, self._left = None, 0
        self.grants = {
            "label": "Judges", "purposes": [PURPOSE], "profiles": ["oidc-legacy", "oidc-secure", "fapi2", "fapi2-ms"],
            "require_pkce": False,
        }

    # By the operator

    def add(self, name, keys=(), certificate=None, **members):
        """`rumdul admin relying-party add FILE`."""
        keys = keys or ([new_key()] if members.get("token_endpoint_auth_method") == "private_key_jwt" else [])
        if keys and "jwks" not in members and "jwks_uri" not in members:
            members["jwks"] = public(*keys)
        record = {"client_id": name, "client_name": {"km": "អ្នកវិនិច្ឆ័យ", "en": f"Judge {name}"}} | document(name, **members)
        path = self.folder / f"{name}.json"
        path.write_text(json.dumps(record, ensure_ascii=False))
        done = run("admin", "relying-party", "add", path, "--data", self.demo.data, "--json")
        if done.returncode != 0:
            raise Refused(f"relying-party add: {done.stdout} {done.stderr}")
        made = json.loads(done.stdout)
        secret = {"client_secret": made["client_secret"]} if made.get("client_secret") else {}
        return RelyingParty(self.provider, record | secret, keys, certificate)

    # Dynamically

    def initial_access_token(self):
        """`rumdul admin relying-party token make FILE`: a token, and another one when it may be used up."""
        if not self._left:
            path = self.folder / "grants.json"
            path.write_text(json.dumps(self.grants))
            done = run("admin", "relying-party", "token", "make", path, "--uses", USES, "--data", self.demo.data, "--json")
            if done.returncode != 0:
                raise Refused(f"relying-party token make: {done.stdout} {done.stderr}")
            self._token, self._left = json.loads(done.stdout)["initial_access_token"], USES
        self._left -= 1
        return self._token

    def post(self, members, token=None, **headers):
        """A registration request as it is; the answer."""
        address = self.provider.endpoint("registration_endpoint")
        token = token if token is not None else self.initial_access_token()
        head = {"Authorization": f"Bearer {token}"} if token else {}
        return self.provider.http.post(address, json=members, headers=head | headers, timeout=30)

    def dynamic(self, name=None, keys=(), certificate=None, **members):
        """RFC 7591."""
        name = name or "dyn-" + secrets.token_hex(4)
        keys = keys or ([new_key()] if members.get("token_endpoint_auth_method") == "private_key_jwt" else [])
        if keys and "jwks" not in members and "jwks_uri" not in members:
            members["jwks"] = public(*keys)
        whole = document(name, **members)
        record = {"client_name": f"Judge {name}", "client_name#km": "អ្នកវិនិច្ឆ័យ"} | whole
        answer = self.post({key: value for key, value in record.items() if key not in OPERATOR_ONLY})
        if answer.status_code != 201:
            raise Refused(f"registration: {answer.status_code} {answer.text[:500]}")
        return RelyingParty(self.provider, record | answer.json(), keys, certificate)

    def manage(self, rp, method, token=None, **options):
        """RFC 7592 at the client's registration_client_uri."""
        token = token or rp.record["registration_access_token"]
        return self.provider.http.request(
            method, rp.record["registration_client_uri"], headers={"Authorization": f"Bearer {token}"}, timeout=30, **options
        )

    # Ready-made

    def fapi(self, name, profile=FAPI2, alg="ES256", **members):
        key = new_key(alg)
        algorithms = {"token_endpoint_auth_signing_alg": alg}
        if profile is FAPI2_MS:
            algorithms["request_object_signing_alg"] = alg
        return self.add(name, keys=[key], **(profile | algorithms | members))

    def admin(self, *arguments):
        """Any command of the operator."""
        done = run("admin", *arguments, "--data", self.demo.data)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def purpose(essential=(), optional=(), code="judging"):
    return PURPOSE | {"code": code, "essential": list(essential), "optional": list(optional)}


__all__ = [name for name in dir() if not name.startswith("_") and name not in ("json", "subprocess", "requests")]
