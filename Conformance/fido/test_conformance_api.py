"""FIDO's conformance tool in small: its interface over HTTP, row by row as the groups of its server list name them.

MC-Req and MC-Resp are Server-ServerPublicKeyCredentialCreationOptions-Req and Server-ServerAuthenticatorAttestationResponse-Resp, GA-Req and
GA-Resp their counterparts of an authentication, MDS the metadata service. The program is `rumdul-fido-conformance`, which uses the product's own
WebAuthn library and is no part of `rumdul`."""

import base64
import hashlib
import json

import cbor2
import pytest
from cryptography.hazmat.primitives import serialization
from fido2.webauthn import PublicKeyCredentialCreationOptions, PublicKeyCredentialRequestOptions

from support.fido_formats import (
    android, apple, model_extension, none, packed_full, packed_self, tpm, tpm_leaf_parts, u2f)
from support.fido_tool import (
    ALGORITHMS, AT, BE, BS, COSE_KEYS, DAY, ED, UP, UV, Authenticator, Certified, Maker, MetadataService, Server, Tool, accepted,
    b64, name, new_key, refused, statement)

MODEL, ONE_ALGORITHM, SELF_ONLY = b"\x22" * 16, b"\x23" * 16, b"\x24" * 16
UNSIGNED, REFUSED, CHAIN, INTERMEDIATE, LEAF, ALTERED, UNKNOWN = (bytes([n]) * 16 for n in range(0x31, 0x38))
BAD_STATUSES = [
    "USER_VERIFICATION_BYPASS", "ATTESTATION_KEY_COMPROMISE", "USER_KEY_REMOTE_COMPROMISE", "USER_KEY_PHYSICAL_COMPROMISE", "REVOKED"]
STATUS_MODELS = {status: bytes([0x41 + n]) * 16 for n, status in enumerate(BAD_STATUSES)}


class World:
    """A maker with its models, the metadata services that know them, and the server."""

    def __init__(self, folder):
        self.maker, self.u2f_maker = Maker(), Maker()
        self.leaf = self.maker.leaf(extensions=[model_extension(MODEL)])
        self.plain_leaf = self.maker.leaf()
        # A statement of this format holds one certificate, so the root itself gives it out.
        self.u2f_leaf = Certified(name("Judge's U2F key"), self.u2f_maker.root)
        point = self.u2f_leaf.key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
        self.good = MetadataService()
        folder.mkdir()
        (folder / "roots.pem").write_bytes(b"".join(self.blobs(folder, hashlib.sha1(point).hexdigest())))
        (folder / "statement.json").write_text(json.dumps(statement(self.maker, UNSIGNED)))
        self.server = Server(folder, folder / "roots.pem")

    def blobs(self, folder, key_identifier):
        """Writes the services' files; gives the roots that the server trusts."""
        flagged = [statement(self.maker, model, statuses=["FIDO_CERTIFIED_L1", status]) for status, model in STATUS_MODELS.items()]
        valid = self.good.blob([
            statement(self.maker, MODEL), statement(self.maker, ONE_ALGORITHM, algorithms=[ALGORITHMS[-8]]),
            statement(self.maker, SELF_ONLY, types=["basic_surrogate"]), statement(self.maker, b"\x55" * 16),
            statement(self.maker, b"\x66" * 16, types=["anonca"]),
            statement(self.u2f_maker, attestationCertificateKeyIdentifiers=[key_identifier]), *flagged])
        (folder / "valid.jwt").write_text(valid)
        head, payload, signature = self.good.blob([statement(self.maker, REFUSED)]).split(".")
        (folder / "f3-signature.jwt").write_text(f"{head}.{payload}.{b64(bytes(64))}")
        other = self.good.blob([statement(self.maker, ALTERED)]).split(".")[1]
        (folder / "f1-altered.jwt").write_text(f"{head}.{other}.{signature}")
        stranger = MetadataService()
        (folder / "f4-chain.jwt").write_text(stranger.blob([statement(self.maker, CHAIN)]))
        trusted = [self.good]
        for file, model in [("f5-intermediate", INTERMEDIATE), ("f6-leaf", LEAF)]:
            service = MetadataService()
            trusted.append(service)
            (folder / f"{file}.jwt").write_text(service.blob([statement(self.maker, model)]))
            issuer, lost = {
                INTERMEDIATE: (service.maker.root, service.maker.intermediate),
                LEAF: (service.maker.intermediate, service.leaf)}[model]
            (folder / f"{file}.crl").write_bytes(service.maker.revocations(issuer, lost.certificate.serial_number))
        return [s.maker.root.certificate.public_bytes(serialization.Encoding.PEM) for s in trusted]

    @property
    def chain(self):
        return [self.leaf.der, self.maker.intermediate.der]

    def full(self, **changes):
        return packed_full(self.leaf, self.chain, **changes)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    world = World(tmp_path_factory.mktemp("fido") / "metadata")
    yield world
    world.server.stop()


