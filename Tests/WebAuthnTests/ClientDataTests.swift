import Codecs
import Kernel
import Testing

@testable import WebAuthn

/// MC-Resp-2 and GA-Resp-2: the client data.
@Suite struct ClientDataTests {
    static let rows: [Row<JSONObject>] = [
        Row("P-1", nil) { _ in },
        Row("F-1 type missing", .clientData) { $0["type"] = nil },
        Row("F-2 type not a string", .clientData) { $0["type"] = 1 },
        Row("F-3 type empty", .clientData) { $0["type"] = "" },
        Row("F-4 type of another kind", .type) { $0["type"] = "webauthn.other" },
        Row("F-5 type of the other ceremony", .type) {
            $0["type"] = $0.string("type") == "webauthn.create" ? "webauthn.get" : "webauthn.create"
        },
        Row("F-6 challenge missing", .clientData) { $0["challenge"] = nil },
        Row("F-7 challenge not a string", .clientData) { $0["challenge"] = [] },
        Row("F-8 challenge empty", .clientData) { $0["challenge"] = "" },
        Row("F-9 challenge not base64url", .clientData) { $0["challenge"] = "a+/=" },
        Row("F-10 challenge different", .challenge) {
            $0["challenge"] = .string(Base64URL.encode([UInt8](repeating: 9, count: 32)))
        },
        Row("F-11 origin missing", .clientData) { $0["origin"] = nil },
        Row("F-12 origin not a string", .clientData) { $0["origin"] = false },
        Row("F-13 origin empty", .clientData) { $0["origin"] = "" },
        Row("F-14 origin different", .origin) { $0["origin"] = "https://evil.example" },
        Row("F-15 tokenBinding not an object", .tokenBinding) { $0["tokenBinding"] = "supported" },
        Row("F-16 tokenBinding without status", .tokenBinding) { $0["tokenBinding"] = ["id": "AAAA"] },
        Row("F-17 tokenBinding with an unknown status", .tokenBinding) { $0["tokenBinding"] = ["status": "maybe"] },
        Row("tokenBinding present without id", .tokenBinding) { $0["tokenBinding"] = ["status": "present"] },
        Row("tokenBinding supported", nil) { $0["tokenBinding"] = ["status": "supported"] },
        Row("tokenBinding present", nil) { $0["tokenBinding"] = ["status": "present", "id": "AAAA"] },
        Row("origin with a port", .origin) { $0["origin"] = "https://id.example:8443" },
        Row("origin without TLS", .origin) { $0["origin"] = "http://id.example" },
        Row("origin of a subdomain", .origin) { $0["origin"] = "https://a.id.example" },
        Row("origin with a trailing slash", .origin) { $0["origin"] = "https://id.example/" },
        Row("origin null", .clientData) { $0["origin"] = nil },
        Row("crossOrigin not a boolean", .clientData) { $0["crossOrigin"] = "false" },
        Row("crossOrigin", .crossOrigin) { $0["crossOrigin"] = true },
        Row("crossOrigin absent", nil) { $0["crossOrigin"] = nil },
        Row("topOrigin without crossOrigin", .topOrigin) { $0["topOrigin"] = "https://a.example" },
        Row("topOrigin not a string", .clientData) { $0["topOrigin"] = 1 },
        Row("further members", nil) { $0["future"] = ["a": [1, 2]] },
    ]

    @Test("MC-Resp-2", arguments: rows) func registers(row: Row<JSONObject>) throws {
        var forged = try ForgedRegistration()
        try row.change(&forged.client)
        let subject = forged
        #expect(code { _ = try subject.verify() } == row.check?.code)
    }

    @Test("GA-Resp-2", arguments: rows) func authenticates(row: Row<JSONObject>) throws {
        var forged = try ForgedAuthentication()
        try row.change(&forged.client)
        let subject = forged
        #expect(code { _ = try subject.verify() } == row.check?.code)
    }

    @Test func byteOrderMarkIsLeftOut() throws {
        var forged = try ForgedRegistration()
        forged.clientBytes = [0xEF, 0xBB, 0xBF] + JSON.bytes(forged.client)
        #expect(try forged.verify().userVerified)
    }

    @Test(arguments: [
        "", "null", "[]", "{", "{\"type\":\"webauthn.create\",\"type\":\"webauthn.create\"}", "\u{FEFF}\u{FEFF}{}",
    ])
    func otherThanAnObject(text: String) throws {
        #expect(code { _ = try ClientData(Array(text.utf8)) } == "webauthn.client_data")
    }

    @Test func limits() {
        let long = Array("{\"type\":\"\(String(repeating: "a", count: 1 << 15))\"}".utf8)
        #expect(code { _ = try ClientData(long) } == "webauthn.too_large")
        let deep = Array((String(repeating: "[", count: 50) + String(repeating: "]", count: 50)).utf8)
        #expect(code { _ = try ClientData(deep) } == "webauthn.client_data")
        #expect(code { _ = try ClientData([0xFF, 0xFE, 0x7B]) } == "webauthn.client_data")
    }

    @Test func relatedAndAndroidOrigins() throws {
        let hash = [UInt8](repeating: 0x5A, count: 32)
        var forged = try ForgedRegistration()
        forged.party.origins = OriginPolicy(
            origins: ["https://id.example"], relatedOrigins: ["https://camdigikey.example"], androidApps: [hash])
        for (origin, wanted) in [
            ("https://camdigikey.example", nil), ("https://id.example", nil),
            ("android:apk-key-hash:\(Base64URL.encode(hash))", nil),
            ("android:apk-key-hash:\(Base64URL.encode([1] + hash.dropFirst()))", "webauthn.origin"),
        ] {
            forged.client["origin"] = .string(origin)
            let subject = forged
            #expect(code { _ = try subject.verify() } == wanted, "\(origin)")
        }
    }

    @Test func embeddedPages() throws {
        var forged = try ForgedRegistration()
        forged.client["crossOrigin"] = true
        forged.client["topOrigin"] = "https://bank.example"
        forged.party.origins.crossOrigin = .within(["https://bank.example"])
        #expect(try forged.verify().userPresent)
        forged.client["topOrigin"] = "https://other.example"
        var subject = forged
        #expect(code { _ = try subject.verify() } == "webauthn.top_origin")
        subject.client["topOrigin"] = nil
        #expect(code { _ = try subject.verify() } == "webauthn.top_origin")
        subject.party.origins.crossOrigin = .anywhere
        #expect(try subject.verify().userPresent)
    }
}
