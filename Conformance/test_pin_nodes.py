"""Wrong PINs at two nodes of one PostgreSQL at the same time: the limit of five holds exactly, and an officer unlocks."""

import collections
import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from support.login import Client, ask, number_shown, waiting_on
from support.browser import Browser
from support.officer import Officer
from support.ports import free_port
from support.program import Demo, Program
from support.wait import until

TRIES = 40


@pytest.fixture
def nodes(postgres, tmp_path):
    """Two nodes, started beside each other; each answers under its own address, both under one issuer."""
    port, database = free_port(), postgres.database()
    demo = Demo(tmp_path / "demo", "--database", database, port=port, people=100, redirect="http://127.0.0.1:9/callback")
    second = free_port()
    settings = {
        "RUMDUL_VAULT_FILE": demo.data / "vault.keys", "RUMDUL_VAULT_KEY_FILE": demo.data / "vault.secret",
        "RUMDUL_SYNTHETIC_PEOPLE": "true",
    }
    other = Program(
        "serve", "--data", tmp_path / "second", "--database", database, "--port", second, "--base-url", demo.url,
        log=tmp_path / "second.log", **settings)
    yield demo, [demo.url, f"http://127.0.0.1:{second}"], database
    other.stop()
    demo.stop()


def ready(address):
    try:
        return requests.get(address + "/readyz", timeout=5).status_code == 200
    except requests.ConnectionError:
        return False


def test_the_limit_holds_over_nodes(nodes, postgres):
    demo, addresses, database = nodes
    until(lambda: all(map(ready, addresses)), 60)
    client = Client(demo.url, demo.client("test-client"))
    officer = Officer(demo.url, demo.officer())
    person = demo.record["persons"][1]
    device = officer.enrol(person["kidc"])
    browser = Browser(demo.url)
    waiting = ask(browser, client.authorize(browser), person["kidc"])
    transaction, number = waiting_on(device, waiting), number_shown(waiting)
    path = f"/device/v1/transactions/{transaction['id']}/decision"
    bodies = [device.decision_body(transaction, number=number, pin="111112") for _ in range(TRIES)]
    turns = itertools.cycle(addresses)
    requests_ = [(next(turns), body, device.proof("POST", path, body)) for body in bodies]

    def attempt(item):
        address, body, proof = item
        headers = {"Authorization": f"DeviceProof {proof}", "Content-Type": "application/json"}
        return address, requests.post(address + path, data=body, headers=headers, timeout=60).json()

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(attempt, requests_))
    codes = collections.Counter(answer["code"] for _, answer in answers)
    assert codes == {"device.pin_wrong": 4, "device.pin_locked": TRIES - 4}, codes
    left = sorted(answer["tries_left"] for _, answer in answers if answer["code"] == "device.pin_wrong")
    assert left == [1, 2, 3, 4], left
    stored = postgres.query(database, f"SELECT pin_failures FROM auth_devices WHERE id = '{device.device_id}'")
    assert stored.strip() == "5"
    # The right PIN is refused at either node until an officer unlocks.
    for address in addresses:
        body = device.decision_body(transaction, number=number)
        answer = attempt((address, body, device.proof("POST", path, body)))[1]
        assert answer["code"] == "device.pin_locked", answer
    form = next(f for f in officer.person(person["kidc"]).page.forms if f.action.endswith(device.device_id))
    assert officer.browser.submit(form, action="unlockPIN", reason="forgotten_pin").status == 200
    waiting = ask(browser, client.authorize(browser), person["kidc"])
    assert device.decide(waiting_on(device, waiting), number=number_shown(waiting)).status_code == 200
