"""A receiver of notifications, written from docs/notifications.md and OSIA 7.1 and knowing nothing of the program: it takes
messages over HTTP, checks each signature with joserfc, and answers what a test wants."""

import json
import time

import requests
from joserfc import jws
from joserfc.jwk import KeySet

from .inbox import Inbox


class Message:
    """One request that arrived, checked."""

    def __init__(self, headers, body, header, port):
        self.headers, self.body, self.header, self.port = headers, body, header, port
        self.json = json.loads(body)
        self.id, self.kind = headers["message-id"], headers["message-type"]
        self.subscription, self.topic = headers["subscription-id"], headers["topic-id"]
        self.at = time.monotonic()

    @property
    def event(self):
        return json.loads(self.json["message"])


class Receiver(Inbox):
    """`status` is what it answers, a number or a function of the message; `refused` says what was wrong with a message."""

    path = "/hook"

    def take(self, headers, body, path):
        try:
            message = Message(headers, body, self.verify(headers["message-signature"], body), self.server.server_port)
            assert headers["content-type"] == "application/json"
            assert message.json["type"] == message.kind and message.json["messageId"] == message.id
            assert message.json["topic"] == message.topic
            assert set(message.json) <= {"type", "token", "topic", "message", "messageId", "subject", "subscribeURL", "timestamp"}, "OSIA's members alone"
            assert message.header["aud"] == f"http://127.0.0.1:{self.server.server_port}{path}", "for another receiver"
            assert message.header["sid"] == message.subscription and abs(time.time() - message.header["iat"]) < 60
        except Exception as trouble:
            return self.refuse(trouble, body)
        self.keep(message)
        return self.status(message) if callable(self.status) else self.status

    def keys(self):
        answer = requests.get(f"{self.base}/notif/v1/jwks", timeout=10)
        assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/jwk-set+json"
        assert all("d" not in key for key in answer.json()["keys"])
        return KeySet.import_key_set(answer.json())

    def verify(self, signature, body):
        """RFC 7515 appendix F: the payload is put back between the two dots."""
        registry = jws.JWSRegistry(algorithms=["ES256"], strict_check_header=False)
        head, middle, tail = signature.split(".")
        assert middle == "", "the payload travels in the body"
        import base64
        whole = ".".join([head, base64.urlsafe_b64encode(body).rstrip(b"=").decode(), tail])
        found = jws.deserialize_compact(whole, self.keys(), registry=registry)
        assert found.payload == body and found.headers()["typ"] == "rumdul-notification+jws"
        return found.headers()

    def notifications(self):
        with self.arrived:
            return [m for m in self.got if m.kind == "Notification"]

    def forget(self):
        with self.arrived:
            self.got.clear()
