"""The developer portal's curl and Swift samples: curl typed into a shell as a developer types it, Swift held against RelyingPartyKit.

(The Python sample runs in `test_developer_portal.py`.)
"""

import json
import os
import re
import selectors
import shutil
import subprocess
import threading
import time

import pytest

from support.browser import Browser
from support.login import approve, ask
from support.program import BINARY, ROOT
from support.provider import Provider
from support.relying_party import RelyingParty, decoded
from test_developer_portal import REDIRECT, Developer, new_key, sample

PROFILES = ["oidc-secure", "oidc-legacy", "fapi2", "fapi2-ms"]
ASK = re.compile(r"^read -r -p '([^']*)' ([A-Z_]+)$", re.M)


@pytest.fixture(scope="module")
def developer(enrol):
    return Developer(enrol(), "samples")


@pytest.fixture
def registered(developer):
    """A client of a profile: its page of samples, and the client itself for the proofs that the sample asks for."""

    def make(profile, **changes):
        key = None if profile == "oidc-legacy" else new_key()
        if profile == "oidc-legacy":
            changes = {"authentication": "client_secret_basic", "jwks": ""} | changes
        client, secret = developer.register(key, profile=profile, **changes)
        record = {
            "client_id": client, "client_secret": secret, "redirect_uris": [changes.get("redirect_uris", REDIRECT)], "profile": profile,
            "token_endpoint_auth_method": changes.get("authentication", "private_key_jwt"),
        }
        rp = RelyingParty(Provider(developer.citizen.base), record, [key] if key else [])
        return developer.page(client, "/samples"), rp

    return make


class Terminal:
    """bash with a terminal as its input, so that `read -p` shows what it asks for; unset variables are errors."""

    def __init__(self, script, folder, **variables):
        controller, terminal = os.openpty()
        environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8", "NO_PROXY": "127.0.0.1"} | variables
        self.process = subprocess.Popen(
            ["bash", "-u", script], cwd=folder, env=environment, stdin=terminal, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        os.close(terminal)
        self.keyboard, self.screen = controller, ""
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.process.stdout, selectors.EVENT_READ)
        threading.Thread(target=self._echo, daemon=True).start()

    def _echo(self):
        try:
            while os.read(self.keyboard, 4096):
                pass
        except OSError:
            pass  # the other side has gone

    def until(self, wanted, seconds=30):
        """What came on the screen since the last question, up to this one; everything if the program ends before."""
        deadline, came = time.monotonic() + seconds, ""
        while wanted is None or wanted not in came:
            assert time.monotonic() < deadline, f"waited for {wanted!r}: {came}"
            if not self.selector.select(0.2):
                continue
            piece = os.read(self.process.stdout.fileno(), 65536)
            if not piece:
                break
            came += piece.decode()
        self.screen += came
        return came

    def enter(self, line):
        assert len(line) < 4000, f"a terminal takes lines of 4,095 bytes, this answer has {len(line)}"
        os.write(self.keyboard, line.encode() + b"\n")

    def end(self):
        came = self.until(None)
        code = self.process.wait(20)
        os.close(self.keyboard)
        return code, came

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)


@pytest.fixture
def terminal(tmp_path):
    if not shutil.which("curl"):
        pytest.fail("curl is not installed: scripts/setup.sh test installs it")
    made = []

    def start(text, **variables):
        script = tmp_path / "sample.sh"
        script.write_text(text)
        made.append(Terminal(script, tmp_path, **variables))
        return made[-1]

    yield start
    for one in made:
        one.kill()


def answers_of(screen):
    """JSON objects that curl printed."""
    found, decoder = [], json.JSONDecoder()
    for match in re.finditer(r"\{", screen):
        if found and match.start() < found[-1][1]:
            continue
        try:
            value, end = decoder.raw_decode(screen, match.start())
        except ValueError:
            continue
        found.append((value, end))
    return [value for value, _ in found]


def curl(page):
    if 'id="sample-curl"' not in page.text:
        pytest.skip("this profile has no curl sample")
    return sample(page, "curl")


