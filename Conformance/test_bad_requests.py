"""Bad input at the pages and below them: bytes, forms, cookies, languages, other people's browsers. Nothing may break."""

import re
import socket
from urllib.parse import urlencode, urlsplit

import pytest
import requests

from support.browser import Browser
from support.login import approve, ask, callback, number_shown, transaction_id, waiting_on
from support.net import own_address

PAGES = ["/", "/app", "/enrol/login", "/authorize", "/nowhere", "/app/login"]


def survives(base):
    assert requests.get(f"{base}/healthz", timeout=10).status_code == 200


def raw(base, data, wait=3.0):
    """Sends bytes as they are; gives the first bytes of the answer, or nothing if the server hangs up."""
    parts = urlsplit(base)
    with socket.create_connection((parts.hostname, parts.port), timeout=wait) as link:
        try:
            link.sendall(data)
            return link.recv(4096)
        except (ConnectionError, socket.timeout):
            return b""


# Bytes below HTTP


@pytest.mark.parametrize(
    "data",
    [
        b"\x00\x01\x02\x03\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nBad Header: 1\r\n\r\n",
        b"POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde",
        b"POST /token HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nzz\r\n",
        b"POST /token HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n",
        b"GET /" + b"a" * 200000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 200000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 20000 + b"\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /%ff%fe HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /%zz?%zz=%zz HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /../../../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /assets/..%2f..%2fvault.keys HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=lambda data: repr(data[:40]),
)
def test_broken_http(base, data):
    answer = raw(base, data)
    assert b" 500 " not in answer[:40] and b"root:" not in answer
    survives(base)


def test_a_slow_client_does_not_hold_up_others(base):
    parts = urlsplit(base)
    links = [socket.create_connection((parts.hostname, parts.port)) for _ in range(60)]
    try:
        for link in links:
            link.sendall(b"POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\na")
        survives(base)
    finally:
        for link in links:
            link.close()


def test_the_host_header_does_not_change_the_issuer(base, client):
    forged = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "Forwarded": "host=evil.example"}
    for path in ("/.well-known/openid-configuration", "/app/login", "/"):
        answer = requests.get(base + path, headers=forged, allow_redirects=False, timeout=10)
        assert "evil.example" not in answer.text and "evil.example" not in answer.headers.get("Location", "")


# Forms


@pytest.mark.parametrize(
    "body",
    [b"", b"%", b"%zz=1", b"=&=&=", b"a=%ff%fe", b"client_id=\x00", b"client_id=%00", b"&" * 50000, b"a=1&" * 20000, b"\xff\xfe\xfd",
     b"client_id=" + "ក".encode() * 5000, b"scope=%F0%9F%92%A9", b"client_id[]=1&client_id[x]=2", b"client_id=%C0%AF", b"client_id=%ED%A0%80"],
    ids=lambda body: repr(body[:24]),
)
@pytest.mark.parametrize("path", ["/authorize", "/token", "/authorize/start", "/enrol/login", "/userinfo"])
def test_malformed_forms(base, path, body):
    answer = requests.post(base + path, data=body, headers={"Content-Type": "application/x-www-form-urlencoded"}, timeout=20, allow_redirects=False)
    assert answer.status_code in (400, 401, 403, 410, 413), answer.status_code  # 410: the page has lapsed
    assert ".swift" not in answer.text


@pytest.mark.parametrize("path", ["/authorize", "/token", "/authorize/start", "/enrol/login"])
def test_oversized_forms(base, path):
    body = b"client_id=" + b"a" * 5_000_000
    try:
        answer = requests.post(base + path, data=body, headers={"Content-Type": "application/x-www-form-urlencoded"}, timeout=20)
        assert answer.status_code == 413
    except requests.ConnectionError:
        pass  # hanging up on too much is an answer too
    survives(base)


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded; charset=utf-16", ""])
@pytest.mark.parametrize("path", ["/token", "/authorize/start", "/enrol/login"])
def test_wrong_content_types(base, path, kind):
    answer = requests.post(base + path, data=b"client_id=test-client", headers={"Content-Type": kind} if kind else {}, timeout=10)
    assert answer.status_code in (400, 401, 403, 410, 415), answer.status_code


