"""The whole story through the pages, in headless Chromium, as a newcomer lives it."""

import re

import pytest

from support.officer import CODE

PIN = "274951"


class Story:
    """The pages of one story in tabs of one browser."""

    def __init__(self, chrome, demo, person, judge=True):
        self.c, self.demo, self.person, self.faults, self.judging = chrome, demo, person, [], judge

    def look(self, name):
        if self.judging:
            self.c.judge(name, self.faults)

    def officer_logs_in(self):
        c, account = self.c, self.demo.officer()
        self.console = c.new_tab(self.demo.url + "/enrol")
        self.look("02-officer-login")
        c.type("[name=username]", account["username"])
        c.type("[name=password]", account["password"])
        c.click("form[action='/enrol/login'] button")
        c.wait("[name=identifier]")
        self.look("03-officer-console")

    def officer_opens_case(self):
        c = self.c
        c.type("[name=identifier]", self.person["kidc"])
        c.click("button[name=by][value=identifier]")
        c.wait("form[action$='/enrolments']")
        assert self.person["name_km"] in c.text
        self.look("04-officer-person")
        c.click("#f-evidence_khmerIDCard")
        c.click("form[action$='/enrolments'] button[type=submit]")
        c.wait("form[action$='/code'] button")
        self.look("05-officer-case")
        c.click("form[action$='/code'] button")
        c.wait("svg.qr")
        self.look("06-officer-code")
        return CODE.search(c.text).group(0)

    def phone_activates(self, code):
        c = self.c
        self.phone = c.new_tab(self.demo.record["phone_url"])
        self.look("07-phone-activation")
        c.type("#code", code)
        c.type("#pin", PIN)
        c.type("#again", PIN)
        c.click("form[action='/phone/enrol'] button")
        digits = c.wait("[data-comparison]").get_attribute("data-comparison")
        self.look("08-phone-digits")
        return digits

    def officer_compares(self, digits):
        c = self.c
        c.switch(self.console)
        if not c.script:
            c.driver.refresh()
        c.wait("form[action$='/confirm'] button[value=yes]")  # the page noticed the phone by itself
        assert digits in re.sub(r"\s", "", c.text)
        self.look("09-officer-compares")
        c.click("form[action$='/confirm'] button[value=yes]")
        c.until(lambda: not c.all("form[action$='/confirm']"), what="the end of the comparison")
        self.look("10-officer-done")

    def bank_asks(self):
        c = self.c
        self.bank = c.new_tab(self.demo.record["bank_url"])
        self.look("11-bank")
        c.click("a[href*='account-opening']")
        c.wait("#identifier")
        self.look("12-consent")

    def person_chooses(self, extra=("phone_number",)):
        c = self.c
        for name in extra:
            c.click(f"#a-{name}")
        c.type("#identifier", self.person["kidc"])
        c.click("form[action='/authorize/start'] button[type=submit]")
        number = re.search(r"\d\d", c.wait(".number").text).group(0)
        self.look("13-waiting")
        return number

    def phone_approves(self, number):
        c = self.c
        c.switch(self.phone)
        if not c.script:
            c.get(self.demo.record["phone_url"])
        c.wait("form[action='/phone/decide']")  # appears by itself
        self.look("14-phone-request")
        radio = c.one(f"input[name=number][value='{int(number)}'], input[name=number][value='{number}']")
        c.driver.execute_script("arguments[0].closest('label').scrollIntoView({block: 'center'})", radio)
        radio.find_element("xpath", "..").click()
        c.type("#pin", PIN)
        c.click("button[value=approve]")
        c.until(lambda: not c.all("form[action='/phone/decide']"), what="the phone's answer")
        self.look("15-phone-approved")

    def bank_shows(self):
        c = self.c
        c.switch(self.bank)
        if not c.script:
            c.wait("a[href^='/authorize/']").click()
        c.until(lambda: c.url.startswith(self.demo.record["bank_url"]), what="the bank")
        assert self.person["name_km"] in c.text, c.text
        self.look("16-bank-welcome")


def portal(story):
    c = story.c
    c.new_tab(story.demo.url + "/app")
    story.look("17-portal-door")
    c.click("#login")
    c.wait("#known")  # logged in at the bank already, so nothing is typed again
    assert not c.one("#identifier").is_displayed()
    c.click("form[action='/authorize/start'] button[type=submit]")
    tab = c.driver.current_window_handle
    number = re.search(r"\d\d", c.wait(".number").text).group(0)
    judging, story.judging = story.judging, False
    story.phone_approves(number)
    story.judging = judging
    c.switch(tab)
    c.wait("#access")
    return tab


