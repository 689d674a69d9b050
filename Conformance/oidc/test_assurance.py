"""Identity assurance beyond the happy rows: evidence, several elements, what the person keeps back, encryption, refused structures."""

import json

import pytest

from support.registrations import LEGACY, purpose
from support.relying_party import decoded

FRAMEWORK = "kh_ipis"
DOCUMENT = {"type": {"value": "document"}, "check_details": [{"check_method": None}], "document_details": {"type": None}}


@pytest.fixture
def rp(registrar, once):
    return once("assured", lambda: registrar.add(
        "assured", **LEGACY, purposes=[purpose(["name"], ["birthdate", "gender", "document_type", "phone_number"])]))


def element(*claims, **verification):
    return {"verification": {"trust_framework": None} | verification, "claims": {name: None for name in claims}}


def answers(person, rp, userinfo=None, id_token=None, walk=None):
    claims = {channel: {"verified_claims": asked} for channel, asked in (("userinfo", userinfo), ("id_token", id_token)) if asked is not None}
    body = rp.tokens(person.log_in(rp, scope="openid", claims=claims, walk=walk or {}))
    return rp.claims(body["access_token"]), decoded(body["id_token"])


def test_IA_01_nothing_outside_of_the_element(rp, person):
    """What was asked as verified does not come as a plain claim besides, in any channel."""
    info, token = answers(person, rp, element("name", "birthdate"), element("gender"))
    assert set(info) == {"sub", "verified_claims"}, set(info)
    assert set(info["verified_claims"]["claims"]) == {"name", "birthdate"}
    assert set(token["verified_claims"]["claims"]) == {"gender"}
    assert not {"name", "birthdate", "gender"} & set(token)


def test_IA_01_several_elements(rp, person):
    other = element("name", trust_framework={"value": "de_aml"})
    info, _ = answers(person, rp, [element("name"), other, element("birthdate")])
    assert [sorted(one["claims"]) for one in info["verified_claims"]] == [["name"], ["birthdate"]]


def test_IA_06_constraints_on_the_verification(rp, person):
    for unmet in (
        {"trust_framework": {"values": ["de_aml", "eidas"]}}, {"assurance_level": {"value": "IAL3"}},
        {"evidence": [{"type": {"value": "vouch"}}]}, {"evidence": [DOCUMENT | {"document_details": {"type": {"value": "passport"}}}]},
    ):
        info, _ = answers(person, rp, element("name", **unmet))
        assert set(info) == {"sub"}, (unmet, info)


def test_IA_12_document_evidence(rp, person):
    """The demonstration's officer sees an identity card."""
    level = {"values": ["IAL1", "IAL2", "IAL3"]}
    info, _ = answers(person, rp, element("name", assurance_level=level, evidence=[DOCUMENT]))
    verification = info["verified_claims"]["verification"]
    assert verification["assurance_level"] == "IAL2"
    assert set(verification) == {"trust_framework", "assurance_level", "evidence"}, "only what was asked"
    [evidence] = verification["evidence"]
    assert evidence["type"] == "document" and evidence["check_details"] == [{"check_method": "vpip"}]
    assert set(evidence["document_details"]) == {"type"}


def test_IA_12_register_evidence(rp, person):
    asked = {"type": {"value": "electronic_record"}, "record": {"type": None, "created_at": None, "source": {"name": None}}}
    info, _ = answers(person, rp, element("name", evidence=[asked]))
    [evidence] = info["verified_claims"]["verification"]["evidence"]
    assert evidence["record"]["type"] == "population_register" and evidence["record"]["source"]["name"]
    assert evidence["record"]["created_at"].endswith("T00:00:00+07:00")


def test_IA_12_no_numbers_in_the_clear(rp, person):
    """A number of a document that was neither registered nor encrypted is not told, and nothing like it."""
    asked = DOCUMENT | {"document_details": {"type": None, "document_number": None}}
    info, token = answers(person, rp, element("name", "kidc", "national_id", evidence=[asked]), element("name", evidence=[asked]))
    for answer in (info, token):
        assert "document_number" not in json.dumps(answer) and person.kidc not in json.dumps(answer)
        assert set(answer["verified_claims"]["claims"]) == {"name"}


def test_IA_12_contacts_are_not_verified(rp, person, metadata):
    assert not {"phone_number", "email"} & set(metadata["claims_in_verified_claims_supported"])
    info, _ = answers(person, rp, element("name", "phone_number"))
    assert set(info["verified_claims"]["claims"]) == {"name"}


@pytest.mark.parametrize(
    "bad",
    [
        {"claims": {"name": None}}, {"verification": {}, "claims": {"name": None}}, element(), element("name") | {"claims": {"name": 1}},
        element("name") | {"claims": {"name": {"purpose": "ab"}}}, element("name") | {"claims": {"name": {"purpose": "x" * 301}}},
        element("name", evidence={}), [element("name")] * 5, [], "x",
    ],
    ids=lambda bad: json.dumps(bad)[:60],
)
def test_IA_12_refused_structures(rp, person, bad):
    values = rp.request(claims={"id_token": {"verified_claims": bad}})
    browser = person.browser()
    back = rp.received(person.walk(browser, rp.open(browser, values)), values)
    assert back.error == "invalid_request", back.values
