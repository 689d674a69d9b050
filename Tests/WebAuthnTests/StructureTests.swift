import Codecs
import Kernel
import Testing

@testable import WebAuthn

extension JSONObject {
    /// Changes a member of `response`.
    fileprivate mutating func setResponse(_ name: String, _ value: JSONValue?) {
        var response = object("response") ?? [:]
        response[name] = value
        self["response"] = .object(response)
    }
}

/// MC-Resp-1 and GA-Resp-1: the browser's JSON.
@Suite struct StructureTests {
    static let common: [Row<JSONObject>] = [
        Row("P-1", nil) { _ in },
        Row("F-1 id missing", .response) { $0["id"] = nil },
        Row("F-2 id not a string", .response) { $0["id"] = 7 },
        Row("F-3 id not base64url", .response) { $0["id"] = "a+b=" },
        Row("F-4 type missing", .response) { $0["type"] = nil },
        Row("F-5 type not a string", .response) { $0["type"] = [] },
        Row("F-6 type not public-key", .response) { $0["type"] = "password" },
        Row("F-7 response missing", .response) { $0["response"] = nil },
        Row("F-8 response not an object", .response) { $0["response"] = "x" },
        Row("F-9 clientDataJSON missing", .response) { $0.setResponse("clientDataJSON", nil) },
        Row("F-10 clientDataJSON not a string", .response) { $0.setResponse("clientDataJSON", 1) },
        Row("F-11 clientDataJSON empty", .response) { $0.setResponse("clientDataJSON", "") },
        Row("clientDataJSON not base64url", .response) { $0.setResponse("clientDataJSON", "@@@@") },
        Row("rawId differs", .credentialID) { $0["rawId"] = "AAAA" },
        Row("rawId absent is tolerated", nil) { $0["rawId"] = nil },
        Row("extensions not an object", .extensions) { $0["clientExtensionResults"] = [1] },
        Row("extensions absent are tolerated", nil) { $0["clientExtensionResults"] = nil },
        Row("attachment not a string", .response) { $0["authenticatorAttachment"] = 3 },
        Row("clientDataJSON too long", .tooLarge) {
            $0.setResponse("clientDataJSON", .string(String(repeating: "A", count: 1 << 16)))
        },
    ]

    static let registration: [Row<JSONObject>] = [
        Row("F-12 attestationObject missing", .response) { $0.setResponse("attestationObject", nil) },
        Row("F-13 attestationObject not a string", .response) { $0.setResponse("attestationObject", [:]) },
        Row("F-14 attestationObject empty", .response) { $0.setResponse("attestationObject", "") },
        Row("attestationObject too long", .tooLarge) {
            $0.setResponse("attestationObject", .string(String(repeating: "A", count: 1 << 18)))
        },
        Row("transports not an array", .response) { $0.setResponse("transports", "usb") },
        Row("transports not strings", .response) { $0.setResponse("transports", [1]) },
        Row("an unknown transport is kept", nil) { $0.setResponse("transports", ["smart-card", "future"]) },
    ]

    static let authentication: [Row<JSONObject>] = [
        Row("F-12 authenticatorData missing", .response) { $0.setResponse("authenticatorData", nil) },
        Row("F-13 authenticatorData not a string", .response) { $0.setResponse("authenticatorData", 4) },
        Row("F-14 authenticatorData not base64url", .response) { $0.setResponse("authenticatorData", "=") },
        Row("F-15 authenticatorData empty", .response) { $0.setResponse("authenticatorData", "") },
        Row("F-16 signature missing", .response) { $0.setResponse("signature", nil) },
        Row("F-17 signature not a string", .response) { $0.setResponse("signature", true) },
        Row("F-18 signature not base64url", .response) { $0.setResponse("signature", "a b") },
        Row("F-19 signature empty", .response) { $0.setResponse("signature", "") },
        Row("F-20 signature does not verify", .signature) {
            $0.setResponse("signature", .string(Base64URL.encode([UInt8](repeating: 3, count: 70))))
        },
        Row("F-21 userHandle not a string", .response) { $0.setResponse("userHandle", [1]) },
        Row("userHandle of another account", .userHandle) { $0.setResponse("userHandle", "AAAA") },
        Row("userHandle null where nobody was known", .userHandle) { $0.setResponse("userHandle", nil) },
    ]

    @Test("MC-Resp-1", arguments: common + registration) func registers(row: Row<JSONObject>) throws {
        let forged = try ForgedRegistration()
        var json = try forged.json()
        try row.change(&json)
        let result = code {
            _ = try forged.party.verify(RegistrationResponse(json: json), forged.expectation, at: Times.now)
        }
        #expect(result == row.check?.code)
    }

    @Test("GA-Resp-1", arguments: common + authentication) func authenticates(row: Row<JSONObject>) throws {
        let forged = try ForgedAuthentication()
        var json = try forged.json()
        try row.change(&json)
        let result = code {
            _ = try forged.party.verify(
                AuthenticationResponse(json: json), forged.expectation, credential: forged.record,
                userHandle: ForgedAuthentication.handle)
        }
        #expect(result == row.check?.code)
    }

    @Test("MC-Resp-1 P-1 excludeCredentials") func secondOptionsExclude() throws {
        let registered = try ForgedRegistration().verify().credential
        let options = RegistrationOptions(
            relyingPartyID: "id.example", relyingPartyName: "Rumdul",
            user: PasskeyUser(handle: [1], name: "n", displayName: "d"),
            challenge: RegistrationOptions.newChallenge(.system), excluded: [registered.descriptor])
        let excluded = try options.json().array("excludeCredentials")?.first
        #expect(excluded?["id"]?.stringValue == Base64URL.encode(registered.id))
        #expect(excluded?["transports"]?.stringsValue == ["internal"])
    }

    @Test func userHandleMayBeAbsentWhenThePersonIsKnown() throws {
        var forged = try ForgedAuthentication()
        forged.userHandle = nil
        #expect(code { _ = try forged.verify() } == "webauthn.user_handle")
        forged.expectation.isUserKnown = true
        #expect(try forged.verify().userVerified)
        // FIDO's tool sends an empty text.
        var json = try forged.json()
        json.setResponse("userHandle", "")
        #expect(try AuthenticationResponse(json: json).userHandle == nil)
    }
}
