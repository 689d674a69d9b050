"""Where a device key lives, proven by its maker: docs/device-protocol.md, section 1, and what follows for the level."""

import base64
import itertools
import json

import pytest
import requests

from support.attestation import (
    APP, DEVELOPMENT, FINGER, PACKAGE, SELF_SIGNED, SIGNER, SOFTWARE, STRONGBOX, Maker, android, android_challenge, app_attest,
)
from support.authenticator import Authenticator, b64, sha256, unb64
from support.login import Citizen, Client
from support.officer import Officer
from support.program import Demo, run

AAL1, AAL2, AAL3 = (f"urn:kh:camdigikey:aal:{level}" for level in (1, 2, 3))
REVOKED = 0x0BEEF1


class Country:
    """A running demonstration with its officer and people."""

    def __init__(self, folder, **settings):
        self.program = Demo(folder, people=100, **settings)
        self.base = self.program.url
        self.officer = Officer(self.base, self.program.officer())
        self.people = itertools.cycle(self.program.record["persons"][1:])
        self.client = Client(self.base, self.program.client("test-client"))

    def citizen(self, attest=None):
        person = next(self.people)
        return Citizen(self.base, person, self.officer.enrol(person["kidc"], attest=attest))

    def case(self):
        """A person with an open enrolment, its page and its code."""
        person = next(self.people)
        with self.officer.busy:
            return person, *self.officer.show_code(self.officer.open_case(person["kidc"]))

    def claims(self, citizen, **options):
        payload = citizen.tokens(self.client, **options)["id_token"].split(".")[1]
        return json.loads(unb64(payload))


@pytest.fixture(scope="module")
def makers():
    return {"android": Maker("android"), "apple": Maker("apple"), "other": Maker("other")}


@pytest.fixture(scope="module")
def country(makers, tmp_path_factory):
    """A node with the makers' roots, whose operator caps software devices."""
    folder = tmp_path_factory.mktemp("attested")
    for maker in ("android", "apple"):
        (folder / f"{maker}.pem").write_bytes(makers[maker].pem)
    status = {"entries": {f"{REVOKED:x}": {"status": "REVOKED", "reason": "KEY_COMPROMISE"}}}
    (folder / "status.json").write_text(json.dumps(status))
    made = Country(
        folder / "demo", RUMDUL_SOFTWARE_DEVICES="capped", RUMDUL_ANDROID_ROOTS=folder / "android.pem",
        RUMDUL_ANDROID_PACKAGES=PACKAGE, RUMDUL_ANDROID_SIGNERS=SIGNER.hex(), RUMDUL_ANDROID_PATCH_LEVEL=202601,
        RUMDUL_ANDROID_STATUS_LIST=folder / "status.json", RUMDUL_APPLE_ROOTS=folder / "apple.pem",
        RUMDUL_APPLE_APPS=f"ABCDE12345.kh.gov.other,{APP}",
    )
    yield made
    assert made.program.alive
    made.program.stop()


@pytest.fixture(scope="module")
def trusting(tmp_path_factory):
    """The demonstration as it is: its operator takes software at its word."""
    made = Country(tmp_path_factory.mktemp("trusting") / "demo")
    yield made
    assert made.program.alive
    made.program.stop()


def portal(citizen):
    return citizen.portal()[1].page.text


# What is proven, and what it reaches


def test_a_key_in_hardware_behind_a_finger_reaches_the_third_level(country, makers):
    citizen = country.citizen(lambda device, code: android(makers["android"], device, code, unlock=FINGER))
    known = citizen.device.self_()
    assert (known["key_protection"], known["unlock"]) == ("tee", "biometric")
    claims = country.claims(citizen)
    assert claims["acr"] == AAL3 and {"pin", "pop", "hwk", "mfa"} <= set(claims["amr"]) and "swk" not in claims["amr"]
    assert "TEE" in portal(citizen)
    assert "TEE" in country.officer.person(citizen.kidc).page.text


def test_an_essential_third_level_is_met(country, makers):
    citizen = country.citizen(lambda device, code: android(makers["android"], device, code, unlock=FINGER, timeout=60))
    wish = json.dumps({"id_token": {"acr": {"essential": True, "values": [AAL3]}}})
    assert country.claims(citizen, claims=wish)["acr"] == AAL3


