"""The registrars' console, and the pages beside it, as somebody sees them who works there all day: every page in Khmer and in English, at 360 and at
1280 pixels. Nothing sticks out or overlaps, every field has its label, contrast holds also in the dark, nothing internal is shown, dates and times
are in Khmer digits where the page is Khmer. Then the stories by keyboard alone, what bad input does, and what the certificates say.

With RUMDUL_SCREENSHOTS=folder each page is kept as a picture."""

import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from support import pdf, screens
from support.chrome import Chrome
from support.office import Clerk, Office
from support.program import Demo
from support.registrar import OFFICE, Registrar, birth, day

FOLDER = os.environ.get("RUMDUL_SCREENSHOTS")
QUEUES = {"drafts": "sreymom", "notices": "sreymom", "returned": "sreymom", "toVerify": "maly", "toApprove": "samnang", "toRegister": "piseth",
          "objections": "piseth", "corrections": "maly", "revocations": "kunthea", "duplicates": "piseth", "registered": "piseth"}
KINDS = ["birth", "foundling", "foetalDeath", "death", "presumedDeath", "marriage", "divorce", "annulment", "judicialSeparation", "adoption", "recognition",
         "legitimation", "nameChange", "sexCorrection", "nationalityChange"]
RECORDS = {"draft": "sreymom", "declared": "maly", "returned": "sreymom", "verified": "piseth", "late": "samnang", "birth": "piseth", "correction": "maly",
           "revocation": "kunthea", "replacement": "kunthea", "marriage": "piseth", "objection": "piseth", "death": "piseth", "duplicate": "piseth"}

