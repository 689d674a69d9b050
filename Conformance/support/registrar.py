"""Registrars at the console /register in Chromium, and what the demonstration's district offers them."""

import datetime
import itertools

from .chrome import Chrome

OFFICE = "081104"


def day(offset=0):
    return (datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=7))).date() + datetime.timedelta(days=offset)).isoformat()


class Registrar:
    """One officer in one browser."""

    def __init__(self, demo, username, language="km", **options):
        self.demo, self.base = demo, demo.url
        account = next(o for o in demo.record["officers"] if o["username"] == username)
        self.chrome = Chrome(language, **options)
        c = self.chrome
        c.get(f"{self.base}/register")
        c.type("#f-username", account["username"])
        c.type("#f-password", account["password"])
        c.click("main button[type=submit]")
        c.wait(".queues")

    def close(self):
        self.chrome.driver.quit()

    def fill(self, values):
        """Fills in a form as a person does: types, or chooses."""
        for name, value in values.items():
            element = self.chrome.one(f'[name="{name}"]')
            if element.tag_name == "select":
                self.chrome.driver.execute_script(
                    "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('change', {bubbles: true}))", element, value)
                assert element.get_attribute("value") == value, f"{name} offers no {value}"
            else:
                element.clear()
                element.send_keys(value)

    def declare(self, kind, values):
        """A new event; the address of its record, or None when the form came back."""
        c = self.chrome
        c.get(f"{self.base}/register/new/{kind}")
        self.fill(values)
        c.click('button[value="declare"]')
        c.until(lambda: "/records/" in c.url or c.all(".notice.bad"), what="an answer")
        return c.url if "/records/" in c.url else None

    def take(self, address, step, **texts):
        """A step on a record's page; what the page says then."""
        c = self.chrome
        c.get(address)
        button = c.one(f'button[value="{step}"]')
        if not button.is_displayed():
            c.driver.execute_script("arguments[0].closest('details').open = true", button)
        for name, text in texts.items():
            c.one(f"#f-{name}-{step}").send_keys(text)
        c.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", button)
        token = c.driver.find_element("tag name", "html").id
        button.click()
        c.until(lambda: c.driver.find_element("tag name", "html").id != token and c.all("h1"), what="the next page")
        return c.text

    def state(self, address=None):
        if address:
            self.chrome.get(address)
        return self.chrome.one("h1 .badge").text.strip()

    def number(self):
        """The registration number on a record's page."""
        return self.chrome.one(".facts dd").text.strip()


MOTHERS = ["សុភា", "ចន្ធី", "រតនា", "បុប្ផា", "ម៉ាលី", "គន្ធា", "ធីតា", "ណារី", "សុជាតា", "វន្នី", "កល្យាណ", "ពេជ្រ", "លក្ខិណា", "ស្រីពៅ", "ដានី"]
FAMILIES = ["ចាន់", "គឹម", "លី", "ហេង", "អ៊ុក", "ទេព", "មាស", "ប៊ុន", "នួន"]
_births = itertools.count()


def birth(**changes):
    """A birth of a family that nobody else is of: alike births would wait for two officers."""
    n = next(_births)
    mother, family = MOTHERS[n % len(MOTHERS)], FAMILIES[n % len(FAMILIES)]
    values = {
        "child.family_km": family, "child.given_km": "ពិសី", "child.sex": "2", "event.date": day(-1 - n % 28), "event.place": "ភូមិតាខ្មៅ",
        "mother.family_km": family, "mother.given_km": mother, "mother.birthdate": str(1985 + n % 19), "father.unknown": "unknown",
        "informant.relation": "mother", "informant.given_km": mother,
    }
    return {key: value for key, value in (values | changes).items() if value}


def verified_foundlings(demo, count):
    """Children found, whom clerk and district took as far as verification."""
    officers = {name: Registrar(demo, user) for name, user in {"clerk": "sreymom", "verifier": "maly"}.items()}
    try:
        for n in range(count):
            record = officers["clerk"].declare("foundling", {
                "child.given_km": MOTHERS[n], "child.sex": "1", "child.birthdate": day(-40 - 40 * n), "event.date": day(-2), "event.place": "ភូមិតាខ្មៅ",
                "event.circumstances": "ក្បែរវត្ត", "informant.relation": "finder", "informant.given_km": FAMILIES[n]})
            assert record, officers["clerk"].chrome.text
            officers["verifier"].take(record, "verify")
    finally:
        for officer in officers.values():
            officer.close()


def registered_birth(demo, **changes):
    """The identifier of a birth that clerk, district and commune took all the way."""
    officers = {name: Registrar(demo, user) for name, user in {"clerk": "sreymom", "verifier": "maly", "registrar": "piseth"}.items()}
    try:
        record = officers["clerk"].declare("birth", birth(**changes))
        assert record, officers["clerk"].chrome.text
        officers["verifier"].take(record, "verify")
        officers["registrar"].take(record, "register")
        assert officers["registrar"].state(record) == "បានចុះបញ្ជី"
        return record.rsplit("/", 1)[1]
    finally:
        for officer in officers.values():
            officer.close()
