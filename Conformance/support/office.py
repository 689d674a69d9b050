"""A commune office in the middle of a day: records in every state, made through the forms as clerks fill them in, without a browser window."""

import io
from urllib.parse import urlsplit

from PIL import Image, ImageDraw

from .browser import Browser
from .registrar import OFFICE, birth, day


def scan(colour="white"):
    """A page of an old book, as a scanner gives it."""
    image = Image.new("RGB", (900, 1200), colour)
    pen = ImageDraw.Draw(image)
    for y in range(80, 1150, 70):
        pen.line((40, y, 860, y), fill="#8899aa", width=2)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=60)
    return out.getvalue()


class Clerk:
    """An officer of the register, through the HTML forms."""

    def __init__(self, demo, username, language="km"):
        account = next(o for o in demo.record["officers"] if o["username"] == username)
        self.browser = Browser(demo.url, language)
        page = self.browser.get("/register")
        home = self.browser.submit(page.page.form("/register/login"), username=account["username"], password=account["password"])
        assert home.status == 200 and urlsplit(home.url).path == "/register", home.text[:300]

    def get(self, path):
        answer = self.browser.get(path)
        assert answer.status == 200, f"{path}: {answer.status} {answer.error}"
        return answer.page

    def declare(self, kind, values, action="declare"):
        """The path of the new record."""
        form = self.get(f"/register/new/{kind}").form(f"/register/new/{kind}")
        answer = self.browser.submit(form, action=action, **values)
        assert "/register/records/" in answer.url, f"{answer.status} {answer.error}: {answer.page.text[:900]}"
        return urlsplit(answer.url).path

    def take(self, record, step, **values):
        """A step on a record's page."""
        forms = [f for f in self.get(record).forms if f.action.endswith("/do") and any(value == step for _, value, _ in f.buttons)]
        assert forms, f"no step {step} on {record}: {self.get(record).text[:400]}"
        answer = self.browser.submit(forms[0], step=step, **values)
        assert answer.status == 200, f"{step}: {answer.status} {answer.page.text[:600]}"
        return urlsplit(answer.url).path

    def correct(self, record, way="correct", **values):
        answer = self.browser.submit(self.get(f"{record}/{way}").form(f"/{way}"), **values)
        assert answer.status == 200 and answer.url.endswith(record), f"{answer.status}: {answer.page.text[:900]}"

    def certify(self, record, kind="original"):
        """The path of the certificate."""
        form = self.get(record).form("/certificates")
        answer = self.browser.submit(form, kind=kind)
        return next(a["href"] for a in answer.page.find_all("a") if (a["href"] or "").startswith("/register/certificates/"))

    def attach(self, record, content, kind="birthNotice", name="scan.jpg"):
        form = self.get(record).form("/evidence")
        pairs = [(k, v) for k, v in form.filled(kind=kind) if k != "file"]
        return self.browser.send("POST", form.action, data=dict(pairs), files={"file": (name, content, "image/jpeg")}, headers={"Origin": self.browser.base})