@pytest.fixture
def tool(world):
    return Tool(world.server)


@pytest.fixture
def registered(tool):
    """A credential that the server knows."""
    authenticator = Authenticator()
    accepted(tool.register(tool.create(authenticator, packed_self())))
    return authenticator


def rows(*entries):
    """Parameters whose test names are the rows."""
    return pytest.mark.parametrize("change" if len(entries[0]) == 2 else "change, code", [
        pytest.param(*entry[1:], id=entry[0]) for entry in entries])


def set_in(*path, to=None, drop=False):
    """Changes one member of an answer."""
    def change(body):
        place = body
        for step in path[:-1]:
            place = place[step]
        if drop:
            del place[path[-1]]
        else:
            place[path[-1]] = to

    return change


# MC-Req-1


def test_MC_Req_1_P_1_options(tool):
    options = tool.creation_options(attestation="direct", extensions={"example.extension": True}, authenticatorSelection={
        "residentKey": "required", "userVerification": "required", "authenticatorAttachment": "cross-platform"})
    assert options["user"]["name"] == tool.username and options["user"]["displayName"] == "Bopha Sok"
    assert 1 <= len(base64.urlsafe_b64decode(options["user"]["id"] + "==")) <= 64 and "=" not in options["user"]["id"]
    assert options["rp"]["id"] == "localhost" and options["rp"]["name"]
    assert 16 <= len(base64.urlsafe_b64decode(options["challenge"] + "==")) <= 64
    assert {(p["type"], p["alg"]) for p in options["pubKeyCredParams"]} >= {("public-key", a) for a in (-7, -257, -65535)}
    assert isinstance(options["timeout"], int) and options["timeout"] > 0
    assert options["extensions"] == {"example.extension": True} and options["excludeCredentials"] == []
    selection = options["authenticatorSelection"]
    assert selection["residentKey"] == selection["userVerification"] == "required"
    assert selection["authenticatorAttachment"] == "cross-platform" and options["attestation"] == "direct"
    # python-fido2 reads them as a browser would.
    parsed = PublicKeyCredentialCreationOptions.from_dict(options)
    assert parsed.user.name == tool.username and parsed.rp.id == "localhost"


@pytest.mark.parametrize("conveyance", ["none", "indirect", "direct", "enterprise"])
def test_MC_Req_1_P_2_attestation_is_echoed(tool, conveyance):
    assert tool.creation_options(attestation=conveyance)["attestation"] == conveyance


def test_MC_Req_1_P_3_challenges_differ(tool):
    options = [tool.creation_options() for _ in range(8)]
    assert len({o["challenge"] for o in options}) == 8 and len({o["user"]["id"] for o in options}) == 1


@pytest.mark.parametrize("body", [
    b"", b"[]", b"{", b'{"username":1,"displayName":"x"}', b'{"username":"x"}', b'{"username":"","displayName":"x"}',
    b'{"username":"x","displayName":"x","attestation":"all"}', b'{"username":"x","displayName":"x","extensions":1}',
    b'{"username":"x","displayName":"x","authenticatorSelection":{"userVerification":"maybe"}}'])
def test_MC_Req_1_malformed_requests(tool, body):
    refused(tool.post("/attestation/options", body))


# MC-Resp-1: structure


def test_MC_Resp_1_P_1_exclude_credentials(tool, registered):
    options = tool.creation_options()
    assert options["excludeCredentials"] == [{"type": "public-key", "id": b64(registered.id)}]


