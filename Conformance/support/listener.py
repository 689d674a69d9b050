"""A small server with TLS on this machine whose answers a test decides: key sets, sector documents, notifications."""

import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class Seen:
    """One request that arrived."""

    def __init__(self, method, path, headers, body):
        self.method, self.path, self.headers, self.body = method, path, headers, body

    @property
    def form(self):
        return {name: values[-1] for name, values in parse_qs(self.body.decode(), keep_blank_values=True).items()}


class TLSServer(ThreadingHTTPServer):
    """Speaks TLS when it has a context."""

    daemon_threads = True
    request_queue_size = 256
    context = None

    def finish_request(self, request, client_address):
        """The handshake in the request's own thread, so that one who stays silent holds nobody up."""
        request.settimeout(20)
        if self.context:
            request = self.context.wrap_socket(request, server_side=True)
        super().finish_request(request, client_address)

    def handle_error(self, request, client_address):
        pass  # a client that goes away in the middle is part of the game


class Listener:
    """`routes[path]` is (status, headers, body) or a function of the request that gives it."""

    def __init__(self, certificate=None):
        self.routes, self.seen, self.arrived = {}, [], threading.Condition()
        listener = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                length = int(self.headers.get("Content-Length") or 0)
                request = Seen(self.command, self.path, dict(self.headers), self.rfile.read(length))
                with listener.arrived:
                    listener.seen.append(request)
                    listener.arrived.notify_all()
                route = listener.routes.get(urlsplit(self.path).path, (404, {}, b""))
                status, headers, body = route(request) if callable(route) else route
                body = body if isinstance(body, bytes) else body.encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Connection", "close")
                self.end_headers()
                try:
                    self.wfile.write(body)
                except OSError:
                    pass  # the other side may stop reading what is too long

            do_GET = do_POST = do_PUT = do_DELETE = answer

            def log_message(self, *_):
                pass

        self.server = TLSServer(("127.0.0.1", 0), Handler)
        if certificate:
            self.server.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.server.context.load_cert_chain(*certificate.pair)
        self.port = self.server.server_address[1]
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def serve(self, path, body, status=200, kind="application/json", **headers):
        body = body if isinstance(body, (str, bytes)) else json.dumps(body)
        self.routes[path] = (status, {"Content-Type": kind} | headers, body)
        return self.url + path

    def requests(self, path):
        with self.arrived:
            return [r for r in self.seen if urlsplit(r.path).path == path]

    def wait(self, path, count=1, seconds=10):
        """The requests to a path, as soon as there are so many."""
        with self.arrived:
            self.arrived.wait_for(lambda: len([r for r in self.seen if urlsplit(r.path).path == path]) >= count, seconds)
        found = self.requests(path)
        assert len(found) >= count, f"{len(found)} of {count} requests to {path} within {seconds} s"
        return found

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
