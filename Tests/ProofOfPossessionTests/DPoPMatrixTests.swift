import Codecs
import Foundation
import JOSE
import Kernel
import Testing

@testable import ProofOfPossession

/// Every case of the negative matrix of the FAPI 2.0 conformance suite, and those that must be accepted.
@Suite("DPoP matrix") struct DPoPMatrixTests {
    let clock = TestClock()
    let maker: ProofMaker
    let validator = DPoPValidator(memory: ProcessReplayMemory())

    init() throws { maker = try ProofMaker(clock: clock) }

    private func check(_ request: DPoPRequest) async throws -> DPoPError.Reason? {
        try await refusal { try await validator.validate(request, now: clock.now) }
    }

    private func check(
        header: [String: JSONValue?] = [:], claims: [String: JSONValue?] = [:]
    ) async throws -> DPoPError.Reason? {
        try await check(maker.request(maker.proof(header: header, claims: claims)))
    }

    @Test func aGoodProofIsAccepted() async throws {
        let proof = try await validator.validate(maker.request(maker.proof()), now: clock.now)
        #expect(proof.jkt == maker.jkt && proof.iat == clock.now && !proof.key.isSecret)
        #expect(proof.nonce == nil && proof.jti.utf8.count == 36)
    }

    @Test func upperCasedHeaderValue() async throws {
        let proof = try maker.proof()
        #expect(try await check(maker.request(proof.uppercased())) == .malformed)
        #expect(try await check(maker.request(proof)) == nil)
    }

    @Test func twoHeaderFields() async throws {
        let (one, two) = (try maker.proof(), try maker.proof())
        #expect(try await check(maker.request(one, two)) == .several)
        #expect(try await check(maker.request(one, one)) == .several)
        #expect(try await check(maker.request("\(one), \(two)")) == .malformed)
    }

    @Test(arguments: ["", "x", "a.b", "a.b.c", "a.b.c.d", "..", "not a jwt", "eyJhbGciOiJub25lIn0.e30."])
    func notAJWT(_ text: String) async throws {
        let reason = try await check(maker.request(text))
        #expect(reason == .malformed || (reason == .type && text.hasPrefix("eyJ")))
    }