@rows(
    ("F-1", set_in("id", drop=True)), ("F-2", set_in("id", to=7)), ("F-3", set_in("id", to="%%%")),
    ("F-4", set_in("type", drop=True)), ("F-5", set_in("type", to=None)), ("F-6", set_in("type", to="public")),
    ("F-7", set_in("response", drop=True)), ("F-8", set_in("response", to="x")),
    ("F-9", set_in("response", "clientDataJSON", drop=True)), ("F-10", set_in("response", "clientDataJSON", to=[])),
    ("F-11", set_in("response", "clientDataJSON", to="")), ("F-12", set_in("response", "attestationObject", drop=True)),
    ("F-13", set_in("response", "attestationObject", to={})), ("F-14", set_in("response", "attestationObject", to="")),
    ("another identifier", set_in("id", to=b64(b"other"))), ("base64 of another kind", set_in("id", to="+/+/")),
    ("padding", set_in("response", "clientDataJSON", to="e30=")))
def test_MC_Resp_1(tool, change):
    body = tool.create(Authenticator(), packed_self())
    change(body)
    refused(tool.register(body))
    # The challenge is used up, and a whole answer is accepted again.
    accepted(tool.register(tool.create(Authenticator(), packed_self())))


def test_MC_Resp_1_a_challenge_serves_once(tool):
    options, authenticator = tool.creation_options(), Authenticator()
    body = tool.create(authenticator, packed_self(), options=options)
    accepted(tool.register(body))
    refused(tool.register(body))
    # The same credential again, for anybody.
    refused(tool.register(tool.create(authenticator, packed_self())), "credential_registered")
    stranger = Tool(tool.server)
    refused(stranger.register(stranger.create(authenticator, packed_self())), "credential_registered")
    # And no answer without a question.
    refused(Tool(tool.server).register(body))


# MC-Resp-2 and GA-Resp-2: client data

CLIENT_DATA = [
    ("F-1 type missing", {"type": None}), ("F-2 type no string", {"type": 7}), ("F-3 type empty", {"type": ""}),
    ("F-4 type another", {"type": "webauthn.other"}), ("F-5 type of the other ceremony", "swap"),
    ("F-6 challenge missing", {"challenge": None}), ("F-7 challenge no string", {"challenge": 7}),
    ("F-8 challenge empty", {"challenge": ""}), ("F-9 challenge no base64url", {"challenge": "%%%"}),
    ("F-10 challenge another", {"challenge": b64(b"\1" * 32)}), ("F-11 origin missing", {"origin": None}),
    ("F-12 origin no string", {"origin": 7}), ("F-13 origin empty", {"origin": ""}),
    ("F-14 origin another", {"origin": "https://evil.example"}), ("F-15 tokenBinding no object", {"tokenBinding": "x"}),
    ("F-16 tokenBinding without status", {"tokenBinding": {}}),
    ("F-17 tokenBinding status unknown", {"tokenBinding": {"status": "always"}}),
    ("L3 crossOrigin", {"crossOrigin": True}), ("L3 topOrigin", {"topOrigin": "https://evil.example"})]
client_rows = pytest.mark.parametrize("client", [pytest.param(c, id=i) for i, c in CLIENT_DATA])


@client_rows
def test_MC_Resp_2(tool, client):
    client = {"type": "webauthn.get"} if client == "swap" else client
    refused(tool.register(tool.create(Authenticator(), packed_self(), client=client)))


@pytest.mark.parametrize("status", ["supported", "not-supported", "present"])
def test_MC_Resp_2_well_formed_token_binding(tool, status):
    binding = {"status": status} | ({"id": b64(b"channel")} if status == "present" else {})
    accepted(tool.register(tool.create(Authenticator(), packed_self(), client={"tokenBinding": binding})))


# MC-Resp-3: the attestation object


def test_MC_Resp_3_P_1_extension_data(tool):
    extensions = cbor2.dumps({"example.extension": True})
    body = tool.create(Authenticator(), packed_self(), flags=UP | UV | AT | ED, extensions=extensions)
    body["getClientExtensionResults"] = {"example.extension": True}
    accepted(tool.register(body))


def without(name):
    return lambda object: {n: v for n, v in object.items() if n != name}


def statement_with(**members):
    return lambda object: object | {"attStmt": {n: v for n, v in (object["attStmt"] | members).items() if v is not None}}


