"""The relying-party developer portal: from the door to a client in production, as a developer without JavaScript lives it."""

import html
import json
import os
import re
import subprocess
import sys
import time
from urllib.parse import urlsplit

import pytest
import requests
from joserfc.jwk import ECKey

from support.browser import Browser
from support.chrome import Chrome
from support.login import approve, ask, challenge
from support.program import run

REDIRECT = "http://127.0.0.1:9/callback"
PROOF_KEY = "code_challenge_method=S256&code_challenge=" + challenge("v" * 43)
PASSWORD = "quiet-river-42-stones"


def log_in(citizen, language="en"):
    """A browser logged in to /developers with CamDigiKey."""
    browser = Browser(citizen.base, language)
    waiting = ask(browser, browser.get("/developers/login"), citizen.kidc)
    approve(citizen.device, waiting)
    home = browser.get(waiting.url)
    assert home.status == 200 and urlsplit(home.url).path == "/developers", f"{home.status} {home.url}"
    return browser, home


class Developer:
    def __init__(self, citizen, code):
        self.citizen = citizen
        self.browser, home = log_in(citizen)
        self.organisation = self.browser.submit(
            home.page.form("/developers/organisations"), org_km="ស្ថាប័ន", org_en=f"Organisation {code}", code=code,
            display_name="Sokha",
        )
        assert "/developers/organisations/" in self.organisation.url, self.organisation.page.text[:400]

    def blank(self):
        return self.browser.get(self.organisation.url + "/clients/new").page.form("/clients")

    def register(self, key=None, **changes):
        """A sandbox client; its identifier and the answer."""
        answer = self.browser.submit(self.blank(), **form(key, **changes))
        assert answer.status == 200 and not answer.page.find(class_="error"), answer.page.text[:800]
        secret = answer.page.find(data_secret=True)
        found = re.search(r"/developers/clients/([a-z0-9.-]+)", answer.text)
        return found.group(1), secret["data-secret"] if secret else None

    def page(self, client, tab=""):
        return self.browser.get(f"/developers/clients/{client}{tab}")


def form(key=None, **changes):
    values = {
        "name_km": "សេវាសាកល្បង", "name_en": "Tried service", "redirect_uris": REDIRECT,
        "jwks": json.dumps({"keys": [key.as_dict(private=False)]}) if key else "",
        "p0-code": "sign-up", "p0-km": "ចុះឈ្មោះ", "p0-en": "Sign up", "p0-basis": "contract", "p0-source": "Terms, 2",
        "p0-a-name_km": "essential", "p0-a-gender": "optional",
    }
    return values | {name.replace("__", "-"): value for name, value in changes.items()}


def new_key():
    return ECKey.generate_key("P-256", {"kid": "dev-1", "use": "sig", "alg": "ES256"}, private=True)


@pytest.fixture(scope="module")
def developer(enrol):
    return Developer(enrol(), "conformance")


@pytest.fixture(scope="module")
def operator(demo, tmp_path_factory):
    """An officer with the right to approve, made by the operator's command."""
    secret = tmp_path_factory.mktemp("operator") / "password"
    secret.write_text(PASSWORD)
    done = run("admin", "officer", "add", "sophea", "--name-km", "សុភា", "--name-en", "Sophea", "--grant", "operator",
               "--password-file", secret, "--data", demo.data)
    assert done.returncode == 0, done.stdout + done.stderr
    browser = Browser(demo.url)
    home = browser.submit(browser.get("/operator/login").page.form("/operator/login"), username="sophea", password=PASSWORD)
    assert home.status == 200 and "/operator/relying-parties" in home.url, home.page.text[:300]
    return browser


def sample(page, name):
    text = re.search(rf'<pre id="sample-{name}"[^>]*><code>(.*?)</code></pre>', page.text, re.S)
    return html.unescape(text.group(1))


