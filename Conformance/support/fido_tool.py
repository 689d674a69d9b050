"""What FIDO's conformance tool has: makers with their certificates, metadata services, and authenticators that can lie in every part.

Keys and certificates are pyca's, COSE keys and the parsing of options python-fido2's, CBOR of answers cbor2's; none of it is the program's."""

import base64
import hashlib
import json
import os
import select
import subprocess
import time
from datetime import datetime, timedelta, timezone

import cbor2
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.oid import NameOID, ObjectIdentifier
from fido2 import cose

from support.program import BINARY, environment

UP, UV, BE, BS, AT, ED = 0x01, 0x04, 0x08, 0x10, 0x40, 0x80
DAY = timedelta(days=1)
ALGORITHMS = {
    -7: "secp256r1_ecdsa_sha256_raw", -8: "ed25519_eddsa_sha512_raw", -35: "secp384r1_ecdsa_sha384_raw",
    -36: "secp521r1_ecdsa_sha512_raw", -37: "rsassa_pss_sha256_raw", -257: "rsassa_pkcsv15_sha256_raw",
    -65535: "rsassa_pkcsv15_sha1_raw",
}
COSE_KEYS = {
    -7: cose.ES256, -8: cose.EdDSA, -35: cose.ES384, -36: cose.ES512, -37: cose.PS256, -257: cose.RS256, -65535: cose.RS1}


def b64(data):
    return base64.urlsafe_b64encode(bytes(data)).rstrip(b"=").decode()


def sha256(data):
    return hashlib.sha256(bytes(data)).digest()


def new_key(algorithm=-7):
    """A private key for a COSE algorithm."""
    if algorithm == -8:
        return ed25519.Ed25519PrivateKey.generate()
    if algorithm in (-37, -257, -65535):
        return rsa.generate_private_key(65537, 2048)
    return ec.generate_private_key({-7: ec.SECP256R1, -35: ec.SECP384R1, -36: ec.SECP521R1}[algorithm]())


def sign(key, data, algorithm=-7):
    """In the form of WebAuthn section 6.5.5."""
    if algorithm == -8:
        return key.sign(data)
    if algorithm == -37:
        return key.sign(data, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
    if algorithm in (-257, -65535):
        return key.sign(data, padding.PKCS1v15(), hashes.SHA256() if algorithm == -257 else hashes.SHA1())
    return key.sign(data, ec.ECDSA({-7: hashes.SHA256, -35: hashes.SHA384, -36: hashes.SHA512}[algorithm]()))


def der(certificate):
    return certificate.public_bytes(serialization.Encoding.DER)


def name(common, unit="Authenticator Attestation", country="KH", organization="Judges"):
    return x509.Name([
        x509.NameAttribute(NameOID.COUNTRY_NAME, country), x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
        x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit), x509.NameAttribute(NameOID.COMMON_NAME, common)])


