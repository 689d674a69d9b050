import COSE
import Codecs
import Kernel
import Testing

@testable import WebAuthn

/// MC-Req-1 and GA-Req-1: what goes to the browser.
@Suite struct OptionsTests {
    private func registration(_ change: (inout RegistrationOptions) -> Void = { _ in }) throws -> JSONObject {
        var options = RegistrationOptions(
            relyingPartyID: "id.example", relyingPartyName: "Rumdul",
            user: PasskeyUser(
                handle: PasskeyUser.newHandle(.system), name: "sok.dara", displayName: "សុខ ដារ៉ា"),
            challenge: RegistrationOptions.newChallenge(.system))
        change(&options)
        return try options.json()
    }

    @Test("MC-Req-1 P-1") func creationOptions() throws {
        let json = try registration {
            $0.extensions = ["example.extension": true]
            $0.excluded = [CredentialDescriptor(id: [1, 2], transports: ["usb"])]
            $0.hints = [.clientDevice, .hybrid]
            $0.attachment = .platform
            $0.attestationFormats = ["packed"]
        }
        let user = try #require(json.object("user"))
        #expect(user.string("name") == "sok.dara")
        #expect(user.string("displayName") == "សុខ ដារ៉ា")
        let handle = try #require(Base64URL.decode(user.string("id") ?? ""))
        #expect(handle.count == 64)
        #expect(json.object("rp")?.string("name") == "Rumdul")
        #expect(json.object("rp")?.string("id") == "id.example")
        #expect(try #require(Base64URL.decode(json.string("challenge") ?? "")).count >= 16)
        let parameters = try #require(json.array("pubKeyCredParams"))
        #expect(parameters.allSatisfy { $0["type"]?.stringValue == "public-key" && $0["alg"]?.integerValue != nil })
        #expect(parameters.contains { $0["alg"]?.integerValue == -7 })
        #expect(parameters.contains { $0["alg"]?.integerValue == -257 })
        #expect(!parameters.contains { $0["alg"]?.integerValue == -65535 })
        #expect((json.integer("timeout") ?? 0) > 0)
        #expect(json.object("extensions")?.bool("example.extension") == true)
        #expect(json.array("excludeCredentials")?.first?["id"]?.stringValue == Base64URL.encode([1, 2]))
        #expect(json.array("excludeCredentials")?.first?["transports"]?.stringsValue == ["usb"])
        #expect(json.strings("hints") == ["client-device", "hybrid"])
        let selection = try #require(json.object("authenticatorSelection"))
        #expect(selection.string("authenticatorAttachment") == "platform")
        #expect(selection.bool("requireResidentKey") == true)
        #expect(selection.string("userVerification") == "required")
        #expect(json.strings("attestationFormats") == ["packed"])
    }

    @Test("MC-Req-1 P-2", arguments: AttestationConveyance.allCases) func attestationEchoed(
        conveyance: AttestationConveyance
    ) throws {
        #expect(try registration { $0.attestation = conveyance }.string("attestation") == conveyance.rawValue)
    }

    @Test("MC-Req-1 P-3") func challengesDiffer() throws {
        let challenges = try (0..<20).map { _ in try registration().string("challenge") }
        #expect(Set(challenges).count == 20)
    }

    @Test func credentialPropertiesAreAskedFor() throws {
        #expect(try registration().object("extensions")?.bool("credProps") == true)
    }

    @Test func badCreationOptionsAreRefused() {
        #expect(code { _ = try registration { $0.user.handle = [] } } == "webauthn.options")
        #expect(
            code { _ = try registration { $0.user.handle = [UInt8](repeating: 1, count: 65) } } == "webauthn.options")
        #expect(code { _ = try registration { $0.challenge = [UInt8](repeating: 1, count: 15) } } == "webauthn.options")
        #expect(code { _ = try registration { $0.challenge = [UInt8](repeating: 1, count: 65) } } == "webauthn.options")
        #expect(code { _ = try registration { $0.algorithms = [] } } == "webauthn.options")
        #expect(code { _ = try registration { $0.timeout = 0 } } == "webauthn.options")
        #expect(code { _ = try registration { $0.relyingPartyID = "" } } == "webauthn.options")
        #expect(code { _ = try registration { $0.excluded = [CredentialDescriptor(id: [])] } } == "webauthn.options")
    }

    private func request(_ change: (inout AuthenticationOptions) -> Void = { _ in }) throws -> JSONObject {
        var options = AuthenticationOptions(
            relyingPartyID: "id.example", challenge: RegistrationOptions.newChallenge(.system))
        change(&options)
        return try options.json()
    }

    @Test("GA-Req-1") func requestOptions() throws {
        let json = try request {
            $0.allowed = [CredentialDescriptor(id: [5], transports: ["internal"])]
            $0.userVerification = .discouraged
            $0.extensions = ["example.extension": "x"]
            $0.hints = [.securityKey]
        }
        #expect(try #require(Base64URL.decode(json.string("challenge") ?? "")).count >= 16)
        #expect(json.object("extensions")?.string("example.extension") == "x")
        #expect((json.integer("timeout") ?? 0) > 0)
        #expect(json.string("rpId") == "id.example")
        #expect(json.array("allowCredentials")?.count == 1)
        #expect(json.array("allowCredentials")?.first?["id"]?.stringValue == Base64URL.encode([5]))
        #expect(json.array("allowCredentials")?.first?["type"]?.stringValue == "public-key")
        #expect(json.string("userVerification") == "discouraged")
        #expect(json.strings("hints") == ["security-key"])
    }

    @Test("GA-Req-1 challenges differ") func requestChallengesDiffer() throws {
        #expect(Set(try (0..<20).map { _ in try request().string("challenge") }).count == 20)
    }

    @Test func badRequestOptionsAreRefused() {
        #expect(code { _ = try request { $0.challenge = [1] } } == "webauthn.options")
        #expect(code { _ = try request { $0.timeout = -1 } } == "webauthn.options")
        #expect(code { _ = try request { $0.relyingPartyID = "" } } == "webauthn.options")
        #expect(
            code {
                _ = try request {
                    $0.mediation = .conditional
                    $0.allowed = [CredentialDescriptor(id: [1])]
                }
            } == "webauthn.options")
        let long = [UInt8](repeating: 1, count: 1024)
        #expect(code { _ = try request { $0.allowed = [CredentialDescriptor(id: long)] } } == "webauthn.options")
    }

    @Test func relatedOriginsDocument() {
        let policy = OriginPolicy(origins: [], relatedOrigins: ["https://a.example", "https://b.example"])
        #expect(policy.relatedOriginsDocument.strings("origins") == ["https://a.example", "https://b.example"])
    }

    @Test func signals() {
        let user = PasskeyUser(handle: [1], name: "n", displayName: "d")
        let id = "id.example"
        #expect(PasskeySignal.unknownCredential(id: [2]).json(relyingPartyID: id).string("credentialId") == "Ag")
        #expect(
            PasskeySignal.allAccepted(handle: [1], ids: [[2], [3]]).json(relyingPartyID: id)
                .strings("allAcceptedCredentialIds") == ["Ag", "Aw"])
        let details = PasskeySignal.currentDetails(user).json(relyingPartyID: id)
        #expect(details.string("userId") == "AQ")
        #expect(details.string("displayName") == "d")
        #expect(details.string("rpId") == id)
    }
}
