"""Many browsers that wait for an approval at once: what they cost in memory and processor time.

`RUMDUL_WAITING` says how many pages (default 2,000; the aim is stated for 10,000). Four pages wait for each login, as many as one may have."""

import http.client
import os
import re
import select
import socket
import time
from urllib.parse import urlencode, urlsplit

from support.login import Client
from support.program import Demo

PAGES = int(os.environ.get("RUMDUL_WAITING", 2000))
PER_LOGIN = 4
PAGE_BYTES = 20_000  # 200 MB for 10,000


def memory(pid):
    """Bytes in memory."""
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS"))


def processor(pid):
    """Seconds of processor time so far."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def begin(host, client, number):
    """A login as far as its waiting page, without a person behind it; the path, and the browser's cookies."""
    connection = http.client.HTTPConnection(host)
    connection.request("GET", "/authorize?" + urlencode(client.parameters("v" * 43)), headers={"Accept": "text/html"})
    answer = connection.getresponse()
    sealed = re.search(r'name="request" value="([^"]+)"', answer.read().decode()).group(1)
    cookies = "; ".join(v.split(";")[0] for n, v in answer.getheaders() if n.lower() == "set-cookie")
    for check in range(10):  # one of ten last digits is right
        body = urlencode({"request": sealed, "identifier": str(2_000_000_000 + number * 10 + check), "attr.name_km": "on"})
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookies, "Accept": "text/html"}
        connection.request("POST", "/authorize/start", body, headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status == 303:
            connection.close()
            return answer.getheader("Location"), cookies
    raise AssertionError(f"no digit was right: {answer.status}")


def listen(host, path, cookies):
    name, port = host.split(":")
    page = socket.create_connection((name, int(port)))
    page.sendall(
        f"GET {path}/events HTTP/1.1\r\nHost: {host}\r\nCookie: {cookies}\r\nAccept: text/event-stream\r\n\r\n".encode())
    return page


def test_waiting_pages_are_cheap(tmp_path):
    program = Demo(tmp_path / "demo")
    try:
        host, pid = urlsplit(program.url).netloc, program.process.pid
        client = Client(program.url, program.record["clients"]["test-client"])
        logins = [begin(host, client, number) for number in range(PAGES // PER_LOGIN)]
        before = memory(pid)
        pages = [listen(host, *login) for login in logins for _ in range(PER_LOGIN)]
        for page in pages:
            page.settimeout(20)
            assert b'"pending"' in page.recv(4096)
        start, used = time.monotonic(), processor(pid)
        time.sleep(32)
        share = (processor(pid) - used) / (time.monotonic() - start)
        each = (memory(pid) - before) / len(pages)
        print(f"{len(pages)} pages: {each / 1000:.1f} kB each, {share * 100:.1f} % of a core")
        alive = sum(bool(select.select([page], [], [], 0)[0]) for page in pages[:200])
        assert alive == min(200, len(pages)), "every page has heard a sign of life"
        assert each < PAGE_BYTES
        for page in pages:
            page.close()
    finally:
        program.stop()