@pytest.mark.parametrize(
    "identifier",
    ["", "0", "12345678901", "abcdefghij", "0434127736' OR 1=1", "\x00", "០៤៣៤១២៧៧៣៥", "١٢٣٤٥٦٧٨٩٠", "𝟘𝟙𝟚𝟛𝟜𝟝𝟞𝟟𝟠𝟡", "9" * 40, "９９９９９９９９９９", "-434127736", "0434127736\n", "%30"],
)
def test_bad_identifiers_are_told_on_the_form(base, client, identifier):
    browser = Browser(base)
    answer = ask(browser, client.authorize(browser), identifier)
    assert answer.status == 400 and answer.error, f"{answer.status} {answer.error}"
    if identifier != "\x00":  # never typed by a person
        assert answer.page.form("/authorize/start"), "the person can correct it"


def test_khmer_digits_and_spaces_are_understood(base, client, citizen):
    khmer = citizen.kidc.translate({ord(str(d)): chr(0x17E0 + d) for d in range(10)})
    for text in (khmer, f"{citizen.kidc[:3]} {citizen.kidc[3:6]} {citizen.kidc[6:]}", f"  {citizen.kidc} "):
        browser = Browser(base, address=own_address())
        waiting = ask(browser, client.authorize(browser), text)
        assert waiting.status == 200, f"{text}: {waiting.error}"
        citizen.device.decide(waiting_on(citizen.device, waiting), "deny")


@pytest.mark.parametrize("change", ["empty", "cut", "bit", "twice", "foreign", "missing"])
def test_the_sealed_request_cannot_be_changed(base, client, citizen, change):
    browser, other = Browser(base), Browser(base)
    form = client.authorize(browser).page.form("/authorize/start")
    sealed = dict(form.fields)["request"]
    foreign = dict(client.authorize(other).page.form("/authorize/start").fields)["request"]
    at = len(sealed) // 2
    changed = {
        "empty": "", "cut": sealed[:-3], "bit": sealed[:at] + ("A" if sealed[at] != "A" else "B") + sealed[at + 1:],
        "twice": [sealed, sealed], "foreign": foreign, "missing": None,
    }[change]
    answer = browser.submit(form, identifier=citizen.kidc, request=changed)
    assert answer.status in (400, 403, 410) and answer.error and not answer.location
    assert citizen.device.transactions() == []


def test_attributes_that_the_page_did_not_offer_are_refused_or_dropped(base, client, citizen):
    browser = Browser(base)
    form = client.authorize(browser, scope="openid").page.form("/authorize/start")
    pairs = form.filled(identifier=citizen.kidc) + [("attr.kidc", "on"), ("attr.national_id", "on"), ("attr.nonsense", "on")]
    waiting = browser.send("POST", form.action, data=pairs, headers={"Origin": base})
    if waiting.status == 200:
        shown = {a["name"] for a in waiting_on(citizen.device, waiting)["details"]["attributes"]}
        assert not shown & {"kidc", "national_id", "nonsense"}
    else:
        assert waiting.status == 400


# Other people's browsers: fixation and CSRF


def test_another_browser_cannot_see_or_continue_a_transaction(base, client, citizen):
    browser, thief = Browser(base), Browser(base)
    waiting = ask(browser, client.authorize(browser), citizen.kidc)
    client.authorize(thief)  # has cookies of its own
    path = f"/authorize/{transaction_id(waiting)}"
    for visitor in (thief, Browser(base)):
        for address in (path, path + "/status", path + "/continue"):
            answer = visitor.get(address, follow=False)
            assert answer.status in (403, 404) and not answer.location, f"{address}: {answer.status}"
    approve(citizen.device, waiting)
    for address in (path, path + "/status", path + "/continue"):
        answer = thief.get(address, follow=False)
        assert answer.status in (403, 404) and "code=" not in answer.text
    assert "code" in callback(browser.get(waiting.url))


