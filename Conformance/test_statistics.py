"""Vital statistics as an outsider sees them: pages in Chromium, CSV read by Python's csv, SDMX-JSON held against the structure that the format
requires, numbers that agree with what was registered, and no way to work out a small one."""

import csv
import datetime
import io
import re
import time
from collections import defaultdict

import pytest
import requests

from support import screens
from support.program import Demo
from support.registrar import Registrar, birth, day

YEAR = int(day()[:4])
THRESHOLD = 5
CODE = re.compile(r"^[A-Za-z0-9_@$-]+$")
NAME = re.compile(r"^[A-Za-z][A-Za-z0-9_-]*$")


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    program = Demo(tmp_path_factory.mktemp("rumdul") / "demo", people=900)
    yield program
    if program.alive:
        program.stop()


@pytest.fixture(scope="module")
def index(demo):
    return requests.get(f"{demo.url}/stats/v1/tables", timeout=10).json()


def table(demo, name, area="KH", year=YEAR):
    answer = requests.get(f"{demo.url}/stats/v1/tables/{name}.csv", params={"area": area, "year": year}, timeout=10)
    assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/csv"), answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8"), newline=""), strict=True))


def message(demo, name, area="KH", year=YEAR, **more):
    answer = requests.get(f"{demo.url}/stats/v1/tables/{name}.json", params={"area": area, "year": year, **more}, timeout=10)
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/vnd.sdmx.data+json;version=2.0.0"
    return answer.json()


def dimensions_of(rows):
    """The columns of codes: those that have a column of Khmer names, but the area."""
    return [n[:-3] for n in rows[0] if n.endswith("_KM") and n != "REF_AREA_KM"]


def total(rows):
    """The sum of a table: every dimension at its total, in the chosen area (the last line)."""
    row = rows[-1]
    assert all(row[d] == "_T" for d in dimensions_of(rows))
    return int(row["OBS_VALUE"]) if row["OBS_STATUS"] == "A" else None


def test_every_table_is_proper_csv(demo, index):
    assert len(index["tables"]) >= 20 and index["areas"][0] == "KH" and len(index["areas"]) == 26
    for entry in index["tables"]:
        rows = table(demo, entry["id"])
        assert rows, entry
        for row in rows:
            assert None not in row and None not in row.values(), f"{entry['id']}: a line of another length"
            assert row["TABLE"] == entry["id"] and row["TIME_PERIOD"] == str(YEAR)
            assert (row["OBS_STATUS"], row["OBS_VALUE"]) == ("Q", "") or row["OBS_STATUS"] == "A" and row["OBS_VALUE"].isdigit()
            assert re.search(r"[\u1780-\u17D3]", row["REF_AREA_KM"]) and re.search("[A-Za-z]", row["REF_AREA_EN"])


def test_no_small_number_and_no_line_with_a_single_gap(demo, index):
    gaps = 0
    for entry in index["tables"]:
        for area in ("KH", "08", "12"):
            rows = table(demo, entry["id"], area)
            lines = defaultdict(list)
            for number, row in enumerate(rows):
                value = int(row["OBS_VALUE"]) if row["OBS_STATUS"] == "A" else None
                gaps += value is None
                assert value is None or value == 0 or value >= THRESHOLD, f"{entry['id']} {area}: {row}"
                keys = [row["REF_AREA"]] + [row[d] for d in dimensions_of(rows)]
                if rows[-1]["REF_AREA"] == area and len({r["REF_AREA"] for r in rows}) == 1:
                    keys = keys[1:]
                for position in range(len(keys)):
                    lines[(position, *keys[:position], *keys[position + 1:])].append((keys[position], value))
            for key, cells in lines.items():
                hidden = [c for c in cells if c[1] is None]
                if len(cells) > 1:
                    assert len(hidden) != 1, f"{entry['id']} {area} {key}: one gap alone can be computed"
                if not hidden and len(cells) > 1:
                    *parts, (_, whole) = cells
                    assert sum(v for _, v in parts) == whole, f"{entry['id']} {area} {key}"
    assert gaps > 0, "a small country has small numbers"


def test_the_sums_of_one_family_agree_across_its_tables(demo, index):
    for family in ("births", "deaths"):
        totals = {e["id"]: total(table(demo, e["id"])) for e in index["tables"] if e["family"] == family}
        assert len(set(totals.values())) == 1 and next(iter(totals.values())), totals


def check_component(component):
    assert NAME.match(component["id"]) and component["name"] == component["names"]["en"] and component["names"]["km"]