@rows(
    ("F-1 no map", lambda o: list(o), "attestation_object"), ("F-2 fmt missing", without("fmt"), "attestation_object"),
    ("F-3 fmt no string", lambda o: o | {"fmt": 7}, "attestation_object"),
    ("F-4 attStmt missing", without("attStmt"), "attestation_object"),
    ("F-5 attStmt no map", lambda o: o | {"attStmt": []}, "attestation_object"),
    ("F-6 authData missing", without("authData"), "attestation_object"),
    ("F-7 authData no bytes", lambda o: o | {"authData": "x"}, "attestation_object"),
    ("F-8 authData empty", lambda o: o | {"authData": b""}, "attestation_object"),
    ("F-13 packed, empty attStmt", lambda o: o | {"attStmt": {}}, "attestation"),
    ("F-14 packed, alg missing", statement_with(alg=None), "attestation"),
    ("F-15 packed, alg no number", statement_with(alg="ES256"), "attestation"),
    ("F-16 packed, alg another", statement_with(alg=-257), "attestation_algorithm"),
    ("F-17 packed, sig missing", statement_with(sig=None), "attestation"),
    ("F-18 packed, sig no bytes", statement_with(sig="x"), "attestation"),
    ("F-19 packed, sig empty", statement_with(sig=b""), "attestation"))
def test_MC_Resp_3(tool, change, code):
    refused(tool.register(tool.create(Authenticator(), packed_self(), change=change)), code)


@pytest.mark.parametrize("parts", [
    pytest.param({"attested": b""}, id="F-9 AT without attested data"),
    pytest.param({"flags": UP | UV}, id="F-10 attested data without AT"),
    pytest.param({"flags": UP | UV, "attested": b""}, id="F-11 neither"),
    pytest.param({"trailing": b"\0"}, id="F-12 leftover bytes"),
    pytest.param({"flags": UP | UV | AT | ED}, id="ED without extension data"),
    pytest.param({"extensions": cbor2.dumps({"x": 1})}, id="extension data without ED"),
    pytest.param({"flags": UV | AT}, id="UP missing"), pytest.param({"flags": UP | UV | AT | BS}, id="BS without BE"),
    pytest.param({"rp_id": "evil.example"}, id="another rpIdHash")])
def test_MC_Resp_3_authenticator_data(tool, parts):
    refused(tool.register(tool.create(Authenticator(), packed_self(), **parts)))


def test_MC_Resp_3_algorithm_of_the_metadata(world, tool):
    """The model knows EdDSA alone, and this credential has another algorithm."""
    refused(tool.register(tool.create(Authenticator(ONE_ALGORITHM), packed_self())), "attestation_algorithm")
    accepted(tool.register(tool.create(Authenticator(ONE_ALGORITHM, -8), packed_self())))


def test_MC_Resp_3_user_verification(tool):
    required = {"authenticatorSelection": {"userVerification": "required"}}
    options = tool.creation_options(**required)
    refused(tool.register(tool.create(Authenticator(), packed_self(), options=options, flags=UP | AT)), "user_verification")
    accepted(tool.register(tool.create(Authenticator(), packed_self(), options=tool.creation_options(**required))))
    accepted(tool.register(tool.create(Authenticator(), packed_self(), flags=UP | AT | BE | BS)))


# MC-Resp-4: algorithms


@pytest.mark.parametrize("algorithm", [pytest.param(a, id=COSE_KEYS[a].__name__) for a in ALGORITHMS])
def test_MC_Resp_4(tool, algorithm):
    authenticator = Authenticator(algorithm=algorithm)
    accepted(tool.register(tool.create(authenticator, packed_self())))
    accepted(tool.authenticate(tool.get(authenticator)))
    refused(tool.authenticate(tool.get(authenticator, key=new_key(algorithm))), "signature")


def test_MC_Resp_4_an_algorithm_that_was_not_offered(tool):
    authenticator = Authenticator()
    key = authenticator.cose_key | {3: -47}
    attested = authenticator.aaguid + len(authenticator.id).to_bytes(2) + authenticator.id + cbor2.dumps(key)
    refused(tool.register(tool.create(authenticator, none(), attested=attested)), "algorithm")


# MC-Resp-5: packed, full


