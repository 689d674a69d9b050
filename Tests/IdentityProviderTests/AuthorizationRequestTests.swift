import Codecs
import Kernel
import RelyingParties
import Testing

@testable import IdentityProvider

@Suite("Authorization requests: every rule of every parameter")
struct AuthorizationRequestTests {
    /// One change to a good request and the error that must follow; `nil` when it stays good.
    struct Case: Sendable, CustomTestStringConvertible {
        let parameter: String
        let value: String?
        let error: String?

        init(_ parameter: String, _ value: String?, _ error: String?) {
            self.parameter = parameter
            self.value = value
            self.error = error
        }

        var testDescription: String { "\(parameter)=\(value?.prefix(40) ?? "-") → \(error ?? "good")" }
    }

    static func party() throws -> RelyingParty { try RelyingPartyDocument.parse(World.document("bank")) }

    private static func long(_ count: Int) -> String { String(repeating: "x", count: count) }

    static let cases: [Case] = [
        Case("response_type", nil, "invalid_request"), Case("response_type", "token", "unsupported_response_type"),
        Case("response_type", "code id_token", "unsupported_response_type"),
        Case("response_type", "CODE", "unsupported_response_type"),
        Case("response_mode", "query", nil), Case("response_mode", "fragment", nil),
        Case("response_mode", "form_post", nil), Case("response_mode", "form_post.jwt", nil),
        Case("response_mode", "jwt", nil), Case("response_mode", "web_message", "invalid_request"),
        Case("response_mode", "query.JWT", "invalid_request"),
        Case("state", long(1024), nil), Case("state", long(1025), "invalid_request"), Case("state", nil, nil),
        Case("nonce", long(512), nil), Case("nonce", long(513), "invalid_request"), Case("nonce", nil, nil),
        Case("code_challenge", nil, "invalid_request"), Case("code_challenge", "", "invalid_request"),
        Case("code_challenge", long(42), "invalid_request"), Case("code_challenge", long(44), "invalid_request"),
        // 43 characters whose last one has bits that no encoder leaves.
        Case("code_challenge", long(42) + "_", "invalid_request"),
        Case("code_challenge", long(42) + "=", "invalid_request"),
        Case("code_challenge_method", nil, "invalid_request"),
        Case("code_challenge_method", "plain", "invalid_request"),
        Case("code_challenge_method", "s256", "invalid_request"),
        Case("scope", nil, "invalid_scope"), Case("scope", "profile", "invalid_scope"), Case("scope", "openid", nil),
        Case("scope", "OPENID", "invalid_scope"), Case("scope", "openid  unknown-scope", nil),
        Case("scope", "openid" + String(repeating: " x", count: 50), "invalid_scope"),
        Case("prompt", "login", nil), Case("prompt", "none", nil),
        Case("prompt", "none login", "invalid_request"), Case("prompt", "consent login", nil),
        Case("max_age", "0", nil), Case("max_age", "3600", nil), Case("max_age", "-1", "invalid_request"),
        Case("max_age", "soon", "invalid_request"), Case("max_age", "99999999999999999999", "invalid_request"),
        Case("purpose", "login", nil), Case("purpose", "spying", "invalid_request"),
        Case("claims", "{", "invalid_request"), Case("claims", "[]", "invalid_request"),
        Case("claims", #"{"userinfo":[]}"#, "invalid_request"), Case("claims", #"{"id_token":"x"}"#, "invalid_request"),
        Case("claims", #"{"userinfo":null,"id_token":null,"future":1}"#, nil),
        Case("claims", "{\"x\":\"" + long(8192) + "\"}", "invalid_request"),
        Case(
            "claims", #"{"userinfo":{"a":{"b":{"c":{"d":{"e":{"f":{"g":{"h":{"i":{"j":{"k":{}}}}}}}}}}}}}"#,
            "invalid_request"),
        Case(
            "claims", #"{"id_token":{"acr":{"essential":true,"value":"urn:elsewhere:9"}}}"#,
            "unmet_authentication_requirements"),
        Case("claims", #"{"id_token":{"acr":{"essential":true,"value":"urn:kh:camdigikey:aal:3"}}}"#, nil),
        Case("claims", #"{"id_token":{"acr":{"essential":false,"values":["urn:elsewhere:9"]}}}"#, nil),
        Case("acr_values", "urn:elsewhere:9", nil), Case("ui_locales", "km-KH-u-nu-khmr", nil),
        Case("display", "popup", nil), Case("login_hint", "2345678901", nil), Case("future_parameter", "1", nil),
    ]

    @Test(arguments: cases) func parameter(_ item: Case) async throws {
        var parameters = World.parameters()
        parameters[item.parameter] = item.value
        let party = try Self.party()
        let code = await errorCode {
            try AuthorizationRequest(parameters, client: party, redirectURI: World.redirect, policy: .scheme)
        }
        #expect(code == item.error)
    }

    @Test func aRefusalEchoesStateOnlyWhenItIsShort() throws {
        var parameters = World.parameters()
        parameters["response_type"] = "token"
        for (length, expected) in [(5, 5), (1024, 1024), (1025, nil)] as [(Int, Int?)] {
            parameters["state"] = Self.long(length)
            do {
                _ = try AuthorizationRequest(
                    parameters, client: try Self.party(), redirectURI: World.redirect, policy: .scheme)
                Issue.record("accepted")
            } catch let refusal as AuthorizationRequest.Refusal {
                #expect(refusal.state?.utf8.count == expected)
                #expect(refusal.redirectURI == World.redirect)
            }
        }
    }

    @Test(arguments: [
        "https://bank.example/callback/", "https://bank.example/Callback", "https://BANK.example/callback",
        "http://bank.example/callback", "https://bank.example:443/callback", "https://bank.example/callback?",
        "https://bank.example/callback#x", "https://bank.example/callback?page=2", "https://bank.example/x/../callback",
        "https://bank.example/%63allback", "https://bank.example@evil.example/callback",
        "https://bank.example/callback?page=1&x=2", "https://evil.example/callback", "//bank.example/callback",
        " https://bank.example/callback", "https://bank.example/callback\u{0}", "https://bank.example/callback%0d%0a",
        "javascript:alert(1)", "https://b\u{430}nk.example/callback",
    ])
    func redirectURIsAreComparedExactly(_ uri: String) async throws {
        var parameters = World.parameters()
        parameters["redirect_uri"] = uri
        let party = try Self.party()
        let code = await errorCode {
            try AuthorizationRequest.trustedRedirect(AuthorizationParameters(parameters), client: party)
        }
        #expect(code == "authorize.redirect_uri_mismatch")
    }

    @Test func clientAndRedirectComeFirst() async throws {
        let party = try Self.party()
        for value in [nil, ""] as [String?] {
            var parameters = World.parameters()
            parameters["redirect_uri"] = value
            let code = await errorCode {
                try AuthorizationRequest.trustedRedirect(AuthorizationParameters(parameters), client: party)
            }
            #expect(code == "authorize.redirect_uri_missing")
        }
        for uri in party.redirectURIs {
            let found = try AuthorizationRequest.trustedRedirect(
                AuthorizationParameters(["redirect_uri": uri]), client: party)
            #expect(found == uri)
        }
    }

    @Test func boundTokensNeverPassThroughABrowser() async throws {
        let risk: JSONObject = [
            "response_types": ["code token"], "by": "operator", "reason": "old library", "date": "2026-01-05",
        ]
        for (bound, expected) in [(false, nil), (true, "unsupported_response_type")] as [(Bool, String?)] {
            let party = try RelyingPartyDocument.parse(
                World.document("old") {
                    $0["profile"] = "oidc-legacy"
                    $0["response_types"] = ["code", "code token"]
                    $0["grant_types"] = ["authorization_code", "implicit"]
                    $0["risk_acceptance"] = .object(risk)
                    $0["dpop_bound_access_tokens"] = .bool(bound)
                })
            var parameters = World.parameters("old")
            parameters["response_type"] = "code token"
            let code = await errorCode {
                try AuthorizationRequest(parameters, client: party, redirectURI: World.redirect, policy: .scheme)
            }
            #expect(code == expected)
        }
    }

    @Test func theSealedFormKeepsEverything() throws {
        var parameters = World.parameters()
        parameters["acr_values"] = "urn:kh:camdigikey:aal:2 urn:kh:camdigikey:aal:1"
        let request = try AuthorizationRequest(
            parameters, client: try Self.party(), redirectURI: World.redirect, policy: .scheme)
        #expect(request.attributes == ["name_km", "birthdate", "phone_number", "email"])
        #expect(request.essential == ["name_km", "birthdate"])
        let again = try #require(AuthorizationRequest(json: try JSON.parseObject(JSON.bytes(request.json))))
        #expect(again == request)
        // A form without one of its members is none of ours.
        for name in ["c", "r", "p", "a", "e", "o"] {
            var json = request.json
            json[name] = nil
            #expect(AuthorizationRequest(json: json) == nil, "\(name)")
        }
    }

    @Test func fuzzedClaimsNeverAskForMoreThanIsRegistered() throws {
        var generator = SeededGenerator(11)
        let seed = Array(
            #"{"userinfo":{"name_km":null,"kidc":{"essential":true},"email#km":null},"id_token":{"acr":{"values":["a"]}}}"#
                .utf8)
        let party = try Self.party()
        let allowed: Set<String> = ["name_km", "birthdate", "phone_number", "email"]
        for _ in 0..<4000 {
            var bytes = seed
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0...2, using: &generator) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: place)
                default: bytes.insert(bytes.randomElement(using: &generator) ?? 0, at: place)
                }
            }
            var parameters = World.parameters()
            parameters["claims"] = String(decoding: bytes, as: UTF8.self)
            guard
                let request = try? AuthorizationRequest(
                    parameters, client: party, redirectURI: World.redirect, policy: .scheme)
            else { continue }
            #expect(allowed.isSuperset(of: request.attributes))
            #expect(Set(request.attributes).count == request.attributes.count)
        }
    }

    @Test func theAnswerEncodesWhatTheRequestBrought() {
        let location = AuthorizationResponse.location(
            "https://x.example/cb?a=1", [("state", "a&b=c #\r\nX: y\u{17D4}"), ("code", nil), ("iss", "https://id")])
        #expect(
            location
                == "https://x.example/cb?a=1&state=a%26b%3Dc%20%23%0D%0AX%3A%20y%E1%9F%94&iss=https%3A%2F%2Fid")
        #expect(AuthorizationResponse.location("https://x.example/cb", [("a", "b")]) == "https://x.example/cb?a=b")
    }
}
