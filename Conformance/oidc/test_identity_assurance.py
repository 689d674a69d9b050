"""OpenID Connect for Identity Assurance: rows IA-01 to IA-12 (`ekyc-test-plan-oidccore`)."""

import pytest

from support.registrations import LEGACY
from support.relying_party import decoded

FRAMEWORK = "kh_ipis"


@pytest.fixture
def rp(registrar, once, metadata):
    assert metadata.get("verified_claims_supported") is True, "not offered: then nothing would be left out for a good reason"
    return once("ekyc", lambda: registrar.add("ekyc", **LEGACY))


def wanted(claims=None, verification=None, **more):
    return {"verification": verification or {"trust_framework": None}, "claims": claims or {"name": None, "birthdate": None}} | more


def get(person, rp, userinfo=None, id_token=None):
    """(verified_claims of userinfo, of the ID token)"""
    claims = {}
    if userinfo is not None:
        claims["userinfo"] = {"verified_claims": userinfo}
    if id_token is not None:
        claims["id_token"] = {"verified_claims": id_token}
    body = rp.tokens(person.log_in(rp, scope="openid", claims=claims))
    return rp.claims(body["access_token"]).get("verified_claims"), decoded(body["id_token"]).get("verified_claims")


def valid(verified, *names):
    """OpenID Connect for Identity Assurance section 5: verification with its framework, claims not empty."""
    one = verified[0] if isinstance(verified, list) else verified
    assert set(one) == {"verification", "claims"}, set(one)
    assert one["verification"]["trust_framework"] == FRAMEWORK
    assert one["claims"] and set(one["claims"]) == set(names), one["claims"]
    assert all(value not in (None, "") for value in one["claims"].values())
    return one


def test_IA_01_happypath(rp, person):
    info, token = get(person, rp, wanted(), wanted())
    for verified in (info, token):
        one = valid(verified, "name", "birthdate")
        assert one["claims"]["birthdate"] == person.citizen.person["birthdate"]


def test_IA_02_emptyobject(rp, person):
    info, token = get(person, rp, {}, {})
    assert not info and not token


def test_IA_03_essentialfalse(rp, person):
    info, _ = get(person, rp, wanted({"name": {"essential": False}, "birthdate": {"essential": False}}))
    valid(info, "name", "birthdate")


def test_IA_04_request_only_in_idtoken(rp, person):
    info, token = get(person, rp, id_token=wanted())
    valid(token, "name", "birthdate")
    assert info is None, "leaked into userinfo"


def test_IA_05_request_only_in_userinfo(rp, person):
    info, token = get(person, rp, userinfo=wanted())
    valid(info, "name", "birthdate")
    assert token is None, "leaked into the ID token"


def test_IA_06_one_claim_with_random_value_omitted(rp, person):
    """A value that nobody meets: the claim, or the whole, is left out; never an error, never another value."""
    info, _ = get(person, rp, wanted({"name": None, "birthdate": {"value": "1800-01-01"}}))
    if info:
        valid(info, "name")
    info, _ = get(person, rp, wanted(verification={"trust_framework": {"value": "of_judges"}}))
    assert info is None, "another trust framework than the one asked for"


def test_IA_07_unknown_claim_omitted(rp, person):
    valid(get(person, rp, wanted({"name": None, "claim_of_judges": None}))[0], "name")


def test_IA_08_unknown_claim_specialchars_omitted(rp, person):
    odd = {name: None for name in ("name", "ក្លែងក្លាយ", "a b", "../x", "<script>", "#", "x" * 60)}
    valid(get(person, rp, wanted(odd))[0], "name")


def test_IA_09_unknown_essential_claim_omitted(rp, person):
    valid(get(person, rp, wanted({"name": None, "claim_of_judges": {"essential": True}}))[0], "name")


def test_IA_10_testbasedonuserinfo_defaults(rp, person, metadata):
    """Everything that metadata promises may be asked for; what comes equals userinfo."""
    names = [n for n in metadata["claims_in_verified_claims_supported"] if n in str(rp.record["purposes"])]
    body = rp.tokens(person.log_in(rp, scope="openid profile", claims={"userinfo": {"verified_claims": wanted({n: None for n in names})}}))
    info = rp.claims(body["access_token"])
    one = info["verified_claims"][0] if isinstance(info["verified_claims"], list) else info["verified_claims"]
    assert set(one["claims"]) <= set(names) and {"name", "birthdate"} <= set(one["claims"])
    for name, value in one["claims"].items():
        assert info.get(name, value) == value, name


def test_IA_11_test_userinfo_notfoundinop(rp, person):
    """Only claims that the provider does not hold: no verified_claims at all, and no error."""
    info, _ = get(person, rp, wanted({"claim_of_judges": None}))
    assert info is None


def test_IA_12_testuserprovidedrequest(rp, person, metadata):
    """A request of our own: level and evidence of the enrolment."""
    asked = {
        "trust_framework": {"value": FRAMEWORK}, "assurance_level": None, "time": None,
        "evidence": [{"type": {"value": kind}} for kind in metadata["evidence_supported"][:1]],
    }
    info, _ = get(person, rp, wanted({"name": None, "given_name": None}, asked))
    verification = valid(info, "name", "given_name")["verification"]
    assert verification["assurance_level"].upper().startswith("IAL")
    if "evidence" in verification:
        assert {e["type"] for e in verification["evidence"]} <= set(metadata["evidence_supported"])
    text = str(info)
    assert person.kidc not in text, "the identification code in the evidence"


@pytest.mark.parametrize(
    "bad",
    [5, "x", [], [5], {"verification": 5, "claims": {}}, {"claims": {"name": None}}, {"verification": {"trust_framework": 5}, "claims": {"name": None}},
     {"verification": {"trust_framework": None}, "claims": {}}, {"verification": {}, "claims": {"name": None}}],
    ids=str,
)
def test_IA_12_a_broken_request(rp, person, bad):
    """Not an error of the server: refused by the protocol, or left out."""
    values = rp.request(claims={"userinfo": {"verified_claims": bad}})
    browser = person.browser()
    back = rp.received(person.walk(browser, rp.open(browser, values)), values)
    if back.error:
        assert back.error == "invalid_request", back.values
        return
    info = rp.claims(rp.tokens(back)["access_token"])
    for one in [v for v in [info.get("verified_claims")] if v]:
        valid(one, "name")