def test_MC_Resp_5_P_1(world, tool):
    authenticator = Authenticator(MODEL)
    accepted(tool.register(tool.create(authenticator, world.full())))
    accepted(tool.authenticate(tool.get(authenticator)))


def test_MC_Resp_5_P_2_without_the_model_in_the_certificate(world, tool):
    make = packed_full(world.plain_leaf, [world.plain_leaf.der, world.maker.intermediate.der])
    accepted(tool.register(tool.create(Authenticator(MODEL), make)))


def full_with(change):
    """A row whose statement is made from the world."""
    return lambda world: change(world, world.maker)


def leaf_chain(leaf, maker):
    return packed_full(leaf, [leaf.der, maker.intermediate.der])


def expired_intermediate(world, maker):
    middle = Certified(name("Intermediate", "Authority"), maker.root, authority=1, begins=-30 * DAY, ends=-DAY)
    leaf = Certified(name("Judge's key"), middle)
    return packed_full(leaf, [leaf.der, middle.der])


@rows(
    ("F-1 unknown fmt", full_with(lambda w, m: w.full(format="unpacked")), "attestation_format"),
    ("F-2 signature", full_with(lambda w, m: w.full(change=lambda s: s | {"sig": s["sig"][:-1] + b"\0"})), "attestation_signature"),
    ("F-3 x5c missing", full_with(lambda w, m: w.full(change=lambda s: {"alg": s["alg"], "sig": s["sig"]})), "attestation_signature"),
    ("F-4 x5c no array", full_with(lambda w, m: packed_full(w.leaf, "x")), "attestation"),
    ("F-5 x5c empty", full_with(lambda w, m: packed_full(w.leaf, [])), "attestation"),
    ("F-6 leaf expired", full_with(lambda w, m: leaf_chain(m.leaf(ends=-DAY), m)), "attestation_trust"),
    ("F-7 leaf not yet valid", full_with(lambda w, m: leaf_chain(m.leaf(begins=DAY), m)), "attestation_trust"),
    ("F-8 alg of the leaf", full_with(lambda w, m: w.full(algorithm=-257)), "attestation_algorithm"),
    ("F-9 bad chain", full_with(lambda w, m: packed_full(w.leaf, [w.leaf.der, Maker().intermediate.der])), "attestation_trust"),
    ("F-9 chain incomplete", full_with(lambda w, m: packed_full(w.leaf, [w.leaf.der])), "attestation_trust"),
    ("F-10 root included", full_with(lambda w, m: packed_full(w.leaf, [*w.chain, m.root.der])), "attestation_trust"),
    ("F-11 wrong order", full_with(lambda w, m: packed_full(w.leaf, w.chain[::-1])), "attestation_signature"),
    ("F-12 intermediate expired", full_with(expired_intermediate), "attestation_trust"),
    ("F-13 another key than the leaf's", full_with(lambda w, m: w.full(key=new_key())), "attestation_signature"),
    ("F-14 the credential's key", full_with(lambda w, m: w.full(key="credential")), "attestation_signature"),
    ("another maker", full_with(lambda w, m: leaf_chain(*(lambda o: (o.leaf(), o))(Maker()))), "attestation_trust"))
def test_MC_Resp_5(world, tool, change, code):
    refused(tool.register(tool.create(Authenticator(MODEL), change(world))), code)


def test_MC_Resp_5_another_model_in_the_certificate(world, tool):
    refused(tool.register(tool.create(Authenticator(ONE_ALGORITHM), world.full())), "attestation_certificate")


# MC-Resp-6: packed, self; MC-Resp-7: none


def test_MC_Resp_6_P_1(tool):
    accepted(tool.register(tool.create(Authenticator(SELF_ONLY), packed_self())))


@rows(
    ("F-1 bad signature", lambda w: packed_self(key=new_key()), "attestation_signature"),
    ("F-2 full attestation of a model that has self alone", lambda w: packed_full(
        w.plain_leaf, [w.plain_leaf.der, w.maker.intermediate.der]), "attestation_content"),
    ("F-3 unknown fmt", lambda w: packed_self(format="self"), "attestation_format"))
def test_MC_Resp_6(world, tool, change, code):
    refused(tool.register(tool.create(Authenticator(SELF_ONLY), change(world))), code)


