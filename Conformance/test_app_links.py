"""Native apps that open our addresses: the two documents that Android and Apple ask for, and what a browser gets instead."""

import requests

from support.program import Program, run

DIGEST = ":".join(f"{n:02X}" for n in range(32))


def serve(tmp_path, **settings):
    return Program("serve", "--data", tmp_path / "data", "--port", 0, log=tmp_path / "log", **settings)


def get(program, path):
    return requests.get(program.url + path, timeout=10, allow_redirects=False)


def test_the_documents(tmp_path):
    program = serve(
        tmp_path, RUMDUL_APP_ANDROID_PACKAGE="kh.gov.camdigikey", RUMDUL_APP_ANDROID_CERTIFICATES=DIGEST,
        RUMDUL_APP_APPLE_IDS="ABCDE12345.kh.gov.camdigikey,ABCDE12345.kh.gov.camdigikey.beta")
    try:
        answer = get(program, "/.well-known/assetlinks.json")
        assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/json"
        (statement,) = answer.json()
        assert statement["target"] == {
            "namespace": "android_app", "package_name": "kh.gov.camdigikey", "sha256_cert_fingerprints": [DIGEST]}
        assert statement["relation"] == [
            "delegate_permission/common.handle_all_urls", "delegate_permission/common.get_login_creds"]
        # Apple: no file ending, application/json, no redirect.
        answer = get(program, "/.well-known/apple-app-site-association")
        assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/json"
        document = answer.json()
        (details,) = document["applinks"]["details"]
        apps = ["ABCDE12345.kh.gov.camdigikey", "ABCDE12345.kh.gov.camdigikey.beta"]
        assert details["appIDs"] == apps == document["webcredentials"]["apps"]
        assert [c["/"] for c in details["components"]] == ["/app/open", "/device/v1/claims", "/device/v1/activations"]
        # Without the app the browser opens the same request.
        id = "01890000-0000-7000-8000-00000000000a"
        assert get(program, f"/app/open?request={id}").headers["Location"] == f"/app/requests/{id}"
        assert get(program, "/app/open?request=//evil.example/" + "a" * 21).headers["Location"] == "/app/requests"
    finally:
        program.stop()


def test_without_apps_there_are_no_documents(tmp_path):
    program = serve(tmp_path)
    try:
        for name in ("assetlinks.json", "apple-app-site-association"):
            assert get(program, "/.well-known/" + name).status_code == 404
    finally:
        program.stop()


def test_what_phones_would_not_take_stops_the_start(tmp_path):
    for name, value in {"PACKAGE": "camdigikey", "CERTIFICATES": "00:11"}.items():
        done = run("serve", "--data", tmp_path / "data", "--port", 0, **{f"RUMDUL_APP_ANDROID_{name}": value})
        assert done.returncode != 0 and f"app_android_{name.lower()}" in done.stdout + done.stderr