@pytest.mark.parametrize("profile", ["oidc-secure", "oidc-legacy", "fapi2", "fapi2-ms"])
def test_the_python_sample_runs(developer, citizen, tmp_path, profile):
    """The text on the page, as it stands, against the program; a person approves on the second authenticator."""
    key = new_key()
    legacy = {"authentication": "client_secret_basic", "jwks": ""} if profile == "oidc-legacy" else {}
    client, secret = developer.register(key, profile=profile, **legacy)
    program = tmp_path / "sample.py"
    program.write_text(sample(developer.page(client, "/samples"), "python"))
    (tmp_path / "private-key.json").write_text(json.dumps(key.as_dict(private=True)))
    environment = {"CLIENT_SECRET": secret or "", "PYTHONUNBUFFERED": "1", "PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    with subprocess.Popen([sys.executable, program], cwd=tmp_path, text=True, env=environment, stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as running:
        line = running.stdout.readline()
        assert line.startswith("Open in a browser: "), line + running.stdout.read()
        browser = Browser(citizen.base)
        waiting = ask(browser, browser.get(line.removeprefix("Open in a browser: ").strip()), citizen.kidc)
        approve(citizen.device, waiting)
        back = browser.get(waiting.url)
        assert back.location.startswith(REDIRECT), back.location
        rest, _ = running.communicate(back.location + "\n", timeout=60)
    assert running.returncode == 0, rest
    found = re.search(r"^(?:Paste[^:]*: )?ID token: (.*)$", rest, re.M)
    claims, info = json.loads(found.group(1)), json.loads(re.search(r"^Userinfo: (.*)$", rest, re.M).group(1))
    assert claims["aud"] == client and claims["sub"] == info["sub"]
    assert info["name_km"] == citizen.person["name_km"] and "gender" not in info
    # The login is counted within seconds, off the path of the request.
    until(lambda: "Nobody has logged in yet" not in developer.page(client).text)


def until(question, seconds=10):
    deadline = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.2)


def test_every_error_is_in_the_clients_log(developer, base):
    client, secret = developer.register(profile="oidc-legacy", authentication="client_secret_basic")
    token = requests.post(f"{base}/token", auth=(client, secret), timeout=10, data={
        "grant_type": "authorization_code", "code": "x", "redirect_uri": REDIRECT, "code_verifier": "v" * 43})
    wrong = requests.post(f"{base}/token", auth=(client, "wrong"), timeout=10, data={"grant_type": "client_credentials"})
    Browser(base).get(f"/authorize?client_id={client}&response_type=code&redirect_uri=https%3A%2F%2Felsewhere.example&scope=openid")
    Browser(base).get(f"/authorize?client_id={client}&response_type=code&redirect_uri={REDIRECT}&scope=profile&{PROOF_KEY}")
    pushed = requests.post(f"{base}/par", auth=(client, secret), timeout=10, data={"scope": "openid"})
    assert [token.json()["error"], wrong.json()["error"]] == ["invalid_grant", "invalid_client"]
    wanted = {"invalid_grant", "invalid_client", "authorize.redirect_uri_mismatch", "invalid_scope", pushed.json()["error"]}

    def codes():
        return {e["data-event"] for e in developer.page(client, "/errors").page.find_all(data_event=True)}

    until(lambda: wanted <= codes())
    log = developer.page(client, "/errors")
    assert "Begin a new login." in log.text and token.json()["trace_id"] in log.text
    one = developer.browser.get(f"/developers/clients/{client}/errors?trace={wrong.json()['trace_id']}")
    assert [e["data-event"] for e in one.page.find_all(data_event=True)] == ["invalid_client"]
    assert secret not in log.text


@pytest.mark.parametrize("profile", ["oidc-secure", "fapi2-ms"])
def test_a_trial_shows_both_answers(developer, citizen, profile):
    client, _ = developer.register(new_key(), profile=profile)
    browser = developer.browser
    consent = browser.submit(developer.page(client, "/try").page.form("/try"))
    waiting = ask(browser, consent, citizen.kidc)
    approve(citizen.device, waiting)
    result = browser.get(waiting.url)
    assert result.status == 200, result.page.text[:500]
    members = {e["data-member"] for e in result.page.find_all(data_member=True)}
    assert {"iss", "sub", "aud", "exp", "nonce", "acr", "amr", "name_km"} <= members
    assert citizen.person["name_km"] in result.text
    channels = {e["data-channel"]: e.text for e in result.page.find_all(data_channel=True)}
    assert "/userinfo" in channels["name_km"] and "withheld" in channels["gender"]
    assert browser.get(result.url).error == "developer.trial_stale", "an answer serves once"