@pytest.mark.parametrize(
    "description", [{}, {"unlock": 3}, {"unlock": 1}, {"unlock": FINGER, "timeout": 3600}],
    ids=["nothing", "finger or pattern", "pattern", "an hour ago"],
)
def test_hardware_without_a_finger_stays_at_the_first_level(country, makers, description):
    citizen = country.citizen(lambda device, code: android(makers["android"], device, code, level=STRONGBOX, **description))
    known = citizen.device.self_()
    assert (known["key_protection"], known["unlock"]) == ("strongbox", "none")
    claims = country.claims(citizen)
    assert claims["acr"] == AAL1 and "hwk" in claims["amr"]


def test_an_iphone_vouches_through_its_app(country, makers):
    citizen = country.citizen(lambda device, code: app_attest(makers["apple"], device, code))
    known = citizen.device.self_()
    assert (known["key_protection"], known["unlock"]) == ("secure_enclave", "biometric")
    assert country.claims(citizen)["acr"] == AAL3
    assert "Secure Enclave" in portal(citizen)


@pytest.mark.parametrize("said", [None, {"format": "software"}, {"format": "software", "unlock": "biometric"}])
def test_software_says_so_and_its_word_reaches_nothing(country, said):
    citizen = country.citizen(lambda device, code: said)
    assert citizen.device.self_()["key_protection"] == "software"
    claims = country.claims(citizen)
    assert claims["acr"] == AAL1 and "swk" in claims["amr"] and "hwk" not in claims["amr"]
    assert "AAL2" in portal(citizen)
    assert "AAL2" in country.officer.person(citizen.kidc).page.text


def test_software_misses_an_essential_level(country):
    citizen = country.citizen(lambda device, code: {"format": "software", "unlock": "biometric"})
    wish = json.dumps({"id_token": {"acr": {"essential": True, "values": [AAL2]}}})
    assert citizen.log_in(country.client, claims=wish)["error"] == "unmet_authentication_requirements"


def test_a_trusting_operator_takes_software_at_its_word(trusting):
    citizen = trusting.citizen(lambda device, code: {"format": "software", "unlock": "biometric"})
    claims = trusting.claims(citizen)
    assert claims["acr"] == AAL3 and "swk" in claims["amr"] and "hwk" not in claims["amr"]
    assert "trusts software keys" in portal(citizen)
    assert "trusts software keys" in trusting.officer.person(citizen.kidc).page.text
    # What never claimed more reaches what it always did.
    assert trusting.claims(trusting.citizen())["acr"] == AAL1


def test_a_trusting_operator_does_not_hide_it(trusting, country):
    """The start's output, and the page where the phone is."""
    warning, sentence = "software_devices is trusted", "trusts it as if it were secure hardware"
    assert warning in trusting.program.log.read_text() and warning not in country.program.log.read_text()
    pages = [requests.get(c.program.record["start_url"] + "?lang=en", timeout=30).text for c in (trusting, country)]
    assert sentence in pages[0] and sentence not in pages[1]