def test_the_whole_story(chrome, demo):
    c = chrome(language="km")
    story = Story(c, demo, demo.record["persons"][0])
    c.get(demo.record["start_url"])
    start = c.driver.current_window_handle
    assert c.lang == "km" and story.person["name_km"] in c.text, "Khmer is the default"
    story.look("01-start")
    story.officer_logs_in()
    code = story.officer_opens_case()
    digits = story.phone_activates(code)
    story.officer_compares(digits)
    story.bank_asks()
    assert c.lang == "km"
    story.phone_approves(story.person_chooses())
    story.bank_shows()
    assert story.person["kidc"] not in c.text, "the bank does not learn the code"
    portal(story)
    entries = [row.text for row in c.all("[data-entry]")]
    assert any("ធនាគារ" in row for row in entries), entries
    story.look("18-portal")
    c.click("#sessions")
    c.wait("[data-session]")
    story.look("18-sessions")
    c.click("[data-session] form button")
    c.wait("button[name=confirm]")
    story.look("18-sessions-end")
    c.get(demo.url + "/app")
    c.click("form[action$='/withdraw'] button")
    c.wait("#access")
    story.look("19-portal-withdrawn")
    c.switch(story.bank)
    again = [e for e in c.all("form button, a.button") if e.is_displayed()]
    buttons = [e for e in again if "again" in (e.get_attribute("outerHTML") + (e.find_element("xpath", "..").get_attribute("action") or ""))
               or "ម្ដងទៀត" in e.text or "ម្តងទៀត" in e.text]
    assert buttons, [e.get_attribute("outerHTML") for e in again]
    buttons[0].click()
    c.until(lambda: story.person["name_km"] not in c.text, what="the bank forgetting the name")
    story.look("20-bank-refused")
    assert "500" not in c.text and len(c.text) > 100
    c.switch(start)
    c.driver.refresh()
    done = [c.one(f"#step-{n}").get_attribute("data-done") for n in range(1, 6)]
    story.look("21-start-done")
    assert not story.faults, "\n".join(story.faults)
    assert done == ["true"] * 5, done


def test_english_is_one_click_away(chrome, demo, client):
    c = chrome(language="km")
    faults = []
    pages = {
        "start": demo.record["start_url"], "front": demo.url + "/", "portal": demo.url + "/app", "console": demo.url + "/enrol/login",
        "bank": demo.record["bank_url"], "phone": demo.record["phone_url"],
    }
    for name, address in pages.items():
        c.get(address)
        assert c.lang == "km", name
        c.click("a.lang[hreflang=en]")
        c.until(lambda: c.lang == "en", what="English")
        c.judge(f"en-{name}", faults)
        c.click("a.lang[hreflang=km]")
        c.until(lambda: c.lang == "km", what="Khmer")
    c.get(client.authorize().url)
    c.judge("km-consent", faults)
    c.click("a.lang[hreflang=en]")
    c.until(lambda: c.lang == "en", what="English on the consent page")
    assert "Which data to share" in c.text
    c.judge("en-consent", faults)
    assert not faults, "\n".join(faults)


def test_the_judge_sees_faults(chrome):
    """The checks themselves: a bad page must not pass."""
    c = chrome(language="en")
    c.get("data:text/html,<html><body><img src=x><input><p style='color:%23ddd;background:%23fff'>hard to read</p>"
          "<div style='width:900px'>wide</div></body></html>")
    found = " ".join(c.violations())
    assert "image-alt" in found and "label" in found and "color-contrast" in found and "html-has-lang" in found
    c.size(360, 800)
    c.driver.execute_script("document.head.insertAdjacentHTML('beforeend', '<meta name=viewport content=width=device-width>')")
    assert c.overflow()


def test_error_pages(chrome, demo, client):
    c = chrome(language="km")
    faults = []
    for name, address in {
        "not-found": demo.url + "/nowhere", "bad-request": demo.url + "/authorize?client_id=nobody",
        "bank-callback": demo.record["bank_url"] + "callback?error=access_denied&state=x",
    }.items():
        c.get(address)
        c.driver.get_log("browser")  # the status itself is reported as an error there
        c.judge(f"error-{name}", faults)
        assert re.search("[ក-៹]{6}", c.text), name
    faults = [fault for fault in faults if "status of 40" not in fault]
    assert not faults, "\n".join(faults)


def test_the_story_without_javascript(chrome, demo, people):
    c = chrome(language="en", script=False)
    story = Story(c, demo, next(people), judge=False)
    c.get(demo.record["start_url"])
    story.officer_logs_in()
    digits = story.phone_activates(story.officer_opens_case())
    story.officer_compares(digits)
    story.bank_asks()
    story.phone_approves(story.person_chooses(extra=()))
    story.bank_shows()


def test_the_waiting_page_goes_on_by_itself_without_javascript(chrome, demo, client, citizen):
    c = chrome(language="en", script=False)
    c.get(client.authorize().url)
    c.type("#identifier", citizen.kidc)
    c.click("form[action='/authorize/start'] button[type=submit]")
    number = int(re.search(r"\d\d", c.wait(".number").text).group(0))
    transaction = citizen.device.transactions(wait=5)[0]
    assert citizen.device.decide(transaction, number=number).status_code == 200
    c.until(lambda: "/authorize/" not in c.url, seconds=30, what="the browser going on by itself")


def test_keyboard_alone_reaches_the_consent(chrome, demo, client):
    """WCAG 2.1.1, 2.4.1: the first stop is the link that skips to the content; every control is reached, visibly."""
    from selenium.webdriver.common.keys import Keys

    c = chrome(language="en")
    c.get(client.authorize().url)
    reached = []
    for _ in range(40):
        c.driver.switch_to.active_element.send_keys(Keys.TAB)
        active = c.driver.switch_to.active_element
        reached.append(active.get_attribute("id") or active.get_attribute("class") or active.tag_name)
        outline = c.driver.execute_script("const s = getComputedStyle(arguments[0]); return s.outlineStyle + s.boxShadow", active)
        if active.tag_name != "body":
            assert outline != "nonenone", f"focus is not visible on {reached[-1]}"
    assert reached[0] == "skip" and "identifier" in reached and "refuse" in reached