def test_sdmx_json_has_the_structure_of_the_format(demo, index):
    """SDMX-JSON 2.0.0, data message: what its schema requires of meta, structures and dataSets."""
    for entry in index["tables"]:
        found = message(demo, entry["id"])
        assert set(found) <= {"meta", "data", "errors"} and found["errors"] == []
        meta = found["meta"]
        assert CODE.match(meta["id"]) and CODE.match(meta["sender"]["id"]) and meta["test"] is False
        assert meta["schema"].endswith("/2.0.0/sdmx-json-data-schema.json") and meta["contentLanguages"] == ["en"]
        assert datetime.datetime.fromisoformat(meta["prepared"]).tzinfo is not None
        [structure], [data] = found["data"]["structures"], found["data"]["dataSets"]
        assert structure["dataSets"] == [0] and data["structure"] == 0 and data["action"] == "Information"
        assert all({"rel", "href"} <= set(link) for link in data["links"]), "links are required"
        assert set(structure["dimensions"]) == {"dataSet", "series", "observation"} and not structure["dimensions"]["series"]
        positions = []
        for dimension in structure["dimensions"]["dataSet"] + structure["dimensions"]["observation"]:
            check_component(dimension)
            positions.append(dimension["keyPosition"])
            codes = [value["id"] for value in dimension["values"]]
            assert codes and len(set(codes)) == len(codes) and all(CODE.match(code) for code in codes)
            assert all(value["name"] == value["names"]["en"] and value["names"]["km"] for value in dimension["values"])
        assert sorted(positions) == list(range(len(positions)))
        [measure], [status] = structure["measures"]["observation"], structure["attributes"]["observation"]
        assert measure["id"] == "OBS_VALUE" and status["id"] == "OBS_STATUS" and status["relationship"] == {"observation": {}}
        assert [v["id"] for v in status["values"]] == ["A", "Q"]
        sizes = [len(d["values"]) for d in structure["dimensions"]["observation"]]
        for key, (value, state) in data["observations"].items():
            parts = [int(p) for p in key.split(":")]
            assert len(parts) == len(sizes) and all(0 <= p < s for p, s in zip(parts, sizes))
            assert (value is None) == (state == 1) and state in (0, 1)


def test_sdmx_and_csv_say_the_same(demo, index):
    for entry in index["tables"]:
        for area in ("KH", "08"):
            found = message(demo, entry["id"], area)
            axes = found["data"]["structures"][0]["dimensions"]["observation"]
            cells = {}
            for key, (value, _) in found["data"]["dataSets"][0]["observations"].items():
                cells[tuple(a["values"][int(p)]["id"] for a, p in zip(axes, key.split(":")))] = value
            rows = table(demo, entry["id"], area)
            columns = [a["id"] for a in axes]
            same = {tuple(row[c] for c in columns): int(row["OBS_VALUE"]) if row["OBS_VALUE"] else None for row in rows}
            assert cells == same, entry["id"]
    km = message(demo, "births-by-month", lang="km")
    assert km["meta"]["contentLanguages"] == ["km"] and re.search(r"[\u1780-\u17D3]", km["data"]["structures"][0]["name"])


def test_what_registrars_register_is_counted_and_taken_out_again(demo, chrome):
    before = total(table(demo, "births-by-month"))
    timely = {r["REGISTRATION_DELAY"]: r["OBS_VALUE"] for r in table(demo, "births-by-timeliness")}
    clerk, verifier, registrar = (Registrar(demo, u) for u in ("sreymom", "maly", "piseth"))
    first, second = Registrar(demo, "sothy"), Registrar(demo, "kunthea")
    try:
        records = []
        for number in range(2):
            record = clerk.declare("birth", birth(**{"child.given_km": "ស្ថិតិ", "event.date": day(-number)}))
            assert record, clerk.chrome.text
            verifier.take(record, "verify")
            assert eventually(demo, before + number), "only what is registered counts"
            registrar.take(record, "register")
            records.append(record)
            assert eventually(demo, before + number + 1)
        after = {r["REGISTRATION_DELAY"]: r["OBS_VALUE"] for r in table(demo, "births-by-timeliness")}
        if timely["D0T15"] and after["D0T15"]:
            assert int(after["D0T15"]) == int(timely["D0T15"]) + 2
        first.take(records[0], "requestRevocation", reason="ចុះពីរដង", basis="សេចក្តីសម្រេច ១")
        second.take(records[0], "approveRevocation")
        assert eventually(demo, before + 1)
    finally:
        for officer in (clerk, verifier, registrar, first, second):
            officer.close()