def test_a_code_is_given_once(base, client, citizen):
    browser = Browser(base)
    waiting = ask(browser, client.authorize(browser), citizen.kidc)
    approve(citizen.device, waiting)
    first = callback(browser.get(waiting.url))["code"]
    assert client.token(first).status_code == 200
    again = browser.get(waiting.url)
    if again.location:
        assert client.token(callback(again).get("code", "")).status_code == 400


def test_consent_form_from_another_origin_is_refused(base, client, citizen):
    browser = Browser(base)
    form = client.authorize(browser).page.form("/authorize/start")
    pairs = form.filled(identifier=citizen.kidc)
    for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site", "Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = browser.send("POST", form.action, data=pairs, headers=headers, follow=False)
        assert answer.status in (400, 403) and not answer.location, headers
    stranger = Browser(base).send("POST", form.action, data=pairs, follow=False)
    assert stranger.status in (400, 403, 410), "a form without its browser's cookie"
    assert citizen.device.transactions() == []


def test_officer_forms_need_their_token(base, demo, officer, people):
    kidc = next(people)["kidc"]
    with officer.busy:
        person = officer.person(kidc)
        form = person.page.form("/enrolments")
        for token in (None, "", "x" * 24):
            answer = officer.browser.submit(form, csrf=token, evidence_khmerIDCard="yes", number_khmerIDCard="1")
            assert answer.status in (400, 403) and answer.error, f"{token}: {answer.status}"
        outside = officer.browser.send("POST", form.action, data=form.filled(evidence_khmerIDCard="yes"), headers={"Origin": "http://evil.example"}, follow=False)
        assert outside.status in (400, 403)


def test_nobody_enters_the_console_without_logging_in(base, officer, people):
    kidc = next(people)["kidc"]
    with officer.busy:
        case = officer.open_case(kidc)
        person = officer.person(kidc)
    stranger = Browser(base)
    for address in ("/enrol", case.url, person.url, case.url + "/status"):
        answer = stranger.get(address, follow=False)
        assert answer.status in (302, 303, 401, 403, 404), f"{address}: {answer.status}"
    for form in case.page.forms:
        answer = stranger.send("POST", form.action, data=form.filled(), follow=False)
        assert answer.status in (302, 303, 401, 403, 404)


def test_an_officer_of_one_area_sees_nobody_of_another(base, demo):
    from support.officer import Officer

    account = next(o for o in demo.record["officers"] if o["areas"])
    inside = next(p for p in demo.record["persons"] if p["province"] in account["areas"])
    outside = next(p for p in demo.record["persons"] if p["province"] not in account["areas"])
    local = Officer(base, account)
    assert inside["name_km"] in local.find(inside["kidc"]).text
    answer = local.find(outside["kidc"])
    assert outside["name_km"] not in answer.text and outside["birthdate"] not in answer.text


def test_an_auditor_cannot_enrol(base, demo):
    from support.officer import Officer

    try:
        auditor = Officer(base, demo.officer("auditor"))
    except AssertionError:
        return  # refused at the door
    answer = auditor.find(demo.record["persons"][0]["kidc"])
    assert demo.record["persons"][0]["name_km"] not in answer.text


def test_wrong_passwords_are_limited(demo, tmp_path_factory):
    from support.program import Demo

    strict = Demo(tmp_path_factory.mktemp("strict") / "demo", people=100, RUMDUL_LOGINS_PER_MINUTE=5)
    try:
        answers = []
        for attempt in range(12):
            browser = Browser(strict.url)
            form = browser.get("/enrol/login").page.form("/enrol/login")
            answers.append(browser.submit(form, username="sokunthea", password=f"wrong-{attempt}").status)
        assert 429 in answers and 200 not in answers, answers
    finally:
        strict.stop()


