#!/usr/bin/env python3
"""Turns the results of Conformance/oidc (RUMDUL_ROWS=file.json) into a Markdown table, row by row.

usage: rows.py FILE.json [--failed]
"""

import json
import sys

MARKS = {"passed": "passes", "failed": "**fails**", "skipped": "not offered", "not run": "not run"}
TITLES = {
    "1.2": "OpenID Connect Core", "1.3": "Logout", "1.4": "Discovery", "1.5": "Dynamic registration",
    "1.6": "FAPI 2.0 Security Profile and Message Signing", "1.8": "Numeric thresholds", "1.9": "FAPI-CIBA",
    "1.10": "Identity Assurance", "4.1": "RFC 9700", "4.2": "Attacks", "4.3": "Published faults of others",
}


def cell(text, longest=140):
    text = text.replace("|", "/").replace("\n", " ")
    return text if len(text) <= longest else text[: longest - 1] + "…"


def main():
    arguments = [a for a in sys.argv[1:] if not a.startswith("--")]
    if len(arguments) != 1:
        sys.exit(__doc__)
    with open(arguments[0], encoding="utf-8") as file:
        rows = json.load(file)["rows"]
    only_failed = "--failed" in sys.argv
    section = None
    for row in rows:
        if only_failed and row["outcome"] != "failed":
            continue
        if row["section"] != section:
            section = row["section"]
            print(f"\n### {TITLES.get(section, section)}\n\n| row | check | result | runs |\n|---|---|---|---|")
        good = sum(run["outcome"] == "passed" for run in row["runs"])
        counted = [run for run in row["runs"] if run["outcome"] != "skipped"]
        runs = f"{good} of {len(counted)}" if counted else "–"
        reason = next((run["reason"] for run in row["runs"] if run["outcome"] != "passed" and run["reason"]), "")
        note = f": {cell(reason, 100)}" if reason and row["outcome"] in ("failed", "skipped") else ""
        print(f"| {row['id']} | {cell(row['name'] if row['section'] < '4' else row['what'])} | {MARKS[row['outcome']]}{note} | {runs} |")
    total = len(rows)
    passed = sum(row["outcome"] == "passed" for row in rows)
    print(f"\n{passed} of {total} rows pass.")


if __name__ == "__main__":
    main()
