"""Attestation statements of every format, each part of which a test can change (WebAuthn section 8)."""

import hashlib

from cryptography import x509
from cryptography.x509.oid import ObjectIdentifier

from support.fido_tool import raw_extension, sha256, sign

AAGUID_EXTENSION = "1.3.6.1.4.1.45724.1.1.4"
ANDROID_EXTENSION = "1.3.6.1.4.1.11129.2.1.17"
APPLE_EXTENSION = "1.2.840.113635.100.8.2"


# DER, as far as it is needed


def tlv(tag, content):
    head = bytes(tag) if isinstance(tag, (bytes, list)) else bytes([tag])
    length = len(content)
    size = bytes([length]) if length < 128 else b"\x82" + length.to_bytes(2)
    return head + size + content


def sequence(*parts):
    return tlv(0x30, b"".join(parts))


def integer(number):
    return tlv(0x02, number.to_bytes(number.bit_length() // 8 + 1))


def tagged(number, content):
    if number < 31:
        return tlv(0xA0 | number, content)
    return tlv([0xBF, 0x80 | number >> 7, number & 0x7F], content)


# Formats


def none(**members):
    return lambda authenticator, data, hash: ("none", members)


def packed_self(key=None, format="packed", change=lambda made: made):
    def make(authenticator, data, hash):
        made = {"alg": authenticator.algorithm, "sig": sign(key or authenticator.key, data + hash, authenticator.algorithm)}
        return format, change(made)

    return make


def packed_full(leaf, chain, format="packed", algorithm=-7, key=None, change=lambda made: made):
    """`chain`: what comes behind the leaf, or all of it as a list of DER."""
    def make(authenticator, data, hash):
        used = authenticator.key if key == "credential" else key or leaf.key
        made = {"alg": algorithm, "sig": sign(used, data + hash), "x5c": chain}
        return format, change(made)

    return make


def model_extension(aaguid):
    return raw_extension(AAGUID_EXTENSION, tlv(4, aaguid)), False


def u2f(leaf, key=None):
    def make(authenticator, data, hash):
        public = authenticator.key.public_key().public_numbers()
        message = (
            b"\0" + data[:32] + hash + authenticator.id + b"\4" + public.x.to_bytes(32) + public.y.to_bytes(32))
        return "fido-u2f", {"sig": sign(key or leaf.key, message), "x5c": [leaf.der]}

    return make


TPM_HASHES = {0x04: hashlib.sha1, 0x0B: hashlib.sha256, 0x0C: hashlib.sha384, 0x0D: hashlib.sha512}


def sized(data):
    return len(data).to_bytes(2) + data


def tpm_leaf_parts(maker="id:FFFFF1D0"):
    """For `Maker.leaf`: an empty subject, who made the TPM, and the purpose (section 8.3.1)."""
    attributes = [
        x509.NameAttribute(ObjectIdentifier(oid), text)
        for oid, text in [("2.23.133.2.1", maker), ("2.23.133.2.2", "Judge"), ("2.23.133.2.3", "id:13")]]
    return {
        "subject": x509.Name([]),
        "extensions": [
            (x509.SubjectAlternativeName([x509.DirectoryName(x509.Name(attributes))]), True),
            (x509.ExtendedKeyUsage([ObjectIdentifier("2.23.133.8.3")]), False)]}


def tpm(leaf, chain, algorithm=-257, name_hash=0x0B, magic=b"\xffTCG", extra=lambda digest: digest, described=None):
    def make(authenticator, data, hash):
        public = (described or authenticator.key).public_key().public_numbers()
        area = (
            b"\0\x23" + name_hash.to_bytes(2) + b"\0\6\4\x72" + sized(b"") + b"\0\x10\0\x10\0\3\0\x10"
            + sized(public.x.to_bytes(32)) + sized(public.y.to_bytes(32)))
        digest = (hashlib.sha1 if algorithm == -65535 else hashlib.sha256)(data + hash).digest()
        named = name_hash.to_bytes(2) + TPM_HASHES[name_hash](area).digest()
        info = (
            magic + b"\x80\x17" + sized(b"\1") + sized(extra(digest)) + bytes(25) + sized(named) + sized(b"\2"))
        return "tpm", {
            "ver": "2.0", "alg": algorithm, "sig": sign(leaf.key, info, algorithm), "certInfo": info, "pubArea": area,
            "x5c": chain}

    return make


def android(maker, challenge=lambda hash: hash, key=None, chain=lambda certificates: certificates):
    """The leaf holds the credential's key and the description of it (section 8.4)."""
    def make(authenticator, data, hash):
        hardware = sequence(
            tagged(1, tlv(0x31, integer(2))), tagged(2, integer(3)), tagged(3, integer(256)), tagged(702, integer(0)))
        description = sequence(
            integer(200), tlv(0x0A, b"\1"), integer(41), tlv(0x0A, b"\1"), tlv(4, challenge(hash)), tlv(4, b""),
            sequence(tagged(701, integer(1_700_000_000_000))), hardware)
        leaf = maker.leaf(
            key=key or authenticator.key, extensions=[(raw_extension(ANDROID_EXTENSION, description), False)])
        certificates = chain([leaf.der, maker.intermediate.der])
        return "android-key", {"alg": -7, "sig": sign(leaf.key, data + hash), "x5c": certificates}

    return make


def apple(maker, nonce=lambda nonce: nonce):
    """The leaf holds the credential's key and a nonce; there is no signature (section 8.8)."""
    def make(authenticator, data, hash):
        value = sequence(tagged(1, tlv(4, nonce(sha256(data + hash)))))
        leaf = maker.leaf(key=authenticator.key, extensions=[(raw_extension(APPLE_EXTENSION, value), False)])
        return "apple", {"x5c": [leaf.der, maker.intermediate.der]}

    return make