def test_login_says_the_same_for_unknown_officers(base):
    texts = []
    for name in ("sokunthea", "nobody-at-all"):
        browser = Browser(base, address=own_address())
        answer = browser.submit(browser.get("/enrol/login").page.form("/enrol/login"), username=name, password="wrong-password")
        texts.append((answer.status, answer.error, re.sub(r"value=\"[^\"]*\"|[0-9a-f]{16,}", "", answer.page.find("main").text)))
    assert texts[0] == texts[1]


def test_session_identifier_changes_at_login(base, demo):
    browser = Browser(base)
    form = browser.get("/enrol/login").page.form("/enrol/login")
    browser.session.cookies.set("rumdul-enrol-officer", "fixed-by-the-thief")
    officer = demo.officer()
    browser.submit(form, username=officer["username"], password=officer["password"])
    assert "fixed-by-the-thief" not in [c.value for c in browser.session.cookies if "officer" in c.name and c.path == "/" and c.domain]


# Headers, cookies, languages


def html_pages(base, client, citizen, officer):
    browser = Browser(base)
    consent = client.authorize(browser)
    yield consent
    waiting = ask(browser, consent, citizen.kidc)
    yield waiting
    citizen.device.decide(waiting_on(citizen.device, waiting), "deny")
    with officer.busy:
        yield officer.browser.get("/enrol")
        yield officer.person(citizen.kidc)
        case = officer.open_case(citizen.kidc)
        yield case
        yield officer.show_code(case)[0]
    yield citizen.portal()[1]
    for path in PAGES:
        yield Browser(base).get(path)


def test_security_headers_on_every_page(base, client, citizen, officer):
    for answer in html_pages(base, client, citizen, officer):
        policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";") if " " in part.strip())
        assert policy["default-src"] == "'none'" and policy["frame-ancestors"] == "'none'" and policy["base-uri"] == "'none'"
        for directive in ("script-src", "style-src"):
            assert "unsafe" not in policy[directive] and "*" not in policy[directive] and "http" not in policy[directive], answer.url
        assert answer.headers["X-Frame-Options"] == "DENY" and answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Content-Type-Options"] == "nosniff" and "no-store" in answer.headers["Cache-Control"]
        assert "Server" not in answer.headers
        inline = [e for e in answer.page.find_all("script") if e["src"] is None] + answer.page.find_all("style")
        assert not inline, f"inline script or style on {answer.url}"
        for element in answer.page.root.walk():
            assert not [a for a in element.attributes if a.startswith("on") or a == "style"], f"{element.tag} on {answer.url}"
            address = element["src"] or (element["href"] if element.tag == "link" else None)
            assert not address or not urlsplit(address).netloc, f"third party: {address}"
        assert len(answer.text.encode()) <= 50_000, f"{answer.url} is too heavy"


def test_pages_and_their_assets_stay_small(base):
    page = Browser(base).get("/")
    total = len(page.text.encode())
    for element in page.page.root.walk():
        address = element["src"] or (element["href"] if element.tag == "link" else None)
        if address:
            asset = requests.get(base + address, timeout=10, headers={"Accept-Encoding": "identity"})
            assert asset.status_code == 200 and "immutable" in asset.headers["Cache-Control"]
            total += len(asset.content)
    assert total <= 50_000, f"{total} bytes on first load"


def test_cookies_are_locked_down(base, client, citizen, officer):
    browser = Browser(base)
    answer = client.authorize(browser)
    portal, _ = citizen.portal()
    jars = [*browser.session.cookies, *portal.session.cookies, *officer.browser.session.cookies]
    assert {c.name for c in jars} and answer.headers["Set-Cookie"]
    for cookie in jars:
        rest = {name.lower(): value for name, value in cookie._rest.items()}
        assert "httponly" in rest, cookie.name
        assert rest.get("samesite", "").lower() in ("lax", "strict"), cookie.name
        assert citizen.kidc not in cookie.value


def test_redirects_are_never_307_or_308(base, client, citizen):
    browser = Browser(base)
    form = client.authorize(browser).page.form("/authorize/start")
    assert browser.submit(form, follow=False, identifier=citizen.kidc).status in (302, 303)


