"""Names the tests of a log that began and never ended: where a crash is to be sought.

usage: unfinished.py LOG
"""

import re
import sys

running = set()
for line in open(sys.argv[1], encoding="utf-8", errors="replace"):
    if found := re.match(r"◇ Test (?!case)(.+?) started\.", line):
        running.add(found[1])
    elif found := re.match(r"[✔✘] Test (?!case)(.+?) (?:with \d+ test cases? )?(?:passed|failed) after", line):
        running.discard(found[1])
print("\n".join(sorted(running - {"run"})[:40]))