def test_MC_Resp_7_P_1(tool):
    authenticator = Authenticator(bytes(16))
    accepted(tool.register(tool.create(authenticator, none(), options=tool.creation_options(attestation="none"))))
    accepted(tool.authenticate(tool.get(authenticator)))


def test_MC_Resp_7_P_2_with_a_model(tool):
    accepted(tool.register(tool.create(Authenticator(MODEL), none())))


def test_MC_Resp_7_F_1_with_a_statement(tool):
    refused(tool.register(tool.create(Authenticator(bytes(16)), none(sig=b"x"))), "attestation")


# MC-Resp-8: fido-u2f


def test_MC_Resp_8_P_1(world, tool):
    authenticator = Authenticator(bytes(16))
    options = tool.creation_options(authenticatorSelection={"userVerification": "discouraged"})
    accepted(tool.register(tool.create(authenticator, u2f(world.u2f_leaf), options=options, flags=UP | AT)))
    accepted(tool.authenticate(tool.get(authenticator, tool.request_options(userVerification="discouraged"), flags=UP)))


def test_MC_Resp_8_F_1_model_not_zero(world, tool):
    refused(tool.register(tool.create(Authenticator(MODEL), u2f(world.u2f_leaf))), "attestation_content")


def test_MC_Resp_8_F_2_bad_signature(world, tool):
    refused(tool.register(tool.create(Authenticator(bytes(16)), u2f(world.u2f_leaf, key=new_key()))), "attestation_signature")


def test_MC_Resp_8_a_certificate_nobody_knows(tool):
    refused(tool.register(tool.create(Authenticator(bytes(16)), u2f(Maker().leaf()))), "attestation_trust")


# MC-Resp-9: tpm


@pytest.fixture(scope="module")
def attester(world):
    """A TPM's attestation key, RSA as most have it."""
    return world.maker.leaf(key=new_key(-257), **tpm_leaf_parts())


@pytest.mark.parametrize("parts", [
    pytest.param({}, id="P-1 SHA-256"), pytest.param({"algorithm": -65535}, id="P-2 SHA-1"),
    pytest.param({"name_hash": 0x0C}, id="P-3 nameAlg SHA-384"), pytest.param({"name_hash": 0x04}, id="P-3 nameAlg SHA-1")])
def test_MC_Resp_9(world, tool, attester, parts):
    accepted(tool.register(tool.create(
        Authenticator(MODEL), tpm(attester, [attester.der, world.maker.intermediate.der], **parts))))


@pytest.mark.parametrize("parts, code", [
    pytest.param({"chain": -1}, "attestation_algorithm", id="F-1 order of certificates"),
    pytest.param({"extra": lambda d: d[::-1]}, "attestation_content", id="F-2 extraData"),
    pytest.param({"magic": b"\xffTCH"}, "attestation", id="F-3 magic"),
    pytest.param({"described": new_key()}, "attestation_key", id="F-4 unique is another key")])
def test_MC_Resp_9_F(world, tool, attester, parts, code):
    parts = dict(parts)
    chain = [attester.der, world.maker.intermediate.der][:: parts.pop("chain", 1)]
    refused(tool.register(tool.create(Authenticator(MODEL), tpm(attester, chain, **parts))), code)


def test_MC_Resp_9_a_maker_nobody_knows(world, tool):
    leaf = world.maker.leaf(key=new_key(-257), **tpm_leaf_parts("id:00000000"))
    refused(tool.register(tool.create(
        Authenticator(MODEL), tpm(leaf, [leaf.der, world.maker.intermediate.der]))), "attestation_certificate")


# MC-Resp-A: android-key; MC-Resp-B: android-safetynet; apple


def test_MC_Resp_A_P_1(world, tool):
    accepted(tool.register(tool.create(Authenticator(b"\x55" * 16), android(world.maker))))


@pytest.mark.parametrize("parts, code", [
    pytest.param({"challenge": lambda h: h[::-1]}, "attestation_content", id="F-1 clientDataHash"),
    pytest.param({"key": new_key()}, "attestation_key", id="F-2 another public key"),
    pytest.param({"chain": lambda c: c[::-1]}, "attestation_signature", id="F-3 order of certificates")])
def test_MC_Resp_A(world, tool, parts, code):
    refused(tool.register(tool.create(Authenticator(b"\x55" * 16), android(world.maker, **parts))), code)


