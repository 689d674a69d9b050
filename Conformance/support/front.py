"""What stands before several nodes: spreads requests over those whose /readyz answers 200, and nothing cleverer.

As a program: `front.py PORT NODE_PORT...` prints `ready` and serves. It repeats nothing: a request that a node does not answer is a 502. It asks
for readiness every PERIOD seconds and takes a node out at the first answer that is not 200. `GET /front` tells how it sees the nodes.
"""

import asyncio
import json
import subprocess
import sys
import threading

PERIOD = 0.1


class Node:
    def __init__(self, port):
        self.port, self.ready, self.answered, self.idle = port, False, 0, []

    async def connect(self):
        while self.idle:
            reader, writer = self.idle.pop()
            if not reader.at_eof():
                return reader, writer
            writer.close()
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def ask(self, request):
        """The answer's bytes."""
        reader, writer = await self.connect()
        try:
            writer.write(request)
            head, body, keep = await read(reader)
        except BaseException:
            writer.close()
            raise
        if keep and self.ready:
            self.idle.append((reader, writer))
        else:
            writer.close()
        return head + body

    async def watch(self):
        question = b"GET /readyz HTTP/1.1\r\nHost: front\r\nConnection: close\r\n\r\n"
        while True:
            try:
                async with asyncio.timeout(2):
                    reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                    try:
                        writer.write(question)
                        head, _, _ = await read(reader)
                    finally:
                        writer.close()
                self.ready = head.startswith(b"HTTP/1.1 200")
            except (OSError, asyncio.IncompleteReadError, TimeoutError):
                self.ready = False
            if not self.ready:
                for _, writer in self.idle:
                    writer.close()
                self.idle = []
            await asyncio.sleep(PERIOD)


async def read(reader):
    """Head, body, and whether the connection may be kept."""
    head = await reader.readuntil(b"\r\n\r\n")
    fields = head.lower()
    at = fields.find(b"\r\ncontent-length:")
    body = b""
    if at >= 0:
        length = int(fields[at + 17 : fields.index(b"\r\n", at + 2)])
        body = await reader.readexactly(length) if length else b""
    return head, body, b"\r\nconnection: close" not in fields


class Front:
    def __init__(self, ports):
        self.nodes = [Node(port) for port in ports]
        self.turn = 0

    def choose(self):
        ready = [node for node in self.nodes if node.ready]
        self.turn += 1
        return ready[self.turn % len(ready)] if ready else None

    async def serve(self, reader, writer):
        try:
            while True:
                head, body, keep = await read(reader)
                writer.write(await self.answer(head, body))
                if not keep:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def answer(self, head, body):
        if head.startswith(b"GET /front "):
            seen = [{"port": node.port, "ready": node.ready, "answered": node.answered} for node in self.nodes]
            return self.plain("200 OK", json.dumps(seen))
        node = self.choose()
        if node is None:
            return self.plain("503 Service Unavailable", "no node is ready")
        try:
            answer = await node.ask(head + body)
        except (OSError, asyncio.IncompleteReadError) as trouble:
            return self.plain("502 Bad Gateway", f"node {node.port}: {type(trouble).__name__} {trouble}")
        node.answered += 1
        return answer

    @staticmethod
    def plain(status, text):
        return f"HTTP/1.1 {status}\r\nContent-Length: {len(text.encode())}\r\n\r\n{text}".encode()


async def main(port, ports):
    front = Front(ports)
    server = await asyncio.start_server(front.serve, "127.0.0.1", port, backlog=512, limit=1 << 20)
    watchers = [asyncio.create_task(node.watch()) for node in front.nodes]
    print("ready", flush=True)
    async with server:
        await asyncio.gather(server.serve_forever(), *watchers)


class FrontProcess:
    """The program, started beside a test."""

    def __init__(self, port, ports):
        self.port = port
        self.process = subprocess.Popen(
            [sys.executable, __file__, str(port), *map(str, ports)], stdout=subprocess.PIPE, start_new_session=True
        )
        assert self.process.stdout.readline() == b"ready\n", "the front did not start"
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def nodes(self):
        """Port to how the front sees the node."""
        from .wire import Wire

        wire = Wire(self.port)
        try:
            return {node["port"]: node for node in json.loads(wire.request("GET", "/front").body)}
        finally:
            wire.close()

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), [int(port) for port in sys.argv[2:]]))
