"""A relying party and its browser, step by step, so that a test can bend any step."""

import base64
import hashlib
import re
import secrets
from urllib.parse import parse_qsl, urlencode, urlsplit

import requests

from .browser import Browser


def challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


class Client:
    """One registered relying party, speaking OAuth by hand."""

    def __init__(self, base, record):
        self.base = base
        self.id = record["client_id"]
        self.secret = record.get("client_secret")
        self.redirect = record["redirect_uris"][0]
        self.record = record

    def parameters(self, verifier, **changes):
        """Query of an authorization request. None leaves a parameter out."""
        values = {
            "response_type": "code",
            "client_id": self.id,
            "redirect_uri": self.redirect,
            "scope": "openid profile",
            "state": "state-" + secrets.token_urlsafe(8),
            "nonce": "nonce-" + secrets.token_urlsafe(8),
            "code_challenge": challenge(verifier),
            "code_challenge_method": "S256",
        } | changes
        return {name: value for name, value in values.items() if value is not None}

    def authorize(self, browser=None, verifier="v" * 43, follow=True, **changes):
        browser = browser or Browser(self.base)
        return browser.get("/authorize?" + urlencode(self.parameters(verifier, **changes)), follow=follow)

    def token(self, code_, /, verifier="v" * 43, auth="basic", **changes):
        data = {
            "grant_type": "authorization_code", "code": code_, "redirect_uri": self.redirect, "code_verifier": verifier,
        }
        credentials = None
        if auth == "basic":
            credentials = (self.id, self.secret)
        elif auth == "post":
            data |= {"client_id": self.id, "client_secret": self.secret}
        data = {name: value for name, value in (data | changes).items() if value is not None}
        return requests.post(f"{self.base}/token", data=data, auth=credentials, timeout=30)

    def userinfo(self, access_token, method="GET", body=False):
        if body:
            return requests.post(f"{self.base}/userinfo", data={"access_token": access_token}, timeout=30)
        headers = {"Authorization": f"Bearer {access_token}"}
        return requests.request(method, f"{self.base}/userinfo", headers=headers, timeout=30)


def ask(browser, consent, kidc, **attributes):
    """From the consent page to the waiting page. `attributes` sets check boxes: name_latin=True, birthdate=False."""
    form = consent.page.form("/authorize/start")
    values = {f"attr.{name}": "on" if wanted else None for name, wanted in attributes.items()}
    return browser.submit(form, identifier=kidc, **values)


def number_shown(waiting) -> int:
    element = waiting.page.find(class_="number")
    assert element is not None, f"{waiting.status} {waiting.error}: {waiting.page.text[:300]}"
    return int(re.search(r"\d\d", element.text).group(0))


def transaction_id(waiting) -> str:
    return urlsplit(waiting.url).path.split("/")[2]


def waiting_on(device, waiting):
    """The transaction of this waiting page as the device sees it."""
    assert waiting.status == 200, f"{waiting.status} {waiting.error}"
    wanted = transaction_id(waiting)
    found = [t for t in device.transactions(wait=5) if t["id"] == wanted]
    assert found, "the device does not see the transaction"
    return found[0]


def approve(device, waiting, attributes=None):
    answer = device.decide(waiting_on(device, waiting), number=number_shown(waiting), attributes=attributes)
    assert answer.status_code == 200 and answer.json() == {"status": "approved"}, answer.text


def callback(answer) -> dict:
    """Parameters of the redirect to the relying party."""
    assert answer.status in (302, 303) and answer.location, f"{answer.status} {answer.error}"
    parts = urlsplit(answer.location)
    assert not (parts.fragment and "iss=" in parts.query), answer.location
    pairs = parse_qsl(parts.fragment or parts.query, keep_blank_values=True)
    assert len(dict(pairs)) == len(pairs), f"duplicated parameters: {answer.location}"
    return dict(pairs)


class Citizen:
    """A person with an active device."""

    def __init__(self, base, person, device):
        self.base, self.person, self.device = base, person, device
        self.kidc = person["kidc"]

    def log_in(self, client, browser=None, verifier="v" * 43, share=None, choose=None, **changes):
        """Everything up to the redirect back to the relying party; returns its parameters."""
        browser = browser or Browser(self.base)
        consent = client.authorize(browser, verifier, **changes)
        assert consent.status == 200, f"{consent.status} {consent.error} {consent.location}"
        waiting = ask(browser, consent, self.kidc, **(choose or {}))
        approve(self.device, waiting, share)
        return callback(browser.get(waiting.url))

    def tokens(self, client, auth="basic", **options):
        """A whole login; the token response."""
        back = self.log_in(client, **options)
        answer = client.token(back["code"], auth=auth)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def portal(self, language="en"):
        """A browser logged in to /app, at its first page."""
        browser = Browser(self.base, language)
        consent = browser.get("/app/login")
        waiting = ask(browser, consent, self.kidc)
        approve(self.device, waiting)
        home = browser.get(waiting.url)
        assert home.status == 200 and urlsplit(home.url).path == "/app", f"{home.status} {home.url}"
        return browser, home