def test_MC_Resp_B_safetynet_is_refused(tool):
    """The service behind it was shut down: a refusal with a reason is all that is left."""
    make = lambda authenticator, data, hash: ("android-safetynet", {"ver": "1", "response": b"a.b.c"})
    answer = tool.register(tool.create(Authenticator(MODEL), make))
    refused(answer, "attestation_format")
    assert "shut down" in answer.json()["errorMessage"]


def test_apple_anonymous_attestation(world, tool):
    accepted(tool.register(tool.create(Authenticator(b"\x66" * 16), apple(world.maker))))
    refused(tool.register(tool.create(
        Authenticator(b"\x66" * 16), apple(world.maker, nonce=lambda n: n[::-1]))), "attestation_content")


# GA-Req-1


def test_GA_Req_1_options(tool, registered):
    for wanted in ("required", "preferred", "discouraged"):
        options = tool.request_options(userVerification=wanted, extensions={"example.extension": True})
        assert 16 <= len(base64.urlsafe_b64decode(options["challenge"] + "==")) <= 64 and options["timeout"] > 0
        assert options["rpId"] == "localhost" and options["userVerification"] == wanted
        assert options["extensions"] == {"example.extension": True}
        assert options["allowCredentials"] == [{"type": "public-key", "id": b64(registered.id)}]
    assert PublicKeyCredentialRequestOptions.from_dict(options).rp_id == "localhost"
    assert len({tool.request_options()["challenge"] for _ in range(8)}) == 8


def test_GA_Req_1_somebody_who_is_not_there(tool):
    refused(tool.post("/assertion/options", {"username": "nobody", "userVerification": "preferred"}))


# GA-Resp-1: structure


def test_GA_Resp_1_P_1(tool, registered):
    accepted(tool.authenticate(tool.get(registered)))
    body = tool.get(registered)
    body["response"]["userHandle"] = ""
    accepted(tool.authenticate(body))
    # Once, and only after a question.
    refused(tool.authenticate(body))


@rows(
    ("F-1", set_in("id", drop=True)), ("F-2", set_in("id", to=7)), ("F-3", set_in("id", to="%%%")),
    ("F-4", set_in("type", drop=True)), ("F-5", set_in("type", to=None)), ("F-6", set_in("type", to="public")),
    ("F-7", set_in("response", drop=True)), ("F-8", set_in("response", to="x")),
    ("F-9", set_in("response", "clientDataJSON", drop=True)), ("F-10", set_in("response", "clientDataJSON", to=[])),
    ("F-11", set_in("response", "clientDataJSON", to="")), ("F-12", set_in("response", "authenticatorData", drop=True)),
    ("F-13", set_in("response", "authenticatorData", to=7)), ("F-14", set_in("response", "authenticatorData", to="%%%")),
    ("F-15", set_in("response", "authenticatorData", to="")), ("F-16", set_in("response", "signature", drop=True)),
    ("F-17", set_in("response", "signature", to=7)), ("F-18", set_in("response", "signature", to="%%%")),
    ("F-19", set_in("response", "signature", to="")), ("F-20", set_in("response", "signature", to=b64(bytes(70)))),
    ("F-21", set_in("response", "userHandle", to=7)), ("another account", set_in("response", "userHandle", to=b64(b"x" * 64))),
    ("another credential", set_in("id", to=b64(b"other"))))
def test_GA_Resp_1(tool, registered, change):
    body = tool.get(registered)
    change(body)
    refused(tool.authenticate(body))
    accepted(tool.authenticate(tool.get(registered)))


def test_GA_Resp_1_somebody_elses_credential(world, tool, registered):
    other, theirs = Tool(world.server), Authenticator()
    accepted(other.register(other.create(theirs, packed_self())))
    refused(tool.authenticate(tool.get(theirs)), "credential_not_allowed")


@client_rows
def test_GA_Resp_2(tool, registered, client):
    client = {"type": "webauthn.create"} if client == "swap" else client
    refused(tool.authenticate(tool.get(registered, client=client)))


# GA-Resp-3: authenticator data


@pytest.mark.parametrize("wanted, flags", [
    pytest.param("required", UP | UV, id="P-2"), pytest.param("preferred", UP | UV, id="P-3"),
    pytest.param("preferred", UP, id="P-5"), pytest.param("discouraged", UP | UV, id="P-6"),
    pytest.param("discouraged", UP, id="P-8")])
