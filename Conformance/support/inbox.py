"""An HTTP server that keeps what is posted to it, for judges of what the program sends out."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Inbox:
    """`take` judges each message; what it refuses is in `refused`, with which every wait fails."""

    path = "/"

    def __init__(self, base):
        self.base, self.status = base, 200
        self.arrived, self.got, self.refused = threading.Condition(), [], []
        inbox = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status = inbox.take({name.lower(): value for name, value in self.headers.items()}, body, self.path)
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.send_header("Connection", "close")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}{self.path}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def keep(self, message):
        with self.arrived:
            self.got.append(message)
            self.arrived.notify_all()

    def refuse(self, trouble, body):
        with self.arrived:
            self.refused.append(f"{type(trouble).__name__}: {trouble} {body[:300]}")
            self.arrived.notify_all()
        return 400

    def wait(self, condition, seconds=30, what="a message"):
        """The first message for which the condition holds."""
        deadline = time.monotonic() + seconds
        with self.arrived:
            while True:
                assert not self.refused, self.refused
                for message in self.got:
                    if condition(message):
                        return message
                left = deadline - time.monotonic()
                assert left > 0, f"{what} did not come within {seconds} s; {len(self.got)} others did"
                self.arrived.wait(left)
