"""A software passkey on Yubico's python-fido2 and pyca: an independent client of the program's WebAuthn ceremonies."""

import base64
import hashlib
import json
import os

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData


def b64(data):
    return base64.urlsafe_b64encode(bytes(data)).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


FLAG = AuthenticatorData.FLAG


class SoftPasskey:
    """One credential. Whatever a test changes in `over`, `client` or the flags is what the program gets."""

    def __init__(self, origin, rp_id="localhost"):
        self.origin, self.rp_id = origin, rp_id
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = os.urandom(32)
        self.count = 0
        self.handle = None

    def client_data(self, kind, given, **changes):
        data = {"type": kind, "challenge": given, "origin": self.origin, "crossOrigin": False} | changes
        return json.dumps({name: value for name, value in data.items() if value is not None}).encode()

    def authenticator_data(self, flags, attested=b"", rp_id=None, extensions=None):
        return AuthenticatorData.create(
            hashlib.sha256((rp_id or self.rp_id).encode()).digest(), flags, self.count, attested, extensions)

    def create(self, options, flags=FLAG.UP | FLAG.UV, client=None, rp_id=None, format="none", statement=None, id=None):
        """Answers creation options."""
        self.handle = options["user"]["id"]
        attested = AttestedCredentialData.create(
            Aaguid(b"\0" * 16), id or self.id, ES256.from_cryptography_key(self.key.public_key()))
        data = self.authenticator_data(flags | FLAG.AT, attested, rp_id)
        made = AttestationObject.create(format, data, statement or {})
        return self.answer(
            self.client_data("webauthn.create", options["challenge"], **(client or {})),
            {"attestationObject": b64(made), "transports": ["internal"]})

    def get(self, options, flags=FLAG.UP | FLAG.UV, client=None, rp_id=None, handle="own", sign=True, count=None):
        """Answers request options."""
        self.count = self.count + 1 if count is None else count
        data = self.authenticator_data(flags, rp_id=rp_id)
        told = self.client_data("webauthn.get", options["challenge"], **(client or {}))
        signature = self.key.sign(bytes(data) + hashlib.sha256(told).digest(), ec.ECDSA(hashes.SHA256()))
        if not sign:
            signature = signature[:-1] + bytes([signature[-1] ^ 1])
        response = {"authenticatorData": b64(data), "signature": b64(signature)}
        if handle == "own":
            handle = self.handle
        if handle is not None:
            response["userHandle"] = handle
        return self.answer(told, response)

    def answer(self, client_data, response):
        return {
            "id": b64(self.id), "rawId": b64(self.id), "type": "public-key", "clientExtensionResults": {},
            "response": {"clientDataJSON": b64(client_data)} | response,
        }