def eventually(demo, wanted):
    """The numbers are kept for two seconds."""
    for _ in range(20):
        if total(table(demo, "births-by-month")) == wanted:
            return True
        time.sleep(0.3)
    return False


def test_indicators_follow_from_the_tables(demo):
    found = requests.get(f"{demo.url}/stats/v1/indicators", params={"area": "KH", "year": YEAR}, timeout=10).json()
    values = {i["id"]: i["value"] for i in found["indicators"]}
    births, deaths = total(table(demo, "births-by-month")), total(table(demo, "deaths-by-month"))
    assert values["births"] == births and values["deaths"] == deaths
    # World Population Prospects 2024, Cambodia 2026: births, deaths, crude birth rate per thousand.
    if YEAR == 2026:
        part = found["part_of_year"]
        assert values["crude-birth-rate"] == pytest.approx(births / (352442 / 19.525 * 1000 * part) * 1000)
        assert values["birth-completeness"] == pytest.approx(births / (352442 * part) * 100)
        assert values["death-completeness"] == pytest.approx(deaths / (118566 * part) * 100)
    sexes = {r["SEX"]: r["OBS_VALUE"] for r in table(demo, "births-by-area-sex") if r["REF_AREA"] == "KH"}
    if sexes["M"] and sexes["F"]:
        assert values["sex-ratio-at-birth"] == pytest.approx(int(sexes["M"]) / int(sexes["F"]) * 100)
    for indicator in found["indicators"]:
        assert (indicator["value"] is None) == (indicator["status"] in "QM")


def test_everybody_may_read_and_keep_it(demo):
    address = f"{demo.url}/stats/v1/tables/births-by-month.csv"
    answer = requests.get(address, timeout=10)
    assert answer.headers["Access-Control-Allow-Origin"] == "*" and "max-age" in answer.headers["Cache-Control"]
    assert "Set-Cookie" not in answer.headers
    again = requests.get(address, headers={"If-None-Match": answer.headers["ETag"]}, timeout=10)
    assert again.status_code == 304 or again.headers["ETag"] != answer.headers["ETag"]
    assert '/statistics"' in requests.get(demo.url, timeout=10).text, "the front page leads there"


@pytest.mark.parametrize("path", [
    "/statistics?area=99", "/statistics?year=abc", "/statistics/gap?area=%27", "/stats/v1/tables/births-by-month.csv?year=99999",
    "/stats/v1/indicators?area=081104", "/statistics/deaths-by-cause?area=KH&area=08",
])
def test_bad_choices_are_refused_in_words(demo, path):
    for accept in ("text/html", "application/json"):
        answer = requests.get(demo.url + path, headers={"Accept": accept}, timeout=10)
        assert answer.status_code == 400, answer.text[:300]


def test_a_page_without_scripts_has_everything(demo):
    page = requests.get(f"{demo.url}/statistics/births-by-area-sex?lang=km", timeout=10).text
    assert "<svg" in page and "<title id=" in page and "<desc id=" in page and "<table" in page
    assert page.count("<script") == 1 and "onclick" not in page and "style=" not in page
    assert re.search(r'<select id="f-area" name="area"', page) and 'type="submit"' in page


@pytest.mark.parametrize("language", ["km", "en"])
def test_the_pages_look_right(demo, chrome, language):
    browser = chrome(language=language)
    faults = []
    for width in (360, 1280):
        for path in ("", "/births-by-area-sex", "/births-by-site-attendant", "/deaths-by-age-sex", "/deaths-by-cause", "/gap"):
            browser.get(f"{demo.url}/statistics{path}?lang={language}&area=KH&year={YEAR}")
            faults += [f"{path or '/'} at {width} ({language}): {f}" for f in screens.faults(browser, width)]
    assert not faults, "\n".join(faults)


def test_choosing_a_province_and_a_year(demo, chrome):
    browser = chrome(language="km")
    browser.get(f"{demo.url}/statistics")
    browser.driver.execute_script("document.querySelector('[name=area]').value = '08'")
    browser.click("form.choose button")
    browser.until(lambda: "area=08" in browser.url)
    assert "កណ្ដាល" in browser.one("[name=area] option:checked").text or "កណ្តាល" in browser.one("[name=area] option:checked").text
    browser.click('a[href^="/statistics/births-by-area-sex"]')
    browser.until(lambda: "births-by-area-sex" in browser.url)
    assert "area=08" in browser.url and browser.all("svg.chart") and browser.all("table.figures tbody tr")
