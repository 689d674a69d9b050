"""Finds the public key of an ES256 signature, so that a `kid` that is a thumbprint can be checked without a key list."""

import hashlib

from cryptography.hazmat.primitives.asymmetric import ec

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)


def add(p, q):
    if p is None or q is None:
        return p or q
    if p[0] == q[0]:
        if (p[1] + q[1]) % P == 0:
            return None
        slope = (3 * p[0] * p[0] - 3) * pow(2 * p[1], -1, P)
    else:
        slope = (q[1] - p[1]) * pow(q[0] - p[0], -1, P)
    x = (slope * slope - p[0] - q[0]) % P
    return x, (slope * (p[0] - x) - p[1]) % P


def times(k, point):
    total = None
    while k:
        if k & 1:
            total = add(total, point)
        point, k = add(point, point), k >> 1
    return total


def es256_public_keys(signed: bytes, signature: bytes):
    """The public keys under which the signature verifies (SEC 1, section 4.1.6)."""
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    z = int.from_bytes(hashlib.sha256(signed).digest(), "big")
    y2 = (pow(r, 3, P) - 3 * r + B) % P
    y = pow(y2, (P + 1) // 4, P)
    assert y * y % P == y2, "r is no abscissa of the curve"
    inverse = pow(r, -1, N)
    for candidate in (y, P - y):
        point = add(times(s * inverse % N, (r, candidate)), times(-z * inverse % N, G))
        yield ec.EllipticCurvePublicNumbers(*point, ec.SECP256R1()).public_key()
