import COSE
import Codecs
import Foundation
import Kernel
import Testing

@testable import WebAuthn

/// Answers of real authenticators (security keys, TPMs of four makers, Android, Apple), with the verdicts of py_webauthn.
/// `Conformance/fido/fixtures/real_answers.py` collects them.
@Suite(.enabled(if: Fixtures.has("real-answers.json"), "scripts/fixtures.sh has not made real-answers.json"))
struct RealAnswerTests {
    struct Answer: Sendable, CustomTestStringConvertible {
        let index: Int
        let json: JSONObject
        var name: String { String((json.string("test") ?? "").split(separator: ".").last ?? "") }
        var testDescription: String { "\(index) \(name)" }
        var isRegistration: Bool { json.string("kind") == "create" }
        var isRefused: Bool { json.has("refused") }

        func bytes(_ member: String) throws -> [UInt8] {
            let text = try #require(json.string(member))
            return try #require(Base64URL.decode(text))
        }
    }

    private static let file = try? Fixtures.json("real-answers.json")
    private static let answers: [Answer] = (file?["answers"]?.arrayValue ?? []).compactMap(\.objectValue).enumerated()
        .map { Answer(index: $0.offset, json: $0.element) }

    /// Where we differ from py_webauthn on purpose: its answer, and ours.
    private static let differences: [String: String?] = [
        // An old value of the status of token binding; drafts of Level 1 knew it.
        "test_verify_attestation_with_unsupported_token_binding_status": nil,
        // `tokenBinding` that is no object: FIDO's row MC-Resp-2 F-15 wants it refused.
        "test_verify_attestation_with_unsupported_token_binding": "webauthn.token_binding",
        "test_raises_when_root_cert_invalid_for_response": "webauthn.attestation_trust",
    ]

    private func party(_ answer: Answer) throws -> RelyingParty {
        var policy = AttestationPolicy(algorithms: .conformance)
        policy.tpmManufacturers = TPMManufacturers.known.union([TPMManufacturers.conformance])
        if let format = answer.json.string("format"), let list = Self.file?["roots"]?[format]?.stringsValue {
            policy.roots[format] = try list.map { text in
                try AttestationCertificate(der: #require(Base64.decode(text)))
            }
            policy.demand = .trustedIfPresent
        }
        if answer.name == "test_raises_when_root_cert_invalid_for_response" {
            policy.roots["packed"] = [try ForgedAuthority().root]
            policy.demand = .trustedIfPresent
        }
        return RelyingParty(
            id: try #require(answer.json.string("rpId")), name: "real",
            origins: OriginPolicy(origins: Set(answer.json.strings("origins") ?? [])), attestation: policy)
    }

    private func verdict(_ answer: Answer) throws -> String? {
        let party = try party(answer)
        let verification: UserVerificationRequirement =
            answer.json.bool("userVerification") == true ? .required : .preferred
        let credential = try #require(answer.json.object("credential"))
        let challenge = try answer.bytes("challenge")
        let now = answer.json.integer("time").map { Instant(seconds: $0) } ?? Times.now
        if answer.isRegistration {
            let expected = RegistrationExpectation(
                challenge: challenge, userVerification: verification, algorithms: .conformance)
            return code {
                let result = try party.verify(RegistrationResponse(json: credential), expected, at: now)
                guard let format = answer.json.string("format") else { return }
                #expect(result.attestation.format == format)
                #expect(result.aaguid.description == answer.json.string("aaguid"))
                #expect(result.attestation.isTrusted == (party.attestation.demand == .trustedIfPresent))
            }
        }
        let response: AuthenticationResponse
        do {
            response = try AuthenticationResponse(json: credential)
        } catch {
            return error.code
        }
        let key = try COSEKey(encoded: answer.bytes("publicKey"))
        // The flag BE of the registration is not among the data.
        let eligible = (try? AuthenticatorData(response.authenticatorData).flags.contains(.backupEligible)) ?? false
        let record = CredentialRecord(
            id: response.id, publicKey: key, signCount: UInt32(answer.json.integer("signCount") ?? 0),
            userVerificationInitialized: true, isBackupEligible: eligible, isBackedUp: false)
        let expected = AuthenticationExpectation(
            challenge: challenge, userVerification: verification, isUserKnown: true)
        return code {
            _ = try party.verify(response, expected, credential: record, userHandle: response.userHandle ?? [])
        }
    }

    @Test func fileIsComplete() {
        #expect(Self.answers.count == 41)
        #expect(Self.answers.filter { !$0.isRefused }.count == 21)
    }

    @Test(arguments: answers) func sameVerdict(answer: Answer) throws {
        let ours = try verdict(answer)
        if let difference = Self.differences[answer.name] {
            #expect(ours == difference)
        } else if answer.isRefused {
            #expect(ours?.hasPrefix("webauthn.") == true)
        } else {
            #expect(ours == nil)
        }
    }

    private static let chains: [Answer] = (file?["chains"]?.arrayValue ?? []).compactMap(\.objectValue).enumerated()
        .map { Answer(index: $0.offset, json: $0.element) }

    /// Chains of certificates, among them one of an Android device that writes defaults which DER forbids. Without roots
    /// py_webauthn says yes and we say no.
    @Test(arguments: chains) func sameVerdictOnChains(answer: Answer) throws {
        func certificates(_ member: String) throws -> [AttestationCertificate] {
            try (answer.json.strings(member) ?? []).map { text in
                try AttestationCertificate(der: #require(Base64.decode(text)))
            }
        }
        let roots = try certificates("roots")
        let chain = try certificates("x5c")
        let now = answer.json.integer("time").map { Instant(seconds: $0) } ?? Times.now
        let result = code { try CertificatePath(roots: roots, rootInPath: .accepted).validate(chain, at: now) }
        #expect(result == (answer.isRefused || roots.isEmpty ? "webauthn.attestation_trust" : nil))
        if answer.name == "test_handles_cert_with_der_violation" {
            let description = try #require(try KeyDescription(certificate: chain[0]))
            #expect(description.attestationSecurityLevel == .trustedEnvironment)
            #expect(description.hardwareEnforced.origin == .generated)
            var changed = chain[0].der
            changed[200] ^= 1
            let bytes = changed
            #expect(code { try tampered(bytes, chain, roots, now) } != nil)
        }
    }

    private func tampered(
        _ der: [UInt8], _ chain: [AttestationCertificate], _ roots: [AttestationCertificate], _ now: Instant
    ) throws {
        let leaf = try AttestationCertificate(der: der)
        try CertificatePath(roots: roots, rootInPath: .accepted).validate([leaf] + chain.dropFirst(), at: now)
    }

    @Test func chainsAreComplete() { #expect(Self.chains.count == 6) }
}
