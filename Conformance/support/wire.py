"""HTTP/1.1 over one kept connection, as cheap as Python allows: whoever drives load shares the machine with the server."""

import socket


class Broken(Exception):
    """The connection ended without a whole answer."""


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def __repr__(self):
        return f"{self.status} {self.body[:300]!r}"


class Wire:
    def __init__(self, port, timeout=60):
        self.port, self.timeout, self.socket, self.buffer = port, timeout, None, b""

    def close(self):
        if self.socket:
            self.socket.close()
        self.socket, self.buffer = None, b""

    def request(self, method, target, headers=None, body=None):
        """The answer. A connection that the other side closed after an answer is opened anew; one that breaks is not repaired."""
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.port), self.timeout)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        lines = [f"{method} {target} HTTP/1.1", f"Host: 127.0.0.1:{self.port}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        body = body.encode() if isinstance(body, str) else body or b""
        if body or method == "POST":
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        self.socket.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        try:
            return self._answer()
        except (Broken, OSError):
            self.close()
            raise

    def _more(self):
        piece = self.socket.recv(65536)
        if not piece:
            raise Broken("the connection ended")
        self.buffer += piece

    def _answer(self):
        while b"\r\n\r\n" not in self.buffer:
            self._more()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {}
        for line in lines:
            name, value = line.split(":", 1)
            headers[name.lower()] = value.strip()
        status = int(first.split()[1])
        length = 0 if status in (204, 304) else int(headers["content-length"])
        while len(self.buffer) < length:
            self._more()
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Answer(status, headers, body)
