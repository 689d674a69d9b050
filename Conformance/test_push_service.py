"""The push service of these suites judges others, so it is judged first: by the examples of the RFCs, and by messages
that it must refuse. The program is not asked anything here."""

import json
import secrets

import pytest
import requests
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from support.push_service import (
    DAY, PushService, Refused, check_credentials, decode, encode, header_of, mac, open_coding, point_of, private_key)
from support.tls import Certificate

# RFC 8291 section 5 and appendix A
TEXT = b"When I grow up, I want to be a watermelon"
SENDER = private_key(decode("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"))
BROWSER = private_key(decode("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"))
AUTH, SALT = decode("BTBZMqHH6r4Tts7J_aSIgg"), decode("DGv6ra1nlYgDCS1FRnbzlw")
BODY = decode(
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_"
    "yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN")
# RFC 8292 section 2.4
EXAMPLE = (
    "vapid t=eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM1MjM3NjgsI"
    "nN1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0.i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrErtmysazNjjvW2"
    "L9OkSSHzvoD1oA, k=BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs")
NOW = 1_800_000_000


class Server:
    """An application server with a key of its own."""

    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.public = point_of(self.key.public_key())

    def credentials(self, origin, header=None, k=None, **changes):
        claims = {"aud": origin, "exp": NOW + 3600, "sub": "mailto:push@rumdul.example"} | changes
        claims = {name: value for name, value in claims.items() if value is not None}
        parts = [header or {"typ": "JWT", "alg": "ES256"}, claims]
        text = ".".join(encode(json.dumps(part).encode()) for part in parts)
        r, s = decode_dss_signature(self.key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
        return f"vapid t={text}.{encode(r.to_bytes(32) + s.to_bytes(32))}, k={encode(k or self.public)}"


def encrypt(subscription, content=b"an-opaque-identifier", padding=0, sender=None, salt=None, **changes):
    """RFC 8291 section 3.4; `changes` break it."""
    sender, salt = sender or ec.generate_private_key(ec.SECP256R1()), salt or secrets.token_bytes(16)
    point = point_of(sender.public_key())
    shared = sender.exchange(ec.ECDH(), subscription.key.public_key())
    input_key = mac(mac(subscription.auth, shared), b"WebPush: info\0" + subscription.point + point + b"\1")
    prk = mac(salt, input_key)
    plain = content + changes.get("delimiter", b"\2") + b"\0" * padding
    sealed = AESGCM(mac(prk, b"Content-Encoding: aes128gcm\0\1")[:16]).encrypt(
        mac(prk, b"Content-Encoding: nonce\0\1")[:12], plain, b"")
    return salt + changes.get("record_size", 4096).to_bytes(4) + b"\x41" + point + sealed


@pytest.fixture(scope="module")
def service():
    service = PushService(clock=lambda: NOW)
    yield service
    service.stop()


@pytest.fixture(scope="module")
def server():
    return Server()


@pytest.fixture
def browser(service, server):
    return service.subscribe(encode(server.public))


@pytest.fixture
def post(service, server, browser):
    """Sends a good message; what is named is other than good, `None` leaves a field out."""

    def send(body=None, to=None, credentials=None, **fields):
        headers = {
            "TTL": "60", "Content-Encoding": "aes128gcm",
            "Authorization": credentials or server.credentials(service.origin)}
        headers |= {name.replace("_", "-"): value for name, value in fields.items()}
        headers = {name: value for name, value in headers.items() if value is not None}
        return requests.post(
            to or browser.endpoint, encrypt(browser) if body is None else body, headers=headers, timeout=10)

    return send


def refused(service, answer, status, reason):
    assert answer.status_code == status, answer.text
    assert reason in service.refused[-1][2], service.refused[-1]


def test_rfc_8291_appendix_a(service, server):
    browser = service.subscribe(key=BROWSER, auth=AUTH)
    assert encrypt(browser, TEXT, sender=SENDER, salt=SALT) == BODY
    assert browser.open(BODY).content == TEXT
    headers = {
        "TTL": "10", "Content-Encoding": "aes128gcm", "Authorization": server.credentials(service.origin)}
    assert requests.post(browser.endpoint, BODY, headers=headers, timeout=10).status_code == 201
    (message,) = browser.wait()
    assert (message.content, message.padding, message.length, message.ttl) == (TEXT, 0, len(BODY), 10)


def test_rfc_8188_examples():
    one = open_coding(
        decode("I1BsxtFttlv3u_Oo94xnmwAAEAAA-NAVub2qFgBEuQKRapoZu-IxkIva3MEB1PD-ly8Thjg"),
        decode("yqdlZ-tYemfogSmv7Ws5PQ"))
    assert (one.content, one.records, one.key_id) == (b"I am the walrus", 1, b"")
    body = decode(
        "uNCkWiNYzKTnBN9ji3-qWAAAABkCYTHOG8chz_gnvgOqdGYovxyjuqRyJFjEDyoF1Fvkj6hQPdPHI51OEUKEpgz3SsLWIqS_uA")
    key = decode("BO3ZVPxUlnLORbVGMpbT1Q")
    two = open_coding(body, key)
    assert (two.content, two.records, two.key_id, two.record_size) == (b"I am the walrus", 2, b"a1", 25)
    for cut in (body[:48], body[:-1], body[:22]):
        with pytest.raises(ValueError):
            open_coding(cut, key)


def test_rfc_8292_example():
    then = 1453523768
    origin = "https://push.example.net"
    _, claims, point = check_credentials(EXAMPLE, origin, None, then - 1)
    assert claims == {"aud": origin, "exp": then, "sub": "mailto:push@example.com"}
    check_credentials(EXAMPLE, origin, point, then - DAY)
    for now in (then, then + 1, then - DAY - 1):
        with pytest.raises(Refused, match="expired"):
            check_credentials(EXAMPLE, origin, None, now)
    with pytest.raises(Refused, match="signature"):
        check_credentials(EXAMPLE.replace("i3CYb7t4", "i3CYb7t5"), origin, None, then - 1)


def test_a_message_is_taken_and_remembered(service, browser, post):
    answer = post(encrypt(browser, b"a" * 16, padding=48), Urgency="high", Topic="login")
    assert answer.status_code == 201 and answer.headers["Location"].startswith(service.origin)
    assert answer.headers["TTL"] == "60"
    (message,) = browser.wait()
    assert (message.content, message.padding, message.length) == (b"a" * 16, 48, 167)
    assert (message.ttl, message.urgency, message.topic) == (60, "high", "login")
    assert message.claims["aud"] == service.origin
    assert browser.json["keys"] == {"p256dh": encode(browser.point), "auth": encode(browser.auth)}


@pytest.mark.parametrize(("changes", "reason"), [
    ({"aud": "https://other.example"}, "aud"), ({"aud": None}, "aud"), ({"aud": []}, "aud"),
    ({"exp": NOW}, "expired"), ({"exp": NOW - 1}, "expired"), ({"exp": NOW + DAY + 1}, "24 hours"),
    ({"exp": None}, "no exp"), ({"exp": "tomorrow"}, "no exp"), ({"exp": True}, "no exp"),
    ({"sub": None}, "sub"), ({"sub": "push@rumdul.example"}, "sub"), ({"header": {"alg": "none"}}, "ES256"),
    ({"header": {"alg": "HS256"}}, "ES256"), ({"header": {"alg": "ES256", "crit": ["x"]}}, "ES256"),
    ({"k": point_of(BROWSER.public_key())}, "signature"), ({"k": b"\4" + b"\1" * 64}, "cannot be read"),
])
def test_wrong_tokens(service, server, browser, post, changes, reason):
    refused(service, post(credentials=server.credentials(service.origin, **changes)), 403, reason)
    assert not browser.messages


def test_wrong_credentials(service, server, browser, post):
    good = server.credentials(service.origin)
    token, key = good.split(", ")
    other = token[:-86] + ("B" if token[-86] == "A" else "A") + token[-85:]
    for credentials, status, reason in [
        ("Bearer x", 401, "scheme"), ("vapid", 403, "no t"), (token, 403, "no k"), (f"vapid {key}", 403, "no t"),
        (good + ", t=x", 403, "twice"), (f"vapid t=a.b, {key}", 403, "read"), (good + "=", 403, "read"),
        (f"{other}, {key}", 403, "signature"), (f"{token[:-6]}, {key}", 403, "64 bytes"),
    ]:
        refused(service, post(credentials=credentials), status, reason)
    refused(service, post(Authorization=None), 401, "no credentials")
    refused(service, post(credentials=Server().credentials(service.origin)), 403, "another key")
    assert not browser.messages
    # Unknown parameters are ignored (RFC 8292 section 3).
    assert post(credentials=good + ", x=y").status_code == 201


@pytest.mark.parametrize(("fields", "status", "reason"), [
    ({"TTL": None}, 400, "TTL"), ({"TTL": "-1"}, 400, "TTL"), ({"TTL": "1.5"}, 400, "TTL"),
    ({"Urgency": "asap"}, 400, "Urgency"), ({"Topic": "a" * 33}, 400, "Topic"), ({"Topic": "a b"}, 400, "Topic"),
    ({"Content_Encoding": None}, 415, "aes128gcm"), ({"Content_Encoding": "aesgcm"}, 415, "aes128gcm"),
])
def test_wrong_fields(service, browser, post, fields, status, reason):
    refused(service, post(**fields), status, reason)
    assert not browser.messages


def test_unreadable_messages(service, server, browser, post):
    good = encrypt(browser)
    for body in [
        b"", good[:20], good[:86], good[:-1], good[:-1] + bytes([good[-1] ^ 1]), b"\0" * 16 + good[16:],
        encrypt(service.subscribe()), encrypt(browser, delimiter=b"\1"), encrypt(browser, delimiter=b""),
        encrypt(browser, record_size=37), encrypt(browser, record_size=17),
        good[:21] + b"\4" + b"\1" * 64 + good[86:], good[:20] + b"\x20" + good[21:],
    ]:
        refused(service, post(body), 400, "cannot read")
    refused(service, post(encrypt(browser, sender=server.key)), 400, "one key")
    assert not browser.messages
    assert post(encrypt(browser, b"x" * 3993)).status_code == 201
    refused(service, post(encrypt(browser, b"x" * 3994)), 413, "4096")


def test_answers_on_demand(service, browser, post):
    for status in (404, 410, 413, 429, 500):
        browser.answer(status, Retry_After=7)
        answer = post()
        assert answer.status_code == status and answer.headers["Retry-After"] == "7"
    browser.answer(503, times=2)
    assert [post().status_code for _ in range(3)] == [503, 503, 201]
    refused(service, post(to=service.origin + "/push/unknown"), 404, "no such")
    refused(service, post(to=service.origin + "/other"), 404, "no such")
    browser.end()
    refused(service, post(), 410, "over")
    assert requests.get(browser.endpoint, timeout=10).status_code == 405
    assert len(browser.messages) == 1


def test_header_is_read_as_rfc_8188_writes_it():
    salt, size, key_id, _ = header_of(BODY)
    assert (salt, size, key_id) == (SALT, 4096, point_of(SENDER.public_key()))


def test_over_tls(server, tmp_path):
    authority = Certificate(tmp_path, "PushAuthority", authority=True)
    service = PushService(Certificate(tmp_path, "PushServer", authority, server=True), clock=lambda: NOW)
    try:
        browser = service.subscribe(server.public)
        assert browser.endpoint.startswith("https://127.0.0.1:")
        for origin, status in [(service.origin, 201), (service.origin.replace("https", "http"), 403)]:
            headers = {"TTL": "0", "Content-Encoding": "aes128gcm", "Authorization": server.credentials(origin)}
            answer = requests.post(
                browser.endpoint, encrypt(browser), headers=headers, verify=authority.certificate_file, timeout=10)
            assert answer.status_code == status
    finally:
        service.stop()
