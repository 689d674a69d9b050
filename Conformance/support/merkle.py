"""An RFC 9162 verifier of its own (sections 2.1.1, 2.1.3.2, 2.1.4.2)."""

import hashlib
import json


def leaf_hash(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_from_inclusion(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """The root that an inclusion proof leads to, or ValueError."""
    if not 0 <= index < size:
        raise ValueError("index outside the tree")
    fn, sn, r = index, size - 1, leaf
    for p in path:
        if sn == 0:
            raise ValueError("path too long")
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            if not fn & 1:
                while fn and not fn & 1:
                    fn >>= 1
                    sn >>= 1
        else:
            r = node_hash(r, p)
        fn >>= 1
        sn >>= 1
    if sn:
        raise ValueError("path too short")
    return r


def encoded_entry(stream: str, sequence: int, at: int, kind: str, subject: str | None, payload: bytes, previous: bytes) -> bytes:
    """The bytes of a ledger entry, as docs/ledger.md gives them."""

    def sized(content: bytes) -> bytes:
        return len(content).to_bytes(4, "big") + content

    return (
        b"\x01" + sized(stream.encode()) + sequence.to_bytes(8, "big") + at.to_bytes(8, "big", signed=True)
        + sized(kind.encode()) + (b"\x00" if subject is None else b"\x01") + sized((subject or "").encode())
        + sized(payload) + previous
    )


def canonical(value) -> bytes:
    """RFC 8785 for what entries hold: objects with ASCII names, arrays, texts, whole numbers, truth values, null."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def leaf_of_proof(proof: dict) -> bytes:
    """The leaf hash from a proof document alone."""
    return leaf_hash(encoded_entry(
        proof["stream"], proof["sequence"], proof["at"], proof["kind"], proof["subject"], canonical(proof["entry"]),
        bytes.fromhex(proof["previous_hash"])))