def test_another_organisation_sees_nothing(developer, enrol, base):
    client, _ = developer.register(new_key())
    stranger = Developer(enrol(), "strangers")
    for tab in ("", "/edit", "/samples", "/try", "/errors", "/golive"):
        assert stranger.page(client, tab).status == 404, tab
    assert stranger.browser.get(urlsplit(developer.organisation.url).path).status == 404
    edit = developer.page(client, "/edit").page.form("/edit")
    assert stranger.browser.submit(edit).status in (403, 404)
    for path in ("/operator/relying-parties", f"/operator/relying-parties/{client}"):
        assert urlsplit(stranger.browser.get(path).url).path == "/operator/login"
    assert Browser(base).get(f"/developers/clients/{client}").url.endswith("/developers")


def test_an_invitation_serves_once(developer, enrol):
    browser = developer.browser
    page = browser.submit(browser.get(developer.organisation.url).page.form("/invitations"))
    code = page.page.find(data_invitation=True)["data-invitation"]
    first, home = log_in(enrol())
    joined = first.submit(home.page.form("/developers/join"), invitation=code, join_name="Dara")
    assert joined.url == developer.organisation.url
    second, home = log_in(enrol())
    again = second.submit(home.page.form("/developers/join"), invitation=code, join_name="Bopha")
    assert again.status == 400 and "Ask an owner for a new one" in again.page.text
    assert "data-invitation" not in browser.get(developer.organisation.url).text


def test_from_sandbox_to_production(developer, operator, citizen, base, tmp_path):
    key = new_key()
    client, _ = developer.register(key)
    tokens = log_in_through(developer, client, citizen, key, tmp_path)
    assert tokens
    browser = developer.browser
    until(lambda: "Nobody has logged in yet" not in developer.page(client).text)
    check = developer.page(client, "/golive")
    failed = {e["data-check"] for e in check.page.find_all(data_passed="false")}
    assert failed == {"redirect_uris", "links", "contact"}
    assert not [f for f in check.page.forms if f.action.endswith("/golive")]
    edit = developer.page(client, "/edit").page.form("/edit")
    good = {"redirect_uris": "https://tried.example.kh/cb", "policy_uri": "https://tried.example.kh/privacy",
            "tos_uri": "https://tried.example.kh/terms", "contacts": "security@tried.example.kh"}
    assert browser.submit(edit, **good).status == 200
    asked = browser.submit(developer.page(client, "/golive").page.form("/golive"))
    assert "Approval is asked for" in asked.page.text
    listed = operator.get("/operator/relying-parties")
    assert client in [row["data-client"] for row in listed.page.find_all("tr", data_client=True)]
    detail = operator.get(f"/operator/relying-parties/{client}")
    assert "purposes.sign-up.legal_basis" in detail.text
    done = operator.submit(detail.page.form("/approve"))
    assert done.status == 200 and "It serves people now" in done.page.text
    assert "production" in developer.page(client).page.text
    assert developer.page(client, "/try").page.forms == [] or not [
        f for f in developer.page(client, "/try").page.forms if f.action.endswith("/try")]
    # A change waits; the version before it serves on.
    edit = developer.page(client, "/edit").page.form("/edit")
    changed = browser.submit(edit, redirect_uris="https://tried.example.kh/other")
    assert "The version before it serves on" in changed.page.text
    old = f"/authorize?client_id={client}&response_type=code&scope=openid&{PROOF_KEY}&redirect_uri="
    assert Browser(base).get(old + "https%3A%2F%2Ftried.example.kh%2Fcb").status == 200
    assert Browser(base).get(old + "https%3A%2F%2Ftried.example.kh%2Fother").error == "authorize.redirect_uri_mismatch"
    browser.submit(developer.page(client, "/golive").page.form("/golive"))
    detail = operator.get(f"/operator/relying-parties/{client}")
    marked = [e["data-member"] for e in detail.page.find_all("tr", data_changed="true")]
    assert marked == ["redirect_uris"]
    operator.submit(detail.page.form("/approve"))
    assert Browser(base).get(old + "https%3A%2F%2Ftried.example.kh%2Fother").status == 200
    assert Browser(base).get(old + "https%3A%2F%2Ftried.example.kh%2Fcb").error == "authorize.redirect_uri_mismatch"


