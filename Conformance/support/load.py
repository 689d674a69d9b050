"""Concurrent enrolments and logins, with a book of every write that the server acknowledged."""

import itertools
import random
import threading
import time

import requests

from .browser import Browser
from .login import Citizen, approve, ask, callback
from .net import own_address
from .officer import Officer

DOWN = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)


class Book:
    """What the server said it had done."""

    def __init__(self):
        self.lock = threading.Lock()
        self.active = []  # citizens whose device was activated
        self.device_ids, self.activation_codes, self.codes = [], [], []
        self.approved = []  # citizens, once per approval
        self.tokens = []  # (citizen, code, access token)
        self.read = []  # citizens, once per userinfo
        self.faults, self.limited, self.cut = [], 0, 0

    def note(self, name, value):
        with self.lock:
            getattr(self, name).append(value)

    @property
    def done(self):
        return len(self.active) + len(self.read)


class Load:
    def __init__(self, base, accounts, client, persons, seed):
        self.base, self.client, self.seed = base, client, seed
        self.book = Book()
        self.persons = itertools.cycle(persons)
        self.up, self.stop = threading.Event(), threading.Event()
        self.generation = 0
        self.threads = [threading.Thread(target=self._work, args=(self._enrol_with(a), n)) for n, a in enumerate(accounts)]
        self.threads += [threading.Thread(target=self._work, args=(self._log_in, 100 + n)) for n in range(4)]

    def start(self):
        self.up.set()
        for thread in self.threads:
            thread.start()

    def end(self):
        self.stop.set()
        self.up.set()
        for thread in self.threads:
            thread.join(60)
            assert not thread.is_alive(), "a request hangs"

    def _work(self, step, number):
        chance = random.Random(self.seed * 1000 + number)
        while not self.stop.is_set():
            self.up.wait()
            generation = self.generation
            try:
                step(chance)
            except DOWN:
                with self.book.lock:
                    self.book.cut += 1
                time.sleep(0.05)
            except Exception as trouble:  # a wrong answer; during a cut it may be half an answer
                if generation == self.generation and self.up.is_set() and not self.stop.is_set():
                    self.book.note("faults", f"{type(trouble).__name__}: {str(trouble)[:500]}")

    def _enrol_with(self, account):
        """Enrolments by one officer, whose session must outlive every cut: the server had acknowledged it too."""
        officer = Officer(self.base, account)

        def step(_):
            with self.book.lock:
                person = next(self.persons)
            self._enrol(officer, person)

        return step

    def _enrol(self, officer, person):
        from .authenticator import Authenticator

        case, code = officer.show_code(officer.open_case(person["kidc"]))
        self.book.note("activation_codes", code)
        device = Authenticator(self.base)
        answer = device.activate(code)
        assert answer.status_code == 201, answer.text
        self.book.note("device_ids", device.device_id)
        page, digits = officer.compare(case)
        assert digits == device.comparison_code
        done = officer.confirm(page)
        assert done.status == 200, f"{done.status} {done.error}"
        self.book.note("active", Citizen(self.base, person, device))

    def _log_in(self, chance):
        with self.book.lock:
            ahead = len(self.book.read) - len(self.book.active)
            citizen = chance.choice(self.book.active) if ahead < 25 and self.book.active else None
        if citizen is None:  # logins are quicker; enrolments shall be half of the load
            time.sleep(0.02)
            return
        browser = Browser(self.base, address=own_address())
        waiting = ask(browser, self.client.authorize(browser), citizen.kidc)
        if waiting.status == 429:  # prompts that a cut left open count against the person for a while
            with self.book.lock:
                self.book.limited += 1
            return
        approve(citizen.device, waiting)
        self.book.note("approved", citizen)
        code = callback(browser.get(waiting.url))["code"]
        self.book.note("codes", code)
        answer = self.client.token(code)
        assert answer.status_code == 200, answer.text
        access = answer.json()["access_token"]
        self.book.note("tokens", (citizen, code, access))
        answer = self.client.userinfo(access)
        assert answer.status_code == 200, answer.text
        assert answer.json()["name_km"] == citizen.person["name_km"]
        self.book.note("read", citizen)