def test_the_program_says_that_it_is_software(trusting, tmp_path):
    person, case, code = trusting.case()
    pin = tmp_path / "pin"
    pin.write_text("274951\n")
    pin.chmod(0o600)
    done = run(
        "device", "enrol", "--server", trusting.base, "--code", code, "--pin-file", pin, "--store", tmp_path / "store",
        "--unlock", "biometric", "--json",
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["key_protection"] == "software"
    wrong = run("device", "enrol", "--server", trusting.base, "--code", code, "--pin-file", pin, "--unlock", "magic")
    assert wrong.returncode == 64


# What is refused: the exact error, and the code is as good as before


def reversed_(chain):
    return chain[::-1]


def device_of(value):
    return lambda makers, device, code: value


ANDROID = {
    "unknown root": (lambda m, d, c: android(m["other"], d, c), "attestation.untrusted", 403),
    "apple's root": (lambda m, d, c: android(m["apple"], d, c), "attestation.untrusted", 403),
    "no intermediate": (lambda m, d, c: android(m["android"], d, c, order=lambda chain: [chain[0], chain[2]]), "attestation.untrusted", 403),
    "reversed": (lambda m, d, c: android(m["android"], d, c, order=reversed_), "attestation.key", 400),
    "expired": (lambda m, d, c: android(m["android"], d, c, days=-1), "attestation.untrusted", 403),
    "revoked": (lambda m, d, c: android(m["android"], d, c, serial=REVOKED), "attestation.revoked", 403),
    "other challenge": (lambda m, d, c: android(m["android"], d, c, challenge=b"x" * 32), "attestation.challenge", 400),
    "other code": (lambda m, d, c: android(m["android"], d, c, challenge=android_challenge(d, "AAAA-AAAA-AA")), "attestation.challenge", 400),
    "other PIN": (
        lambda m, d, c: android(m["android"], d, c, challenge=android_challenge(d, c, pin=b64(sha256(b"x")))), "attestation.challenge", 400,
    ),
    "other key": (
        lambda m, d, c: android(m["android"], d, c, key=Authenticator(d.issuer).key.private_key.public_key()), "attestation.key", 400,
    ),
    "other package": (lambda m, d, c: android(m["android"], d, c, package="com.example.evil"), "attestation.application", 403),
    "other signer": (lambda m, d, c: android(m["android"], d, c, signer=sha256(b"evil")), "attestation.application", 403),
    "software": (lambda m, d, c: android(m["android"], d, c, level=SOFTWARE), "attestation.protection", 403),
    "key in software": (lambda m, d, c: android(m["android"], d, c, key_level=SOFTWARE), "attestation.protection", 403),
    "imported": (lambda m, d, c: android(m["android"], d, c, origin=2), "attestation.protection", 403),
    "decrypts": (lambda m, d, c: android(m["android"], d, c, purposes=(1, 2)), "attestation.protection", 403),
    "every app": (lambda m, d, c: android(m["android"], d, c, all_applications=True), "attestation.protection", 403),
    "unlocked": (lambda m, d, c: android(m["android"], d, c, locked=False), "attestation.boot_state", 403),
    "own system": (lambda m, d, c: android(m["android"], d, c, boot=SELF_SIGNED), "attestation.boot_state", 403),
}
APPLE = {
    "unknown root": (lambda m, d, c: app_attest(m["other"], d, c), "attestation.untrusted", 403),
    "android's root": (lambda m, d, c: app_attest(m["android"], d, c), "attestation.untrusted", 403),
    "other app": (lambda m, d, c: app_attest(m["apple"], d, c, app="ABCDE12345.evil"), "attestation.application", 403),
    "development": (lambda m, d, c: app_attest(m["apple"], d, c, aaguid=DEVELOPMENT), "attestation.application", 403),
    "counter": (lambda m, d, c: app_attest(m["apple"], d, c, counter=1), "attestation.malformed", 400),
    "other code": (lambda m, d, c: app_attest(m["apple"], d, "AAAA-AAAA-AA"), "attestation.challenge", 400),
    "other device key": (
        lambda m, d, c: app_attest(m["apple"], d, c, device_thumbprint=b64(sha256(b"x"))), "attestation.challenge", 400,
    ),
    "more than the app said": (lambda m, d, c: app_attest(m["apple"], d, c, unlock="none", said="biometric"), "attestation.challenge", 400),
    "other key id": (lambda m, d, c: app_attest(m["apple"], d, c, key_id=sha256(b"x")), "attestation.key", 400),
    "other credential": (lambda m, d, c: app_attest(m["apple"], d, c, credential=sha256(b"x")), "attestation.key", 400),
}
MALFORMED = {
    "text": ("software", "attestation.malformed", 400),
    "no format": ({}, "attestation.malformed", 400),
    "unknown format": ({"format": "android-safetynet"}, "attestation.unsupported", 400),
    "unknown unlock": ({"format": "software", "unlock": "magic"}, "attestation.malformed", 400),
    "no chain": ({"format": "android-key-attestation"}, "attestation.malformed", 400),
    "empty chain": ({"format": "android-key-attestation", "x5c": []}, "attestation.malformed", 400),
    "no base64": ({"format": "android-key-attestation", "x5c": ["*"]}, "attestation.malformed", 400),
    "no certificate": ({"format": "android-key-attestation", "x5c": ["MAA="]}, "attestation.malformed", 400),
    "many certificates": ({"format": "android-key-attestation", "x5c": ["MAA="] * 9}, "attestation.too_large", 413),
    "large certificate": (
        {"format": "android-key-attestation", "x5c": [base64.b64encode(bytes(30_000)).decode()]}, "attestation.too_large", 413,
    ),
    "large statement": ({"format": "apple-app-attest", "key_id": "YQ", "statement": "A" * 33_000}, "attestation.too_large", 413),
    "no CBOR": ({"format": "apple-app-attest", "key_id": "YQ", "statement": "____"}, "attestation.malformed", 400),
    "empty map": ({"format": "apple-app-attest", "key_id": "YQ", "statement": "oA"}, "attestation.malformed", 400),
    "no statement": ({"format": "apple-app-attest", "key_id": "YQ"}, "attestation.malformed", 400),
    "long key id": ({"format": "apple-app-attest", "key_id": "A" * 100, "statement": "oA"}, "attestation.malformed", 400),
}
REFUSED = (
    {f"android: {k}": v for k, v in ANDROID.items()} | {f"apple: {k}": v for k, v in APPLE.items()}
    | {f"malformed: {k}": (device_of(v), code, status) for k, (v, code, status) in MALFORMED.items()}
)


@pytest.fixture(scope="module")
def open_case(country):
    """One case serves all refusals: each must leave its code as good as before."""
    return country.case()


@pytest.mark.parametrize("make,expected,status", REFUSED.values(), ids=REFUSED.keys())
def test_refused(country, makers, open_case, make, expected, status):
    device = Authenticator(country.base)
    answer = device.activate(open_case[2], make(makers, device, open_case[2]))
    assert (answer.status_code, answer.json()["code"]) == (status, expected), answer.text
    assert answer.json()["message"]["km"] and answer.json()["message"]["en"]
    assert device.device_id is None


def test_after_all_refusals_the_code_still_works(country, makers, open_case):
    person, case, code = open_case
    assert "Judge's phone" not in country.officer.browser.get(country.officer.person(person["kidc"]).url).page.text
    device = Authenticator(country.base)
    good = android(makers["android"], device, code, level=STRONGBOX)
    answer = device.activate(code, good)
    assert answer.status_code == 201 and answer.json()["key_protection"] == "strongbox", answer.text
    # The answer may be lost: the same request again says the same, and the code serves nobody else.
    again = device.activate(code, good)
    assert again.status_code == 201 and again.json() == answer.json()
    thief = Authenticator(country.base)
    refused = thief.activate(code, android(makers["android"], thief, code))
    assert (refused.status_code, refused.json()["code"]) == (403, "activation.invalid")


def test_a_key_of_an_app_vouches_once(country, makers):
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    country.citizen(lambda device, code: app_attest(makers["apple"], device, code, key=key))
    _, _, code = country.case()
    device = Authenticator(country.base)
    answer = device.activate(code, app_attest(makers["apple"], device, code, key=key))
    assert (answer.status_code, answer.json()["code"]) == (400, "attestation.key")
    assert device.activate(code, app_attest(makers["apple"], device, code)).status_code == 201


def test_a_node_without_roots_accepts_no_statement(trusting, makers):
    _, _, code = trusting.case()
    device = Authenticator(trusting.base)
    for statement in (android(makers["android"], device, code), app_attest(makers["apple"], device, code)):
        answer = device.activate(code, statement)
        assert (answer.status_code, answer.json()["code"]) == (400, "attestation.unsupported")


def test_a_node_that_needs_hardware_refuses_software(makers, tmp_path):
    (tmp_path / "android.pem").write_bytes(makers["android"].pem)
    country = Country(
        tmp_path / "demo", RUMDUL_KEY_ATTESTATION="needed", RUMDUL_ANDROID_ROOTS=tmp_path / "android.pem",
        RUMDUL_ANDROID_PACKAGES=PACKAGE, RUMDUL_ANDROID_SIGNERS=SIGNER.hex(),
    )
    try:
        _, _, code = country.case()
        device = Authenticator(country.base)
        answer = device.activate(code)
        assert (answer.status_code, answer.json()["code"]) == (403, "attestation.needed")
        assert device.activate(code, android(makers["android"], device, code)).status_code == 201
    finally:
        country.program.stop()


@pytest.mark.parametrize(
    "settings", [
        {"RUMDUL_ANDROID_ROOTS": "{pem}"}, {"RUMDUL_ANDROID_ROOTS": "/nowhere", "RUMDUL_ANDROID_PACKAGES": "a", "RUMDUL_ANDROID_SIGNERS": "00" * 32},
        {"RUMDUL_ANDROID_SIGNERS": "00"}, {"RUMDUL_SOFTWARE_DEVICES": "yes"}, {"RUMDUL_APPLE_ROOTS": "{pem}"},
        {"RUMDUL_ANDROID_LEVEL": "software"}, {"RUMDUL_KEY_ATTESTATION": "sometimes"},
        {"RUMDUL_ANDROID_ROOTS": "{pem}", "RUMDUL_ANDROID_PACKAGES": "a", "RUMDUL_ANDROID_SIGNERS": "00" * 32, "RUMDUL_ANDROID_STATUS_LIST": "{pem}"},
    ], ids=range(8),
)
def test_settings_that_cannot_work_stop_the_start(makers, tmp_path, settings):
    (tmp_path / "maker.pem").write_bytes(makers["android"].pem)
    values = {name: value.format(pem=tmp_path / "maker.pem") for name, value in settings.items()}
    done = run("serve", "--data", tmp_path / "data", "--port", 0, timeout=60, **values)
    assert done.returncode == 2 and "configuration.invalid" in done.stderr + done.stdout, done.stderr