def log_in_through(developer, client, citizen, key, tmp_path):
    """A login with the client's own program."""
    from requests_oauth2client import OAuth2Client, PrivateKeyJwt

    oidc = OAuth2Client.from_discovery_endpoint(
        issuer=citizen.base, redirect_uri=REDIRECT, testing=True, id_token_signed_response_alg="RS256",
        auth=PrivateKeyJwt(client, key.as_dict(private=True), alg="ES256", aud=citizen.base))
    wanted = oidc.authorization_request(scope="openid")
    browser = Browser(citizen.base)
    waiting = ask(browser, browser.get(wanted.uri), citizen.kidc)
    approve(citizen.device, waiting)
    return oidc.authorization_code(wanted.validate_callback(browser.get(waiting.url).location))


class Walk:
    """A developer's pages in Chromium at 360 px, in Khmer, judged by axe."""

    def __init__(self):
        self.chrome, self.faults = Chrome(language="km", width=360, height=800), []

    def look(self, name):
        self.chrome.judge("portal-" + name, self.faults)
        self.chrome.size(360, 800)


@pytest.fixture
def walk():
    walk = Walk()
    yield walk
    walk.chrome.quit()


def approve_in(chrome, citizen, known=False):
    if not known:
        chrome.type("#identifier", citizen.kidc)
    chrome.click("form[action='/authorize/start'] button[type=submit]")
    number = int(re.search(r"\d\d", chrome.wait(".number").text).group(0))
    transaction = citizen.device.transactions(wait=5)[0]
    assert citizen.device.decide(transaction, number=number).status_code == 200
    chrome.until(lambda: "/authorize/" not in chrome.url, seconds=30, what="the browser going on by itself")


def test_a_walk_at_360_px(walk, demo, enrol):
    c, citizen = walk.chrome, enrol()
    c.get(demo.url + "/developers")
    walk.look("01-door")
    c.click("#login")
    approve_in(c, citizen)
    c.wait("#organisations")
    walk.look("02-home")
    for name, text in {"org_km": "ស្ថាប័នដើរ", "org_en": "Walkers", "code": "walkers", "display_name": "សុខា"}.items():
        c.type(f"#f-{name}", text)
    c.click("form[action='/developers/organisations'] button")
    c.wait("#new-client")
    walk.look("03-organisation")
    c.click("#new-client")
    walk.look("04-form")
    c.type("#f-name_km", "សេវាដើរ")
    c.type("#f-name_en", "Walking service")
    c.type("#f-redirect_uris", "http://walk.example/cb")
    c.type("#f-jwks", json.dumps({"keys": [new_key().as_dict(private=False)]}))
    for name, text in {"code": "walk", "km": "ដើរ", "en": "Walk", "source": "x"}.items():
        c.type(f"#f-p0-{name}", text)
    c.one("#f-p0-a-name_km option[value=essential]").click()
    c.click("#client-form button[type=submit]")
    c.wait("#e-redirect_uris")
    walk.look("05-form-refused")
    c.type("#f-redirect_uris", REDIRECT)
    c.click("#client-form button[type=submit]")
    c.wait("nav.card")
    walk.look("06-client")
    client = urlsplit(c.url).path.rsplit("/", 1)[1]
    for number, tab in enumerate(("samples", "try", "errors", "golive", "edit"), 7):
        c.get(f"{demo.url}/developers/clients/{client}/{tab}")
        walk.look(f"{number:02}-{tab}")
    c.get(f"{demo.url}/developers/clients/{client}/try")
    c.click("form[action$='/try'] button")
    approve_in(c, citizen, known=True)
    c.wait("#channels")
    walk.look("12-result")
    faults = [fault for fault in walk.faults if "status of 400" not in fault]
    assert not faults, "\n".join(faults)


def test_operators_at_360_px(walk, demo, operator, developer):
    client, _ = developer.register(new_key())
    c = walk.chrome
    c.get(demo.url + "/operator/login")
    walk.look("20-operator-login")
    c.type("#f-username", "sophea")
    c.type("#f-password", PASSWORD)
    c.click("form[action='/operator/login'] button")
    c.get(demo.url + "/operator/relying-parties?show=all")
    walk.look("21-operator-list")
    c.get(f"{demo.url}/operator/relying-parties/{client}")
    walk.look("22-operator-detail")
    assert not walk.faults, "\n".join(walk.faults)
