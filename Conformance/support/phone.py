"""A phone with a browser alone: logged in to the citizen's pages, with a passkey, approving what waits."""

import json
from urllib.parse import urlsplit

from .passkey import SoftPasskey

PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Mobile Safari/537.36"


class PasskeyPhone:
    def __init__(self, citizen, passkey=True, language="en"):
        self.citizen = citizen
        self.browser, home = citizen.portal(language)
        self.csrf = home.page.find("input", name="csrf")["value"]
        self.passkey = self.add_passkey() if passkey else None

    def post(self, path, follow=False, **fields):
        """A form as the page's script sends it."""
        headers = {"Accept": "application/json", "Origin": self.browser.base, "Sec-Fetch-Site": "same-origin"}
        return self.browser.session.post(
            self.browser.base + path, data={"csrf": self.csrf} | fields, headers=headers, timeout=30, allow_redirects=follow)

    def add_passkey(self):
        options = self.post("/app/passkeys/options", name="Judge")
        assert options.status_code == 200, options.text
        made = SoftPasskey(self.browser.base)
        answer = made.create(options.json()["publicKey"])
        done = self.post("/app/passkeys", name="Judge", credential=json.dumps(answer))
        assert done.status_code == 200, done.text
        return made

    def page(self, id):
        return self.browser.get(f"/app/requests/{id}")

    def options(self, id, number, attributes=()):
        ticks = {f"attr.{name}": "on" for name in attributes}
        return self.post(f"/app/requests/{id}/options", number=str(number), **ticks)

    def send(self, id, state, credential):
        if not isinstance(credential, str):
            credential = json.dumps(credential)
        return self.post(f"/app/requests/{id}", state=state, credential=credential)

    def approve(self, id, number, attributes=(), **changes):
        """The number, the ticks, the touch; changes go to the authenticator."""
        options = self.options(id, number, attributes)
        if options.status_code != 200:
            return options
        body = options.json()
        return self.send(id, body["state"], self.passkey.get(body["publicKey"], **changes))

    def decline(self, id, word):
        """`deny` or `report`, through the page's own form."""
        form = self.page(id).page.form(f"/{word}")
        return self.browser.submit(form)


def waiting_id(waiting):
    assert waiting.status == 200, f"{waiting.status} {waiting.error}"
    return urlsplit(waiting.url).path.split("/")[2]


def code(answer):
    """The stable code of a refusal, or the status."""
    return answer.json().get("code") if answer.status_code >= 400 else answer.status_code
