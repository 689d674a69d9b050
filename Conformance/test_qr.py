"""The activation QR, seen by a camera that no one here wrote (zxing-cpp)."""

import io

import pytest
import zxingcpp
from PIL import Image

from support.authenticator import Authenticator
from support.chrome import Chrome
from support.officer import CODE


@pytest.mark.parametrize("width", [1100, 360])
def test_the_qr_holds_the_activation_address(base, officer, people, width):
    with officer.busy:
        case, code = officer.show_code(officer.open_case(next(people)["kidc"]))
    chrome = Chrome(language="en", width=width)
    try:
        chrome.get(base + "/enrol/login")
        for cookie in officer.browser.session.cookies:
            chrome.driver.add_cookie({"name": cookie.name, "value": cookie.value, "path": "/"})
        chrome.get(case.url)
        picture = chrome.wait("svg.qr").screenshot_as_png
        page_text = chrome.text
    finally:
        chrome.quit()
    read = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))
    assert len(read) == 1 and read[0].format == zxingcpp.BarcodeFormat.QRCode
    text = read[0].text
    address, fragment = text.split("#")
    assert address == f"{base}/device/v1/activations" and fragment == f"code={code}"
    assert CODE.search(page_text).group(0) == code, "the same code in letters, for those who type"
    device = Authenticator(base)
    assert device.activate(fragment.removeprefix("code=")).status_code == 201


def test_each_code_has_its_own_picture(officer, people):
    with officer.busy:
        first, one = officer.show_code(officer.open_case(next(people)["kidc"]))
        second, two = officer.show_code(first)
    assert one != two
    pictures = [page.page.find("svg", class_="qr").find_all("path") for page in (first, second)]
    assert [p["d"] for p in pictures[0]] != [p["d"] for p in pictures[1]]