class Office:
    """The officers of the demonstration's commune and district, and what lies on their desks."""

    def __init__(self, demo):
        self.demo = demo
        self.clerk, self.registrar, self.verifier = (Clerk(demo, name) for name in ("sreymom", "piseth", "maly"))
        self.province, self.first, self.second = (Clerk(demo, name) for name in ("samnang", "sothy", "kunthea"))
        self.adjudicator = Clerk(demo, "vichea")
        self._adults = iter(p for p in demo.record["persons"] if int(p["birthdate"][:4]) < 2000)
        self.records = {}

    def adult(self, sex):
        person = next(p for p in self._adults if p["gender"] == sex)
        return person

    def birth(self, **changes):
        return self.clerk.declare("birth", birth(**({"event.place": OFFICE} | changes)))

    def registered(self, **changes):
        record = self.birth(**changes)
        self.verifier.take(record, "verify")
        return self.registrar.take(record, "register")

    def marriage(self, **changes):
        husband, wife = self.adult("male"), self.adult("female")
        values = {
            "spouse1.person": husband["kidc"], "spouse2.person": wife["kidc"], "spouse1.given_km": husband["name_km"].split()[-1],
            "spouse2.given_km": wife["name_km"].split()[-1], "spouse1.sex": "1", "spouse2.sex": "2", "event.date": day(), "event.place": OFFICE,
            "event.notice_date": day(-15), "witness1.given_km": "មករា", "witness2.given_km": "មីនា", "informant.relation": "parties",
            "informant.given_km": "ភាគី"} | changes
        form = self.registrar.get("/register/new/marriage").form("/register/new/marriage")
        filled = self.registrar.browser.submit(form, action="fill", **values)
        answer = self.registrar.browser.submit(filled.page.form("/register/new/marriage"), action="declare")
        assert "/register/records/" in answer.url, f"{answer.status} {answer.error}: {answer.page.text[:900]}"
        return urlsplit(answer.url).path

    def work(self):
        """A record in every state that a page shows in its own way."""
        r = self.records
        r["draft"] = self.clerk.declare("birth", {"child.given_km": "ព្រាង", "event.date": "មិនចាំ"}, action="draft")
        r["declared"] = self.birth()
        r["returned"] = self.birth()
        self.verifier.take(r["returned"], "sendBack", reason="ឈ្មោះឪពុកខ្វះ សូមសួរម្តាយម្តងទៀត ហើយភ្ជាប់សំបុត្រពេទ្យ")
        r["verified"] = self.birth()
        self.verifier.take(r["verified"], "verify")
        r["late"] = self.birth(**{"event.date": "2019-02-03", "event.late_reason": "រស់នៅឆ្ងាយពីសាលាឃុំ", "child.given_km": "យឺត"})
        self.verifier.take(r["late"], "verify")
        r["birth"] = self.registered(**{"child.family_latin": "KEO", "child.given_latin": "PISEY", "child.weight": "3200", "event.time": "07:35"})
        r["certificate"] = self.registrar.certify(r["birth"])
        assert self.clerk.attach(r["birth"], scan()).status == 200
        r["correction"] = self.registered()
        self.registrar.certify(r["correction"])
        self.registrar.correct(r["correction"], **{"child.given_km": "ពិសីតា", "reason": "សរសេរខុស"})
        r["revocation"] = self.registered()
        self.first.take(r["revocation"], "requestRevocation", reason="ចុះពីរដង", basis="សេចក្តីសម្រេច ១២")
        r["replacement"] = self.registered()
        self.first.correct(r["replacement"], "replace", **{"mother.family_km": "លី", "mother.given_km": "វណ្ណា", "reason": "ស្មុំកូនពេញលក្ខណៈ", "basis": "សាលក្រម ៥"})
        r["marriage"] = self.marriage()
        self.registrar.take(r["marriage"], "register")
        r["marriageCertificate"] = self.registrar.certify(r["marriage"])
        r["objection"] = self.marriage()
        self.clerk.take(r["objection"], "raiseObjection", reason="កូនកំលោះមានប្រពន្ធរួចហើយ")
        gone = self.adult("male")
        r["death"] = self.registrar.declare("death", {
            "deceased.person": gone["kidc"], "deceased.given_km": gone["name_km"].split()[-1], "deceased.sex": "1", "event.date": day(-1),
            "event.place": OFFICE, "informant.relation": "spouse", "informant.given_km": "ភរិយា"})
        self.registrar.take(r["death"], "register")
        r["deathCertificate"] = self.registrar.certify(r["death"])
        self.alike()
        self.books()
        return self

    def alike(self):
        """The same birth declared twice."""
        same = birth(**{"event.place": OFFICE, "child.given_km": "សុជាតា", "child.given_latin": "Socheata", "father.unknown": "", "father.family_km": "សុខ",
                        "father.given_km": "រិទ្ធី"}) | {"father.unknown": ""}
        self.registered(**same)
        self.records["duplicate"] = self.birth(**(same | {"child.given_latin": "Sochata", "child.family_latin": "SOKH"}))
        page = self.adjudicator.get("/register/duplicates")
        self.records["case"] = next(a["href"] for a in page.find_all("a") if (a["href"] or "").startswith("/register/duplicates/"))

    def books(self):
        """A scanned page with an entry that was keyed once and one that was keyed twice, not alike."""
        form = self.clerk.get("/register/books").form("/register/books")
        kept = dict(pair for pair in form.filled(kind="birth", book="១២", page="៧") if pair[0] != "file")
        answer = self.clerk.browser.send("POST", "/register/books", data=kept, files={"file": ("page.jpg", scan("ivory"), "image/jpeg")},
                                         headers={"Origin": self.clerk.browser.base})
        self.records["page"] = page = urlsplit(answer.url).path
        assert page.startswith("/register/books/"), answer.text[:400]
        entry = {"event.date": "1981-04-13", "event.place": OFFICE, "child.family_km": "សុខ", "child.given_km": "មករា", "child.sex": "1", "mother.given_km": "សុភា"}
        for number, values in (("41", entry), ("42", entry | {"child.given_km": "វិបុល"})):
            self.clerk.browser.submit(self.clerk.get(page + "/key").form("/key"), **{"legacy.number": number}, **values)
        halves = [a["href"] for a in self.registrar.get(page).find_all("a") if "/key/" in (a["href"] or "")]
        assert len(halves) == 2, self.registrar.get(page).text[:500]
        self.records["half"], second = halves[0], halves[1]
        form = self.registrar.get(second).form("/key")
        self.registrar.browser.submit(form, **(entry | {"child.given_km": "វិបុល្យ", "event.date": "1981-04-14"}))
        decider = next((who for who in (Clerk(self.demo, "dalin"),) if any("/decide/" in (a["href"] or "") for a in who.get(page).find_all("a"))), None)
        assert decider, self.verifier.get(page).text[:500]
        self.decider = decider
        self.records["dispute"] = next(a["href"] for a in decider.get(page).find_all("a") if "/decide/" in (a["href"] or ""))
