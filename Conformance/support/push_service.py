"""A push service and the browsers behind it, written from RFC 8030, 8188, 8291 and 8292.

It takes messages at /push/<id>, checks what a push service may check (RFC 8030 section 5, RFC 8292), and, because it is
the browser as well, decrypts them (RFC 8291). A message that is wrong in any way is refused with a reason in `refused`.
"""

import base64
import json
import re
import secrets
import ssl
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from .listener import TLSServer

LARGEST = 4096  # a push service takes so much (RFC 8030 section 7.2); this one takes no more
LONGEST_TTL = 28 * 86_400
DAY = 86_400


class Refused(Exception):
    """A message that is not taken: the status of the answer and the reason."""

    def __init__(self, status, reason):
        super().__init__(f"{status}: {reason}")
        self.status, self.reason = status, reason


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text):
    """base64url without padding, in the one form that encoding gives."""
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text):
        raise ValueError("not base64url")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if encode(data) != text:
        raise ValueError("not the one form of base64url")
    return data


def point_of(public_key):
    return public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def key_at(point):
    """The key of an uncompressed point; ValueError when it is not on P-256."""
    if len(point) != 65 or point[0] != 4:
        raise ValueError("no uncompressed point")
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)


def private_key(data):
    return ec.derive_private_key(int.from_bytes(data), ec.SECP256R1())


def mac(key, data):
    """HMAC-SHA-256: HKDF-Extract, and HKDF-Expand as far as 32 bytes go (RFC 5869)."""
    state = hmac.HMAC(key, hashes.SHA256())
    state.update(data)
    return state.finalize()


@dataclass
class Coded:
    """What was inside of `aes128gcm` (RFC 8188 section 2)."""

    content: bytes
    padding: int
    record_size: int
    key_id: bytes
    records: int


def header_of(body):
    """Salt, record size, key identifier and the records (RFC 8188 section 2.1)."""
    if len(body) < 21 or len(body) < 21 + body[20]:
        raise ValueError("the header is cut off")
    size = int.from_bytes(body[16:20])
    if size < 18:
        raise ValueError("the record size is below 18")
    return body[:16], size, body[21 : 21 + body[20]], body[21 + body[20] :]


def open_coding(body, input_key):
    """Decrypts every record; ValueError when one is not whole."""
    salt, size, key_id, rest = header_of(body)
    if not rest:
        raise ValueError("there is no record")
    prk = mac(salt, input_key)
    aead = AESGCM(mac(prk, b"Content-Encoding: aes128gcm\0\1")[:16])
    base = int.from_bytes(mac(prk, b"Content-Encoding: nonce\0\1")[:12])
    content, padding, records = b"", 0, [rest[i : i + size] for i in range(0, len(rest), size)]
    for number, record in enumerate(records):
        try:
            plain = aead.decrypt((base ^ number).to_bytes(12), record, b"")
        except (InvalidTag, ValueError) as error:
            raise ValueError("a record does not open") from error
        text = plain.rstrip(b"\0")
        if not text or text[-1] != (2 if number == len(records) - 1 else 1):
            raise ValueError("a wrong delimiter, or a cut message")
        content += text[:-1]
        padding += len(plain) - len(text)
    return Coded(content, padding, size, key_id, len(records))


@dataclass
class Message:
    """A message that was taken."""

    content: bytes
    padding: int
    length: int
    ttl: int
    urgency: str
    topic: str | None
    claims: dict
    token: str
    headers: dict
    at: float


