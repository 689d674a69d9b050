"""JWTs and JWEs that no one may take, made from what an attacker has: public keys, a valid header, a key of their own."""

import base64
import hashlib
import hmac
import json

from support.authenticator import b64
from support.relying_party import compact, new_key, public


def parts(header, claims):
    return b64(json.dumps(header).encode()) + "." + b64(json.dumps(claims).encode())


def mac(header, claims, secret):
    signed = parts(header, claims)
    return signed + "." + b64(hmac.new(secret, signed.encode(), hashlib.sha256).digest())


def forged(claims, genuine_key):
    """(name, token) of every forgery of a JWT that `genuine_key` would sign rightly; that key itself only signs what is wrong otherwise."""
    kid, alg = genuine_key.kid, genuine_key.get("alg")
    mine = new_key("ES256", kid=kid)
    jwk = public(mine)["keys"][0]
    theirs = public(genuine_key)["keys"][0]
    pem = genuine_key.as_pem(private=False)
    yield "none", parts({"alg": "none", "kid": kid}, claims) + "."
    yield "None", parts({"alg": "NoNe", "kid": kid}, claims) + "."
    yield "none with a signature", parts({"alg": "none", "kid": kid}, claims) + ".AAAA"
    yield "empty signature", parts({"alg": alg, "kid": kid}, claims) + "."
    yield "HS256 with the PEM", mac({"alg": "HS256", "kid": kid}, claims, pem)
    yield "HS256 with the JWK", mac({"alg": "HS256", "kid": kid}, claims, json.dumps(theirs, separators=(",", ":")).encode())
    yield "HS256 with nothing", mac({"alg": "HS256", "kid": kid}, claims, b"")
    yield "zero signature", parts({"alg": "ES256", "kid": kid}, claims) + "." + b64(bytes(64))
    yield "jwk header", compact({"alg": "ES256", "kid": kid, "jwk": jwk}, claims, mine)
    yield "jwk header without kid", compact({"alg": "ES256", "jwk": jwk}, claims, mine)
    for name in ("jku", "x5u"):
        yield name, compact({"alg": "ES256", "kid": kid, name: "http://127.0.0.1:9/keys"}, claims, mine)
    yield "x5c", compact({"alg": "ES256", "kid": kid, "x5c": ["MIIB"]}, claims, mine)
    for odd in ("../../../../dev/null", "' OR 1=1 --", "", "\u0000", "x" * 10000):
        yield f"kid {odd[:8]!r}", compact({"alg": "ES256", "kid": odd}, claims, mine)
    yield "crit", compact({"alg": alg, "kid": kid, "crit": ["judge"], "judge": 1}, claims, genuine_key)
    yield "b64 false", compact({"alg": alg, "kid": kid, "b64": False, "crit": ["b64"]}, claims, genuine_key)
    good = compact({"alg": alg, "kid": kid}, claims, genuine_key)
    head, body, signature = good.split(".")
    yield "nested", compact({"alg": "ES256", "kid": kid, "cty": "JWT"}, {"jwt": good}, mine)
    yield "four parts", good + ".AAAA"
    yield "two parts", head + "." + body
    yield "padding", good + "="
    yield "standard alphabet", head + "." + base64.b64encode(json.dumps(claims).encode() + b"  ").decode() + "." + signature
    yield "space", head + "." + body + " ." + signature
    yield "newline", head + ".\n" + body + "." + signature
    yield "non-canonical", good[:-1] + chr(ord(good[-1]) + 1)
    yield "duplicate alg", b64(b'{"alg":"none","alg":"%s","kid":"%s"}' % (alg.encode(), kid.encode())) + "." + body + "." + signature
    yield "array payload", head + "." + b64(b"[]") + "." + signature
    yield "long", "a" * 200_000
    if alg == "ES256":
        r, s = signature_numbers(signature)
        order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
        big = (s + order).to_bytes(33, "big")[-32:] if s + order < 2**256 else bytes(32)
        yield "s out of range", head + "." + body + "." + b64(r.to_bytes(32, "big") + big)
        yield "DER signature", head + "." + body + "." + b64(b"\x30\x45\x02\x20" + r.to_bytes(32, "big") + b"\x02\x21\x00" + s.to_bytes(32, "big"))


def signature_numbers(text):
    raw = base64.urlsafe_b64decode(text + "==")
    return int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")


def sealed():
    """(name, JWE) that must cost little and give nothing."""
    def jwe(header, key=b"", iv=bytes(12), text=b"x" * 16, tag=bytes(16)):
        return ".".join((b64(json.dumps(header).encode()), b64(key), b64(iv), b64(text), b64(tag)))

    yield "dir", jwe({"alg": "dir", "enc": "A256GCM"})
    yield "PBES2", jwe({"alg": "PBES2-HS512+A256KW", "enc": "A256GCM", "p2c": 2_000_000_000, "p2s": b64(bytes(16))}, bytes(40))
    epk = {"kty": "EC", "crv": "P-256", "x": b64(bytes(31) + b"\x01"), "y": b64(bytes(31) + b"\x01")}
    yield "curve", jwe({"alg": "ECDH-ES", "enc": "A256GCM", "epk": epk})
    yield "zip", jwe({"alg": "RSA-OAEP-256", "enc": "A256GCM", "zip": "DEF"}, bytes(256))
    yield "RSA1_5", jwe({"alg": "RSA1_5", "enc": "A128CBC-HS256"}, bytes(256))
    yield "A256KW", jwe({"alg": "A256KW", "enc": "A256GCM"}, bytes(40))