# What only an eye sees: text squeezed into a column of a word, names of fields and digits of another script in the text of a page.
EYE = r"""
const faults = [], khmer = document.documentElement.lang === 'km';
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const text = walker.currentNode.textContent.trim(), e = walker.currentNode.parentElement;
  if (!text || e.closest('script,style,noscript,template,code,svg,[hidden],details:not([open]) > :not(summary)') || !e.getClientRects().length) continue;
  const range = document.createRange(); range.selectNodeContents(walker.currentNode);
  const box = range.getBoundingClientRect(), lines = range.getClientRects().length;
  if (lines > 4 && box.width < 90) faults.push('squeezed: ' + text.slice(0, 40));
  if (e.closest('.problem') || e.closest('a[href^="/register/certificates"]')) continue;
  if (/\b(child|mother|father|spouse[12]|deceased|event|informant|legacy|court|person|civil|officer)\.[a-z_]+\b/.test(text)) faults.push('internal: ' + text.slice(0, 40));
  if (/SHA-256|undefined|null\b|NaN/.test(text)) faults.push('internal: ' + text.slice(0, 40));
  if (/\b\d{4}-\d\d-\d\d\b/.test(text)) faults.push('a date for machines: ' + text.slice(0, 40));
  if (khmer && (/\b\d{1,2}[./]\d{1,2}[./]\d{4}\b/.test(text) || /\b\d\d:\d\d\b/.test(text))) faults.push('digits: ' + text.slice(0, 40));
}
for (const e of document.querySelectorAll('input:not([type=hidden]),select,textarea')) {
  if (!e.labels.length && !e.getAttribute('aria-label')) faults.push('no label: ' + e.name);
  for (const id of (e.getAttribute('aria-describedby') || '').split(' ').filter(Boolean)) if (!document.getElementById(id)) faults.push('described by nothing: ' + e.name);
}
for (const a of document.querySelectorAll('.notice a[href^="#"]')) {
  const there = document.getElementById(a.getAttribute('href').slice(1));
  if (!there) faults.push('leads nowhere: ' + a.getAttribute('href'));
}
if (document.querySelectorAll('h1').length !== 1) faults.push('h1: ' + document.querySelectorAll('h1').length);
return [...new Set(faults)].slice(0, 12);
"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    program = Demo(tmp_path_factory.mktemp("rumdul") / "demo", people=100)
    yield program
    if program.alive:
        program.stop()


@pytest.fixture(scope="module")
def office(demo):
    return Office(demo).work()


def pages(office):
    """Every page: who opens it, and where it is."""
    found = {"login": (None, "/register/login")}
    found |= {"home-" + who: (who, "/register") for who in ("sreymom", "piseth", "sothy", "vichea")}
    found |= {"queue-" + queue: (who, "/register/queues/" + queue) for queue, who in QUEUES.items()}
    found |= {"new-" + kind: ("sreymom", "/register/new/" + kind) for kind in KINDS}
    found |= {"record-" + name: (who, office.records[name]) for name, who in RECORDS.items()}
    r = office.records
    return found | {
        "in-queue": ("maly", r["verified"] + "?queue=toVerify"), "edit": ("sreymom", r["returned"] + "/edit"), "correct": ("piseth", r["birth"] + "/correct"),
        "replace": ("sothy", r["birth"] + "/replace"), "duplicates": ("vichea", "/register/duplicates"), "duplicate": ("vichea", r["case"]),
        "books": ("sreymom", "/register/books"), "book": ("piseth", r["page"]), "key": ("piseth", r["page"] + "/key"), "half": ("piseth", r["half"]),
        "dispute": ("dalin", r["dispute"]), "offline": ("sreymom", "/register/offline"), "not-found": ("sreymom", "/register/records/none"),
        "forbidden": ("vichea", "/register/new/birth"), "statistics": (None, "/statistics"), "gap": (None, "/statistics/gap"),
        "statistics-table": (None, "/statistics/births-by-month"), "developers": (None, "/developers"), "start": (None, "/"),
    }


def cookies(demo, who, known={}):
    key = (demo.url, who)
    if key not in known:
        known[key] = [(c.name, c.value) for c in Clerk(demo, who).browser.session.cookies]
    return known[key]


def enter(chrome, demo, who, path, language):
    chrome.driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
    if who:
        for name, value in cookies(demo, who):
            chrome.driver.execute_cdp_cmd("Network.setCookie", {"name": name, "value": value, "url": demo.url})
    chrome.get(demo.url + path + ("&" if "?" in path else "?") + "lang=" + language)


def looked_at(chrome, width, axe):
    chrome.size(width, 900)
    found = chrome.driver.execute_script(screens.LOOK) + chrome.driver.execute_script(EYE)
    found += [f"sticks out: {o}" for o in chrome.overflow()]
    return found + ([f"axe: {v}" for v in chrome.violations()] if axe else [])


def every_page(demo, office, language):
    """What is wrong with the pages in one language."""
    chrome, faults = Chrome(language, width=1280), []
    try:
        chrome.get(demo.url + "/healthz")
        for name, (who, path) in pages(office).items():
            enter(chrome, demo, who, path, language)
            if chrome.lang != language:
                faults.append(f"{name}: in {chrome.lang}")
            # Each page once by axe's rules, wide in one language and narrow in the other; forms are alike but for their fields.
            alike = name.startswith("new-") and name not in ("new-birth", "new-marriage")
            for width in (360, 1280):
                by_axe = (width == 360) == (language == "km")
                if alike and not by_axe:
                    continue
                found = looked_at(chrome, width, axe=by_axe and not alike)
                faults += [f"{name} {language} {width} px: {fault}" for fault in found]
                if FOLDER:
                    screens.picture(chrome, width, Path(FOLDER) / f"register-{name}-{language}-{width}.png")
            faults += [f"{name} {language}: console: {c}" for c in chrome.complaints() if "status of 40" not in c]
    finally:
        chrome.quit()
    return faults


def test_every_page(demo, office):
    for who, _ in pages(office).values():
        if who:
            cookies(demo, who)
    with ThreadPoolExecutor(2) as pool:
        work = [pool.submit(every_page, demo, office, language) for language in ("km", "en")]
        faults = [fault for done in work for fault in done.result()]
    assert not faults, "\n".join(faults)


def test_contrast_holds_in_the_dark_and_paper_stays_white(demo, office):
    chrome, faults = Chrome("km", width=1280), []
    try:
        chrome.get(demo.url + "/healthz")
        chrome.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]})
        for name in ("home-piseth", "new-birth", "record-objection", "record-correction", "duplicate", "dispute", "gap"):
            enter(chrome, demo, *pages(office)[name], "km")
            faults += [f"{name}: {v}" for v in chrome.violations()]
        chrome.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": [{"name": "prefers-color-scheme", "value": "dark"}]})
        enter(chrome, demo, *pages(office)["record-birth"], "km")
        colours = chrome.driver.execute_script(
            "return [...document.querySelectorAll('h1,h2,dd,dt')].map(e => getComputedStyle(e).color.match(/\\d+/g).slice(0, 3).map(Number))")
        faults += [f"pale on paper: {c}" for c in colours if sum(c) > 3 * 130]
        faults += [f"on paper: {s}" for s in (".top", "#steps", "form") if any(e.is_displayed() for e in chrome.all(s)) and s != "form"]
    finally:
        chrome.quit()
    assert not faults, "\n".join(faults)


class Keyboard:
    """A registrar without a mouse."""

    def __init__(self, demo, who):
        self.registrar = Registrar(demo, who, width=1280)
        self.chrome, self.base = self.registrar.chrome, demo.url
        self.open("/register")

    def open(self, path):
        self.chrome.get(path if path.startswith("http") else self.base + path)

    @property
    def active(self):
        return self.chrome.driver.switch_to.active_element

    def send(self, *keys):
        ActionChains(self.chrome.driver).send_keys(*keys).perform()

    def chord(self, held, key):
        ActionChains(self.chrome.driver).key_down(held).send_keys(key).key_up(held).perform()

    def to(self, question, limit=90):
        """Tabs until the focus is where a question in JavaScript about `e` says; every stop on the way can be seen."""
        ask = f"""const e = document.activeElement, s = getComputedStyle(e);
            const seen = e === document.body || (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2);
            return [e !== document.body && !!({question}), seen || e.outerHTML.slice(0, 90)];"""
        for _ in range(limit):
            found, seen = self.chrome.driver.execute_script(ask)
            assert seen is True, f"focus cannot be seen on {seen}"
            if found:
                return
            self.send(Keys.TAB)
        raise AssertionError(f"not reached by keyboard on {self.chrome.url}")

    def field(self, name, *keys):
        self.to(f"e.name === '{name}'")
        self.send(*keys)

    def press(self, question):
        """Enter on what is found; then the next page."""
        self.to(question)
        self.leave(lambda: self.send(Keys.ENTER))

    def leave(self, action):
        before = self.chrome.driver.find_element("tag name", "html").id
        action()
        self.chrome.until(lambda: self.chrome.driver.find_element("tag name", "html").id != before and self.chrome.all("h1"), what="the next page")

    def queue(self, name):
        self.open("/register")
        self.press(f"(e.href || '').endsWith('/queues/{name}')")

    def step(self, name):
        self.press(f"e.value === '{name}'")

    def close(self):
        self.chrome.quit()


@pytest.fixture
def keyboard(demo):
    made = []

    def make(who):
        made.append(Keyboard(demo, who))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_a_birth_from_the_form_to_the_certificate_without_a_mouse(demo, office, keyboard):
    clerk = keyboard("sreymom")
    clerk.press("(e.href || '').endsWith('/new/birth')")
    assert clerk.active.get_attribute("name") == "child.family_km", "the first field has the focus"
    mother = next(p for p in reversed(demo.record["persons"]) if p["gender"] == "female" and "1985" < p["birthdate"] < "2004")
    clerk.send("ម៉ៅ", Keys.TAB, "ចន្ទ្រា", Keys.TAB, "MAO", Keys.TAB, "CHANTREA", Keys.TAB, "ស្រី")
    clerk.field("event.date", "/".join(reversed(day(-3).split("-"))))
    clerk.field("event.place", "តាខ្មៅ")
    clerk.field("mother.person", mother["kidc"])
    clerk.leave(lambda: clerk.send(Keys.ENTER))
    assert clerk.chrome.one('[name="mother.given_km"]').get_attribute("value") == mother["name_km"].split(" ")[-1], "Enter on a code fills in"
    assert clerk.chrome.one('[name="child.given_km"]').get_attribute("value") == "ចន្ទ្រា", "and loses nothing"
    assert "ភូមិតាខ្មៅ" in clerk.chrome.one('[id="h-event.place"]').text, "the clerk sees which place was meant"
    clerk.chrome.driver.execute_script("document.activeElement.blur()")
    clerk.field("father.unknown", "ម")
    assert not clerk.chrome.one('[name="father.given_km"]').is_displayed(), "what is not asked is not shown"
    clerk.field("informant.relation", "ម្តាយ")
    clerk.field("informant.given_km", "ម៉ែ")
    clerk.leave(lambda: clerk.chord(Keys.CONTROL, Keys.ENTER))
    assert clerk.registrar.state() == "បានប្រកាស", clerk.chrome.text
    record = clerk.chrome.url
    assert "រង់ចាំស្រុក" in clerk.chrome.one("#steps").text, "who acts next"
    verifier = keyboard("maly")
    verifier.queue("toVerify")
    verifier.press(f"(e.href || '').includes('{record.rsplit('/', 1)[1]}')")
    verifier.step("verify")
    assert verifier.registrar.state() == "បានផ្ទៀងផ្ទាត់"
    assert any("/queues/toVerify" in (a.get_attribute("href") or "") for a in verifier.chrome.all("main a")), "back to the list one came from"
    registrar = keyboard("piseth")
    registrar.queue("toRegister")
    registrar.press(f"(e.href || '').includes('{record.rsplit('/', 1)[1]}')")
    registrar.step("register")
    assert registrar.registrar.state() == "បានចុះបញ្ជី"
    registrar.step("original")
    assert re.match(r"C-081104-\d{4}-\d{5}-\d\d", registrar.chrome.one("#certificates .list a").text)


def test_errors_have_the_focus_stand_in_order_and_lose_nothing(keyboard):
    clerk = keyboard("sreymom")
    clerk.open("/register/new/birth")
    typed = birth(**{"event.date": "31/02/2026", "mother.birthdate": "2019", "child.given_km": "Pisey", "event.place": "ភូមិដែលគ្មាន"})
    clerk.registrar.fill(typed)
    clerk.leave(lambda: clerk.chord(Keys.CONTROL, Keys.ENTER))
    assert "alert" == clerk.active.get_attribute("role")
    links = [a.get_attribute("href").split("#f-")[1] for a in clerk.chrome.all(".notice.bad a")]
    assert links == ["child.given_km", "event.date", "event.place"], links
    assert {name: clerk.chrome.one(f'[name="{name}"]').get_attribute("value") for name in typed} == typed
    clerk.send(Keys.TAB, Keys.TAB, Keys.ENTER)
    assert clerk.active.get_attribute("name") == "event.date", "from the list to the field"
    found = looked_at(clerk.chrome, 360, axe=True)
    assert not found, found


def test_a_file_too_large_is_said_before_it_is_sent(office, keyboard, tmp_path):
    clerk = keyboard("sreymom")
    large = tmp_path / "large.jpg"
    large.write_bytes(b"\xff\xd8\xff\xe0" + bytes(20 << 20))
    clerk.open(office.records["declared"])
    clerk.chrome.one("#f-file").send_keys(str(large))
    said = clerk.chrome.driver.execute_script("return document.querySelector('#f-file').validationMessage")
    assert re.search(r"[\u1780-\u17D3]", said), said
    false = tmp_path / "false.jpg"
    false.write_bytes(b"MZ" + bytes(2000))
    clerk.chrome.driver.execute_script("document.querySelector('#f-kind').value = 'birthNotice'")
    clerk.chrome.one("#f-file").send_keys(str(false))
    clerk.press("e.tagName === 'BUTTON' && e.form.action.endsWith('/evidence')")
    assert clerk.chrome.one("#e-file").text and clerk.chrome.one("#f-kind").get_attribute("value") == "birthNotice"


def test_a_line_that_leads_nowhere_keeps_what_was_typed(keyboard):
    """The network of the office is up and the register is not reached: the browser thinks that it has a line."""
    clerk = keyboard("sreymom")
    c = clerk.chrome
    clerk.open("/register/new/birth")
    c.driver.execute_async_script("const done = arguments[0]; navigator.serviceWorker.ready.then(() => setTimeout(done, 1500))")
    clerk.registrar.fill(birth(**{"event.place": OFFICE, "child.given_km": "គ្មានខ្សែ"}))
    c.driver.execute_cdp_cmd("Network.enable", {})
    c.driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*/healthz*"]})
    clerk.leave(lambda: clerk.chord(Keys.CONTROL, Keys.ENTER))
    assert c.url.endswith("/register/offline"), c.url
    # The register is there after all: what was kept is sent from this page.
    c.until(lambda: not c.one("[data-kept]").is_displayed(), what="sent")
    verifier = keyboard("maly")
    verifier.queue("toVerify")
    assert "គ្មានខ្សែ" in verifier.chrome.text


def test_certificates_say_whose_dates_they_print(office):
    for name, words in {
        "certificate": ["ថ្ងៃខែឆ្នាំកំណើត", "Date of birth", "ទីកន្លែងកំណើត", "Place of birth"],
        "deathCertificate": ["ថ្ងៃខែឆ្នាំមរណភាព", "Date of death", "Place of death"],
        "marriageCertificate": ["Date of birth", "Date of the declaration"],
    }.items():
        document = office.registrar.browser.get(office.records[name]).response.content
        text = pdf.text(document)
        missing = [word for word in words if word not in text]
        assert not missing and "(ភូមិ" not in text, f"{name}: {missing}\n{text}"
