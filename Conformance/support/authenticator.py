"""A second authenticator, written from docs/device-protocol.md alone."""

import base64
import hashlib
import json
import os
import secrets
import time
from urllib.parse import urlsplit

import requests
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from joserfc import jws
from joserfc.jwk import ECKey

from .net import own_address, session

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def jcs(value) -> bytes:
    """RFC 8785 for what the protocol holds: no floats; names sorted by UTF-16 code units."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return b"{" + b",".join(jcs(key) + b":" + jcs(value[key]) for key in keys) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(map(jcs, value)) + b"]"
    assert not isinstance(value, float), "no floats in the protocol"
    return json.dumps(value, ensure_ascii=False).encode()


def pin_key(pin: str, device_secret: bytes) -> ECKey:
    """PIN and device secret to a P-256 key, section "Keys"."""
    salt = sha256(b"rumdul-pin-salt" + device_secret)
    s = Scrypt(salt=salt, length=32, n=2**14, r=8, p=1).derive(pin.encode())
    for i in range(256):
        info = b"rumdul-pin-key" + bytes([i])
        d = int.from_bytes(HKDF(hashes.SHA256(), 32, b"", info).derive(s + device_secret), "big")
        if 0 < d < P256_ORDER:
            return ECKey.import_key(ec.derive_private_key(d, ec.SECP256R1()))
    raise AssertionError("no valid scalar in 256 tries")


def public_jwk(key: ECKey) -> dict:
    jwk = key.as_dict(private=False)
    return {name: jwk[name] for name in ("kty", "crv", "x", "y")}


def thumbprint(key: ECKey) -> str:
    return b64(sha256(jcs(public_jwk(key))))


def sign(key: ECKey, header: dict, payload: dict) -> str:
    return jws.serialize_compact({"alg": "ES256", **header}, json.dumps(payload).encode(), key, algorithms=["ES256"])


def raw_es256(key: ECKey, data: bytes) -> bytes:
    r, s = utils.decode_dss_signature(key.private_key.sign(data, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


class Authenticator:
    """One enrolled device. `answer` of each call is the HTTP response, so that tests judge failures too."""

    def __init__(self, issuer: str, pin: str = "274951", name: str = "Judge's phone"):
        self.issuer, self.pin, self.name = issuer, pin, name
        self.path = urlsplit(issuer).path.rstrip("/")
        self.key = ECKey.generate_key("P-256", private=True)
        self.secret = os.urandom(32)
        self.pin_key = pin_key(pin, self.secret)
        self.device_id = None
        self.http = session(own_address())

    # Activation

    def activation_body(self, code: str, **changes) -> dict:
        claims = {
            "aud": self.issuer,
            "code_hash": b64(sha256(code.replace("-", "").upper().encode())),
            "device_key": thumbprint(self.key),
            "pin_key": thumbprint(self.pin_key),
            "iat": int(time.time()),
        } | changes
        header = {"typ": "rumdul-activation+jwt"}
        return {
            "code": code,
            "device_name": self.name,
            "platform": "judge/1",
            "device_key": public_jwk(self.key),
            "pin_key": public_jwk(self.pin_key),
            "proof": sign(self.key, header, claims),
            "pin_proof": sign(self.pin_key, header, claims),
        }

    def activate(self, code: str, attestation=None) -> requests.Response:
        """`attestation` is the member of that name; None leaves it out."""
        body = self.activation_body(code) | ({} if attestation is None else {"attestation": attestation})
        answer = self.http.post(f"{self.issuer}/device/v1/activations", json=body, timeout=30)
        if answer.status_code == 201:
            self.device_id = answer.json()["device_id"]
            self.nonce = answer.json()["server_nonce"]
        return answer

    @property
    def comparison_code(self) -> str:
        text = "rumdul-comparison" + thumbprint(self.key) + thumbprint(self.pin_key) + self.nonce
        return f"{int.from_bytes(sha256(text.encode())[:8], 'big') % 10**6:06d}"

    # Authenticated requests

    def proof(self, method: str, path: str, body: bytes | None = None, **changes) -> str:
        claims = {"aud": self.issuer, "htm": method, "htu": path, "iat": int(time.time()), "jti": secrets.token_urlsafe(16)}
        if body is not None:
            claims["bh"] = b64(sha256(body))
        return sign(self.key, {"typ": "rumdul-device+jwt", "kid": self.device_id}, claims | changes)

    def request(self, method: str, path: str, body: bytes | None = None, query: str = "", proof: str | None = None, **headers):
        path = self.path + path
        proof = proof or self.proof(method, path, body)
        headers = {"Authorization": f"DeviceProof {proof}"} | {k.replace("_", "-"): v for k, v in headers.items()}
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
        origin = self.issuer.removesuffix(self.path)
        return self.http.request(method, origin + path + query, data=body, headers=headers, timeout=60)

    def self_(self) -> dict:
        answer = self.request("GET", "/device/v1/self")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def transactions(self, wait: int | None = None) -> list:
        answer = self.request("GET", "/device/v1/transactions", query=f"?wait={wait}" if wait else "")
        assert answer.status_code == 200, answer.text
        return answer.json()["transactions"]

    # Decision

    def decision_body(self, transaction, action="approve", number=0, attributes=None, pin=None, key=None, **changes) -> bytes:
        details = transaction["details"]
        if attributes is None:
            attributes = [a["name"] for a in details["attributes"]] if action == "approve" else []
        claims = {
            "iss": self.device_id,
            "aud": self.issuer,
            "txn": transaction["id"],
            "action": action,
            "client_id": details["client_id"],
            "attributes": attributes,
            "number": number,
            "details_hash": b64(sha256(jcs(details))),
            "iat": int(time.time()),
            "jti": secrets.token_urlsafe(16),
        } | changes
        decision = sign(key or self.key, {"typ": "rumdul-decision+jwt", "kid": self.device_id}, claims)
        body = {"decision": decision}
        if action == "approve":
            derived = pin_key(pin, self.secret) if pin else self.pin_key
            body["pin_signature"] = b64(raw_es256(derived, decision.encode("ascii")))
        return json.dumps(body).encode()

    def decide(self, transaction, action="approve", **options) -> requests.Response:
        body = self.decision_body(transaction, action, **options)
        return self.request("POST", f"/device/v1/transactions/{transaction['id']}/decision", body)
