"""An enrolment officer at the console, through its HTML forms."""

import re
import threading

from .authenticator import Authenticator
from .browser import Browser

CODE = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{2}\b")


class Officer:
    """Logged in at /enrol. One officer works on one thing at a time."""

    def __init__(self, base, credentials, language="en"):
        self.browser = Browser(base, language)
        self.busy = threading.Lock()
        self.addresses = {}
        login = self.browser.get("/enrol")
        self.home = self.browser.submit(login.page.form("/enrol/login"), **{k: credentials[k] for k in ("username", "password")})
        assert self.home.status == 200 and self.home.page.forms, self.home.text[:500]

    def find(self, kidc):
        """The page of a person."""
        home = self.browser.get("/enrol")
        form = next(f for f in home.page.forms if "identifier" in f.names)
        return self.browser.submit(form, identifier=kidc)

    def person(self, kidc):
        """The page of a person; looked up once, then loaded anew, because look-ups are limited per officer."""
        if kidc in self.addresses:
            return self.browser.get(self.addresses[kidc])
        found = self.find(kidc)
        if found.status == 200:
            self.addresses[kidc] = found.url
        return found

    def open_case(self, kidc):
        person = self.person(kidc)
        assert person.status == 200, f"{person.status} {person.error}"
        case = self.browser.submit(person.page.form("/enrolments"), evidence_khmerIDCard="yes", number_khmerIDCard="010203040")
        assert case.status == 200 and "/cases/" in case.url, f"{case.status} {case.error}"
        return case

    def show_code(self, case):
        """The page with the one-time code, and the code."""
        shown = self.browser.submit(case.page.form("/code"))
        assert shown.status == 200, f"{shown.status} {shown.error}"
        return shown, CODE.search(shown.page.text).group(0)

    def compare(self, case):
        """The page with the digits to compare, and the digits."""
        page = self.browser.get(case.url)
        number = page.page.find(class_="number")
        assert number is not None, page.page.text[:500]
        return page, re.sub(r"\D", "", number.text)

    def confirm(self, page, same=True):
        return self.browser.submit(page.page.form("/confirm"), same="yes" if same else "no")

    def enrol(self, kidc, pin="274951", name="Judge's phone", attest=None) -> Authenticator:
        """The whole of an enrolment; the device is active at the end. `attest(device, code)` makes its attestation."""
        with self.busy:
            case = self.open_case(kidc)
            case, code = self.show_code(case)
            device = Authenticator(self.browser.base, pin, name)
            answer = device.activate(code, attest(device, code) if attest else None)
            assert answer.status_code == 201, answer.text
            page, digits = self.compare(case)
            assert digits == device.comparison_code
            done = self.confirm(page)
            assert done.status == 200, f"{done.status} {done.error}"
            return device