def run_sample(text, rp, citizen, terminal):
    """Types the sample's answers in: whatever it asks for by `read`, and nothing else; the last answer of userinfo."""
    variables = {"CLIENT_SECRET": rp.secret} if rp.secret else {}
    shell = terminal(text, **variables)
    code = token = pushed = None
    base = rp.provider.base
    for question, name in ASK.findall(text):
        seen = shell.until(question)
        assert question in seen, f"the sample ended before it asked for {name}:\n{shell.screen}"
        pushed = next((a["request_uri"] for a in answers_of(seen) if "request_uri" in a), pushed)
        token = next((a["access_token"] for a in answers_of(seen) if "access_token" in a), token)
        failed = [a for a in answers_of(seen) if "error" in a]
        assert not failed, f"before {name} was asked for: {failed}"
        if "assertion" in question:
            answer = rp.assertion()
        elif "proof" in question.lower():
            path = next((p for p in ("/par", "/token", "/userinfo") if p in question), None)
            assert path, f"for which endpoint is this proof? {question}"
            method = "GET" if path == "/userinfo" else "POST"
            answer = rp.proof(method, base + path, token if path == "/userinfo" else None)
        elif "request object" in question or "signed request" in question:
            shown = answers_of(seen)
            assert shown, f"{question}: the sample must print the parameters to sign as JSON"
            answer = rp.request_object(shown[-1])
        elif "code" in question:
            address = f"{base}/authorize?client_id={rp.id}&request_uri={pushed}" if pushed else re.search(r"^(https?://\S+/authorize\?\S+)", seen, re.M)[1]
            browser = Browser(citizen.base)
            consent = browser.get(address)
            assert consent.status == 200, f"{consent.status} {consent.error} {consent.location}"
            waiting = ask(browser, consent, citizen.kidc)
            approve(citizen.device, waiting)
            back = browser.get(waiting.url).location
            assert back.startswith(rp.redirect), back
            response = re.search(r"[?&]response=([^&]+)", back)
            answer = decoded(response[1])["code"] if response else re.search(r"[?&]code=([^&]+)", back)[1]
        else:
            assert question.startswith("access_token"), f"what is asked here? {question}"
            assert token, f"no access token on the screen:\n{seen}"
            answer = token
        shell.enter(answer)
    code, seen = shell.end()
    assert code == 0, f"the sample ended with {code}:\n{shell.screen}"
    return answers_of(seen)[-1]


@pytest.fixture(params=PROFILES)
def profile(request):
    return request.param


def test_the_curl_sample_runs(profile, registered, citizen, terminal):
    """The text on the page, as it stands, in bash with real curl; a person approves on the second authenticator."""
    page, rp = registered(profile)
    if rp.fapi:
        rp.dpop_key = new_key()
    info = run_sample(curl(page), rp, citizen, terminal)
    assert info.get("name_km") == citizen.person["name_km"] and "gender" not in info, info


def test_the_curl_sample_with_a_secret_in_the_form(registered, citizen, terminal):
    page, rp = registered("oidc-legacy", authentication="client_secret_post")
    info = run_sample(curl(page), rp, citizen, terminal)
    assert info.get("name_km") == citizen.person["name_km"], info


def test_the_curl_sample_quotes_what_was_registered(registered, citizen, terminal):
    """A redirect URI with a query, whose & means something to a shell."""
    page, rp = registered("oidc-legacy", redirect_uris=REDIRECT + "?tenant=1&from=$HOME")
    info = run_sample(curl(page), rp, citizen, terminal)
    assert info.get("name_km") == citizen.person["name_km"], info


def test_the_curl_sample_runs_nothing_of_its_registration(registered, terminal, tmp_path):
    """What a developer registers comes back as a program to paste: it must not hold commands of somebody else's making."""
    page, _ = registered("oidc-legacy", redirect_uris=REDIRECT + "?a=$(touch${IFS}ran)")
    text = curl(page).split("read -r", 1)[0]
    terminal(text, CLIENT_SECRET="x").end()
    assert not (tmp_path / "ran").exists(), "a registered redirect URI runs as a command"


# Swift

KIT = ROOT / "Sources/Apps/RelyingPartyKit"


def public_api():
    """Public names of the kit, and the argument labels of its initialisers and functions."""
    text = "\n".join(path.read_text() for path in sorted(KIT.rglob("*.swift")))
    names = set(re.findall(r"\bpublic (?:static |mutating |final )*(?:struct|class|enum|protocol|func|var|let|actor|typealias) (\w+)", text))
    names |= set(re.findall(r"^    case (\w+)", text, re.M))
    signatures = {}
    kind = None
    for match in re.finditer(r"\b(?:public )?(?:struct|enum|class|extension) (\w+)|\bpublic (?:func (\w+)|init)\(([^{]*?)\)(?= (?:async|throws|->|\{)| \{)", text):
        if match[1]:
            kind = match[1]
        else:
            labels = re.findall(r"(?:^|,)\s*(\w+)(?: \w+)?:", re.sub(r"\s+", " ", match[3]))
            signatures[match[2] or kind] = labels
    return names, signatures