    @Test func noProof() async throws { #expect(try await check(maker.request()) == .missing) }

    @Test(arguments: [
        ("typ", DPoPError.Reason.type), ("alg", .malformed), ("jwk", .key),
    ])
    func missingHeaderParameter(_ name: String, _ reason: DPoPError.Reason) async throws {
        #expect(try await check(header: [name: JSONValue?.none]) == reason)
    }

    @Test(arguments: [
        ("jti", DPoPError.Reason.jti), ("htm", .htm), ("htu", .htu), ("iat", .iat),
    ])
    func missingClaim(_ name: String, _ reason: DPoPError.Reason) async throws {
        #expect(try await check(claims: [name: JSONValue?.none]) == reason)
    }

    @Test(arguments: ["jti", "htm", "htu", "iat"])
    func claimOfTheWrongKind(_ name: String) async throws {
        for value: JSONValue in [nil, true, [], [:], ["x"], name == "iat" ? "1800000000" : 1_800_000_000] {
            #expect(try await check(claims: [name: value])?.rawValue == name)
        }
    }

    @Test func missingAth() async throws {
        var request = maker.request(try maker.proof())
        request.accessToken = ProofMaker.token
        #expect(try await check(request) == .ath)
    }

    @Test(arguments: ["JWT", "DPOP+JWT", "dpop+JWT", "application/dpop+jwt", "at+jwt", "dpop+jwt ", ""])
    func wrongType(_ type: String) async throws { #expect(try await check(header: ["typ": .string(type)]) == .type) }

    @Test func rs256IsRefused() async throws {
        let rsa = ProofMaker(key: try SigningKey(TestKeys.rsa(), algorithm: .rs256), clock: clock)
        let every = DPoPValidator(memory: ProcessReplayMemory(), algorithms: Set(JWSAlgorithm.allCases))
        let request = rsa.request(try rsa.proof())
        #expect(try await check(request) == .algorithm)
        #expect(try await refusal { try await every.validate(request, now: clock.now) } == .algorithm)
    }

    @Test(arguments: ["none", "None", "NONE", "HS256", "HS512", "ES256K", "dir", "", "es256"])
    func algorithmOffTheList(_ name: String) async throws {
        #expect(try await check(header: ["alg": .string(name)]) == .algorithm)
        // Without a signature, as `none` wants it.
        let whole = try maker.proof(header: ["alg": .string(name)])
        let bare = whole.split(separator: ".").prefix(2).joined(separator: ".") + "."
        #expect(try await check(maker.request(bare)) == .algorithm)
    }

    @Test(arguments: [JWSAlgorithm.es256, .ps256, .edDSA])
    func acceptedAlgorithms(_ algorithm: JWSAlgorithm) async throws {
        let key = try algorithm == .ps256 ? SigningKey(TestKeys.rsa(), algorithm: .ps256) : .generate(algorithm)
        let maker = ProofMaker(key: key, clock: clock)
        let proof = try await validator.validate(maker.request(maker.proof()), now: clock.now)
        #expect(proof.jkt == key.jwk.thumbprintText)
    }

    @Test func badSignature() async throws {
        let proof = try maker.proof()
        let parts = proof.split(separator: ".").map(String.init)
        let other = try maker.proof().split(separator: ".").map(String.init)
        #expect(try await check(maker.request("\(parts[0]).\(parts[1]).\(other[2])")) == .signature)
        #expect(try await check(maker.request("\(parts[0]).\(parts[1]).")) == .signature)
        let zeros = Base64URL.encode([UInt8](repeating: 0, count: 64))
        #expect(try await check(maker.request("\(parts[0]).\(parts[1]).\(zeros)")) == .signature)
        // Another key in the header than the one that signed.
        let stranger = try ProofMaker(clock: clock)
        #expect(try await check(header: ["jwk": .object(try stranger.publicJWK)]) == .signature)
    }

    @Test func algorithmAndKeyMustFit() async throws {
        let okp = try ProofMaker(.edDSA, clock: clock)
        #expect(try await check(header: ["jwk": .object(try okp.publicJWK)]) == .algorithm)
        #expect(try await check(header: ["alg": "PS256"]) == .algorithm)
        var named = try maker.publicJWK
        named["use"] = "enc"
        #expect(try await check(header: ["jwk": .object(named)]) == .key)
    }

    @Test func privateKeyInTheHeader() async throws {
        #expect(try await check(header: ["jwk": .object(maker.key.jwk.json)]) == .key)
        let rsa = ProofMaker(key: try SigningKey(TestKeys.rsa(), algorithm: .ps256), clock: clock)
        let request = rsa.request(try rsa.proof(header: ["jwk": .object(TestKeys.rsa().json)]))
        #expect(try await check(request) == .key)
        #expect(try await check(header: ["jwk": ["kty": "oct", "k": "AAAA"]]) == .key)
        #expect(try await check(header: ["jwk": "x"]) == .key)
    }

    @Test(arguments: ["GET", "post", "POST ", "", "PUT"])
    func wrongMethod(_ method: String) async throws {
        #expect(try await check(claims: ["htm": .string(method)]) == .htm)
    }

    @Test(arguments: [
        "https://id.example/par", "https://id.example/token/", "https://id.example/Token", "http://id.example/token",
        "https://id.example:8443/token", "https://other.example/token", "https://id.example.evil/token",
        "https://id.example@evil.example/token", "https://user@id.example/token", "//id.example/token", "/token", "",
        "https://id.example/token%00", "https://id.example/to\u{2024}ken", "https://id.example\\token",
        "https://id.example/%2574oken", "https://id.example//token", "https://id.example:0443x/token",
        "https://id.example:99999/token", "https://id.example/token%2", "urn:x",
    ])
    func anotherURL(_ url: String) async throws {
        #expect(try await check(claims: ["htu": .string(url)]) == .htu, "\(url)")
    }

    @Test func iatAnHourAway() async throws {
        let now = clock.now.seconds
        for away in [3600, -3600, 61, -61] as [Int64] {
            #expect(try await check(claims: ["iat": .integer(now + away)]) == .iat, "\(away)")
        }
        for odd: JSONValue in [-1, 1e300, .double(-.infinity), 9_223_372_036_854_775_807] {
            #expect(try await check(claims: ["iat": odd]) == .iat || odd == .double(-.infinity))
        }
    }

    @Test func sameIdentifierTwice() async throws {
        let proof = try maker.proof(claims: ["jti": "once"])
        #expect(try await check(maker.request(proof)) == nil)
        #expect(try await check(maker.request(proof)) == .replayed)
        // A new signature over the same identifier is no new proof.
        clock.advance(1)
        #expect(try await check(claims: ["jti": "once"]) == .replayed)
        // The same identifier for another URL or from another key is one.
        let url = "https://id.example/userinfo"
        let elsewhere = try maker.proof(claims: ["jti": "once", "htu": .string(url)])
        #expect(try await check(maker.request(elsewhere, url: url)) == nil)
        let other = try ProofMaker(clock: clock)
        #expect(try await check(other.request(other.proof(claims: ["jti": "once"]))) == nil)
        // Another spelling of the URL does not make it new.
        let spelled = try maker.proof(claims: ["jti": "once", "htu": "HTTPS://ID.example:443/token?x=1"])
        #expect(try await check(maker.request(spelled)) == .replayed)
    }

    @Test func aRefusedProofIsNotUsedUp() async throws {
        let proof = try maker.proof(token: ProofMaker.token)
        var request = maker.request(proof)
        request.accessToken = "another"
        #expect(try await check(request) == .ath)
        request.accessToken = ProofMaker.token
        #expect(try await check(request) == nil)
    }

    @Test func identifierLength() async throws {
        #expect(try await check(claims: ["jti": ""]) == .jti)
        #expect(try await check(claims: ["jti": .string(String(repeating: "x", count: 257))]) == .jti)
        #expect(try await check(claims: ["jti": .string(String(repeating: "x", count: 256))]) == nil)
    }

    @Test func wrongAth() async throws {
        for ath: JSONValue in [
            "", 1, nil, .string(DPoPValidator.accessTokenHash("x")),
            .string(DPoPValidator.accessTokenHash(ProofMaker.token) + "="),
        ] {
            var request = maker.request(try maker.proof(claims: ["ath": ath]))
            request.accessToken = ProofMaker.token
            #expect(try await check(request) == .ath)
        }
    }

    @Test func otherKey() async throws {
        let stranger = try ProofMaker(clock: clock)
        var request = stranger.request(try stranger.proof(token: ProofMaker.token))
        request.accessToken = ProofMaker.token
        request.expectedThumbprint = maker.jkt
        #expect(try await check(request) == .otherKey)
        request = maker.request(try maker.proof(token: ProofMaker.token))
        request.accessToken = ProofMaker.token
        request.expectedThumbprint = maker.jkt
        #expect(try await check(request) == nil)
    }

    @Test(arguments: [
        "https://id.example/token?a=b", "https://id.example/token#part", "https://id.example/token?a=b#part",
        "HTTPS://id.example/token", "https://ID.Example/token", "https://id.example:443/token",
        "https://id.example:/token", "https://id.example/%74oken", "https://id.example/a/../token",
        "https://id.example/./token", "https://id.example:00443/token",
    ])
    func sameURLOtherSpelling(_ url: String) async throws {
        #expect(try await check(claims: ["htu": .string(url)]) == nil, "\(url)")
        #expect(try await check(maker.request(maker.proof(), url: url)) == nil, "\(url)")
    }

    @Test func furtherClaimsAndHeaders() async throws {
        let reason = try await check(
            header: ["kid": "k", "x": [1, 2], "jku": "https://evil.example/keys"],
            claims: ["sub": "x", "more": ["a": 1], "ath": "ignored without a token"])
        #expect(reason == nil)
        #expect(try await check(header: ["crit": ["x"], "x": 1]) == .malformed)
        #expect(try await check(header: ["b64": false, "crit": ["b64"]]) == .malformed)
    }

    @Test func aGoodProofStillWorksAtTheEnd() async throws {
        for _ in 0..<20 { _ = try await check(header: ["alg": "none"]) }
        #expect(try await check() == nil)
    }
}
