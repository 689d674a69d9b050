"""Headless Chromium, with what a judge of pages needs: accessibility, width, pictures."""

import importlib.resources
import json
import os
import shutil
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

DRIVER = shutil.which("chromedriver") or "/usr/bin/chromedriver"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def axe_source():
    package = importlib.resources.files("selenium_axe_python")
    return (package / "axe-core" / "axe.min.js").read_text()


class Chrome:
    def __init__(self, language="km", script=True, width=1100, height=1000, listen=False):
        if not Path(DRIVER).exists():
            pytest.skip("chromedriver is not installed")
        options = webdriver.ChromeOptions()
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", f"--lang={language}",
                         "--no-proxy-server", "--disable-background-networking"):
            options.add_argument(argument)
        preferences = {"intl.accept_languages": language}
        if not script:
            preferences["profile.managed_default_content_settings.javascript"] = 2
        options.add_experimental_option("prefs", preferences)
        logs = {"browser": "ALL"} | ({"performance": "ALL"} if listen else {})
        options.set_capability("goog:loggingPrefs", logs)
        self.driver = webdriver.Chrome(options=options, service=Service(DRIVER))
        self.driver.set_page_load_timeout(40)
        self.script = script
        self.size(width, height)

    def size(self, width, height=1000):
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        )

    def get(self, address):
        self.driver.get(address)
        return self

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        found = self.all(selector)
        assert found, f"no {selector} on {self.driver.current_url}: {self.text[:500]}"
        return found[0]

    def wait(self, selector, seconds=20):
        return self.until(lambda: next((e for e in self.all(selector) if e.is_displayed()), None), seconds, selector)

    def until(self, question, seconds=20, what="it"):
        def ask(_):
            try:
                return question()
            except Exception as trouble:  # a page that is just being replaced
                if any(sign in str(trouble).lower() for sign in ("stale", "no such", "unloaded", "by navigation")):
                    return None
                raise

        try:
            return WebDriverWait(self.driver, seconds, 0.1).until(ask)
        except TimeoutException:
            raise AssertionError(f"waited {seconds} s for {what} on {self.url}: {self.text[:600]}") from None

    def _act(self, selector, action):
        """Does something to an element; again if the page was just being replaced."""

        def attempt():
            element = next((e for e in self.all(selector) if e.is_displayed()), None)
            if element is None:
                return None
            self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
            action(element)
            return True

        self.until(attempt, what=selector)

    def click(self, selector):
        self._act(selector, lambda element: element.click())

    def type(self, selector, text):
        self._act(selector, lambda field: (field.clear(), field.send_keys(text)))

    @property
    def text(self):
        return self.driver.execute_script("return document.body ? document.body.innerText : ''")

    @property
    def url(self):
        return self.driver.current_url

    @property
    def lang(self):
        return self.one("html").get_attribute("lang")

    def new_tab(self, address):
        self.driver.switch_to.new_window("tab")
        self.size(1100)
        self.get(address)
        return self.driver.current_window_handle

    def switch(self, handle):
        self.driver.switch_to.window(handle)

    def picture(self, name):
        folder = os.environ.get("RUMDUL_SCREENSHOTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.driver.save_screenshot(str(Path(folder) / f"{name}.png"))

    def violations(self):
        """What axe finds wrong, one line each."""
        if not self.driver.execute_script("return typeof axe !== 'undefined'"):
            self.driver.execute_script(axe_source())
        found = self.driver.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            f"axe.run(document, {{runOnly: {RULES!r}}}).then(r => done(r.violations), e => done([{{id: String(e), nodes: []}}]));"
        )
        return [f"{v['id']}: {', '.join(str(n['target']) for n in v['nodes'][:4])}" for v in found]

    def overflow(self):
        """Elements that stick out to the right of the window, if the page scrolls sideways."""
        return self.driver.execute_script(
            """const wide = document.documentElement.clientWidth;
               if (document.documentElement.scrollWidth <= wide) return [];
               return ['page ' + document.documentElement.scrollWidth].concat([...document.querySelectorAll('body *')]
                 .filter(e => e.getBoundingClientRect().right > wide + 1).slice(0, 6)
                 .map(e => e.tagName + '.' + e.className + ' ' + e.textContent.trim().slice(0, 30)));"""
        )

    def complaints(self):
        """Errors in the browser's console: refused by policy, missing files, script errors."""
        return [e["message"] for e in self.driver.get_log("browser") if e["level"] == "SEVERE" and "favicon" not in e["message"]]

    def sent(self):
        """The requests since the last call, as they left the browser: (method, address, body). Needs `listen`."""
        found = []
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                request = message["params"]["request"]
                assert request.get("postData") is not None or not request.get("hasPostData"), "a body is missing in the log"
                found.append((request["method"], request["url"], request.get("postData", "")))
        return found

    def judge(self, name, faults):
        """Looks at the page wide and at 360 px, and notes what is wrong."""
        self.picture(name)
        faults += [f"{name}: {v}" for v in self.violations()]
        self.size(360, 800)
        faults += [f"{name} at 360 px: {o}" for o in self.overflow()]
        faults += [f"{name} at 360 px: {v}" for v in self.violations()]
        self.picture(f"{name}-360")
        self.size(1100)
        faults += [f"{name}: console: {c}" for c in self.complaints()]
        if self.lang not in ("km", "en"):
            faults.append(f"{name}: lang is {self.lang}")

    def quit(self):
        self.driver.quit()