class Certified:
    """A key with its certificate."""

    def __init__(self, subject, issuer=None, key=None, authority=None, begins=-30 * DAY, ends=365 * DAY, extensions=()):
        self.subject, self.key = subject, key or new_key()
        now = datetime.now(timezone.utc)
        signer = issuer or self
        builder = (
            x509.CertificateBuilder().subject_name(subject).issuer_name(signer.subject)
            .public_key(self.key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(now + begins).not_valid_after(now + ends)
            .add_extension(x509.BasicConstraints(ca=authority is not None, path_length=authority or None), critical=True))
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        self.certificate = builder.sign(signer.key, hashes.SHA256())
        self.der = der(self.certificate)


def raw_extension(oid, value):
    return x509.UnrecognizedExtension(ObjectIdentifier(oid), value)


class Maker:
    """A root and an intermediate authority, and the leaves that they give out."""

    def __init__(self):
        # A name of its own: lists are looked up by the issuer's name.
        mark = os.urandom(4).hex()
        self.root = Certified(name(f"Root {mark}", "Authority"), authority=9)
        self.intermediate = Certified(name(f"Intermediate {mark}", "Authority"), self.root, authority=1)

    def leaf(self, **parts):
        subject = parts.pop("subject", None)
        return Certified(name("Judge's key") if subject is None else subject, self.intermediate, **parts)

    def revocations(self, issuer, *serials):
        """A list in DER."""
        now = datetime.now(timezone.utc)
        builder = x509.CertificateRevocationListBuilder().issuer_name(issuer.subject).last_update(now - DAY).next_update(
            now + 30 * DAY)
        for serial in serials:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now - DAY).build())
        return builder.sign(issuer.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def statement(maker, aaguid=None, algorithms=ALGORITHMS.values(), types=("basic_full", "basic_surrogate", "attca"), **more):
    """A metadata statement, as far as servers read it."""
    body = {
        "description": "Judge's authenticator", "attestationTypes": list(types),
        "authenticationAlgorithms": list(algorithms), "keyProtection": ["hardware"],
        "attestationRootCertificates": [base64.b64encode(maker.root.der).decode()]} | more
    if aaguid is not None:
        text = aaguid.hex()
        body["aaguid"] = "-".join([text[:8], text[8:12], text[12:16], text[16:20], text[20:]])
    return body


class MetadataService:
    """A service of its own, with its chain."""

    def __init__(self):
        self.maker = Maker()
        self.leaf = self.maker.leaf(subject=name("mds.example", "Metadata"))

    def blob(self, statements, statuses=("FIDO_CERTIFIED_L1",), number=1, chain=None):
        entries = []
        for item in statements:
            known = {n: item[n] for n in ("aaguid", "attestationCertificateKeyIdentifiers") if n in item}
            reports = [{"status": status, "effectiveDate": "2024-01-31"} for status in item.get("statuses", statuses)]
            entries.append(known | {
                "metadataStatement": item, "statusReports": reports, "timeOfLastStatusChange": "2024-01-31"})
        payload = {
            "legalHeader": "For tests.", "no": number, "entries": entries,
            "nextUpdate": (datetime.now(timezone.utc) + 30 * DAY).strftime("%Y-%m-%d")}
        chain = chain or [self.leaf.der, self.maker.intermediate.der]
        header = {"alg": "ES256", "typ": "JWT", "x5c": [base64.b64encode(c).decode() for c in chain]}
        text = ".".join(b64(json.dumps(part).encode()) for part in (header, payload))
        r, s = decode_dss_signature(self.leaf.key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{text}.{b64(r.to_bytes(32) + s.to_bytes(32))}"


class Authenticator:
    """One credential."""

    def __init__(self, aaguid=b"\x22" * 16, algorithm=-7):
        self.aaguid, self.algorithm = aaguid, algorithm
        self.key, self.id, self.count, self.handle = new_key(algorithm), os.urandom(32), 0, None

    @property
    def cose_key(self):
        return dict(COSE_KEYS[self.algorithm].from_cryptography_key(self.key.public_key()))

    def attested(self):
        return self.aaguid + len(self.id).to_bytes(2) + self.id + cbor2.dumps(self.cose_key)

    def data(self, flags, attested=b"", extensions=b"", rp_id="localhost", trailing=b""):
        return sha256(rp_id.encode()) + bytes([flags]) + self.count.to_bytes(4) + attested + extensions + trailing


def client_data(kind, challenge, origin, changes):
    """The bytes; a change to `None` leaves a member out."""
    members = {"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False} | changes
    return json.dumps({n: v for n, v in members.items() if v is not None}).encode()


class Server:
    """The program with the tool's interface."""

    def __init__(self, folder, roots):
        binary = os.environ.get("RUMDUL_FIDO_BINARY", BINARY.parent / "rumdul-fido-conformance")
        self.process = subprocess.Popen(
            [str(binary), "--port", "0", "--metadata", str(folder), "--roots", str(roots)], stdout=subprocess.PIPE,
            env=environment(), start_new_session=True)
        self.report, self.url, deadline, seen = {}, None, time.monotonic() + 60, b""
        while self.url is None:
            assert time.monotonic() < deadline and self.process.poll() is None, seen
            if select.select([self.process.stdout], [], [], 0.2)[0]:
                seen += os.read(self.process.stdout.fileno(), 65536)
            for line in seen.decode().split("\n")[:-1]:
                if line.startswith("metadata "):
                    file, _, outcome = line.removeprefix("metadata ").partition(": ")
                    self.report[file] = outcome
                elif line.startswith("ready "):
                    self.url = line.split()[1]

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


class Tool:
    """One run of the tool against one account."""

    def __init__(self, server):
        self.server, self.session = server, requests.Session()
        self.username = b64(os.urandom(12))

    def post(self, path, body):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.session.post(
            self.server.url + path, data=data, headers={"Content-Type": "application/json"}, timeout=60)

    def ask(self, path, body):
        answer = self.post(path, body)
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert found["status"] == "ok" and found["errorMessage"] == ""
        return found

    def creation_options(self, **more):
        return self.ask("/attestation/options", {
            "username": self.username, "displayName": "Bopha Sok", "attestation": "direct",
            "authenticatorSelection": {"requireResidentKey": False, "userVerification": "preferred"}} | more)

    def request_options(self, **more):
        return self.ask("/assertion/options", {"username": self.username, "userVerification": "preferred"} | more)

    def create(self, authenticator, make, options=None, client=None, flags=UP | UV | AT, change=None, **data):
        """The answer to creation options. `make` gives format and statement; `change` spoils the attestation object."""
        options = options or self.creation_options()
        authenticator.handle = options["user"]["id"]
        told = client_data("webauthn.create", options["challenge"], self.server.url, client or {})
        data = authenticator.data(flags, data.pop("attested", authenticator.attested()), **data)
        format, made = make(authenticator, data, sha256(told))
        object = {"fmt": format, "attStmt": made, "authData": data}
        if change:
            object = change(object)
        return {
            "id": b64(authenticator.id), "rawId": b64(authenticator.id), "type": "public-key",
            "getClientExtensionResults": {},
            "response": {"clientDataJSON": b64(told), "attestationObject": b64(cbor2.dumps(object))}}

    def get(self, authenticator, options=None, client=None, flags=UP | UV, count=None, hash=None, key=None, **data):
        """The answer to request options."""
        options = options or self.request_options()
        authenticator.count = authenticator.count + 1 if count is None else count
        told = client_data("webauthn.get", options["challenge"], self.server.url, client or {})
        data = authenticator.data(flags, **data)
        signature = sign(key or authenticator.key, data + (hash or sha256(told)), authenticator.algorithm)
        return {
            "id": b64(authenticator.id), "rawId": b64(authenticator.id), "type": "public-key",
            "getClientExtensionResults": {},
            "response": {
                "clientDataJSON": b64(told), "authenticatorData": b64(data), "signature": b64(signature),
                "userHandle": authenticator.handle or ""}}

    def register(self, body):
        return self.post("/attestation/result", body)

    def authenticate(self, body):
        return self.post("/assertion/result", body)


def accepted(answer):
    assert answer.status_code == 200 and answer.json() == {"status": "ok", "errorMessage": ""}, answer.text


def refused(answer, code=None):
    """4xx, a text, and the check that was meant."""
    assert 400 <= answer.status_code < 500, f"{answer.status_code} {answer.text}"
    body = answer.json()
    assert body["status"] == "failed" and isinstance(body["errorMessage"], str) and body["errorMessage"].strip()
    if code:
        assert body["code"] == "webauthn." + code, body
