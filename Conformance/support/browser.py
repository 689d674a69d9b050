"""A browser without JavaScript: cookies, forms, redirects that stop at addresses we do not serve."""

from urllib.parse import urljoin, urlsplit

from .html import Page
from .net import session


class Answer:
    """A response and, if it is HTML, its page."""

    def __init__(self, response):
        self.response = response
        self.status = response.status_code
        self.headers = response.headers
        self.url = response.url
        self.text = response.text
        self.location = response.headers.get("Location")
        self._page = None

    @property
    def is_html(self):
        return self.headers.get("Content-Type", "").startswith("text/html")

    @property
    def page(self):
        assert self.is_html, f"{self.status} {self.headers.get('Content-Type')}: {self.text[:300]}"
        self._page = self._page or Page(self.text)
        return self._page

    @property
    def error(self):
        """The stable code of a problem document or of an error page."""
        kind = self.headers.get("Content-Type", "")
        if "json" in kind:
            return self.response.json().get("code")
        return self.page.error if self.is_html else None


class Browser:
    """Follows redirects inside the origins it has visited on purpose; a redirect elsewhere is handed back."""

    def __init__(self, base, language="en", address=None):
        self.base = base
        self.session = session(address)
        self.session.headers["Accept"] = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
        if language:
            self.session.headers["Accept-Language"] = language

    def send(self, method, address, follow=True, **options):
        address = urljoin(self.base + "/", address)
        options.setdefault("timeout", 60)
        answer = Answer(self.session.request(method, address, allow_redirects=False, **options))
        hops = 0
        while follow and answer.location and answer.status in (301, 302, 303):
            target = urljoin(answer.url, answer.location)
            if urlsplit(target)[:2] != urlsplit(self.base)[:2]:
                return answer
            hops += 1
            assert hops < 10, f"redirect loop at {target}"
            answer = Answer(self.session.get(target, allow_redirects=False, timeout=60))
        return answer

    def get(self, address, **options):
        return self.send("GET", address, **options)

    def submit(self, form, follow=True, **values):
        """Sends a form as a click on its first button would, unless another named button is given."""
        first = form.buttons[0] if form.buttons else (None, "", "")
        button = first[:2] if first[0] else None
        names = {name for name, _, _ in form.buttons}
        pairs = form.filled(**values)
        if button and not names & set(values):
            pairs.append(button)
        if form.method == "get":
            return self.send("GET", form.action, follow, params=pairs)
        return self.send("POST", form.action, follow, data=pairs, headers={"Origin": self.base})