@dataclass
class Subscription:
    """One browser: its address at the service, its keys, and the key of the server it subscribed to."""

    service: "PushService"
    id: str
    key: ec.EllipticCurvePrivateKey
    auth: bytes
    application_server_key: bytes | None = None
    messages: list = field(default_factory=list)
    answers: list = field(default_factory=list)
    ended: bool = False

    @property
    def endpoint(self):
        return f"{self.service.origin}/push/{self.id}"

    @property
    def point(self):
        return point_of(self.key.public_key())

    @property
    def json(self):
        """What `PushSubscription.toJSON()` gives in a browser."""
        keys = {"p256dh": encode(self.point), "auth": encode(self.auth)}
        return {"endpoint": self.endpoint, "expirationTime": None, "keys": keys}

    def answer(self, status, times=1, **headers):
        """The next so many messages are answered with this status, whatever they are."""
        with self.service.arrived:
            self.answers += [(status, {n.replace("_", "-"): str(v) for n, v in headers.items()})] * times

    def end(self):
        """The person withdraws the permission: 410 from now on (RFC 8030 section 7.3)."""
        self.ended = True

    def wait(self, count=1, seconds=10):
        """The messages, as soon as there are so many."""
        with self.service.arrived:
            self.service.arrived.wait_for(lambda: len(self.messages) >= count, seconds)
        assert len(self.messages) >= count, (
            f"{len(self.messages)} of {count} messages within {seconds} s; refused: {self.service.refused}")
        return list(self.messages)

    def open(self, body):
        """Decrypts as the browser does (RFC 8291 section 3); ValueError when it cannot."""
        sender = key_at(header_of(body)[2])
        shared = self.key.exchange(ec.ECDH(), sender)
        info = b"WebPush: info\0" + self.point + point_of(sender)
        coded = open_coding(body, mac(mac(self.auth, shared), info + b"\1"))
        if coded.records != 1 or coded.record_size <= len(body) - 86:
            raise ValueError("not one record that is shorter than the record size (RFC 8291 section 4)")
        return coded


def check_credentials(value, origin, restricted_to, now):
    """`Authorization: vapid` (RFC 8292 sections 2, 3 and 4.2); gives the token, its claims and the key."""
    scheme, _, rest = value.partition(" ")
    if scheme.lower() != "vapid":
        raise Refused(401, "another scheme than vapid")
    pairs = [part.strip().partition("=") for part in rest.split(",")]
    if len({name for name, _, _ in pairs}) != len(pairs):
        raise Refused(403, "a parameter twice")
    parameters = {name.lower(): text for name, _, text in pairs}
    if not parameters.get("t") or not parameters.get("k"):
        raise Refused(403, "no t or no k")
    token, point = parameters["t"], b""
    try:
        point = decode(parameters["k"])
        key = key_at(point)
        head, body, signature = token.split(".")
        header, claims, signature = json.loads(decode(head)), json.loads(decode(body)), decode(signature)
        if not isinstance(header, dict) or not isinstance(claims, dict):
            raise ValueError("no objects")
    except ValueError as error:
        raise Refused(403, f"t or k cannot be read: {error}") from error
    if header.get("alg") != "ES256" or "crit" in header or header.get("typ", "JWT") != "JWT":
        raise Refused(403, "not an ES256 JWT")
    if len(signature) != 64:
        raise Refused(403, "a signature that has not 64 bytes")
    r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
    try:
        key.verify(encode_dss_signature(r, s), f"{head}.{body}".encode(), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise Refused(403, "wrong signature") from error
    audience = claims.get("aud")
    if origin not in (audience if isinstance(audience, list) else [audience]):
        raise Refused(403, f"aud is {audience!r}")
    expiry = claims.get("exp")
    if isinstance(expiry, bool) or not isinstance(expiry, (int, float)):
        raise Refused(403, "no exp")
    if not now < expiry <= now + DAY:
        raise Refused(403, "expired, or more than 24 hours ahead")
    if not re.match(r"mailto:[^@\s]+@[^@\s]+$|https://[^\s/]+", str(claims.get("sub", ""))):
        raise Refused(403, "sub is no mailto: or https: (a SHOULD of section 2.1; some services insist)")
    if restricted_to and point != restricted_to:
        raise Refused(403, "another key than the browser subscribed to")
    return token, claims, point


def check_headers(headers):
    """TTL, Urgency, Topic and Content-Encoding; gives the first three (RFC 8030 sections 5.2 to 5.4)."""
    ttl, urgency, topic = headers.get("ttl"), headers.get("urgency", "normal"), headers.get("topic")
    if ttl is None or not re.fullmatch(r"[0-9]+", ttl):
        raise Refused(400, "TTL is missing, or no number of seconds")
    if urgency not in ("very-low", "low", "normal", "high"):
        raise Refused(400, "an unknown Urgency")
    if topic is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,32}", topic):
        raise Refused(400, "a Topic that is not 1 to 32 characters of base64url")
    if headers.get("content-encoding") != "aes128gcm":
        raise Refused(415, "Content-Encoding is not aes128gcm")
    return min(int(ttl), LONGEST_TTL), urgency, topic


