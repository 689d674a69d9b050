"""Makers of phones: attestation of device keys for Android and Apple, from roots of the test's own.

Written from the schema of Android's attestation extension (developer documentation, "Key and ID attestation") and Apple's
"Validating apps that connect to your server". Every part can be bent.
"""

import base64
import datetime
import hashlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from fido2 import cbor
from fido2.cose import ES256

from .authenticator import b64, sha256, thumbprint

PACKAGE = "kh.gov.camdigikey"
SIGNER = sha256(b"the certificate that signs the package")
APP = "ABCDE12345.kh.gov.camdigikey"
SOFTWARE, TEE, STRONGBOX = 0, 1, 2
VERIFIED, SELF_SIGNED = 0, 1
FINGER = 2


# DER by hand: the schema has context tags above 30, which few libraries write.

def der(tag: bytes, content: bytes) -> bytes:
    size = len(content)
    if size < 128:
        return tag + bytes([size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return tag + bytes([0x80 | len(length)]) + length + content


def integer(value: int) -> bytes:
    return der(b"\x02", value.to_bytes(value.bit_length() // 8 + 1, "big"))


def enumerated(value: int) -> bytes:
    return der(b"\x0a", bytes([value]))


def octets(value: bytes) -> bytes:
    return der(b"\x04", value)


def boolean(value: bool) -> bytes:
    return der(b"\x01", b"\xff" if value else b"\x00")


def sequence(*parts: bytes) -> bytes:
    return der(b"\x30", b"".join(parts))


def set_of(*parts: bytes) -> bytes:
    return der(b"\x31", b"".join(parts))


def tagged(number: int, content: bytes) -> bytes:
    if number < 31:
        return der(bytes([0xA0 | number]), content)
    return der(bytes([0xBF]) + (bytes([number]) if number < 128 else bytes([0x80 | number >> 7, number & 0x7F])), content)


NULL = b"\x05\x00"


def name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Test maker"), x509.NameAttribute(NameOID.COMMON_NAME, common)])


def certificate(subject, key, issuer, signer, authority=False, extension=None, serial=None, days=3650):
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=4000)).not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if extension:
        made = made.add_extension(x509.UnrecognizedExtension(x509.ObjectIdentifier(extension[0]), extension[1]), critical=False)
    return made.sign(signer, hashes.SHA256())


class Maker:
    """A root, an intermediate authority, and what they sign."""

    def __init__(self, label="maker"):
        self.root_key, self.key = ec.generate_private_key(ec.SECP384R1()), ec.generate_private_key(ec.SECP256R1())
        self.root_name, self.name = name(f"{label} root"), name(f"{label} batch")
        self.root = certificate(self.root_name, self.root_key.public_key(), self.root_name, self.root_key, authority=True)
        self.batch = certificate(self.name, self.key.public_key(), self.root_name, self.root_key, authority=True)

    @property
    def pem(self) -> bytes:
        return self.root.public_bytes(serialization.Encoding.PEM)

    def leaf(self, key, extension, **changes):
        return certificate(name("leaf"), key, self.name, self.key, extension=extension, **changes)


def encoded(chain) -> list:
    return [base64.b64encode(c.public_bytes(serialization.Encoding.DER)).decode() for c in chain]


def code_hash(code: str) -> str:
    return b64(sha256(code.replace("-", "").upper().encode()))


def lines(*values: str) -> bytes:
    return sha256("\n".join(values).encode())


def public_key(device):
    return device.key.private_key.public_key()


# Android

def android_challenge(device, code, pin=None) -> bytes:
    return lines("rumdul-android-key-1", device.issuer, code_hash(code), pin or thumbprint(device.pin_key))


def key_description(
    challenge, level=TEE, key_level=None, locked=True, boot=VERIFIED, package=PACKAGE, signer=SIGNER, unlock=None,
    timeout=None, origin=0, purposes=(2,), all_applications=False,
) -> bytes:
    application = sequence(set_of(sequence(octets(package.encode()), integer(7))), set_of(octets(signer)))
    software = [tagged(701, integer(1_780_000_000_000)), tagged(709, octets(application))]
    hardware = [tagged(1, set_of(*map(integer, purposes))), tagged(2, integer(3)), tagged(3, integer(256))]
    hardware += [tagged(503, NULL)] if unlock is None else [tagged(504, integer(unlock))]
    if timeout is not None:
        hardware.append(tagged(505, integer(timeout)))
    if all_applications:
        hardware.append(tagged(600, NULL))
    root = sequence(octets(b"\x01" * 32), boolean(locked), enumerated(boot), octets(b"\x02" * 32))
    hardware += [tagged(702, integer(origin)), tagged(704, root), tagged(705, integer(160_000)), tagged(706, integer(202_603))]
    return sequence(
        integer(300), enumerated(level), integer(300), enumerated(level if key_level is None else key_level),
        octets(challenge), octets(b""), sequence(*software), sequence(*hardware),
    )


def android(maker, device, code, challenge=None, key=None, with_root=True, serial=None, days=3650, order=None, **description):
    extension = ("1.3.6.1.4.1.11129.2.1.17", key_description(challenge or android_challenge(device, code), **description))
    chain = [maker.leaf(key or public_key(device), extension, serial=serial, days=days), maker.batch]
    chain += [maker.root] if with_root else []
    return {"format": "android-key-attestation", "x5c": encoded(order(chain) if order else chain)}


# Apple

PRODUCTION, DEVELOPMENT = b"appattest" + bytes(7), b"appattestdevelop"


def app_attest(
    maker, device, code, unlock="biometric", said=None, app=APP, aaguid=PRODUCTION, counter=0, key=None, device_thumbprint=None,
    key_id=None, credential=None, leaf_key=None,
):
    """A key of the app vouches for the device key. `said` is how the request says that it is unlocked."""
    app_key = key or ec.generate_private_key(ec.SECP256R1())
    point = app_key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    identifier = sha256(point)
    client = lines(
        "rumdul-app-attest-1", device.issuer, code_hash(code), thumbprint(device.pin_key), device_thumbprint or thumbprint(device.key), unlock
    )
    shown = credential or identifier
    data = sha256(app.encode()) + b"\x40" + counter.to_bytes(4, "big") + aaguid + len(shown).to_bytes(2, "big") + shown
    data += cbor.encode(dict(ES256.from_cryptography_key(app_key.public_key())))
    nonce = hashlib.sha256(data + client).digest()
    leaf = maker.leaf((leaf_key or app_key).public_key(), ("1.2.840.113635.100.8.2", sequence(tagged(1, octets(nonce)))))
    chain = [c.public_bytes(serialization.Encoding.DER) for c in (leaf, maker.batch)]
    statement = {"fmt": "apple-appattest", "attStmt": {"x5c": chain, "receipt": b"receipt"}, "authData": data}
    return {
        "format": "apple-app-attest", "statement": b64(cbor.encode(statement)), "key_id": b64(key_id or identifier),
        "unlock": said or unlock,
    }
