import COSE
import Codecs
import Foundation
import Kernel
import TestVectors
import Testing

@testable import WebAuthn

/// The test vectors of Web Authentication Level 3 (section "Test Vectors"), as `Conformance/fido/fixtures/w3c_vectors.py`
/// derives them with python-fido2 and pyca/cryptography from the published recipe.
@Suite struct W3CVectorTests {
    struct Vector: Sendable, CustomTestStringConvertible {
        let name: String
        let json: JSONObject
        var testDescription: String { name }

        func hex(_ member: String) throws -> [UInt8] {
            let text = try #require(json.string(member))
            return try #require(Hex.decode(text))
        }
    }

    private static func load() -> (root: [UInt8], vectors: [Vector]) {
        guard let file = try? Fixtures.json("w3c-vectors.json") else { return ([], []) }
        let vectors = (file["vectors"]?.arrayValue ?? []).compactMap(\.objectValue).map {
            Vector(name: $0.string("name") ?? "", json: $0)
        }
        return (Hex.decode(file["attestationRoot"]?.stringValue ?? "") ?? [], vectors)
    }

    private static let loaded = load()
    /// All but the two that this product refuses on purpose.
    private static let accepted = loaded.vectors.filter { $0.name != "packed.Ed448" && !isOldAndroid($0) }

    /// The vector of 2025, whose authorisation lists are empty.
    private static func isOldAndroid(_ vector: Vector) -> Bool {
        vector.name == "android-key.ES256" && vector.json.string("attestationObject")?.contains("040030003000") == true
    }

    private func party() throws -> RelyingParty {
        let root = try AttestationCertificate(der: Self.loaded.root)
        var policy = AttestationPolicy(demand: .trustedIfPresent, u2fNeedsZeroAAGUID: false)
        policy.tpmManufacturers = nil
        for format in ["packed", "tpm", "android-key", "apple", "fido-u2f"] { policy.roots[format] = [root] }
        return RelyingParty(
            id: "example.org", name: "W3C",
            origins: OriginPolicy(origins: ["https://example.org"], crossOrigin: .anywhere), attestation: policy)
    }

    private func register(_ vector: Vector) throws -> Registration {
        try party().verify(
            RegistrationResponse(
                id: vector.hex("credentialId"), clientDataJSON: vector.hex("clientDataJSON"),
                attestationObject: vector.hex("attestationObject")),
            RegistrationExpectation(challenge: vector.hex("challenge"), userVerification: .preferred), at: Times.now)
    }

    @Test func fileIsComplete() {
        #expect(Self.loaded.vectors.count == 16)
        #expect(Self.accepted.count == 14)
    }

    @Test(arguments: accepted) func registersAndAuthenticates(vector: Vector) throws {
        let registration = try register(vector)
        let attestation = registration.attestation
        #expect(registration.credential.publicKey.algorithm?.name == vector.json.string("algorithm"))
        #expect(attestation.format == vector.json.string("format"))
        let types: [String: AttestationType] = [
            "none": .none, "packed-self": .selfAttested, "packed": .basic, "tpm": .attestationCA,
            "android-key": .basic, "apple": .anonymizationCA, "fido-u2f": .basic,
        ]
        let kind = String(vector.name.split(separator: ".")[0])
        #expect(attestation.type == types[kind])
        #expect(attestation.isTrusted == !["none", "packed-self"].contains(kind))

        let assertion = Vector(name: vector.name, json: try #require(vector.json.object("assertion")))
        let response = AuthenticationResponse(
            id: try vector.hex("credentialId"), clientDataJSON: try assertion.hex("clientDataJSON"),
            authenticatorData: try assertion.hex("authenticatorData"), signature: try assertion.hex("signature"))
        let expected = AuthenticationExpectation(
            challenge: try assertion.hex("challenge"), userVerification: .preferred, isUserKnown: true)
        let result = try party().verify(response, expected, credential: registration.credential, userHandle: [1])
        #expect(result.counter == .notCounted)
        var changed = response
        changed.signature[changed.signature.count - 1] ^= 1
        #expect(
            code { _ = try party().verify(changed, expected, credential: registration.credential, userHandle: [1]) }
                == "webauthn.signature")
    }

    @Test func ed448IsRefused() throws {
        let vector = try #require(Self.loaded.vectors.first { $0.name == "packed.Ed448" })
        #expect(
            code { _ = try register(vector) }.map { ["webauthn.public_key", "webauthn.algorithm"].contains($0) } == true
        )
    }

    @Test func emptyAndroidListsAreRefused() throws {
        let vector = try #require(Self.loaded.vectors.first { Self.isOldAndroid($0) })
        #expect(code { _ = try register(vector) } == "webauthn.attestation_content")
    }

    @Test func crossOriginIsRefusedByDefault() throws {
        var strict = try party()
        strict.origins.crossOrigin = .refused
        for (name, wanted) in [
            ("none.ES256.crossOrigin", "webauthn.cross_origin"), ("none.ES256.topOrigin", "webauthn.cross_origin"),
        ] {
            let vector = try #require(Self.loaded.vectors.first { $0.name == name })
            let response = try RegistrationResponse(
                id: vector.hex("credentialId"), clientDataJSON: vector.hex("clientDataJSON"),
                attestationObject: vector.hex("attestationObject"))
            let expected = try RegistrationExpectation(
                challenge: vector.hex("challenge"), userVerification: .preferred)
            #expect(code { _ = try strict.verify(response, expected, at: Times.now) } == wanted)
            strict.origins.crossOrigin = .within(["https://example.com"])
            let result = code { _ = try strict.verify(response, expected, at: Times.now) }
            #expect(result == (name.hasSuffix("topOrigin") ? nil : "webauthn.top_origin"))
            strict.origins.crossOrigin = .refused
        }
    }

    @Test func modelsOfU2FAreZeroForFIDO() throws {
        let vector = try #require(Self.loaded.vectors.first { $0.name == "fido-u2f.ES256" })
        var strict = try party()
        strict.attestation.u2fNeedsZeroAAGUID = true
        let response = try RegistrationResponse(
            id: vector.hex("credentialId"), clientDataJSON: vector.hex("clientDataJSON"),
            attestationObject: vector.hex("attestationObject"))
        let expected = try RegistrationExpectation(challenge: vector.hex("challenge"), userVerification: .preferred)
        #expect(code { _ = try strict.verify(response, expected, at: Times.now) } == "webauthn.attestation_content")
    }
}