def test_GA_Resp_3(tool, registered, wanted, flags):
    accepted(tool.authenticate(tool.get(registered, tool.request_options(userVerification=wanted), flags=flags)))


def test_GA_Resp_3_P_1_counter_always_zero(tool, registered):
    for _ in range(3):
        accepted(tool.authenticate(tool.get(registered, count=0)))


def test_GA_Resp_3_extension_data(tool, registered):
    extensions = cbor2.dumps({"example.extension": True})
    accepted(tool.authenticate(tool.get(registered, flags=UP | UV | ED, extensions=extensions)))


@pytest.mark.parametrize("parts, code", [
    pytest.param({"trailing": b"\1\2"}, "authenticator_data", id="F-1 leftover bytes"),
    pytest.param({"rp_id": "evil.example"}, "rp_id", id="F-2 rpIdHash"),
    pytest.param({"hash": bytes(32)}, "signature", id="F-3 clientDataHash"),
    pytest.param({"flags": UV}, "user_presence", id="UP missing"),
    pytest.param({"flags": UP | UV | BS}, "backup_state", id="BS without BE"),
    pytest.param({"flags": UP | UV | BE}, "backup_eligibility", id="BE appears")])
def test_GA_Resp_3_F(tool, registered, parts, code):
    refused(tool.authenticate(tool.get(registered, **parts)), code)


def test_GA_Resp_3_F_4_counter_not_increased(tool, registered):
    accepted(tool.authenticate(tool.get(registered, count=5)))
    for count in (5, 4, 0):
        refused(tool.authenticate(tool.get(registered, count=count)), "counter")
    accepted(tool.authenticate(tool.get(registered, count=6)))


def test_GA_Resp_3_F_5_presence_alone(tool, registered):
    options = tool.request_options(userVerification="required")
    refused(tool.authenticate(tool.get(registered, options, flags=UP)), "user_verification")


# MDS


def of_model(world, tool, model):
    """A genuine full attestation of a model."""
    make = packed_full(world.plain_leaf, [world.plain_leaf.der, world.maker.intermediate.der])
    return tool.register(tool.create(Authenticator(model), make))


def test_MDS_P_1(world, tool):
    assert world.server.report["valid.jwt"] == "accepted"
    accepted(of_model(world, tool, MODEL))


def test_MDS_a_statement_by_itself(world, tool):
    assert world.server.report["statement.json"] == "accepted"
    accepted(of_model(world, tool, UNSIGNED))


@pytest.mark.parametrize("status", BAD_STATUSES)
def test_MDS_F_2_status(world, tool, status):
    refused(of_model(world, tool, STATUS_MODELS[status]), "authenticator_status")


@pytest.mark.parametrize("file, model, code", [
    pytest.param("f1-altered.jwt", ALTERED, "webauthn.metadata_signature", id="F-1 altered"),
    pytest.param("f3-signature.jwt", REFUSED, "webauthn.metadata_signature", id="F-3 signature"),
    pytest.param("f4-chain.jwt", CHAIN, "webauthn.metadata_chain", id="F-4 chain"),
    pytest.param("f5-intermediate.jwt", INTERMEDIATE, "webauthn.certificate_revoked", id="F-5 intermediate revoked"),
    pytest.param("f6-leaf.jwt", LEAF, "webauthn.certificate_revoked", id="F-6 leaf revoked")])
def test_MDS_a_service_that_is_not_trusted(world, tool, file, model, code):
    """Its file is left out, and so are the models that only it describes."""
    assert world.server.report[file] == code
    refused(of_model(world, tool, model), "attestation_trust")


def test_MDS_a_model_nobody_describes(world, tool):
    refused(of_model(world, tool, UNKNOWN), "attestation_trust")
    accepted(tool.register(tool.create(Authenticator(UNKNOWN), packed_self())))


# Test builds alone


def test_the_product_has_no_such_interface(base):
    tool = Tool(type("Product", (), {"url": base}))
    for path in ("/attestation/options", "/attestation/result", "/assertion/options", "/assertion/result"):
        assert tool.post(path, {"username": "x", "displayName": "x"}).status_code == 404