def swift(page):
    """The sample as it stands."""
    assert 'id="sample-swift"' in page.text, "there is no Swift sample"
    return sample(page, "swift")


def bare(text):
    """Without comments."""
    return re.sub(r"(?<!:)//.*", "", text)


def labels_of(text, name):
    """The argument labels of the first call of a name."""
    start = re.search(rf"\b{name}\(", text).end()
    depth, inner, quoted = 0, "", False
    for letter in text[start:]:
        quoted ^= letter == '"'
        depth += 0 if quoted else (letter in "([") - (letter in ")]")
        if depth < 0:
            break
        inner += "" if quoted or depth else letter
    return re.findall(r"(?:^|,)\s*(\w+):", inner)


def test_the_swift_sample_names_what_the_kit_has(profile, registered):
    """Types, functions and labels of the sample are public in Sources/Apps/RelyingPartyKit."""
    if not KIT.exists():
        pytest.skip("the source of RelyingPartyKit is not here")
    page, _ = registered(profile)
    names, signatures = public_api()
    text = bare(swift(page))
    types = set(re.findall(r"\b([A-Z]\w+)\(", text)) - {"SoftwareSigner"}
    called = set(re.findall(r"camDigiKey\.(\w+)\(", text)) | set(re.findall(r"start\.(\w+)", text))
    missing = sorted((types | called) - names)
    assert types and called and not missing, f"the kit has no public {missing}"
    credentials = re.search(r"credentials: \.(\w+)", text)[1]
    assert credentials in names, credentials
    protection = re.search(r"protection: \.(\w+)", text)
    assert not protection or protection[1] in names, protection
    for name in (*types, *called & set(signatures)):
        if name in signatures:
            labels = labels_of(text, name)
            assert labels == [label for label in signatures[name] if label in labels], f"{name}({labels}) is not {name}({signatures[name]})"


def test_the_swift_sample_imports_what_it_names(profile, registered):
    """Whoever pastes it needs every module whose types it names."""
    page, _ = registered(profile)
    text = swift(page)
    for name, module in {"SoftwareSigner": "JOSE", "JSONObject": "Codecs"}.items():
        if re.search(rf"\b{name}\b", text):
            exported = any("@_exported import " + module in path.read_text() for path in KIT.rglob("*.swift"))
            assert exported or f"import {module}" in text, f"{name} is of the module {module}, which the sample does not import"


def test_the_swift_sample_protects_as_its_profile_demands(profile, registered):
    page, _ = registered(profile)
    text = bare(swift(page))
    assert (".fapi2(proofKey: proofKey)" in text) == (profile == "fapi2")
    assert (".messageSigning(proofKey: proofKey, requestSigner: signer)" in text) == (profile == "fapi2-ms")
    assert (".privateKeyJWT(signer)" in text) == (profile != "oidc-legacy")


@pytest.fixture(scope="module")
def module_cache(tmp_path_factory):
    return tmp_path_factory.mktemp("modules")


# What the sample leaves to the developer: the web framework's request, answer and session, and the secrets.
FRAME = """
import Codecs
import Foundation
import JOSE
import RelyingPartyKit
struct Redirect { let url: String }
func redirect(_ url: String) -> Redirect { Redirect(url: url) }
final class BrowserSession { var login: LoginSession? }
struct Incoming { var query = "" }
var clientSecret: String { ProcessInfo.processInfo.environment["CLIENT_SECRET"] ?? "" }
var signingJWK: JWK { get throws { try JWK.parse(ProcessInfo.processInfo.environment["SIGNING_JWK"] ?? "") } }
var proofJWK: JWK { get throws { try JWK.parse(ProcessInfo.processInfo.environment["PROOF_JWK"] ?? "") } }
"""
MAIN = """
let session = BrowserSession()
print(try await login(session).url)
guard let person = try await back(session, Incoming(query: readLine() ?? "")) else { throw CancellationError() }
print(JSON.text(person.claims))
"""


