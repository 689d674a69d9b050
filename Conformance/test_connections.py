"""HTTP/1.1 connections (RFC 9112): what one connection may carry, in which order, and how it ends."""

import http.client
import io
import socket
import time
from urllib.parse import urlsplit

import pytest


class Shared(io.BufferedReader):
    """The one buffer of a connection: an answer's end must not take the next answer's bytes with it."""

    def makefile(self, *_):
        return self

    def close(self):
        pass


class Link:
    """A TCP connection, read answer by answer."""

    def __init__(self, base, timeout=10):
        parts = urlsplit(base)
        self.socket = socket.create_connection((parts.hostname, parts.port), timeout=timeout)
        self.stream = Shared(socket.SocketIO(self.socket, "r"))

    def send(self, data):
        self.socket.sendall(data)

    def answer(self, method="GET"):
        answer = http.client.HTTPResponse(self.stream, method=method)
        answer.begin()
        return answer, answer.read()

    def ends(self):
        """Whether the server has closed the connection."""
        try:
            return self.stream.read(1) == b""
        except ConnectionResetError:
            return True

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


GET = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


def post(length, extra=b""):
    return b"POST /token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n" + extra + (
        b"Content-Length: %d\r\n\r\n" % length)


def test_many_requests_on_one_connection(base):
    with Link(base) as link:
        for _ in range(50):
            link.send(GET)
            answer, body = link.answer()
            assert answer.status == 200 and body == b'{"status":"ok"}'
            assert answer.getheader("Date").endswith("GMT")


def test_pipelined_requests_are_answered_in_order(base):
    """RFC 9112, section 9.3.2."""
    paths = ["/healthz", "/nowhere", "/jwks", "/healthz", "/.well-known/openid-configuration"] * 20
    with Link(base) as link:
        link.send(b"".join(b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % path.encode() for path in paths))
        statuses = [link.answer()[0].status for _ in paths]
    assert statuses == [404 if path == "/nowhere" else 200 for path in paths]


def test_thousands_of_pipelined_requests(base):
    """As many as fit into what is read at once: each is answered before the next is looked at."""
    with Link(base, timeout=60) as link:
        link.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" * 5000)
        assert {link.answer()[0].status for _ in range(5000)} == {200}


def test_a_client_that_does_not_read_holds_up_itself_only(demo, base):
    """What it asks for waits until it has taken what it asked for before; the server's memory does not grow with it."""
    before = demo.resident_megabytes()
    with Link(base, timeout=60) as link:
        ask = b"GET /.well-known/openid-configuration HTTP/1.1\r\nHost: x\r\n\r\n"
        link.socket.settimeout(2)
        sent = 0
        try:
            while sent < 40_000_000:
                sent += link.socket.send(ask * 200)
        except TimeoutError:
            pass
        assert demo.resident_megabytes() < before + 60
        link.socket.settimeout(60)
        assert link.answer()[0].status == 200
    with Link(base) as link:
        link.send(GET)
        assert link.answer()[0].status == 200


@pytest.mark.parametrize("fields", [b"", b"Host: x\r\nHost: y\r\n"], ids=["none", "two"])
def test_exactly_one_host(base, fields):
    """RFC 9112, section 3.2."""
    with Link(base) as link:
        link.send(b"GET /healthz HTTP/1.1\r\n" + fields + b"\r\n")
        assert link.answer()[0].status == 400
        assert link.ends()


def test_http_1_0(base):
    """No chunks, and the connection ends unless the client asks for more."""
    with Link(base) as link:
        link.send(b"GET /healthz HTTP/1.0\r\n\r\n")
        assert link.answer()[0].status == 200
        assert link.ends()
    with Link(base) as link:
        for _ in range(2):
            link.send(b"GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            assert link.answer()[0].status == 200


def test_a_request_in_single_bytes(base):
    body = b"grant_type=client_credentials"
    with Link(base) as link:
        for byte in post(len(body)) + body:
            link.send(bytes([byte]))
        answer, text = link.answer()
    assert answer.status == 401 and b"invalid_client" in text


def test_chunked_body(base):
    with Link(base) as link:
        link.send(
            b"POST /token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n5\r\ngrant\r\n18\r\n_type=client_credentials\r\n0\r\n\r\n" + GET)
        answer, text = link.answer()
        assert answer.status == 401 and b"invalid_client" in text
        assert link.answer()[0].status == 200


def test_connection_close_is_honoured(base):
    with Link(base) as link:
        link.send(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        assert link.answer()[0].status == 200
        assert link.ends()


def test_expect_100_continue(base):
    """RFC 9110, section 10.1.1: the client waits for the interim answer before it sends the body."""
    body = b"grant_type=client_credentials"
    with Link(base) as link:
        link.send(post(len(body), b"Expect: 100-continue\r\n"))
        assert link.stream.readline().startswith(b"HTTP/1.1 100 ") and link.stream.readline() == b"\r\n"
        link.send(body)
        assert link.answer()[0].status == 401


@pytest.mark.parametrize("size", [70_000, 300_000, 5_000_000])
def test_a_body_that_is_too_large_leaves_the_connection_usable(base, size):
    """Refused while it still comes, and passed over; the next request on the connection is answered."""
    with Link(base) as link:
        link.send(post(size))
        for _ in range(size // 10_000):
            link.send(b"a" * 10_000)
        answer, text = link.answer()
        assert answer.status == 413 and b"invalid_request" in text
        link.send(GET)
        assert link.answer()[0].status == 200


def test_a_client_that_stops_sending_gets_its_answer(base):
    with Link(base) as link:
        link.send(GET)
        link.socket.shutdown(socket.SHUT_WR)
        assert link.answer()[0].status == 200
        assert link.ends()


def test_clients_that_leave_in_the_middle(base):
    """Half a head, half a body, before the answer: the server goes on."""
    for data in (b"GET /healthz HT", post(1000) + b"grant", post(1_000_000) + b"a" * 500_000, GET * 10):
        for _ in range(10):
            with Link(base) as link:
                link.send(data)
    with Link(base) as link:
        link.send(GET)
        assert link.answer()[0].status == 200


def test_malformed_request_ends_the_connection_with_400(base):
    with Link(base) as link:
        link.send(GET + b"no request at all\r\n\r\n" + GET)
        assert link.answer()[0].status == 200
        assert link.answer()[0].status == 400
        assert link.ends()


def test_many_connections_wait_side_by_side(base):
    links = [Link(base) for _ in range(300)]
    try:
        for link in links:
            link.send(GET[:20])
        with Link(base) as link:
            link.send(GET)
            assert link.answer()[0].status == 200
        started = time.monotonic()
        for link in links:
            link.send(GET[20:])
        assert all(link.answer()[0].status == 200 for link in links)
        assert time.monotonic() - started < 30
    finally:
        for link in links:
            link.socket.close()