class PushService:
    """`certificate.pair` (chain and key files) makes it speak TLS. `clock` gives the seconds of tokens."""

    def __init__(self, certificate=None, host="127.0.0.1", name=None, clock=time.time):
        self.subscriptions, self.refused, self.arrived = {}, [], threading.Condition()
        self.clock, service = clock, self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                length = self.headers.get("Content-Length") or ""
                if not length.isdecimal() or int(length) > 1 << 20:
                    self.close_connection = True
                    return self.answer(411 if not length else 413, {}, b"")
                body = self.rfile.read(int(length))
                headers = {}
                for name, value in self.headers.items():
                    # A field that came twice is told apart from one that came once.
                    headers[name.lower()] = f"{headers[name.lower()]}, {value}" if name.lower() in headers else value
                self.answer(*service.take(self.path, headers, body))

            def do_GET(self):
                self.answer(405, {"Allow": "POST"}, b"")

            do_PUT = do_DELETE = do_GET

            def answer(self, status, headers, body):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = TLSServer((host, 0), Handler)
        if certificate:
            self.server.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.server.context.load_cert_chain(*certificate.pair)
        self.port = self.server.server_address[1]
        self.origin = f"{'https' if certificate else 'http'}://{name or host}:{self.port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def subscribe(self, application_server_key=None, key=None, auth=None):
        """A browser subscribes; with a key (base64url or bytes) messages of other servers are refused."""
        if isinstance(application_server_key, str):
            application_server_key = decode(application_server_key)
        if application_server_key is not None:
            key_at(application_server_key)
        subscription = Subscription(
            self, secrets.token_urlsafe(24), key or ec.generate_private_key(ec.SECP256R1()),
            auth or secrets.token_bytes(16), application_server_key)
        self.subscriptions[subscription.id] = subscription
        return subscription

    def take(self, path, headers, body):
        """Status, header fields and body of the answer to one message."""
        try:
            subscription = self.subscriptions.get(path.removeprefix("/push/")) if path.startswith("/push/") else None
            if subscription is None:
                raise Refused(404, "no such subscription")
            with self.arrived:
                if subscription.answers:
                    status, more = subscription.answers.pop(0)
                    self.refused.append((path, status, "told to"))
                    self.arrived.notify_all()
                    return status, more, b""
            message = self.check(subscription, headers, body)
        except Refused as refusal:
            with self.arrived:
                self.refused.append((path, refusal.status, refusal.reason))
                self.arrived.notify_all()
            challenge = {"WWW-Authenticate": "vapid"} if refusal.status == 401 else {}
            return refusal.status, {"Content-Type": "text/plain"} | challenge, refusal.reason.encode()
        with self.arrived:
            subscription.messages.append(message)
            self.arrived.notify_all()
        # RFC 8030 section 5: the answer names the message; section 5.2: and how long it is really kept.
        location = f"{self.origin}/message/{secrets.token_urlsafe(16)}"
        return 201, {"Location": location, "TTL": str(message.ttl)}, b""

    def check(self, subscription, headers, body):
        if subscription.ended:
            raise Refused(410, "the subscription is over")
        if len(body) > LARGEST:
            raise Refused(413, "longer than 4096 bytes")
        ttl, urgency, topic = check_headers(headers)
        if "authorization" not in headers:
            raise Refused(401, "no credentials")
        token, claims, point = check_credentials(
            headers["authorization"], self.origin, subscription.application_server_key, self.clock())
        try:
            if header_of(body)[2] == point:
                raise Refused(400, "one key for signing and for agreement (RFC 8292 section 3.2)")
            coded = subscription.open(body)
        except ValueError as error:
            raise Refused(400, f"the browser cannot read it: {error}") from error
        return Message(
            coded.content, coded.padding, len(body), ttl, urgency, topic, claims, token, headers, self.clock())

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
