"""Adds up test reports in JUnit form and prints "N passed, N failed" as the last line. Exits 1 when anything failed or nothing ran."""

import os
import sys
import xml.etree.ElementTree as ET

status, files = int(sys.argv[1]), sys.argv[2:]
passed = failed = skipped = 0
for name in files:
    if os.path.getsize(name) == 0:
        continue
    try:
        root = ET.parse(name).getroot()
    except (OSError, ET.ParseError) as error:
        print(f"{name}: {error}")
        failed += 1
        continue
    for case in root.iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
            print(f"FAILED {case.get('classname')} {case.get('name')}")
        elif case.find("skipped") is not None:
            skipped += 1
            print(f"skipped {case.get('classname')} {case.get('name')}")
        else:
            passed += 1
if status != 0 and failed == 0:
    print("a suite ended with an error that no test reports")
    failed = 1
print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
sys.exit(1 if failed or passed == 0 else 0)