@pytest.mark.parametrize(
    "language, expected",
    [
        (None, "km"), ("", "km"), ("en", "en"), ("km", "km"), ("en-GB,en;q=0.8", "en"), ("fr", "km"), ("km-KH-u-nu-khmr", "km"),
        ("en-u-nu-khmr", "en"), ("EN", "en"), ("*", "km"), ("en;q=0,km", "km"), ("km;q=0.1,en;q=0.9", "en"), ("en;q=banana", None),
        ("x" * 6000, "km"), ("../../etc/passwd", "km"), ("<script>", "km"), ("en\x7f", None), (",,,;;;q", None), ("en," * 2000, None),
        ("zz-ZZ@calendar=buddhist", "km"), ("%s%n%x", "km"),
    ],
    ids=lambda v: repr(v)[:30],
)
def test_accept_language(base, language, expected):
    answer = Browser(base, language).get("/nowhere")
    if answer.status in (400, 431) and not answer.is_html:
        return  # refused below the pages
    assert answer.status == 404 and answer.error == "web.not_found"
    assert answer.page.lang in ("km", "en") and answer.headers["Content-Language"] == answer.page.lang
    if expected:
        assert answer.page.lang == expected
    khmer = re.search("[ក-៹]{8}", answer.page.find("main").text)
    assert bool(khmer) == (answer.page.lang == "km")


@pytest.mark.parametrize("query", ["lang=en", "lang=km", "lang=fr", "lang=km-KH-u-nu-khmr", "lang=", "lang=en&lang=km", "lang=%00", "lang=" + "x" * 5000, "lang[]=en", "locale=en_US@x=y"])
def test_language_in_the_query(base, query):
    answer = Browser(base, "km").get(f"/?{query}")
    assert answer.status in (200, 302, 303, 400)
    if answer.status == 200:
        assert answer.page.lang == ("en" if query == "lang=en" else answer.page.lang)


@pytest.mark.parametrize("locales, expected", [("en", "en"), ("km", "km"), ("fr en", "en"), ("km-KH-u-nu-khmr", "km"), ("en-US", "en"), ("se", None), ("x" * 3000, None), ("\x00", None)], ids=lambda v: repr(v)[:20])
def test_ui_locales(base, client, locales, expected):
    answer = client.authorize(Browser(base, "km" if expected == "en" else "en"), ui_locales=locales)
    assert answer.status == 200 or (locales == "\x00" and answer.status == 400), "never an error (OC-26)"
    if expected:
        assert answer.page.lang == expected


def test_the_language_is_kept(base):
    browser = Browser(base, "km")
    assert browser.get("/?lang=en").page.lang == "en"
    assert browser.get("/nowhere").page.lang == "en"


def test_errors_are_problem_documents_for_machines(base):
    answer = requests.get(f"{base}/nowhere", headers={"Accept": "application/json"}, timeout=10)
    assert answer.status_code == 404 and answer.headers["Content-Type"].split(";")[0] == "application/problem+json"
    assert {"type", "title", "status", "code", "traceId"} <= set(answer.json())


def test_hostile_paths(base):
    for path in ("/app/access/../../x", "/app/access/access-1/999999999999999999999/proof", "/app/consents/x/receipt", "/enrol/people/AAAA",
                 "/enrol/cases/x", "/authorize/" + "a" * 5000, "/authorize/%00", "/device/v1/", "/assets/", "/assets/x/y", "//", "/%2e%2e/%2e%2e/"):
        answer = requests.get(base + path, timeout=10, allow_redirects=False)
        assert answer.status_code in (302, 303, 400, 401, 403, 404, 414) or path == "//", f"{path}: {answer.status_code}"


def test_personal_data_stays_out_of_the_log(demo, client, citizen):
    client.userinfo(citizen.tokens(client)["access_token"])
    citizen.portal()
    log = demo.log.read_text(errors="replace")
    for secret in (citizen.kidc, citizen.person["name_km"], citizen.person["name_latin"], client.secret):
        assert secret not in log