@pytest.fixture(scope="module")
def build():
    """A build that is there, with the modules of the kit; nothing is built for these tests."""
    builds = [folder.resolve() for folder in (ROOT / ".build/debug", BINARY.parent)]
    found = next((b for b in builds if (b / "Modules/RelyingPartyKit.swiftmodule").exists()), None)
    if not found or not shutil.which("swiftc"):
        pytest.skip("no built modules in .build/debug or beside the program: swift build makes them")
    return found


@pytest.fixture(scope="module")
def library(build, tmp_path_factory):
    """What was built of the kit and of all that it stands on, as one archive."""
    objects = [
        path for folder in sorted(build.glob("*.build")) for path in sorted(folder.rglob("*.o"))
        if not re.search(r"Tests\.build|/rumdul[^/]*\.build|-tool\.build", str(folder))
    ]
    archive = tmp_path_factory.mktemp("library") / "library.a"
    for start in range(0, len(objects), 500):
        done = subprocess.run(["ar", "qcT", archive, *objects[start:start + 500]], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    assert subprocess.run(["ar", "s", archive]).returncode == 0
    return archive


def compiler(build, module_cache):
    checkouts = build.parent.parent / "checkouts"
    maps = [*build.glob("*.build/module.modulemap"), *checkouts.glob("*/Sources/*/include/module.modulemap")]
    options = [option for path in maps for option in ("-Xcc", f"-fmodule-map-file={path}")]
    return ["swiftc", "-swift-version", "6", "-module-cache-path", module_cache, "-I", build / "Modules", *options]


def program(text, *more):
    """The sample as it stands: what is made once, and a function for each of the two requests."""
    common, login, back = re.split(r"^// (?:GET /login|the redirect URI)$", text, flags=re.M)
    return "\n".join([
        "import Codecs", common, "func login(_ browserSession: BrowserSession) async throws -> Redirect {", login, "}",
        "func back(_ browserSession: BrowserSession, _ request: Incoming) async throws -> UserInfo? {",
        back.replace('return redirect("/login")', '_ = redirect("/login"); return nil'), "return person", "}", *more, "",
    ])


@pytest.mark.parametrize("profile, authentication", [
    ("oidc-legacy", "client_secret_post"), ("oidc-legacy", "none"), ("oidc-secure", "none"),
])
def test_the_swift_sample_of_other_clients_type_checks(profile, authentication, registered, tmp_path, build, module_cache):
    """With the modules of a build that is there."""
    page, _ = registered(profile, authentication=authentication, jwks="")
    (tmp_path / "frame.swift").write_text(FRAME)
    (tmp_path / "main.swift").write_text(program(swift(page)))
    done = subprocess.run(
        [*compiler(build, module_cache), "-typecheck", tmp_path / "frame.swift", tmp_path / "main.swift"], capture_output=True,
        text=True, timeout=120)
    found = [line for line in done.stderr.splitlines() if "error:" in line]
    assert done.returncode == 0, "\n".join(found or [done.stderr])


def test_the_swift_sample_runs(profile, registered, citizen, tmp_path, build, library, module_cache):
    """Compiled and linked with the kit, against the running program; a person approves on the second authenticator."""
    page, rp = registered(profile)
    sources = [tmp_path / "frame.swift", tmp_path / "main.swift"]
    sources[0].write_text(FRAME)
    sources[1].write_text(program(swift(page), MAIN))
    done = subprocess.run(
        [*compiler(build, module_cache), "-use-ld=lld", "-o", tmp_path / "sample", *sources, library, "-lstdc++"],
        capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, "\n".join(line for line in done.stderr.splitlines() if "error" in line) or done.stderr
    secrets = {"CLIENT_SECRET": rp.secret or "", "PROOF_JWK": json.dumps(new_key().as_dict(private=True))}
    if rp.keys:
        secrets["SIGNING_JWK"] = json.dumps(rp.keys[0].as_dict(private=True))
    process = subprocess.Popen(
        ["stdbuf", "-oL", tmp_path / "sample"], env={**os.environ, **secrets}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True)
    try:
        address = process.stdout.readline().strip()
        assert address.startswith(rp.provider.base), process.communicate(timeout=20)[1]
        browser = Browser(citizen.base)
        waiting = ask(browser, browser.get(address), citizen.kidc)
        approve(citizen.device, waiting)
        returned = browser.get(waiting.url).location
        assert returned.startswith(rp.redirect), returned
        out, err = process.communicate(returned.split("?", 1)[1] + "\n", timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0, err
    info = json.loads(out.splitlines()[-1])
    assert info.get("name_km") == citizen.person["name_km"] and "gender" not in info, info
